"""Addresses of 活动与签到."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.activities import views

app_name = "activities"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("strikes/", views.strikes, name="strikes"),
    path("strikes/<slug:strike_id>/lift/", views.lift, name="lift"),
    path("entries/<slug:entry_id>/agree/", views.agree, name="agree"),
    path("entries/<slug:entry_id>/refuse/", views.refuse, name="refuse"),
    path("signups/<slug:signup_id>/excuse/", views.excuse, name="excuse"),
    path("<slug:evening_id>/", views.detail, name="detail"),
    path("<slug:evening_id>/wall/", views.wall, name="wall"),
    path("<slug:evening_id>/sign-up/", views.sign_up, name="sign_up"),
    path("<slug:evening_id>/check-in/", views.check_in, name="check_in"),
    path("<slug:evening_id>/check-out/", views.check_out, name="check_out"),
    path("<slug:evening_id>/enter/", views.enter, name="enter"),
]
