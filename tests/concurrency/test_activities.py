"""A rush on few places: rows are counted, never the counter; one offer, one check-in, one second person, each once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Sum

from hege.kernel.refused import Refused
from hege.programme.activities import actions
from hege.programme.activities.models import HandEntry, Scan, Signup, Strike
from hege.programme.activities.rules import ScanResult, SignupState
from hege.programme.seasons.models import Activity
from hege.trail.models import TrailLine
from tests.cast import first_broken, make_cast
from tests.concurrency.test_once import at_once, done
from tests.programme.activities.evening import BEFORE, END, Evening, at, make_evening

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

S = SignupState
RUSH, PLACES = 40, 5


@pytest.fixture
def cast(transactional_db, street):
    return make_cast(street)


@pytest.fixture(autouse=True)
def _trail_holds(street):
    yield
    assert first_broken(street) is None


def rows(evening: Evening, *states: SignupState) -> Any:
    return Signup.objects.filter(street=evening.street, activity=evening.activity, state__in=states)


def held(evening: Evening) -> int:
    """Persons with a place or asked about one, by rows."""
    return rows(evening, S.CONFIRMED, S.OFFERED).aggregate(n=Sum("party", default=0))["n"]


def test_forty_at_once_on_five_places(cast):
    evening = make_evening(cast, members=RUSH, capacity=PLACES)
    answers = at_once(*[lambda n=n: evening.sign_up(n) for n in range(RUSH)])
    assert len(done(answers)) == RUSH
    assert (rows(evening, S.CONFIRMED).count(), rows(evening, S.WAITING).count()) == (PLACES, RUSH - PLACES)
    assert Activity.objects.get(pk=evening.activity.pk).taken == held(evening) == PLACES
    assert sorted(rows(evening, *S).values_list("queued", flat=True)) == list(range(1, RUSH + 1))
    assert TrailLine.objects.filter(verb="sign_up").count() == RUSH


def test_forty_at_once_in_parties_where_nobody_waits(cast):
    evening = make_evening(cast, members=RUSH, capacity=PLACES, waiting_list=False)
    answers = at_once(*[lambda n=n: evening.sign_up(n, 1 + n % 3) for n in range(RUSH)])
    assert all(isinstance(answer, Signup | Refused) for answer in answers)
    assert held(evening) == Activity.objects.get(pk=evening.activity.pk).taken == PLACES
    assert rows(evening, *S).count() == len(done(answers))
    assert rows(evening, S.CONFIRMED).count() == len(done(answers))


def test_one_who_presses_many_times_has_one_place(cast):
    evening = make_evening(cast, members=1)
    answers = at_once(*[lambda: evening.sign_up(0) for _n in range(8)])
    assert len(done(answers)) == rows(evening, *S).count() == held(evening) == 1


def test_places_given_back_at_once_are_offered_once_each(cast):
    evening = make_evening(cast, members=12, capacity=PLACES)
    for n in range(12):
        evening.sign_up(n)
    holders = [evening.signup(n) for n in range(PLACES)]
    at_once(
        *[lambda s=s: actions.cancel_signup(s, by=None, at=BEFORE) for s in holders],
        *[lambda: actions.lapse_offers(evening.street, by=None, at=BEFORE) for _n in range(3)],
    )
    assert rows(evening, S.OFFERED).count() == held(evening) == PLACES
    assert sorted(rows(evening, S.OFFERED).values_list("round", flat=True)) == [1] * PLACES
    assert sorted(rows(evening, S.OFFERED).values_list("queued", flat=True)) == list(range(6, 11))
    assert Activity.objects.get(pk=evening.activity.pk).taken == PLACES


def test_an_offer_is_answered_once(cast):
    evening = make_evening(cast, members=4, capacity=1, party_max=1)
    for n in range(4):
        evening.sign_up(n)
    actions.cancel_signup(evening.signup(0), by=None, at=BEFORE)
    offered = evening.signup(1)
    answers = at_once(
        *[lambda: actions.take_offer(offered, offer=1, by=None, at=BEFORE) for _n in range(4)],
        *[lambda: actions.decline_offer(offered, offer=1, by=None, at=BEFORE) for _n in range(4)],
    )
    assert len(done(answers)) == 1
    assert held(evening) == Activity.objects.get(pk=evening.activity.pk).taken == 1


def test_one_comes_in_once(cast):
    evening = make_evening(cast, members=1)
    evening.sign_up(0)
    answers = at_once(
        *[lambda: evening.check_in(0, when=at(18, 50)) for _n in range(4)],
        *[
            lambda: actions.staff_check_in(evening.activity, member=evening.members[0], by=evening.staff, at=at(18, 50))
            for _n in range(4)
        ],
    )
    assert len(done(answers)) == Scan.objects.filter(result=ScanResult.COUNTED).count() == 1
    assert Scan.objects.count() == 8


def test_the_last_place_on_the_spot_is_given_once(cast):
    evening = make_evening(cast, members=8, capacity=1, party_max=1)
    answers = at_once(
        *[
            lambda m=m: actions.staff_check_in(evening.activity, member=m, by=evening.staff, at=at(18, 50))
            for m in evening.members
        ]
    )
    assert len(done(answers)) == rows(evening, S.CONFIRMED).count() == held(evening) == 1


def test_attendance_is_added_up_once(cast):
    evening = make_evening(cast, members=PLACES)
    for n in range(PLACES):
        evening.sign_up(n)
    closed = at(21)
    assert closed > END
    counts = at_once(*[lambda: actions.close_attendances(evening.street, by=None, at=closed) for _n in range(6)])
    assert sum(counts) == 1
    assert Strike.objects.count() == PLACES
    assert TrailLine.objects.filter(verb="close_attendance").count() == 1


def test_an_entry_by_hand_is_written_and_answered_once(cast):
    evening = make_evening(cast, members=1)
    said: dict[str, Any] = {"member": evening.members[0], "minutes": 30, "reason": "手机没电", "at": at(21)}
    entered = at_once(*[lambda: actions.enter_by_hand(evening.activity, **said, by=evening.staff) for _n in range(6)])
    assert len(done(entered)) == HandEntry.objects.count() == 1
    (entry,) = done(entered)
    by: dict[str, Any] = {"by": cast.coordinator, "at": at(21)}
    answers = at_once(
        *[lambda: actions.agree_entry(entry, **by) for _n in range(3)],
        *[lambda: actions.refuse_entry(entry, reason="不对", **by) for _n in range(3)],
    )
    assert len(done(answers)) == 1
