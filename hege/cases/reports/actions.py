"""Taking reports in, looking, merging, and writing down what survey visits found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from hege.attachments.actions import keep_files
from hege.attachments.preparing import Prepared, counted
from hege.cases.actions import add_line, lock_case, lock_running_case, tell, tell_reporters
from hege.cases.models import Case, Report, Reporter, SurveyVisit
from hege.cases.queries import reporter_of
from hege.cases.rules import LineKind, PaysHow, ReceiptsHeld, ReportKind, ReportState, check_report_step
from hege.kernel.checks import check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.personal import hide
from hege.kernel.refused import Refused, Stale
from hege.kernel.saying import Saying
from hege.metering.models import SupplyPoint
from hege.people.models import Membership, Street, User
from hege.places.models import Place, Unit
from hege.search.actions import index_rows
from hege.trail import actions as trail

# -- reports -----------------------------------------------------------------------------------------------------------


@atomic
def submit_report(
    street: Street,
    *,
    kind: ReportKind,
    text: str,
    place: Place | None = None,
    unit: Unit | None = None,
    point: SupplyPoint | None = None,
    reference: str = "",
    reporter_name: str = "",
    reporter_phone: str = "",
    follows: bool = True,
    photos: Sequence[Prepared] = (),
    beside: Callable[[Report], object] | None = None,
    by: User | None,
    at: dt.datetime,
) -> Report:
    """Take a report in (上报). Name and phone of the reporter go to a table of their own and nowhere else, and so does
    what was said where personal numbers stand in it: the report keeps it without them.

    ``follows``: whoever left a telephone wants to be told by SMS what becomes of it. Without a place, that of the unit or the supply point counts: it decides who sees the report. ``beside`` writes the rows
    that go with it, before its line of the trail, which is the same whoever sent it.
    """
    check_same_street(street.pk, place, unit, point)
    said = check_words(text, field="text")
    shown = hide(said)
    report = Report.objects.create(
        street=street, kind=kind, text=shown, unit=unit, point=point, reference=reference, submitted_at=at,
        place=place or (unit.place if unit else None) or (point.place if point else None),
    )  # fmt: skip
    who = {"name": reporter_name.strip(), "phone": reporter_phone.strip(), "words": said if shown != said else ""}
    if any(who.values()):
        Reporter.objects.create(street=street, report=report, follows=follows, **who)
    index_rows([report])
    keep_files(photos, about=report, unnamed=True, by=by, at=at)
    if beside is not None:
        beside(report)
    trail.record(
        "submit_report", report, by=by, at=at, kind=str(report.kind), reference=report.reference, **counted(photos)
    )
    return report


@atomic
def stop_following(report: Report, *, by: User | None, at: dt.datetime) -> Report:
    """Whoever made a report wants no more SMS about it (不再告知); what waits to be sent is asked again by then."""
    locked = lock(report)
    reporter = Reporter.objects.filter(street=report.street, report=locked, follows=True).first()
    if reporter is not None:
        reporter.follows = False
        reporter.save(update_fields=["follows"])
        trail.record("stop_following", locked, by=by, at=at)
    return locked


@atomic
def begin_verifying(report: Report, *, by: User | None, at: dt.datetime) -> Report:
    """Somebody goes and looks (现场核实)."""
    locked = _lock_report(report, ReportState.VERIFYING)
    return _settle_report(locked, ReportState.VERIFYING, "begin_verifying", by=by, at=at)


@atomic
def verify_report(report: Report, *, finding: str, by: User | None, at: dt.datetime) -> Report:
    """Found true and taken up (核实属实，予以受理), with what was found."""
    locked = _lock_report(report, ReportState.ACCEPTED)
    locked.finding = check_words(finding, field="finding")
    tell_reporters(locked.street, [locked], "accepted", at=at)
    return _settle_report(locked, ReportState.ACCEPTED, "verify_report", by=by, at=at)


@atomic
def reject_report(report: Report, *, reason: str, by: User | None, at: dt.datetime) -> Report:
    """Not taken up (不予受理), with the reason."""
    return _turn_down(report, ReportState.REJECTED, "reject_report", reason, by=by, at=at)


@atomic
def withdraw_report(report: Report, *, reason: str, by: User | None, at: dt.datetime) -> Report:
    """The reporter takes it back (撤回)."""
    return _turn_down(report, ReportState.WITHDRAWN, "withdraw_report", reason, by=by, at=at)


@atomic
def merge_report(report: Report, case: Case, *, by: User | None, at: dt.datetime) -> Report:
    """Join a report to a root case (并案): many reports, one case. Refused once the case is closed.

    A report that stands in a case is taken out of it first (拆分), so that the old case tells of it too.
    """
    check_same_street(report.street_id, case)
    root = lock_running_case(case)
    locked = _lock_report(report, ReportState.DUPLICATE)
    locked.case = root
    _settle_report(locked, ReportState.DUPLICATE, "merge_report", by=by, at=at, case=root.number)
    tell(root, LineKind.MERGE, ReportKind(locked.kind).label, by=by, at=at, internal=True, report=locked.public_id)
    return locked


@atomic
def unmerge_report(report: Report, *, reason: str, by: User | None, at: dt.datetime) -> Report:
    """Take a report out of its case again (拆分), with the reason; it is looked at afresh."""
    said = check_words(reason)
    if report.case is None:
        raise Refused(_("这条上报没有并入案件。"))
    root = lock_case(report.case)
    locked = _lock_report(report, ReportState.VERIFYING)
    if locked.case_id != root.pk:
        raise Stale(_("这条上报刚被别人改动，请刷新后再办。"))
    locked.case = None
    _settle_report(locked, ReportState.VERIFYING, "unmerge_report", by=by, at=at, case=root.number, reason=said)
    tell(root, LineKind.UNMERGE, said, by=by, at=at, internal=True, report=locked.public_id)
    return locked


@atomic
def look_up_reporter(report: Report, *, member: Membership, reason: str, by: User, at: dt.datetime) -> Reporter | None:
    """Learn who made a report, for a reason, with a line on the trail that says that somebody looked."""
    if member.user_id != by.pk:
        raise ValueError("a membership of somebody else")
    found = reporter_of(report, for_member=member)
    trail.record("look_up_reporter", report, by=by, at=at, reason=check_words(reason))
    return found


@atomic
def record_visit(
    unit: Unit,
    *,
    visited_on: dt.date,
    pays_how: PaysHow,
    receipts_held: ReceiptsHeld,
    receipts_fen: int | None = None,
    unpaid_fen: int | None = None,
    own_meter: bool | None = None,
    wish: str = "",
    note: str = "",
    case: Case | None = None,
    report: Report | None = None,
    photos: Sequence[Prepared] = (),
    by: User | None,
    at: dt.datetime,
) -> SurveyVisit:
    """Write down what a visit to a shop found (走访摸排). Money is booked elsewhere: this is what was said and shown."""
    check_same_street(unit.street_id, case, report)
    if visited_on > day_of(at):
        raise Refused(_("走访日期不能晚于今天。"), field="visited_on")
    if (receipts_fen is not None and receipts_fen < 0) or (unpaid_fen is not None and unpaid_fen < 0):
        raise Refused(_("金额不能是负数。"), field="unpaid_fen")
    if case is not None:
        case = lock_running_case(case)
    visit = SurveyVisit.objects.create(
        street=unit.street, unit=unit, case=case, report=report, visited_on=visited_on, by=by, pays_how=pays_how,
        receipts_held=receipts_held, receipts_fen=receipts_fen, unpaid_fen=unpaid_fen, own_meter=own_meter, wish=wish,
        note=note, recorded_at=at,
    )  # fmt: skip
    keep_files(photos, about=visit, by=by, at=at)
    if case is not None:
        text = Saying(_("%(shop)s %(how)s"), shop=unit.code, how=pays_how.label)
        add_line(case, kind=LineKind.VISIT, text=text, internal=True, by=by, at=at)
    trail.record(
        "record_visit", visit, by=by, at=at, unit=unit.code, visited_on=visited_on, pays_how=pays_how.value,
        receipts_fen=receipts_fen, unpaid_fen=unpaid_fen, **counted(photos),
    )  # fmt: skip
    return visit


# -- inside ------------------------------------------------------------------------------------------------------------


@atomic
def write_down_visit(
    unit: Unit,
    *,
    point: SupplyPoint,
    pays_how: PaysHow,
    receipts_held: ReceiptsHeld,
    note: str = "",
    case: Case | None = None,
    as_report: bool = False,
    by: User | None,
    at: dt.datetime,
    **said: Any,
) -> SurveyVisit:
    """``record_visit`` and, ``as_report``, the report the visit makes, joined to the case it belongs to: all or nothing."""
    report = None
    if as_report:
        text = _("走访 %(shop)s：水费%(how)s，收据%(receipts)s。%(note)s") % {
            "shop": unit.code, "how": pays_how.label, "receipts": receipts_held.label, "note": note,
        }  # fmt: skip
        report = submit_report(unit.street, kind=ReportKind.VISIT, text=text, unit=unit, point=point, by=by, at=at)
        if case is not None:
            report = merge_report(report, case, by=by, at=at)
    return record_visit(
        unit, pays_how=pays_how, receipts_held=receipts_held, note=note, case=case, report=report, by=by, at=at, **said
    )


def _lock_report(report: Report, to: ReportState) -> Report:
    locked = lock(report)
    check_report_step(ReportState(locked.state), to, kind=ReportKind(locked.kind), case=locked.case)
    return locked


def _turn_down(report: Report, to: ReportState, verb: str, reason: str, *, by: User | None, at: dt.datetime) -> Report:
    locked = _lock_report(report, to)
    locked.finding = check_words(reason)
    tell_reporters(locked.street, [locked], to.value, at=at)
    return _settle_report(locked, to, verb, by=by, at=at, reason=locked.finding)


def _settle_report(
    report: Report, to: ReportState, verb: str, *, by: User | None, at: dt.datetime, **data: Any
) -> Report:
    report.state = to.value
    report.save(update_fields=["state", "finding", "case"])
    trail.record(verb, report, by=by, at=at, **data)
    return report
