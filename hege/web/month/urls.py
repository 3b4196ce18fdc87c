"""Addresses of 一页纸."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.month import views

app_name = "month"
urlpatterns: list[URLPattern] = [path("", views.index, name="index")]
