"""An agreement from its draft to the last instalment (调解协议): 草案 → 打印 → 签名 → 登记 → 履行.

What is signed is what was printed, and by whom it may be; whether it is performed the ledger tells.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.billing.applying.actions import agree_plan
from hege.billing.applying.models import Plan
from hege.cases.actions import add_line
from hege.cases.rules import LineKind
from hege.kernel.checks import check_move, check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.kernel.saying import Saying
from hege.mediation.dossier.actions import keep_record, lock_open_file, move_file, put_paper, tell_file
from hege.mediation.models import (
    Agreement,
    AgreementDraft,
    AgreementPrint,
    AgreementText,
    Authorisation,
    Dossier,
    Instalment,
    MediationParty,
    MediationRecord,
    Signature,
)
from hege.mediation.queries import (
    authorisations_of,
    breached,
    committee_of,
    current_content,
    draft_of,
    earliest_next,
    latest_print,
    parties_of,
    payable_fen,
    performed,
    print_signatures,
    records_of,
    standings,
    unauthorised,
    without_particulars,
)
from hege.mediation.rules import (
    NEXT_AGREEMENT,
    NEXT_CONFIRMATION,
    AgreementForm,
    AgreementState,
    Confirmation,
    DocumentKind,
    FileState,
    Particulars,
    PayTo,
    SessionKind,
    SignerKind,
    agreement_digest,
    check_authorisation,
    check_authorised,
    check_breached,
    check_confirmation,
    check_day,
    check_debt,
    check_follows,
    check_instalments,
    check_may_agree,
    check_new_signatures,
    check_one_runs,
    check_particulars,
    check_particulars_there,
    check_pay_to,
    check_performed,
    check_printed,
    check_ready_to_agree,
    check_signing_days,
    check_terms,
    effective_on,
    of_file,
    why_moved,
)
from hege.metering.models import SupplyPoint
from hege.people.models import Party, PartyKind, User
from hege.places.queries import workday_calendar
from hege.trail import actions as trail

# -- draft, print, sign, record ---------------------------------------------------------------------------------------


@atomic
def write_particulars(row: MediationParty, given: Particulars, *, by: User | None, at: dt.datetime) -> MediationParty:
    """Write down who a party is (当事人基本情况, art. 29). The trail is told that, never what; a person's number is masked."""
    file = _before_an_agreement(row.file)
    locked = MediationParty.objects.select_for_update().get(street=file.street_id, file=file, pk=row.pk)
    kept = check_particulars(given, organisation=row.party.kind == PartyKind.ORGANISATION, known=locked.identity_number)
    locked.identity_kind, locked.identity_number = kept.identity_kind, kept.identity_number
    locked.address, locked.phone, locked.about = kept.address, kept.phone, kept.about
    locked.representative, locked.post = kept.representative, kept.post
    locked.save()
    tell_file(file, "write_particulars", "", by=by, at=at, line=None, party=row.party.public_id)
    return locked


@atomic
def authorise_delegate(
    file: Dossier,
    *,
    parties: Sequence[Party],
    agent: Party,
    scope: str,
    paper: str,
    given_on: dt.date,
    by: User | None,
    at: dt.datetime,
) -> list[Authorisation]:
    """Enter one written authority (授权委托书) that one or many gave to ``agent``; who is in it already is left out."""
    locked = _before_an_agreement(file)
    check_same_street(locked.street_id, agent, *parties)
    to_itself = any(party.pk == agent.pk for party in parties)
    check_authorisation(scope=scope, paper=paper, given_on=given_on, today=day_of(at), to_itself=to_itself)
    there = {a.party_id for a in authorisations_of(locked).filter(agent=agent)}
    new = {party.pk: party for party in parties if party.pk not in there}
    if not new:
        raise Refused(_("请选择委托人；已经登记过的不用再登记。"), field="parties")
    made = Authorisation.objects.bulk_create(
        Authorisation(
            street=locked.street, file=locked, party=party, agent=agent, scope=scope.strip(), paper=paper.strip(),
            given_on=given_on, by=by, recorded_at=at,
        )
        for party in new.values()
    )  # fmt: skip
    words = _("%(paper)s：%(n)d 户委托%(agent)s") % {"paper": paper.strip(), "n": len(made), "agent": agent.name}
    put_paper(locked, DocumentKind.POWER_OF_ATTORNEY, str(words), given_on, by=by, at=at)
    tell_file(
        locked, "authorise", "", by=by, at=at, line=None, agent=agent.public_id, given_on=given_on,
        parties=[party.public_id for party in new.values()],
    )  # fmt: skip
    return made


