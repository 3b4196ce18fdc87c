"""Addresses of 联盟单位."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.alliance import views

app_name = "alliance"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<slug:ally_id>/", views.unit, name="unit"),
    path("<slug:ally_id>/amend/", views.amend, name="amend"),
    path("<slug:ally_id>/leave/", views.leave, name="leave"),
    path("<slug:ally_id>/bring/", views.bring, name="bring"),
    path("<slug:ally_id>/<slug:offering_id>/end/", views.end, name="end"),
]
