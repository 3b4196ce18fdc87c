"""An agreement from its signing to the last instalment (调解协议); what it comes to is told by the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.cases.actions import add_line
from hege.cases.rules import LineKind, check_move, check_said
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused
from hege.mediation.files.actions import (
    keep_record,
    lock_file,
    move_file,
    put_paper,
    tell_file,
)
from hege.mediation.models import (
    Agreement,
    AgreementDraft,
    AgreementPrint,
    AgreementText,
    Instalment,
    MediationFile,
    MediationRecord,
    Signature,
)
from hege.mediation.queries import breached, earliest_next, parties_of, performed, standings
from hege.mediation.rules import (
    NEXT_AGREEMENT,
    NEXT_CONFIRMATION,
    AgreementState,
    Confirmation,
    DocumentKind,
    FileState,
    SessionKind,
    check_confirmation,
    check_day,
    check_follows,
    check_one_runs,
    why_moved,
)
from hege.metering.models import SupplyPoint
from hege.people.models import Party, User
from hege.places.queries import workday_calendar
from hege.trail import actions as trail


def earlier_restated(point: SupplyPoint, effective: dt.date, *, by: User | None, at: dt.datetime) -> list[Agreement]:
    """The agreements there were over a supply point as the ledger sees them, once a further one may follow them."""
    earlier = [restate(row, by=by, at=at) for row in _earlier(point)]
    check_one_runs(running=any(row.state == AgreementState.PERFORMING for row in earlier))
    check_follows(effective, earliest=max([earliest_next(row, on=day_of(at)) for row in earlier], default=effective))
    return earlier


@transaction.atomic
def begin_agreement(
    file: MediationFile,
    draft: AgreementDraft,
    printed: AgreementPrint,
    *,
    effective: dt.date,
    schedule: Sequence[tuple[dt.date, int]],
    earlier: Sequence[Agreement],
    seals: Sequence[Signature],
    by: User | None,
    at: dt.datetime,
) -> Agreement:
    """Let what was printed take effect (协议生效); ``earlier`` ones over the same supply point are superseded."""
    file.ended_on = day_of(at)
    move_file(file, FileState.AGREED, also=["ended_on"])
    agreement = Agreement.objects.create(
        street=file.street,
        file=file,
        point=draft.point,
        debtor=draft.debtor,
        form=draft.form,
        effective_on=effective,
        debt_fen=draft.debt_fen,
        printed=printed,
    )
    words = {name: printed.content[name] for name in ("facts", "terms", "statement")}
    AgreementText.objects.create(street=file.street, agreement=agreement, sha256=printed.sha256, at=at, **words)
    Instalment.objects.bulk_create(
        Instalment(street=file.street, agreement=agreement, number=number, due_on=due_on, amount_fen=fen)
        for number, (due_on, fen) in enumerate(schedule, start=1)
    )
    put_paper(file, DocumentKind.AGREEMENT, draft.terms, effective, by=by, at=at)
    _tell_agreement(
        agreement,
        "record_agreement",
        agreement.get_form_display(),
        by=by,
        at=at,
        debt_fen=draft.debt_fen,
        effective_on=effective,
        instalments=printed.content["instalments"],
        sha256=printed.sha256,
    )
    for row in earlier:
        restate(row, by=by, at=at)
    return agreement


@transaction.atomic
def apply_for_confirmation(
    agreement: Agreement,
    *,
    court: str,
    applicants: Sequence[Party],
    applied_on: dt.date,
    by: User | None,
    at: dt.datetime,
) -> Agreement:
    """The parties jointly ask the court to confirm (申请司法确认, art. 33). Refused after 30 days from effect."""
    locked = _lock_agreement(agreement)
    check_move(Confirmation(locked.confirmation), Confirmation.APPLIED, NEXT_CONFIRMATION)
    locked.confirmation = Confirmation.APPLIED
    if applied_on > day_of(at):
        raise Refused(_("日期不能晚于今天。"), field="applied_on")
    check_confirmation(
        effective=locked.effective_on,
        applied_on=applied_on,
        applicants={party.pk for party in applicants},
        parties={row.party_id for row in parties_of(locked.file)},
        calendar=workday_calendar(locked.street_id),
    )
    locked.applied_on, locked.court = applied_on, check_said(court, field="court")
    locked.save(update_fields=["confirmation", "applied_on", "court"])
    put_paper(locked.file, DocumentKind.CONFIRMATION, court, applied_on, by=by, at=at)
    _tell_agreement(locked, "apply_for_confirmation", Confirmation.APPLIED.label, by=by, at=at, applied_on=applied_on)
    return locked


@transaction.atomic
def record_confirmation(
    agreement: Agreement, *, confirmed: bool, decided_on: dt.date, ruling: str, by: User | None, at: dt.datetime
) -> Agreement:
    """What the court decided (司法确认结果), with the number of its ruling."""
    locked = _lock_agreement(agreement)
    to = Confirmation.CONFIRMED if confirmed else Confirmation.REJECTED
    check_move(Confirmation(locked.confirmation), to, NEXT_CONFIRMATION)
    locked.confirmation = to
    check_day(decided_on, earliest=locked.applied_on or locked.effective_on, today=day_of(at), field="decided_on")
    locked.decided_on, locked.ruling = decided_on, check_said(ruling, field="ruling")
    locked.save(update_fields=["confirmation", "decided_on", "ruling"])
    put_paper(locked.file, DocumentKind.CONFIRMATION, ruling, decided_on, by=by, at=at)
    _tell_agreement(locked, "record_confirmation", to.label, by=by, at=at, confirmed=confirmed, ruling=locked.ruling)
    return locked


@transaction.atomic
def mark_breached(agreement: Agreement, *, by: User | None, at: dt.datetime) -> Agreement:
    """Write down that an instalment was late (违约). Refused unless the ledger says so."""
    locked = _lock_agreement(agreement)
    today = day_of(at)
    if not breached(locked, today):
        raise Refused(_("各期都按时到账，没有违约。"))
    _stand(locked, AgreementState.BREACHED, today)
    _tell_agreement(locked, "mark_breached", AgreementState.BREACHED.label, by=by, at=at)
    return locked


@transaction.atomic
def mark_performed(agreement: Agreement, *, by: User | None, at: dt.datetime) -> Agreement:
    """Write down that all has been paid (履行完毕), late or in time. Refused unless the ledger meets every instalment."""
    locked = _lock_agreement(agreement)
    today = day_of(at)
    if not performed(locked, today):
        raise Refused(_("还有分期没有到账，不能登记履行完毕。到账以水司确认的款项为准。"))
    _stand(locked, AgreementState.PERFORMED, today)
    put_paper(locked.file, DocumentKind.PERFORMANCE, f"{AgreementState.PERFORMED.label} {today}", today, by=by, at=at)
    _tell_agreement(locked, "mark_performed", AgreementState.PERFORMED.label, by=by, at=at)
    return locked


@transaction.atomic
def restate(agreement: Agreement, *, by: User | None, at: dt.datetime) -> Agreement:
    """Bring the state of an agreement to what the ledger says today (按账更正), both ways, with the reason.

    A payment taken back undoes "performed", one imported late undoes "breached", a later agreement over the same
    supply point ends it. Changes nothing when it is so already; that all is performed is for a person to write down.
    """
    locked = _lock_agreement(agreement)
    before, to = AgreementState(locked.state), standings([locked], on=day_of(at))[locked.pk]
    if to is before:
        return locked
    _stand(locked, to, day_of(at))
    why = str(why_moved(before, to))
    # The one move ahead is a breach like any that a person marks; every other one corrects what was written before.
    verb = "mark_breached" if before is AgreementState.PERFORMING else "restate_agreement"
    said = f"{to.label}：{why}"
    _tell_agreement(locked, verb, said, by=by, at=at, before=before.value, state=to.value, why=why)
    return locked


@transaction.atomic
def record_return_visit(
    agreement: Agreement, *, visited_on: dt.date, text: str, satisfied: bool, by: User | None, at: dt.datetime
) -> MediationRecord:
    """Ask the parties afterwards how the agreement is being kept (回访记录)."""
    file = lock_file(agreement.file)
    check_day(visited_on, earliest=agreement.effective_on, today=day_of(at), field="visited_on")
    record = keep_record(file, SessionKind.RETURN_VISIT, visited_on, text, satisfied=satisfied, by=by, at=at)
    put_paper(file, DocumentKind.RETURN_VISIT, record.text, visited_on, by=by, at=at)
    said = SessionKind.RETURN_VISIT.label
    tell_file(file, "record_return_visit", said, by=by, at=at, visited_on=visited_on, satisfied=satisfied)
    return record


def _earlier(point: SupplyPoint) -> QuerySet[Agreement]:
    """The agreements there have been over the debt of a supply point, oldest first."""
    rows = Agreement.objects.filter(street=point.street_id, point=point)
    return rows.select_related("street", "point", "file__case", "file__street").order_by("pk")


def _stand(agreement: Agreement, to: AgreementState, on: dt.date) -> None:
    """Move it, and keep the day of what it is now; a breach stays known when a new agreement takes over."""
    check_move(AgreementState(agreement.state), to, NEXT_AGREEMENT)
    agreement.state = to
    agreement.performed_on = on if to is AgreementState.PERFORMED else None
    if to is AgreementState.BREACHED:
        agreement.breached_on = on
    elif to is AgreementState.PERFORMING:
        agreement.breached_on = None
    agreement.save(update_fields=["state", "performed_on", "breached_on"])


def _lock_agreement(agreement: Agreement) -> Agreement:
    file = lock_file(agreement.file)
    locked = Agreement.objects.select_for_update().get(street=agreement.street_id, pk=agreement.pk)
    locked.street, locked.file, locked.point = agreement.street, file, agreement.point
    return locked


def _tell_agreement(
    agreement: Agreement, verb: str, text: str | Promise, *, by: User | None, at: dt.datetime, **data: Any
) -> None:
    file = agreement.file
    if file.case is not None:
        add_line(file.case, kind=LineKind.AGREEMENT, text=f"{file.number} {text}", by=by, at=at, internal=True)
    trail.record(verb, agreement, street=agreement.street, by=by, at=at, file=file.number, **data)
