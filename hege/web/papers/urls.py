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
    path("new/meter/<code:code>/notice/", issuing.public_notice, name="public_notice"),
    path("new/meter/<code:code>/demand/", issuing.demand_letter, name="demand_letter"),
    path("new/cutoff/<slug:notice_id>/notice/", issuing.cutoff_notice, name="cutoff_notice"),
    path("new/cutoff/<slug:notice_id>/deferral/", issuing.deferral_letter, name="deferral_letter"),
    path("new/meeting/<slug:conference_id>/invitation/", issuing.invitation, name="invitation"),
    path("new/meeting/<slug:conference_id>/sheet/", issuing.sign_in_sheet, name="sign_in_sheet"),
    path("new/shop/<code:code>/<code:unit_code>/statement/", issuing.shop_statement, name="shop_statement"),
]
