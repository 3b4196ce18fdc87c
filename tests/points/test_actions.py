"""A round at once, spending, giving back, ending, minutes: entries, lots, counters and the trail say the same."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.ledger.models import Account, Book, Transaction, Transfer
from hege.members.models import Consent, Member
from hege.members.rules import ConsentKind
from hege.points.actions import (
    Served,
    add_minutes,
    earn,
    expire_points,
    give_back,
    lock_balances,
    reverse_entry,
    set_point_rule,
    spend,
)
from hege.points.chart import MINUTES, POINTS, EntryKind
from hege.points.models import Balance, Lot, LotUse
from hege.points.queries import Sums, board, counters_of, entries_of, rule_on, sums_of
from hege.points.rules import FIRST_RULE, Rule
from hege.trail.models import TrailLine
from tests.cast import Cast, first_broken
from tests.points.conftest import wrong

DAY = dt.date(2025, 12, 19)
BY: Any = {"by": None, "at": at_noon(DAY)}


def on(day: dt.date) -> Any:
    return {"by": None, "at": at_noon(day)}


def round_of(riders: list[Member], *points: int, key: str = "1", **by: Any) -> Transaction:
    net = {rider.pk: n for rider, n in zip(riders, points, strict=False)}
    entry = earn(riders[0].street, net, key=key, words="第 1 轮", **(by or BY))
    assert entry is not None
    return entry


def test_a_round_is_one_entry_that_names_all_of_it(riders: list[Member]):
    entry = round_of(riders, 10, 20, 10)
    assert (entry.kind, entry.transfers.count()) == (EntryKind.EARN, 3)
    assert [counters_of(r, on=DAY).points for r in riders] == [10, 20, 10, 0, 0]
    assert list(Lot.objects.values_list("granted", "remaining")) == [(10, 10), (20, 20), (10, 10)]
    assert {lot.expires_on for lot in Lot.objects.all()} == {DAY + dt.timedelta(days=FIRST_RULE.life_days)}
    line = TrailLine.objects.get(verb="earn_points")
    assert (line.data["members"], line.data["points"], line.data["taken_back"]) == (3, 40, 0)
    assert list(wrong(entry.street)) == []
    assert first_broken(entry.street) is None


def test_a_round_is_posted_once(riders: list[Member]):
    round_of(riders, 10, 10, 10)
    with pytest.raises(IntegrityError), atomic():
        round_of(riders, 10, 10, 10)
    assert earn(riders[0].street, {riders[0].pk: 0}, key="2", **BY) is None


def test_a_later_round_takes_back_what_an_earlier_one_gave(riders: list[Member]):
    round_of(riders, 10, 10, 10)
    round_of(riders, -10, 10, 20, key="2")
    assert [counters_of(r, on=DAY).points for r in riders[:3]] == [0, 20, 30]
    assert sums_of(riders[0].street, POINTS.name, on=DAY) == Sums(60, 10, 0, 0, 0)
    assert list(wrong(riders[0].street)) == []


def test_spending_names_the_lots_it_ate(riders: list[Member]):
    first = round_of(riders, 10, 10, 10)
    later = round_of(riders, 10, 10, 10, key="2", **on(DAY + dt.timedelta(days=7)))
    entry = spend(riders[0], 15, key="claim 1", words="热饮一杯", **on(DAY + dt.timedelta(days=8)))
    uses = LotUse.objects.filter(transaction=entry).order_by("pk")
    assert [(use.lot.transaction_id, use.points) for use in uses] == [(first.pk, 10), (later.pk, 5)]
    assert [(e.kind, e.amount, e.words) for e in entries_of(riders[0], most=9)] == [
        (EntryKind.SPEND, -15, "热饮一杯"), (EntryKind.EARN, 10, "第 1 轮"), (EntryKind.EARN, 10, "第 1 轮"),
    ]  # fmt: skip
    assert list(wrong(entry.street)) == []


def test_too_few_points_are_refused_and_nothing_is_kept(riders: list[Member]):
    round_of(riders, 10, 10, 10)
    with pytest.raises(Refused, match="要 11 分，现有 10 分"), atomic():
        spend(riders[0], 11, key="claim 1", **BY)
    assert Transaction.objects.filter(kind=EntryKind.SPEND).count() == 0
    with pytest.raises(Refused), atomic():
        spend(riders[4], 1, key="claim 1", **BY)
    assert list(wrong(riders[0].street)) == []


def test_points_are_given_back_once_to_the_lots_they_came_from(riders: list[Member]):
    street = riders[0].street
    round_of(riders, 10, 10, 10)
    spend(riders[0], 7, key="claim 1", **BY)
    assert give_back(street, key="claim 1", reason="券作废", **BY) is not None
    assert give_back(street, key="claim 1", reason="券作废", **BY) is None
    assert give_back(street, key="claim 2", reason="券作废", **BY) is None
    assert counters_of(riders[0], on=DAY).points == 10
    assert [e.amount for e in entries_of(riders[0], most=9)] == [7, -7, 10]
    assert sums_of(street, POINTS.name, on=DAY) == Sums(30, 0, 7, 0, 7)
    assert list(wrong(street)) == []
    with pytest.raises(Refused, match="已经冲正"):
        reverse_entry(Transaction.objects.get(kind=EntryKind.SPEND), reason="再来一次", **BY)


def test_what_is_given_back_after_its_day_can_be_used_for_some_days(riders: list[Member]):
    street = riders[0].street
    round_of(riders, 10, 10, 10)
    spend(riders[0], 7, key="claim 1", **BY)
    over = DAY + dt.timedelta(days=FIRST_RULE.life_days)
    assert expire_points(street, on=over, **on(over)) == 3
    give_back(street, key="claim 1", reason="商户没有货", **on(over))
    assert counters_of(riders[0], on=over)[:2] == (7, 0)
    assert counters_of(riders[0], on=over).ends_on == over + dt.timedelta(days=30)
    spend(riders[0], 7, key="claim 2", **on(over + dt.timedelta(days=29)))
    assert list(wrong(street)) == []


def test_points_end_on_their_day_once(riders: list[Member]):
    street = riders[0].street
    round_of(riders, 10, 20, 10)
    spend(riders[1], 5, key="claim 1", **BY)
    over = DAY + dt.timedelta(days=FIRST_RULE.life_days)
    before = over - dt.timedelta(days=1)
    assert expire_points(street, on=before, **on(before)) == 0
    assert counters_of(riders[1], on=before) == (15, 0, over, 15)
    assert counters_of(riders[1], on=over).points == 0, "not yet run, and gone all the same"
    assert expire_points(street, on=over, **on(over)) == 3
    assert expire_points(street, on=over, **on(over)) == 0
    assert sums_of(street, POINTS.name, on=over) == Sums(40, 0, 5, 35, 0)
    assert list(wrong(street)) == []
    assert first_broken(street) is None


def test_a_day_to_come_is_looked_at_as_today(riders: list[Member]):
    round_of(riders, 10, 20, 10)
    assert expire_points(riders[0].street, on=DAY + dt.timedelta(days=4_000), **BY) == 0


def test_many_members_points_end_some_at_a_time(riders: list[Member], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hege.points.actions.ENDING_AT_ONCE", 2)
    street = riders[0].street
    round_of(riders, 10, 20, 10, 5, 5)
    over = DAY + dt.timedelta(days=FIRST_RULE.life_days)
    assert expire_points(street, on=over, **on(over)) == 5
    assert Transaction.objects.filter(kind=EntryKind.EXPIRE).count() == 3
    assert list(wrong(street)) == []


def test_minutes_only_grow_and_are_booked_once(riders: list[Member]):
    street, first, second = riders[0].street, riders[0], riders[1]
    served = [Served(first.pk, 120, "a1 1"), Served(second.pk, 45, "a1 2")]
    assert len(add_minutes(street, served, words="健步走", **BY)) == 2
    assert add_minutes(street, served, words="健步走", **BY) == []
    add_minutes(street, [*served, Served(first.pk, 30, "a2 1")], words="读书会", **BY)
    assert [counters_of(r, on=DAY).minutes for r in (first, second)] == [150, 45]
    assert [(e.amount, e.words) for e in entries_of(first, minutes=True, most=9)] == [(30, "读书会"), (120, "健步走")]
    with pytest.raises(Refused, match="积分不够"), atomic():
        spend(first, 1, key="claim 1", **BY)
    assert sums_of(street, MINUTES.name, on=DAY) == Sums(195, 0, 0, 0, 0)
    assert list(wrong(street)) == []


def test_a_wrong_entry_of_minutes_is_reversed_and_no_other(riders: list[Member]):
    street = riders[0].street
    pk, other = add_minutes(street, [Served(riders[0].pk, 120, "a"), Served(riders[1].pk, 60, "b")], **BY)
    reverse_entry(Transaction.objects.get(pk=pk), reason="登记错了人", **BY)
    assert [counters_of(r, on=DAY).minutes for r in riders[:2]] == [0, 60]
    assert sums_of(street, MINUTES.name, on=DAY) == Sums(180, 0, 0, 0, -120)
    with pytest.raises(Refused, match="写明"):
        reverse_entry(Transaction.objects.get(pk=other), reason=" ", **BY)
    assert list(wrong(street)) == []


def test_a_round_cannot_be_taken_back_alone(riders: list[Member]):
    entry = round_of(riders, 10, 10, 10)
    with pytest.raises(Refused, match="不能单独冲正"):
        reverse_entry(entry, reason="弄错", **BY)


def test_a_rule_holds_from_its_day_on_and_what_was_given_stays(cast: Cast, riders: list[Member]):
    street, tomorrow = cast.street, DAY + dt.timedelta(days=1)
    set_point_rule(street, Rule(20, 40, 400, 90), from_on=tomorrow, by=cast.coordinator, at=BY["at"])
    assert (rule_on(street, DAY), rule_on(street, tomorrow)) == (FIRST_RULE, Rule(20, 40, 400, 90))
    round_of(riders, 10, 10, 10)
    round_of(riders, 20, 20, 20, key="2", **on(tomorrow))
    ends = [DAY + dt.timedelta(days=365), tomorrow + dt.timedelta(days=90)]
    assert list(Lot.objects.filter(member=riders[0]).order_by("pk").values_list("expires_on", flat=True)) == ends
    with pytest.raises(Refused):
        set_point_rule(street, FIRST_RULE, from_on=tomorrow, by=cast.coordinator, at=BY["at"])


def test_the_board_shows_who_wants_to_in_the_order_of_nicknames_and_never_falls(cast: Cast, riders: list[Member]):
    street, first = riders[0].street, riders[0]
    for n, rider in enumerate(riders):
        for given in (True, n != 3):  # the fourth changed their mind, the fifth never said
            if n < 4:
                Consent.objects.create(
                    street=street, member=rider, kind=ConsentKind.BOARD, given=given, wording="榜", at=BY["at"]
                )
    riders[1].called = "阿蜂"
    riders[1].save(update_fields=["called"])
    round_of(riders, 10, 10, 10, 10, 10)
    round_of(riders, -10, 10, 20, key="2")
    spend(riders[1], 5, key="claim 1", **BY)
    give_back(street, key="claim 1", reason="作废", **BY)
    pk, _other = add_minutes(street, [Served(first.pk, 120, "a"), Served(first.pk, 60, "b")], **BY)
    reverse_entry(Transaction.objects.get(pk=pk), reason="登记错了", **BY)
    until = DAY + dt.timedelta(days=1)
    assert board(street, DAY, until) == [("蜂0", 10, 60), ("蜂2", 30, 0), ("阿蜂", 20, 0)]
    assert board(street, until, until + dt.timedelta(days=90)) == [("蜂0", 0, 0), ("蜂2", 0, 0), ("阿蜂", 0, 0)]


def test_each_street_has_a_book_of_each_and_a_member_one_account_of_each(riders: list[Member]):
    street = riders[0].street
    round_of(riders, 10, 10, 10)
    lock_balances(street, [r.pk for r in riders])
    assert sorted(Book.objects.filter(street=street).values_list("chart", flat=True)) == ["minutes", "points"]
    assert Account.objects.filter(member__isnull=False).count() == 2 * len(riders)
    with pytest.raises(IntegrityError), atomic():
        Book.objects.create(street=street, chart=POINTS.name)
    own = Account.objects.get(kind="points_issued")
    with pytest.raises(IntegrityError), atomic():
        Account.objects.create(street=street, book=own.book, kind="points_issued")
    with pytest.raises(IntegrityError), atomic():
        Account.objects.create(street=street, book=own.book, kind="member_points", member=riders[0])


def test_a_member_of_another_street_gets_no_counter(riders: list[Member], other_cast: Cast):
    with pytest.raises(ValueError, match="another street"):
        lock_balances(other_cast.street, [riders[0].pk])


def test_the_database_keeps_counters_and_lots_above_nothing(riders: list[Member]):
    round_of(riders, 10, 10, 10)
    for rows in (Balance.objects.filter(member=riders[0]), Lot.objects.filter(member=riders[0])):
        column = "points" if rows.model is Balance else "remaining"
        with pytest.raises(IntegrityError), atomic():
            rows.update(**{column: -1})
    assert Transfer.objects.count() == 3