@atomic
def draft_agreement(
    file: Dossier,
    *,
    form: AgreementForm = AgreementForm.WRITTEN,
    point: SupplyPoint | None = None,
    debtor: Party,
    debt_fen: int,
    counted_on: dt.date | None = None,
    difference: str = "",
    instalments: Sequence[tuple[dt.date, int]],
    pay_to: PayTo,
    facts: str,
    terms: str,
    statement: str = "",
    committee: str = "",
    by: User | None,
    at: dt.datetime,
) -> AgreementDraft:
    """Write or rewrite the draft over a debt in fen (拟协议草案): ``instalments`` are ``(due day, fen)`` and add up to it.

    ``counted_on``: the day whose debt it is, today unless said; where the ledger says otherwise, ``difference`` says why.
    """
    locked, today = _before_an_agreement(file), day_of(at)
    check_same_street(locked.street_id, point, debtor)
    _check_ready(locked, on=today)
    if debtor.pk not in {row.party_id for row in parties_of(locked)}:
        raise Refused(_("欠款方要是本案当事人。"), field="debtor")
    about = point or locked.point
    if about is None:
        raise Refused(_("请写明协议涉及哪块总表的欠款。"), field="point")
    counted = counted_on or today
    if counted > today:
        raise Refused(_("欠款不能算到今天以后。"), field="counted_on")
    check_instalments(instalments, debt_fen=debt_fen, effective_on=today)
    ledger, to = payable_fen(about, on=counted), check_pay_to(pay_to)
    why = check_debt(debt_fen, ledger_fen=ledger, on=counted, difference=difference)
    said_facts, said_terms = check_terms(facts, terms)
    draft, _made = AgreementDraft.objects.update_or_create(
        street=locked.street,
        file=locked,
        defaults={
            "form": form, "point": about, "debtor": debtor, "debt_fen": debt_fen, "counted_on": counted,
            "ledger_fen": ledger, "difference": why, "facts": said_facts, "terms": said_terms,
            "statement": statement.strip(), "committee": committee.strip() or committee_of(locked),
            "manner": to.manner, "payee": to.payee, "bank": to.bank, "account": to.account,
            "schedule": [[day.isoformat(), fen] for day, fen in instalments], "saved_at": at, "by": by,
        },
    )  # fmt: skip
    tell_file(
        locked, "draft_agreement", "", by=by, at=at, line=None, debt_fen=debt_fen, counted_on=counted,
        ledger_fen=ledger, instalments=draft.schedule,
        sha256=agreement_digest(current_content(draft, locked)),
    )  # fmt: skip
    return draft


@atomic
def print_agreement(file: Dossier, *, by: User | None, at: dt.datetime) -> AgreementPrint:
    """Freeze the draft for signing (打印协议): a new print unless it still says what the last one said.

    Refused while particulars or authority are wanting, or where the ledger of the day now says another debt.
    """
    locked = _before_an_agreement(file)
    draft = _the_draft(locked)
    parties = list(parties_of(locked))
    _check_ready(locked, on=day_of(at))
    check_particulars_there(without_particulars(parties))
    check_authorised(unauthorised(locked, parties, agents={}, on=day_of(at)))
    if payable_fen(draft.point, on=draft.counted_on) != draft.ledger_fen:
        raise Refused(
            _("拟草案以后，账上 %(day)s 的欠款变了。请打开草案按现在的账改好再打印。"), day=draft.counted_on.isoformat()
        )
    content, last = current_content(draft, locked), latest_print(locked)
    digest = agreement_digest(content)
    if last is not None and last.sha256 == digest:
        return last
    printed = AgreementPrint.objects.create(
        street=locked.street, file=locked, number=last.number + 1 if last else 1, content=content, sha256=digest,
        at=at, by=by,
    )  # fmt: skip
    trail.record(
        "print_agreement", printed, by=by, at=at, file=locked.number, number=printed.number,
        sha256=digest,
    )  # fmt: skip
    return printed


