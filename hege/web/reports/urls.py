"""Addresses of 来件."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.reports import views

app_name = "reports"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<slug:report_id>/", views.detail, name="detail"),
    path("<slug:report_id>/look/", views.begin, name="begin"),
    path("<slug:report_id>/verify/", views.verify, name="verify"),
    path("<slug:report_id>/reject/", views.reject, name="reject"),
    path("<slug:report_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:report_id>/merge/", views.merge, name="merge"),
    path("<slug:report_id>/unmerge/", views.unmerge, name="unmerge"),
    path("<slug:report_id>/reporter/", views.ask_reporter, name="reporter"),
    path("<slug:report_id>/reporter/<str:ticket>/", views.reporter, name="shown_reporter"),
]
