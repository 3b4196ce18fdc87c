"""What a person is told when a page goes wrong."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client, RequestFactory

from hege.kernel.refused import Refused, Stale
from hege.web import errors
from hege.web.access import NotYours
from hege.web.refusals import RefusalsMiddleware


def asked() -> HttpRequest:
    request = RequestFactory().get("/310117006/cases/abc/")
    request.user = AnonymousUser()
    return request


@pytest.mark.parametrize(
    ("no", "status", "words"),
    [
        (Refused("暂缓日期已经过了。"), 422, "这一步没有办成"),
        (Stale("网格员刚改过。"), 409, "看最新的内容"),
        (NotYours("这一步由召集人办理。"), 403, "这一步不归您办"),
    ],
)
def test_a_refusal_without_a_form_is_a_page_in_words(no: Refused, status: int, words: str):
    answer = RefusalsMiddleware(errors.not_found).process_exception(asked(), no)
    assert answer is not None
    page = answer.content.decode()
    assert answer.status_code == status
    assert words in page
    assert str(no.reason) in page


def test_a_bug_is_not_taken_for_a_refusal():
    assert RefusalsMiddleware(errors.not_found).process_exception(asked(), ValueError()) is None


def test_a_crash_gives_a_number_that_is_also_in_the_log(caplog: pytest.LogCaptureFixture):
    page = errors.server_error(asked()).content.decode()
    number = re.search(r"\d{4}-\d{4}-[0-9a-f]{4}", page)
    assert number is not None
    assert number.group() in caplog.text


def test_a_crash_of_the_error_page_still_gives_the_number(monkeypatch: pytest.MonkeyPatch):
    def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(errors, "page", broken)
    answer = errors.server_error(asked())
    assert answer.status_code == 500
    assert "这个编号" in answer.content.decode()


@pytest.mark.django_db
def test_a_form_that_was_open_too_long_says_so():
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "这张表开得太久了" in answer.content.decode()


@pytest.mark.django_db
def test_a_strange_address_is_answered_in_words(client: Client):
    assert client.get("/sign-in/?next=%00").status_code == 400
    assert client.get("/没有/").status_code == 404
