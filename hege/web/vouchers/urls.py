"""Addresses of 能量券 for the office; ``web.member`` has a member's own."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.vouchers import views

app_name = "vouchers"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("claims/<slug:claim_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:batch_id>/", views.detail, name="detail"),
    path("<slug:batch_id>/amend/", views.amend, name="amend"),
    path("<slug:batch_id>/approve/", views.approve, name="approve"),
    path("<slug:batch_id>/close/", views.close, name="close"),
]
