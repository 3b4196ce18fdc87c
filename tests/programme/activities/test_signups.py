"""Who gets a place, who waits, who is asked next; an old offer never comes back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, models
from django.db.transaction import atomic

from hege.kernel.refused import Refused
from hege.programme.activities import actions, queries
from hege.programme.activities.models import Signup
from hege.programme.activities.rules import SignupState
from hege.programme.seasons.actions import Rescheduled, cancel_activity, reschedule_activity
from hege.programme.seasons.models import Activity
from hege.trail.models import TrailLine
from tests.cast import first_broken, forget
from tests.programme.activities.evening import BEFORE, END, START, Evening, another, at
from tests.programme.seasons.year import AT as PUBLISHED_AT

S = SignupState


def test_places_go_until_they_are_gone_then_one_waits(evening: Evening):
    assert [evening.sign_up(n, party).state for n, party in ((0, 3), (1, 1), (2, 2), (3, 1))] == [
        S.CONFIRMED, S.CONFIRMED, S.WAITING, S.CONFIRMED,
    ]  # fmt: skip
    assert (evening.now.taken, evening.figures().taken, evening.figures().waiting) == (5, 5, 1)
    assert queries.position_of(evening.signup(2)) == 1
    line = TrailLine.objects.filter(street=evening.street).order_by("-seq").first()
    assert line is not None
    assert (line.verb, line.data["member"], line.data["party"], line.data["state"]) == (
        "sign_up",
        "0004",
        1,
        "confirmed",
    )
    assert first_broken(evening.street) is None


def test_who_cancels_lets_the_first_who_fits_be_asked(evening: Evening):
    for n, party in ((0, 3), (1, 2), (2, 3), (3, 2), (4, 1)):
        evening.sign_up(n, party)
    actions.cancel_signup(evening.signup(1), by=None, at=BEFORE)
    assert evening.states() == {0: S.CONFIRMED, 1: S.CANCELLED, 2: S.WAITING, 3: S.OFFERED, 4: S.WAITING}
    offered = evening.signup(3)
    assert (offered.round, offered.offered_until, evening.now.taken) == (1, BEFORE + dt.timedelta(hours=12), 5)
    actions.take_offer(offered, offer=1, by=None, at=BEFORE + dt.timedelta(hours=11))
    assert evening.states()[3] == S.CONFIRMED
    assert evening.signup(3).placed_at == BEFORE + dt.timedelta(hours=11)


def test_who_declines_lets_the_next_be_asked(evening: Evening):
    for n, party in ((0, 3), (1, 2), (2, 2), (3, 2)):
        evening.sign_up(n, party)
    actions.cancel_signup(evening.signup(1), by=None, at=BEFORE)
    actions.decline_offer(evening.signup(2), offer=1, by=None, at=BEFORE)
    assert evening.states() == {0: S.CONFIRMED, 1: S.CANCELLED, 2: S.DECLINED, 3: S.OFFERED}
    assert evening.now.taken == 5


def test_an_offer_that_nobody_answers_lapses_once_and_goes_on(evening: Evening):
    for n, party in ((0, 3), (1, 2), (2, 2), (3, 2)):
        evening.sign_up(n, party)
    actions.cancel_signup(evening.signup(1), by=None, at=BEFORE)
    over = BEFORE + dt.timedelta(hours=12)
    assert actions.lapse_offers(evening.street, by=None, at=over - dt.timedelta(seconds=1)) == 0
    assert actions.lapse_offers(evening.street, by=None, at=over) == 1
    assert evening.states() == {0: S.CONFIRMED, 1: S.CANCELLED, 2: S.LAPSED, 3: S.OFFERED}
    lines = TrailLine.objects.filter(street=evening.street).count()
    assert actions.lapse_offers(evening.street, by=None, at=over) == 0
    assert TrailLine.objects.filter(street=evening.street).count() == lines
    with pytest.raises(Refused, match="不算数"):
        actions.take_offer(evening.signup(2), offer=1, by=None, at=over)


def test_cancelling_never_brings_an_old_offer_back(evening: Evening):
    for n, party in ((0, 3), (1, 2), (2, 2)):
        evening.sign_up(n, party)
    actions.cancel_signup(evening.signup(1), by=None, at=BEFORE)
    old = evening.signup(2).round
    actions.cancel_signup(evening.signup(2), by=None, at=BEFORE)
    evening.sign_up(3, 2)
    again = evening.sign_up(2, 2)
    assert (again.state, again.round, again.queued) == (S.WAITING, old, 5)
    with pytest.raises(Refused, match="不算数"):
        actions.take_offer(again, offer=old, by=None, at=BEFORE)
    actions.cancel_signup(evening.signup(3), by=None, at=BEFORE)
    with pytest.raises(Refused, match="不算数"):
        actions.take_offer(evening.signup(2), offer=old, by=None, at=BEFORE)
    actions.take_offer(evening.signup(2), offer=old + 1, by=None, at=BEFORE)


def test_near_the_start_nobody_is_asked_and_who_waits_may_take_what_is_free(evening: Evening):
    for n, party in ((0, 3), (1, 2), (2, 2)):
        evening.sign_up(n, party)
    actions.cancel_signup(evening.signup(1), by=None, at=at(15, 31))
    assert evening.states()[2] == S.WAITING
    with pytest.raises(Refused, match="候补也停了"):
        evening.sign_up(3, 3, when=at(15, 40))
    assert evening.sign_up(2, 2, when=at(15, 40)).state == S.CONFIRMED
    assert evening.now.taken == 5


def test_what_is_over_is_refused_and_leaves_nothing(evening: Evening):
    evening.sign_up(0)
    lines, rows = TrailLine.objects.count(), Signup.objects.count()
    for act in (
        lambda: evening.sign_up(0),
        lambda: evening.sign_up(1, 4),
        lambda: evening.sign_up(1, when=START),
        lambda: evening.sign_up(1, when=PUBLISHED_AT - dt.timedelta(seconds=1)),
        lambda: actions.cancel_signup(evening.signup(0), by=None, at=START),
        lambda: actions.take_offer(evening.signup(0), by=None, at=BEFORE),
        lambda: actions.decline_offer(evening.signup(0), by=None, at=BEFORE),
    ):
        with pytest.raises(Refused):
            act()
    assert (TrailLine.objects.count(), Signup.objects.count(), evening.now.taken) == (lines, rows, 1)


def test_an_activity_that_was_called_off_takes_nobody(evening: Evening):
    evening.sign_up(0)
    cancel_activity(evening.activity, reason="下雪", by=evening.cast.coordinator, at=BEFORE)
    with pytest.raises(Refused, match="不办了"):
        evening.sign_up(1)
    assert actions.lapse_offers(evening.street, by=None, at=BEFORE) == 0


def test_more_places_are_offered_to_who_waits(evening: Evening):
    for n, party in ((0, 3), (1, 2), (2, 3), (3, 1)):
        evening.sign_up(n, party)
    to = Rescheduled(START, END, evening.activity.where, capacity=7)
    reschedule_activity(evening.activity, to=to, reason="换大间", by=evening.cast.coordinator, at=BEFORE)
    assert actions.lapse_offers(evening.street, by=None, at=BEFORE) == 1
    assert evening.states() == {0: S.CONFIRMED, 1: S.CONFIRMED, 2: S.WAITING, 3: S.OFFERED}
    assert evening.now.taken == 6


def test_who_left_gives_the_place_on(evening: Evening):
    for n, party in ((0, 3), (1, 2), (2, 2)):
        evening.sign_up(n, party)
    member = evening.members[1]
    models.QuerySet(type(member)).filter(pk=member.pk).update(called="", phone="", left_at=BEFORE)
    assert actions.lapse_offers(evening.street, by=None, at=BEFORE) == 1
    assert evening.states() == {0: S.CONFIRMED, 1: S.CANCELLED, 2: S.OFFERED}
    member.refresh_from_db()
    with pytest.raises(Refused, match="退出"):
        actions.sign_up(another(evening).activity, member=member, by=None, at=BEFORE)


def test_the_tables_hold_no_more_than_the_rules(evening: Evening):
    signup = evening.sign_up(0)
    rows: models.QuerySet[Signup] = models.QuerySet(Signup).filter(pk=signup.pk)
    for wrong in (
        {"party": 0}, {"state": S.OFFERED}, {"offered_until": BEFORE}, {"placed_at": None},
        {"state": S.WAITING, "presence": "absent"},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), atomic():
            rows.update(**wrong)
    twice = {"street": evening.street, "activity": evening.activity, "member": evening.members[0]}
    with pytest.raises(IntegrityError), atomic():
        Signup.objects.create(**twice, state=S.WAITING, asked_at=BEFORE, queued=99)
    with pytest.raises(IntegrityError), atomic():
        models.QuerySet(Activity).filter(pk=evening.activity.pk).update(taken=6)
    forget(Signup.objects.filter(queued=99))
