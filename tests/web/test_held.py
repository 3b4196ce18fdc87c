"""What is held on who is signed in: a page of their own, and all of it as a file, on the trail."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from hege.kernel import clock
from hege.people.models import SignInFailure
from hege.trail import actions as trail
from hege.trail.models import TrailLine
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.pages]


@pytest.fixture
def own(client: Client, cast: Cast) -> Client:
    client.force_login(cast.clerk)
    return client


def test_the_own_page_leads_to_what_is_held_with_what_for_and_until_when(own: Client, cast: Cast):
    assert "/me/held/" in own.get("/me/").content.decode()
    said = own.get("/me/held/").content.decode()
    for words in (cast.clerk.username, "登录和防止冒用", "任职", "部门经办人"):
        assert words in said
    assert cast.coordinator.username not in said
    assert cast.clerk.password not in said


def test_of_many_rows_the_page_shows_the_latest_and_the_file_all(own: Client, cast: Cast):
    for number in range(7):
        SignInFailure.objects.create(username=cast.clerk.username, address=f"10.0.0.{number}", at=clock.now())
    said = own.get("/me/held/").content.decode()
    assert "10.0.0.6" in said
    assert "10.0.0.0" not in said
    assert "只列最近的几条" in said
    assert "10.0.0.0" in own.post("/me/held/copy/", {"as": "csv"}).content.decode()


def test_the_copy_is_a_file_and_stands_on_the_trail(own: Client, cast: Cast):
    answer = own.post("/me/held/copy/", {"as": "json"})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    account = next(kind for kind in json.loads(answer.content) if kind["kind"] == "登录账号")
    assert account["rows"][0]["登录名"] == cast.clerk.username
    assert TrailLine.objects.get(verb="take_copy").by == cast.clerk


def test_looking_and_asking_for_the_file_by_a_link_leave_nothing_behind(own: Client):
    own.get("/me/held/")
    assert own.get("/me/held/copy/").status_code == 405
    assert not TrailLine.objects.filter(verb="take_copy").exists()


def test_what_the_trail_says_of_a_person_is_told_in_words(own: Client, cast: Cast):
    trail.record(
        "signed_in", cast.clerk, street=cast.street, by=cast.clerk, at=clock.now(), address="10.0.0.7", how="totp"
    )
    said = own.get("/me/held/").content.decode()
    assert "地址：10.0.0.7；验证方式：totp" in said
