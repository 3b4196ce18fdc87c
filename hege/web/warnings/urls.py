"""Addresses of 预警."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "warnings"
urlpatterns: list[URLPattern] = []
