"""Drawing letters of the cut-off procedure and papers of a meeting; each asks the rule of the act it goes with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hege.arrears.cutoff.models import CutoffNotice, UtilityConsent
from hege.arrears.cutoff.queries import cutoff_state, notice_facts, payable_fen, running_notice
from hege.arrears.cutoff.rules import CutoffStep, check_demandable, check_notice, check_noticing, term_ends_on
from hege.arrears.early_warning.queries import overdue_of
from hege.arrears.queries import thresholds_of, who_holds_the_money
from hege.arrears.rules import ThresholdKind
from hege.conferences.models import Conference
from hege.conferences.queries import attendance_of
from hege.conferences.rules import ConferenceState, check_invites
from hege.kernel.clock import day_of
from hege.metering.models import SupplyPoint
from hege.papers.rules import no_deferral
from hege.papers.statements import head_of


def demand_letter(point: SupplyPoint, *, on: dt.date) -> dict[str, Any]:
    """What is overdue, bill by bill; refused where nothing may be demanded (``check_demandable``)."""
    running = running_notice(point)
    bills = overdue_of(point, on=on)
    overdue = sum(left for _bill, left in bills)
    check_demandable(CutoffStep(running.state) if running else None, overdue_fen=overdue)
    terms, money = thresholds_of(point.street, on=on), who_holds_the_money(point, on=on).confirmed
    return {
        **head_of(point, on=on),
        "seen_on": on.isoformat(),
        "bills": [
            {
                "number": bill.number, "opening": bill.opening, "issued_on": bill.issued_on.isoformat(),
                "due_on": bill.due_on.isoformat(), "fen": left,
            }
            for bill, left in bills
        ],
        "overdue_fen": overdue,
        "payable_fen": money.payable,
        "late_fees_fen": money.late_fees,
        "term_days": terms[ThresholdKind.DEMAND_TERM_DAYS],
        "notice_hours": terms[ThresholdKind.NOTICE_HOURS],
    }  # fmt: skip


def cutoff_notice(notice: CutoffNotice, *, filing: str, at: dt.datetime) -> dict[str, Any]:
    """To whom water may be cut, after which demand; refused where a notice served now would be (``check_notice``)."""
    check_noticing(CutoffStep(notice.state))
    facts = notice_facts(notice, served_at=at)
    check_notice(
        **facts, at=at, proof=notice.public_id, filing=filing
    )  # what proves its delivery comes after the paper
    on = day_of(at)
    terms = thresholds_of(notice.street, on=on)
    ends = term_ends_on(facts["delivered_on"], facts["term_days"], facts["calendar"])
    return {
        **head_of(notice.point, on=on),
        "seen_on": on.isoformat(),
        "demanded_on": facts["delivered_on"].isoformat(),
        "term_days": facts["term_days"],
        "term_ends_on": ends.isoformat(),
        "overdue_fen": facts["demanded_fen"],
        "payable_fen": payable_fen(notice, on=on),
        "notice_hours": terms[ThresholdKind.NOTICE_HOURS],
        "restore_hours": terms[ThresholdKind.RESTORE_HOURS],
        "affected": [a._asdict() for a in facts["affected"]],
        "filing": filing.strip(),
        "again": notice.served_at is not None,
    }


def deferral_letter(notice: CutoffNotice, *, on: dt.date) -> dict[str, Any]:
    """Until when a cut waits, on which conditions, and whether the utility agreed; refused where no deferral holds."""
    state = cutoff_state(notice.point, on=on)
    if state.deferral is None or state.last_day is None or state.deferral.notice_id != notice.pk:
        raise no_deferral()
    deferral, last_on = state.deferral, state.last_day
    consent = UtilityConsent.objects.filter(street=notice.street_id, deferral=deferral).order_by("pk").last()
    said = consent and {
        "said_by": consent.said_by, "said_on": consent.said_on.isoformat(), "document": consent.document
    }  # fmt: skip
    return {
        **head_of(notice.point, on=on),
        "seen_on": on.isoformat(),
        "from_on": deferral.from_on.isoformat(),
        "last_on": last_on.isoformat(),
        "renewals": deferral.renewals,
        "decision": deferral.decision,
        "agreement": deferral.agreement_id is not None,
        "consent": said,
        "conditions": [
            {
                "kind": c.kind.value, "fen": c.condition.fen, "text": c.condition.text, "last_on": c.last_on.isoformat(),
                "met_on": c.met_on.isoformat() if c.met_on else None,
            }
            for c in state.conditions
        ],
        "payable_fen": payable_fen(notice, on=on),
        "notice_hours": thresholds_of(notice.street, on=on)[ThresholdKind.NOTICE_HOURS],
    }  # fmt: skip


def meeting(conference: Conference) -> dict[str, Any]:
    """Which meeting, when, where, about what, and who is asked to come; refused once it was held or cancelled."""
    check_invites(ConferenceState(conference.state))
    street, case = conference.street, conference.case
    return {
        "street": street.name,
        "phone": street.phone,
        "case": case.number,
        "case_title": case.title,
        "round": conference.round,
        "meets_on": conference.meets_on.isoformat(),
        "place": conference.place,
        "agenda": conference.agenda,
        "invited": [row.party.name for row in attendance_of(conference) if row.invited_at is not None],
    }
