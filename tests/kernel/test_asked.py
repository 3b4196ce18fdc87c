"""A question worked out once is asked anew each time."""

from __future__ import annotations

import datetime as dt

from hege.kernel.asked import Question
from hege.kernel.counted import RowCount
from hege.people.models import Membership, Street
from tests.cast import Cast

IN_MARCH = dt.date(2026, 3, 1)


def test_a_question_kept_finds_what_has_come_since(cast: Cast):
    members = Membership.objects.filter(street=cast.street)
    rows = Street.objects.filter(pk=cast.street.pk).values_list("code", RowCount(members.on(IN_MARCH).values("pk")))
    question = Question.of(rows)
    assert question.answer() == list(rows.all()) == [(cast.street.code, 9)]
    Membership.objects.filter(user=cast.clerk).update(until_on=dt.date(2026, 2, 1))
    assert question.answer() == list(rows.all()) == [(cast.street.code, 8)]
