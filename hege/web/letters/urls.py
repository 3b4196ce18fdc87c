"""Addresses behind the printed codes of letters of thanks and certificates of hours: anybody asks whether one is real."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.letters import reports, views

app_name = "letters"
urlpatterns: list[URLPattern] = [
    path("", views.find, name="find"),
    path("shown/<slug:roll_code>/", views.in_publicity, name="publicity"),
    path("status/<slug:roll_code>/<id:number>/", views.status_list, name="status"),
    path("reports/<slug:roll_code>/<slug:menu_id>/", reports.report, name="report"),
    path("reports/<slug:roll_code>/<slug:menu_id>/<slug:kept_id>/", reports.picture, name="picture"),
    path("<slug:letter_id>/", views.letter, name="letter"),
    path("<slug:letter_id>/print/", views.printed, name="print"),
    path("<slug:letter_id>/badge.json", views.badge, name="badge"),
    path("<slug:letter_id>/code.svg", views.code, name="code"),
    path("<slug:letter_id>/object/", views.object_to, name="object"),
    path("<slug:letter_id>/objected/", views.objected, name="objected"),
]
