"""Bills come in and are shared, money is taken and passed on, debts are admitted, mistakes are taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext_lazy as _

from hege.attachments.actions import keep_files
from hege.attachments.preparing import Prepared, counted
from hege.billing.applying.actions import Named, apply_again, apply_money, apply_to_charges, keep_named
from hege.billing.applying.queries import Key, codes_standing, nameable
from hege.billing.applying.rules import check_named
from hege.billing.chart import REACHES_THE_UTILITY, WATER, TransactionKind
from hege.billing.chart import AccountKind as A
from hege.billing.models import (
    PAYMENT_SAYS,
    SHARE_SAYS,
    Acknowledgement,
    Allocation,
    Bill,
    BillComponent,
    MethodChoice,
    Payment,
    Share,
)
from hege.billing.queries import (
    Split,
    ToSplit,
    components_of_bills,
    current_allocation,
    frozen_weights,
    split_of,
    splits_of,
    waiting_to_be_shared,
)
from hege.billing.rules import (
    PAYABLE,
    UNSHARED,
    ComponentKind,
    Method,
    allocation_lines,
    bill_lines,
    check_bill,
    check_payment,
    owner,
    payment_lines,
)
from hege.kernel import bulk
from hege.kernel.checks import check_words
from hege.kernel.database import atomic
from hege.kernel.grouped import summed
from hege.kernel.refused import Refused
from hege.ledger import actions as ledger
from hege.ledger.actions import Draft, Source, lock_books, post_transactions
from hege.ledger.models import SourceFile, Transaction
from hege.ledger.rules import EvidenceKind, Level, Line, Ref, Side, Statement, line
from hege.metering.models import SupplyPoint
from hege.metering.queries import role_holder
from hege.metering.rules import PointRoleKind
from hege.people.models import Party, Street, User
from hege.places.models import Tenancy
from hege.trail import actions as trail

ShareRow = tuple[int, int | None, str, dict[str, int], int, bool]
#: An allocation to be booked, its shares, what it posts, and the transaction it depends on.
_Statement = tuple[Allocation, list[ShareRow], list[Line], int]


@atomic
def choose_method(
    point: SupplyPoint, *, method: Method, from_on: dt.date, decision: str, by: User | None, at: dt.datetime
) -> MethodChoice:
    """Say how bills of periods from a day on are shared (分摊方式), by a recorded decision."""
    decision = check_words(decision, _("改分摊方式要写明是哪次会议的决定。"), field="decision")
    choice = MethodChoice.objects.create(
        street=point.street, point=point, method=method, from_on=from_on, decision=decision, by=by, at=at
    )
    trail.record("choose_method", point, by=by, at=at, method=method.value, from_on=from_on, decision=decision)
    return choice


@dataclass(frozen=True, slots=True)
class BillDraft:
    """A utility bill as printed: half-open period, litres, fen by component."""

    point: SupplyPoint
    number: str
    from_on: dt.date
    until_on: dt.date
    volume_litres: int
    components_fen: Mapping[ComponentKind, int]
    amount_fen: int
    due_on: dt.date
    issued_on: dt.date
    previous_litres: int | None = None
    current_litres: int | None = None
    source: Source | None = None

    def bill(self, street: Street) -> Bill:
        """The bill, not written yet."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("components_fen", "source")}
        return Bill(street=street, **said)


@dataclass(frozen=True, slots=True)
class Shared:
    """What became of some bills: the allocations made, why a bill stays unshared (its number to the reason), and how many
    shares of a bill rest on estimates.
    """

    bills: list[Bill]
    allocations: list[Allocation]
    unshared: dict[str, str]
    estimated: dict[str, int]


