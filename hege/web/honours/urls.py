"""Addresses of 荣誉榜 for who works on it; ``web.roll`` has those that are open to everybody."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.honours import clippings, knowledge, views

app_name = "honours"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("clippings/", clippings.index, name="clippings"),
    path("clippings/new/", clippings.new, name="paste"),
    path("clippings/<slug:clipping_id>/", clippings.read, name="clipping"),
    path("clippings/<slug:clipping_id>/decide/", clippings.decide, name="decide"),
    path("clippings/<slug:clipping_id>/confirm/", clippings.confirm, name="confirm"),
    path("objections/<slug:objection_id>/", views.decide_objection, name="objection"),
    path("objections/<slug:objection_id>/who/", views.ask_objector, name="ask_objector"),
    path("objections/<slug:objection_id>/who/<str:ticket>/", views.objector, name="shown_objector"),
    path("knowledge/", knowledge.index, name="knowledge"),
    path("knowledge/patterns/new/", knowledge.new_pattern, name="new_pattern"),
    path("knowledge/patterns/<id:pattern_id>/end/", knowledge.end_pattern, name="end_pattern"),
    path("knowledge/bodies/<id:body_id>/", knowledge.amend_body, name="amend_body"),
    path("knowledge/terms/", knowledge.set_term, name="set_term"),
    path("firms/<slug:firm_id>/", knowledge.amend_firm, name="amend_firm"),
    path("<slug:honour_id>/", views.detail, name="detail"),
    path("<slug:honour_id>/check/", views.check, name="check"),
    path("<slug:honour_id>/publicity/", views.show, name="publicity"),
    path("<slug:honour_id>/publish/", views.publish, name="publish"),
    path("<slug:honour_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:honour_id>/drop/", views.drop, name="drop"),
    path("<slug:honour_id>/correct/", views.correct, name="correct"),
]
