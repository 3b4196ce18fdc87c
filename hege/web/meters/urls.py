"""Addresses of 总表台账."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.meters import book_views, shop_views, views

app_name = "meters"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/master/", views.register, name="register"),
    path("<code:code>/", views.detail, name="detail"),
    path("<code:code>/amend/", views.amend, name="amend"),
    path("<code:code>/readings/", views.readings, name="readings"),
    path("<code:code>/readings/new/", views.record, name="record_reading"),
    path("<code:code>/readings/<id:reading_id>/correct/", views.correct, name="correct_reading"),
    path("<code:code>/readings/exchange/", views.exchange, name="exchange_meter"),
    path("<code:code>/looking-back/", views.looking_back, name="looking_back"),
    path("<code:code>/export/", views.export, name="export"),
    path("<code:code>/money/export/", book_views.export, name="export_money"),
    path("<code:code>/money/", book_views.money, name="money"),
    path("<code:code>/money/opening/", book_views.opening, name="open_book"),
    path("<code:code>/money/<id:transaction_id>/", book_views.transaction, name="transaction"),
    path("<code:code>/money/<id:transaction_id>/source/", book_views.source, name="source"),
    path("<code:code>/money/<id:transaction_id>/evidence/", book_views.evidence, name="evidence"),
    path("<code:code>/money/<id:transaction_id>/reverse/", book_views.reverse_transaction, name="reverse"),
    path("<code:code>/bills/", book_views.bills, name="bills"),
    path("<code:code>/bills/<id:bill_id>/", book_views.bill, name="bill"),
    path("<code:code>/bills/<id:bill_id>/share/", book_views.share_bill, name="share"),
    path("<code:code>/shops/<code:unit_code>/", shop_views.shop, name="shop"),
    path("<code:code>/shops/<code:unit_code>/keeper/", shop_views.keeper, name="keeper"),
    path("<code:code>/shops/<code:unit_code>/visit/", shop_views.visit, name="visit"),
    path("<code:code>/shops/<code:unit_code>/acknowledge/", shop_views.acknowledge, name="acknowledge"),
    path("<code:code>/shops/<code:unit_code>/pay/", shop_views.pay, name="pay"),
]
