"""A question worked out once is asked anew each time."""

from __future__ import annotations

import datetime as dt
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, QuerySet

from hege.kernel.asked import Question, RowsOf
from hege.kernel.counted import RowCount
from hege.people.models import Membership, Role, Street
from tests.cast import Cast

IN_MARCH = dt.date(2026, 3, 1)


def test_a_question_kept_finds_what_has_come_since(cast: Cast):
    members = Membership.objects.filter(street=cast.street)
    rows = Street.objects.filter(pk=cast.street.pk).values_list("code", RowCount(members.on(IN_MARCH).values("pk")))
    question = Question.of(rows)
    assert question.answer() == list(rows.all()) == [(cast.street.code, 8)]
    Membership.objects.filter(user=cast.clerk).update(until_on=dt.date(2026, 2, 1))
    assert question.answer() == list(rows.all()) == [(cast.street.code, 7)]


def of_roles(code: str, *keys: int) -> QuerySet[Any]:
    rows = Membership.objects.filter(street__code=code, user__in=keys).annotate(again=F("street__code"))
    return rows.select_related("street__organisation", "user").order_by("pk")


def test_rows_are_those_that_django_finds_with_what_is_read_along(cast: Cast, django_assert_num_queries: Any):
    rows_of = RowsOf(of_roles)
    for keys in ([cast.clerk.pk], [cast.grid_worker.pk], [cast.clerk.pk, cast.coordinator.pk], [0, 0]):
        with django_assert_num_queries(1):
            found = rows_of(cast.street.code, *keys)
            said = [(row.street.organisation.name, row.user.username, row.again, row.from_on) for row in found]
        wanted = of_roles(cast.street.code, *keys)
        assert found == list(wanted)
        assert said == [(row.street.organisation.name, row.user.username, row.again, row.from_on) for row in wanted]
        assert [row.__dict__.keys() for row in found] == [row.__dict__.keys() for row in wanted]
    assert rows_of("999999999", cast.clerk.pk) == []


def test_rows_are_those_of_the_moment_and_words_are_worked_out_once_for_so_many_values(cast: Cast):
    asked: list[tuple[Any, ...]] = []

    def ask(code: str, *keys: int) -> QuerySet[Any]:
        asked.append(keys)
        return of_roles(code, *keys)

    rows_of = RowsOf(ask)
    (row,) = rows_of(cast.street.code, cast.clerk.pk)
    assert row.role == Role.CLERK
    Membership.objects.filter(pk=row.pk).update(role=Role.AUDITOR)
    assert [one.role for one in rows_of(cast.street.code, cast.clerk.pk)] == [Role.AUDITOR]
    assert len(asked) == 1
    rows_of(cast.street.code, cast.clerk.pk, cast.auditor.pk)
    rows_of(cast.street.code, cast.auditor.pk, cast.clerk.pk)
    assert len(asked) == 2


@pytest.mark.django_db(transaction=True)
def test_another_thread_asks_on_a_connection_of_its_own(cast: Cast):
    rows_of, heard = RowsOf(of_roles), list[Any]()
    here = rows_of(cast.street.code, cast.clerk.pk)

    def ask() -> None:
        try:
            heard.append(rows_of(cast.street.code, cast.clerk.pk))
        finally:
            connection.close()

    other = Thread(target=ask)
    other.start()
    other.join()
    assert heard == [here]
