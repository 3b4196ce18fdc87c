"""Reads over mediation files and agreements; whether instalments are met is told from the ledger alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from hege.billing.applying.models import Plan
from hege.billing.applying.queries import paid_of_plans
from hege.billing.applying.rules import DebtKind, code_of, met_on
from hege.billing.chart import WATER, AccountKind
from hege.cases.models import Case
from hege.cases.queries import parties_of as parts_of
from hege.cases.rules import PartyRole
from hege.kernel.calendar import DAY, Calendar
from hege.kernel.grouped import grouped
from hege.kernel.periods import not_over
from hege.kernel.prepared import Fixed, prepared
from hege.ledger.queries import accounts_of, pair_sums
from hege.mediation.models import (
    Agreement,
    AgreementDraft,
    AgreementPrint,
    Authorisation,
    Dossier,
    DossierQuerySet,
    Instalment,
    MediationDocument,
    MediationParty,
    MediationRecord,
    Signature,
    SupplementaryPaper,
)
from hege.mediation.rules import (
    AGREEMENT_OVER,
    AgreementState,
    Confirmation,
    DocumentKind,
    DocumentState,
    SessionKind,
    Wanting,
    agreement_digest,
    confirmation_deadline,
    confirmation_over,
    late,
    says_something,
    standing,
    wanting,
)
from hege.metering.models import SupplyPoint
from hege.people.models import Party, PartyKind, Street
from hege.places.models import Tenancy
from hege.places.queries import path_filter, workday_calendar

M = TypeVar("M", bound=Model)


def _lies_in(paths: Iterable[str]) -> Q:
    """Where a file lies: where its meter does; one without a meter, where its case does."""
    wanted = list(paths)
    if "" in wanted:
        return Q()  # "anything" or something else is only the something else to a Q
    return path_filter("point__place__path", wanted) | (
        Q(point__isnull=True) & path_filter("case__place__path", wanted)
    )


def files_of(
    street: Street, *, case: Case | None = None, point: SupplyPoint | None = None, paths: Iterable[str] = ("",)
) -> DossierQuerySet:
    """A street's mediation files, newest first; of one case or one supply point where given."""
    rows = Dossier.objects.filter(_lies_in(paths), street=street)
    if case is not None:
        rows = rows.filter(case=case)
    if point is not None:
        rows = rows.filter(point=point)
    return rows.select_related("case", "point", "mediator", "agreement").order_by("-opened_on", "-pk")


@prepared
def files_of_case(street: Street, case: Case) -> DossierQuerySet:
    """The mediation files of a case, newest first, for a page."""
    return files_of(street, case=case)


def the_file(street: Street, public_id: str, *, paths: Iterable[str] = ("",)) -> Dossier | None:
    """One file by its public id, where it may be seen; None otherwise."""
    return files_of(street, paths=paths).select_related("street__trail_head").filter(public_id=public_id).first()


def open_files(case: Case) -> DossierQuerySet:
    """The mediations of a case that have not ended: a case does not close over them."""
    return files_of(case.street, case=case).unfinished()


def _rows(model: type[M], file: Dossier, beside: str, *more: str) -> QuerySet[M]:
    """The rows of a kind that belong to a file, with what they point at that is read beside them."""
    return model._default_manager.filter(street=file.street_id, file=file).select_related(beside, *more)


def parties_of(file: Dossier) -> QuerySet[MediationParty]:
    """Who is on which side."""
    return _rows(MediationParty, file, "party").order_by("pk")


def documents_of(file: Dossier) -> QuerySet[MediationDocument]:
    """The thirteen documents in the order of the file's table of contents."""
    return _rows(MediationDocument, file, "by").order_by("position")


def supplements_of(file: Dossier) -> QuerySet[SupplementaryPaper]:
    """What was added after the archive, in the order it happened."""
    return _rows(SupplementaryPaper, file, "by").order_by("happened_on", "pk")


#: Whose content is what was put on record, not words of their own.
TOLD_BY_RECORDS: Mapping[SessionKind, DocumentKind] = {
    SessionKind.INVESTIGATION: DocumentKind.INVESTIGATION,
    SessionKind.MEDIATION: DocumentKind.RECORD,
    SessionKind.RETURN_VISIT: DocumentKind.RETURN_VISIT,
}


