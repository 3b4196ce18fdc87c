"""Half-open periods: the day one begins counts, the day it ends does not."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.kernel.periods import holds_on, not_over
from hege.people.models import Membership
from tests.cast import Cast

FROM, UNTIL = dt.date(2026, 3, 1), dt.date(2026, 4, 1)
DAY = dt.timedelta(days=1)


@pytest.mark.django_db
@pytest.mark.parametrize("until", [UNTIL, None])
@pytest.mark.parametrize("of", ["", "street__memberships__"])
def test_a_row_holds_from_its_first_day_until_the_day_before_its_end(cast: Cast, until: dt.date | None, of: str):
    Membership.objects.filter(street=cast.street).update(from_on=FROM, until_on=until)
    rows = Membership.objects.filter(street=cast.street)
    days = [FROM - DAY, FROM, UNTIL - DAY, UNTIL]
    assert [rows.filter(holds_on(day, of)).exists() for day in days] == [False, True, True, until is None]
    assert [rows.filter(not_over(day, of)).exists() for day in days] == [True, True, True, until is None]