@atomic
def sign_agreement(
    file: Dossier,
    *,
    signed: Mapping[Party, dt.date],
    agents: Mapping[Party, Party] | None = None,
    mediator_signed_on: dt.date | None = None,
    by: User | None,
    at: dt.datetime,
) -> AgreementPrint:
    """Enter who has signed the last print on which day (登记签名); some now, others later.

    ``agents``: who signed in a party's place. Refused before the print, for a print that no longer is the draft, and
    where somebody signed for another without authority in the file.
    """
    locked, agents = _before_an_agreement(file), dict(agents or {})
    check_same_street(locked.street_id, *signed, *agents.values())
    printed = _signable(locked)
    parties = list(parties_of(locked))
    there = {row.party_id for row in parties}
    if any(party.pk not in there for party in [*signed, *agents]):
        raise Refused(_("签名的要是本案当事人。"), field="signed")
    days = [*signed.values(), *([mediator_signed_on] if mediator_signed_on else [])]
    if not days:
        raise Refused(_("请至少写一个签名日期。"), field="signed")
    check_signing_days(days, printed_on=day_of(printed.at), today=day_of(at))
    before = list(print_signatures(printed))
    had = {row.party_id: row.party.name for row in before if row.party is not None}
    twice = [party.name for party in signed if party.pk in had]
    if mediator_signed_on and any(row.kind == SignerKind.MEDIATOR for row in before):
        twice.append(str(SignerKind.MEDIATOR.label))
    check_new_signatures(twice)
    check_authorised(unauthorised(locked, parties, agents=agents, on=min(days)))
    rows: list[tuple[SignerKind, Party | None, dt.date]] = [(SignerKind.PARTY, p, day) for p, day in signed.items()]
    if mediator_signed_on:
        rows.append((SignerKind.MEDIATOR, None, mediator_signed_on))
    made = _keep_signatures(printed, rows, agents)
    trail.record(
        "sign_agreement", printed, by=by, at=at, file=locked.number, sha256=printed.sha256,
        signed=[[row.party.public_id if row.party else row.kind, row.signed_on] for row in made],
    )  # fmt: skip
    return printed


@atomic
def record_agreement(
    file: Dossier,
    *,
    sealed_on: dt.date | None = None,
    agreed_on: dt.date | None = None,
    by: User | None,
    at: dt.datetime,
) -> Agreement:
    """Enter that the agreement stands (登记协议): written, with the committee's seal (art. 29); oral, as agreed (art. 30).

    From the day of effect payments count for it; an earlier one over the same supply point that was broken is
    superseded.
    """
    locked, today = _before_an_agreement(file), day_of(at)
    draft = _the_draft(locked)
    form, signatures = AgreementForm(draft.form), []
    if form is AgreementForm.ORAL:
        if agreed_on is not None:
            _check_ready(locked, on=agreed_on)
            check_signing_days([agreed_on], printed_on=locked.opened_on, today=today)
        printed = print_agreement(locked, by=by, at=at)
    else:
        printed = _signable(locked)
        signatures = list(print_signatures(printed))
        if sealed_on is not None:
            check_signing_days([sealed_on], printed_on=day_of(printed.at), today=today)
    parties = {row.party_id: row.party.name for row in parties_of(locked)}
    by_party = {row.party_id: row.signed_on for row in signatures if row.kind == SignerKind.PARTY}
    effective = effective_on(
        form,
        agreed_on=agreed_on,
        unsigned=[name for pk, name in parties.items() if pk not in by_party],
        signed=list(by_party.values()),
        mediator_signed_on=next((row.signed_on for row in signatures if row.kind == SignerKind.MEDIATOR), None),
        sealed_on=sealed_on,
    )
    there = Agreement.objects.filter(street=locked.street, point=draft.point)
    there = there.select_related("street", "point", "file__case", "file__street").order_by("pk")
    earlier = [restate_agreement(row, by=by, at=at) for row in there]
    check_one_runs(running=any(row.state == AgreementState.PERFORMING for row in earlier))
    check_follows(effective, earliest=max([earliest_next(row, on=today) for row in earlier], default=effective))
    check_instalments(_schedule(printed), debt_fen=draft.debt_fen, effective_on=effective)
    if form is AgreementForm.WRITTEN and sealed_on is not None:
        _keep_signatures(printed, [(SignerKind.COMMITTEE, None, sealed_on)], {})
    agreement = _begin(locked, draft, printed, effective, by=by, at=at)
    for row in earlier:
        restate_agreement(row, by=by, at=at)
    return agreement


def _schedule(printed: AgreementPrint) -> list[tuple[dt.date, int]]:
    return [(dt.date.fromisoformat(day), fen) for day, fen in printed.content["instalments"]]


def _before_an_agreement(file: Dossier) -> Dossier:
    """The file locked, while it may still come to an agreement."""
    locked = lock_open_file(file)
    check_may_agree(FileState(locked.state))
    return locked


def _check_ready(file: Dossier, *, on: dt.date) -> None:
    sessions = records_of(file).filter(kind=SessionKind.MEDIATION)
    check_ready_to_agree(
        FileState(file.state),
        rights_told=file.rights_told_on is not None,
        first_session_on=sessions.values_list("held_on", flat=True).first(),
        on=on,
        mediator=file.mediator_id is not None,
    )


