"""What was typed when a session or a line ended comes back to whoever typed it, and to nobody else."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client

from hege.cases.models import Report
from hege.installation.actions import sweep
from hege.kernel import clock
from hege.people.models import Role, Session, User
from hege.web.drafts import may_be_kept
from hege.web.form_key import FIELD, mark_of, new_key, shown_to
from hege.workspace.models import Draft
from hege.workspace.rules import MOST_CHARACTERS, MOST_DRAFTS
from tests.cast import PASSWORD
from tests.web.html import Page
from tests.web.office import Office, words

pytestmark = [pytest.mark.django_db, pytest.mark.pages, pytest.mark.once]

WORDS = "三号楼漏水，“急”<b> & 楼上没人。"
KEEP, DROP = "/me/drafts/keep/", "/me/drafts/drop/"
BACK, NOT_KEPT = "填的还在，已放回下面这张表", "没有保存，登录以后请再填一次"


def key_of(page: str) -> str:
    """The key of the office's form of a page."""
    form = page.partition('class="hg-form')[2]
    return str(re.findall(rf'name="{FIELD}" value="([^"]+)"', form)[0])


@pytest.fixture
def typed(office: Office) -> dict[str, str]:
    """A report as a grid worker has filled it in, on the page that was shown to them."""
    key = key_of(office.get(Role.GRID_WORKER, "reports:new"))
    return {"kind": "patrol", "text": WORDS, FIELD: key}


def end_session(user: User) -> None:
    Session.objects.filter(user=user).delete()


def sign_in(client: Client, user: User, onward: str) -> Any:
    return client.post("/sign-in/", {"username": user.username, "password": PASSWORD}, QUERY_STRING=f"next={onward}")


def text_of(answer: Any) -> str:
    return next(form.values["text"][0] for form in Page(answer.content.decode()).forms if "text" in form.values)


@pytest.mark.both
def test_what_was_sent_without_a_session_is_back_after_signing_in_and_goes_once_it_is_taken(
    office: Office, typed: dict[str, str]
):
    client, worker, page = office.client(Role.GRID_WORKER), office.cast.grid_worker, office.path("reports:new")
    end_session(worker)
    before = Report.objects.count()
    said = words(client.get(client.post(page, typed).headers["Location"]))
    assert "替您留着一天" in said
    assert NOT_KEPT not in said
    assert sign_in(client, worker, page).headers["Location"] == page
    shown = client.get(page)
    assert BACK in words(shown)
    assert text_of(shown) == WORDS
    assert Report.objects.count() == before
    answer = client.post(page, {**typed, "seen": "1", FIELD: key_of(words(shown))})
    assert answer.status_code == 302
    assert not Draft.objects.exists()
    assert BACK not in words(client.get(page))


def test_whoever_signs_in_at_the_same_machine_instead_finds_nothing(office: Office, typed: dict[str, str]):
    client, page = office.client(Role.GRID_WORKER), office.path("reports:new")
    end_session(office.cast.grid_worker)
    client.post(page, typed)
    sign_in(client, office.cast.coordinator, page)
    shown = client.get(page)
    assert shown.status_code == 200
    assert BACK not in words(shown)
    assert text_of(shown) == ""
    assert client.post(DROP, {"address": page, "next": page}).headers["Location"] == page
    assert Draft.objects.get().user == office.cast.grid_worker


def test_what_is_typed_is_kept_before_it_is_sent_also_without_a_session_and_not_once_it_was_taken(
    office: Office, typed: dict[str, str]
):
    client, page = office.client(Role.GRID_WORKER), office.path("reports:new")
    assert Client().post(KEEP, {**typed, "draft_address": page}).status_code == 204
    assert text_of(client.get(page)) == WORDS
    client.post(DROP, {"address": page, "next": page})
    assert text_of(client.get(page)) == ""
    assert client.post(page, {**typed, "seen": "1"}).status_code == 302
    client.post(KEEP, {**typed, "draft_address": page})
    assert not Draft.objects.exists()


def test_a_form_that_another_signing_in_made_too_old_is_kept_as_well(office: Office, typed: dict[str, str]):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(office.path("reports:new"), typed)
    assert answer.status_code == 403
    assert "替您留着" in words(answer)
    assert Draft.objects.get().typed["text"] == [WORDS]


@pytest.mark.parametrize(
    "change",
    [
        {FIELD: "k" * 26},
        {FIELD: new_key(f".{'0' * 6}.1.{'a' * 16}")},
        {"draft_address": "/me/"},
        {"draft_address": "/sign-in/"},
        {"draft_address": "/nowhere/" * 40},
        {"text": "长" * MOST_CHARACTERS},
    ],
)
def test_a_key_that_is_not_ours_another_page_and_too_much_are_not_kept(
    office: Office, typed: dict[str, str], change: dict[str, str]
):
    Client().post(KEEP, {"draft_address": office.path("reports:new"), **typed, **change})
    assert not Draft.objects.exists()


def test_a_key_says_whose_it_is_for_a_week_and_under_the_former_secret(settings: Any):
    day = dt.date(2026, 3, 4)
    key = new_key(mark_of(7, day))
    assert [shown_to(key, day + dt.timedelta(days=n)) for n in (-1, 0, 7, 8)] == [None, 7, 7, None]
    assert shown_to(key.replace(".7.", ".8."), day) is None
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another" * 8
    assert shown_to(key, day) == 7
    settings.SECRET_KEY_FALLBACKS = []
    assert shown_to(key, day) is None


def test_a_day_later_it_is_not_shown_and_the_daily_run_lets_it_go(office: Office, typed: dict[str, str]):
    page = office.path("reports:new")
    Client().post(KEEP, {**typed, "draft_address": page})
    sweep(by=None, at=clock.now())
    assert Draft.objects.count() == 1
    Draft.objects.update(at=clock.now() - dt.timedelta(days=1))
    assert BACK not in office.get(Role.GRID_WORKER, "reports:new")
    sweep(by=None, at=clock.now())
    assert not Draft.objects.exists()


def test_of_one_person_so_many_are_kept_and_the_oldest_goes(office: Office, typed: dict[str, str]):
    pages = [office.path("cases:detail", f"case{n:08}") + "note/" for n in range(MOST_DRAFTS + 1)]
    kept = [page for page in pages if may_be_kept(page)]
    for page in kept:
        Client().post(KEEP, {**typed, "draft_address": page})
    assert {draft.address for draft in Draft.objects.all()} == {*kept[1:]}
