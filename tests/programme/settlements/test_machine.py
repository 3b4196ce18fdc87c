"""Settlements played at random beside a small model: after every step lists and what is open come to what was redeemed.

The model keeps what each shop has redeemed and not taken back, by payer, and what of each list is paid; it knows no months.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import pytest
from django.db import connection
from django.db.transaction import atomic, set_rollback
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.programme.settlements.actions import (
    answer_dispute,
    confirm_list,
    dispute_list,
    freeze_month,
    reverse_payment,
)
from hege.programme.settlements.models import Settlement, SettlementLine, SettlementPayment
from hege.programme.settlements.queries import Whose, latest_month, lists_of, open_of, payments_of, positions
from hege.programme.settlements.rules import month_of, next_month
from hege.vouchers.models import Redemption
from tests.programme.settlements.market import Market, wrong

STEPS = 20
FIRST, LAST = dt.date(2025, 11, 24), dt.date(2026, 6, 15)
which = st.integers(0, 30)


class SettlementMachine(RuleBasedStateMachine):
    """Two shops, two payers, days that only grow."""

    market: Market

    def __init__(self) -> None:
        super().__init__()
        self.around = atomic()
        self.around.__enter__()
        self.day, self.serial = FIRST, 0
        self.live: dict[int, tuple[Whose, int]] = {}
        self.paid: dict[int, int] = defaultdict(int)

    @property
    def by(self) -> Any:
        return self.market.by(self.day)

    def pick(self, rows: Any, n: int) -> Any:
        found = list(rows)
        return found[n % len(found)] if found else None

    @rule(days=st.sampled_from([1, 9, 31]))
    def days_go_by(self, days: int) -> None:
        self.day = min(self.day + dt.timedelta(days=days), LAST)

    @rule(film=st.booleans(), count=st.integers(1, 3))
    def a_shop_takes_vouchers(self, film: bool, count: int) -> None:
        m = self.market
        shop, batch = (m.cinema, m.film) if film else (m.noodles, m.soup)
        for _n in range(count):
            made = m.take(shop, batch, at_noon(self.day))
            self.live[made.pk] = (Whose(shop.pk, batch.payer_id), made.owed_fen)

    @rule(n=which)
    def one_is_taken_back(self, n: int) -> None:
        pk = self.pick(sorted(self.live), n)
        if pk is not None:
            self.market.undo(Redemption.objects.get(pk=pk), self.day)
            del self.live[pk]

    @rule(back=st.integers(1, 2))
    def a_month_is_frozen(self, back: int) -> None:
        month = month_of(self.day)
        for _n in range(back):
            month = month_of(month - dt.timedelta(days=1))
        latest = latest_month(self.market.street)
        try:
            with atomic():
                made = freeze_month(self.market.street, month_on=month, **self.by)
        except Refused:
            assert latest is not None
            assert month < latest
            return
        assert made.month_on == month
        assert next_month(month) <= self.day

    @rule(n=which, says=st.sampled_from(["confirm", "dispute", "answer"]))
    def a_list_is_answered(self, n: int, says: str) -> None:
        row = self.pick(lists_of(self.market.street), n)
        if row is None:
            return
        row.street = self.market.street
        acts: dict[str, Any] = {"confirm": confirm_list, "dispute": dispute_list, "answer": answer_dispute}
        before = row.state
        try:
            with atomic():
                made = acts[says](row, words="看过", **self.by)
        except Refused:
            return
        allowed = {"confirm": ("frozen", ("confirmed", "paid")), "dispute": ("frozen", ("disputed",)), "answer": ("disputed", ("frozen",))}  # fmt: skip
        assert before == allowed[says][0]
        assert made.state in allowed[says][1]

    @rule(n=which, fen=st.integers(1, 4_000), same_serial=st.booleans())
    def a_payment_is_written_down(self, n: int, fen: int, same_serial: bool) -> None:
        row = self.pick(lists_of(self.market.street).order_by("pk"), n)
        if row is None:
            return
        self.serial += 0 if same_serial else 1
        serial = f"S{self.serial:05}"
        stands = SettlementPayment.objects.filter(bank_serial=serial, reversed_at__isnull=True).exists()
        may = row.state == "confirmed" and fen <= row.total_fen - self.paid[row.pk] and not stands
        try:
            with atomic():
                self.market.pay(row, fen=fen, serial=serial, day=self.day)
        except Refused:
            assert not may
            return
        assert may
        self.paid[row.pk] += fen

    @rule(n=which)
    def a_payment_was_wrong(self, n: int) -> None:
        payment = self.pick(payments_of(self.market.street).filter(reversed_at__isnull=True).order_by("pk"), n)
        if payment is not None:
            payment.street = self.market.street
            reverse_payment(payment, reason="写错", **self.by)
            self.paid[payment.parts.get().settlement_id] -= payment.amount_fen

    @invariant()
    def lists_and_what_is_open_come_to_what_was_redeemed(self) -> None:
        street = self.market.street
        owed: dict[Whose, int] = defaultdict(int)
        for whose, fen in self.live.values():
            owed[whose] += fen
        said: dict[Whose, int] = defaultdict(int)
        for merchant, payer, fen in Settlement.objects.values_list("merchant", "payer", "total_fen"):
            said[Whose(merchant, payer)] += fen
        for whose, waits in open_of(street).items():
            said[whose] += waits.fen
        assert {k: v for k, v in said.items() if v} == {k: v for k, v in owed.items() if v}
        known = positions(street, at=at_noon(self.day))
        assert {k: p.settled + p.open for k, p in known.items() if p.settled + p.open} == {
            k: v for k, v in owed.items() if v
        }
        assert dict(Settlement.objects.values_list("pk", "paid_fen")) == {
            pk: self.paid[pk] for pk in Settlement.objects.values_list("pk", flat=True)
        }

    def teardown(self) -> None:
        try:
            assert list(wrong(self.market.street)) == []
        finally:
            set_rollback(True)
            self.around.__exit__(None, None, None)


@pytest.mark.slow
def test_settlements_played_at_random_add_up(market: Market):
    SettlementMachine.market = market
    runs = max(5, settings.get_profile("hege").max_examples // (2 if connection.vendor == "sqlite" else 6))
    run_state_machine_as_test(SettlementMachine, settings=settings(stateful_step_count=STEPS, max_examples=runs))
    assert SettlementLine.objects.count() == 0, "every run is rolled back"