def wanted_of(
    documents: Iterable[MediationDocument],
    records: Iterable[MediationRecord],
    agreement: Agreement | None,
    *,
    authorised: bool,
) -> list[Wanting]:
    """What stands in the way of archiving a file whose rows are at hand: papers not there, papers that say nothing.

    ``authorised``: somebody signed for another, so the authority belongs into the file.
    """
    told = {TOLD_BY_RECORDS[SessionKind(record.kind)] for record in records}
    if agreement is not None:
        told |= {DocumentKind.AGREEMENT, *([DocumentKind.PERFORMANCE] if agreement.performed_on else [])}
    papers = [
        (DocumentKind(d.kind), DocumentState(d.state), d.kind in told or says_something(d.text)) for d in documents
    ]
    return wanting(papers, also={DocumentKind.POWER_OF_ATTORNEY} if authorised else frozenset())


def wanted_for_archive(file: Dossier) -> list[Wanting]:
    """What stands in the way of archiving a file; four queries."""
    return wanted_of(
        documents_of(file), records_of(file), agreement_of(file), authorised=authorisations_of(file).exists()
    )


def agreement_of(file: Dossier) -> Agreement | None:
    """What a file came to, if it came to an agreement."""
    return _rows(Agreement, file, "street", "point", "debtor", "text").first()


def records_of(file: Dossier) -> QuerySet[MediationRecord]:
    """The records of sessions and visits, in the order they happened."""
    return _rows(MediationRecord, file, "by").order_by("held_on", "pk")


def agreements_of(
    street: Street, *, point: SupplyPoint | None = None, case: Case | None = None, paths: Iterable[str] = ("",)
) -> QuerySet[Agreement]:
    """A street's agreements, newest first; of one supply point or case where given."""
    rows = Agreement.objects.filter(path_filter("point__place__path", paths), street=street)
    if point is not None:
        rows = rows.filter(point=point)
    if case is not None:
        rows = rows.filter(file__case=case)
    return rows.select_related("file__case", "point", "debtor", "text", "printed").order_by("-effective_on", "-pk")


@prepared
def agreements_over(street: Street, points: Sequence[int]) -> QuerySet[Agreement]:
    """The agreements over some supply points, by their keys, newest first, for the daily watch."""
    rows = agreements_of(street).filter(point__pk__in=points)
    return rows.select_related("street", "file__street")


@prepared
def agreements_of_case(street: Street, case: Case) -> QuerySet[Agreement]:
    """The agreements of a case, newest first, for a page."""
    return agreements_of(street, case=case)


def plans_wanting(street: Street) -> list[Agreement]:
    """The agreements whose parts do not stand among the debts of their meter yet, the oldest first; one query."""
    planned = Plan.objects.filter(street=street, agreement=OuterRef("public_id"))
    rows = Agreement.objects.filter(~Exists(planned), street=street).select_related("street", "point__street", "file")
    return list(rows.order_by("effective_on", "pk"))


def plan_faults(street: Street) -> Iterator[str]:
    """Where a plan is not what its agreement says (核对分期计划): meter, day, parts."""
    plans = {plan.agreement: plan for plan in Plan.objects.filter(street=street).prefetch_related("parts")}
    rows = Agreement.objects.filter(street=street).select_related("point", "file").prefetch_related("instalments")
    for agreement in rows.order_by("pk"):
        plan = plans.pop(agreement.public_id, None)
        said = [(row.number, row.due_on, row.amount_fen) for row in agreement.instalments.all()]
        if plan is None:
            yield f"agreement {agreement.file.number}: has no plan among the debts of {agreement.point.code}"
            continue
        of = (plan.book_id, plan.number, plan.effective_on, plan.amount_fen)
        if of != (
            agreement.point.book_id,
            agreement.file.number,
            agreement.effective_on,
            sum(fen for _n, _d, fen in said),
        ):
            yield f"plan {plan.pk}: is not what agreement {agreement.file.number} says"
        if sorted((part.number, part.due_on, part.amount_fen) for part in plan.parts.all()) != sorted(said):
            yield f"plan {plan.pk}: its parts are not the instalments of agreement {agreement.file.number}"
    for plan in plans.values():
        yield f"plan {plan.pk}: no agreement has it"


def the_agreement(street: Street, public_id: str, *, paths: Iterable[str] = ("",)) -> Agreement | None:
    """One agreement by its public id, with file, text and debtor, where it may be seen; None otherwise."""
    rows = agreements_of(street, paths=paths).select_related("street__trail_head", "file__mediator")
    return rows.filter(public_id=public_id).first()