def _the_draft(file: Dossier) -> AgreementDraft:
    draft = draft_of(file)
    if draft is None:
        raise Refused(_("还没有协议草案，请先拟草案。"))
    draft.point.street = file.street
    return draft


def _signable(file: Dossier) -> AgreementPrint:
    """The last print, if it still is the draft."""
    draft, printed = _the_draft(file), latest_print(file)
    current = printed is not None and agreement_digest(current_content(draft, file)) == printed.sha256
    check_printed(printed=printed is not None, current=current, number=printed.number if printed else 0)
    assert printed is not None
    return printed


def _keep_signatures(
    printed: AgreementPrint,
    rows: Sequence[tuple[SignerKind, Party | None, dt.date]],
    agents: Mapping[Party, Party],
) -> list[Signature]:
    return Signature.objects.bulk_create(
        Signature(
            street=printed.street, printed=printed, kind=kind, party=party,
            agent=agents.get(party) if party else None, signed_on=day,
        )
        for kind, party, day in rows
    )  # fmt: skip


# -- performance, confirmation, restating -------------------------------------------------------------------------------


def _begin(
    file: Dossier,
    draft: AgreementDraft,
    printed: AgreementPrint,
    effective: dt.date,
    *,
    by: User | None,
    at: dt.datetime,
) -> Agreement:
    """Let what was printed take effect (协议生效)."""
    file.ended_on = day_of(at)
    move_file(file, FileState.AGREED)
    agreement = Agreement.objects.create(
        street=file.street, file=file, point=draft.point, debtor=draft.debtor, form=draft.form, effective_on=effective,
        debt_fen=draft.debt_fen, printed=printed,
    )  # fmt: skip
    words = {name: printed.content[name] for name in ("facts", "terms", "statement")}
    AgreementText.objects.create(street=file.street, agreement=agreement, sha256=printed.sha256, at=at, **words)
    Instalment.objects.bulk_create(
        Instalment(street=file.street, agreement=agreement, number=number, due_on=due_on, amount_fen=fen)
        for number, (due_on, fen) in enumerate(_schedule(printed), start=1)
    )
    plan_of(agreement, by=by, at=at)
    put_paper(file, DocumentKind.AGREEMENT, draft.terms, effective, by=by, at=at)
    _tell_agreement(
        agreement, "record_agreement", AgreementForm(agreement.form).label, by=by, at=at, debt_fen=draft.debt_fen,
        effective_on=effective, instalments=printed.content["instalments"], sha256=printed.sha256,
    )  # fmt: skip
    return agreement


@atomic
def plan_of(agreement: Agreement, *, derived: bool = False, by: User | None, at: dt.datetime) -> Plan:
    """Put an agreement's instalments among the debts of its meter (分期计划); the line of the trail of the caller seals it."""
    rows = Instalment.objects.filter(street=agreement.street_id, agreement=agreement).order_by("number")
    return agree_plan(
        agreement.point, agreement=agreement.public_id, number=agreement.file.number,
        effective_on=agreement.effective_on, parts=list(rows.values_list("due_on", "amount_fen")), derived=derived,
        by=by, at=at,
    )  # fmt: skip


@atomic
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
    _move_confirmation(locked, Confirmation.APPLIED)
    if applied_on > day_of(at):
        raise Refused(_("日期不能晚于今天。"), field="applied_on")
    check_confirmation(
        effective=locked.effective_on,
        applied_on=applied_on,
        applicants={party.pk for party in applicants},
        parties={row.party_id for row in parties_of(locked.file)},
        calendar=workday_calendar(locked.street_id),
    )
    locked.applied_on, locked.court = applied_on, check_words(court, field="court")
    locked.save()
    put_paper(locked.file, DocumentKind.CONFIRMATION, court, applied_on, by=by, at=at)
    _tell_agreement(locked, "apply_for_confirmation", Confirmation.APPLIED.label, by=by, at=at, applied_on=applied_on)
    return locked


@atomic
def record_confirmation(
    agreement: Agreement, *, confirmed: bool, decided_on: dt.date, ruling: str, by: User | None, at: dt.datetime
) -> Agreement:
    """What the court decided (司法确认结果), with the number of its ruling."""
    locked = _lock_agreement(agreement)
    to = Confirmation.CONFIRMED if confirmed else Confirmation.REJECTED
    _move_confirmation(locked, to)
    check_day(decided_on, earliest=locked.applied_on or locked.effective_on, today=day_of(at), field="decided_on")
    locked.decided_on, locked.ruling = decided_on, check_words(ruling, field="ruling")
    locked.save()
    put_paper(locked.file, DocumentKind.CONFIRMATION, ruling, decided_on, by=by, at=at)
    _tell_agreement(locked, "record_confirmation", to.label, by=by, at=at, confirmed=confirmed, ruling=locked.ruling)
    return locked


