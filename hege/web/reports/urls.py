"""Addresses of 来件."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.reports import views, way_views

app_name = "reports"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<slug:report_id>/", views.detail, name="detail"),
    path("<slug:report_id>/look/", way_views.begin, name="begin"),
    path("<slug:report_id>/verify/", way_views.verify, name="verify"),
    path("<slug:report_id>/reject/", way_views.reject, name="reject"),
    path("<slug:report_id>/withdraw/", way_views.withdraw, name="withdraw"),
    path("<slug:report_id>/merge/", way_views.merge, name="merge"),
    path("<slug:report_id>/unmerge/", way_views.unmerge, name="unmerge"),
    path("<slug:report_id>/reporter/", way_views.ask_reporter, name="reporter"),
    path("<slug:report_id>/reporter/<str:ticket>/", way_views.reporter, name="shown_reporter"),
]
