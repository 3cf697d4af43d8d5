"""Addresses of this app."""

from django.urls import path

from telal.public import views

app_name = "public"
urlpatterns = [
    path("", views.home, name="home"),
    path("f/<str:token>", views.slip, name="slip"),
]
