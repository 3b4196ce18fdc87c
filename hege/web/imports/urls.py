"""Addresses of 导入: the three steps, the marked workbook, the templates."""

from __future__ import annotations

from django.urls import path

from hege.web.imports import views

app_name = "imports"
urlpatterns = [
    path("", views.index, name="index"),
    path("check/", views.check, name="check"),
    path("<slug:staged_id>/confirm/", views.confirm, name="confirm"),
    path("<slug:staged_id>/marked/", views.marked, name="marked"),
    path("template/<slug:kind>/", views.template, name="template"),
]
