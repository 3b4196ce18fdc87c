"""What a season has come to, counted from its rows; no small number of people in it, in whatever order one subtracts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.members.models import Member
from hege.members.rules import MemberWork
from hege.programme.activities.actions import close_attendances
from hege.programme.figures.queries import SeasonFigures, of_season
from hege.programme.figures.rules import Hidden
from hege.programme.seasons.actions import record_spending
from hege.programme.seasons.models import Activity, Season
from tests.programme.activities.evening import END, START, Evening, another
from tests.vouchers.conftest import Counter
from tests.vouchers.tills import LUNCH, a_claim, an_open_till, take

pytestmark = pytest.mark.django_db
FEW, APART = Hidden.FEW, Hidden.APART
AFTER = START + dt.timedelta(days=3)
W = MemberWork


@pytest.fixture
def season(evening: Evening, counter: Counter) -> Season:
    """Two evenings: seven came to the first, one of them late; two to the second. Two vouchers, one used."""
    first, second = (
        another(evening, capacity=30),
        another(evening, capacity=9, starts_at=START + dt.timedelta(days=1), ends_at=END + dt.timedelta(days=1)),
    )
    Member.objects.filter(pk=evening.members[0].pk).update(work=W.COURIER)
    for n in range(8):
        first.sign_up(n)
    for n in range(4):
        second.sign_up(n)
    for n in range(7):
        first.check_in(n, when=START + dt.timedelta(minutes=20 if n == 6 else n))
        first.check_out(n, when=END)
    for n in range(2):
        second.check_in(n, when=START + dt.timedelta(days=1))
    close_attendances(evening.street, by=None, at=AFTER)
    record_spending(
        Activity.objects.select_related("street").get(pk=first.activity.pk),
        spent_fen=12_345,
        by=evening.staff,
        at=AFTER,
    )
    till, claims = an_open_till(counter.shop), [a_claim(counter.batch, LUNCH), a_claim(counter.batch, LUNCH)]
    take(till, claims[0])
    evening.activity.season.street = evening.street
    return evening.activity.season


def figures(season: Season) -> SeasonFigures:
    return of_season(season, at=AFTER)


def test_people_are_counted_once_and_visits_each_time(season: Season):
    found = figures(season)
    assert found.reached.total == 7
    assert found.reached.parts == {W.COURIER: FEW, W.FOOD_RIDER: 6, W.RIDE_HAILING: FEW, W.TRUCK_DRIVER: FEW}
    assert found.came == 9
    assert [one.came for one in found.evenings] == [FEW, APART, FEW]  # 0, 7, 2: else 9 less 7
    assert (found.late, found.percent) == (FEW, 75)
    assert found.hours == (7 * 90 - 15 - 20) // 60


def test_vouchers_and_money_of_its_days(season: Season):
    found = figures(season)
    assert [(one.batch.title, one.claimed, one.used, one.owed_fen) for one in found.given] == [
        ("热汤面一碗", 2, 1, 1200)
    ]
    assert (found.spent_fen, found.owed_fen) == (12_345, 1200)


def test_reports_of_others_than_members_count_alike(season: Season):
    assert figures(season).noticed._asdict() == dict.fromkeys(
        ("reported", "true", "done", "refused", "rounds", "points"), 0
    )


def test_an_activity_to_come_covers_no_small_number(season: Season):
    """Everybody knows that nobody has come to it yet."""
    found = of_season(season, at=START)
    assert (found.evenings, found.came, found.percent) == ([], 0, None)


@pytest.mark.once
def test_as_many_statements_however_much_there_is(season: Season, evening: Evening, django_assert_max_num_queries: Any):
    with django_assert_max_num_queries(10):
        figures(season)
    for _n in range(3):
        another(evening).sign_up(8)
    with django_assert_max_num_queries(10):
        figures(season)
