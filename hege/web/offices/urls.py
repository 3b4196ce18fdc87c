"""Addresses of 单位."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.offices import views

app_name = "offices"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<slug:office_id>/", views.amend, name="amend"),
]
