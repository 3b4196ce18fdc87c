"""Addresses of lists as tables, and of the views that one saved."""

from __future__ import annotations

from django.urls import path

from hege.web.lists import saved, views

app_name = "lists"
urlpatterns = [
    path("take/", views.take, name="take"),
    path("taken/<str:list_ticket>/", views.taken, name="taken"),
    path("saved/", saved.saved, name="saved"),
    path("saved/new/", saved.save, name="save"),
    path("saved/<slug:view_id>/", saved.rename, name="rename"),
    path("saved/<slug:view_id>/drop/", saved.drop, name="drop"),
]
