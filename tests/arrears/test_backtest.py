"""A supply point walked again: by today's knowledge each day says what ``findings`` says of it; as known then what the books
knew that evening; and only the days that matter are looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from hege.arrears.backtest.queries import Past, View, backtest, past_of
from hege.arrears.backtest.rules import Walk, days_that_matter, first_fired
from hege.arrears.early_warning.queries import findings
from hege.arrears.early_warning.rules import WarningKind, warnings_of
from hege.arrears.queries import who_holds_the_money
from hege.billing.actions import PaymentDraft, take_payments
from hege.billing.chart import WATER, TransactionKind
from hege.kernel.calendar import DAY
from hege.kernel.clock import at_noon, start_of
from hege.kernel.database import atomic, set_rollback
from hege.ledger.actions import reverse_transaction, state_evidence
from hege.ledger.models import Transaction
from hege.ledger.rules import EvidenceKind, Side
from hege.metering.actions import ReadingDraft, correct_reading, record_readings
from hege.metering.models import Meter, SupplyPoint
from hege.stories.water import Water
from tests.cast import Row

pytestmark = pytest.mark.once
WORST = dt.date(2025, 11, 21)


@pytest.fixture(scope="module")
def point(django_db_setup: None, django_db_blocker: Any) -> Iterator[SupplyPoint]:
    """The water story to its end: four months imported at once, then a year as it happens."""
    with django_db_blocker.unblock(), atomic():
        story = Water(WORST)
        story.until_the_worst_day()
        story.to_the_end()
        yield SupplyPoint.objects.select_related("street").get(pk=story.point.pk)
        set_rollback(True)


def every_day(past: Past, until_on: dt.date) -> list[dt.date]:
    began_on = past.record.began_on
    assert began_on is not None
    return [began_on + n * DAY for n in range((until_on - began_on).days + 1)]


def test_by_todays_knowledge_each_day_says_what_is_said_of_it_now(point: SupplyPoint):
    past = past_of(point, view=View.AS_IF_KNOWN)
    walk = Walk(*past)
    for day in every_day(past, WORST + 200 * DAY)[::13]:
        walk.go_to(day)
        said = warnings_of(walk.history(WarningKind), walk.thresholds(), day, past.calendar)
        assert said == [found.finding for found in findings(point.street, on=day, points=[point])], day
        assert {finding.kind for finding in said} <= {*walk.possible(WarningKind)}


def test_as_known_then_each_evening_has_the_money_the_books_had(point: SupplyPoint):
    past = past_of(point, view=View.KNOWN_THEN)
    walk = Walk(*past)
    for day in every_day(past, WORST + 200 * DAY)[::9]:
        walk.go_to(day)
        then = who_holds_the_money(point, on=day, known_at=start_of(day + DAY)).confirmed
        assert (walk.payable, walk.money()) == (then.payable, then), day


@pytest.mark.parametrize("view", View)
def test_no_day_that_is_left_out_would_have_been_the_first(point: SupplyPoint, view: View):
    past, until_on = past_of(point, view=view), WORST + 200 * DAY
    some = days_that_matter(*past, until_on=until_on)
    every = every_day(past, until_on)
    assert len(some) < len(every)
    assert first_fired(*past, days=some) == first_fired(*past, days=every)


def test_the_story_warns_before_ten_thousand_yuan_by_what_is_known_now_and_not_by_what_was_known_then(
    point: SupplyPoint,
):
    """Its office began with Hege two months before the worst day: until then nobody had written anything down."""
    now, then = (backtest(point, on=WORST, view=view).fired for view in (View.AS_IF_KNOWN, View.KNOWN_THEN))
    assert (now[0].on, now[0].finding.kind, now[0].payable_fen) == (
        dt.date(2024, 9, 26),
        WarningKind.BILL_OVERDUE,
        164_714,
    )
    assert now[0].payable_fen < 1_000_000
    assert (then[0].on, then[0].payable_fen) == (dt.date(2025, 10, 7), 9_187_891)


def test_what_is_borne_out_or_taken_back_later_was_otherwise_then(row: Row):
    """A receipt one side says, borne out in May and taken back in June; a bill that comes in May; a reading put right in July."""
    march, may, june, july = (at_noon(dt.date(2026, month, 9)) for month in (3, 5, 6, 7))
    who: dict[str, Any] = {"by": None, "reason": "登错了"}
    draft = PaymentDraft(
        kind=TransactionKind.RECEIPT, point=row.point, on=dt.date(2026, 3, 2), amount_fen=9_000, confirmed=False,
        tenancy=row.tenancies[0],
    )  # fmt: skip
    said = Transaction.objects.get(pk=take_payments(row.street, [draft], by=None, at=march)[0])
    state_evidence(
        said, side=Side.PAYEE, kind=EvidenceKind.SIGNED_RECEIPT, supports=True, stated_on=may.date(), chart=WATER, by=None,
        at=may,
    )  # fmt: skip
    reverse_transaction(said, at=june, **who)
    master = Meter.objects.get(street=row.street, number="ZB-1")
    (wrong,) = record_readings(row.street, [ReadingDraft(master, dt.date(2026, 2, 28), 900_000)], by=None, at=march)
    correct_reading(wrong, litres=90_000, at=july, **who)
    past = past_of(row.point, view=View.KNOWN_THEN)
    walk, held = Walk(*past), list[tuple[dt.date, int]]()
    for day in every_day(past, dt.date(2026, 8, 1)):
        walk.go_to(day)
        then = who_holds_the_money(row.point, on=day, known_at=start_of(day + DAY)).confirmed
        money = walk.money()
        assert money == then, day
        held += [] if held and held[-1][1] == then.held else [(day, then.held)]
    assert held == [(march.date(), 0), (may.date(), 9_000), (june.date(), 0)]
    assert [(r.known_on, r.gone_on) for r in past.record.readings] == [(march.date(), july.date()), (july.date(), None)]


def test_nothing_was_ever_there_and_nothing_fires(row: Row):
    for view in View:
        assert backtest(row.point, on=WORST, view=view).fired == []
