"""The way to an agreement (草案 → 打印 → 签名 → 登记): what is signed is what was printed, and by whom it may be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hege.cases.rules import check_move, check_same_street
from hege.kernel.clock import day_of
from hege.kernel.refused import Refused
from hege.mediation.agreements.actions import begin_agreement, earlier_restated
from hege.mediation.files.actions import lock_open_file, put_paper, tell_file
from hege.mediation.models import (
    Agreement,
    AgreementDraft,
    AgreementPrint,
    Authorisation,
    MediationFile,
    MediationParty,
    MediationRecord,
    Signature,
)
from hege.mediation.queries import (
    authorisations_of,
    committee_of,
    current_content,
    draft_of,
    latest_print,
    parties_of,
    payable_fen,
    print_signatures,
    unauthorised,
    without_particulars,
)
from hege.mediation.rules import (
    NEXT_FILE,
    AgreementForm,
    DocumentKind,
    FileState,
    Particulars,
    PayTo,
    SessionKind,
    SignerKind,
    agreement_digest,
    check_authorisation,
    check_authorised,
    check_debt,
    check_instalments,
    check_new_signatures,
    check_particulars,
    check_particulars_there,
    check_pay_to,
    check_printed,
    check_ready_to_agree,
    check_signing_days,
    check_terms,
    effective_on,
)
from hege.metering.models import SupplyPoint
from hege.people.models import Party, PartyKind, User
from hege.trail import actions as trail


@transaction.atomic
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


@transaction.atomic
def authorise(
    file: MediationFile,
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
    to_himself = any(party.pk == agent.pk for party in parties)
    check_authorisation(scope=scope, paper=paper, given_on=given_on, today=day_of(at), to_himself=to_himself)
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


@transaction.atomic
def draft_agreement(
    file: MediationFile,
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


@transaction.atomic
def print_agreement(file: MediationFile, *, by: User | None, at: dt.datetime) -> AgreementPrint:
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
            _("拟草案以后，账上 %(day)s 的欠款变了。请打开草案按现在的账改好再打印。")
            % {"day": draft.counted_on.isoformat()}
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
        "print_agreement", printed, street=locked.street, by=by, at=at, file=locked.number, number=printed.number,
        sha256=digest,
    )  # fmt: skip
    return printed


@transaction.atomic
def sign_agreement(
    file: MediationFile,
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
        "sign_agreement", printed, street=locked.street, by=by, at=at, file=locked.number, sha256=printed.sha256,
        signed=[[row.party.public_id if row.party else row.kind, row.signed_on] for row in made],
    )  # fmt: skip
    return printed


@transaction.atomic
def record_agreement(
    file: MediationFile,
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
    earlier = earlier_restated(draft.point, effective, by=by, at=at)
    schedule = [(dt.date.fromisoformat(day), fen) for day, fen in printed.content["instalments"]]
    check_instalments(schedule, debt_fen=draft.debt_fen, effective_on=effective)
    made = []
    if form is AgreementForm.WRITTEN and sealed_on is not None:
        made = _keep_signatures(printed, [(SignerKind.COMMITTEE, None, sealed_on)], {})
    return begin_agreement(
        locked, draft, printed, effective=effective, schedule=schedule, earlier=earlier, seals=made, by=by, at=at
    )


def _before_an_agreement(file: MediationFile) -> MediationFile:
    """The file locked, while it may still come to an agreement."""
    locked = lock_open_file(file)
    if FileState(locked.state) is FileState.AGREED:
        raise Refused(_("协议已经登记，不能再改。"))
    return locked


def _check_ready(file: MediationFile, *, on: dt.date) -> None:
    sessions = MediationRecord.objects.filter(street=file.street_id, file=file, kind=SessionKind.MEDIATION)
    check_ready_to_agree(
        rights_told=file.rights_told_on is not None,
        first_session_on=sessions.order_by("held_on").values_list("held_on", flat=True).first(),
        on=on,
        mediator=file.mediator_id is not None,
    )
    check_move(FileState(file.state), FileState.AGREED, NEXT_FILE)


def _the_draft(file: MediationFile) -> AgreementDraft:
    draft = draft_of(file)
    if draft is None:
        raise Refused(_("还没有协议草案，请先拟草案。"))
    draft.point.street = file.street
    return draft


def _signable(file: MediationFile) -> AgreementPrint:
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
