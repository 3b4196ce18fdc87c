"""Addresses of 驿站与门口图 in the office."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.stations import gates, views

app_name = "stations"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("map/", views.draw, name="draw"),
    path("gates/", gates.index, name="gates"),
    path("gates/<id:place_id>/", gates.gate, name="gate"),
    path("gates/<id:place_id>/new/", gates.add, name="add_fact"),
    path("gates/<id:place_id>/<slug:fact_id>/look/", gates.look, name="look_at_fact"),
    path("gates/<id:place_id>/<slug:fact_id>/end/", gates.end, name="end_fact"),
    path("<slug:station_id>/", views.station, name="station"),
    path("<slug:station_id>/amend/", views.amend, name="amend"),
    path("<slug:station_id>/look/", views.look, name="look"),
    path("<slug:station_id>/close/", views.close, name="close"),
]
