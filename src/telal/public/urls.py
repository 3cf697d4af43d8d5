"""Addresses of this app."""

from django.urls import path

from telal.public import promise, views

app_name = "public"
urlpatterns = [
    path("", views.home, name="home"),
    path("obecanje/", promise.page, name="promise"),
    path("obecanje.json", promise.numbers, name="promise_numbers"),
    path("f/<str:token>", views.slip, name="slip"),
]
