"""Addresses of 联席会议."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "conferences"
urlpatterns: list[URLPattern] = []