def signatures_of(agreement: Agreement) -> QuerySet[Signature]:
    """Who signed and sealed it, for whom, and when."""
    paper = Q(agreement=agreement) if agreement.printed_id is None else Q(printed=agreement.printed_id)
    rows = Signature.objects.filter(paper, street=agreement.street_id)
    return rows.select_related("party", "agent").order_by("pk")


def content_of(
    agreement: Agreement, schedule: Sequence[tuple[dt.date, int]], *, facts: str, terms: str, statement: str
) -> dict[str, Any]:
    """What the hash of an agreement covers that was signed before printing was recorded."""
    return {
        "file": agreement.file.number,
        "point": agreement.point.code,
        "debtor": agreement.debtor_id,
        "form": str(agreement.form),
        "effective_on": agreement.effective_on.isoformat(),
        "debt_fen": agreement.debt_fen,
        "instalments": [[day.isoformat(), fen] for day, fen in schedule],
        "facts": facts,
        "terms": terms,
        "statement": statement,
    }


def intact(agreement: Agreement) -> bool:
    """Whether debt, schedule and text are still those that were printed and signed."""
    rows = Instalment.objects.filter(street=agreement.street_id, agreement=agreement).order_by("number")
    schedule = list(rows.values_list("due_on", "amount_fen"))
    text, printed = agreement.text, agreement.printed
    if printed is None:
        content = content_of(agreement, schedule, facts=text.facts, terms=text.terms, statement=text.statement)
        return agreement_digest(content) == text.sha256
    said = printed.content
    stands = {
        "file": agreement.file.number, "point": agreement.point.code, "debtor": agreement.debtor_id,
        "form": str(agreement.form), "debt_fen": agreement.debt_fen,
        "instalments": [[day.isoformat(), fen] for day, fen in schedule],
        "facts": text.facts, "terms": text.terms, "statement": text.statement,
    }  # fmt: skip
    return {**said, **stands} == said and agreement_digest(said) == printed.sha256 == text.sha256


# -- before it is signed -----------------------------------------------------------------------------------------------


def payable_fen(point: SupplyPoint, *, on: dt.date) -> int:
    """What the ledger shows as owed to the utility at a supply point at the end of a day, confirmed, in fen; three queries."""
    accounts = {a.pk for a in accounts_of(point.street, [point.book_id]) if a.kind == AccountKind.PAYABLE}
    return sum(
        (row.fen - row.unproven_fen) * ((row.credit_id in accounts) - (row.debit_id in accounts))
        for row in pair_sums(point.street, [point.book_id], chart=WATER, on=on)
    )


def committee_of(file: Dossier) -> str:
    """What the committee is called where nobody says otherwise (art. 8, 34)."""
    return f"{file.street.name}人民调解委员会"


def draft_of(file: Dossier) -> AgreementDraft | None:
    """The draft of a file's agreement, if there is one."""
    return _rows(AgreementDraft, file, "point", "debtor").first()


def latest_print(file: Dossier) -> AgreementPrint | None:
    """What was printed last, if anything was."""
    return _rows(AgreementPrint, file, "street").order_by("-number").first()


def print_signatures(printed: AgreementPrint) -> QuerySet[Signature]:
    """Who has signed a print so far."""
    rows = Signature.objects.filter(street=printed.street_id, printed=printed)
    return rows.select_related("party", "agent").order_by("pk")


def authorisations_of(file: Dossier) -> QuerySet[Authorisation]:
    """Who authorised whom to sign, in the order it was written down."""
    return _rows(Authorisation, file, "party", "agent").order_by("pk")


@dataclass(frozen=True, slots=True)
class Principal:
    """A shop somebody speaks for: its name, and its keeper (None while nobody has written down who that is)."""

    shop: str
    party: Party | None

    def __str__(self) -> str:
        return self.shop


