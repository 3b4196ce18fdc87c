"""Addresses of 调解与协议."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.mediation import views

app_name = "mediation"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("open/<slug:case_id>/", views.open_file, name="open"),
    path("agreements/", views.agreement_list, name="agreements"),
    path("agreements/<slug:agreement_id>/", views.agreement, name="agreement"),
    path("agreements/<slug:agreement_id>/paper/", views.paper, name="paper"),
    path("agreements/<slug:agreement_id>/apply/", views.apply, name="apply"),
    path("agreements/<slug:agreement_id>/ruling/", views.ruling, name="ruling"),
    path("agreements/<slug:agreement_id>/performed/", views.performed, name="performed"),
    path("agreements/<slug:agreement_id>/breached/", views.breached, name="breached"),
    path("agreements/<slug:agreement_id>/visit/", views.visit, name="visit"),
    path("<slug:file_id>/", views.detail, name="file"),
    path("<slug:file_id>/rights/", views.rights, name="rights"),
    path("<slug:file_id>/session/", views.session, name="session"),
    path("<slug:file_id>/documents/", views.document, name="document"),
    path("<slug:file_id>/parties/<slug:party_id>/", views.particulars, name="particulars"),
    path("<slug:file_id>/authorise/", views.authorise, name="authorise"),
    path("<slug:file_id>/draft/", views.draft, name="draft"),
    path("<slug:file_id>/print/", views.print_draft, name="print"),
    path("<slug:file_id>/paper/", views.print_paper, name="print_paper"),
    path("<slug:file_id>/sign/", views.sign, name="sign"),
    path("<slug:file_id>/record/", views.record, name="record"),
    path("<slug:file_id>/fail/", views.fail, name="fail"),
    path("<slug:file_id>/terminate/", views.terminate, name="terminate"),
    path("<slug:file_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:file_id>/archive/", views.archive, name="archive"),
]
