"""Each day of the past is told afterwards as it stood then, and today as the counters stand."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from hege.kernel.calendar import DAY
from hege.members.models import Member
from hege.points.actions import Served, add_minutes, earn, expire_points, reverse_entry, spend
from hege.points.rules import FIRST_RULE
from hege.programme.activities.actions import (
    agree_entry,
    call_off,
    cancel_signup,
    close_attendances,
    enter_by_hand,
    excuse,
    lapse_offers,
    reschedule,
    sign_up,
)
from hege.programme.activities.queries import step_faults
from hege.programme.figures.queries import as_of
from hege.programme.seasons.actions import Rescheduled
from hege.programme.seasons.models import Activity
from hege.programme.settlements.actions import confirm_list, freeze_month, pay_shop, reverse_payment
from hege.programme.settlements.models import Settlement
from hege.vouchers.actions import close_batch
from hege.vouchers.models import Batch, OfflineConflict, Redemption
from hege.vouchers.tills.actions import decide_conflict, redeem_offline, reverse_redemption
from hege.vouchers.tills.rules import ConflictState
from tests.cast import first_broken
from tests.programme.activities.evening import END, START, Evening, another, at
from tests.programme.figures.counts import counted, keyed
from tests.vouchers.conftest import Counter
from tests.vouchers.tills import LUNCH, a_claim, an_open_till, noted, take

pytestmark = pytest.mark.django_db


class Days:
    """A street on which something happens on each of some days of December 2025, and how it stood when each was over.

    Days are counted on into January: the 33rd is the second.
    """

    def __init__(self, evening: Evening, counter: Counter) -> None:
        self.evening, self.counter, self.street = evening, counter, evening.street
        self.till = an_open_till(counter.shop)
        self.other = another(evening, starts_at=START + 5 * DAY, ends_at=END + 5 * DAY)
        self.seen: dict[dt.date, dict[str, Any]] = {}

    def play(self) -> None:
        for day in (*range(15, 23), 33, 36, 37, 38):
            getattr(self, f"on_{day}")()
            self.seen[dt.date(2025, 11, 30) + day * DAY] = counted(self.street)

    def by(self, day: int, hour: int = 12, minute: int = 0) -> dict[str, Any]:
        """The office, at an hour of a day."""
        return {"by": self.evening.cast.coordinator, "at": at(hour, minute, 1) + (day - 1) * DAY}

    def members(self) -> list[Member]:
        return self.evening.members

    def on_15(self) -> None:
        for n in range(6):  # the sixth waits
            self.evening.sign_up(n, when=at(12, n, 15))
        sign_up(self.other.activity, member=self.members()[6], party=2, **self.by(15))
        self.round = earn(self.street, {m.pk: 30 for m in self.members()[:3]}, key="1", **self.by(15))

    def on_16(self) -> None:
        cancel_signup(self.evening.signup(0), by=None, at=at(22, 0, 16))  # the sixth is asked, and does not answer
        self.claims = [a_claim(self.counter.batch, LUNCH - DAY) for _n in range(6)]
        self.spent = spend(self.members()[0], 12, key="a", **self.by(16))

    def on_17(self) -> None:
        lapse_offers(self.street, **self.by(17, 11))
        to = Rescheduled(START, END, "三楼", capacity=4)
        reschedule(self.evening.now, to=to, reason="换了小间", **self.by(17))
        reverse_entry(self.spent, reason="点错了", **self.by(17))

    def on_18(self) -> None:
        redeemed = [take(self.till, claim, nonce=f"n-{n}") for n, claim in enumerate(self.claims[:3])]
        reverse_redemption(redeemed[0], till=self.till, by=None, at=LUNCH + dt.timedelta(minutes=5))
        self.redeemed = redeemed[1]
        queue = [noted(self.claims[3], nonce="q-1"), noted(self.claims[2], nonce="q-2")]
        redeem_offline(self.till, scans=queue, ahead=dt.timedelta(0), by=None, at=at(15))
        self.evening.check_in(1, when=START)
        self.evening.check_in(2, when=START + dt.timedelta(minutes=30))
        self.evening.check_out(1, when=END)

    def on_19(self) -> None:
        close_attendances(self.street, **self.by(19))
        reverse_redemption(self.redeemed, reason="退货", withdraw=True, **self.by(19))
        members = self.members()
        self.minutes = add_minutes(self.street, [Served(members[1].pk, 90, "s")], **self.by(19))

    def on_20(self) -> None:
        entry = enter_by_hand(self.evening.now, member=self.members()[3], minutes=60, reason="没带手机", **self.by(20))
        agree_entry(entry, by=self.evening.staff, at=at(13, 0, 20))
        excuse(self.evening.signup(4), reason="送医院", **self.by(20, 14))
        conflict = OfflineConflict.objects.select_related("failure__claim__batch", "failure__till__merchant").get()
        decide_conflict(conflict, to=ConflictState.PAID, reason="店里确实给了", **self.by(20, 15))

    def on_21(self) -> None:
        call_off(Activity.objects.get(pk=self.other.activity.pk), reason="下雪", **self.by(21))
        close_batch(Batch.objects.get(pk=self.counter.batch.pk), reason="店关了", **self.by(21))

    def on_22(self) -> None:
        """Nothing happens on a day like this."""

    def on_33(self) -> None:
        freeze_month(self.street, month_on=dt.date(2025, 12, 1), **self.by(33))

    def on_36(self) -> None:
        confirm_list(self.settlement, words="店主签字的名单", **self.by(36))
        said: dict[str, Any] = {"fen": 2000, "bank_serial": "4471", "paid_on": dt.date(2026, 1, 5)}
        self.payment = pay_shop(self.street, lists=[self.settlement], **said, **self.by(36))

    def on_37(self) -> None:
        reverse_redemption(
            Redemption.objects.select_related("claim__batch", "street").get(nonce="n-2"), reason="退货", **self.by(37)
        )

    def on_38(self) -> None:
        reverse_payment(self.payment, reason="记错一家", **self.by(38))

    @property
    def settlement(self) -> Settlement:
        return Settlement.objects.select_related("street", "merchant", "month").get()


@pytest.fixture
def days(evening: Evening, counter: Counter) -> Days:
    played = Days(evening, counter)
    played.play()
    return played


def test_each_day_is_told_afterwards_as_it_stood_when_it_was_over(days: Days):
    for day, seen in days.seen.items():
        assert keyed(as_of(days.street, day)) == seen, day
    assert list(step_faults(days.street)) == []
    assert first_broken(days.street) is None


def test_what_happened_is_in_the_figures_and_not_before_its_day(days: Days):
    def told(day: int) -> dict[str, Any]:
        return keyed(as_of(days.street, dt.date(2025, 11, 30) + day * DAY))

    mine, other = days.evening.activity.public_id, days.other.activity.public_id
    batch = days.counter.batch.public_id
    seats = [(told(n)["activities"][mine]["capacity"], told(n)["activities"][mine]["taken"]) for n in (15, 16, 17)]
    assert seats == [(5, 5), (5, 5), (4, 4)]
    assert [told(n)["activities"][mine]["waiting"] for n in (15, 16)] == [1, 0]
    came = [
        tuple(told(n)["activities"][mine][name] for name in ("attended", "late", "absent", "excused"))
        for n in (18, 19, 20)
    ]
    assert came == [(0, 0, 0, 0), (1, 1, 2, 0), (2, 1, 0, 1)]
    assert [told(n)["activities"][other]["state"] for n in (20, 21)] == ["published", "cancelled"]
    names = ("claimed", "redeemed", "expired", "held", "withdrawn", "committed_fen")
    assert [tuple(told(n)["batches"][batch][name] for name in names) for n in (16, 18, 19, 20, 21)] == [
        (6, 0, 0, 6, 0, 7200),
        (6, 3, 0, 3, 0, 7200),
        (5, 2, 0, 3, 1, 6000),
        (5, 2, 0, 3, 1, 7200),
        (5, 2, 3, 0, 1, 3600),
    ]
    money = [list(told(n)["money"].values()) for n in (17, 18, 19, 20, 33, 36, 37, 38)]
    assert money == [
        [], [(0, 0, 3600)], [(0, 0, 2400)], [(0, 0, 3600)],
        [(3600, 0, 0)], [(3600, 2000, 0)], [(3600, 2000, -1200)], [(3600, 0, -1200)],
    ]  # fmt: skip
    held = [told(n)["counters"]["points"]["held"] for n in (15, 16, 17)]
    assert held == [90, 78, 90]
    assert [told(n)["counters"]["minutes"]["earned"] for n in (18, 19)] == [0, 90]


def test_points_that_end_are_told_from_the_day_they_end(days: Days):
    over = dt.date(2025, 12, 15) + dt.timedelta(days=FIRST_RULE.life_days)
    expire_points(days.street, on=over, by=None, at=at(12) + (over - dt.date(2025, 12, 18)))
    before, after = (as_of(days.street, day)["counters"]["points"] for day in (over - DAY, over))
    assert (before["expired"], before["held"]) == (0, 90)
    assert after["expired"] > 0
    assert keyed(as_of(days.street, over)) == counted(days.street)


def test_nothing_is_told_of_a_day_before_the_first_and_of_another_street(days: Days, other_street: Any):
    empty = {"earned": 0, "taken_back": 0, "spent": 0, "expired": 0, "reversed": 0, "held": 0}
    nothing = {"activities": [], "batches": [], "money": [], "counters": {"points": empty, "minutes": empty}}
    assert as_of(days.street, dt.date(2025, 11, 1)) == nothing
    assert as_of(other_street, dt.date(2025, 12, 22)) == nothing


def test_a_step_that_was_left_out_is_found(days: Days):
    Activity.objects.filter(pk=days.evening.activity.pk).update(capacity=40)
    assert [fault for fault in step_faults(days.street) if "last step" in fault]


@pytest.mark.once
def test_the_command_prints_integers_or_lines_for_people(days: Days):
    def said(*arguments: str) -> str:
        out = StringIO()
        call_command("programme", "--on", "2025-12-20", "--street", days.street.code, *arguments, stdout=out)
        return out.getvalue()

    answer = json.loads(said("--json"))
    assert (answer.pop("street"), answer.pop("on")) == (days.street.code, "2025-12-20")
    assert answer == as_of(days.street, dt.date(2025, 12, 20))
    assert "热汤面一碗" in said()
    assert "未结 36.00 元" in said()
