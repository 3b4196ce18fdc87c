"""Addresses of 代收人的说法."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.agent import views

app_name = "agent"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("word/<slug:word_id>/", views.detail, name="detail"),
    path("word/<slug:word_id>/take/", views.take, name="take"),
    path("word/<slug:word_id>/leave/", views.leave, name="leave"),
    path("<code:code>/collected/", views.collected, name="collected"),
    path("<code:code>/remitted/", views.remitted, name="remitted"),
    path("<code:code>/<id:transaction_id>/confirm/", views.confirm, name="confirm"),
    path("<code:code>/<id:transaction_id>/deny/", views.deny, name="deny"),
    path("<code:code>/<id:transaction_id>/explain/", views.explain, name="explain"),
]
