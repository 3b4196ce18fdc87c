"""Addresses of 预警."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.warnings import views

app_name = "warnings"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("<slug:warning_id>/", views.detail, name="detail"),
    path("<slug:warning_id>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("<slug:warning_id>/report/", views.report, name="report"),
]
