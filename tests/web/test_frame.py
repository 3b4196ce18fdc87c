"""What every request pays beside its own work: statements, BEGIN and COMMIT apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hege.people.models import Role
from hege.trail.models import IdempotencyKey, TrailLine
from tests.cast import FRAME_QUERIES
from tests.web.office import Office

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def statements(call: Callable[[], Any], *, status: int) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        answer = call()
    assert answer.status_code == status
    return [query["sql"] for query in asked.captured_queries]


def test_a_page_pays_for_the_session_the_person_with_their_posts_and_the_menu(office: Office):
    client = office.client(Role.COORDINATOR)
    of_its_own = 1  # the places to choose from
    asked = statements(lambda: client.get(office.path("reports:new")), status=200)
    assert len(asked) - of_its_own == FRAME_QUERIES == 3


REPORT = {"kind": "patrol", "text": "三号楼漏水。", "seen": "1"}


def written(office: Office, role: Role, *, status: int, **said: str) -> list[str]:
    """The statements of sending a report; those of the transaction itself, here a savepoint, are left out."""
    client, address = office.client(role), office.path("reports:new")
    asked = statements(lambda: client.post(address, {**REPORT, "request_key": "k" * 26, **said}), status=status)
    return [sql for sql in asked if not sql.startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK"))]


def writes(asked: list[str]) -> list[str]:
    return [sql for sql in asked if sql.startswith(("INSERT", "UPDATE", "DELETE"))]


def test_a_form_pays_for_the_session_and_the_person_with_their_posts_before_its_act(office: Office):
    asked = written(office, Role.COORDINATOR, status=302)
    before = [sql for sql in asked[: asked.index(writes(asked)[0])] if "trail_requestkey" not in sql]
    assert len(before) == 2


def test_a_write_pays_for_its_key_and_its_line(office: Office):
    asked = written(office, Role.COORDINATOR, status=302)
    frame = [sql for sql in asked if '"trail_' in sql.partition(" WHERE ")[0] and "people_membership" not in sql]
    assert len(frame) == 4
    assert len(asked) == len(frame) + 2 + 2  # who asks, the report itself, and what it is found by


def test_a_write_opens_no_block_within_the_one_of_its_request(office: Office):
    client, address = office.client(Role.COORDINATOR), office.path("reports:new")
    asked = statements(lambda: client.post(address, {**REPORT, "request_key": "k" * 26}), status=302)
    assert len([sql for sql in asked if sql.startswith("SAVEPOINT")]) == 1


@pytest.mark.both
@pytest.mark.parametrize("about", ["", "ZB-NEAR-01"])
def test_to_create_a_report_takes_a_dozen_statements(office: Office, about: str):
    assert len(written(office, Role.COORDINATOR, status=302, about=about)) <= 12


def test_a_form_that_comes_back_writes_nothing(office: Office):
    assert writes(written(office, Role.COORDINATOR, status=422, text="")) == []


def test_a_form_sent_again_with_other_content_writes_nothing(office: Office):
    written(office, Role.COORDINATOR, status=302)
    assert writes(written(office, Role.COORDINATOR, status=409, text="四号楼漏水。")) == []
    assert writes(written(office, Role.COORDINATOR, status=302)) == []


def test_a_refused_right_writes_its_one_line(office: Office):
    before = TrailLine.objects.count()
    asked = writes(written(office, Role.CHECKER, status=403))
    assert [sql.partition(" SET ")[0].partition(" (")[0] for sql in asked] == [
        'UPDATE "trail_trailhead"',
        'INSERT INTO "trail_trailline"',
    ]
    assert (TrailLine.objects.count(), IdempotencyKey.objects.count()) == (before + 1, 0)
