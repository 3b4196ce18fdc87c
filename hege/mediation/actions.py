"""From application to the last instalment (调解): each step asks what the People's Mediation Law asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.cases.actions import add_line, lock_running_case, next_number
from hege.cases.models import Case
from hege.cases.rules import LineKind, check_move, check_said, check_same_street
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused
from hege.mediation.models import (
    Agreement,
    AgreementText,
    Instalment,
    MediationDocument,
    MediationFile,
    MediationParty,
    MediationRecord,
    Signature,
)
from hege.mediation.queries import breached, content_of, missing_documents, parties_of, performed
from hege.mediation.rules import (
    FILE_FINISHED,
    NEXT_AGREEMENT,
    NEXT_CONFIRMATION,
    NEXT_FILE,
    AgreementForm,
    AgreementState,
    Confirmation,
    DocumentKind,
    DocumentState,
    FileSource,
    FileState,
    PartySide,
    SessionKind,
    SignerKind,
    agreement_digest,
    check_confirmation,
    check_day,
    check_instalments,
    check_not_archived,
    check_not_elsewhere,
    check_one_runs,
    check_ready_to_sign,
    check_sides,
    check_willing,
    effective_on,
)
from hege.metering.models import SupplyPoint
from hege.people.models import Party, Street, User
from hege.trail import actions as trail

# -- the file ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_file(
    street: Street,
    *,
    source: FileSource,
    subject: str,
    summary: str,
    applicants: Sequence[Party],
    respondents: Sequence[Party],
    thirds: Sequence[Party] = (),
    refusing: Sequence[Party] = (),
    accepted_elsewhere: str = "",
    case: Case | None = None,
    point: SupplyPoint | None = None,
    mediator: User | None = None,
    by: User | None,
    at: dt.datetime,
) -> MediationFile:
    """Register a mediation (受理), with the thirteen documents it is going to need.

    Refused if a party clearly refuses (art. 17), a side is empty or somebody else has accepted the dispute.
    """
    check_same_street(street.pk, case, point, *applicants, *respondents, *thirds)
    case = case and lock_running_case(case)
    sides = [
        *((party, PartySide.APPLICANT) for party in applicants),
        *((party, PartySide.RESPONDENT) for party in respondents),
        *((party, PartySide.THIRD) for party in thirds),
    ]
    check_willing([party.name for party in refusing])
    check_sides(side for _party, side in sides)
    check_not_elsewhere(accepted_elsewhere)
    if len({party.pk for party, _side in sides}) != len(sides):
        raise Refused(_("同一当事人不能站在两边。"), field="parties")
    file = MediationFile.objects.create(
        street=street,
        number=next_number(street, "mediation", at=at),
        case=case,
        point=point or (case.point if case else None),
        source=source,
        subject=check_said(subject, field="subject"),
        summary=check_said(summary, field="summary"),
        mediator=mediator,
        opened_on=day_of(at),
    )
    for party, side in sides:
        MediationParty.objects.create(street=street, file=file, party=party, side=side)
    MediationDocument.objects.bulk_create(
        MediationDocument(street=street, file=file, kind=kind, position=position)
        for position, kind in enumerate(DocumentKind, start=1)
    )
    _put(file, DocumentKind.APPLICATION, summary, day_of(at), by=by)
    _tell(file, "open_file", FileState.REGISTERED.label, by=by, at=at, source=source.value)
    return file


@transaction.atomic
def tell_rights(
    file: MediationFile, *, told_on: dt.date | None = None, text: str = "", by: User | None, at: dt.datetime
) -> MediationFile:
    """The parties have been told their rights and duties (告知权利义务, art. 23) and are willing."""
    locked, day = _lock(file), told_on or day_of(at)
    check_day(day, earliest=locked.opened_on, today=day_of(at), field="told_on")
    locked.rights_told_on = day
    _move(locked, FileState.RIGHTS_TOLD, also=["rights_told_on"])
    _put(locked, DocumentKind.RIGHTS_NOTICE, text, day, by=by)
    _tell(locked, "tell_rights", FileState.RIGHTS_TOLD.label, by=by, at=at, told_on=day)
    return locked


@transaction.atomic
def record_session(
    file: MediationFile,
    *,
    kind: SessionKind = SessionKind.MEDIATION,
    held_on: dt.date | None = None,
    text: str,
    present: str = "",
    by: User | None,
    at: dt.datetime,
) -> MediationRecord:
    """Put an inquiry or a session on record (调查记录、调解记录). Rights come first."""
    if kind is SessionKind.RETURN_VISIT:
        raise ValueError("a return visit is recorded by record_return_visit")
    locked, day = _lock(file), held_on or day_of(at)
    if locked.rights_told_on is None:
        raise Refused(_("尚未告知当事人权利义务，不能开始调查或调解。"))
    check_day(day, earliest=locked.rights_told_on, today=day_of(at), field="held_on")
    state = FileState(locked.state)
    to = FileState.INVESTIGATING if kind is SessionKind.INVESTIGATION else FileState.MEDIATING
    if state in FILE_FINISHED or (state is not to and state is not FileState.MEDIATING):
        _move(locked, to)
    record = _keep(locked, kind, day, text, present=present, by=by, at=at)
    document = DocumentKind.INVESTIGATION if kind is SessionKind.INVESTIGATION else DocumentKind.RECORD
    _put(locked, document, "", day, by=by)
    _tell(locked, "record_session", kind.label, by=by, at=at, kind=kind.value, held_on=day, record=record.pk)
    return record


@transaction.atomic
def file_document(
    file: MediationFile, *, kind: DocumentKind, text: str, happened_on: dt.date, by: User | None, at: dt.datetime
) -> MediationDocument:
    """Put a document into the file (归入卷宗), for example identities or proof of performance."""
    said = check_said(text, field="text")
    locked = _lock(file)
    check_not_archived(locked.archived_on)
    if happened_on > day_of(at):
        raise Refused(_("日期不能晚于今天。"), field="happened_on")
    document = _put(locked, kind, said, happened_on, by=by)
    _tell(locked, "file_document", "", by=by, at=at, quiet=True, kind=kind.value, happened_on=happened_on)
    return document


@transaction.atomic
def fail(file: MediationFile, *, reason: str, by: User | None, at: dt.datetime) -> MediationFile:
    """No agreement (调解不成, art. 26): the parties are told of the other ways open to them."""
    return _end(file, FileState.FAILED, "fail", reason, by=by, at=at)


@transaction.atomic
def terminate(file: MediationFile, *, reason: str, by: User | None, at: dt.datetime) -> MediationFile:
    """Stop (终止调解): a party refuses to go on (art. 23), or the matter belongs to somebody else (art. 25)."""
    return _end(file, FileState.TERMINATED, "terminate", reason, by=by, at=at)


@transaction.atomic
def withdraw(file: MediationFile, *, reason: str, by: User | None, at: dt.datetime) -> MediationFile:
    """The applicant takes it back (撤回申请)."""
    return _end(file, FileState.WITHDRAWN, "withdraw", reason, by=by, at=at)


@transaction.atomic
def archive(file: MediationFile, *, by: User | None, at: dt.datetime) -> MediationFile:
    """Close the file (归档, art. 27). Refused while mediation goes on or a required document is missing."""
    locked = _lock(file)
    check_not_archived(locked.archived_on)
    if FileState(locked.state) not in FILE_FINISHED:
        raise Refused(_("调解还没有结束，不能归档。"))
    lacking = [str(document.get_kind_display()) for document in missing_documents(locked)]
    if lacking:
        raise Refused(_("卷宗还缺：%(what)s。") % {"what": "、".join(lacking)})
    locked.archived_on = day_of(at)
    locked.save(update_fields=["archived_on"])
    _tell(locked, "archive", "", by=by, at=at, quiet=True)
    return locked


# -- the agreement -----------------------------------------------------------------------------------------------------


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
    mediator have signed and the committee has sealed it (art. 29), an oral one when agreed (art. 30).
    """
    locked, signatures = _lock(file), dict(signed or {})
    check_same_street(locked.street_id, point, debtor, *signatures)
    sessions = MediationRecord.objects.filter(street=locked.street_id, file=locked, kind=SessionKind.MEDIATION).count()
    check_ready_to_sign(rights_told=locked.rights_told_on is not None, sessions=sessions)
    sides = {row.party_id for row in parties_of(locked)}
    if debtor.pk not in sides:
        raise Refused(_("欠款方要是本案当事人。"), field="debtor")
    about = point or locked.point
    if about is None:
        raise Refused(_("请写明协议涉及哪块总表的欠款。"), field="point")
    check_one_runs(running=about.agreements.filter(street=locked.street_id, state=AgreementState.PERFORMING).exists())
    days = [agreed_on, *signatures.values(), *(day for day in (mediator_signed_on, sealed_on) if day)]
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
    check_instalments(instalments, debt_fen=debt_fen, effective_on=effective)
    locked.ended_on = day_of(at)
    _move(locked, FileState.AGREED, also=["ended_on"])
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
    _put(locked, DocumentKind.AGREEMENT, terms, effective, by=by)
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
    )
    locked.applied_on, locked.court = applied_on, check_said(court, field="court")
    locked.save(update_fields=["confirmation", "applied_on", "court"])
    _put(locked.file, DocumentKind.CONFIRMATION, court, applied_on, by=by)
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
    _put(locked.file, DocumentKind.CONFIRMATION, ruling, decided_on, by=by)
    _tell_agreement(locked, "record_confirmation", to.label, by=by, at=at, confirmed=confirmed, ruling=locked.ruling)
    return locked


