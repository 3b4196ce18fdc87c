"""Addresses of 停水程序与暂缓."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "cutoffs"
urlpatterns: list[URLPattern] = []
