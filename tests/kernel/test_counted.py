"""Counting stops where nobody needs to know more, and says so."""

from __future__ import annotations

import pytest

from hege.kernel.counted import COUNTED, Counted, RowCount
from hege.people.models import Membership, Street
from tests.cast import Cast


def test_what_goes_beyond_a_thousand_is_said_to_be_more():
    assert [str(Counted.of(n)) for n in (0, COUNTED, COUNTED + 1)] == ["0", "1000", "1000+"]
    assert str(Counted(1234, or_more=True)) == "1200+"
    assert [bool(Counted(n)) for n in (0, 1)] == [False, True]


@pytest.mark.django_db
def test_rows_are_counted_within_another_statement_no_further_than_the_slice(cast: Cast, django_assert_num_queries):
    rows = Membership.objects.filter(street=cast.street).values("pk")
    with django_assert_num_queries(1):
        counted = Street.objects.filter(pk=cast.street.pk).values_list(RowCount(rows), RowCount(rows[:2])).get()
    assert counted == (rows.count(), 2)
    assert counted[0] > 2
