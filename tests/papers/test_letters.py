"""Notices, letters and papers of a meeting: what they say, whom they name, and when there is none to issue."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from hege.arrears.cutoff import actions as cutoff
from hege.arrears.cutoff.models import CutoffNotice
from hege.arrears.cutoff.rules import ConditionDraft, ConditionKind, Consent, Delivery
from hege.billing.chart import TransactionKind
from hege.cases.actions import file_case
from hege.conferences import actions as conferences
from hege.conferences.models import Conference
from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.papers.actions import issue_paper
from hege.papers.drawing import Wanted, draw
from hege.papers.models import Paper
from hege.papers.proof import paper_faults
from hege.papers.rules import PaperKind, faults_of, nameless
from hege.places.models import UnitUse
from tests.cast import Cast, Row

pytestmark = pytest.mark.django_db
# As in tests/arrears/test_cutoff.py: due on 6 February, demanded 2 March, term to 17 March, notice 18 March.
DEMANDED, NOTICED, DEFERRED, UNTIL = (
    dt.date(2026, 3, 2), dt.date(2026, 3, 18), dt.date(2026, 3, 19), dt.date(2026, 4, 1)
)  # fmt: skip


def said(kind: PaperKind, row: Row, on: dt.date, **more: Any) -> dict[str, Any]:
    return dict(draw(Wanted(kind, row.street, row.point, **more), at=at_noon(on)).content)


def demanded(row: Row) -> CutoffNotice:
    row.bill(fen=30_000)
    return cutoff.demand_payment(
        row.point, how=Delivery.IN_PERSON, proof="签收单 1", delivered_on=DEMANDED, by=None, at=at_noon(DEMANDED)
    ).notice


def deferred(row: Row) -> CutoffNotice:
    notice = cutoff.give_notice(
        demanded(row), how=Delivery.POSTED, proof="照片", served_at=at_noon(NOTICED), by=None, at=at_noon(NOTICED)
    )
    conditions = [
        ConditionDraft(ConditionKind.REMIT_AT_LEAST, dt.date(2026, 3, 25), fen=10_000),
        ConditionDraft(ConditionKind.OTHER, dt.date(2026, 3, 25), text="二房东每周一公示"),
    ]
    cutoff.defer_cutoff(
        notice, until=UNTIL, conditions=conditions, decision="第 11 次联席会议",
        consent=Consent("营业所", DEFERRED, "复函 7 号"), by=None, at=at_noon(DEFERRED),
    )  # fmt: skip
    return notice


# -- demand --------------------------------------------------------------------------------------------------------------


def test_a_demand_lists_what_is_overdue_bill_by_bill(row: Row):
    row.bill("B-1", fen=30_000)
    row.bill("B-2", fen=20_000, from_on=dt.date(2026, 2, 1), until_on=dt.date(2026, 3, 1))
    row.pay(TransactionKind.REMITTANCE, 1_000, on=dt.date(2026, 2, 20))
    letter = said(PaperKind.DEMAND_LETTER, row, DEMANDED)
    assert [(b["number"], b["fen"]) for b in letter["bills"]] == [("B-1", 29_000)]
    assert (letter["overdue_fen"], letter["payable_fen"], letter["term_days"]) == (29_000, 49_000, 15)
    assert letter["holder"] == "二房东"


def test_nothing_is_demanded_that_is_not_overdue_nor_while_a_cut_waits(row: Row):
    with pytest.raises(Refused, match="没有逾期的账单"):
        said(PaperKind.DEMAND_LETTER, row, DEMANDED)
    deferred(row)
    with pytest.raises(Refused, match="不用再催缴"):
        said(PaperKind.DEMAND_LETTER, row, DEFERRED)


# -- notice of a cut -----------------------------------------------------------------------------------------------------


def test_a_notice_waits_for_the_end_of_the_term_and_lists_everybody(row: Row):
    notice = demanded(row)
    with pytest.raises(Refused, match="合理期限到 2026-03-17 为止"):
        said(PaperKind.CUTOFF_NOTICE, row, dt.date(2026, 3, 17), notice=notice)
    paper = said(PaperKind.CUTOFF_NOTICE, row, NOTICED, notice=notice)
    assert [a["code"] for a in paper["affected"]] == [unit.code for unit in row.units]
    assert (paper["overdue_fen"], paper["notice_hours"], paper["again"]) == (30_000, 48, False)
    assert (paper["demanded_on"], paper["term_ends_on"]) == ("2026-03-02", "2026-03-17")


def test_whoever_needs_a_filing_is_not_noticed_without_one(row: Row):
    notice = demanded(row)
    row.units[0].use = UnitUse.SCHOOL
    row.units[0].save(update_fields=["use"])
    with pytest.raises(Refused, match="须先报供水主管部门备案"):
        said(PaperKind.CUTOFF_NOTICE, row, NOTICED, notice=notice)
    paper = said(PaperKind.CUTOFF_NOTICE, row, NOTICED, notice=notice, filing="沪水备 12 号")
    assert paper["filing"] == "沪水备 12 号"


def test_nobody_is_noticed_who_was_promised_water(row: Row):
    notice = deferred(row)
    notice.refresh_from_db()
    with pytest.raises(Refused, match="正在暂缓停水"):
        said(PaperKind.CUTOFF_NOTICE, row, DEFERRED, notice=notice)


# -- deferral ------------------------------------------------------------------------------------------------------------


def test_a_deferral_says_until_when_on_what_and_who_agreed(row: Row):
    letter = said(PaperKind.DEFERRAL_LETTER, row, DEFERRED, notice=deferred(row))
    assert (letter["from_on"], letter["last_on"]) == ("2026-03-19", "2026-03-31")
    assert [(c["fen"], c["text"]) for c in letter["conditions"]] == [(10_000, ""), (None, "二房东每周一公示")]
    assert letter["consent"] == {"said_by": "营业所", "said_on": "2026-03-19", "document": "复函 7 号"}


def test_a_deferral_that_has_lapsed_is_told_to_nobody(row: Row):
    notice = deferred(row)
    with pytest.raises(Refused, match="没有有效的暂缓"):
        said(PaperKind.DEFERRAL_LETTER, row, dt.date(2026, 3, 26), notice=notice)


# -- public notice -------------------------------------------------------------------------------------------------------

WEEK = {"from_on": dt.date(2026, 3, 16), "last_on": dt.date(2026, 3, 22)}


def test_a_public_notice_names_sums_and_nobody(row: Row):
    deferred(row)
    row.pay(TransactionKind.RECEIPT, 4_000, on=dt.date(2026, 3, 17), unit=0)
    row.pay(TransactionKind.RECEIPT, 2_000, on=dt.date(2026, 3, 2), unit=1)
    row.pay(TransactionKind.RECEIPT, 9_000, on=dt.date(2026, 3, 18), unit=2, confirmed=False)
    row.pay(TransactionKind.REMITTANCE, 1_000, on=dt.date(2026, 3, 20))
    paper = said(PaperKind.PUBLIC_NOTICE, row, dt.date(2026, 3, 23), **WEEK)
    assert paper["period"] == {
        "billed_fen": 0, "collected_fen": 4_000, "paid_fen": 1_000, "receipts": 1, "held_fen": 3_000
    }  # fmt: skip
    assert paper["until_now"] == {"billed_fen": 30_000, "collected_fen": 6_000, "paid_fen": 1_000, "held_fen": 5_000}
    assert (paper["payable_fen"], paper["cutoff"]["consent"], paper["cutoff"]["others"]) == (29_000, True, 1)
    words = json.dumps(paper, ensure_ascii=False)
    names = ["二房东", *(u.name for u in row.units), *(u.code for u in row.units)]
    names += [t.party.name for t in row.tenancies if t.party]
    assert [name for name in names if name in words] == []


def test_a_meter_called_after_somebody_is_not_named_in_public(row: Row):
    row.bill(fen=30_000)
    row.point.name, row.point.location = f"{row.units[0].name}总表", "沿街"
    paper = said(PaperKind.PUBLIC_NOTICE, row, dt.date(2026, 3, 23), **WEEK)
    assert (paper["point_name"], paper["location"], paper["point"]) == ("", "沿街", row.point.code)
    assert nameless("沿街", ["", " "]) == "沿街"


def test_a_public_notice_is_of_a_month_at_most(row: Row):
    with pytest.raises(Refused, match="一张公示最多 31 天"):
        said(
            PaperKind.PUBLIC_NOTICE, row, dt.date(2026, 3, 23), from_on=dt.date(2026, 2, 1), last_on=dt.date(2026, 3, 4)
        )


# -- meetings ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def called(row: Row, cast: Cast) -> Conference:
    """A meeting that was called."""
    by: dict[str, Any] = {"by": cast.coordinator, "at": at_noon(DEMANDED)}
    case = file_case(row.street, title="总表欠费", summary="代收未交。", point=row.point, **by)
    return conferences.call_conference(
        case, meets_on=dt.date(2026, 3, 5), place="综合网格", agenda="谈水费", parties=[cast.office, cast.utility], **by
    )


@pytest.mark.parametrize("kind", [PaperKind.INVITATION, PaperKind.SIGN_IN_SHEET])
def test_a_meeting_is_announced_until_it_is_held(called: Conference, kind: PaperKind, cast: Cast):
    wanted = Wanted(kind, called.street, conference=called)
    drawn = draw(wanted, at=at_noon(DEMANDED))
    assert drawn.total_fen is None
    assert drawn.content["invited"] == [cast.office.name, cast.utility.name]
    made = issue_paper(wanted, digest=drawn.digest, by=cast.coordinator, at=at_noon(DEMANDED))
    assert (made.number, Paper.objects.count()) == ("2026-0001", 1)
    assert list(paper_faults(called.street)) == []
    conferences.cancel_conference(called, reason="改期", by=cast.coordinator, at=at_noon(DEMANDED))
    called.refresh_from_db()
    with pytest.raises(Refused, match="召开之前"):
        draw(wanted, at=at_noon(DEMANDED))


# -- proof ---------------------------------------------------------------------------------------------------------------


def test_what_does_not_add_up_is_named(row: Row):
    row.bill(fen=30_000)
    letter = said(PaperKind.DEMAND_LETTER, row, DEMANDED)
    assert faults_of(PaperKind.DEMAND_LETTER, letter, 30_000) == []
    assert faults_of(PaperKind.DEMAND_LETTER, letter, 1) == ["its total 1 is not the one it says"]
    letter["bills"] = []
    assert faults_of(PaperKind.DEMAND_LETTER, letter, 30_000) == ["bills do not add up: 0 is not 30000"]
    notice = said(PaperKind.PUBLIC_NOTICE, row, dt.date(2026, 3, 23), **WEEK)
    assert faults_of(PaperKind.PUBLIC_NOTICE, notice, 30_000) == []
    notice["until_now"] = {**notice["until_now"], "paid_fen": 1}
    assert len(faults_of(PaperKind.PUBLIC_NOTICE, notice, 30_000)) == 1