def stands_for(file: Dossier, parties: Iterable[MediationParty], *, on: dt.date) -> dict[int, list[Principal]]:
    """For whom a party to the file speaks besides itself, by its key (商户代表): the shops whose delegate it is in the case.

    A delegate who keeps one of the shops speaks there as its keeper. Three queries, however many shops.
    """
    if file.case is None or file.point is None:
        return {}
    delegates = {p.party_id for p in parts_of(file.case, on=on) if p.role == PartyRole.SHOP}
    delegates &= {row.party_id for row in parties}
    if not delegates:
        return {}
    there = not_over(on, "unit__connections__")
    rows = Tenancy.objects.filter(
        there, street=file.street_id, unit__connections__point=file.point, unit__connections__from_on__lte=on,
        from_on__lte=on,
    )  # fmt: skip
    rows = rows.filter(not_over(on)).select_related("unit", "party")
    shops = list(rows.order_by("unit__code", "pk"))
    return {
        delegate: [Principal(row.unit.name, row.party) for row in shops if row.party_id != delegate]
        for delegate in delegates
    }


def unauthorised(
    file: Dossier, parties: Sequence[MediationParty], *, agents: Mapping[Party, Party], on: dt.date
) -> dict[str, list[str]]:
    """Those somebody signs for without their authority on a day, by the name of who signs.

    ``agents``: the party and who signs in its place; a delegate of shops signs for all of them besides.
    """
    given = {(a.party_id, a.agent_id) for a in authorisations_of(file) if a.given_on <= on}
    lacking: dict[str, list[str]] = {}
    for party, agent in agents.items():
        if (party.pk, agent.pk) not in given:
            lacking.setdefault(agent.name, []).append(party.name)
    names = {row.party_id: row.party.name for row in parties}
    for delegate, shops in stands_for(file, parties, on=on).items():
        without = [shop.shop for shop in shops if shop.party is None or (shop.party.pk, delegate) not in given]
        if without:
            lacking.setdefault(names[delegate], []).extend(without)
    return lacking


def without_particulars(parties: Iterable[MediationParty]) -> list[str]:
    """The parties whose particulars are still to be written."""
    return [row.party.name for row in parties if row.particulars is None]


def draft_content(
    draft: AgreementDraft, file: Dossier, parties: Sequence[MediationParty], authorised: Sequence[Authorisation]
) -> dict[str, Any]:
    """What a print of the draft says and its hash covers; of personal words only a digest: those stay where they can go.

    ``copies``: one for each party and each whom somebody signs for, and one for the committee (art. 29).
    """
    principals = {a.party_id for a in authorised} | {row.party_id for row in parties}
    to = draft.pay_to
    return {
        "recipe": 1,
        "file": file.number,
        "street": file.street.name,
        "committee": draft.committee,
        "mediator": file.mediator.full_name if file.mediator else "",
        "form": str(draft.form),
        "parties": [
            {
                "party": row.party_id,
                "side": str(row.side),
                "name": row.party.name,
                "organisation": row.party.kind == PartyKind.ORGANISATION,
                "particulars": agreement_digest(asdict(row.particulars)) if row.particulars else "",
            }
            for row in parties
        ],
        "authorised": [
            {
                "party": a.party_id, "name": a.party.name, "agent": a.agent_id, "agent_name": a.agent.name,
                "scope": a.scope, "paper": a.paper, "given_on": a.given_on.isoformat(),
            }
            for a in authorised
        ],
        "point": draft.point.code,
        "point_name": draft.point.name,
        "debtor": draft.debtor_id,
        "debtor_name": draft.debtor.name,
        "debt_fen": draft.debt_fen,
        "counted_on": draft.counted_on.isoformat(),
        "ledger_fen": draft.ledger_fen,
        "difference": draft.difference,
        "facts": draft.facts,
        "terms": draft.terms,
        "statement": draft.statement,
        "manner": str(to.manner),
        "payee": to.payee,
        "bank": to.bank,
        "account": to.account,
        "instalments": draft.schedule,
        "copies": len(principals) + 1,
    }  # fmt: skip


def current_content(draft: AgreementDraft, file: Dossier) -> dict[str, Any]:
    """What a print would say now; two queries."""
    return draft_content(draft, file, list(parties_of(file)), list(authorisations_of(file)))


# -- instalments -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InstalmentState:
    """One instalment as it stands at the end of a day.

    ``last_on``: the last day in time as far as is known, the next working day when the due day is none.
    ``in_time_until``: the day to which nobody can say that it was missed, later where a year's notice is not in.
    ``late``: not met in full by then, even if met since. ``days_left``: calendar days to ``last_on``.
    """

    instalment: Instalment
    last_on: dt.date
    in_time_until: dt.date
    met_fen: int
    met_on: dt.date | None
    late: bool
    days_left: int

    @property
    def due_on(self) -> dt.date:
        return self.instalment.due_on

    @property
    def amount_fen(self) -> int:
        return self.instalment.amount_fen

    @property
    def left_fen(self) -> int:
        return self.instalment.amount_fen - self.met_fen

    @property
    def met(self) -> bool:
        """Paid in full."""
        return self.met_on is not None

    @property
    def overdue(self) -> bool:
        """Late and still not paid in full."""
        return self.late and not self.met


