"""The bar: it always sums to the payable, solid is confirmed, hatched is one side's word, dotted is the rest."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.arrears.queries import who_holds_the_money
from hege.billing.actions import AcknowledgementDraft, acknowledge_debts, open_book
from hege.billing.chart import TransactionKind
from hege.web.shared.picture import Picture, claims_of, picture
from tests.cast import NOW, Row

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 3, 1)


def drawn(row: Row, said_unpaid: dict[int, int] | None = None) -> Picture:
    return picture(who_holds_the_money(row.point, on=ON), said_unpaid)


def admit(row: Row, unit: int, fen: int) -> None:
    draft = AcknowledgementDraft(point=row.point, tenancy=row.tenancies[unit], on=ON, amount_fen=fen, voucher="1")
    acknowledge_debts(row.street, [draft], by=None, at=NOW)


def test_with_the_utilitys_bills_alone_the_whole_bar_is_dotted(row: Row):
    row.bill(fen=900)
    assert [(p.kind, p.fen) for p in drawn(row).parts if p.fen] == [("unproven", 900)]


def test_a_proven_receipt_moves_to_held_and_an_admission_to_unpaid(row: Row):
    row.bill(fen=900)
    row.pay(TransactionKind.RECEIPT, 200, on=ON, unit=0)
    admit(row, 1, 300)
    bar = drawn(row)
    assert (bar.fen("held"), bar.fen("unpaid"), bar.fen("unproven"), bar.total) == (200, 300, 400, 900)


def test_a_claimed_receipt_is_cut_out_of_what_is_unproven_and_hatched(row: Row):
    row.bill(fen=900)
    row.pay(TransactionKind.RECEIPT, 250, on=ON, unit=0, confirmed=False)
    bar = drawn(row)
    assert (bar.fen("held"), bar.fen("held", claimed=True), bar.fen("unproven")) == (0, 250, 650)


def test_a_claim_never_takes_more_than_its_shop_owes(row: Row):
    row.bill(fen=900)
    row.pay(TransactionKind.RECEIPT, 5_000, on=ON, unit=0, confirmed=False)
    assert drawn(row).fen("held", claimed=True) == 300


def test_a_third_record_against_a_shop_is_amber_but_hatched(row: Row):
    row.bill(fen=900)
    bar = drawn(row, {row.tenancies[2].pk: 120})
    assert (bar.fen("unpaid"), bar.fen("unpaid", claimed=True), bar.fen("unproven")) == (0, 120, 780)


def test_old_debt_nobody_explains_is_dotted_too(row: Row):
    open_book(row.point, on=ON, payable_fen=500, document="水司对账单", by=None, at=NOW)
    assert drawn(row).fen("unproven") == 500


def test_an_advance_is_taken_off_what_is_held_so_that_the_bar_still_sums(row: Row):
    row.bill(fen=900)
    row.pay(TransactionKind.RECEIPT, 450, on=ON, unit=0)
    bar = drawn(row)
    assert (bar.payable, bar.total, bar.credits) == (900, 900, 150)
    assert (bar.fen("held"), bar.fen("unproven")) == (300, 600)


def test_money_the_agent_fronted_is_taken_off_what_the_shops_owe(row: Row):
    row.bill(fen=900)
    row.pay(TransactionKind.REMITTANCE, 600, on=ON)
    bar = drawn(row)
    assert (bar.payable, bar.total, bar.fen("unproven")) == (300, 300, 300)


def test_what_one_shop_paid_for_the_others_is_taken_off_too(row: Row):
    row.bill(fen=900)
    row.pay(TransactionKind.DIRECT_PAYMENT, 700, on=ON, unit=0)
    bar = drawn(row)
    assert (bar.payable, bar.total, bar.difference) == (200, 200, 0)


def test_where_the_utility_owes_there_is_no_bar(row: Row):
    row.bill(fen=900)
    row.pay(TransactionKind.DIRECT_PAYMENT, 2_000, on=ON, unit=0)
    bar = drawn(row)
    assert (bar.payable, bar.total, bar.biggest) == (-1_100, 0, "")


def test_a_remittance_the_utility_does_not_know_leaves_the_bar_and_is_named_beside_it(row: Row):
    row.bill(fen=900)
    row.pay(TransactionKind.RECEIPT, 300, on=ON, unit=0)
    row.pay(TransactionKind.REMITTANCE, 100, on=ON, confirmed=False)
    holding = who_holds_the_money(row.point, on=ON)
    assert picture(holding).fen("held") == 300
    assert claims_of(holding.confirmed, holding.with_claims).remitted == 100


def test_the_sentence_begins_with_the_longest_confirmed_stretch(row: Row):
    row.bill(fen=900)
    assert drawn(row).biggest == "unproven"
    row.pay(TransactionKind.RECEIPT, 300, on=ON, unit=0)
    row.pay(TransactionKind.RECEIPT, 300, on=ON, unit=1)
    assert drawn(row).biggest == "held"
