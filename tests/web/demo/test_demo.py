"""The first page of a demo: one click is a made-up person, and nobody anywhere else."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client, RequestFactory, override_settings
from django.urls import Resolver404, resolve

from hege.people.models import Membership, Organisation, Role, Session, Street, User
from hege.people.rules import SignIn
from hege.stories.demo import BAIHE, HUAXIN, JIULITING, Demo, is_sample, made_up
from hege.trail.models import TrailLine
from hege.web.shell import Shell
from tests.cast import Cast
from tests.standing import standing
from tests.web.office import words

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ON = dt.date(2026, 11, 23)
as_a_demo = override_settings(DEMO=True, ROOT_URLCONF="tests.web.demo.urls")


@standing
def begun() -> Street:
    """The three streets of a demo with their people, before anything has happened."""
    Demo(ON, tell=lambda _step: None).begin()
    return Street.objects.get(code=JIULITING)


def who(client: Client) -> str:
    """The user name somebody is signed in with; empty for nobody."""
    key = client.session.get(SESSION_KEY) if settings.SESSION_COOKIE_NAME in client.cookies else None
    return User.objects.get(pk=key).username if key else ""


def test_no_other_site_has_these_addresses(begun: Street, client: Client):
    for path in ("/demo/", "/demo/as/coordinator/", "/demo/outsider/"):
        with pytest.raises(Resolver404):
            resolve(path)
        assert client.post(path).status_code == 404
    assert client.get("/").headers["Location"] == "/sign-in/"
    assert "/demo/" not in words(client.get("/sign-in/"))
    assert who(client) == ""


@as_a_demo
def test_beside_a_street_that_is_no_sample_nobody_is_let_in(begun: Street, client: Client):
    Street.objects.create(
        organisation=Organisation.objects.create(name="新桥镇城运中心"), code="310117007", name="新桥镇"
    )
    assert not is_sample()
    for path in ("/demo/as/coordinator/", "/demo/outsider/"):
        assert client.post(path).status_code == 404
    assert client.get("/demo/").status_code == 404
    assert who(client) == ""


@as_a_demo
def test_an_offices_own_street_is_no_demo(cast: Cast, client: Client):
    assert client.get("/demo/").status_code == 404
    assert client.post(f"/demo/as/{cast.coordinator.username}/").status_code == 404
    assert who(client) == ""


@override_settings(PRODUCTION=True)
@as_a_demo
def test_production_lets_nobody_in_by_a_click(begun: Street, client: Client):
    assert client.post("/demo/as/coordinator/").status_code == 404
    assert who(client) == ""


@as_a_demo
def test_one_click_is_somebody(begun: Street, client: Client):
    assert client.get("/").headers["Location"] == "/demo/"
    shown = words(client.get("/demo/"))
    assert [role for role in Role if f'action="/demo/as/{role.value}/"' not in shown] == []
    answer = client.post("/demo/as/coordinator/")
    assert answer.headers["Location"] == "/"
    assert who(client) == "coordinator"
    assert TrailLine.objects.filter(street=begun, verb=SignIn.SIGNED_IN.value, by__username="coordinator").exists()


@as_a_demo
def test_another_click_is_somebody_else_and_signing_out_leads_back(begun: Street, client: Client):
    client.post("/demo/as/coordinator/")
    client.post("/demo/as/auditor-huaxin/")
    assert who(client) == "auditor-huaxin"
    assert 'href="/demo/"' in words(client.get(f"/{HUAXIN}/"))
    assert client.post("/sign-out/").headers["Location"] == "/demo/"
    assert who(client) == ""


@as_a_demo
def test_only_a_form_of_ours_lets_in(begun: Street):
    strict = Client(enforce_csrf_checks=True)
    assert strict.get("/demo/as/coordinator/").status_code == 405
    assert strict.post("/demo/as/coordinator/").status_code == 403
    assert who(strict) == ""
    assert not Session.objects.exists()


@as_a_demo
def test_whoever_was_added_since_is_asked_for_a_password(begun: Street, client: Client):
    real = User.objects.create_user("wang", "a-street-of-47-shops", full_name="王")
    Membership.objects.create(street=begun, user=real, role=Role.COORDINATOR, from_on=ON)
    assert made_up("wang") is None
    assert client.post("/demo/as/wang/").status_code == 404
    assert who(client) == ""


@as_a_demo
def test_an_account_with_a_password_of_its_own_is_not_opened(begun: Street, client: Client):
    user = User.objects.get(username="clerk")
    user.set_password("an-other-word-than-printed")
    user.save()
    answer = client.post("/demo/as/clerk/", follow=True)
    assert "的密码在演示里被换过" in words(answer)
    assert who(client) == ""


@as_a_demo
@pytest.mark.parametrize("gone", [{"is_active": False}, {"must_change_password": True, "password_given_at": None}])
def test_an_account_that_may_not_sign_in_is_not_opened(begun: Street, client: Client, gone: dict[str, Any]):
    User.objects.filter(username="clerk").update(**gone)
    client.post("/demo/as/clerk/")
    assert who(client) == ""


@as_a_demo
def test_it_says_how_far_the_street_is_made(begun: Street, client: Client):
    said = words(client.get("/demo/"))
    assert "示例街道还在建" in said
    assert "还没建到" in said
    assert "一条街的水费，停在了半路" in said
    assert client.post("/demo/outsider/", follow=True).status_code == 200


def test_the_three_streets_have_their_people(begun: Street):
    found = [made_up(f"coordinator{suffix}") for suffix in ("", "-huaxin", "-baihe")]
    assert [user.memberships.get().street.code for user in found if user] == [JIULITING, HUAXIN, BAIHE]


@pytest.mark.parametrize(
    ("site", "told"), [("http://127.0.0.1:8000", "127.0.0.1:8000"), ("https://hege.example.cn", "")]
)
def test_a_code_for_everybody_names_the_address_of_the_site_by_whichever_its_page_was_opened(
    site: str, told: str, settings: Any
):
    settings.SITE = site
    assert Shell(RequestFactory().get("/", headers={"host": "testserver"})).local_site == told