@transaction.atomic
def mark_breached(agreement: Agreement, *, by: User | None, at: dt.datetime) -> Agreement:
    """Write down that an instalment was late (违约). Refused unless the ledger says so."""
    locked = _lock_agreement(agreement)
    today = day_of(at)
    if not breached(locked, today):
        raise Refused(_("各期都按时到账，没有违约。"))
    check_move(AgreementState(locked.state), AgreementState.BREACHED, NEXT_AGREEMENT)
    locked.state, locked.breached_on = AgreementState.BREACHED, today
    locked.save(update_fields=["state", "breached_on"])
    _tell_agreement(locked, "mark_breached", AgreementState.BREACHED.label, by=by, at=at)
    return locked


@transaction.atomic
def mark_performed(agreement: Agreement, *, by: User | None, at: dt.datetime) -> Agreement:
    """Write down that all has been paid (履行完毕), late or in time. Refused unless the ledger meets every instalment."""
    locked = _lock_agreement(agreement)
    today = day_of(at)
    if not performed(locked, today):
        raise Refused(_("还有分期没有到账，不能登记履行完毕。到账以水司确认的款项为准。"))
    check_move(AgreementState(locked.state), AgreementState.PERFORMED, NEXT_AGREEMENT)
    locked.state = AgreementState.PERFORMED
    locked.performed_on = today
    locked.save(update_fields=["state", "performed_on"])
    _put(locked.file, DocumentKind.PERFORMANCE, "", today, by=by)
    _tell_agreement(locked, "mark_performed", AgreementState.PERFORMED.label, by=by, at=at)
    return locked


