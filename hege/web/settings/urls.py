"""Addresses of 参数与日历."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.settings import views

app_name = "settings"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("account/new/", views.account, name="name_account"),
    path("account/<id:account_id>/confirm/", views.confirm, name="confirm_account"),
    path("account/<id:account_id>/end/", views.end, name="end_account"),
    path("tariffs/new/", views.tariff, name="tariff"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/mark/", views.mark, name="mark_day"),
    path("calendar/<year:year>/notice/", views.notice, name="confirm_year"),
    path("second-person/", views.second_person, name="second_person"),
    path("<slug:kind>/history/", views.threshold_history, name="threshold_history"),
    path("<slug:kind>/", views.threshold, name="threshold"),
]
