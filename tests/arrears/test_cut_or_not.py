"""May the water be cut? The whole procedure as tables: what happened by which day, and whether a cut is lawful then."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.arrears.cutoff import actions as cutoff
from hege.arrears.cutoff.models import CutoffNotice, UtilityConsent
from hege.arrears.cutoff.queries import cut_facts, cutoff_state
from hege.arrears.cutoff.rules import ConditionDraft, ConditionKind, Consent, CutoffStep, Delivery, check_cut
from hege.arrears.early_warning.models import EarlyWarning
from hege.billing.actions import reverse_transaction
from hege.billing.chart import TransactionKind
from hege.cases.actions import file_case
from hege.cases.queries import timeline
from hege.cases.rules import LineKind
from hege.kernel.calendar import DAY
from hege.kernel.clock import at_noon, start_of
from hege.kernel.refused import Refused, refusal_of
from hege.procedures.actions import keep_watch
from hege.web.shared.sayings import words_of
from tests.cast import Cast, Row

pytestmark = pytest.mark.once

MARCH = dt.date(2026, 3, 1)


def day(number: int) -> dt.date:
    """A day counted from 1 March 2026, a Sunday."""
    return MARCH + (number - 1) * DAY


class Procedure:
    """A procedure over a bill of 300 yuan that was due on 6 February, played by days of March."""

    def __init__(self, row: Row) -> None:
        self.row = row
        row.bill(fen=30_000)

    @property
    def notice(self) -> CutoffNotice:
        return CutoffNotice.objects.get()

    def demand(self, on: int) -> None:
        cutoff.demand_payment(
            self.row.point, how=Delivery.IN_PERSON, proof="签收单", delivered_on=day(on), by=None, at=at_noon(day(on))
        )

    def notify(self, on: int) -> None:
        at = at_noon(day(on))
        cutoff.give_notice(self.notice, how=Delivery.POSTED, proof="照片", served_at=at, by=None, at=at)

    def defer(self, on: int, until: int) -> None:
        words = ConditionDraft(ConditionKind.OTHER, day(until - 1), text="开户主会")
        deferral = cutoff.defer_cutoff(self.notice, until=day(until), conditions=[words], by=None, at=at_noon(day(on)))
        cutoff.fulfil_condition(deferral.conditions.get(), on=day(on), evidence="纪要", by=None, at=at_noon(day(on)))

    def renew(self, on: int, until: int) -> None:
        words = ConditionDraft(ConditionKind.OTHER, day(until - 1), text="再开户主会")
        cutoff.renew_deferral(
            self.notice.deferrals.get(state="running"), until=day(until), conditions=[words],
            consent=Consent("营业所", day(on), "复函 8 号"), by=None, at=at_noon(day(on)),
        )  # fmt: skip

    def watch(self, on: int) -> None:
        keep_watch(self.row.street, on=day(on), by=None, at=at_noon(day(on)))

    def pay(self, on: int, fen: int = 30_000) -> Any:
        return self.row.pay(TransactionKind.REMITTANCE, fen, on=day(on))

    def bill_again(self, due: int) -> None:
        """Another bill of 100 yuan, issued some days before it is due."""
        self.row.bill("B-2", fen=10_000, from_on=dt.date(2026, 2, 1), until_on=day(due - 5))

    def may_cut(self, on: int) -> str:
        """Why not, empty where it may be; by the rule and, alike, by the act."""
        at = at_noon(day(on))
        by_rule = refusal_of(check_cut, **cut_facts(self.notice, cut_at=at), at=at)
        if by_rule is not None:
            with pytest.raises(Refused, match=str(by_rule)[:12].replace("（", ".")):
                cutoff.cut_water(self.notice, cut_at=at, by=None, at=at)
        return str(by_rule or "")


@pytest.fixture
def played(row: Row) -> Procedure:
    return Procedure(row)


Act = tuple[str, tuple[int, ...]]
DEMANDED_AND_TOLD: list[Act] = [("demand", (2,)), ("notify", (18,))]


@pytest.mark.parametrize(
    ("acts", "on", "why"),
    [
        # Civil Code art. 656: after a demand and a reasonable period, with notice beforehand
        ([("demand", (2,))], 30, "不能变为"),
        (DEMANDED_AND_TOLD, 19, "期限还没有满"),
        (DEMANDED_AND_TOLD, 20, ""),  # noon to noon, 48 hours
        # art. 656: who was promised water must be told anew
        ([*DEMANDED_AND_TOLD, ("defer", (19, 25))], 24, "暂缓停水"),
        ([*DEMANDED_AND_TOLD, ("defer", (19, 25)), ("watch", (25,))], 30, "重新书面通知"),
        ([*DEMANDED_AND_TOLD, ("defer", (19, 25)), ("watch", (25,)), ("notify", (26,))], 27, "期限还没有满"),
        ([*DEMANDED_AND_TOLD, ("defer", (19, 25)), ("watch", (25,)), ("notify", (26,))], 28, ""),
        # several deferrals in a row: the last one's end counts
        (
            [*DEMANDED_AND_TOLD, ("defer", (19, 25)), ("watch", (25,)), ("defer", (26, 28)), ("watch", (28,))],
            35,
            "重新书面通知",
        ),
        (
            [
                *DEMANDED_AND_TOLD, ("defer", (19, 25)), ("watch", (25,)), ("notify", (26,)), ("defer", (27, 28)),
                ("watch", (28,)),
            ],
            35,
            "重新书面通知",
        ),
        ([*DEMANDED_AND_TOLD, ("defer", (19, 25)), ("renew", (20, 28)), ("watch", (28,))], 35, "重新书面通知"),
        (
            [*DEMANDED_AND_TOLD, ("defer", (19, 25)), ("renew", (20, 28)), ("watch", (28,)), ("notify", (30,))],
            32,
            "",
        ),
        # part of the debt is paid: the rest is still owed
        ([*DEMANDED_AND_TOLD, ("pay", (19, 29_999))], 20, ""),
        ([*DEMANDED_AND_TOLD, ("pay", (19, 30_000))], 20, "已经缴清"),
        # a bill that was not overdue when the others were demanded needs a demand and a notice of its own
        ([*DEMANDED_AND_TOLD, ("bill_again", (19,)), ("pay", (20, 30_000))], 25, "另行催缴"),
        ([("demand", (2,)), ("bill_again", (3,)), ("demand", (5,)), ("notify", (23,)), ("pay", (24, 30_000))], 25, ""),
    ],
)  # fmt: skip
def test_water_is_cut_on_a_notice_that_stands_and_on_nothing_else(
    played: Procedure, acts: list[Act], on: int, why: str
):
    for name, days in acts:
        getattr(played, name)(*days)
    said = played.may_cut(on)
    assert why in said if why else said == ""


def test_a_notice_served_while_a_deferral_ran_does_not_count(played: Procedure):
    for name, days in [*DEMANDED_AND_TOLD, ("defer", (19, 25))]:
        getattr(played, name)(*days)
    with pytest.raises(Refused, match="正在暂缓"):
        played.notify(20)
    played.watch(25)
    noon = at_noon(day(24))
    with pytest.raises(Refused, match="不能早于暂缓结束"):
        cutoff.give_notice(
            played.notice, how=Delivery.POSTED, proof="照片", served_at=noon, by=None, at=at_noon(day(26))
        )


@pytest.mark.both
def test_a_street_of_before_forgets_its_spent_notice_at_the_next_watch(cast: Cast, played: Procedure):
    """Until 2026-11 a lapse led back to the notice; such rows are refused by the facts and put right by the watch."""
    case = file_case(
        played.row.street, title="总表欠费", point=played.row.point, by=cast.coordinator, at=at_noon(MARCH)
    )
    for name, days in [*DEMANDED_AND_TOLD, ("defer", (19, 25)), ("watch", (25,))]:
        getattr(played, name)(*days)
    CutoffNotice.objects.update(state=CutoffStep.NOTICED, case=case)
    assert "重新书面通知" in played.may_cut(30)
    played.watch(30)
    assert played.notice.state == CutoffStep.DEMANDED
    lines = timeline(case, internal=True).filter(kind=LineKind.CUTOFF)
    assert any("不再算数" in words_of(line) for line in lines)


# -- restored ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def cut(cast: Cast, played: Procedure) -> Procedure:
    """Water cut on 20 March."""
    played.demand(2)
    case = file_case(
        played.row.street, title="总表欠费", point=played.row.point, by=cast.coordinator, at=at_noon(day(2))
    )
    CutoffNotice.objects.update(case=case)
    played.notify(18)
    cutoff.cut_water(played.notice, cut_at=at_noon(day(20)), by=None, at=at_noon(day(20)))
    return played


def restore_at(played: Procedure, on: int) -> dt.datetime | None:
    return cutoff_state(played.row.point, on=day(on)).restore_at


def late(played: Procedure) -> list[EarlyWarning]:
    return list(EarlyWarning.objects.filter(kind="restore_late", ended_on__isnull=True))


def test_the_time_to_restore_runs_from_the_end_of_the_day_on_which_all_that_was_demanded_is_paid(cut: Procedure):
    cut.bill_again(due=21)  # not demanded: it does not hold the water back
    cut.pay(22, 20_000)
    assert restore_at(cut, 22) is None
    cut.pay(23, 10_000)
    assert restore_at(cut, 23) == start_of(day(25))
    assert restore_at(cut, 22) is None, "a day gone by knows nothing of it"


@pytest.mark.both
def test_it_also_runs_from_the_day_on_which_the_utility_agrees(cut: Procedure):
    said = Consent("营业所", day(21), "复函 9 号")
    cutoff.agree_to_restore(cut.notice, consent=said, by=None, at=at_noon(day(22)))
    assert restore_at(cut, 22) == start_of(day(23))
    assert UtilityConsent.objects.get().deferral is None


def test_its_word_is_not_taken_again_while_the_time_to_restore_runs(cut: Procedure):
    cut.pay(21)
    said = Consent("营业所", day(22), "复函 9 号")
    with pytest.raises(Refused, match="期限已经在走"):
        cutoff.agree_to_restore(cut.notice, consent=said, by=None, at=at_noon(day(22)))


def test_water_that_stays_cut_after_that_is_warned_of_until_it_runs(cut: Procedure):
    cut.pay(23)
    cut.watch(24)
    assert late(cut) == []
    cut.watch(25)
    (warning,) = late(cut)
    assert (warning.since, warning.figures) == (day(25), {"hours": 24, "days": 2})
    cutoff.restore_water(cut.notice, restored_at=at_noon(day(25)), by=None, at=at_noon(day(25)))
    cut.watch(26)
    assert late(cut) == []


@pytest.mark.both
def test_the_case_is_told_once_by_when_water_must_run_and_when_a_payment_is_taken_back(cut: Procedure):
    paid = cut.pay(23)
    for on in (23, 24):
        cut.watch(on)
    reverse_transaction(paid, reason="退票", by=None, at=at_noon(day(24)))
    for on in (25, 26):
        cut.watch(on)
    case = cut.notice.case
    assert case is not None
    lines = [words_of(line) for line in timeline(case, internal=True).filter(kind=LineKind.CUTOFF).order_by("pk")]
    assert [text for text in lines if "恢复供水" in text] == [
        "欠费已缴清或水务公司已同意，应在 3月25日 00:00 前恢复供水。", "缴款已冲正，恢复供水的期限不再计算。",
    ]  # fmt: skip
    assert restore_at(cut, 26) is None
