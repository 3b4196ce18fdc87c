"""Addresses of 荣誉榜 that are open to everybody."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.roll import views

app_name = "roll"
urlpatterns: list[URLPattern] = [
    path("check/", views.check_number, name="check"),
]
