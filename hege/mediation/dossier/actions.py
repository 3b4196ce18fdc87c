"""The mediation file from application to archive (调解卷宗): each step asks what the People's Mediation Law asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.cases.actions import add_line, lock_running_case, next_number
from hege.cases.models import Case
from hege.cases.rules import LineKind
from hege.kernel.checks import check_move, check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.kernel.saying import Saying
from hege.mediation.models import (
    Dossier,
    MediationDocument,
    MediationParty,
    MediationRecord,
    SupplementaryPaper,
)
from hege.mediation.queries import documents_of, wanted_for_archive
from hege.mediation.rules import (
    NEXT_FILE,
    DocumentKind,
    DocumentState,
    FileSource,
    FileState,
    PartySide,
    SessionKind,
    check_archivable,
    check_by_hand,
    check_content,
    check_day,
    check_not_archived,
    check_not_elsewhere,
    check_sides,
    check_supplement,
    check_willing,
    of_file,
    session_leads_to,
)
from hege.metering.models import SupplyPoint
from hege.people.models import Party, Street, User
from hege.trail import actions as trail


@atomic
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
) -> Dossier:
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
    file = Dossier.objects.create(
        street=street, number=next_number(street, "mediation", at=at), case=case, source=source, mediator=mediator,
        point=point or (case.point if case else None), subject=check_words(subject, field="subject"),
        summary=check_words(summary, field="summary"), opened_on=day_of(at),
    )  # fmt: skip
    for party, side in sides:
        MediationParty.objects.create(street=street, file=file, party=party, side=side)
    MediationDocument.objects.bulk_create(
        MediationDocument(street=street, file=file, kind=kind, position=position)
        for position, kind in enumerate(DocumentKind, start=1)
    )
    put_paper(file, DocumentKind.APPLICATION, summary, day_of(at), by=by, at=at)
    tell_file(
        file, "open_file", FileState.REGISTERED.label, by=by, at=at, line=LineKind.MEDIATION_OPENED, source=source.value
    )
    return file


@atomic
def tell_rights(
    file: Dossier, *, told_on: dt.date | None = None, text: str = "", by: User | None, at: dt.datetime
) -> Dossier:
    """The parties have been told their rights and duties (告知权利义务, art. 23) and are willing."""
    locked, day = lock_open_file(file), told_on or day_of(at)
    check_day(day, earliest=locked.opened_on, today=day_of(at), field="told_on")
    locked.rights_told_on = day
    move_file(locked, FileState.RIGHTS_TOLD)
    put_paper(locked, DocumentKind.RIGHTS_NOTICE, text, day, by=by, at=at)
    tell_file(locked, "tell_rights", FileState.RIGHTS_TOLD.label, by=by, at=at, told_on=day)
    return locked


@atomic
def record_session(
    file: Dossier,
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
    locked, day = lock_open_file(file), held_on or day_of(at)
    to = session_leads_to(FileState(locked.state), kind, rights_told=locked.rights_told_on is not None)
    check_day(day, earliest=locked.rights_told_on or locked.opened_on, today=day_of(at), field="held_on")
    if locked.state != to:
        move_file(locked, to)
    record = keep_record(locked, kind, day, text, present=present, by=by, at=at)
    document = DocumentKind.INVESTIGATION if kind is SessionKind.INVESTIGATION else DocumentKind.RECORD
    put_paper(locked, document, "", day, by=by, at=at)
    tell_file(locked, "record_session", kind.label, by=by, at=at, kind=kind.value, held_on=day, record=record.pk)
    return record


@atomic
def file_document(
    file: Dossier, *, kind: DocumentKind, text: str, happened_on: dt.date, by: User | None, at: dt.datetime
) -> MediationDocument | SupplementaryPaper:
    """Put a document into the file (归入卷宗), for example identities; into an archived one as a supplement."""
    said = check_content(text, field="text")
    locked = lock(file)
    if happened_on > day_of(at):
        raise Refused(_("日期不能晚于今天。"), field="happened_on")
    if locked.archived_on is None:
        check_by_hand(kind, state=DocumentState(documents_of(locked).get(kind=kind).state))
    document = put_paper(locked, kind, said, happened_on, by=by, at=at)
    tell_file(locked, "file_document", "", by=by, at=at, line=None, kind=kind.value, happened_on=happened_on)
    return document


@atomic
def fail_mediation(file: Dossier, *, reason: str, by: User | None, at: dt.datetime) -> Dossier:
    """No agreement (调解不成, art. 26): the parties are told of the other ways open to them."""
    return _end(file, FileState.FAILED, "fail", reason, by=by, at=at)


@atomic
def terminate_mediation(file: Dossier, *, reason: str, by: User | None, at: dt.datetime) -> Dossier:
    """Stop (终止调解): a party refuses to go on (art. 23), or the matter belongs to somebody else (art. 25)."""
    return _end(file, FileState.TERMINATED, "terminate", reason, by=by, at=at)


@atomic
def withdraw_application(file: Dossier, *, reason: str, by: User | None, at: dt.datetime) -> Dossier:
    """The applicant takes it back (撤回申请)."""
    return _end(file, FileState.WITHDRAWN, "withdraw", reason, by=by, at=at)


@atomic
def archive_dossier(file: Dossier, *, by: User | None, at: dt.datetime) -> Dossier:
    """Close the file (归档, art. 27) with its back cover. Refused while mediation goes on or a paper is missing or blank."""
    locked, day = lock_open_file(file), day_of(at)
    check_archivable(FileState(locked.state), wanted_for_archive(locked))
    there = sum(row.state == DocumentState.PRESENT for row in documents_of(locked))
    cover = _("卷内文书 %(n)d 种，%(day)s 立卷归档。") % {"n": there, "day": day.isoformat()}
    put_paper(locked, DocumentKind.BACK_COVER, str(cover), day, by=by, at=at)
    locked.archived_on = day
    locked.save(update_fields=["archived_on"])
    tell_file(locked, "archive", "", by=by, at=at, line=None)
    return locked


# -- what acts on agreements need too --------------------------------------------------------------------------------


def lock_open_file(file: Dossier) -> Dossier:
    """The file locked, for what changes it: refused once it is archived."""
    locked = lock(file)
    check_not_archived(locked.archived_on)
    return locked


def keep_record(
    file: Dossier,
    kind: SessionKind,
    held_on: dt.date,
    text: str,
    *,
    present: str = "",
    satisfied: bool | None = None,
    by: User | None,
    at: dt.datetime,
) -> MediationRecord:
    """Keep what was said and found; a record is never changed."""
    return MediationRecord.objects.create(
        street=file.street, file=file, kind=kind, held_on=held_on, present=present,
        text=check_words(text, field="text"), satisfied=satisfied, by=by, recorded_at=at,
    )  # fmt: skip


def put_paper(
    file: Dossier, kind: DocumentKind, text: str, happened_on: dt.date, *, by: User | None, at: dt.datetime
) -> MediationDocument | SupplementaryPaper:
    """Mark a document as there; a second one of its kind adds to the first, after the archive it is a row of its own."""
    if file.archived_on is not None:
        check_supplement(kind, state=FileState(file.state))
        paper = SupplementaryPaper.objects.create(
            street=file.street, file=file, kind=kind, text=text.strip(), happened_on=happened_on, by=by, recorded_at=at
        )
        trail.record("supplement", file, by=by, at=at, kind=kind.value)
        return paper
    document = MediationDocument.objects.select_for_update().get(street=file.street_id, file=file, kind=kind)
    document.text = "\n".join(part for part in (document.text, text.strip()) if part)
    document.state, document.happened_on, document.by = DocumentState.PRESENT, happened_on, by
    document.save(update_fields=["state", "text", "happened_on", "by"])
    return document


def tell_file(
    file: Dossier,
    verb: str,
    text: str | Promise | Saying,
    *,
    by: User | None,
    at: dt.datetime,
    line: LineKind | None = LineKind.MEDIATION,
    **data: Any,
) -> None:
    """A line on the trail, and one for the offices on the timeline of the case: what was said stays in the file."""
    if file.case is not None and line is not None:
        add_line(file.case, kind=line, text=of_file(file.number, text), by=by, at=at, internal=True)
    trail.record(verb, file, by=by, at=at, file=file.number, **data)


def move_file(file: Dossier, to: FileState) -> None:
    """Move a file as the table allows, and save it."""
    check_move(FileState(file.state), to, NEXT_FILE)
    file.state = to
    file.save()


def _end(file: Dossier, to: FileState, verb: str, reason: str, *, by: User | None, at: dt.datetime) -> Dossier:
    """End without an agreement; papers that can no longer come into being are not asked for."""
    said = check_words(reason)
    locked = lock_open_file(file)
    locked.reason, locked.ended_on = said[:300], day_of(at)
    move_file(locked, to)
    never = [DocumentKind.AGREEMENT, DocumentKind.RECORD, DocumentKind.RIGHTS_NOTICE]
    rows = MediationDocument.objects.filter(street=locked.street_id, file=locked, kind__in=never)
    rows.filter(state=DocumentState.MISSING).update(state=DocumentState.NOT_NEEDED)
    tell_file(locked, verb, Saying(_("%(state)s：%(said)s"), state=to.label, said=said), by=by, at=at, reason=said)
    return locked
