"""Addresses of 发送通道."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.gateways import views

app_name = "gateways"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("<slug:channel>/", views.change, name="change"),
    path("messages/<slug:message_id>/resend/", views.resend, name="resend"),
    path("messages/<slug:message_id>/withdraw/", views.withdraw, name="withdraw"),
]
