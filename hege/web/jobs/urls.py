"""Addresses of 后台任务."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.jobs import views

app_name = "jobs"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("taken/<str:ticket>/", views.taken, name="taken"),
    path("<slug:job_id>/", views.job, name="job"),
    path("<slug:job_id>/cancel/", views.cancel, name="cancel"),
    path("<slug:job_id>/fetch/", views.fetch, name="fetch"),
]
