"""Statements beside a transaction, and the projection they make."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.arrears.queries import who_holds_the_money
from hege.billing.chart import WATER, TransactionKind
from hege.kernel.refused import Refused
from hege.ledger.actions import reverse_transaction, state_evidence
from hege.ledger.models import Evidence, OpenClaim
from hege.ledger.queries import faults
from hege.ledger.rules import EvidenceKind, Level, Side
from hege.trail.models import TrailLine
from tests.cast import NOW

ON = dt.date(2026, 2, 2)
BY: Any = {"by": None, "at": NOW}


@pytest.fixture
def claim(row):
    return row.pay(TransactionKind.RECEIPT, 100, on=ON, unit=0, confirmed=False)


def say(transaction, side, kind, *, supports=True, at=NOW):
    return state_evidence(
        transaction, side=side, kind=kind, supports=supports, stated_on=ON, chart=WATER, by=None, at=at
    )


def test_a_claim_is_confirmed_when_the_other_side_admits_it(claim):
    assert OpenClaim.objects.get().level == Level.CLAIMED
    assert say(claim, Side.PAYEE, EvidenceKind.ORAL_WORD) is Level.CONFIRMED
    assert OpenClaim.objects.count() == 0


def test_a_denied_claim_is_contested_until_a_record_decides(claim):
    assert say(claim, Side.PAYEE, EvidenceKind.ORAL_WORD, supports=False) is Level.CONTESTED
    assert OpenClaim.objects.get().level == Level.CONTESTED
    assert say(claim, Side.THIRD, EvidenceKind.BANK_LINE) is Level.CONFIRMED
    assert say(claim, Side.PAYEE, EvidenceKind.ORAL_WORD, supports=False) is Level.CONFIRMED
    assert Evidence.objects.count() == 4


def test_a_confirmed_payment_can_become_contested_and_leaves_the_headline(row):
    transaction = row.pay(TransactionKind.RECEIPT, 100, on=ON, unit=0)
    assert who_holds_the_money(row.point, on=ON).confirmed.held == 100
    say(transaction, Side.PAYEE, EvidenceKind.ORAL_WORD, supports=False)
    holding = who_holds_the_money(row.point, on=ON)
    assert (holding.confirmed.held, holding.with_claims.held) == (0, 100)


def test_each_statement_is_on_the_trail_with_the_level_it_led_to(row, claim):
    say(claim, Side.THIRD, EvidenceKind.UTILITY_RECORD)
    line = TrailLine.objects.filter(verb="state_evidence").get()
    assert (line.data["kind"], line.data["supports"], line.data["level"]) == ("utility_record", True, "confirmed")


def test_what_has_been_taken_back_cannot_be_proven_any_more(claim):
    mirror = reverse_transaction(claim, reason="登记错", **BY)
    for transaction in (claim, mirror):
        with pytest.raises(Refused, match="已冲正"):
            say(transaction, Side.THIRD, EvidenceKind.BANK_LINE)
    assert Evidence.objects.count() == 1


def test_the_level_of_then_is_judged_by_the_words_of_then(row, claim):
    later = NOW + dt.timedelta(hours=1)
    say(claim, Side.THIRD, EvidenceKind.BANK_LINE, at=later)
    assert who_holds_the_money(row.point, on=ON, known_at=NOW).confirmed.held == 0
    assert who_holds_the_money(row.point, on=ON, known_at=later).confirmed.held == 100


def test_a_projection_that_tells_another_story_is_a_fault(street, claim):
    assert list(faults(street, WATER)) == []
    OpenClaim.objects.all().delete()
    assert f"transaction {claim.pk}: its level is not what its evidence says" in list(faults(street, WATER))
