"""Posting to the ledger: money rows are made here and nowhere else. Higher packages record the story."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hege.attachments.actions import keep_files
from hege.attachments.preparing import Prepared, counted
from hege.kernel import bulk, seal
from hege.kernel.checks import check_words
from hege.kernel.database import atomic
from hege.kernel.prepared import prepared
from hege.kernel.refused import Refused
from hege.ledger.models import (
    Account,
    AccountTotal,
    BalanceAssertion,
    Book,
    Evidence,
    MonthTotal,
    OpenClaim,
    SourceFile,
    SourceRow,
    Transaction,
    Transfer,
)
from hege.ledger.queries import TOTALS, totals_of_entries
from hege.ledger.rules import (
    BY_MONTH,
    MIRRORS,
    REVERSAL,
    Chart,
    EvidenceKind,
    EvidenceRow,
    Level,
    Line,
    Ref,
    Side,
    Statement,
    TransactionRow,
    TransferRow,
    batch_digest,
    check_arguable,
    check_lines,
    check_reversible,
    level,
    transaction_digest,
)
from hege.people.models import Street, User
from hege.trail import actions as trail


class Source(NamedTuple):
    """Where a booked line comes from: the system and key that name it, a digest of its content, the raw row."""

    source: str
    key: str
    digest: str
    raw: dict[str, Any]
    row_number: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """One transaction to be posted to one book.

    ``statements`` are the statements of evidence it starts with, ``document_digest`` the digest of the paper it books, if any.
    """

    book_id: int
    kind: str
    effective_on: dt.date
    lines: Sequence[Line]
    source: Source | None = None
    statements: Sequence[tuple[Statement, str]] = ()
    depends_on_id: int | None = None
    reverses_id: int | None = None
    reason: str = ""
    document_digest: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """What was posted: transaction ids in the order of the drafts, and what the trail must carry as proof."""

    transaction_ids: list[int]
    digest: str

    @property
    def proof(self) -> dict[str, Any]:
        """The part of a trail line that seals these transactions."""
        return {"events": seal.ranges(self.transaction_ids), "digest": self.digest}


def lock_books(street: Street, book_ids: Iterable[int]) -> dict[int, str]:
    """Lock books in the order of their keys, before anything about their money is read; the chart of each by its key."""
    wanted = sorted(set(book_ids))
    found = dict(_locked_books(street, wanted))
    if len(found) != len(wanted):
        raise ValueError("a book of another street, or none")
    return found


@prepared
def _locked_books(street: Street, pks: Sequence[int]) -> QuerySet[Book, tuple[int, str]]:
    books = Book.objects.select_for_update().filter(street=street, pk__in=pks)
    return books.order_by("pk").values_list("pk", "chart")


def account_ids(street: Street, wanted: Iterable[tuple[int, Ref]]) -> dict[tuple[int, Ref], int]:
    """The keys of accounts by ``(book id, ref)``; opens those that are not there yet. Books must be locked.

    In a book of members, who are many, those of the members that are wanted are looked for, and the book's own.
    """
    want = set(wanted)
    members = {ref.member_id for _book, ref in want if ref.member_id is not None}
    books = [*{book for book, _ref in want}]
    if members:
        rows = Account.objects.filter(street=street, book_id__in=books)
        own = rows.filter(tenancy__isnull=True, party__isnull=True, member__isnull=True)
        have = _by_ref(_refs(own)) | _by_ref(_refs(rows.filter(member_id__in=members)))
    else:
        have = _by_ref(_accounts_of(street, books))
    missing = sorted(want - have.keys(), key=str)
    ids = bulk.reserve_ids(Account, len(missing))
    bulk.append(
        Account,
        ["id", "street_id", "book_id", *Ref._fields],
        [(pk, street.pk, book, str(ref.kind), *ref[1:]) for pk, (book, ref) in zip(ids, missing, strict=True)],
    )
    have.update(zip(missing, ids, strict=True))
    return have


def _refs(rows: QuerySet[Account]) -> QuerySet[Account, tuple[Any, ...]]:
    return rows.values_list("pk", "book_id", *Ref._fields)


@prepared
def _accounts_of(street: Street, books: Sequence[int]) -> QuerySet[Account, tuple[Any, ...]]:
    return _refs(Account.objects.filter(street=street, book__pk__in=books))


def _by_ref(accounts: Iterable[tuple[Any, ...]]) -> dict[tuple[int, Ref], int]:
    return {(book, Ref(*said)): pk for pk, book, *said in accounts}


@atomic
def post_transactions(
    street: Street,
    drafts: Sequence[Draft],
    *,
    chart: Chart,
    by: User | None,
    at: dt.datetime,
    file: SourceFile | None = None,
) -> Posting:
    """Post transactions with their transfers, source rows and first evidence, all or none.

    The caller holds the locks of the books (``lock_books``), has asked the rules and has looked for
    sources that are booked already; it records ``Posting.proof`` on the trail.
    """
    for draft in drafts:
        if draft.kind != REVERSAL:
            check_lines(chart, draft.kind, draft.lines)
    accounts = account_ids(
        street, {(d.book_id, ref) for d in drafts for row in d.lines for ref in (row.debit, row.credit)}
    )
    kept = keep_sources(street, [d.source for d in drafts], file=file)
    transaction_ids = bulk.reserve_ids(Transaction, len(drafts))
    sid, who = street.pk, by.pk if by else None
    transactions, transfers, evidence, claims, digests = [], [], [], [], []
    moves: list[_Move] = []
    for pk, d, source in zip(transaction_ids, drafts, kept, strict=True):
        row = TransactionRow(
            d.book_id, str(d.kind), d.effective_on, at, who, source, d.depends_on_id, d.reverses_id, d.reason,
            d.document_digest,
        )  # fmt: skip
        statements = [_stated(word, document, d.effective_on, at, who) for word, document in d.statements]
        says = [(debit.says, credit.says, fen) for debit, credit, fen in d.lines]
        digest = transaction_digest(street.code, row, says, statements)
        digests.append(digest)
        transactions.append((pk, sid, *row, digest))
        proven = level(chart, d.kind, [word for word, _document in d.statements])
        if proven is not Level.CONFIRMED:
            claims.append((sid, d.book_id, pk, proven.value))
        for debit, credit, fen in d.lines:
            moved = TransferRow(accounts[d.book_id, debit], accounts[d.book_id, credit], fen)
            transfers.append((sid, d.book_id, pk, d.effective_on, *moved))
            unproven = 0 if proven is Level.CONFIRMED else fen
            sides = moved.debit_id, str(debit.kind), moved.credit_id, str(credit.kind)
            moves.append(_Move(d.effective_on, *sides, fen, unproven))
        evidence += [(sid, pk, *stated) for stated in statements]
    bulk.append(Transaction, ["id", "street_id", *TransactionRow._fields, "digest"], transactions)
    beside = ["street_id", "book_id", "transaction_id", "effective_on"]
    bulk.append(Transfer, [*beside, *TransferRow._fields], transfers)
    bulk.append(
        Evidence, ["street_id", "transaction_id", *EvidenceRow._fields], evidence,
        sealed_by="the transaction they come with",
    )  # fmt: skip
    bulk.append(OpenClaim, ["street_id", "book_id", "transaction_id", "level"], claims)
    if chart.name in BY_MONTH:
        _add_to_totals(street, moves)
    return Posting(transaction_ids, batch_digest(digests))


class _Move(NamedTuple):
    """What moved: the day, the accounts of both sides with their kinds, how much, and how much of it is not confirmed; in fen."""

    day: dt.date
    debit: int
    debit_kind: str
    credit: int
    credit_kind: str
    fen: int
    unproven: int


def _add_to_totals(street: Street, moves: Iterable[_Move]) -> None:
    """Add what moved to the totals of both accounts, two statements in all; whoever calls holds the locks of the books."""
    months: dict[tuple[int, dt.date], list[int]] = defaultdict(lambda: [0, 0])
    totals: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    for day, debit, debit_kind, credit, credit_kind, fen, unproven in moves:
        month = day.replace(day=1)
        for account, against, sign in ((debit, credit_kind, 1), (credit, debit_kind, -1)):
            for total in (months[account, month], totals[account, against]):
                total[0] += sign * fen
                total[1] += sign * unproven
    of = ["street_id", "account_id"]
    by_month = [(street.pk, *key, *months[key]) for key in sorted(months)]
    by_side = [(street.pk, *key, *totals[key]) for key in sorted(totals)]
    bulk.add_up(MonthTotal, [*of, "month_on"], ["fen", "unproven_fen"], by_month)
    bulk.add_up(AccountTotal, [*of, "against"], ["fen", "unproven_fen"], by_side)


def _turn(transaction: Transaction, *, unproven: bool) -> None:
    """Count a transaction, in the totals, among what is not confirmed, or no longer."""
    if transaction.book.chart not in BY_MONTH:
        return
    sign = 1 if unproven else -1
    moves = [_Move(day, a, a_kind, b, b_kind, 0, sign * fen) for day, a, a_kind, b, b_kind, fen in _moved(transaction)]
    _add_to_totals(transaction.street, moves)


@prepared
def _moved(transaction: Transaction) -> QuerySet[Transfer, tuple[Any, ...]]:
    return Transfer.objects.filter(transaction=transaction).values_list(
        "effective_on", "debit_id", "debit__kind", "credit_id", "credit__kind", "amount_fen"
    )


@atomic
def rebuild_totals(street: Street, *, by: User | None, at: dt.datetime) -> int:
    """Make all ``MonthTotal`` and ``AccountTotal`` of a street anew from its entries (重建发生额); how many. Nobody posts meanwhile."""
    books = Book.objects.filter(street=street, chart__in=BY_MONTH).values_list("pk", flat=True)
    lock_books(street, books)
    count = 0
    for model, key in TOTALS.items():
        model.objects.filter(street=street).delete()
        names = ["street_id", "account_id", key, "fen", "unproven_fen"]
        for rows in totals_of_entries(street, model):
            count += bulk.append(model, names, rows)
    trail.record("rebuild_totals", street, street=street, by=by, at=at, count=count)
    return count


def _stated(word: Statement, document: str, on: dt.date, at: dt.datetime, by_id: int | None) -> EvidenceRow:
    return EvidenceRow(word.side.value, word.kind.value, word.supports, document, on, at, by_id)


@atomic
def state_evidence(
    transaction: Transaction,
    *,
    side: Side,
    kind: EvidenceKind,
    supports: bool,
    stated_on: dt.date,
    document: str = "",
    papers: Sequence[Prepared] = (),
    chart: Chart,
    by: User | None,
    at: dt.datetime,
) -> Level:
    """Add a statement for or against a transaction (举证/否认) and say how well the transaction is proven now.

    ``papers`` show what was seen; they prove nothing by themselves: the statement says what they are.

    Refused on a reversed transaction: what has been taken back cannot be proven any more.
    """
    lock_books(transaction.street, [transaction.book_id])
    check_arguable(chart, kind=transaction.kind, is_reversed=bool(_reversal(transaction.street_id, transaction)))
    stated = _stated(Statement(side, kind, supports), document, stated_on, at, by.pk if by else None)
    Evidence.objects.create(street=transaction.street, transaction=transaction, **stated._asdict())
    proven = _project(transaction, chart)
    keep_files(papers, about=transaction, by=by, at=at)
    trail.record(
        "state_evidence", transaction, by=by, at=at, side=side.value, kind=kind.value, supports=supports,
        document=document, level=proven.value, **counted(papers),
    )  # fmt: skip
    return proven


class Paper(NamedTuple):
    """A further paper of a payment that stands: what it says of it, its number, its day, the row it came in."""

    transaction_id: int
    word: Statement
    document: str
    on: dt.date
    source: Source | None


@atomic
def add_papers(
    street: Street,
    papers: Sequence[Paper],
    *,
    chart: Chart,
    by: User | None,
    at: dt.datetime,
    file: SourceFile | None = None,
) -> None:
    """State what further papers say of payments (补凭证): no money moves, the payment may be better proven after it."""
    if not papers:
        return
    wanted = {paper.transaction_id for paper in papers}
    transactions = {t.pk: t for t in Transaction.objects.filter(street=street, pk__in=wanted)}
    lock_books(street, [transaction.book_id for transaction in transactions.values()])
    reversals = Transaction.objects.filter(street=street, reverses_id__in=transactions)
    gone = set(reversals.values_list("reverses_id", flat=True))
    for transaction in transactions.values():
        check_arguable(chart, kind=transaction.kind, is_reversed=transaction.pk in gone)
    kept = keep_sources(street, [paper.source for paper in papers], file=file)
    Evidence.objects.bulk_create(
        Evidence(
            street=street,
            transaction=transactions[paper.transaction_id],
            source_row_id=source,
            **_stated(paper.word, paper.document, paper.on, at, by.pk if by else None)._asdict(),
        )
        for paper, source in zip(papers, kept, strict=True)
    )
    levels = {pk: _project(transaction, chart).value for pk, transaction in transactions.items()}
    told = [[paper.transaction_id, paper.document, levels[paper.transaction_id]] for paper in papers]
    trail.record("add_papers", transactions[papers[0].transaction_id], street=street, by=by, at=at, papers=told)


@prepared
def _reversal(street_id: int, transaction: Transaction) -> QuerySet[Transaction, tuple[int]]:
    return Transaction.objects.filter(street=street_id, reverses=transaction).values_list("pk")[:1]


@prepared
def _statements(street_id: int, transaction: Transaction) -> QuerySet[Evidence, tuple[str, str, bool]]:
    rows = Evidence.objects.filter(street=street_id, transaction=transaction).order_by("pk")
    return rows.values_list("side", "kind", "supports")


def _project(transaction: Transaction, chart: Chart) -> Level:
    """Bring ``OpenClaim`` in line with the statements of one transaction."""
    statements = [
        Statement(Side(side), EvidenceKind(kind), supports)
        for side, kind, supports in _statements(transaction.street_id, transaction)
    ]
    proven = level(chart, transaction.kind, statements)
    if proven is Level.CONFIRMED:
        turned, _by_model = OpenClaim.objects.filter(street=transaction.street, transaction=transaction).delete()
    else:
        _claim, turned = OpenClaim.objects.update_or_create(
            street=transaction.street,
            transaction=transaction,
            defaults={"book_id": transaction.book_id, "level": proven},
        )
    if turned:
        _turn(transaction, unproven=proven is not Level.CONFIRMED)
    return proven


@atomic
def reverse_transaction(transaction: Transaction, *, reason: str, by: User | None, at: dt.datetime) -> Transaction:
    """Take a transaction back (冲正): its exact mirror, once, with a reason, on its own effective day.

    On its own day, because it never should have happened: "as known now" then reads right at every date,
    while ``recorded_at`` still tells what was known before. Dependents must be reversed first.
    """
    reason = check_words(reason, _("请写明冲正的理由。"))
    street = transaction.street
    chart = lock_books(street, [transaction.book_id])[transaction.book_id]
    reversal = Transaction.objects.filter(street=street, reverses=transaction)
    check_reversible(kind=transaction.kind, is_reversed=reversal.exists())
    if Transaction.objects.filter(street=street, depends_on=transaction, reversed_by__isnull=True).exists():
        raise Refused(_("还有依赖它的记录（如分摊），请先冲正那些。"))
    mirror = [
        Line(_ref(transfer.credit), _ref(transfer.debit), transfer.amount_fen)
        for transfer in transaction.transfers.select_related("debit", "credit").order_by("pk")
    ]
    draft = Draft(
        transaction.book_id, REVERSAL, transaction.effective_on, mirror, reverses_id=transaction.pk, reason=reason
    )
    posting = post_transactions(street, [draft], chart=replace(MIRRORS, name=chart), by=by, at=at)
    mirrored = Transaction.objects.get(street=street, pk=posting.transaction_ids[0])
    claim = OpenClaim.objects.filter(street=street, transaction=transaction).first()
    if claim:  # the mirror of a claim is in the same layer as the claim, or the confirmed layer would not balance
        OpenClaim.objects.create(street=street, book_id=transaction.book_id, transaction=mirrored, level=claim.level)
        _turn(mirrored, unproven=True)
    trail.record("reverse", transaction, by=by, at=at, reason=reason, **posting.proof)
    return mirrored


def _ref(account: Account) -> Ref:
    return Ref(account.kind, account.tenancy_id, account.party_id, account.member_id)


@dataclass(frozen=True, slots=True)
class AssertionDraft:
    """A balance somebody else's record states, in fen, at the end of a day."""

    book_id: int
    account_kind: str
    on: dt.date
    amount_fen: int
    tenancy_id: int | None = None
    document: str = ""
    note: str = ""
    source: Source | None = None


