"""Addresses of 商铺与二维码."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.units import views

app_name = "units"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("posters/<code:code>/", views.posters, name="posters"),
    path("posters/<code:code>/hung/", views.hung, name="hung"),
    path("<code:unit_code>/", views.detail, name="detail"),
    path("<code:unit_code>/code.svg", views.code, name="code"),
    path("<code:unit_code>/renew/", views.renew, name="renew"),
]
