"""Addresses of a person's own things: sign-in, password, type size, language."""

from __future__ import annotations

from django.urls import path

from hege.web.account import views

app_name = "account"
urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.me, name="me"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("size/<slug:step>/", views.size, name="size"),
    path("language/<slug:code>/", views.language, name="language"),
]
