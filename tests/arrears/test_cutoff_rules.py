"""Clock tables of the cut-off procedure: month ends, 29 February, holidays, the last millisecond of a Shanghai day."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext
from typing import Any

import pytest

from hege.arrears.cutoff.rules import (
    NEXT_STEP,
    RUNNING_STEPS,
    Affected,
    ConditionDraft,
    ConditionKind,
    ConditionSeen,
    CutoffStep,
    LapseReason,
    Passed,
    PutOff,
    Verdict,
    check_agrees_to_restore,
    check_clear,
    check_cut,
    check_deferrable,
    check_deferral,
    check_demand,
    check_demandable,
    check_fulfil,
    check_notice,
    check_step,
    judge_deferral,
    may_fulfil,
    not_before,
    notice_stands,
    open_steps,
    stood_on,
    term_ends_on,
    working_days_left,
)
from hege.arrears.rules import DEFAULT_THRESHOLDS, Flow, ThresholdKind, check_threshold
from hege.billing.chart import AccountKind as A
from hege.kernel.calendar import DAY, Calendar
from hege.kernel.clock import SHANGHAI
from hege.kernel.refused import Refused, allows, refusal_of

SHOP = Affected("S-1", "五金", "shop", sensitive=False)
KITCHEN = Affected("S-2", "面馆", "catering", sensitive=True)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def shanghai(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def _published() -> Calendar:
    """Spring Festival 15–23 February 2026 with 14 and 28 February worked, 1–7 October with 20 September and 10 October."""
    off = [day("2026-02-15") + n * DAY for n in range(9)] + [day("2026-10-01") + n * DAY for n in range(7)]
    worked = [day(text) for text in ("2026-02-14", "2026-02-28", "2026-09-20", "2026-10-10")]
    return Calendar({**dict.fromkeys(off, False), **dict.fromkeys(worked, True)}, confirmed=range(2000, 2027))


PUBLISHED = _published()


S = CutoffStep
#: A first demand of long ago, a notice served, 5 yuan owed.
OPEN = {
    "lapsed": False,
    "term_ends_on": day("2026-03-17"),
    "today": day("2026-03-18"),
    "served_at": shanghai("2026-03-18 09:00"),
    "payable_fen": 500,
    "overdue_fen": 500,
    "covered_fen": None,
}


@pytest.mark.parametrize(
    ("state", "facts", "steps"),
    [
        (S.DEMANDED, {"served_at": None}, {S.DEMANDED, S.NOTICED, S.WITHDRAWN}),
        (S.DEMANDED, {"served_at": None, "today": day("2026-03-17")}, {S.DEMANDED, S.WITHDRAWN}),
        (S.DEMANDED, {"served_at": None, "overdue_fen": 0}, {S.NOTICED, S.WITHDRAWN}),
        (S.DEMANDED, {"payable_fen": 0}, {S.DEMANDED, S.NOTICED, S.DEFERRED, S.CLEARED, S.WITHDRAWN}),
        (S.NOTICED, {}, {S.NOTICED, S.DEFERRED, S.CUT, S.WITHDRAWN}),
        (S.DEFERRED, {}, {S.DEFERRED}),
        (S.DEFERRED, {"covered_fen": 499}, {S.DEFERRED}),
        (S.DEFERRED, {"covered_fen": 500}, {S.DEFERRED, S.CLEARED}),
        (S.DEFERRED, {"payable_fen": 0}, {S.DEFERRED, S.CLEARED}),
        (S.DEFERRED, {"payable_fen": 0, "lapsed": True}, set()),
        (S.CUT, {"payable_fen": 0}, {S.RESTORED}),
        (S.CLEARED, {}, set()),
    ],
)
def test_the_steps_open_to_a_procedure(state: CutoffStep, facts: dict[str, Any], steps: set[CutoffStep]):
    assert open_steps(state, **{**OPEN, **facts}) == steps


def test_the_utilitys_word_restores_what_is_cut_while_nothing_else_does():
    assert [state for state in S if allows(check_agrees_to_restore, state=state, restoring=False)] == [S.CUT]
    with pytest.raises(Refused, match="期限已经在走"):
        check_agrees_to_restore(S.CUT, restoring=True)


def test_what_is_owed_and_not_overdue_is_not_demanded():
    assert {s for s in [None, *S] if allows(check_demandable, state=s, overdue_fen=1)} == {None, S.DEMANDED}
    assert not allows(check_demandable, state=None, overdue_fen=0)


def test_a_procedure_that_was_noticed_is_not_demanded_again():
    today = day("2026-03-02")
    told: dict[str, Any] = {"overdue_fen": 1, "proof": "签收单", "delivered_on": today, "since": None, "today": today}
    check_demand(state=S.DEMANDED, **told)
    with pytest.raises(Refused, match="不用再催缴"):
        check_demand(state=S.NOTICED, **told)


# -- the term after a demand -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delivered", "ends"),
    [
        ("2026-03-02", "2026-03-17"),
        ("2026-01-31", "2026-02-24"),  # the 15th is in the Spring Festival: the first working day after it
        ("2026-01-30", "2026-02-14"),  # a Saturday that is worked
        ("2024-02-14", "2024-02-29"),
        ("2025-02-14", "2025-03-03"),  # 1 March 2025 is a Saturday
        ("2026-09-16", "2026-10-08"),  # into the National Day holiday
        ("2026-12-17", "2027-01-11"),  # New Year's Day of a year whose notice is not in: the days around it wait
    ],
)
def test_the_reasonable_period_ends_on_a_working_day(delivered: str, ends: str):
    assert term_ends_on(day(delivered), 15, PUBLISHED) == day(ends)


def check_served(**wishes: object) -> None:
    given = {
        "demanded_fen": 1, "delivered_on": day("2026-03-02"), "term_days": 15, "calendar": PUBLISHED,
        "served_at": shanghai("2026-03-18T00:00:00"), "since": None, "at": shanghai("2026-03-20T12:00:00"), "proof": "签收单",
        "affected": [SHOP], "filing": "",
    }  # fmt: skip
    check_notice(**{**given, **wishes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("served", "is_too_early"),
    [("2026-03-17T23:59:59.999", True), ("2026-03-18T00:00:00", False)],
)
def test_a_notice_before_the_end_of_the_term_is_refused_to_the_millisecond(served: str, is_too_early: bool):
    if is_too_early:
        with pytest.raises(Refused, match="合理期限到 2026-03-17 为止"):
            check_served(served_at=shanghai(served))
    else:
        check_served(served_at=shanghai(served))
        assert not is_too_early


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"demanded_fen": 0}, "没有逾期未缴"),
        ({"proof": " "}, "送达凭证"),
        ({"served_at": shanghai("2026-03-21T00:00:00")}, "不能晚于现在"),
        ({"affected": []}, "受影响的商铺"),
        ({"affected": [SHOP, KITCHEN]}, "S-2"),
        ({"since": shanghai("2026-03-18T00:00:00.001")}, "不能早于上一次通知"),
    ],
)
def test_a_notice_is_refused_with_the_reason(wish: dict[str, object], said: str):
    with pytest.raises(Refused, match=said):
        check_served(**wish)


def test_a_filing_number_lifts_the_bar_for_a_kitchen_and_mere_words_do_not():
    check_served(affected=[SHOP, KITCHEN], filing="备案 12 号")
    with pytest.raises(Refused, match="文号"):
        check_served(affected=[SHOP, KITCHEN], filing="已口头报备")


def test_a_demand_is_for_something_overdue_and_can_be_proven():
    today = day("2026-03-02")
    check_demand(state=None, overdue_fen=1, proof="签收单", delivered_on=today, since=None, today=today)
    check_demand(state=None, overdue_fen=1, proof="签收单", delivered_on=today, since=today, today=today)
    for overdue, proof, delivered in [
        (0, "签收单", today),
        (1, "", today),
        (1, "签收单", day("2026-03-03")),
        (1, "签收单", day("2026-02-28")),  # before the procedure was opened
    ]:
        with pytest.raises(Refused):
            check_demand(
                state=None,
                overdue_fen=overdue,
                proof=proof,
                delivered_on=delivered,
                since=day("2026-03-01"),
                today=today,
            )


# -- the cut -----------------------------------------------------------------------------------------------------------


def check_cut_at(cut_on: str, /, **wishes: object) -> None:
    given = {
        "state": CutoffStep.NOTICED, "served_at": shanghai("2026-02-27T09:00:00"), "deferral_ended_at": None,
        "not_before_at": not_before(shanghai("2026-02-27T09:00:00"), 48), "cut_at": shanghai(cut_on),
        "at": shanghai("2026-04-01T00:00:00"), "demanded_fen": 1, "affected": [SHOP],
        "unlisted": (), "filing": "",
    }  # fmt: skip
    check_cut(**{**given, **wishes})  # type: ignore[arg-type]


def test_48_hours_run_over_the_end_of_february_by_the_hour():
    assert not_before(shanghai("2024-02-28T09:00:00"), 48) == shanghai("2024-03-01T09:00:00")
    assert not_before(shanghai("2026-02-27T09:00:00"), 48) == shanghai("2026-03-01T09:00:00")


def test_water_may_be_cut_when_the_notice_has_run_out_and_not_a_millisecond_before():
    with pytest.raises(Refused, match="期限还没有满"):
        check_cut_at("2026-03-01T08:59:59.999")
    check_cut_at("2026-03-01T09:00:00")


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"state": CutoffStep.DEFERRED}, "暂缓停水"),
        ({"state": CutoffStep.DEMANDED}, "已催缴"),
        ({"not_before_at": None}, "期限还没有满"),
        ({"demanded_fen": 0}, "已经缴清"),
        ({"unlisted": {"S-9"}}, "S-9"),
        ({"affected": [KITCHEN]}, "备案"),
        ({"at": shanghai("2026-03-01T09:00:00")}, "不能晚于现在"),
    ],
)
def test_a_cut_is_refused_with_the_reason(wish: dict[str, object], said: str):
    with pytest.raises(Refused, match=said):
        check_cut_at("2026-03-02T09:00:00", **wish)


SERVED = "2026-02-27T09:00:00"


@pytest.mark.parametrize(
    ("served", "ended", "stands"),
    [
        (None, None, False),  # nobody was told: Civil Code art. 656
        (SERVED, None, True),  # no deferral
        ("2026-02-10T00:00:00", SERVED, False),  # served before the deferral ended, whether before or while it ran
        ("2026-02-27T08:59:59.999", SERVED, False),
        (SERVED, SERVED, True),  # served the moment it ended
        ("2026-03-05T09:00:00", SERVED, True),
    ],
)
def test_a_notice_counts_only_when_served_after_the_last_deferral_ended(
    served: str | None, ended: str | None, stands: bool
):
    at, ended_at = shanghai(served) if served else None, shanghai(ended) if ended else None
    assert notice_stands(at, ended_at) is stands
    if at and not stands:
        for state in (CutoffStep.DEMANDED, CutoffStep.NOTICED):
            with pytest.raises(Refused, match="重新书面通知"):
                check_cut_at("2026-03-02T09:00:00", state=state, served_at=at, deferral_ended_at=ended_at)


@pytest.mark.parametrize(
    ("state", "served", "may"),
    [
        (CutoffStep.DEMANDED, None, False),  # no cut was announced: there is none to put off
        (CutoffStep.DEMANDED, SERVED, True),  # an earlier deferral has lapsed
        (CutoffStep.NOTICED, SERVED, True),
        (CutoffStep.DEFERRED, SERVED, False),
        (CutoffStep.CUT, SERVED, False),
    ],
)
def test_only_an_announced_cut_is_put_off(state: CutoffStep, served: str | None, may: bool):
    at = shanghai(served) if served else None
    assert (refusal_of(check_deferrable, state=state, served_at=at) is None) is may


def test_every_step_has_its_row_and_ended_ones_go_nowhere():
    assert set(NEXT_STEP) == set(CutoffStep)
    assert {step for step, following in NEXT_STEP.items() if following} == RUNNING_STEPS
    with pytest.raises(Refused, match="已撤回"):
        check_step(CutoffStep.WITHDRAWN, CutoffStep.CUT)


# -- deferrals ---------------------------------------------------------------------------------------------------------


def remit(due: str, fen: int, key: int = 1) -> ConditionSeen:
    return ConditionSeen(key, ConditionKind.REMIT_AT_LEAST, day(due), fen, None)


def paid(on: str, fen: int) -> Flow:
    return Flow(day(on), A.PAYABLE, A.AGENT, None, 7, fen)


def judge(on: str, *conditions: ConditionSeen, flows: tuple[Flow, ...] = (), breached: str | None = None) -> Verdict:
    return judge_deferral(
        from_on=day("2026-02-01"), until_on=day("2026-03-01"), conditions=conditions, flows=flows, on=day(on),
        breached_on=day(breached) if breached else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("on", "lapse"),
    [("2026-02-28", None), ("2026-03-01", LapseReason.EXPIRED), ("2026-05-01", LapseReason.EXPIRED)],
)
def test_a_deferral_holds_through_its_last_day_and_not_on_the_day_it_is_until(on: str, lapse: LapseReason | None):
    assert judge(on).lapse is lapse
    if lapse:
        assert judge(on).lapsed_on == day("2026-03-01")


@pytest.mark.parametrize(
    ("on", "flows", "lapse"),
    [
        ("2026-02-10", (), None),  # the due day itself is not over
        ("2026-02-11", (), LapseReason.CONDITION_BROKEN),
        ("2026-02-11", (paid("2026-02-10", 500),), None),
        ("2026-02-11", (paid("2026-02-10", 499),), LapseReason.CONDITION_BROKEN),
        ("2026-02-20", (paid("2026-02-11", 500),), LapseReason.CONDITION_BROKEN),  # a day late
        ("2026-02-11", (paid("2026-01-31", 500),), LapseReason.CONDITION_BROKEN),  # before the deferral
        ("2026-02-11", (paid("2026-02-01", 300), paid("2026-02-05", 200)), None),
    ],
)
def test_money_is_judged_by_what_reached_the_utility_from_the_first_to_the_due_day(
    on: str, flows: tuple[Flow, ...], lapse: LapseReason | None
):
    verdict = judge(on, remit("2026-02-10", 500), flows=flows)
    assert verdict.lapse is lapse
    if lapse:
        assert (verdict.lapsed_on, verdict.broken_key) == (day("2026-02-11"), 1)


def test_a_met_condition_names_the_day_it_came_to_enough():
    flows = (paid("2026-02-03", 300), paid("2026-02-05", 300))
    assert judge("2026-02-08", remit("2026-02-10", 500), flows=flows).met == ((1, day("2026-02-05")),)


def test_a_payment_taken_back_does_not_count():
    back = Flow(day("2026-02-05"), A.AGENT, A.PAYABLE, 7, None, 500)
    verdict = judge("2026-02-11", remit("2026-02-10", 500), flows=(paid("2026-02-05", 500), back))
    assert verdict.lapse is LapseReason.CONDITION_BROKEN


@pytest.mark.parametrize(("owed", "lapse"), [(1_000, None), (1_001, LapseReason.CONDITION_BROKEN)])
def test_payable_at_most_looks_at_the_end_of_the_due_day(owed: int, lapse: LapseReason | None):
    ceiling = ConditionSeen(1, ConditionKind.PAYABLE_AT_MOST, day("2026-02-10"), 1_000, None)
    billed = Flow(day("2026-01-31"), A.UNSHARED, A.PAYABLE, None, None, owed + 400)
    newer = Flow(day("2026-02-11"), A.UNSHARED, A.PAYABLE, None, None, 9_000)
    flows = (billed, paid("2026-02-10", 400), newer)
    assert judge("2026-02-11", ceiling, flows=flows).lapse is lapse
    assert judge("2026-02-09", ceiling, flows=flows).lapse is None


def test_what_is_kept_of_a_money_condition_counts_for_nothing():
    once_met = remit("2026-02-10", 500)._replace(fulfilled_on=day("2026-02-05"))
    assert judge("2026-02-10", once_met).met == ()
    assert judge("2026-02-11", once_met).lapse is LapseReason.CONDITION_BROKEN


def test_a_promise_in_words_needs_its_document():
    words = ConditionSeen(3, ConditionKind.OTHER, day("2026-02-10"), None, None)
    assert judge("2026-02-10", words).lapse is None
    assert judge("2026-02-11", words).broken_key == 3
    assert judge("2026-02-11", words._replace(fulfilled_on=day("2026-02-10"))).lapse is None


def test_a_broken_agreement_ends_the_deferral_it_kept():
    assert judge("2026-02-15", breached="2026-02-16").lapse is None
    assert judge("2026-02-16", breached="2026-02-16").lapse is LapseReason.AGREEMENT_BREACHED


def test_a_condition_in_words_is_ticked_once_and_in_time():
    assert may_fulfil(ConditionKind.OTHER, met=False, late=False)
    for kind, met, late in ((ConditionKind.REMIT_AT_LEAST, False, False), (ConditionKind.OTHER, True, False)):
        assert not may_fulfil(kind, met=met, late=late)
    assert not may_fulfil(ConditionKind.OTHER, met=False, late=True)
    today = day("2026-02-05")
    with pytest.raises(Refused, match="已经达成"):
        check_fulfil(ConditionKind.OTHER, met=True, evidence="纪要", on=today, from_on=today, due_on=today, today=today)


def test_money_conditions_are_never_ticked_by_hand():
    today = day("2026-02-05")
    for kind in (ConditionKind.REMIT_AT_LEAST, ConditionKind.PAYABLE_AT_MOST):
        with pytest.raises(Refused, match="已证实的缴款"):
            check_fulfil(kind, met=False, evidence="收据", on=today, from_on=today, due_on=today, today=today)
    with pytest.raises(Refused, match="证据"):
        check_fulfil(ConditionKind.OTHER, met=False, evidence="", on=today, from_on=today, due_on=today, today=today)
    with pytest.raises(Refused, match="没有按时达成"):
        check_fulfil(
            ConditionKind.OTHER,
            met=False,
            evidence="纪要",
            on=today,
            from_on=day("2026-02-01"),
            due_on=day("2026-02-04"),
            today=today,
        )
    with pytest.raises(Refused, match="不能早于暂缓开始"):
        check_fulfil(
            ConditionKind.OTHER,
            met=False,
            evidence="纪要",
            on=day("2026-02-04"),
            from_on=today,
            due_on=today,
            today=today,
        )
    check_fulfil(ConditionKind.OTHER, met=False, evidence="纪要", on=today, from_on=today, due_on=today, today=today)


@pytest.mark.parametrize(
    ("until", "conditions", "said"),
    [
        ("2026-02-05", [ConditionDraft(ConditionKind.OTHER, day("2026-02-05"), text="x")], "晚于今天"),
        ("2026-03-01", [], "至少一项"),
        ("2026-03-01", [ConditionDraft(ConditionKind.OTHER, day("2026-03-01"), text="x")], "到期日"),
        ("2026-03-01", [ConditionDraft(ConditionKind.OTHER, day("2026-02-04"), text="x")], "到期日"),
        ("2026-03-01", [ConditionDraft(ConditionKind.OTHER, day("2026-02-10"))], "写明内容"),
        ("2026-03-01", [ConditionDraft(ConditionKind.REMIT_AT_LEAST, day("2026-02-10"), fen=0)], "写明金额"),
        ("2026-03-01", [ConditionDraft(ConditionKind.PAYABLE_AT_MOST, day("2026-02-10"))], "写明金额"),
    ],
)
def test_a_deferral_without_a_later_end_and_real_conditions_is_refused(
    until: str, conditions: list[ConditionDraft], said: str
):
    with pytest.raises(Refused, match=said):
        check_deferral(today=day("2026-02-05"), until_on=day(until), conditions=conditions)


def test_a_condition_may_fall_due_on_the_last_protected_day():
    conditions = [ConditionDraft(ConditionKind.PAYABLE_AT_MOST, day("2026-02-28"), fen=0)]
    check_deferral(today=day("2026-02-05"), until_on=day("2026-03-01"), conditions=conditions)


@pytest.mark.parametrize(
    ("until", "on", "left"),
    [
        ("2026-02-26", "2026-02-13", 3),  # 14 (worked), 24, 25: the holiday does not count
        ("2026-02-26", "2026-02-14", 2),
        ("2026-03-01", "2026-02-27", 1),  # Saturday 28 February 2026 is worked
        ("2024-03-01", "2024-02-28", 1),  # 29 February
        ("2026-02-26", "2026-02-25", 0),
        ("2026-02-26", "2026-02-27", -2),
    ],
)
def test_working_days_left_are_counted_to_the_last_protected_day(until: str, on: str, left: int):
    assert working_days_left(day(until), day(on), PUBLISHED) == left


@pytest.mark.parametrize(
    ("payable", "overdue", "covered", "said"),
    [
        (0, 0, None, None),
        (1_000, 1_000, None, r"还欠水司 10\.00 元"),
        (1_000, 0, None, r"还欠水司 10\.00 元"),
        (1_000, 1_000, 1_000, None),
        (1_000, 1_000, 999, r"逾期的欠款有 10\.00 元，协议只管 9\.99 元"),
        (1_000, 400, 400, None),  # a bill that came out since and is not overdue does not block
        (600, 0, 0, None),  # all of the agreement is paid; what is owed is new
    ],
)
def test_a_deferral_is_lifted_only_over_nothing_owed_or_an_agreement_over_all_that_is_overdue(
    payable: int, overdue: int, covered: int | None, said: str | None
):
    with nullcontext() if said is None else pytest.raises(Refused, match=said) as refusal:
        check_clear(payable_fen=payable, overdue_fen=overdue, covered_fen=covered)
    assert (refusal is None) is (said is None)


def test_a_legal_term_cannot_be_set_away():
    for kind, value in [(ThresholdKind.DEMAND_TERM_DAYS, 0), (ThresholdKind.NOTICE_HOURS, 1)]:
        with pytest.raises(Refused):
            check_threshold(kind, value)
    for kind, value in DEFAULT_THRESHOLDS.items():
        check_threshold(kind, value)


MARCH = dt.date(2026, 3, 31)
DEFERRED = PutOff(dt.date(2026, 3, 20), dt.date(2026, 4, 20), None)


@pytest.mark.parametrize(
    ("passed", "stood"),
    [
        (Passed(None, None, None, None), (CutoffStep.DEMANDED, None)),
        (Passed(dt.date(2026, 3, 31), dt.date(2026, 4, 1), None, None), (CutoffStep.NOTICED, None)),
        (Passed(dt.date(2026, 3, 5), None, None, None, (DEFERRED,)), (CutoffStep.DEFERRED, dt.date(2026, 4, 20))),
        (
            Passed(dt.date(2026, 3, 5), None, None, None, (DEFERRED._replace(ended_on=dt.date(2026, 3, 30)),)),
            (CutoffStep.DEMANDED, None),
        ),
        (
            Passed(dt.date(2026, 3, 5), dt.date(2026, 3, 25), dt.date(2026, 4, 2), dt.date(2026, 4, 2)),
            (CutoffStep.CUT, None),
        ),
        (Passed(None, None, None, dt.date(2026, 4, 1)), (CutoffStep.DEMANDED, None)),
        (Passed(None, None, None, dt.date(2026, 3, 31)), (CutoffStep.CLEARED, None)),
    ],
)
def test_a_procedure_stood_on_a_past_day_as_was_known_then(passed: Passed, stood: tuple[CutoffStep, dt.date | None]):
    assert stood_on(MARCH, passed, now=CutoffStep.CLEARED) == stood
