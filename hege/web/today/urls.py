"""Addresses of 今天：到期、逾期、预警."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.today import views

app_name = "today"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("today/visit/<code:code>/<code:unit_code>/", views.visit, name="visit"),
]