@atomic
def issue_bills(
    street: Street, drafts: Sequence[BillDraft], *, by: User | None, at: dt.datetime, file: SourceFile | None = None
) -> Shared:
    """Book utility bills (出账) on their issue day and share each at once by its meter's method, all or none."""
    for d in drafts:
        check_bill(from_on=d.from_on, until_on=d.until_on, components_fen=d.components_fen, amount_fen=d.amount_fen)
    lock_books(street, [d.point.book_id for d in drafts])
    bills = [d.bill(street) for d in drafts]
    booked = [
        Draft(
            book_id=d.point.book_id,
            kind=TransactionKind.BILL,
            effective_on=d.issued_on,
            lines=bill_lines(d.amount_fen),
            source=d.source,
            document_digest=bill.document_digest((street.pk, kind, fen) for kind, fen in d.components_fen.items()),
        )
        for d, bill in zip(drafts, bills, strict=True)
    ]
    posting = post_transactions(street, booked, chart=WATER, by=by, at=at, file=file)
    for transaction_id, bill in zip(posting.transaction_ids, bills, strict=True):
        bill.transaction_id = transaction_id
    bulk.append_instances(bills)
    bulk.append_instances(
        [
            BillComponent(street=street, bill=bill, kind=kind, amount_fen=fen)
            for bill, d in zip(bills, drafts, strict=True)
            for kind, fen in d.components_fen.items()
        ]
    )
    if bills:
        charges = [((b.point.book_id, None), b.issued_on, b.amount_fen) for b in bills]
        apply_to_charges(street, charges, by=by, at=at)
        told = [[b.number, b.amount_fen] for b in bills]
        trail.record("issue_bills", bills[0], street=street, by=by, at=at, bills=told, **posting.proof)
    return share_bills(street, bills, by=by, at=at)


@atomic
def share_bills(street: Street, bills: Iterable[Bill], *, by: User | None, at: dt.datetime) -> Shared:
    """Share bills by the method of their supply point (分摊). A bill whose data is missing stays unshared and says why.

    Bills shared or reversed meanwhile are passed over: the caller may have read them before the lock.
    """
    wanted = list(bills)
    lock_books(street, [bill.point.book_id for bill in wanted])
    waiting = waiting_to_be_shared(street, wanted)
    parts = components_of_bills(street, waiting)
    splits = splits_of(street, [ToSplit(bill, parts.get(bill.pk, {})) for bill in waiting])
    found = dict(zip(waiting, splits, strict=True))
    unshared = {bill.number: str(split) for bill, split in found.items() if isinstance(split, Refused)}
    split = [(bill, one) for bill, one in found.items() if not isinstance(one, Refused)]
    made = _book(street, [_state(*one, by=by, at=at) for one in split], by=by, at=at)
    guessed = {bill.number: sum(s.estimated for s in one.lines) for bill, one in split}
    return Shared(wanted, made, unshared, {number: n for number, n in guessed.items() if n})


def _state(
    bill: Bill,
    split: Split,
    *,
    by: User | None,
    at: dt.datetime,
    corrects: Allocation | None = None,
    decision: str = "",
    moved: list[Line] | None = None,
) -> _Statement:
    """An allocation with its inputs frozen, not written yet, its shares as values of ``SHARE_SAYS``, and what it posts: all of them,
    or what was ``moved`` against the one it corrects."""
    inputs = {
        "volume_litres": split.basis.volume_litres,
        "components_fen": {kind.value: fen for kind, fen in split.components_fen.items()},
        "weights": frozen_weights(split.lines),
    }
    allocation = Allocation(
        street=bill.street, bill=bill, method=split.method, inputs=inputs, corrects=corrects, decision=decision, by=by,
        at=at,
    )  # fmt: skip
    shares: list[ShareRow] = [
        (bill.street_id, s.tenancy_id, str(s.weight)[:80], {kind.value: fen for kind, fen in s.parts_fen.items()},
         s.amount_fen, s.estimated)
        for s in split.lines
    ]  # fmt: skip
    posted = allocation_lines(split.lines) if moved is None else moved
    return allocation, shares, posted, corrects.transaction_id if corrects else bill.transaction_id


