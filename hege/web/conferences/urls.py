"""Addresses of 联席会议."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.conferences import views

app_name = "conferences"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("call/<slug:case_id>/", views.call, name="call"),
    path("decisions/<id:decision_id>/fulfil/", views.fulfil, name="fulfil"),
    path("decisions/<id:decision_id>/confirm/", views.confirm, name="confirm"),
    path("decisions/<id:decision_id>/send-back/", views.send_back, name="send_back"),
    path("decisions/<id:decision_id>/cancel/", views.cancel_decision, name="cancel_decision"),
    path("<slug:conference_id>/", views.detail, name="detail"),
    path("<slug:conference_id>/minutes/", views.minutes, name="minutes"),
    path("<slug:conference_id>/invite/", views.invite, name="invite"),
    path("<slug:conference_id>/hold/", views.hold, name="hold"),
    path("<slug:conference_id>/decisions/", views.add_decision, name="add_decision"),
    path("<slug:conference_id>/sign/", views.sign, name="sign"),
    path("<slug:conference_id>/cancel/", views.cancel, name="cancel"),
]
