"""The same money comes in once, however its numbers are spelled; what Excel wrecked is refused."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hege.billing.actions import PaymentDraft, take_payments
from hege.billing.chart import WATER, TransactionKind
from hege.billing.models import Bill, Payment
from hege.imports.layouts import FileKind
from hege.ledger import actions as ledger
from hege.ledger.actions import Source
from hege.ledger.models import BalanceAssertion, FoldedKey, SourceRow, Transaction
from hege.ledger.queries import doubled, faults
from hege.metering.models import Meter, Reading, SupplyPoint
from hege.people.models import Party, Street
from hege.places.models import Tenancy, Unit
from tests.imports.files import MASTER, NOW, RECEIPTS, Row, bill, bring, meter, receipt, taken, unit, where
from tests.imports.spellings import spellings

pytestmark = pytest.mark.once

K = FileKind
HELD: Row = [*MASTER[:8], "某物业Co", *MASTER[9:]]
ONE_OF_EACH: list[tuple[FileKind, Row, dict[int, str], type[Any]]] = [
    (K.RECEIPTS, receipt("SJ-0007"), {1: "001", 4: "SJ-0007"}, Payment),
    (K.RECEIPTS, receipt(""), {1: "001"}, Payment),
    (K.REMITTANCES, ["2026-02-15", "ZB-1", "150", "转账", "0012345", "二房东", "已证实", ""], {1: "ZB-1", 4: "0012345"}, Payment),
    (K.DIRECT_PAYMENTS, ["2026-02-15", "ZB-1", "002", "50", "转账", "D-1a", "李四", "已证实", ""], {1: "ZB-1", 2: "002", 5: "D-1a"}, Payment),
    (K.BILLS, bill("ZD-2026-h", first="2026-02-01", last="2026-02-28"), {0: "ZD-2026-h", 1: "ZB-1"}, Bill),
    (K.READINGS, ["ZB-1", "2026-01-31", "100", "", "甲", ""], {0: "ZB-1"}, Reading),
    (K.ACKNOWLEDGEMENTS, ["2026-02-16", "001", "50", "A-1", ""], {1: "001", 3: "A-1"}, Transaction),
    (K.ASSERTIONS, ["2026-02-16", "ZB-1", "商铺欠缴", "001", "5", "S-1", ""], {1: "ZB-1", 3: "001", 5: "S-1"}, BalanceAssertion),
    (K.METERS, HELD, {0: "ZB-1", 8: "某物业Co", 9: "二房东"}, SupplyPoint),
    (K.UNITS, unit("001", operator="Wang 张三"), {0: "001", 2: "Wang 张三", 9: "ZB-1"}, Unit),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(ONE_OF_EACH)))
@given(data=st.data())
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_row_comes_once_whatever_the_spelling_of_its_numbers(street: Street, place: int, data: st.DataObject):
    kind, row, numbers, model = ONE_OF_EACH[place]
    if not Meter.objects.exists():
        taken(street, K.METERS, HELD)
        taken(street, K.UNITS, unit("001", operator="Wang 张三"), unit("002", operator="李四"))
        taken(street, K.BILLS, bill())
        taken(street, kind, row)
    count = model.objects.count()
    again = list(row)
    for cell, number in numbers.items():
        again[cell] = data.draw(spellings(number))
    outcome = taken(street, kind, again)
    assert (outcome.new, outcome.changed, outcome.same) == (0, 0, 1)
    assert (model.objects.count(), Tenancy.objects.count(), Meter.objects.count()) == (count, 2, 1)


def test_two_spellings_in_one_file_are_one_row_and_the_printed_form_is_kept(shops: Street):
    outcome = taken(shops, K.RECEIPTS, receipt("'sj 01", code="1"), receipt("SJ01"))
    assert (outcome.new, outcome.same) == (1, 1)
    assert Payment.objects.get().voucher == "sj 01"
    assert SourceRow.objects.get(source="receipts").raw["凭证号"] == "'sj 01"
    taken(shops, K.UNITS, unit("b-7", out_on="2026-01-01"), unit("B－7", operator="新", in_on="2026-01-01"))
    assert Unit.objects.get(code="b-7").tenancies.count() == 2


def test_a_spelling_that_fits_two_shops_is_refused(shops: Street):
    Unit.objects.create(street=shops, code="01", name="旧")
    outcome = bring(shops, K.UNITS, unit("1"))
    assert where(outcome) == [(2, "商铺编号")]
    assert "001、01" in outcome.faults[0].reason


@pytest.mark.parametrize(
    "wrecked",
    ["4.20000E+27", "3.10117E+11", "3E+05", "3.00E+05", "2-Jan", "02-Jan-26", "Jan-26", "1月5日", "2026年1月5日", "2026/1/3",
     "2026-01-03", "2026/1/3 0:00", "4200001234567890000000000000", "'2-Jan", "####"],
)  # fmt: skip
def test_what_excel_made_of_a_number_is_refused_in_every_column_of_numbers(shops: Street, wrecked: str):
    for kind, row, cell in (
        (K.RECEIPTS, receipt(wrecked), "凭证号"), (K.RECEIPTS, receipt(code=wrecked), "商铺编号"),
        (K.BILLS, bill(wrecked), "账单号"), (K.UNITS, unit(wrecked), "商铺编号"), (K.METERS, meter(wrecked), "表号"),
    ):  # fmt: skip
        outcome = bring(shops, kind, row)
        assert where(outcome)[0] == (2, cell)
        assert "设为“文本”" in outcome.faults[0].reason


@pytest.mark.parametrize(
    "genuine",
    [
        "3E5",
        "1-02",
        "A-04",
        "E-5",
        "2-J",
        "4200000000000010",
        "20260305",
        "2026-03",
        "DZ-20260103",
        "1/3",
        "Jan-Feb",
        "1E",
        "10000",
    ],
)
def test_a_genuine_number_stays_as_it_is_printed(shops: Street, genuine: str):
    taken(shops, K.UNITS, unit(genuine, operator="新来的"))
    assert Unit.objects.filter(code=genuine).exists()
    taken(shops, K.RECEIPTS, receipt(genuine, code=genuine))
    assert Payment.objects.get().voucher == genuine


# -- streets made before keys were folded -------------------------------------------------------------------------------


def booked_then(street: Street, voucher: str, raw: dict[str, str], digest: str, fen: int = 10_000) -> None:
    """A receipt with the key and digest an earlier release gave it."""
    tenancy = Tenancy.objects.get(unit__code="001")
    point = SupplyPoint.objects.get()
    source = Source("receipts", voucher, digest, raw, 2)
    on = NOW.date().replace(month=2, day=10)
    draft = PaymentDraft(
        TransactionKind.RECEIPT, point, on, fen, confirmed=True, tenancy=tenancy, voucher=voucher, source=source
    )
    take_payments(street, [draft], by=None, at=NOW)


def migrated() -> None:
    import_module("hege.ledger.migrations.0004_folded_keys").fold_old_keys(apps, None)


def raw_of(row: Row) -> dict[str, str]:
    heads = RECEIPTS.split(",")
    return {head: cell for head, cell in zip(heads, row, strict=True) if cell}


@pytest.mark.both
def test_a_row_of_an_earlier_release_is_known_by_any_spelling(shops: Street):
    booked_then(shops, "sj-0007", raw_of(receipt("sj-0007")), "0" * 64)
    migrated()
    assert FoldedKey.objects.get().key == "SJ-0007"
    for spelled in ("sj-0007", "SJ-0007", "'SJ－0007"):
        assert taken(shops, K.RECEIPTS, receipt(spelled)).same == 1
    assert "金额原为“100”，现为“90”" in bring(shops, K.RECEIPTS, receipt("SJ-0007", amount="90")).faults[0].reason
    assert list(faults(shops, WATER)) == []


def test_a_reversed_row_of_an_earlier_release_leaves_its_number_free(shops: Street):
    booked_then(shops, "sj-0007", raw_of(receipt("sj-0007")), "0" * 64)
    migrated()
    ledger.reverse_transaction(Transaction.objects.get(kind="receipt"), reason="记错", by=None, at=NOW)
    assert taken(shops, K.RECEIPTS, receipt("SJ-0007", amount="90")).new == 1
    assert taken(shops, K.RECEIPTS, receipt("sj-0007", amount="90")).same == 1


@pytest.mark.both
def test_two_old_rows_of_one_number_do_not_stop_the_migration_and_are_named_as_a_doubt(shops: Street):
    for number, voucher in enumerate(("sj-7", "SJ-7", "sj—7")):
        booked_then(shops, voucher, {}, str(number) * 64)
    migrated()
    assert list(faults(shops, WATER)) == []
    [told] = doubled(shops)
    assert "sj-7" in told
    assert "SJ-7" in told
    assert "sj—7" in told
    for transaction in Transaction.objects.filter(kind="receipt")[:2]:
        ledger.reverse_transaction(transaction, reason="重复", by=None, at=NOW)
    assert list(doubled(shops)) == []


@pytest.mark.both
def test_a_party_is_found_by_any_spelling_and_never_made_twice(shops: Street):
    taken(shops, K.UNITS, unit("004", operator=" 李 四 "))
    assert Party.objects.filter(name__startswith="李").count() == 1
