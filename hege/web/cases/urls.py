"""Addresses of 案件."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.cases import dispatching, views

app_name = "cases"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("urge/", views.urge_all, name="urge_all"),
    path("dispatch/", dispatching.dispatch_several, name="dispatch_all"),
    path("<slug:case_id>/", views.detail, name="detail"),
    path("<slug:case_id>/dispatch/", views.dispatch, name="dispatch"),
    path("<slug:case_id>/sign/", views.sign, name="sign"),
    path("<slug:case_id>/contact/", views.contact, name="contact"),
    path("<slug:case_id>/feedback/", views.feedback, name="feedback"),
    path("<slug:case_id>/check/", views.check, name="check"),
    path("<slug:case_id>/rework/", views.rework, name="rework"),
    path("<slug:case_id>/close/", views.close, name="close"),
    path("<slug:case_id>/revisit/", views.revisit, name="revisit"),
    path("<slug:case_id>/return/", views.return_case, name="return"),
    path("<slug:case_id>/hold/", views.hold, name="hold"),
    path("<slug:case_id>/void/", views.void, name="void"),
    path("<slug:case_id>/request/agree/", views.agree, name="agree"),
    path("<slug:case_id>/request/refuse/", views.refuse, name="refuse"),
    path("<slug:case_id>/resume/", views.resume, name="resume"),
    path("<slug:case_id>/reopen/", views.reopen, name="reopen"),
    path("<slug:case_id>/follow/", views.follow, name="follow"),
    path("<slug:case_id>/unfollow/", views.unfollow, name="unfollow"),
    path("<slug:case_id>/note/", views.note, name="note"),
    path("<slug:case_id>/urge/", views.urge, name="urge"),
    path("<slug:case_id>/parties/", views.add_party, name="add_party"),
    path("<slug:case_id>/parties/<id:part_id>/end/", views.end_party, name="end_party"),
    path("<slug:case_id>/tasks/", views.add_task, name="add_task"),
    path("tasks/<slug:task_id>/", views.task, name="task"),
    path("tasks/<slug:task_id>/sign/", views.sign_task, name="sign_task"),
    path("tasks/<slug:task_id>/answer/", views.answer_task, name="answer_task"),
    path("tasks/<slug:task_id>/return/", views.return_task, name="return_task"),
    path("tasks/<slug:task_id>/redirect/", views.redirect_task, name="redirect_task"),
    path("tasks/<slug:task_id>/cancel/", views.cancel_task, name="cancel_task"),
    path("tasks/<slug:task_id>/due/", views.ask_due, name="ask_due"),
    path("tasks/<slug:task_id>/pass/", views.pass_on, name="pass_on"),
    path("tasks/<slug:task_id>/hold/", views.hold_task, name="hold_task"),
    path("tasks/<slug:task_id>/resume/", views.resume_task, name="resume_task"),
    path("tasks/<slug:task_id>/request/agree/", views.agree_task, name="agree_task"),
    path("tasks/<slug:task_id>/request/refuse/", views.refuse_task, name="refuse_task"),
    path("tasks/<slug:task_id>/urge/", views.urge_task, name="urge_task"),
    path("tasks/<slug:task_id>/link/", views.link, name="link"),
    path("links/<id:link_id>/revoke/", views.revoke_link, name="revoke_link"),
]
