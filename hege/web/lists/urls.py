"""Addresses of lists as tables."""

from __future__ import annotations

from django.urls import path

from hege.web.lists import views

app_name = "lists"
urlpatterns = [
    path("take/", views.take, name="take"),
    path("taken/<str:list_ticket>/", views.taken, name="taken"),
]
