"""Addresses of 活动菜单, open to everybody. The menu's own stands in printed codes; calendars keep those that end in .ics."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.menu import views

app_name = "menu"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("<slug:menu_code>/", views.menu, name="menu"),
    path("<slug:menu_code>/poster/", views.poster, name="poster"),
    path("<slug:menu_code>/code.svg", views.code, name="code"),
    path("<slug:menu_code>/calendar.ics", views.season_calendar, name="calendar"),
    path("<slug:menu_code>/<slug:menu_id>/", views.activity, name="activity"),
    path("<slug:menu_code>/<slug:menu_id>/calendar.ics", views.activity_calendar, name="activity_calendar"),
]
