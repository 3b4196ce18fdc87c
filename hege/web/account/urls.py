"""Addresses of a person's own things: sign-in, password, type size, language."""

from __future__ import annotations

from django.urls import path

from hege.web.account import drafts, everywhere, held, views
from hege.web.account.second_factor import views as second_factor

app_name = "account"
urlpatterns = [
    path("", views.home, name="home"),
    path("streets/", everywhere.everywhere, name="everywhere"),
    path("me/", views.me, name="me"),
    path("me/held/", held.held, name="held"),
    path("me/held/copy/", held.held_copy, name="held_copy"),
    path("me/drafts/keep/", drafts.draft_keep, name="draft_keep"),
    path("me/drafts/drop/", drafts.draft_drop, name="draft_drop"),
    path("me/sessions/", views.sessions, name="sessions"),
    path("me/sessions/end/", views.sessions_end, name="sessions_end"),
    path("me/messages/", views.wish, name="wish"),
    path("me/second-factor/", second_factor.factors, name="factors"),
    path("me/second-factor/app/", second_factor.factor_app, name="factor_app"),
    path("me/second-factor/passkey/", second_factor.factor_passkey, name="factor_passkey"),
    path("me/second-factor/passkey/options/", second_factor.factor_passkey_options, name="factor_passkey_options"),
    path("me/second-factor/codes/", second_factor.factor_codes, name="factor_codes"),
    path("me/second-factor/codes/shown/", second_factor.factor_codes_shown, name="factor_codes_shown"),
    path("me/second-factor/<id:factor_id>/name/", second_factor.factor_name, name="factor_name"),
    path("me/second-factor/<id:factor_id>/end/", second_factor.factor_end, name="factor_end"),
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/second/", second_factor.second_step, name="second_step"),
    path("sign-in/second/options/", second_factor.second_step_options, name="second_step_options"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("size/<slug:step>/", views.size, name="size"),
    path("language/<slug:code>/", views.language, name="language"),
]
