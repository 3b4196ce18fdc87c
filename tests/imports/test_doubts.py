"""Two papers of one payment: asked about in any order of files, and booked as a person says."""

from __future__ import annotations

import json

import pytest

from hege.billing.chart import WATER
from hege.billing.models import Payment
from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.imports.looking import Outcome
from hege.imports.rules import series
from hege.ledger import actions as ledger
from hege.ledger.models import Evidence, OpenClaim, Transaction
from hege.ledger.queries import faults
from hege.metering.models import SupplyPoint
from hege.people.models import Street
from hege.places.models import Unit
from tests.imports.files import MASTER, NOW, Row, bring, meter, receipt, taken, unit
from tests.imports.test_money_files import direct, remittance

pytestmark = pytest.mark.once

K = FileKind
WALLET, NOTEBOOK = receipt("4200000000000001"), receipt("", on="2026-02-11")
BANK = receipt("B-77", on="2026-02-09")


def both(*rows: int) -> Answers:
    return Answers(both=frozenset(rows))


def same(*rows: int) -> Answers:
    return Answers(same=frozenset(rows))


def asked(outcome: Outcome) -> list[int]:
    assert outcome.booked == 0
    return [doubt.row for doubt in outcome.doubts]


@pytest.mark.parametrize(("first", "second"), [(WALLET, NOTEBOOK), (NOTEBOOK, WALLET)])
def test_two_papers_are_asked_about_whichever_comes_first(shops: Street, first: Row, second: Row):
    taken(shops, K.RECEIPTS, first, name="1.csv")
    outcome = taken(shops, K.RECEIPTS, receipt("9-1", amount="33"), second, name="2.csv")
    assert asked(outcome) == [3]
    assert "1.csv 第 2 行，2026-11-23 登记" in outcome.doubts[0].meets
    assert Payment.objects.count() == 1


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        (K.REMITTANCES, remittance(), remittance("", on="2026-02-16")),
        (K.DIRECT_PAYMENTS, direct(), direct("9990001112")),
    ],
)
def test_money_to_the_utility_is_asked_about_too(shops: Street, kind: FileKind, first: Row, second: Row):
    taken(shops, kind, first)
    assert asked(taken(shops, kind, second)) == [2]


@pytest.mark.parametrize(
    "second",
    [receipt("4200000000000002"), receipt("", on="2026-02-12"), receipt("", amount="100.01"), receipt("", code="002")],
    ids=["a number of the same source", "two days apart", "another sum", "another shop"],
)
def test_another_payment_is_booked_without_a_question(shops: Street, second: Row):
    taken(shops, K.RECEIPTS, WALLET)
    outcome = taken(shops, K.RECEIPTS, second)
    assert (outcome.doubts, outcome.booked) == ([], 1)


def test_the_same_payment_gets_a_further_paper_and_is_better_proven(shops: Street):
    claimed = list(NOTEBOOK)
    claimed[6] = "单方主张"
    before = taken(shops, K.RECEIPTS, claimed).after["held"]
    assert OpenClaim.objects.count() == 1
    outcome = taken(shops, K.RECEIPTS, WALLET, receipt("R-9", code="002", amount="5"), answers=same(2))
    assert (outcome.new, outcome.changed, outcome.after["held"]) == (1, 1, before + 500)
    assert (OpenClaim.objects.count(), Payment.objects.count()) == (0, 2)
    assert Evidence.objects.get(source_row__isnull=False).document == "4200000000000001"
    assert list(faults(shops, WATER)) == []
    again = taken(shops, K.RECEIPTS, WALLET)
    assert (again.same, again.doubts) == (1, [])
    assert taken(shops, K.RECEIPTS, claimed).same == 1


def test_both_books_a_second_payment_and_asks_no_more(shops: Street):
    taken(shops, K.RECEIPTS, WALLET)
    assert taken(shops, K.RECEIPTS, NOTEBOOK, answers=both(2)).booked == 1
    assert Payment.objects.count() == 2
    assert taken(shops, K.RECEIPTS, NOTEBOOK).doubts == []


def test_while_one_row_is_not_answered_nothing_of_the_file_is_booked(shops: Street):
    taken(shops, K.RECEIPTS, WALLET, receipt("4200000000000003", code="002"))
    rows = [NOTEBOOK, receipt("", code="002"), receipt("R-3", code="003")]
    assert asked(taken(shops, K.RECEIPTS, *rows, answers=same(2))) == [3]
    assert asked(bring(shops, K.RECEIPTS, *rows, dry_run=True)) == [2, 3]
    assert Payment.objects.count() == 2


def test_two_equal_rows_of_one_file_stay_two_whatever_is_booked(shops: Street):
    plain = receipt("")
    taken(shops, K.RECEIPTS, plain, name="1.csv")
    outcome = taken(shops, K.RECEIPTS, plain, plain, receipt("", code="002"), name="2.csv")
    assert (outcome.doubts, outcome.same, outcome.new) == ([], 1, 2)


def test_one_payment_is_asked_about_once_and_beside_the_nearest_day(shops: Street):
    taken(shops, K.RECEIPTS, WALLET)
    assert asked(taken(shops, K.RECEIPTS, receipt("", on="2026-02-09"), receipt("", on="2026-02-10"))) == [3]