@atomic
def assert_balances(
    street: Street,
    drafts: Sequence[AssertionDraft],
    *,
    by: User | None,
    at: dt.datetime,
    file: SourceFile | None = None,
) -> list[BalanceAssertion]:
    """Write down what third records say (余额核对). Nothing is posted; a difference becomes a warning."""
    kept = keep_sources(street, [draft.source for draft in drafts], file=file)
    made = BalanceAssertion.objects.bulk_create(
        BalanceAssertion(
            street=street, book_id=d.book_id, account_kind=d.account_kind, tenancy_id=d.tenancy_id, on=d.on,
            amount_fen=d.amount_fen, document=d.document, note=d.note, source_row_id=source, by=by, recorded_at=at,
        )
        for d, source in zip(drafts, kept, strict=True)
    )  # fmt: skip
    if made:
        trail.record("assert_balances", made[0], by=by, at=at)
    return made


def keep_sources(
    street: Street, sources: Sequence[Source | None], *, file: SourceFile | None = None
) -> list[int | None]:
    """Keep the raw rows of booked lines, whether or not a ledger transaction comes of them; their keys in the order asked."""
    there = [(place, source) for place, source in enumerate(sources) if source is not None]
    ids: list[int | None] = [None] * len(sources)
    for (place, _source), pk in zip(there, bulk.reserve_ids(SourceRow, len(there)), strict=True):
        ids[place] = pk
    names = ["id", "street_id", "source", "key", "digest", "raw", "file_id", "row_number"]
    file_id = file.pk if file else None
    rows = [(ids[place], street.pk, s.source, s.key, s.digest, s.raw, file_id, s.row_number) for place, s in there]
    bulk.append(SourceRow, names, rows)
    return ids
