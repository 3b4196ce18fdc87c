"""Addresses of 结算."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.settlements import views

app_name = "settlements"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("freeze/", views.freeze, name="freeze"),
    path("export/", views.export, name="export"),
    path("payments/", views.payments, name="payments"),
    path("payments/<slug:payment_id>/back/", views.reverse, name="reverse"),
    path("units/<slug:debtor_id>/", views.repay, name="repay"),
    path("<slug:settlement_id>/", views.detail, name="detail"),
    path("<slug:settlement_id>/confirm/", views.confirm, name="confirm"),
    path("<slug:settlement_id>/dispute/", views.dispute, name="dispute"),
    path("<slug:settlement_id>/answer/", views.answer, name="answer"),
    path("<slug:settlement_id>/pay/", views.pay, name="pay"),
]
