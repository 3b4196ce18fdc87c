"""The early warning rules over hand-made histories: every figure can be checked on paper."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from hege.arrears.early_warning.rules import (
    Asserted,
    DeferralSeen,
    Finding,
    MeterSeen,
    PointHistory,
    Trace,
    TraceKind,
    WarningKind,
    life_ends_on,
    warnings_of,
)
from hege.arrears.early_warning.sentences import says, waiting
from hege.arrears.rules import (
    DEFAULT_THRESHOLDS,
    BillSeen,
    Flow,
    Money,
    ThresholdKind,
    UnitMoney,
    overdue_from,
    still_held,
    unpaid_bills,
)
from hege.billing.applying.rules import Debt, DebtKind, Part, Relation, apply, by_first_debt
from hege.billing.applying.rules import Money as Paid
from hege.billing.chart import AccountKind as A
from hege.kernel.calendar import Calendar
from hege.metering.rules import MeterKind
from tests.cast import CERTAIN

AGENT = 7


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def bill(number: str, issued: str, due: str, fen: int = 10_000) -> BillSeen:
    return BillSeen(number, day(issued), day(due), fen)


def booked(*bills: BillSeen) -> list[Flow]:
    return [Flow(b.issued_on, A.UNSHARED, A.PAYABLE, None, None, b.fen) for b in bills]


def received(on: str, fen: int) -> Flow:
    return Flow(day(on), A.AGENT, A.TENANCY, AGENT, None, fen)


def remitted(on: str, fen: int) -> Flow:
    return Flow(day(on), A.PAYABLE, A.AGENT, None, AGENT, fen)


def unit(number: int, charged: int, paid: int, acknowledged: int = 0, direct: int = 0) -> UnitMoney:
    owed, over = max(0, charged - paid), max(0, paid - charged)
    return UnitMoney(number, f"S-{number}", "", None, None, charged, paid, direct, owed, over, 0, acknowledged)


def money(*units: UnitMoney, held: int = 0, unexplained: int = 0) -> Money:
    owed, known = sum(u.owed for u in units), sum(u.acknowledged for u in units)
    return Money(
        payable=0, owed=owed, acknowledged=known, unproven=owed - known, advances=0, passed_over=0, held=held,
        fronted=0, unshared=0, common=0, loss=0, unexplained=unexplained, late_fees=0, units=units, agents=(),
    )  # fmt: skip


def met(history: PointHistory) -> dict[str, list[Part]]:
    """What was paid met by law, of bills that nobody named."""
    debts = [Debt(b.code, DebtKind.BILL, b.issued_on, b.due_on, b.fen) for b in history.bills if b.fen > 0]
    sums = {b.code: (b.issued_on, -b.fen) for b in history.bills if b.fen < 0}
    sums |= {
        str(n): (f.on, f.fen)
        for n, f in enumerate(history.flows)
        if f.debit is A.PAYABLE and f.credit is not A.UNSHARED
    }
    money = [Paid(n, day, fen) for n, (day, fen) in enumerate(sums.values())]
    return by_first_debt(apply(Relation(debts, money)).met, {})


def warned(history: PointHistory, on: str, **own: int) -> dict[WarningKind, Finding]:
    history = replace(history, paid=met(history))
    thresholds = {**DEFAULT_THRESHOLDS, **{ThresholdKind(kind): value for kind, value in own.items()}}
    return {f.kind: f for f in warnings_of(history, thresholds, day(on), CERTAIN)}


JAN = bill("B-1", "2026-01-31", "2026-02-13")
FEB = bill("B-2", "2026-02-28", "2026-03-13")
MAR = bill("B-3", "2026-03-31", "2026-04-14")

# -- a bill is overdue -------------------------------------------------------------------------------------------------


def test_a_bill_is_unpaid_as_far_as_nothing_met_it():
    paid = {
        JAN.code: [Part(day("2026-02-01"), 4_000), Part(day("2026-03-01"), 6_000)],
        FEB.code: [Part(day("2026-03-01"), 1)],
    }
    assert unpaid_bills([FEB, JAN], paid) == [(FEB, 9_999)]
    assert unpaid_bills([FEB, JAN], paid, on=day("2026-02-28")) == [(JAN, 6_000), (FEB, 10_000)]
    assert unpaid_bills([FEB, JAN], {}) == [(JAN, 10_000), (FEB, 10_000)]


@pytest.mark.parametrize(("on", "is_overdue"), [("2026-02-12", False), ("2026-02-13", False), ("2026-02-14", True)])
def test_a_bill_is_overdue_the_day_after_it_was_due(on: str, is_overdue: bool):
    assert (WarningKind.BILL_OVERDUE in warned(PointHistory(bills=[JAN], flows=booked(JAN)), on)) is is_overdue


def test_days_of_grace_are_working_days_and_end_on_one():
    friday = day("2026-02-13")
    assert overdue_from(friday, 0, CERTAIN) == day("2026-02-14")
    assert overdue_from(friday, 1, CERTAIN) == day(
        "2026-02-21"
    )  # Friday the 20th: the four days before it are off by law
    assert overdue_from(friday, 5, CERTAIN) == day("2026-02-27")


def test_a_bill_due_before_new_year_is_not_overdue_before_the_notice_of_the_year_is_in():
    assert overdue_from(day("2026-12-31"), 0, Calendar(confirmed={2026})) == day("2027-01-12")
    assert overdue_from(day("2026-12-31"), 0, CERTAIN) == day("2027-01-01")


def test_an_overdue_bill_names_its_figures_and_evidence():
    history = PointHistory(bills=[JAN, FEB], flows=[*booked(JAN, FEB), remitted("2026-02-20", 4_000)])
    finding = warned(history, "2026-03-20")[WarningKind.BILL_OVERDUE]
    assert finding.since == day("2026-02-14")
    assert (finding.figures["overdue_fen"], finding.figures["bills"], finding.figures["days"]) == (16_000, 2, 35)
    assert [(t.number, t.on, t.fen) for t in finding.evidence] == [
        ("B-1", day("2026-02-13"), 6_000),
        ("B-2", day("2026-03-13"), 10_000),
    ]
    assert says(finding).startswith("2 张账单逾期未缴清，最早一张 B-1 应于 2026-02-13 前缴")
    assert "160.00 元" in says(finding)
    assert "48 小时" in waiting(finding)


def test_it_fires_anew_when_a_newer_bill_falls_overdue():
    history = PointHistory(bills=[JAN, FEB], flows=booked(JAN, FEB))
    first, second = (warned(history, on)[WarningKind.BILL_OVERDUE] for on in ("2026-03-13", "2026-03-14"))
    assert first.state_key != second.state_key
    assert first.since == second.since


def test_an_opening_balance_is_the_oldest_debt_and_is_paid_first():
    opening = BillSeen("对账单", day("2025-12-31"), day("2025-12-31"), 5_000, opening=True)
    history = PointHistory(bills=[opening, JAN], flows=[*booked(opening, JAN), remitted("2026-02-01", 12_000)])
    finding = warned(history, "2026-02-15")[WarningKind.BILL_OVERDUE]
    assert [(t.number, t.fen) for t in finding.evidence] == [("B-1", 3_000)]


# -- money that is held too long -------------------------------------------------------------------------------------


def test_remittances_consume_the_oldest_receipts():
    moves = [(day("2026-01-05"), 100), (day("2026-02-05"), 100), (day("2026-02-20"), -150)]
    assert still_held(moves) == [(day("2026-02-05"), 50)]


def test_money_fronted_before_is_not_held_afterwards():
    assert still_held([(day("2026-01-05"), -100), (day("2026-02-05"), 100)]) == []


@pytest.mark.parametrize(("on", "is_old"), [("2026-03-07", False), ("2026-03-08", True)])
def test_held_money_is_too_old_after_more_than_thirty_days(on: str, is_old: bool):
    history = PointHistory(flows=[received("2026-02-05", 10_000)])
    assert (WarningKind.HELD_TOO_OLD in warned(history, on)) is is_old


def test_held_too_old_counts_what_remittances_left_of_the_oldest_receipts():
    flows = [received("2026-01-05", 10_000), received("2026-03-01", 5_000), remitted("2026-02-01", 7_000)]
    finding = warned(PointHistory(flows=flows), "2026-03-05")[WarningKind.HELD_TOO_OLD]
    assert finding.since == day("2026-02-05")
    assert finding.figures == {"held_fen": 8_000, "old_fen": 3_000, "days": 59, "limit_days": 30}
    assert [(t.on, t.fen) for t in finding.evidence] == [(day("2026-01-05"), 3_000)]


def test_a_reversed_receipt_is_not_held():
    mirror = Flow(day("2026-01-05"), A.TENANCY, A.AGENT, None, AGENT, 10_000)
    assert WarningKind.HELD_TOO_OLD not in warned(
        PointHistory(flows=[received("2026-01-05", 10_000), mirror]), "2026-06-01"
    )


def test_each_agent_answers_for_one_alone():
    other = Flow(day("2026-01-05"), A.AGENT, A.TENANCY, 8, None, 5_000)
    fronted = remitted("2026-01-06", 9_000)
    finding = warned(PointHistory(flows=[other, fronted]), "2026-03-01")[WarningKind.HELD_TOO_OLD]
    assert finding.figures["held_fen"] == 5_000


# -- what is passed on -------------------------------------------------------------------------------------------------


def ratio_history(first: int, second: int) -> PointHistory:
    flows = [
        *booked(JAN, FEB),
        received("2026-02-05", 10_000),
        remitted("2026-02-10", first),
        received("2026-03-05", 10_000),
        remitted("2026-03-10", second),
    ]
    return PointHistory(bills=[JAN, FEB], flows=flows)


def test_two_periods_under_the_ratio_are_warned_of():
    finding = warned(ratio_history(7_000, 6_000), "2026-03-15")[WarningKind.REMITTED_RATIO]
    assert finding.figures == {
        "collected_fen": 20_000,
        "remitted_fen": 13_000,
        "percent": 65,
        "limit_percent": 80,
        "per_period_fen": 3_500,
    }
    assert [t.number for t in finding.evidence] == ["B-1", "B-2"]


@pytest.mark.parametrize(
    ("first", "second", "on"),
    [
        (7_000, 8_000, "2026-03-15"),  # the second period reached 80 %
        (9_000, 6_000, "2026-03-15"),  # only one period in a row
        (7_000, 6_000, "2026-03-13"),  # the second bill is not due yet, so its period is not over
    ],
)
def test_fewer_than_two_low_periods_are_not(first: int, second: int, on: str):
    assert WarningKind.REMITTED_RATIO not in warned(ratio_history(first, second), on)


def test_a_ratio_is_no_matter_once_everything_has_been_passed_on():
    history = ratio_history(7_000, 6_000)
    caught_up = PointHistory(bills=history.bills, flows=[*history.flows, remitted("2026-03-15", 7_000)])
    assert WarningKind.REMITTED_RATIO not in warned(caught_up, "2026-03-20")


# -- growing -----------------------------------------------------------------------------------------------------------


def test_payable_growing_three_periods_running_is_warned_of():
    history = PointHistory(bills=[JAN, FEB, MAR], flows=booked(JAN, FEB, MAR))
    assert WarningKind.PAYABLE_GROWING not in warned(history, "2026-04-14")
    finding = warned(history, "2026-04-15")[WarningKind.PAYABLE_GROWING]
    assert finding.since == day("2026-04-15")
    assert finding.figures == {"payable_fen": 30_000, "before_fen": 0, "periods": 3, "per_period_fen": 10_000}
    assert [(t.number, t.on, t.fen) for t in finding.evidence] == [
        ("B-1", day("2026-02-27"), 10_000), ("B-2", day("2026-03-30"), 20_000), ("B-3", day("2026-04-15"), 30_000),
    ]  # fmt: skip


def test_two_periods_of_growth_are_too_few():
    history = PointHistory(bills=[JAN, FEB], flows=booked(JAN, FEB))
    assert WarningKind.PAYABLE_GROWING not in warned(history, "2026-03-20")


def test_bills_paid_before_they_are_due_are_no_growth_however_little_the_last_one_lacks():
    flows = [*booked(JAN, FEB, MAR), remitted("2026-02-14", 10_000), remitted("2026-03-14", 10_000), remitted("2026-04-14", 9_999)]  # fmt: skip
    history = PointHistory(bills=[JAN, FEB, MAR], flows=flows)
    assert WarningKind.PAYABLE_GROWING not in warned(history, "2026-04-15")


def test_what_is_left_when_a_period_ends_grows_though_the_bills_do_not():
    bills = [JAN, bill("B-2", "2026-02-28", "2026-03-14", 5_000), bill("B-3", "2026-03-31", "2026-04-14", 4_000)]
    flows = [*booked(*bills), remitted("2026-02-14", 6_000), remitted("2026-03-14", 3_000), remitted("2026-04-14", 2_000)]  # fmt: skip
    finding = warned(PointHistory(bills=bills, flows=flows), "2026-04-15")[WarningKind.PAYABLE_GROWING]
    assert [t.fen for t in finding.evidence] == [4_000, 6_000, 8_000]
    assert says(finding) == "每期期末欠水司的钱连续 3 期增加，由 0.00 元增至 80.00 元。"


def test_a_debt_that_is_not_due_for_long_grows_too():
    bills = [bill(f"B-{n}", f"2026-0{n}-28", "2026-08-20") for n in (1, 2, 3, 4)]
    assert set(warned(PointHistory(bills[:3], booked(*bills[:3])), "2026-04-27")) == set()
    finding = warned(PointHistory(bills, booked(*bills)), "2026-04-29")[WarningKind.PAYABLE_GROWING]
    assert (finding.since, finding.figures["payable_fen"]) == (day("2026-04-28"), 30_000)


def test_growth_is_over_when_all_but_the_newest_bill_is_paid():
    apr = bill("B-4", "2026-04-30", "2026-05-14")
    bills = [JAN, FEB, MAR, apr]
    flows = booked(*bills)
    assert WarningKind.PAYABLE_GROWING in warned(PointHistory(bills, flows), "2026-05-02")
    paid = [*flows, remitted("2026-05-02", 30_000)]
    assert WarningKind.PAYABLE_GROWING not in warned(PointHistory(bills, paid), "2026-05-02")


def test_dearer_bills_that_are_paid_in_time_do_not_count_as_growth():
    bills = [bill("B-1", "2026-01-31", "2026-02-14", 1_000), bill("B-2", "2026-02-28", "2026-03-14", 2_000),
             bill("B-3", "2026-03-31", "2026-04-14", 3_000)]  # fmt: skip
    paid = [remitted("2026-02-14", 1_000), remitted("2026-03-14", 2_000)]
    history = PointHistory(bills=bills, flows=[*booked(*bills), *paid])
    assert warned(history, "2026-04-14") == {}


# -- the shops have paid -----------------------------------------------------------------------------------------------


def test_shops_that_paid_more_than_ninety_percent_while_a_bill_is_overdue_are_warned_of():
    units = money(unit(1, 5_000, 5_000), unit(2, 5_000, 4_001), held=9_001)
    finding = warned(PointHistory(bills=[JAN], flows=booked(JAN), money=units), "2026-02-15")
    assert finding[WarningKind.PAID_BUT_OVERDUE].figures == {
        "charged_fen": 10_000,
        "paid_fen": 9_001,
        "percent": 90,
        "overdue_fen": 10_000,
        "held_fen": 9_001,
        "shops": 1,
    }


def test_exactly_ninety_percent_is_not_more():
    units = money(unit(1, 5_000, 5_000), unit(2, 5_000, 4_000), held=9_000)
    history = PointHistory(bills=[JAN], flows=booked(JAN), money=units)
    assert WarningKind.PAID_BUT_OVERDUE not in warned(history, "2026-02-15")


def test_what_one_shop_paid_too_much_does_not_hide_what_another_has_not():
    units = money(unit(1, 5_000, 9_500), unit(2, 5_000, 0), held=9_500)
    history = PointHistory(bills=[JAN], flows=booked(JAN), money=units)
    assert WarningKind.PAID_BUT_OVERDUE not in warned(history, "2026-02-15")


def test_a_bill_not_yet_due_is_not_held_against_the_shops():
    units = money(unit(1, 10_000, 5_000), unit(2, 10_000, 5_000), held=10_000)
    history = PointHistory(bills=[JAN, FEB], flows=booked(JAN, FEB), money=units, not_due={1: 5_000, 2: 5_000})
    assert WarningKind.PAID_BUT_OVERDUE in warned(history, "2026-03-01")


def test_what_shops_paid_the_utility_themselves_was_not_paid_to_the_agent():
    units = money(unit(1, 5_000, 5_000, direct=5_000), unit(2, 5_000, 4_500, direct=500), held=4_000)
    flows = [*booked(JAN), received("2026-02-05", 4_000)]
    assert WarningKind.PAID_BUT_OVERDUE not in warned(PointHistory([JAN], flows, units), "2026-02-15")


def test_an_agent_who_has_passed_everything_on_holds_nothing_back():
    units = money(unit(1, 5_000, 5_000), unit(2, 5_000, 5_000))
    assert WarningKind.PAID_BUT_OVERDUE not in warned(PointHistory([JAN], booked(JAN), units), "2026-02-15")


# -- nobody knows ------------------------------------------------------------------------------------------------------


def test_a_debt_that_nobody_has_a_word_for_is_warned_of():
    units = money(unit(1, 5_000, 0, acknowledged=1_000), unit(2, 5_000, 3_000))
    history = PointHistory(bills=[JAN], flows=booked(JAN), money=units)
    finding = warned(history, "2026-02-15")[WarningKind.UNPROVEN_SHARE_HIGH]
    assert finding.figures == {"unproven_fen": 6_000, "overdue_fen": 10_000, "percent": 60, "shops": 2}


def test_half_the_debt_without_a_word_is_not_too_high():
    units = money(unit(1, 5_000, 0, acknowledged=5_000), unit(2, 5_000, 0))
    history = PointHistory(bills=[JAN], flows=booked(JAN), money=units)
    assert WarningKind.UNPROVEN_SHARE_HIGH not in warned(history, "2026-02-15")


def test_nothing_overdue_is_nothing_unproven():
    units = money(unit(1, 5_000, 0), unit(2, 5_000, 0))
    assert warned(PointHistory(bills=[JAN], flows=booked(JAN), money=units), "2026-02-13") == {}


# -- papers, meters, deferrals -----------------------------------------------------------------------------------------


def test_an_assertion_that_differs_is_warned_of_with_its_difference():
    fine = Asserted("1", "对账单-1", A.PAYABLE, day("2026-01-31"), 10_000, 10_000)
    wrong = Asserted("2", "盘点-2", A.AGENT, day("2026-02-28"), 9_000, 10_000)
    later = Asserted("3", "对账单-3", A.PAYABLE, day("2026-03-31"), 1, 2)
    found = warnings_of(PointHistory(assertions=[fine, wrong, later]), DEFAULT_THRESHOLDS, day("2026-03-01"), CERTAIN)
    assert [(f.kind, f.since, f.figures) for f in found] == [
        (
            WarningKind.ASSERTION_FAILED,
            day("2026-02-28"),
            {"stated_fen": 9_000, "booked_fen": 10_000, "difference_fen": -1_000},
        )
    ]
    assert "相差 -10.00 元" in says(found[0])


@pytest.mark.parametrize(
    ("verified", "diameter", "ends"),
    [
        ("2020-03-15", 20, "2026-03-15"),
        ("2020-03-15", 25, "2026-03-15"),
        ("2020-03-15", 32, "2024-03-15"),
        ("2020-03-15", 50, "2024-03-15"),
        ("2020-02-29", 20, "2026-02-28"),  # Civil Code art. 202: no such day, the month's last one
        ("2020-02-29", 50, "2024-02-29"),
        ("2020-03-15", 80, None),
        ("2020-03-15", None, None),
    ],
)
def test_a_meter_lives_six_years_up_to_dn25_and_four_up_to_dn50(verified: str, diameter: int | None, ends: str | None):
    assert life_ends_on(day(verified), diameter, DEFAULT_THRESHOLDS) == (day(ends) if ends else None)


@pytest.mark.parametrize(("on", "is_past"), [("2026-02-28", False), ("2026-03-01", True)])
def test_a_meter_is_past_its_life_the_day_after(on: str, is_past: bool):
    meter = MeterSeen("FB-1", MeterKind.SUB, 20, day("2020-02-29"), day(on))
    assert (WarningKind.METER_PAST_LIFE in warned(PointHistory(meters=[meter]), on)) is is_past


@pytest.mark.parametrize(("on", "is_missing"), [("2026-03-17", False), ("2026-03-18", True)])
def test_sub_meters_unread_for_more_than_45_days_are_missing(on: str, is_missing: bool):
    meters = [
        MeterSeen("FB-1", MeterKind.SUB, None, day("2025-01-01"), day("2026-01-31")),
        MeterSeen("ZB-1", MeterKind.MASTER, None, day("2025-01-01"), day("2025-01-01")),
    ]
    found = warned(PointHistory(meters=meters), on)
    assert (WarningKind.READINGS_MISSING in found) is is_missing


@pytest.mark.parametrize(
    ("on", "left"),
    [
        ("2026-03-24", None),  # Tuesday: Wed, Thu, Fri, Mon = 4 working days
        ("2026-03-25", 3),
        ("2026-03-28", 1),  # Saturday: Monday is left
        ("2026-03-30", 0),  # the last protected day itself
        ("2026-03-31", None),  # it is over
    ],
)
def test_a_deferral_is_warned_of_three_working_days_before_its_last_day(on: str, left: int | None):
    history = PointHistory(deferrals=[DeferralSeen("d", day("2026-03-31"))])
    found = warned(history, on).get(WarningKind.DEFERRAL_ENDING)
    assert (found.figures["working_days_left"] if found else None) == left


def test_a_healthy_point_is_warned_of_nothing():
    flows = [*booked(JAN, FEB), received("2026-02-05", 10_000), remitted("2026-02-14", 10_000)]
    units = money(unit(1, 10_000, 5_000), unit(2, 10_000, 5_000))
    assert warned(PointHistory(bills=[JAN, FEB], flows=flows, money=units), "2026-03-01") == {}


def test_every_kind_has_its_sentences():
    bill = (Trace(TraceKind.BILL, "B-1", day("2026-01-01")),)
    for kind in WarningKind:
        figures = dict.fromkeys(
            ("bills", "days", "overdue_fen", "charged_fen", "paid_fen", "percent", "held_fen", "old_fen", "limit_days",
             "collected_fen", "remitted_fen", "limit_percent", "periods", "before_fen", "payable_fen", "stated_fen",
             "booked_fen", "difference_fen", "unproven_fen", "meters", "working_days_left", "term_days", "notice_hours",
             "shops", "per_period_fen", "hours"), 1,
        )  # fmt: skip
        finding = Finding(kind, day("2026-01-01"), "days_missing B-1", figures, bill)
        assert says(finding).endswith("。")
        assert waiting(finding).endswith("。")
