"""Addresses of tills, below ``/t/<street_code>/``. What stands after ``/s/`` is drawn on members' phones."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.till import settled, views

app_name = "till"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("s/<slug:number>/<slug:code>/", views.scan, name="scan"),
    path("refused/<slug:failure_id>/", views.refused, name="refused"),
    path("taken/<slug:redemption_id>/", views.taken, name="taken"),
    path("taken/<slug:redemption_id>/back/", views.reverse, name="reverse"),
    path("today/", views.today, name="today"),
    path("camera/", views.camera, name="camera"),
    path("failed/", views.failed, name="failed"),
    path("queue/", views.queue, name="queue"),
    path("settlements/", settled.lists, name="settlements"),
    path("settlements/<slug:settlement_id>/", settled.the_list, name="settlement"),
    path("settlements/<slug:settlement_id>/confirm/", settled.confirm, name="confirm"),
    path("settlements/<slug:settlement_id>/dispute/", settled.dispute, name="dispute"),
    path("open/<slug:token>/", views.opens, name="open"),
]