def instalments(agreement: Agreement, *, on: dt.date) -> list[InstalmentState]:
    """The schedule of an agreement at the end of a day: what confirmed payments to the utility met of each instalment.

    An instalment stands beside the bills in one order (``billing.applying``); it is told from the applications and from
    nothing else. Three queries.
    """
    return instalments_of([agreement], on=on)[agreement.pk]


def followed_from(agreements: Sequence[Agreement]) -> dict[int, dt.date]:
    """The day from which a later agreement over the same supply point takes over, by key where there is one; one query."""
    streets, points = {a.street_id for a in agreements}, {a.point_id for a in agreements}
    order = _in_turn([*streets], [*points])
    return {pk: day for (pk, point, _day), (_pk, same, day) in pairwise(order) if point == same}


@prepared
def _in_turn(streets: Sequence[int], points: Sequence[int]) -> QuerySet[Agreement, tuple[int, int, dt.date]]:
    rows = Agreement.objects.filter(street__pk__in=streets, point__pk__in=points)
    return rows.order_by("point_id", "effective_on", "pk").values_list("pk", "point_id", "effective_on")


def follower(agreement: Agreement) -> Agreement | None:
    """The later agreement over the same supply point that took over, if there is one."""
    later = Q(effective_on__gt=agreement.effective_on) | Q(effective_on=agreement.effective_on, pk__gt=agreement.pk)
    rows = Agreement.objects.filter(later, street=agreement.street_id, point=agreement.point_id)
    return rows.order_by("effective_on", "pk").first()


def instalments_of(agreements: Sequence[Agreement], *, on: dt.date) -> dict[int, list[InstalmentState]]:
    """``instalments`` for several agreements of one street by their key, in three queries. Needs ``point`` and ``file`` loaded."""
    if not agreements:
        return {}
    street = agreements[0].street
    calendar = workday_calendar(street)
    schedules = grouped((row.agreement_id, row) for row in _schedules(street, [a.pk for a in agreements]))
    paid = paid_of_plans(street, sorted({agreement.point.book_id for agreement in agreements}), on=on)
    return {a.pk: [_state(a, row, paid, calendar, on) for row in schedules[a.pk]] for a in agreements}


def _state(
    agreement: Agreement,
    row: Instalment,
    paid: Mapping[tuple[int, str], Sequence[tuple[dt.date, int]]],
    calendar: Calendar,
    on: dt.date,
) -> InstalmentState:
    code = code_of(DebtKind.INSTALMENT, agreement.file.number, row.number)
    money = paid.get((agreement.point.book_id, code), ())
    until_on, met = calendar.in_time_until(row.due_on), met_on(row.amount_fen, money)
    return InstalmentState(
        instalment=row,
        last_on=(last_on := calendar.last_day_of(row.due_on)),
        in_time_until=until_on,
        met_fen=sum(fen for _day, fen in money),
        met_on=met,
        late=late(in_time_until=until_on, met_on=met, on=on),
        days_left=(last_on - on).days,
    )


@prepared
def _schedules(street: Street, agreements: Sequence[int]) -> QuerySet[Instalment]:
    return Instalment.objects.filter(street=street, agreement__pk__in=agreements).order_by("agreement_id", "number")


def breached(agreement: Agreement, on: dt.date) -> bool:
    """Whether an instalment has been late (违约) by the end of a day; paying afterwards does not undo it."""
    return any(row.late for row in instalments(agreement, on=on))


def performed(agreement: Agreement, on: dt.date) -> bool:
    """Whether every instalment is met by the end of a day."""
    return all(row.met for row in instalments(agreement, on=on))


def standings(agreements: Sequence[Agreement], *, on: dt.date) -> dict[int, AgreementState]:
    """How agreements of one street stand by the ledger at the end of a day, by key; four queries however many."""
    followed = followed_from(agreements)
    found = instalments_of(agreements, on=on)
    return {
        agreement.pk: standing(
            AgreementState(agreement.state),
            met=all(row.met for row in rows),
            late=any(row.late for row in rows),
            followed=agreement.pk in followed,
        )
        for agreement, rows in zip(agreements, found.values(), strict=True)
    }


