"""Addresses of a member's own pages, below ``/m/<street_code>/``."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.member import activity_views, deeds, joining, me, points, views, voucher_views

app_name = "member"
#: What most ask for at one second comes first: every one before it is looked at.
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("vouchers/", voucher_views.vouchers, name="vouchers"),
    path("vouchers/claim/<slug:batch_id>/", voucher_views.claim, name="claim_voucher"),
    path("vouchers/<slug:claim_id>/", voucher_views.voucher, name="voucher"),
    path("vouchers/<slug:claim_id>/paper/", voucher_views.paper, name="paper_voucher"),
    path("join/", joining.join, name="join"),
    path("join/code/", joining.code, name="join_code"),
    path("join/you/", joining.you, name="join_you"),
    path("join/<slug:token>/", joining.station, name="station"),
    path("left/", joining.left, name="left"),
    path("card/<slug:token>/", joining.card, name="card"),
    path("points/", points.points, name="points"),
    path("board/", points.season_board, name="board"),
    path("report/", deeds.report, name="report"),
    path("report/<slug:deed_id>/", deeds.reported, name="reported"),
    path("reports/", deeds.deeds, name="deeds"),
    path("me/", me.me, name="me"),
    path("me/copy/", me.copy, name="copy"),
    path("me/about/", me.about, name="about"),
    path("me/consents/", me.consents, name="consents"),
    path("me/phone/", me.phone, name="phone"),
    path("me/phone/code/", me.phone_code, name="phone_code"),
    path("me/devices/<id:own_device_id>/end/", me.end_device, name="end_device"),
    path("me/leave/", me.leave, name="leave"),
    path("activities/<slug:evening_id>/", activity_views.activity, name="activity"),
    path("activities/<slug:evening_id>/sign-up/", activity_views.sign_up, name="sign_up"),
    path("activities/<slug:offer_id>/answer/", activity_views.answer, name="answer"),
    path("activities/<slug:own_evening_id>/cancel/", activity_views.cancel, name="cancel"),
    path("in/<slug:evening_id>/<slug:code>/", activity_views.check_in, name="check_in"),
]
