"""Addresses of 演示. Taken into the table of addresses where the setting DEMO is on, and nowhere else."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.demo import views

app_name = "demo"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("outsider/", views.outsider, name="outsider"),
    path("as/<slug:username>/", views.enter, name="enter"),
]
