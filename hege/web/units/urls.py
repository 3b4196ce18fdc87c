"""Addresses of 商铺与二维码."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "units"
urlpatterns: list[URLPattern] = []
