"""Addresses of 商铺公开页（二维码）."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "shop"
urlpatterns: list[URLPattern] = []
