"""Addresses of 成员."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.members import views

app_name = "members"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("<slug:rider_id>/", views.detail, name="detail"),
    path("<slug:rider_id>/card/", views.new_card, name="new_card"),
    path("<slug:rider_id>/card/print/", views.print_card, name="print_card"),
    path("<slug:rider_id>/card/code/", views.card_code, name="card_code"),
    path("<slug:rider_id>/devices/<id:device_id>/end/", views.end_phone, name="end_phone"),
]
