"""Addresses of 消息."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.messages import views

app_name = "messages"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("read/", views.read, name="read"),
    path("<slug:message_id>/open/", views.open_message, name="open"),
]