def _book(street: Street, statements: Sequence[_Statement], *, by: User | None, at: dt.datetime) -> list[Allocation]:
    """Post allocations, one transaction each, effective on the bill's issue day, and write each beside its transaction; one line of
    the trail for all."""
    booked = [
        Draft(
            book_id=allocation.bill.point.book_id,
            kind=TransactionKind.SHARE,
            effective_on=allocation.bill.issued_on,
            lines=lines,
            depends_on_id=depends_on_id,
            reason=allocation.decision,
            document_digest=allocation.document_digest(shares),
        )
        for allocation, shares, lines, depends_on_id in statements
    ]
    posting = post_transactions(street, booked, chart=WATER, by=by, at=at)
    made = [allocation for allocation, *_rest in statements]
    for transaction_id, allocation in zip(posting.transaction_ids, made, strict=True):
        allocation.transaction_id = transaction_id
    bulk.append_instances(made)
    rows = [(allocation.pk, *share) for allocation, shares, *_rest in statements for share in shares]
    bulk.append(Share, ["allocation_id", *SHARE_SAYS], rows)
    apply_to_charges(street, _moved_by(statements), by=by, at=at)
    if made:
        told = [[allocation.bill.number, Method(allocation.method).value] for allocation in made]
        trail.record(
            "replace_allocation" if made[0].corrects_id else "share_bill", made[0], by=by, at=at, bills=told,
            decision=made[0].decision, **posting.proof,
        )  # fmt: skip
    return made


def _moved_by(statements: Sequence[_Statement]) -> Iterator[tuple[Key, dt.date, int]]:
    """What statements charge each shop, by relation and the bill's day; a first share taken down pays like a credit."""
    for allocation, _shares, lines, _depends_on in statements:
        book, on = allocation.bill.point.book_id, allocation.bill.issued_on
        for debit, credit, fen in lines:
            for side, charge in ((debit, fen), (credit, -fen)):
                if side.tenancy_id is not None:
                    yield (book, side.tenancy_id), on, charge


@atomic
def replace_allocation(bill: Bill, *, method: Method, decision: str, by: User | None, at: dt.datetime) -> Allocation:
    """Share a bill again (重新分摊): posts the *difference per tenancy*, names the statement it corrects, keeps the old one."""
    decision = check_words(decision, _("重新分摊要写明是哪次会议的决定。"), field="decision")
    lock_books(bill.street, [bill.point.book_id])
    old = current_allocation(bill)
    if old is None:
        raise Refused(_("这张账单还没有分摊过。"))
    split = split_of(bill, method)
    before = old.shares.values_list("tenancy_id", "amount_fen")
    change = summed(
        [*((tenancy, -fen) for tenancy, fen in before), *((s.tenancy_id, s.amount_fen) for s in split.lines)]
    )
    owners = sorted(change, key=lambda k: (k is None, k or 0))
    moved = [line(owner(k), UNSHARED, change[k]) for k in owners if change[k]]
    stated = _state(bill, split, by=by, at=at, corrects=old, decision=decision[:300], moved=moved)
    return _book(bill.street, [stated], by=by, at=at)[0]


@dataclass(frozen=True, slots=True)
class PaymentDraft:
    """Money that changed hands, in whole fen. ``confirmed`` says an independent record or signed receipt was seen."""

    kind: TransactionKind
    point: SupplyPoint
    on: dt.date
    amount_fen: int
    confirmed: bool
    tenancy: Tenancy | None = None
    agent: Party | None = None
    means: str = ""
    voucher: str = ""
    counterparty: str = ""
    note: str = ""
    source: Source | None = None
    record: EvidenceKind | None = None  # the independent record it stands in, where it is a line of one
    says: Side = Side.PAYER  # whose word it is where nothing was seen
    papers: Sequence[Prepared] = ()  # pictures of what was seen
    named: Sequence[str] = ()  # codes of the debts its payer named it for, and how that was written
    named_words: str = ""

    @property
    def relations(self) -> list[Key]:
        """The relations it is in: the utility's with the holder, a shop's with its agent, or both."""
        book = self.point.book_id
        ours: list[Key] = [(book, None)] if self.kind in REACHES_THE_UTILITY else []
        return [*ours, (book, self.tenancy.pk)] if self.tenancy else ours


PAYEES_RECEIPT = Statement(Side.PAYEE, EvidenceKind.SIGNED_RECEIPT, supports=True)
UTILITYS_RECORD = Statement(Side.THIRD, EvidenceKind.UTILITY_RECORD, supports=True)


