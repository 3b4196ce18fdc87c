"""Addresses of 联席会议."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.conferences import decision_views, views

app_name = "conferences"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("call/<slug:case_id>/", views.call, name="call"),
    path("decisions/<id:decision_id>/fulfil/", decision_views.fulfil, name="fulfil"),
    path("decisions/<id:decision_id>/confirm/", decision_views.confirm, name="confirm"),
    path("decisions/<id:decision_id>/send-back/", decision_views.send_back, name="send_back"),
    path("decisions/<id:decision_id>/cancel/", decision_views.cancel, name="cancel_decision"),
    path("<slug:conference_id>/", views.detail, name="detail"),
    path("<slug:conference_id>/minutes/", views.minutes, name="minutes"),
    path("<slug:conference_id>/invite/", views.invite, name="invite"),
    path("<slug:conference_id>/hold/", views.hold, name="hold"),
    path("<slug:conference_id>/decisions/", decision_views.add, name="add_decision"),
    path("<slug:conference_id>/sign/", views.sign, name="sign"),
    path("<slug:conference_id>/cancel/", views.cancel, name="cancel"),
]
