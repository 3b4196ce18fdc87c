"""Addresses of 停水程序与暂缓."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.cutoffs import views

app_name = "cutoffs"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("demand/<code:code>/", views.demand, name="demand"),
    path("conditions/<id:condition_id>/fulfil/", views.fulfil, name="fulfil"),
    path("<slug:notice_id>/", views.detail, name="detail"),
    path("<slug:notice_id>/notice/", views.notify, name="notify"),
    path("<slug:notice_id>/defer/", views.defer, name="defer"),
    path("<slug:notice_id>/consent/", views.consent, name="consent"),
    path("<slug:notice_id>/renew/", views.renew, name="renew"),
    path("<slug:notice_id>/lift/", views.lift, name="lift"),
    path("<slug:notice_id>/clear/", views.clear, name="clear"),
    path("<slug:notice_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:notice_id>/cut/", views.cut, name="cut"),
    path("<slug:notice_id>/restore/", views.restore, name="restore"),
]
