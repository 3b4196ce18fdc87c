"""Addresses behind the codes printed on papers: anybody who holds one asks whether it was issued."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.paper_check import views

app_name = "paper_check"
urlpatterns: list[URLPattern] = [
    path("", views.find, name="find"),
    path("<slug:check_code>/", views.check, name="check"),
]
