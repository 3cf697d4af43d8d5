"""Addresses of this app."""

from django.urls import URLPattern

app_name = "public"
urlpatterns: list[URLPattern] = []
