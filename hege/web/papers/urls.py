"""Addresses of 文书."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.papers import issuing, views

app_name = "papers"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("<slug:paper_id>/", views.paper, name="paper"),
    path("<slug:paper_id>/void/", views.void, name="void"),
    path("new/meter/<code:code>/statement/", issuing.meter_statement, name="meter_statement"),
    path("new/shop/<code:code>/<code:unit_code>/statement/", issuing.shop_statement, name="shop_statement"),
]
