"""Addresses of a member's own pages, below ``/m/<street_code>/``."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.member import views

app_name = "member"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("join/", views.join, name="join"),
    path("card/<slug:token>/", views.card, name="card"),
]
