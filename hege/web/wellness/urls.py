"""Addresses of 运行状况."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.wellness import views

app_name = "wellness"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("verify/", views.verify, name="verify"),
]
