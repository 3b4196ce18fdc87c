"""What one was told is held together by its matter, on every database."""

from __future__ import annotations

import pytest

from hege.outbox.actions import tell
from hege.outbox.queries import matters_of, told_of
from hege.outbox.rules import Event, Telling
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def test_a_matter_is_its_number_and_of_agreements_their_own_and_without_a_number_the_event(cast: Cast):
    user, street = cast.clerk, cast.street
    about = ["cases.task", "conferences.decision", "mediation.agreement", "people.street", "people.street"]
    numbers = ["2026-0001", "2026-0001", "2026-0001", "×3", "×12"]
    for n, (thing, number) in enumerate(zip(about, numbers, strict=True)):
        tell(street, [Telling(Event.WARNING_NEW, (thing, n), number, "/", [user.pk])], at=NOW)
    counted = list(matters_of(user, street))
    assert [(row["matter"], row["n"], row["unread"]) for row in counted] == [
        ("warning_new", 2, 2), ("mediation.agreement2026-0001", 1, 1), ("2026-0001", 2, 2),
    ]  # fmt: skip
    told = told_of(user, street, [row["matter"] for row in counted])
    assert [len(rows) for rows in told.values()] == [2, 1, 2]
    assert [row.number for row in told["warning_new"]] == ["×12", "×3"]