def _first_word(draft: PaymentDraft) -> tuple[Statement, str]:
    """What a payment rests on at first; only an independent record confirms money that reached the utility."""
    if draft.record is not None:
        return Statement(Side.THIRD, draft.record, supports=True), draft.voucher
    seen = PAYEES_RECEIPT if draft.kind is TransactionKind.RECEIPT else UTILITYS_RECORD
    word = Statement(draft.says, EvidenceKind.ORAL_WORD, supports=True)
    return (seen if draft.confirmed else word), draft.voucher


@atomic
def take_payments(
    street: Street, drafts: Sequence[PaymentDraft], *, by: User | None, at: dt.datetime, file: SourceFile | None = None
) -> list[int]:
    """Book payments (收款/缴款), all or none; answers the ids of their transactions in order.

    A receipt moves a shop's debt to the agent's hands, a remittance pays the utility out of them, a direct
    payment pays the utility from the shop. The caller has looked for sources booked already.
    """
    for draft in drafts:
        check_payment(draft.amount_fen)
    lock_books(street, [d.point.book_id for d in drafts])
    _check_named(street, drafts)
    agents: dict[tuple[int, dt.date], Party | None] = {}
    posted: list[Draft] = []
    papers: list[tuple[Any, ...]] = []  # values of PAYMENT_SAYS
    for d in drafts:
        agent = d.agent
        if agent is None and d.kind is not TransactionKind.DIRECT_PAYMENT:
            key = (d.point.pk, d.on)
            if key not in agents:
                agents[key] = role_holder(d.point, PointRoleKind.AGENT, on=d.on)
            agent = agents[key]
            if agent is None:
                raise Refused(_("总表 %(code)s 没有登记代收人。"), code=d.point.code)
        tenancy_id, agent_id = d.tenancy.pk if d.tenancy else None, agent.pk if agent else None
        paper = (
            street.pk, d.point.pk, tenancy_id, agent_id, d.amount_fen, d.means, d.voucher, d.counterparty, d.note,
        )  # fmt: skip
        papers.append(paper)
        posted.append(
            Draft(
                book_id=d.point.book_id,
                kind=d.kind,
                effective_on=d.on,
                lines=payment_lines(d.kind, d.amount_fen, tenancy_id=tenancy_id, agent_id=agent_id),
                source=d.source,
                statements=[_first_word(d)],
                document_digest=Payment.document_digest(paper),
            )
        )
    posting = post_transactions(street, posted, chart=WATER, by=by, at=at, file=file)
    rows = [(transaction_id, *paper) for transaction_id, paper in zip(posting.transaction_ids, papers, strict=True)]
    bulk.append(Payment, ["transaction_id", *PAYMENT_SAYS], rows)
    for transaction_id, draft in zip(posting.transaction_ids, drafts, strict=True):
        if draft.papers:
            keep_files(draft.papers, about=Transaction(pk=transaction_id, street=street), by=by, at=at)
    said = zip(posting.transaction_ids, drafts, strict=True)
    keep_named(street, [Named(pk, d.named, words=d.named_words) for pk, d in said if d.named], by=by, at=at)
    books = {d.point.book_id for d in drafts if d.kind in REACHES_THE_UTILITY}
    apply_money(street, books=books, shops={d.tenancy.pk for d in drafts if d.tenancy}, by=by, at=at)
    if drafts:
        total, kinds = sum(d.amount_fen for d in drafts), sorted({d.kind.value for d in drafts})
        trail.record(
            "take_payments", drafts[0].point, street=street, by=by, at=at, count=len(drafts), total_fen=total,
            kinds=kinds, **posting.proof, **counted([paper for draft in drafts for paper in draft.papers]),
        )  # fmt: skip
    return posting.transaction_ids


def _check_named(street: Street, drafts: Sequence[PaymentDraft]) -> None:
    """What payments are named for stands there, in each relation they are in; ten queries where any is named."""
    named = [d for d in drafts if d.named]
    if not named:
        return
    found = nameable(street, {key for d in named for key in d.relations})
    there = codes_standing(street, {code for d in named for code in d.named})
    for draft in named:
        for key in draft.relations:
            check_named(draft.named, found[key].on(draft.on), elsewhere=there - found[key].debts.keys())


