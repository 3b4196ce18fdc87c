"""Addresses of 致谢 for who works on it; ``web.letters`` has those that are open to everybody."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.thanks import certificates, run_sheets, views

app_name = "thanks"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.find_member, name="new"),
    path("new/<slug:rider_id>/", views.propose, name="propose"),
    path("objections/<slug:said_id>/", views.decide_objection, name="objection"),
    path("hours/<slug:rider_id>/", certificates.certify, name="certify"),
    path("sheets/<slug:evening_id>/", run_sheets.sheet, name="sheet"),
    path("sheets/<slug:evening_id>/write/", run_sheets.write, name="write_sheet"),
    path("sheets/<slug:evening_id>/print/", run_sheets.printed, name="print_sheet"),
    path("sheets/<slug:evening_id>/publish/", run_sheets.publish, name="publish_report"),
    path("<slug:thanks_id>/", views.detail, name="detail"),
    path("<slug:thanks_id>/review/", views.review, name="review"),
    path("<slug:thanks_id>/show/", views.show, name="show"),
    path("<slug:thanks_id>/give/", views.give, name="give"),
    path("<slug:thanks_id>/revoke/", views.revoke, name="revoke"),
    path("<slug:thanks_id>/drop/", views.drop, name="drop"),
]
