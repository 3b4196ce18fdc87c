"""Addresses of 全年计划; ``web.menu`` has those that are open to everybody."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.programme import views

app_name = "programme"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("copy/", views.copy, name="copy"),
    path("seasons/new/", views.new_season, name="new_season"),
    path("seasons/<slug:season_id>/", views.amend_season, name="amend_season"),
    path("<slug:season_id>/figures/", views.figures, name="figures"),
    path("<slug:season_id>/figures/export/", views.export, name="export"),
    path("<slug:activity_id>/", views.detail, name="detail"),
    path("<slug:activity_id>/amend/", views.amend, name="amend"),
    path("<slug:activity_id>/publish/", views.publish, name="publish"),
    path("<slug:activity_id>/reschedule/", views.reschedule, name="reschedule"),
    path("<slug:activity_id>/cancel/", views.cancel, name="cancel"),
    path("<slug:activity_id>/spending/", views.spending, name="spending"),
]
