"""Addresses of 人员与岗位."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.people import views

app_name = "people"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("requests/", views.requests, name="requests"),
    path("requests/<id:request_id>/agree/", views.agree, name="agree"),
    path("requests/<id:request_id>/refuse/", views.refuse, name="refuse"),
    path("requests/<id:own_request_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<id:person_id>/", views.person, name="person"),
    path("<id:person_id>/grant/", views.grant, name="grant"),
    path("<id:person_id>/password/", views.password, name="password"),
    path("<id:person_id>/password/<str:ticket>/", views.handover, name="handover"),
    path("<id:person_id>/lock/", views.lock, name="lock"),
    path("<id:person_id>/unlock/", views.unlock, name="unlock"),
    path("roles/<id:member_id>/end/", views.end, name="end"),
]
