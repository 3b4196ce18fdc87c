"""Addresses of 成员."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.members import views

app_name = "members"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("stations/", views.sheet, name="sheet"),
    path("stations/new/", views.codes, name="codes"),
    path("stations/end/", views.end_codes, name="end_codes"),
    path("stations/<slug:invitation_id>/", views.station_code, name="station_code"),
    path("roles/", views.roles, name="roles"),
    path("roles/<slug:role_id>/", views.letter, name="letter"),
    path("roles/<slug:role_id>/end/", views.end_role, name="end_role"),
    path("<slug:rider_id>/", views.detail, name="detail"),
    path("<slug:rider_id>/amend/", views.amend, name="amend"),
    path("<slug:rider_id>/leave/", views.leave, name="leave"),
    path("<slug:rider_id>/appoint/", views.appoint, name="appoint"),
    path("<slug:rider_id>/card/", views.new_card, name="new_card"),
    path("<slug:rider_id>/card/print/", views.print_card, name="print_card"),
    path("<slug:rider_id>/card/code/", views.card_code, name="card_code"),
    path("<slug:rider_id>/devices/<id:device_id>/end/", views.end_phone, name="end_phone"),
]
