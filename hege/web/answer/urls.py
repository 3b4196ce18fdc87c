"""Addresses of 外单位链接答复."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "answer"
urlpatterns: list[URLPattern] = []
