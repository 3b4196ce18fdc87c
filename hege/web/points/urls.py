"""Addresses of 积分与时长."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.points import views

app_name = "points"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("rule/", views.rule, name="rule"),
]