def test_three_papers_of_one_payment_ask_in_every_order_until_all_are_one(shops: Street):
    taken(shops, K.RECEIPTS, WALLET)
    taken(shops, K.RECEIPTS, NOTEBOOK, answers=same(2))
    assert asked(taken(shops, K.RECEIPTS, BANK)) == [2]
    taken(shops, K.RECEIPTS, BANK, answers=same(2))
    assert taken(shops, K.RECEIPTS, receipt("B-78", on="2026-02-09")).doubts == []
    assert Payment.objects.count() == 2


def test_a_reversed_payment_is_no_doubt_and_gives_its_papers_free(shops: Street):
    taken(shops, K.RECEIPTS, WALLET)
    taken(shops, K.RECEIPTS, NOTEBOOK, answers=same(2))
    ledger.reverse_transaction(Transaction.objects.get(kind="receipt"), reason="记错", by=None, at=NOW)
    assert taken(shops, K.RECEIPTS, NOTEBOOK, receipt("R-5", code="003")).new == 2


def test_an_answer_about_another_payment_than_the_one_shown_is_no_answer(shops: Street):
    taken(shops, K.RECEIPTS, WALLET)
    (doubt,) = bring(shops, K.RECEIPTS, NOTEBOOK, dry_run=True).doubts
    shown = doubt.met
    stale = Answers(same=frozenset({2}), seen={2: shown + "0"})
    assert asked(taken(shops, K.RECEIPTS, NOTEBOOK, answers=stale)) == [2]
    assert taken(shops, K.RECEIPTS, NOTEBOOK, answers=Answers(same=frozenset({2}), seen={2: shown})).changed == 1


def test_what_was_said_of_a_file_comes_back_from_json_as_it_was():
    said = Answers(
        same=frozenset({2, 3}), new=frozenset({9}), seen={2: "t12"}, accept=True, sheet="表一", columns={"店招": "name"},
        constants={"kind": "总表"}, cells={(4, "金额"): "12.30"}, lines={7: "aside"},
    )  # fmt: skip
    assert Answers.of(json.loads(json.dumps(said.as_json()))) == said
    assert (Answers().as_json(), Answers.of({})) == ({}, Answers())


def test_the_same_as_nothing_is_refused(shops: Street):
    outcome = bring(shops, K.RECEIPTS, WALLET, answers=same(2))
    assert [(f.row, outcome.booked) for f in outcome.faults] == [(2, 0)]


def test_numbers_are_of_one_source_by_their_look():
    assert series("SJ-0007") == series("sj-12") == series("SJ-12-1") != ""
    assert series("7") == series("00123")
    assert series("4200000000000001") == series("4200000000000002")
    assert len({series(n) for n in ("SJ-7", "7", "4200000000000001", "1000050001", "")}) == 5


# -- rosters: asked, never made silently --------------------------------------------------------------------------------


def said_new(*rows: int) -> Answers:
    return Answers(new=frozenset(rows))


def test_a_new_shop_with_name_and_operator_of_a_standing_one_is_asked_about(shops: Street):
    twin = unit("0O1", name="001 号铺")
    outcome = bring(shops, K.UNITS, unit("009", operator="赵六"), twin)
    assert asked(outcome) == [3]
    assert (outcome.doubts[0].meets, Unit.objects.count()) == ("商铺 001　001 号铺（张三）", 3)
    assert bring(shops, K.UNITS, twin, answers=said_new(2)).booked == 1
    assert bring(shops, K.UNITS, twin).doubts == []


@pytest.mark.parametrize("number", ["ZB-l", "ZB-11", "BZ-1", "ZB1", "ZB-7"])
def test_a_master_one_slip_from_a_standing_one_is_asked_about(shops: Street, number: str):
    assert asked(bring(shops, K.METERS, meter(number, "总表"))) == [2]
    assert SupplyPoint.objects.count() == 1
    assert bring(shops, K.METERS, MASTER, meter(number, "总表")).booked == 1


def test_a_sub_meter_nobody_names_and_one_slip_from_another_is_asked_about(shops: Street):
    taken(shops, K.METERS, meter("FB-100", master="ZB-1"))
    assert asked(bring(shops, K.METERS, meter("FB-l00", master="ZB-1"), meter("GX-9", master="ZB-1"))) == [2]
    assert bring(shops, K.METERS, meter("FB-l00", master="ZB-1"), answers=said_new(2)).booked == 1


def test_a_first_roster_asks_only_about_a_master_that_looks_like_another(street: Street):
    rows = [unit(f"00{n}", operator=f"某{n}", master=f"ZB-0{n // 3 + 1}") for n in range(1, 8)]
    assert asked(bring(street, K.UNITS, *rows, unit("008", operator="某8", master="ZB-0I"))) == [9]
    outcome = bring(street, K.UNITS, *rows)
    assert (outcome.doubts, outcome.booked) == ([], 7)
    assert asked(bring(street, K.UNITS, unit("009", operator="某9", master="ZB-04"))) == [2]
