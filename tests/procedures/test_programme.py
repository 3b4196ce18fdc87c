"""Acts of the programme over several packages: a voucher for points, hours of an activity, and what a day brings, once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.transaction import atomic

from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused
from hege.ledger.models import Transaction
from hege.members.models import Member
from hege.points.actions import earn
from hege.points.models import LotUse
from hege.points.queries import counters_of
from hege.points.rules import FIRST_RULE
from hege.procedures.actions import claim_for_points, close_batch, keep_programme, post_hours, withdraw_claim
from hege.programme.activities.actions import close_attendances
from hege.programme.activities.queries import minutes_of
from hege.programme.deeds.models import Round
from hege.trail.models import TrailLine
from hege.vouchers.models import Batch, Claim
from tests.cast import first_broken
from tests.points.conftest import make_riders, wrong
from tests.programme.activities.conftest import evening  # noqa: F401  # a fixture
from tests.programme.activities.evening import Evening, at
from tests.vouchers.conftest import Counter, counter  # noqa: F401  # a fixture
from tests.vouchers.samples import NOW

PRICE = 6
BY: Any = {"by": None, "at": NOW}


@pytest.fixture
def priced(counter: Counter) -> Batch:  # noqa: F811  # the fixture
    """Soup for six points, and a member who has ten."""
    batch = counter.another(title="积分换的汤面", point_price=PRICE, per_member=2)
    others = make_riders(counter.cast, 2)
    earn(counter.cast.street, {m.pk: 10 for m in (counter.member, *others)}, key="1", **BY)
    return batch


def left(member: Member) -> int:
    return counters_of(member, on=day_of(NOW)).points


def test_a_voucher_for_points_is_claimed_and_paid_in_one_act(counter: Counter, priced: Batch):  # noqa: F811
    before = TrailLine.objects.count()
    claim = claim_for_points(priced, member=counter.member, **BY)
    assert left(counter.member) == 10 - PRICE
    (line,) = TrailLine.objects.order_by("seq")[before:]
    assert (line.verb, line.data["points"]) == ("claim_voucher", PRICE)
    entry = Transaction.objects.get(kind="spend")
    assert (entry.source_row.key, entry.reason) == (claim.public_id, "积分换的汤面")  # type: ignore[union-attr]  # it has one
    assert list(wrong(counter.cast.street)) == []
    assert first_broken(counter.cast.street) is None


def test_who_has_too_few_points_gets_no_voucher_and_loses_none(counter: Counter, priced: Batch):  # noqa: F811
    claim_for_points(priced, member=counter.member, **BY)
    with pytest.raises(Refused, match="积分不够"), atomic():
        claim_for_points(priced, member=counter.member, **BY)
    priced.refresh_from_db()
    assert (Claim.objects.count(), priced.claimed, left(counter.member)) == (1, 1, 4)


def test_a_voucher_that_costs_none_takes_none(counter: Counter, priced: Batch):  # noqa: F811
    claim_for_points(counter.batch, member=counter.member, **BY)
    assert left(counter.member) == 10


def test_points_of_a_voucher_taken_back_or_of_a_closed_batch_go_back_once(counter: Counter, priced: Batch):  # noqa: F811
    cast = counter.cast
    claim = claim_for_points(priced, member=counter.member, **BY)
    withdraw_claim(claim, reason="领错了", by=cast.coordinator, at=NOW)
    assert left(counter.member) == 10
    again = claim_for_points(priced, member=counter.member, **BY)
    assert left(counter.member) == 4
    close_batch(priced, reason="面馆歇业", by=cast.coordinator, at=NOW)
    assert left(counter.member) == 10
    assert sum(use.points for use in LotUse.objects.all()) == 0
    assert Transaction.objects.filter(kind="reversal").count() == 2
    assert again.pk != claim.pk
    assert list(wrong(cast.street)) == []


def test_hours_of_an_activity_are_booked_once(evening: Evening):  # noqa: F811
    evening.sign_up(0)
    evening.check_in(0, when=at(18, 50))
    evening.check_out(0, when=at(20, 30))
    close_attendances(evening.street, by=None, at=at(23))
    wanted = [row.minutes for row in minutes_of(evening.now)]
    assert wanted
    assert post_hours(evening.now, by=None, at=at(23)) == len(wanted)
    assert post_hours(evening.now, by=None, at=at(23)) == 0
    assert counters_of(evening.members[0], on=day_of(at(23))).minutes == sum(wanted)
    keep_programme(evening.street, on=day_of(at(23)), by=None, at=at(23))
    assert Transaction.objects.filter(kind="minutes").count() == len(wanted)


def test_a_day_brings_hours_ends_and_the_round_once(evening: Evening, counter: Counter, priced: Batch):  # noqa: F811
    street, over = counter.cast.street, NOW + FIRST_RULE.life_days * DAY
    for _run in range(2):
        keep_programme(street, on=day_of(over), by=None, at=over)
    assert Transaction.objects.filter(kind="expire").count() == 1
    assert Round.objects.count() == 1
    assert left(counter.member) == 0
    lines = TrailLine.objects.count()
    keep_programme(street, on=day_of(over), by=None, at=over + dt.timedelta(minutes=5))
    assert TrailLine.objects.count() == lines
