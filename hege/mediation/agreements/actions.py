"""An agreement from its signing to the last instalment (调解协议); what it comes to is told by the ledger."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.cases.actions import add_line
from hege.cases.rules import LineKind, check_move, check_said, check_same_street
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused
from hege.mediation.files.actions import (
    keep_record,
    lock_file,
    lock_open_file,
    move_file,
    put_paper,
    tell_file,
)
from hege.mediation.models import (
    Agreement,
    AgreementText,
    Instalment,
    MediationFile,
    MediationRecord,
    Signature,
)
from hege.mediation.queries import (
    breached,
    content_of,
    earliest_next,
    parties_of,
    performed,
    standings,
)
from hege.mediation.rules import (
    NEXT_AGREEMENT,
    NEXT_CONFIRMATION,
    AgreementForm,
    AgreementState,
    Confirmation,
    DocumentKind,
    FileState,
    SessionKind,
    SignerKind,
    agreement_digest,
    check_confirmation,
    check_day,
    check_follows,
    check_instalments,
    check_one_runs,
    check_ready_to_sign,
    effective_on,
    why_moved,
)
from hege.metering.models import SupplyPoint
from hege.people.models import Party, User
from hege.places.queries import workday_calendar
from hege.trail import actions as trail


@transaction.atomic
def sign_agreement(
    file: MediationFile,
    *,
    form: AgreementForm = AgreementForm.WRITTEN,
    point: SupplyPoint | None = None,
    debtor: Party,
    debt_fen: int,
    instalments: Sequence[tuple[dt.date, int]],
    facts: str,
    terms: str,
    statement: str = "",
    agreed_on: dt.date,
    signed: Mapping[Party, dt.date] | None = None,
    mediator_signed_on: dt.date | None = None,
    sealed_on: dt.date | None = None,
    by: User | None,
    at: dt.datetime,
) -> Agreement:
    """Sign an agreement over a debt in fen (签订调解协议): ``instalments`` are ``(due day, fen)`` and add up to it.

    Needs rights told and a session on record. A written one takes effect when all parties and the
    mediator have signed and the committee has sealed it (art. 29), an oral one when agreed (art. 30). An earlier one
    over the same supply point that was broken is superseded: from the new one's day of effect payments count there.
    """
    locked, signatures = lock_open_file(file), dict(signed or {})
    check_same_street(locked.street_id, point, debtor, *signatures)
    sessions = MediationRecord.objects.filter(street=locked.street_id, file=locked, kind=SessionKind.MEDIATION)
    days = [agreed_on, *signatures.values(), *(day for day in (mediator_signed_on, sealed_on) if day)]
    check_ready_to_sign(
        rights_told=locked.rights_told_on is not None,
        first_session_on=sessions.order_by("held_on").values_list("held_on", flat=True).first(),
        days=days,
    )
    sides = {row.party_id for row in parties_of(locked)}
    if debtor.pk not in sides:
        raise Refused(_("欠款方要是本案当事人。"), field="debtor")
    about = point or locked.point
    if about is None:
        raise Refused(_("请写明协议涉及哪块总表的欠款。"), field="point")
    earlier = [restate(row, by=by, at=at) for row in _earlier(about)]
    check_one_runs(running=any(row.state == AgreementState.PERFORMING for row in earlier))
    for day in days:
        check_day(day, earliest=locked.opened_on, today=day_of(at), field="agreed_on")
    effective = effective_on(
        form,
        agreed_on=agreed_on,
        party_ids=sides,
        signed={party.pk: day for party, day in signatures.items()},
        mediator_signed_on=mediator_signed_on,
        sealed_on=sealed_on,
    )
    check_follows(effective, earliest=max([earliest_next(row, on=day_of(at)) for row in earlier], default=effective))
    check_instalments(instalments, debt_fen=debt_fen, effective_on=effective)
    locked.ended_on = day_of(at)
    move_file(locked, FileState.AGREED, also=["ended_on"])
    agreement = Agreement.objects.create(
        street=locked.street,
        file=locked,
        point=about,
        debtor=debtor,
        form=form,
        effective_on=effective,
        debt_fen=debt_fen,
    )
    words = {
        "facts": check_said(facts, field="facts"),
        "terms": check_said(terms, field="terms"),
        "statement": statement.strip(),
    }
    digest = agreement_digest(content_of(agreement, instalments, **words))
    AgreementText.objects.create(street=locked.street, agreement=agreement, sha256=digest, at=at, **words)
    for number, (due_on, fen) in enumerate(instalments, start=1):
        Instalment.objects.create(
            street=locked.street, agreement=agreement, number=number, due_on=due_on, amount_fen=fen
        )
    _keep_signatures(agreement, signatures, mediator_signed_on, sealed_on)
    put_paper(locked, DocumentKind.AGREEMENT, terms, effective, by=by, at=at)
    _tell_agreement(
        agreement,
        "sign_agreement",
        form.label,
        by=by,
        at=at,
        debt_fen=debt_fen,
        effective_on=effective,
        instalments=[[due_on, fen] for due_on, fen in instalments],
        sha256=digest,
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


def _keep_signatures(
    agreement: Agreement,
    signed: Mapping[Party, dt.date],
    mediator_signed_on: dt.date | None,
    sealed_on: dt.date | None,
) -> None:
    rows: list[tuple[SignerKind, Party | None, dt.date]] = [
        (SignerKind.PARTY, party, day) for party, day in signed.items()
    ]
    if mediator_signed_on:
        rows.append((SignerKind.MEDIATOR, None, mediator_signed_on))
    if sealed_on:
        rows.append((SignerKind.COMMITTEE, None, sealed_on))
    for kind, party, day in rows:
        Signature.objects.create(street=agreement.street, agreement=agreement, kind=kind, party=party, signed_on=day)


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
