"""Addresses of this app."""

from django.urls import URLPattern

app_name = "counter"
urlpatterns: list[URLPattern] = []
