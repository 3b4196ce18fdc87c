"""Bills, payments, readings and statements: checked against what is known, booked once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from hege.billing.chart import WATER
from hege.billing.models import Acknowledgement, Bill, Payment, Share
from hege.billing.rules import ComponentKind, Rate
from hege.billing.tariff.actions import adopt_tariff
from hege.imports.actions import import_file
from hege.imports.layouts import FileKind
from hege.ledger import actions as ledger
from hege.ledger.models import BalanceAssertion, OpenClaim, SourceRow, Transaction
from hege.ledger.queries import faults
from hege.metering.actions import correct_reading
from hege.metering.models import Reading
from hege.people.models import Street
from tests.imports.files import (
    HEADERS,
    MASTER,
    NOW,
    Row,
    a_street,
    bill,
    bring,
    csv_of,
    meter,
    receipt,
    taken,
    told,
    unit,
    where,
)

pytestmark = pytest.mark.once

K = FileKind


def reading(number: str = "ZB-1", on: str = "2026-01-31", m3: str = "100", method: str = "") -> Row:
    return [number, on, m3, method, "甲", ""]


def remittance(voucher: str = "T-1", *, on: str = "2026-02-15", amount: str = "150", master: str = "ZB-1") -> Row:
    return [on, master, amount, "转账", voucher, "二房东", "已证实", ""]


def direct(voucher: str = "D-1", *, code: str = "002", master: str = "ZB-1", amount: str = "50") -> Row:
    return ["2026-02-15", master, code, amount, "转账", voucher, "李四", "已证实", ""]


def admission(voucher: str = "A-1", *, on: str = "2026-02-16", code: str = "001", amount: str = "50") -> Row:
    return [on, code, amount, voucher, ""]


def assertion(voucher: str = "S-1", *, account: str = "应付水司", code: str = "", amount: str = "609.60") -> Row:
    return ["2026-02-16", "ZB-1", account, code, amount, voucher, ""]


# -- bills -------------------------------------------------------------------------------------------------------------


@pytest.mark.both
def test_a_bill_is_booked_and_shared_to_the_fen(shops: Street):
    booked = Bill.objects.get(number="B-1")
    assert (booked.until_on, booked.issued_on, booked.amount_fen) == (dt.date(2026, 2, 1), dt.date(2026, 1, 31), 60960)
    assert sum(s.amount_fen for s in Share.objects.filter(allocation__bill=booked)) == 60960


def test_a_bill_off_the_price_list_is_booked_as_printed_and_named_with_the_difference(shops: Street):
    rates = [Rate(ComponentKind.SUPPLY, Decimal("3.99")), Rate(ComponentKind.SEWAGE, Decimal("2.34"), Decimal("0.9"))]
    adopt_tariff(
        shops, name="2026 年水价", from_on=dt.date(2026, 2, 1), rates=rates, decision="沪发改 1 号", by=None, at=NOW
    )
    agrees = bill("B-2", first="2026-02-01", last="2026-02-28", before="100", after="200")
    dear = bill(
        "B-3", first="2026-03-01", last="2026-03-31", before="200", after="300", volume="", supply="399.01",
        sewage="211.00", amount="610.01",
    )  # fmt: skip
    cheap = bill(
        "B-4", first="2026-04-01", last="2026-04-30", before="300", after="400", supply="390.00", amount="600.60"
    )
    assert taken(shops, K.BILLS, agrees, dear, cheap).notices == [
        "第 3 行：账单 B-3 的 610.01 元，比按“2026 年水价”算的 609.60 元多 0.41 元；照账单登记，请向水司问明",
        "第 4 行：账单 B-4 的 600.60 元，比按“2026 年水价”算的 609.60 元少 9.00 元；照账单登记，请向水司问明",
    ]
    assert Bill.objects.get(number="B-3").amount_fen == 61_001


def test_a_bill_that_comes_between_two_others_answers_what_was_asked_about_the_later_one(shops: Street):
    march = bill("B-3", first="2026-03-01", last="2026-03-31", before="200", after="300")
    missing = "账单 B-3 之前缺 28 天没有账单（上一张 B-1）；请核对是否漏了一张"
    jump = "账单 B-3 的上期行度 200 接不上上一张 B-1 的本期行度 100；照账单登记，请向水司问明"
    assert taken(shops, K.BILLS, march).notices == [f"第 2 行：{missing}", f"第 2 行：{jump}"]
    february = bill("B-2", first="2026-02-01", last="2026-02-28", before="100", after="199", volume="99", supply="395.01",
                    sewage="208.49", amount="603.50")  # fmt: skip
    assert taken(shops, K.BILLS, february).notices == [
        "账单 B-3 的上期行度 200 接不上上一张 B-2 的本期行度 199；照账单登记，请向水司问明"
    ]


def test_readings_that_come_after_their_bill_are_held_against_it(shops: Street):
    taken(shops, K.METERS, meter("F-1", master="ZB-1"), meter("F-2", master="ZB-1"))
    taken(shops, K.READINGS, *(reading(number, "2025-12-31", "0") for number in ("F-1", "F-2", "ZB-1")))
    outcome = taken(shops, K.READINGS, reading("F-1", m3="60"), reading("F-2", m3="50"), reading("ZB-1", m3="90"))
    assert [n for n in outcome.notices if "B-1" in n] == [
        "账单 B-1 的账期里，分表合计 110 立方米，高于总表 100 立方米；计入使用中允差 4% 和抄表日期差 0 立方米，"
        "最多应为 108.333 立方米；请核对总表、分表读数",
        "账单 B-1 的用水量 100 立方米，按我们自抄的总表读数是 90 立方米（抄表日期差 0 立方米以内）；照账单登记，请向水司问明",
    ]


def test_a_bill_of_a_negative_volume_and_a_positive_sum_is_booked_and_asked_about(shops: Street):
    odd = bill("B-2", first="2026-02-01", last="2026-02-28", before="", after="", volume="-100")
    assert taken(shops, K.BILLS, odd).notices == [
        "第 2 行：账单 B-2 用水量 -100 立方米而金额 609.60 元，正负相反；照账单登记，请核对"
    ]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (bill("B-2", amount="609.61"), "应缴金额"), (bill("B-2", volume="99"), "用水量"),
        (bill("B-2", first="2026-03-31", last="2026-03-01"), "账期止"), (bill("B-2", master="没有"), "总表表号"),
        (bill("B-2", first="2026-12-01", last="2026-12-31"), "账期止"), (bill("B-2", before="", volume=""), "用水量"),
        (bill("B-2", first="2026-01-31", last="2026-02-27"), "账期起"), (bill("B-2", due="", first="2026-02-01", last="2026-02-28"), "应缴日期"),
        (bill("B-1", first="2026-02-01", last="2026-02-28"), "账单号"), (bill("B-2", first="2026-02-01", last="2026-02-28", due="2026-02-27"), "应缴日期"),
        (bill("B-2", first="2026-02-01", last="2026-02-28", issued="2026-04-01"), "应缴日期"),
    ],
)  # fmt: skip
def test_a_bill_that_contradicts_itself_or_the_record_is_refused(shops: Street, row: Row, column: str):
    outcome = bring(shops, K.BILLS, row)
    assert (2, column) in where(outcome)
    assert Bill.objects.count() == 1


def test_bills_of_one_file_may_not_overlap_either(shops: Street):
    rows = [bill("B-2", first="2026-02-01", last="2026-02-28"), bill("B-3", first="2026-02-28", last="2026-03-31")]
    assert where(bring(shops, K.BILLS, *rows)) == [(3, "账期起")]


def test_a_register_that_turned_over_and_a_credit_bill_are_right(shops: Street):
    turned = bill("B-2", first="2026-02-01", last="2026-02-28", before="99950", after="50", volume="100")
    credit = bill("B-1C", before="", after="", volume="-100", supply="-399", sewage="-210.60", amount="-609.60")
    assert taken(shops, K.BILLS, turned, credit).new == 2
    assert list(faults(shops, WATER)) == []


def test_a_bill_without_what_is_needed_stays_unshared_and_says_why(shops: Street):
    taken(shops, K.METERS, meter("ZB-2", "总表"))
    outcome = taken(shops, K.BILLS, bill("B-9", master="ZB-2"))
    assert any("B-9" in n and "分摊方式" in n for n in outcome.notices)
    assert outcome.after["meters"]["ZB-2"]["unshared"] == 60960


# -- payments ----------------------------------------------------------------------------------------------------------


def test_receipts_remittances_and_direct_payments_move_the_totals(shops: Street):
    first = taken(shops, K.RECEIPTS, receipt(amount="￥1００.00"), receipt("", code="002", proof=""))
    assert (first.before["owed"], first.after["owed"], first.after["held"]) == (60960, 40960, 20000)
    assert OpenClaim.objects.count() == 1
    second = taken(shops, K.REMITTANCES, remittance())
    assert (second.after["payable"], second.after["held"]) == (45960, 5000)
    third = taken(shops, K.DIRECT_PAYMENTS, direct())
    assert (third.after["payable"], third.after["owed"]) == (40960, 35960)
    assert list(faults(shops, WATER)) == []


@pytest.mark.both
def test_a_receipt_goes_to_who_was_in_on_the_day_or_last_before_it(street: Street):
    taken(street, K.METERS, MASTER)
    taken(street, K.UNITS, unit(out_on="2026-02-01"), unit(operator="李四", in_on="2026-04-01"))
    taken(
        street, K.RECEIPTS, receipt("1", on="2026-01-31"), receipt("2", on="2026-03-01"), receipt("3", on="2026-04-01")
    )
    rows = Payment.objects.order_by("voucher").select_related("tenancy__party")
    assert [p.tenancy.party.name for p in rows if p.tenancy and p.tenancy.party] == ["张三", "张三", "李四"]
    assert where(bring(street, K.RECEIPTS, receipt("4", on="2024-12-31"))) == [(2, "日期")]


@pytest.fixture
def moved(street: Street) -> Street:
    """张三 left shop 001 on the 16th of January, 李四 came in; both carry a part of the bill of January."""
    taken(street, K.METERS, MASTER)
    taken(street, K.UNITS, unit(out_on="2026-01-17"), unit(operator="李四", in_on="2026-01-17"))
    taken(street, K.BILLS, bill(supply="31.00", sewage="", amount="31.00"))
    return street


def named(kind: FileKind, row: Row, operator: str) -> bytes:
    return csv_of(f"{HEADERS[kind]},经营者", [[*row, operator]])


@pytest.mark.parametrize(
    ("kind", "row"),
    [(K.RECEIPTS, receipt()), (K.DIRECT_PAYMENTS, direct(code="001")), (K.ACKNOWLEDGEMENTS, admission())],
)
def test_a_row_that_falls_to_the_new_tenant_while_the_old_one_owes_is_noticed(moved: Street, kind: FileKind, row: Row):
    (notice,) = taken(moved, kind, row).notices
    assert notice.startswith(
        "第 2 行：商铺 001 从前的租户 张三（2025-01-01 至 2026-01-16） 还欠 16.00 元；这笔按日期记在 李四"
    )
    assert taken(moved, kind, row).notices == ["第 2 行已登记过，没有再登记：表.csv 第 2 行，2026-11-23 登记"]


def test_nothing_is_noticed_once_the_old_tenant_owes_nothing(moved: Street):
    import_file(
        moved,
        K.RECEIPTS,
        "表.csv",
        named(K.RECEIPTS, receipt("0", amount="16"), "张三"),
        by=None,
        at=NOW,
        dry_run=False,
    )
    assert taken(moved, K.RECEIPTS, receipt()).notices == []


@pytest.mark.parametrize(
    ("kind", "row", "model"),
    [
        (K.RECEIPTS, receipt(), Payment),
        (K.DIRECT_PAYMENTS, direct(code="001"), Payment),
        (K.ACKNOWLEDGEMENTS, admission(), Acknowledgement),
    ],
)
def test_a_row_may_name_its_tenant(moved: Street, kind: FileKind, row: Row, model: Any):
    content = named(kind, row, "张三 ")
    outcome = import_file(moved, kind, "表.csv", content, by=None, at=NOW, dry_run=False)
    assert (outcome.faults, outcome.notices, outcome.ignored_columns) == ([], [], [])
    assert model.objects.get().tenancy.party.name == "张三"


def test_a_tenant_nobody_knows_is_refused_with_those_that_are_known(moved: Street):
    outcome = import_file(
        moved, K.RECEIPTS, "表.csv", named(K.RECEIPTS, receipt(), "王五"), by=None, at=NOW, dry_run=False
    )
    ((row, column, reason),) = told(outcome)
    assert (row, column) == (2, "经营者")
    assert "张三（2025-01-01 至 2026-01-16）、李四（2026-01-17 起）" in reason


def test_a_named_tenant_pays_nothing_before_moving_in(moved: Street):
    content = named(K.RECEIPTS, receipt(on="2026-01-10"), "李四")
    assert where(import_file(moved, K.RECEIPTS, "表.csv", content, by=None, at=NOW, dry_run=False)) == [(2, "日期")]


def test_an_empty_tenant_column_makes_no_other_row(moved: Street):
    taken(moved, K.RECEIPTS, receipt(), receipt(""))
    content = csv_of(f"{HEADERS[K.RECEIPTS]},经营者", [[*receipt(), ""], [*receipt(""), ""]])
    again = import_file(moved, K.RECEIPTS, "表.csv", content, by=None, at=NOW, dry_run=False)
    assert (again.new, again.same) == (0, 2)


@pytest.mark.parametrize(
    ("kind", "row", "column"),
    [
        (K.RECEIPTS, receipt(code="999"), "商铺编号"), (K.RECEIPTS, receipt(on="2026-11-24"), "日期"),
        (K.RECEIPTS, receipt(amount="0"), "金额"), (K.RECEIPTS, receipt(amount="-5"), "金额"),
        (K.REMITTANCES, remittance(master="没有"), "总表表号"), (K.DIRECT_PAYMENTS, direct(master="没有"), "总表表号"),
        (K.ACKNOWLEDGEMENTS, admission(amount="-1"), "承认未缴金额"), (K.ACKNOWLEDGEMENTS, admission(on="2026-12-01"), "日期"),
        (K.ASSERTIONS, assertion(account="商铺欠缴"), "商铺编号"), (K.ASSERTIONS, assertion(code="001"), "商铺编号"),
        (K.READINGS, reading("没有"), "表号"), (K.READINGS, reading(on="2026-12-01"), "抄表日期"),
        (K.READINGS, reading(on="2024-12-01"), "抄表日期"), (K.READINGS, reading(m3="100000"), "行度"),
    ],
)  # fmt: skip
def test_a_row_that_names_nobody_or_cannot_be_is_refused(shops: Street, kind: FileKind, row: Row, column: str):
    assert where(bring(shops, kind, row)) == [(2, column)]


def test_a_shop_pays_the_utility_only_behind_its_own_master(shops: Street):
    taken(shops, K.METERS, meter("ZB-2", "总表"))
    assert where(bring(shops, K.DIRECT_PAYMENTS, direct(master="ZB-2"))) == [(2, "总表表号")]


def test_money_for_a_meter_without_an_agent_is_refused(shops: Street):
    taken(shops, K.METERS, meter("ZB-2", "总表"))
    assert "代收人" in told(bring(shops, K.REMITTANCES, remittance(master="ZB-2")))[0][2]
    taken(shops, K.UNITS, unit("201", master="ZB-2"))
    [fault] = bring(shops, K.RECEIPTS, receipt(code="201")).faults
    assert (fault.column, fault.value) == ("商铺编号", "201")
    assert "总表 ZB-2 没有登记代收人" in fault.reason


def test_another_payee_than_the_agent_is_kept_and_noticed(shops: Street):
    outcome = taken(shops, K.RECEIPTS, receipt(payee="他的弟弟"))
    assert any("二房东" in notice for notice in outcome.notices)
    assert Payment.objects.get().counterparty == "他的弟弟"


def test_one_voucher_for_two_things_is_refused_with_the_way_out(shops: Street):
    outcome = bring(shops, K.RECEIPTS, receipt(), receipt(code="002"))
    assert where(outcome) == [(3, "凭证号")]
    assert "-1、-2" in outcome.faults[0].reason
    taken(shops, K.RECEIPTS, receipt())
    clash = bring(shops, K.RECEIPTS, receipt(amount="101"))
    assert "第 2 行" in clash.faults[0].reason
    assert "金额原为“100”，现为“101”" in clash.faults[0].reason
    assert taken(shops, K.RECEIPTS, receipt("R-1-1"), receipt("R-1-2", code="002")).new == 2


def test_the_same_row_twice_with_a_voucher_is_one_payment_and_without_one_two(shops: Street):
    assert taken(shops, K.RECEIPTS, receipt(), receipt()).new == 1
    plain = receipt("", on="2026-03-01")
    assert taken(shops, K.RECEIPTS, plain, plain).new == 2
    assert taken(shops, K.RECEIPTS, plain, plain, plain).new == 1


@pytest.mark.parametrize("cell", [3, 5, 6, 7])
def test_a_row_without_a_voucher_stays_the_same_money_when_a_side_cell_is_edited(shops: Street, cell: int):
    plain = receipt("", proof="")
    taken(shops, K.RECEIPTS, plain)
    edited = list(plain)
    edited[cell] = "已证实" if cell == 6 else "补记"
    outcome = bring(shops, K.RECEIPTS, edited)
    [fault] = outcome.faults
    assert (fault.row, fault.value) == (2, edited[cell])
    assert "已登记过而内容不同" in fault.reason
    assert "现为“" + str(edited[cell]) in fault.reason
    assert "举证" in fault.reason
    assert Payment.objects.count() == 1


def test_equal_payments_are_known_again_in_another_order(shops: Street):
    a, b, c = (receipt("", note=note) for note in ("甲", "乙", "丙"))
    assert taken(shops, K.RECEIPTS, a, b).new == 2
    assert taken(shops, K.RECEIPTS, b).same == 1
    assert taken(shops, K.RECEIPTS, b, a).same == 2
    grown = taken(shops, K.RECEIPTS, c, b, a)
    assert (grown.same, grown.new) == (2, 1)
    assert where(bring(shops, K.RECEIPTS, receipt("", note="丁"), a, c)) == [(2, "备注")]
    assert Payment.objects.count() == 3


def test_a_voucher_that_comes_later_is_doubted(shops: Street):
    taken(shops, K.RECEIPTS, receipt(""))
    outcome = taken(shops, K.RECEIPTS, receipt("R-1"), receipt("R-2", amount="101"))
    assert [(d.row, d.meets) for d in outcome.doubts] == [
        (2, "2026-02-10　100.00 元　微信　没有凭证号（表.csv 第 2 行，2026-11-23 登记）")
    ]
    assert (outcome.booked, Payment.objects.count()) == (0, 1)


def test_a_balance_without_a_document_is_known_by_what_it_says(shops: Street):
    taken(shops, K.ASSERTIONS, assertion(""), assertion("", account="代收人持有"))
    assert where(bring(shops, K.ASSERTIONS, [*assertion("")[:-1], "补记"])) == [(2, "备注")]


def test_one_transfer_for_two_meters_is_two_rows_with_one_number(shops: Street):
    taken(shops, K.METERS, meter("ZB-2", "总表", agent="二房东"))
    assert taken(shops, K.REMITTANCES, remittance(), remittance(master="ZB-2")).new == 2
    assert where(bring(shops, K.REMITTANCES, remittance(amount="151"))) == [(2, "凭证号")]


def test_how_a_row_is_written_does_not_make_it_another_row(shops: Street):
    taken(shops, K.RECEIPTS, receipt(on="2026/2/10", amount="100"))
    assert taken(shops, K.RECEIPTS, receipt(on="2026年2月10日", amount="１００．００元")).same == 1


def test_a_reversed_row_is_free_for_another_file_but_not_for_its_own(shops: Street):
    taken(shops, K.RECEIPTS, receipt())
    ledger.reverse_transaction(Transaction.objects.get(kind="receipt"), reason="记错", by=None, at=NOW)
    again = taken(shops, K.RECEIPTS, receipt())
    assert (again.new, again.same) == (0, 1)
    assert taken(shops, K.RECEIPTS, receipt(amount="90")).new == 1
    assert taken(shops, K.RECEIPTS, receipt(amount="90"), receipt("R-2")).new == 1
    assert sorted(SourceRow.objects.filter(source="receipts").values_list("key", flat=True)) == ["R-1", "R-1~2", "R-2"]
    assert list(faults(shops, WATER)) == []


# -- readings and statements -------------------------------------------------------------------------------------------


@pytest.mark.both
def test_readings_are_kept_in_litres_and_the_same_one_again_is_known(shops: Street):
    taken(shops, K.READINGS, reading(m3="100.5", method="远传"), reading(on="2026-02-28", m3="150", method="估抄"))
    assert [(r.litres, r.method) for r in Reading.objects.order_by("read_on")] == [
        (100500, "remote"),
        (150000, "estimated"),
    ]
    assert taken(shops, K.READINGS, reading(m3="100.50", method="远传")).same == 1
    assert where(bring(shops, K.READINGS, reading(m3="101"))) == [(2, "行度")]


def test_a_lower_reading_and_a_second_one_of_a_day_are_refused(shops: Street):
    outcome = bring(shops, K.READINGS, reading(m3="100"), reading(on="2026-02-28", m3="90"), reading(m3="100"))
    assert where(outcome) == [(3, "行度"), (4, "抄表日期")]


@pytest.mark.both
def test_an_estimate_above_what_is_seen_later_is_named_with_the_bill_it_was_shared_by(street: Street):
    taken(
        street,
        K.METERS,
        meter("ZB-1", "总表", agent="二房东", method="分表"),
        meter("F-1", master="ZB-1"),
        meter("F-2", master="ZB-1"),
    )
    taken(street, K.UNITS, unit("001", sub="F-1"), unit("002", sub="F-2"))
    taken(street, K.READINGS, *[reading(f"F-{n}", "2025-12-31", "10") for n in (1, 2)])
    taken(street, K.READINGS, reading("F-1", m3="30", method="估抄"), reading("F-2", m3="30"))
    taken(street, K.BILLS, bill())
    assert [s.estimated for s in Share.objects.order_by("tenancy__unit__code")] == [True, False]
    notices = taken(street, K.READINGS, reading("F-1", "2026-02-28", "25"), reading("F-2", "2026-02-28", "50")).notices
    [told] = [n for n in notices if "估抄" in n]
    assert "第 2 行：表 F-1 在 2026-01-31 的估抄 30 高于这次看到的 25" in told
    assert "“重新分摊”账单 B-1" in told
    assert taken(street, K.READINGS, reading("F-1", "2026-03-31", "40")).notices == []


def test_a_corrected_reading_stays_corrected_when_its_file_comes_again(shops: Street):
    taken(shops, K.READINGS, reading())
    correct_reading(Reading.objects.get(), litres=110000, reason="看错", by=None, at=NOW)
    again = taken(shops, K.READINGS, reading())
    assert (again.same, again.new) == (1, 0)
    assert any("更正" in notice for notice in again.notices)


@pytest.mark.both
def test_a_bill_shared_by_drawn_readings_is_named_and_so_is_one_that_a_late_reading_would_share_otherwise(
    street: Street,
):
    taken(street, K.METERS, [*MASTER[:-1], "分表"], *(meter(f"FB-{n}", master="ZB-1") for n in (1, 2)))
    taken(street, K.UNITS, unit(sub="FB-1"), unit("002", operator="李四", sub="FB-2"))
    whole = [reading(f"FB-{n}", on, m3) for n in (1, 2) for on, m3 in (("2025-12-31", "0"), ("2026-02-10", "40"))]
    taken(street, K.READINGS, *whole, reading("FB-2", "2026-01-31", "30"), reading("FB-1", "2026-01-20", "20"))
    outcome = taken(street, K.BILLS, bill())
    assert outcome.notices == ["账单 B-1 有 1 户按估抄或推算的读数分摊"]
    assert taken(street, K.READINGS, reading("FB-1", "2026-01-10", "10")).notices == []
    assert taken(street, K.READINGS, reading("FB-2", "2026-02-28", "50")).notices == []
    late = taken(street, K.READINGS, reading("FB-1", "2026-02-01", "39"))
    assert late.notices == ["账单 B-1 分摊时还没有这次的读数；要按新读数分，请凭会议决定重新分摊"]


def test_what_a_shop_admits_is_written_down_and_moves_no_money(shops: Street):
    outcome = taken(shops, K.ACKNOWLEDGEMENTS, admission(), admission("", code="002"))
    assert (outcome.new, outcome.before["owed"], outcome.after["owed"]) == (2, 60960, 60960)
    assert Acknowledgement.objects.filter(amount_fen=5000).count() == 2
    assert taken(shops, K.ACKNOWLEDGEMENTS, admission()).same == 1


@pytest.mark.both
def test_one_statement_may_state_many_balances(shops: Street):
    rows = [
        assertion(),
        assertion(account="代收人持有", amount="0"),
        assertion(account="商铺欠缴", code="001", amount="203.20"),
    ]
    assert taken(shops, K.ASSERTIONS, *rows).new == 3
    assert set(BalanceAssertion.objects.values_list("account_kind", flat=True)) == {"payable", "agent", "tenancy"}
    assert where(bring(shops, K.ASSERTIONS, assertion(amount="1"))) == [(2, "凭证号")]


ALL_AT_ONCE: list[tuple[FileKind, list[Row], set[tuple[int, str]]]] = [
    (K.RECEIPTS, [receipt(on="2027-01-10", code="没有", amount="0")], {(2, "日期"), (2, "商铺编号"), (2, "金额")}),
    (K.RECEIPTS, [receipt(amount="x"), receipt(code="没有"), receipt(amount="-1")],
     {(2, "金额"), (3, "凭证号"), (3, "商铺编号"), (4, "凭证号"), (4, "金额")}),
    (K.DIRECT_PAYMENTS, [direct(master="没有", code="没有", amount="0")], {(2, "总表表号"), (2, "商铺编号"), (2, "金额")}),
    (K.ACKNOWLEDGEMENTS, [admission(on="2027-01-10", code="没有", amount="-5")], {(2, "日期"), (2, "商铺编号"), (2, "承认未缴金额")}),
    (K.ASSERTIONS, [["2027-01-10", "没有", "商铺欠缴", "", "5", "", ""]], {(2, "日期"), (2, "总表表号"), (2, "商铺编号")}),
    (K.READINGS, [reading("没有", m3="x"), reading("没有", on="2027-01-31"), reading("没有", on="2027-01-31", m3="y")],
     {(2, "表号"), (2, "行度"), (3, "表号"), (3, "抄表日期"), (4, "表号"), (4, "行度"), (4, "抄表日期")}),
    (K.BILLS, [bill("B-1", first="2026-01-15", last="2026-01-20", volume="1")], {(2, "账单号"), (2, "用水量")}),
    (K.BILLS, [bill("B-2", amount="x", master="没有"), bill("B-2", last="2026-02-28", amount="1", due="2026-02-01")],
     {(2, "应缴金额"), (2, "总表表号"), (3, "账单号"), (3, "账期起"), (3, "应缴金额"), (3, "应缴日期")}),
    (K.METERS, [meter("F-1", master="没有", start="-1"), meter("F-1", method="等额"), meter("F-2", master="ZB-9", start="x"),
                meter("ZB-9", "总表", since="x")],
     {(2, "起码"), (2, "上级总表"), (3, "表号"), (3, "上级总表"), (3, "分摊方式"), (4, "起码"), (5, "启用日期")}),
    (K.UNITS, [unit("009", area="x", master="没有"), unit("009", area="0")], {(2, "建筑面积"), (2, "总表表号"), (3, "建筑面积"), (3, "入驻日期")}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "rows", "faults"), ALL_AT_ONCE)
def test_every_fault_of_a_row_is_told_at_once(
    shops: Street, kind: FileKind, rows: list[Row], faults: set[tuple[int, str]]
):
    outcome = bring(shops, kind, *rows)
    assert set(where(outcome)) == faults
    assert outcome.rows == outcome.new + outcome.changed + outcome.same + outcome.refused


def test_the_counts_of_a_refused_file_add_up(shops: Street):
    taken(shops, K.RECEIPTS, receipt())
    rows = [
        receipt(),
        receipt(),
        receipt("R-2"),
        receipt("R-3", amount="0"),
        receipt("R-4", code="9"),
        receipt("R-5", proof="x"),
    ]
    outcome = bring(shops, K.RECEIPTS, *rows)
    assert (outcome.rows, outcome.new, outcome.same, outcome.refused) == (6, 1, 2, 3)
    seen = bring(shops, K.READINGS, reading(m3="100"), reading(on="2026-02-28", m3="90"))
    assert (seen.new, seen.refused) == (1, 1)


def test_a_stated_balance_below_zero_is_kept_and_doubted(shops: Street):
    outcome = taken(shops, K.ASSERTIONS, assertion(amount="-5"))
    assert any("负数" in notice for notice in outcome.notices)


def test_a_row_with_a_bad_cell_tells_its_other_faults_too(street: Street):
    a_street(street)
    outcome = bring(street, K.RECEIPTS, ["2026-13-01", "没有这家", "-5", "", "", "", "乱写", ""])
    assert {(f.row, f.column) for f in outcome.faults} == {(2, "日期"), (2, "证据"), (2, "商铺编号"), (2, "金额")}
