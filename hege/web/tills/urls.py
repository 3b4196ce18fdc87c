"""Addresses of 收券台."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.tills import views

app_name = "tills"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.add, name="add"),
    path("shops/<slug:merchant_id>/", views.shop, name="shop"),
    path("shops/<slug:merchant_id>/amend/", views.amend, name="amend"),
    path("shops/<slug:merchant_id>/end/", views.end_shop, name="end_shop"),
    path("shops/<slug:merchant_id>/till/", views.add_till, name="add_till"),
    path("failures/", views.failures, name="failures"),
    path("conflicts/", views.conflicts, name="conflicts"),
    path("conflicts/<slug:conflict_id>/", views.decide, name="decide"),
    path("redemptions/<slug:redemption_id>/", views.reverse, name="reverse"),
    path("<slug:till_id>/link/", views.link, name="link"),
    path("<slug:till_id>/code.svg", views.code, name="code"),
    path("<slug:till_id>/end/", views.end_till, name="end_till"),
]