@transaction.atomic
def record_return_visit(
    agreement: Agreement, *, visited_on: dt.date, text: str, satisfied: bool, by: User | None, at: dt.datetime
) -> MediationRecord:
    """Ask the parties afterwards how the agreement is being kept (回访记录)."""
    file = _lock(agreement.file)
    check_day(visited_on, earliest=agreement.effective_on, today=day_of(at), field="visited_on")
    record = _keep(file, SessionKind.RETURN_VISIT, visited_on, text, satisfied=satisfied, by=by, at=at)
    _put(file, DocumentKind.RETURN_VISIT, "", visited_on, by=by)
    said = SessionKind.RETURN_VISIT.label
    _tell(file, "record_return_visit", said, by=by, at=at, visited_on=visited_on, satisfied=satisfied)
    return record


# -- inside ------------------------------------------------------------------------------------------------------------


def _lock(file: MediationFile) -> MediationFile:
    locked = MediationFile.objects.select_for_update().get(street=file.street_id, pk=file.pk)
    locked.street = file.street
    return locked


def _move(file: MediationFile, to: FileState, *, also: Sequence[str] = ()) -> None:
    check_move(FileState(file.state), to, NEXT_FILE)
    file.state = to.value
    file.save(update_fields=["state", *also])


def _end(
    file: MediationFile, to: FileState, verb: str, reason: str, *, by: User | None, at: dt.datetime
) -> MediationFile:
    """End without an agreement; papers that can no longer come into being are not asked for."""
    said = check_said(reason)
    locked = _lock(file)
    locked.reason, locked.ended_on = said[:300], day_of(at)
    _move(locked, to, also=["reason", "ended_on"])
    never = [DocumentKind.AGREEMENT, DocumentKind.RECORD, DocumentKind.RIGHTS_NOTICE]
    rows = MediationDocument.objects.filter(street=locked.street_id, file=locked, kind__in=never)
    rows.filter(state=DocumentState.MISSING).update(state=DocumentState.NOT_NEEDED)
    _tell(locked, verb, f"{to.label}：{said}", by=by, at=at, reason=said)
    return locked


