"""Addresses of 导入: choosing files, a pile of them and each file of it, the templates."""

from __future__ import annotations

from django.urls import path

from hege.web.imports import columns, learnt, lines, piles, views

app_name = "imports"
PILE, FILE = "piles/<slug:pile_id>/", "piles/<slug:pile_id>/<slug:staged_id>/"
urlpatterns = [
    path("", views.index, name="index"),
    path("choose/", views.choose, name="choose"),
    path("template/<slug:kind>/", views.template, name="template"),
    path("learnt/", learnt.learnt, name="learnt"),
    path("learnt/back/", learnt.relearn, name="relearn"),
    path("learnt/names/<slug:name_id>/", learnt.name, name="name"),
    path("learnt/names/<slug:name_id>/forget/", learnt.forget_name, name="forget_name"),
    path("learnt/mappings/<slug:mapping_id>/", learnt.mapping, name="mapping"),
    path("learnt/mappings/<slug:mapping_id>/forget/", learnt.forget_mapping, name="forget_mapping"),
    path(PILE, piles.pile, name="pile"),
    path(PILE + "add/", piles.add, name="add"),
    path(PILE + "look/", piles.look, name="look"),
    path(PILE + "accept/", piles.accept, name="accept"),
    path(PILE + "confirm/", piles.confirm, name="confirm"),
    path(PILE + "drop/", piles.drop, name="drop"),
    path(PILE + "done/", piles.done, name="done"),
    path(FILE + "say/", piles.say, name="say"),
    path(FILE + "columns/", columns.columns, name="columns"),
    path(FILE + "columns/as/", columns.read_as, name="read_as"),
    path(FILE + "columns/forget/", columns.forget, name="forget"),
    path(FILE + "original/", columns.original, name="original"),
    path(FILE + "lines/", lines.lines, name="lines"),
    path(FILE + "marked/", piles.marked, name="marked"),
    path(FILE + "drop/", piles.drop_one, name="drop_one"),
]
