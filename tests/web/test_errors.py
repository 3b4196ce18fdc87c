"""What a person is told when a page goes wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, connection
from django.db.transaction import set_rollback
from django.http import HttpRequest
from django.test import Client, RequestFactory

from hege.cases.models import Report
from hege.kernel.refused import Refused, Stale
from hege.people.models import Role
from hege.web import errors
from hege.web.access import NotYours
from hege.web.errors import RefusalsMiddleware
from tests.web.office import Office, words

pytestmark = pytest.mark.once


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


@contextmanager
def giving_way(at: str, said: str) -> Iterator[None]:
    """The database fails at each statement that looks so: BEGIN and COMMIT are savepoints within a test."""

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if re.search(at, sql):
            raise OperationalError(said)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        yield


#: Where it fails: reading the session, reading the person, before the view and after it, in the view itself.
STATEMENTS = {
    "session": 'FROM "people_session"',
    "person": 'FROM "people_membership"',
    "begin": "^SAVEPOINT",
    "view": '^INSERT INTO "cases_report"',
    "commit": "^RELEASE SAVEPOINT",
}


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize("at", STATEMENTS)
def test_trouble_of_the_database_anywhere_in_a_request_is_a_pause_not_a_defect(office: Office, at: str):
    client, address = office.client(Role.GRID_WORKER), office.path("reports:new")
    client.raise_request_exception = False
    told = {"kind": "patrol", "text": "三号楼漏水。", "seen": "1", "request_key": "k" * 20}
    before = Report.objects.count()
    with giving_way(STATEMENTS[at], "database is locked"):
        answer = client.post(address, told)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "过几秒再试一次" in words(answer)
    set_rollback(False)  # the savepoint that could not be released was rolled back; look at what is left
    assert Report.objects.count() == before


@pytest.mark.both
@pytest.mark.django_db
def test_what_was_not_kept_in_the_end_is_not_said_to_be_done(office: Office, monkeypatch: pytest.MonkeyPatch):
    client, address = office.client(Role.GRID_WORKER), office.path("reports:new")
    client.raise_request_exception = False

    def full_at_the_end(*_key: object, act: Callable[[], object], **_more: object) -> None:
        act()
        raise OperationalError("database or disk is full")

    monkeypatch.setattr("hege.web.idempotency.do_once", full_at_the_end)
    told = {"kind": "patrol", "text": "三号楼漏水。", "seen": "1", "request_key": "k" * 20}
    assert client.post(address, told).status_code == 503
    assert "已登记来件" not in words(client.get(office.path("reports:index")))
    monkeypatch.undo()
    assert client.post(address, told).status_code == 302
    assert "已登记来件" in words(client.get(office.path("reports:index")))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("the connection is closed", "系统正在恢复"),
        ("database or disk is full", "磁盘满了"),
        ("attempt to write a readonly database", "只能查看"),
    ],
)
def test_each_kind_of_trouble_is_told_in_its_own_words(client: Client, said: str, told: str):
    client.raise_request_exception = False
    with giving_way("people_user", said):
        answer = client.post("/sign-in/", {"username": "a", "password": "b"})
    assert answer.status_code == 503
    assert told in words(answer)


@pytest.mark.django_db
def test_a_missing_table_is_a_defect_not_a_pause(client: Client):
    client.raise_request_exception = False
    with giving_way("people_user", "no such table: people_user"):
        assert client.post("/sign-in/", {"username": "a", "password": "b"}).status_code == 500
