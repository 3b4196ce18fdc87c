"""Addresses of 调解与协议."""

from __future__ import annotations

from django.urls import URLPattern, path

from hege.web.mediation import agreement_views, draft_views, file_views, views

app_name = "mediation"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("open/<slug:case_id>/", file_views.open_file, name="open"),
    path("agreements/", agreement_views.agreements, name="agreements"),
    path("agreements/<slug:agreement_id>/", agreement_views.agreement, name="agreement"),
    path("agreements/<slug:agreement_id>/paper/", agreement_views.paper, name="paper"),
    path("agreements/<slug:agreement_id>/apply/", agreement_views.apply, name="apply"),
    path("agreements/<slug:agreement_id>/ruling/", agreement_views.ruling, name="ruling"),
    path("agreements/<slug:agreement_id>/performed/", agreement_views.performed, name="performed"),
    path("agreements/<slug:agreement_id>/breached/", agreement_views.breached, name="breached"),
    path("agreements/<slug:agreement_id>/visit/", agreement_views.visit, name="visit"),
    path("<slug:file_id>/", views.detail, name="file"),
    path("<slug:file_id>/rights/", file_views.rights, name="rights"),
    path("<slug:file_id>/session/", file_views.session, name="session"),
    path("<slug:file_id>/documents/", file_views.document, name="document"),
    path("<slug:file_id>/parties/<slug:party_id>/", draft_views.particulars, name="particulars"),
    path("<slug:file_id>/authorise/", draft_views.authorise, name="authorise"),
    path("<slug:file_id>/draft/", draft_views.draft, name="draft"),
    path("<slug:file_id>/print/", draft_views.print_draft, name="print"),
    path("<slug:file_id>/paper/", draft_views.print_paper, name="print_paper"),
    path("<slug:file_id>/sign/", draft_views.sign, name="sign"),
    path("<slug:file_id>/record/", draft_views.record, name="record"),
    path("<slug:file_id>/fail/", file_views.fail, name="fail"),
    path("<slug:file_id>/terminate/", file_views.terminate, name="terminate"),
    path("<slug:file_id>/withdraw/", file_views.withdraw, name="withdraw"),
    path("<slug:file_id>/archive/", file_views.archive, name="archive"),
]
