"""Addresses of stations and of sheets for gates that are open to everybody; they stand in printed codes."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.nearby import views

app_name = "nearby"
urlpatterns: list[URLPattern] = [
    path("stations/<slug:town_code>/", views.stations, name="stations"),
    path("gate/<slug:town_code>/", views.gates, name="gates"),
    path("gate/<slug:town_code>/<code:estate_code>/", views.gate, name="gate"),
    path("gate/<slug:town_code>/<code:estate_code>/code.svg", views.code, name="code"),
]