@atomic
def add_papers(
    street: Street,
    papers: Sequence[tuple[int, PaymentDraft]],
    *,
    by: User | None,
    at: dt.datetime,
    file: SourceFile | None = None,
) -> None:
    """Add further papers to payments that stand (补凭证), by the ids of their transactions: evidence for them, no new money."""
    said = []
    for transaction_id, draft in papers:
        word, document = _first_word(draft)
        said.append(ledger.Paper(transaction_id, word, document, draft.on, draft.source))
    ledger.add_papers(street, said, chart=WATER, by=by, at=at, file=file)
    proven = Transaction.objects.filter(street=street, pk__in=[paper.transaction_id for paper in said])
    if said:
        apply_again(list(proven.select_related("street")), by=by, at=at)


@atomic
def state_evidence(transaction: Transaction, *, by: User | None, at: dt.datetime, **said: Any) -> Level:
    """State what speaks for or against a transaction (举证/否认), ``said`` as ``ledger.actions.state_evidence`` takes it; what it paid is
    applied once it is confirmed, and no longer when it is contested."""
    proven = ledger.state_evidence(transaction, chart=WATER, by=by, at=at, **said)
    apply_again([transaction], by=by, at=at)
    return proven


@atomic
def reverse_transaction(transaction: Transaction, *, reason: str, by: User | None, at: dt.datetime) -> Transaction:
    """Take a transaction back (冲正) as ``ledger.actions.reverse_transaction`` does; what it met is open again, and what was paid
    since is applied anew."""
    mirrored = ledger.reverse_transaction(transaction, reason=reason, by=by, at=at)
    apply_again([transaction], by=by, at=at)
    return mirrored


@dataclass(frozen=True, slots=True)
class AcknowledgementDraft:
    """What a unit admits in writing that it has not paid, in fen, at the end of a day."""

    point: SupplyPoint
    tenancy: Tenancy
    on: dt.date
    amount_fen: int
    voucher: str = ""
    note: str = ""
    source: Source | None = None
    papers: Sequence[Prepared] = ()  # the signed page, as it was seen


@atomic
def acknowledge_debts(
    street: Street,
    drafts: Sequence[AcknowledgementDraft],
    *,
    by: User | None,
    at: dt.datetime,
    file: SourceFile | None = None,
) -> list[Acknowledgement]:
    """Write down what units admit (欠费确认). Posts nothing: it proves a debt, it does not make one (Civil Code art. 195)."""
    if any(draft.amount_fen < 0 for draft in drafts):
        raise Refused(_("承认未缴金额不能是负数。"), field="承认未缴金额")
    kept = ledger.keep_sources(street, [draft.source for draft in drafts], file=file)
    made = Acknowledgement.objects.bulk_create(
        Acknowledgement(
            street=street, point=d.point, tenancy=d.tenancy, on=d.on, amount_fen=d.amount_fen, voucher=d.voucher,
            note=d.note, source_row_id=source, by=by, recorded_at=at,
        )
        for d, source in zip(drafts, kept, strict=True)
    )  # fmt: skip
    for acknowledgement, draft in zip(made, drafts, strict=True):
        keep_files(draft.papers, about=acknowledgement, by=by, at=at)
    if made:
        total, papers = sum(a.amount_fen for a in made), [paper for draft in drafts for paper in draft.papers]
        trail.record("acknowledge", made[0], by=by, at=at, total_fen=total, **counted(papers))
    return made


@atomic
def open_book(
    point: SupplyPoint, *, on: dt.date, payable_fen: int, document: str, by: User | None, at: dt.datetime
) -> Transaction:
    """Open a book with what the utility says is owed from before (期初): unexplained until somebody explains it."""
    check_payment(payable_fen)
    lock_books(point.street, [point.book_id])
    lines = [Line(Ref(A.UNEXPLAINED), PAYABLE, payable_fen)]
    opening = Draft(point.book_id, TransactionKind.OPENING, on, lines, reason=document[:300])
    posting = post_transactions(point.street, [opening], chart=WATER, by=by, at=at)
    apply_money(point.street, books=[point.book_id], by=by, at=at)
    trail.record("open_book", point, by=by, at=at, payable_fen=payable_fen, **posting.proof)
    return Transaction.objects.get(street=point.street, pk=posting.transaction_ids[0])
