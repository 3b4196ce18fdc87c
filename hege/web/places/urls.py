"""Addresses of 网格."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.places import views

app_name = "places"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("file/", views.choose, name="choose"),
    path("file/<slug:staged_id>/confirm/", views.confirm, name="confirm"),
    path("<id:place_id>/", views.detail, name="detail"),
    path("<id:place_id>/rename/", views.rename, name="rename"),
    path("<id:place_id>/close/", views.close, name="close"),
    path("<id:place_id>/units/", views.units, name="locate_units"),
    path("<id:place_id>/meters/", views.meters, name="locate_meters"),
]
