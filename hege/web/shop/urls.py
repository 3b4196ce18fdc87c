"""Addresses of 商铺公开页（二维码）."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.shop import views

app_name = "shop"
urlpatterns: list[URLPattern] = [
    path("<slug:token>/", views.shop, name="page"),
    path("<slug:token>/wrong/", views.wrong, name="wrong"),
    path("<slug:token>/reported/", views.find, name="find"),
    path("<slug:token>/reported/<slug:report_no>/", views.reported, name="reported"),
    path("<slug:token>/reported/<slug:report_no>/stop/", views.stop, name="stop"),
    path("<slug:token>/thanks/", views.thanks, name="thanks"),
    path("<slug:token>/thanks/<str:ticket>/", views.thanks, name="thanks_for"),
    path("<slug:token>/thanks/<str:ticket>/<slug:kept_id>/", views.sent, name="sent"),
]