def _keep(
    file: MediationFile,
    kind: SessionKind,
    held_on: dt.date,
    text: str,
    *,
    present: str = "",
    satisfied: bool | None = None,
    by: User | None,
    at: dt.datetime,
) -> MediationRecord:
    return MediationRecord.objects.create(
        street=file.street,
        file=file,
        kind=kind,
        held_on=held_on,
        present=present,
        text=check_said(text, field="text"),
        satisfied=satisfied,
        by=by,
        recorded_at=at,
    )


def _put(
    file: MediationFile, kind: DocumentKind, text: str, happened_on: dt.date, *, by: User | None
) -> MediationDocument:
    """Mark a document as there; a second one of its kind adds to the first."""
    document = MediationDocument.objects.select_for_update().get(street=file.street_id, file=file, kind=kind)
    document.text = "\n".join(part for part in (document.text, text.strip()) if part)
    document.state, document.happened_on, document.by = DocumentState.PRESENT, happened_on, by
    document.save(update_fields=["state", "text", "happened_on", "by"])
    return document


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


def _lock_agreement(agreement: Agreement) -> Agreement:
    file = _lock(agreement.file)
    locked = Agreement.objects.select_for_update().get(street=agreement.street_id, pk=agreement.pk)
    locked.street, locked.file, locked.point = agreement.street, file, agreement.point
    return locked


def _tell(
    file: MediationFile,
    verb: str,
    text: str | Promise,
    *,
    by: User | None,
    at: dt.datetime,
    quiet: bool = False,
    **data: Any,
) -> None:
    """A line on the trail, and one for the offices on the timeline of the case: what was said stays in the file."""
    if file.case is not None and not quiet:
        add_line(file.case, kind=LineKind.MEDIATION, text=f"{file.number} {text}", by=by, at=at, internal=True)
    trail.record(verb, file, street=file.street, by=by, at=at, file=file.number, **data)


def _tell_agreement(
    agreement: Agreement, verb: str, text: str | Promise, *, by: User | None, at: dt.datetime, **data: Any
) -> None:
    file = agreement.file
    if file.case is not None:
        add_line(file.case, kind=LineKind.AGREEMENT, text=f"{file.number} {text}", by=by, at=at, internal=True)
    trail.record(verb, agreement, street=agreement.street, by=by, at=at, file=file.number, **data)
