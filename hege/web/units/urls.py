"""Addresses of 商铺与二维码."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.units import hand_views, views

app_name = "units"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/unit/", hand_views.register, name="register"),
    path("posters/<code:code>/", views.posters, name="posters"),
    path("posters/<code:code>/hung/", views.hung, name="hung"),
    path("<code:unit_code>/", views.detail, name="detail"),
    path("<code:unit_code>/amend/", hand_views.amend, name="amend"),
    path("<code:unit_code>/leave/", hand_views.leave, name="leave"),
    path("<code:unit_code>/move-in/", hand_views.move_in, name="move_in"),
    path("<code:unit_code>/sub-meter/", hand_views.sub_meter, name="sub_meter"),
    path("<code:unit_code>/code.svg", views.code, name="code"),
    path("<code:unit_code>/renew/", views.renew, name="renew"),
]