def broken_on(agreements: Sequence[Agreement], *, on: dt.date) -> dict[int, dt.date]:
    """The first day each agreement was broken, by key: the day after its first late instalment could be paid in time."""
    late = {pk: [r.in_time_until for r in rows if r.late] for pk, rows in instalments_of(agreements, on=on).items()}
    return {pk: min(days) + DAY for pk, days in late.items() if days}


def covered_fen(agreement: Agreement, *, on: dt.date) -> int | None:
    """What an agreement still covers at the end of a day, in fen; four queries. None once it no longer stands."""
    followed = followed_from([agreement])
    rows = instalments_of([agreement], on=on)[agreement.pk]
    return covered_by(rows, followed=agreement.pk in followed)


def covered_by(rows: Iterable[InstalmentState], *, followed: bool) -> int | None:
    """What unmet instalments come to, in fen; None where one was late, or a later agreement took over (``followed``)."""
    found = list(rows)
    return None if followed or any(row.late for row in found) else sum(row.left_fen for row in found)


def earliest_next(agreement: Agreement, *, on: dt.date) -> dt.date:
    """The first day on which a further agreement over the same supply point may take effect.

    Its own day of effect; if it was performed, the day after its last fen arrived.
    """
    days = [row.met_on for row in instalments(agreement, on=on)]
    if agreement.state == AgreementState.PERFORMED and (met := [day for day in days if day]):
        return max(met) + DAY
    return agreement.effective_on


# -- boards ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AgreementDue:
    """An agreement with the next instalment that is not met: None when all are, or a later agreement took over."""

    agreement: Agreement
    following: InstalmentState | None
    met_fen: int
    breached: bool

    @property
    def left_fen(self) -> int:
        return self.agreement.debt_fen - self.met_fen


def dues(agreements: Iterable[Agreement], *, on: dt.date) -> list[AgreementDue]:
    """Agreements of one street as they stand on a day, in the order given; four queries however many. Needs ``street``."""
    found, out = list(agreements), []
    for agreement, rows in zip(found, instalments_of(found, on=on).values(), strict=True):
        to_come = [] if agreement.state == AgreementState.SUPERSEDED else [row for row in rows if not row.met]
        met_fen, broken = sum(row.met_fen for row in rows), any(row.late for row in rows)
        out.append(AgreementDue(agreement, to_come[0] if to_come else None, met_fen, broken))
    return out


def agreements_due(street: Street, on: dt.date, *, paths: Iterable[str] = ("",)) -> list[AgreementDue]:
    """Every agreement to be performed yet as it stands on a day, the next due first; five queries however many."""
    found = dues(_to_perform(street, Fixed(tuple(paths))), on=on)
    return sorted(found, key=lambda row: row.following.last_on if row.following else dt.date.max)


@prepared
def _to_perform(street: Street, paths: Fixed) -> QuerySet[Agreement]:
    return agreements_of(street, paths=paths.value).exclude(state__in=AGREEMENT_OVER).select_related("street")


@dataclass(frozen=True, slots=True)
class ConfirmationDue:
    """An agreement whose confirmation has not been asked for, and the calendar days left for it."""

    agreement: Agreement
    deadline: dt.date
    days_left: int


def confirmation_due(agreement: Agreement, *, on: dt.date, calendar: Calendar | None = None) -> ConfirmationDue | None:
    """How long the parties may still ask the court to confirm; None once it is asked for or too late."""
    calendar = calendar or workday_calendar(agreement.street_id)
    if agreement.confirmation != Confirmation.NOT_SOUGHT or confirmation_over(agreement.effective_on, on, calendar):
        return None
    deadline = confirmation_deadline(agreement.effective_on, calendar)
    return ConfirmationDue(agreement, deadline, (deadline - on).days)


def confirmations_due(street: Street, on: dt.date, *, paths: Iterable[str] = ("",)) -> list[ConfirmationDue]:
    """The agreements that could still be confirmed, the soonest to run out first; two queries."""
    calendar = workday_calendar(street)
    rows = (
        agreements_of(street, paths=paths).filter(confirmation=Confirmation.NOT_SOUGHT).order_by("effective_on", "pk")
    )
    clocks = (confirmation_due(agreement, on=on, calendar=calendar) for agreement in rows)
    return [due for due in clocks if due is not None]
