"""Addresses of 操作留痕."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.trail import views

app_name = "trail"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("papers/", views.papers, name="papers"),
    path("export/", views.export, name="export"),
    path("papers/pack/", views.pack, name="pack"),
    path("prove/", views.prove, name="prove"),
    path("<id:seq>/", views.line, name="line"),
]
