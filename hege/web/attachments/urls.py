"""Addresses of 附件: two for each sort of thing that files may be about, and what may be done to any."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.attachments import views
from hege.web.shared.kept_files import OWNERS

app_name = "attachments"
urlpatterns: list[URLPattern] = [
    *(path(f"{word}/<slug:kept_id>/", views.serving(owner), name=word) for word, owner in OWNERS.items()),
    *(
        path(f"{word}/<slug:kept_id>/small/", views.serving_small(owner), name=f"{word}_small")
        for word, owner in OWNERS.items()
    ),
    path("<slug:kept_id>/original/", views.original, name="original"),
    path("<slug:kept_id>/original/<str:ticket>/", views.shown_original, name="shown_original"),
    path("<slug:kept_id>/cover/", views.cover, name="cover"),
]
