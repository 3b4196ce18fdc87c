"""Addresses of 外单位链接答复."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.answer import views

app_name = "answer"
urlpatterns: list[URLPattern] = [
    path("<slug:token>/", views.open_page, name="open"),
    path("<slug:token>/task/", views.task_page, name="task"),
    path("<slug:token>/task/<slug:task_id>/", views.task_page, name="other"),
    path("<slug:token>/not-ours/<slug:task_id>/", views.not_ours, name="other_not_ours"),
    path("<slug:token>/not-ours/", views.not_ours, name="not_ours"),
    path("<slug:token>/done/", views.done, name="done"),
    path("<slug:token>/done/<slug:kept_id>/", views.sent, name="sent"),
]
