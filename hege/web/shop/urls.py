"""Addresses of 商铺公开页（二维码）."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.shop import views

app_name = "shop"
urlpatterns: list[URLPattern] = [
    path("<slug:token>/", views.shop, name="page"),
    path("<slug:token>/wrong/", views.wrong, name="wrong"),
    path("<slug:token>/thanks/", views.thanks, name="thanks"),
]