def _move_confirmation(agreement: Agreement, to: Confirmation) -> None:
    check_move(Confirmation(agreement.confirmation), to, NEXT_CONFIRMATION)
    agreement.confirmation = to


@atomic
def mark_breached(agreement: Agreement, *, by: User | None, at: dt.datetime) -> Agreement:
    """Write down that an instalment was late (违约). Refused unless the ledger says so."""
    locked = _lock_agreement(agreement)
    today = day_of(at)
    check_breached(AgreementState(locked.state), late=breached(locked, today))
    _stand(locked, AgreementState.BREACHED, today)
    _tell_agreement(locked, "mark_breached", AgreementState.BREACHED.label, by=by, at=at)
    return locked


@atomic
def mark_performed(agreement: Agreement, *, by: User | None, at: dt.datetime) -> Agreement:
    """Write down that all has been paid (履行完毕), late or in time. Refused unless the ledger meets every instalment."""
    locked = _lock_agreement(agreement)
    today = day_of(at)
    check_performed(met=performed(locked, today))
    _stand(locked, AgreementState.PERFORMED, today)
    put_paper(locked.file, DocumentKind.PERFORMANCE, f"{AgreementState.PERFORMED.label} {today}", today, by=by, at=at)
    _tell_agreement(locked, "mark_performed", AgreementState.PERFORMED.label, by=by, at=at)
    return locked


@atomic
def restate_agreement(agreement: Agreement, *, by: User | None, at: dt.datetime) -> Agreement:
    """Bring the state of an agreement to what the ledger says today (按账更正), both ways, with the reason.

    A payment taken back undoes "performed", one imported late undoes "breached", a later agreement over the same
    supply point ends it. Changes nothing when it is so already; that all is performed is for a person to write down.
    """
    locked = _lock_agreement(agreement)
    before, to = AgreementState(locked.state), standings([locked], on=day_of(at))[locked.pk]
    if to is before:
        return locked
    _stand(locked, to, day_of(at))
    # The one move ahead is a breach like any that a person marks; every other one corrects what was written before.
    verb = "mark_breached" if before is AgreementState.PERFORMING else "restate_agreement"
    said = Saying(_("%(state)s：%(said)s"), state=to.label, said=why_moved(before, to))
    _tell_agreement(locked, verb, said, by=by, at=at, before=before.value, state=to.value)
    return locked


@atomic
def record_return_visit(
    agreement: Agreement, *, visited_on: dt.date, text: str, satisfied: bool, by: User | None, at: dt.datetime
) -> MediationRecord:
    """Ask the parties afterwards how the agreement is being kept (回访记录)."""
    file = lock(agreement.file)
    check_day(visited_on, earliest=agreement.effective_on, today=day_of(at), field="visited_on")
    record = keep_record(file, SessionKind.RETURN_VISIT, visited_on, text, satisfied=satisfied, by=by, at=at)
    put_paper(file, DocumentKind.RETURN_VISIT, record.text, visited_on, by=by, at=at)
    said = SessionKind.RETURN_VISIT.label
    tell_file(file, "record_return_visit", said, by=by, at=at, visited_on=visited_on, satisfied=satisfied)
    return record


def _stand(agreement: Agreement, to: AgreementState, on: dt.date) -> None:
    """Move it, and keep the day of what it is now; a breach stays known when a new agreement takes over."""
    check_move(AgreementState(agreement.state), to, NEXT_AGREEMENT)
    agreement.state = to
    agreement.performed_on = on if to is AgreementState.PERFORMED else None
    if to is AgreementState.BREACHED:
        agreement.breached_on = on
    elif to is AgreementState.PERFORMING:
        agreement.breached_on = None
    agreement.save()


def _lock_agreement(agreement: Agreement) -> Agreement:
    file, locked = lock(agreement.file), lock(agreement)
    locked.file, locked.point = file, agreement.point
    return locked


def _tell_agreement(
    agreement: Agreement, verb: str, text: Promise | Saying, *, by: User | None, at: dt.datetime, **data: Any
) -> None:
    file = agreement.file
    if file.case is not None:
        add_line(file.case, kind=LineKind.AGREEMENT, text=of_file(file.number, text), by=by, at=at, internal=True)
    trail.record(verb, agreement, by=by, at=at, file=file.number, **data)
