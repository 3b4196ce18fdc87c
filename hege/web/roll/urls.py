"""Addresses of 荣誉榜 that are open to everybody. Those below ``/h/`` stand in printed codes and signed badges."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.roll import checking, honours, signed, views

app_name = "roll"
urlpatterns: list[URLPattern] = [
    path("roll/", views.index, name="index"),
    path("roll/<slug:roll_code>/", views.roll, name="roll"),
    path("roll/<slug:roll_code>/print/", views.printed, name="print"),
    path("roll/<slug:roll_code>/text/", views.text, name="text"),
    path("h/check/", checking.check_number, name="check"),
    path("h/issuer/<slug:roll_code>/", signed.issuer, name="issuer"),
    path("h/issuer/<slug:roll_code>/status/<id:number>/", signed.status_list, name="status"),
    path("h/<slug:shown_id>/", honours.honour, name="honour"),
    path("h/<slug:shown_id>/object/", honours.object_to, name="object"),
    path("h/<slug:shown_id>/thanks/", honours.thanks, name="thanks"),
    path("h/<slug:shown_id>/certificate/", honours.certificate, name="certificate"),
    path("h/<slug:shown_id>/badge.json", signed.badge, name="badge"),
    path("h/<slug:shown_id>/badge.svg", signed.picture, name="picture"),
    path("h/<slug:shown_id>/code.svg", signed.code, name="code"),
]
