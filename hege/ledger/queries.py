"""Balances summed from the rows, and proof that the rows are whole."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce, TruncMonth

from hege.kernel.bulk import left_over
from hege.kernel.calendar import DAY
from hege.kernel.grouped import grouped
from hege.kernel.prepared import prepared
from hege.kernel.seal import InUtc
from hege.kernel.spelling import fold_key
from hege.ledger.models import (
    Account,
    AccountTotal,
    Book,
    Evidence,
    FoldedKey,
    MonthTotal,
    OpenClaim,
    SourceFile,
    SourceRow,
    Transaction,
    Transfer,
)
from hege.ledger.rules import (
    BY_MONTH,
    REVERSAL,
    Chart,
    EvidenceKind,
    EvidenceRow,
    Level,
    Owner,
    Ref,
    Side,
    Statement,
    TransactionRow,
    TransferRow,
    account_says,
    first_transaction_digest,
    proven,
    transaction_digest,
)
from hege.people.models import Street
from hege.trail.models import TrailLine
from hege.trail.queries import Sealed, Seals, began_without_key, ids_told, sealed_anew

CHUNK = 5000
BOOKS = 100  # whose totals are made or proven at once
#: The projections of entries account by account, and what each of their rows is of.
TOTALS: dict[type[MonthTotal | AccountTotal], str] = {MonthTotal: "month_on", AccountTotal: "against"}
SOME = 20  # of one kind of fault are named; more would bury the others


class PairSum(NamedTuple):
    """What moved between two accounts: all of it in fen, and the part of it that is not confirmed."""

    debit_id: int
    credit_id: int
    fen: int
    unproven_fen: int


class SideSum(NamedTuple):
    """What moved between an account and all accounts of a kind, debits less credits: all of it in fen, and what of it is not confirmed."""

    account_id: int
    against: str
    fen: int
    unproven_fen: int


class NamedAccount(NamedTuple):
    """An account with the names a page shows beside it."""

    pk: int
    book_id: int
    kind: str
    tenancy_id: int | None
    party_id: int | None
    unit_code: str | None
    unit_name: str | None
    party_name: str | None
    from_on: dt.date | None
    until_on: dt.date | None


def accounts_of(street: Street, book_ids: Iterable[int]) -> list[NamedAccount]:
    """The accounts of some books with their tenancy's days, unit and party, in one query; plain values, being many."""
    return [NamedAccount(*row) for row in _accounts(street, list(book_ids))]


@prepared
def _accounts(street: Street, books: list[int]) -> QuerySet[Account, tuple[Any, ...]]:
    return Account.objects.filter(street=street, book__pk__in=books).values_list(
        "pk", "book_id", "kind", "tenancy_id", "party_id", "tenancy__unit__code", "tenancy__unit__name", "party__name",
        "tenancy__from_on", "tenancy__until_on",
    )  # fmt: skip


def pair_sums(
    street: Street, book_ids: Iterable[int], *, chart: Chart, on: dt.date, known_at: dt.datetime | None = None
) -> list[PairSum]:
    """What moved between each pair of accounts of these books up to the end of day ``on``.

    Two queries. The first stays inside the covering index, which is why it asks the account and not the row for
    its street. ``known_at`` asks what was known at that instant: rows recorded later are left out and the level
    of each transaction is judged by the statements made until then.
    """
    books = list(book_ids)
    if known_at is None:
        total, open_ = _pairs(street, books, on), _open_pairs(street, books, on)
    else:
        rows = _summed_pairs(street, books, on).filter(transaction__recorded_at__lte=known_at)
        then = open_transactions_at(street, books, known_at, chart.needs_evidence)
        total, open_ = list(rows), list(rows.filter(transaction_id__in=then))
    unproven: dict[tuple[int, int], int] = {(d, c): fen for d, c, fen in open_}
    return [PairSum(d, c, fen, unproven.get((d, c), 0)) for d, c, fen in total]


def _summed_pairs(street: Street, books: list[int], on: dt.date) -> QuerySet[Transfer, tuple[int, int, int]]:
    rows = Transfer.objects.filter(debit__street=street, debit__book__pk__in=books, effective_on__lte=on)
    pairs: QuerySet[Transfer, tuple[int, int, int]] = rows.values_list("debit_id", "credit_id").annotate(
        fen=Sum("amount_fen")
    )
    return pairs.order_by()


_pairs = prepared(_summed_pairs)


@prepared
def _open_pairs(street: Street, books: list[int], on: dt.date) -> QuerySet[Transfer, tuple[int, int, int]]:
    return _summed_pairs(street, books, on).filter(transaction_id__in=open_claims(street).filter(book__pk__in=books))


def side_sums(street: Street, book_ids: Iterable[int], *, chart: Chart, on: dt.date) -> list[SideSum]:
    """What moved on each account of these books, by the kind of the other side, up to the end of day ``on``, as known now; two queries.

    All that ever moved less what moved after the day, which is as a rule nothing: looked for by transactions, of which there
    are fewer. Of books of the charts ``BY_MONTH`` alone.
    """
    books = list(book_ids)
    sums = {(account, against): [fen, unproven] for account, against, fen, unproven in _totals(street, books)}
    for debit, debit_kind, credit, credit_kind, fen, unproven in _later(street, books, [*chart.pairs, REVERSAL], on):
        for key, sign in (((debit, credit_kind), -1), ((credit, debit_kind), 1)):
            sums[key][0] += sign * fen
            sums[key][1] += sign * (unproven or 0)
    return [SideSum(*key, *sum_) for key, sum_ in sums.items()]


@prepared
def _totals(street: Street, books: list[int]) -> QuerySet[AccountTotal, tuple[Any, ...]]:
    rows = AccountTotal.objects.filter(street=street, account__street=street, account__book__pk__in=books)
    return rows.order_by().values_list("account_id", "against", "fen", "unproven_fen")


@prepared
def _later(street: Street, books: list[int], kinds: list[str], on: dt.date) -> QuerySet[Transfer, tuple[Any, ...]]:
    rows = Transfer.objects.filter(
        transaction__street=street, transaction__book__pk__in=books, transaction__kind__in=kinds,
        transaction__effective_on__gt=on,
    )  # fmt: skip
    unproven = Sum("amount_fen", filter=Q(transaction_id__in=open_claims(street)))
    moved: QuerySet[Transfer, tuple[Any, ...]] = rows.values_list(
        "debit_id", "debit__kind", "credit_id", "credit__kind"
    ).annotate(fen=Sum("amount_fen"), unproven=unproven)
    return moved.order_by()


def balances(street: Street, book_ids: Iterable[int]) -> list[tuple[int, str, int | None, int | None, int]]:
    """Book, kind, tenancy, party and balance (debits less credits, claims with the rest, in fen) of each account of some books on
    which money ever moved, as known now; one query. Of books of the charts ``BY_MONTH`` alone."""
    return _balances(street, [*book_ids])


@prepared
def _balances(
    street: Street, books: Sequence[int]
) -> QuerySet[AccountTotal, tuple[int, str, int | None, int | None, int]]:
    rows = AccountTotal.objects.filter(street=street, account__street=street, account__book__pk__in=books).order_by()
    owners = rows.values_list("account__book_id", "account__kind", "account__tenancy_id", "account__party_id")
    sums: QuerySet[AccountTotal, tuple[int, str, int | None, int | None, int]] = owners.annotate(balance=Sum("fen"))
    return sums


def moved_until(street: Street, account_ids: Collection[int], *, on: dt.date) -> set[int]:
    """Those of some accounts on which anything moved until the end of a day."""
    rows = Transfer.objects.filter(street=street, effective_on__lte=on)
    debits, credits_ = (
        rows.filter(**{f"{side}__in": account_ids}).values_list(side, flat=True) for side in ("debit", "credit")
    )
    return {*debits.order_by().distinct(), *credits_.order_by().distinct()}


def balance_at(street: Street, *, on: dt.date) -> CombinedExpression:
    """The balance of an account of a street, debits less credits, confirmed, in fen at the end of a day: for a query of accounts to
    ask with the rest.

    All that ever moved on it, less the months after the day, less what moved in the day's own month after it; as a rule there is
    neither. So it costs accounts, however much moved on them. Of books of the charts ``BY_MONTH`` alone.

    Account by account by the index: a planner that may choose takes the rows of all accounts for those of a few.
    """
    ever = AccountTotal.objects.filter(street=street, account=OuterRef("pk"))
    months = MonthTotal.objects.filter(street=street, account=OuterRef("pk"), month_on__gt=on)
    confirmed = F("fen") - F("unproven_fen")
    balance = _summed(ever, "account", confirmed) - _summed(months, "account", confirmed)
    if on < dt.date.max and (on + DAY).day > 1:
        next_on = (on.replace(day=28) + 4 * DAY).replace(day=1)
        later = Transfer.objects.filter(effective_on__gt=on, effective_on__lt=next_on)
        later = later.exclude(transaction_id__in=open_claims(street))
        for side, sign in (("debit", -1), ("credit", 1)):
            moved = later.filter(**{f"{side}_id": OuterRef("pk")})
            balance += sign * _summed(moved, side, F("amount_fen"))
    return balance


def _summed(rows: QuerySet[Any], by: str, what: Any) -> Coalesce:
    """A sum over rows that another query asks for, one of its rows after the other; ``by`` is what ties them to it."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=Sum(what)).values("n")), 0)


def totals_of_entries(
    street: Street, model: type[MonthTotal | AccountTotal]
) -> Iterator[list[tuple[int, int, Any, int, int]]]:
    """What the rows of one of ``TOTALS`` have to be, from the entries, some books at a time: street, account, month or other
    side, fen, and what of it is not confirmed."""
    for accounts in _some_accounts(street):
        sums = _sums_of_entries(street, accounts, model)
        yield [(street.pk, *key, *sums[key]) for key in sorted(sums)]


def _some_accounts(street: Street) -> Iterator[QuerySet[Account]]:
    """The accounts of the books of which totals of months are kept, some books at a time."""
    books = list(Book.objects.filter(street=street, chart__in=BY_MONTH).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(books), BOOKS):
        yield Account.objects.filter(street=street, book__in=books[start : start + BOOKS])


def _sums_of_entries(
    street: Street, accounts: QuerySet[Account], model: type[MonthTotal | AccountTotal]
) -> dict[tuple[int, Any], tuple[int, int]]:
    """By account and month or other side: what the entries add up to, and those of open claims; four queries."""
    every: dict[tuple[int, Any], int] = {}
    unproven: dict[tuple[int, Any], int] = {}
    for side, other, sign in (("debit", "credit", 1), ("credit", "debit", -1)):
        by = TruncMonth("effective_on") if model is MonthTotal else F(f"{other}__kind")
        rows = Transfer.objects.filter(**{f"{side}__in": accounts}).annotate(by=by)
        claimed = rows.filter(transaction_id__in=open_claims(street))
        for sums, some in ((every, rows), (unproven, claimed)):
            for account, key, fen in some.values_list(f"{side}_id", "by").annotate(n=Sum("amount_fen")).order_by():
                sums[account, key] = sums.get((account, key), 0) + sign * fen
    return {key: (fen, unproven.get(key, 0)) for key, fen in every.items()}


def open_claims(street: Street) -> QuerySet[OpenClaim, Any]:
    """The transactions of a street that are not confirmed at present, as keys for another query to use."""
    return OpenClaim.objects.filter(street=street).values("transaction_id")


def open_transactions_at(
    street: Street, book_ids: Iterable[int], known_at: dt.datetime, needs_evidence: Collection[str]
) -> list[int]:
    """The transactions that were not confirmed as far as was known at an instant, reversals with their originals."""
    found = unproven_at(street, book_ids, known_at, needs_evidence)
    return sorted(transaction for transaction, _book, _level in found)


def unproven_at(
    street: Street, book_ids: Iterable[int], known_at: dt.datetime, needs_evidence: Collection[str]
) -> set[tuple[int, int, str]]:
    """``open_transactions_at`` with the book and the level of each transaction: what ``OpenClaim`` keeps of the present."""
    transactions = Transaction.objects.filter(
        street=street, book_id__in=list(book_ids), kind__in=needs_evidence, recorded_at__lte=known_at
    )
    found = {pk: (book, kind) for pk, book, kind in transactions.values_list("pk", "book_id", "kind")}
    stated = Evidence.objects.filter(street=street, transaction__in=transactions, recorded_at__lte=known_at)
    said = stated.order_by("pk").values_list("transaction_id", "side", "kind", "supports")
    statements = grouped((pk, Statement(Side(side), EvidenceKind(kind), yes)) for pk, side, kind, yes in said)
    levels = {pk: proven(statements[pk]) for pk in found}
    unproven = {(pk, found[pk][0], at.value) for pk, at in levels.items() if at is not Level.CONFIRMED}
    originals = [pk for pk, _book, _level in unproven]
    mirrors = Transaction.objects.filter(street=street, reverses_id__in=originals, recorded_at__lte=known_at)
    for pk, book, original in mirrors.values_list("pk", "book_id", "reverses_id"):
        unproven.add((pk, book, levels[original].value))
    return unproven


class BookedRow(NamedTuple):
    """A source row that has been booked: the digest of its content, where and when it came from, whether it was taken
    back. ``transaction_id`` is what it was booked as, or what it was added to as a further paper; None where it is neither.
    """

    pk: int
    key: str
    digest: str
    row_number: int | None
    file_name: str | None
    file_sha256: str | None
    at: dt.datetime | None
    transaction_id: int | None
    reversed: bool


def booked_rows(street: Street, source: str, keys: Iterable[str]) -> dict[str, BookedRow]:
    """Rows that are booked, by folded key, without their raw cells; of several under one key one that stands.

    One light query per 5,000 keys, and one more for rows that were kept before keys were folded or that were added
    as a further paper, where there are any.
    """
    wanted: list[str] = list(keys)
    found: dict[str, BookedRow] = {}
    has_old = bool(_some_folded(street, source))
    for start in range(0, len(wanted), 5000):
        lot = wanted[start : start + 5000]
        folded = dict(_folded(street, source, lot)) if has_old else {}
        read = _read_booked(street, _rows_keyed(street, source, lot))
        if folded:
            older = _read_booked(street, _rows_by_key(street, source, [*folded]))
            read += [row._replace(key=folded[row.pk]) for row in older]
        for row in read:
            if row.key not in found or found[row.key].reversed:
                found[row.key] = row
    return found


@prepared
def _some_folded(street: Street, source: str) -> QuerySet[FoldedKey, int]:
    return FoldedKey.objects.filter(street=street, source=source).values_list("pk", flat=True)[:1]


@prepared
def _folded(street: Street, source: str, keys: Sequence[str]) -> QuerySet[FoldedKey, tuple[int, str]]:
    return FoldedKey.objects.filter(street=street, source=source, key__in=keys).values_list("row_id", "key")


def _told_of(rows: QuerySet[SourceRow]) -> QuerySet[SourceRow, tuple[Any, ...]]:
    """What ``BookedRow`` says of source rows, and last the key of what reversed the transaction."""
    return rows.annotate(at=Coalesce("file__at", "transaction__recorded_at")).values_list(
        "pk", "key", "digest", "row_number", "file__name", "file__sha256", "at", "transaction__pk",
        "transaction__reversed_by__pk",
    )  # fmt: skip


@prepared
def _rows_keyed(street: Street, source: str, keys: Sequence[str]) -> QuerySet[SourceRow, tuple[Any, ...]]:
    return _told_of(SourceRow.objects.filter(street=street, source=source, key__in=keys))


@prepared
def _rows_by_key(street: Street, source: str, pks: Sequence[int]) -> QuerySet[SourceRow, tuple[Any, ...]]:
    return _told_of(SourceRow.objects.filter(street=street, source=source, pk__in=pks))


def _read_booked(street: Street, rows: Iterable[Any]) -> list[BookedRow]:
    """``BookedRow`` of each source row, with the transaction of a further paper where it is one."""
    read = [BookedRow._make([*row[:-1], row[-1] is not None]) for row in rows]
    loose = [row.pk for row in read if row.transaction_id is None]
    if not loose:
        return read
    papers = Evidence.objects.filter(street=street, source_row__in=loose)
    added = {
        pk: (transaction, reversal is not None)
        for pk, transaction, reversal in papers.values_list("source_row", "transaction", "transaction__reversed_by__pk")
    }
    return [
        row._replace(transaction_id=added[row.pk][0], reversed=added[row.pk][1]) if row.pk in added else row
        for row in read
    ]


def free_key(street: Street, source: str, base: str) -> tuple[str, BookedRow | None]:
    """Where a key has been reversed: the next free key and, if the correction stands already, its row."""
    number = 2
    while True:
        key = f"{base}~{number}"
        later = booked_rows(street, source, [key]).get(key)
        if later is None or not later.reversed:
            return key, later
        number += 1


def doubled(street: Street) -> Iterator[str]:
    """Standing rows whose numbers are two spellings of one, in words: kept before keys were folded, so perhaps booked
    twice. No fault of the rows: only a person can tell, and reverse one.
    """
    old = FoldedKey.objects.filter(street=street, row__transaction__reversed_by__isnull=True)
    twin = SourceRow.objects.filter(
        street=street, source=OuterRef("source"), key=OuterRef("key"), transaction__reversed_by__isnull=True
    )
    shared = old.values("source", "key").annotate(n=Count("pk")).filter(n__gt=1).values_list("source", "key")
    pairs = {*old.filter(Exists(twin)).values_list("source", "key"), *shared}
    for source, key in sorted(pairs):
        spelled = Q(key=key) | Q(folded_key__source=source, folded_key__key=key)
        rows = SourceRow.objects.filter(spelled, street=street, source=source, transaction__reversed_by__isnull=True)
        names = [f"{text} (row {pk})" for pk, text in rows.order_by("pk").values_list("pk", "key")]
        yield f"{source}: {', '.join(names)}: one number in several spellings, perhaps booked twice"


def faults(street: Street, *charts: Chart) -> Iterator[str]:
    """Everything that is wrong with a street's rows, in words: pairs, books, mirrors, seals, projection.

    ``charts`` are those its books keep to: a book of another is a fault too.
    """
    for what, found in checks(street, *charts):
        yield from as_far_as_it_goes(what, found)


def checks(street: Street, *charts: Chart) -> list[tuple[str, Iterator[str]]]:
    """What ``faults`` goes through, by name; each runs only as its faults are asked for."""
    transactions = _Transactions(street, charts)
    return [
        ("entries", _transfer_faults(street, charts)),
        ("accounts", _account_faults(street, charts)),
        ("reversals", _reversal_faults(street)),
        ("events", _transaction_faults(transactions)),
        ("open claims", _projection_faults(street, transactions)),
        ("month totals", _total_faults(street, MonthTotal)),
        ("account totals", _total_faults(street, AccountTotal)),
        ("files", _file_faults(street)),
        ("folded keys", _folded_key_faults(street)),
    ]


def as_far_as_it_goes(what: str, found: Iterator[str]) -> Iterator[str]:
    """The faults of one check; rows so damaged that the check itself breaks are one more, never the end of the proof."""
    try:
        yield from found
    except Exception as broken:  # noqa: BLE001  # whatever somebody wrote into the tables must be named, not raised
        yield f"{what}: could not be checked to the end: {type(broken).__name__} {broken}"


def _books(street: Street, charts: Iterable[Chart]) -> Iterator[tuple[Chart, Q]]:
    """Each chart with what finds the rows of its books; they are told by their keys, for of most charts there is one book."""
    named = list(Book.objects.filter(street=street).exclude(chart="").values_list("pk", "chart"))
    for chart in charts:
        here = [pk for pk, name in named if name == chart.name]
        yield chart, Q(book_id__in=here) if chart.name else ~Q(book_id__in=[pk for pk, _name in named])


def _account_faults(street: Street, charts: Sequence[Chart]) -> Iterator[str]:
    """Each book keeps to a chart there is, and each account has the owner that the chart wants of its kind."""
    unknown = Book.objects.filter(street=street).exclude(chart__in=[chart.name for chart in charts])
    for pk, name in unknown.order_by("pk").values_list("pk", "chart")[:SOME]:
        yield f"book {pk}: keeps to “{name}”, and there is no such chart"
    for chart, books in _books(street, charts):
        rows = Account.objects.filter(books, street=street)
        owned = ~Q(kind__in=list(chart.owners)) & _owner_is(None)
        for kind, owner in chart.owners.items():
            owned |= Q(kind=kind) & _owner_is(owner)
        for pk in rows.exclude(owned).order_by("pk").values_list("pk", flat=True)[:SOME]:
            yield f"account {pk}: is not whose its kind of account has to be"


def _owner_is(owner: Owner | None) -> Q:
    return Q(**{f"{column.value}__isnull": column is not owner for column in Owner})


def _transfer_faults(street: Street, charts: Sequence[Chart]) -> Iterator[str]:
    rows = Transfer.objects.filter(street=street)
    for chart, books in _books(street, charts):
        allowed = Q(transaction__kind=REVERSAL)
        for kind, pairs in chart.pairs.items():
            for debit, credit in pairs:
                allowed |= Q(transaction__kind=kind, debit__kind=debit, credit__kind=credit)
        for pk in rows.filter(books).exclude(allowed).values_list("pk", flat=True)[:SOME]:
            yield f"transfer {pk}: its accounts are not a pair its kind of transaction may use"
    strangers = rows.exclude(
        debit__book=F("book"),
        credit__book=F("book"),
        transaction__book=F("book"),
        effective_on=F("transaction__effective_on"),
    )
    for pk in strangers.values_list("pk", flat=True)[:20]:
        yield f"transfer {pk}: crosses books, or its day is not its transaction's"
    for pk in rows.filter(amount_fen__lte=0).values_list("pk", flat=True)[:20]:
        yield f"transfer {pk}: is not above zero"


def _reversal_faults(street: Street) -> Iterator[str]:
    reversals = Transaction.objects.filter(street=street, kind=REVERSAL).prefetch_related(
        "transfers", "reverses__transfers"
    )
    for transaction in reversals.order_by("pk").iterator(CHUNK // 10):
        mirror = sorted((e.credit_id, e.debit_id, e.amount_fen) for e in transaction.transfers.all())
        original = transaction.reverses
        if original is None or mirror != sorted(
            (e.debit_id, e.credit_id, e.amount_fen) for e in original.transfers.all()
        ):
            yield f"transaction {transaction.pk}: is not the mirror of transaction {transaction.reverses_id}"
    alive = Transaction.objects.filter(
        street=street, depends_on__reversed_by__isnull=False, reversed_by__isnull=True, reverses__isnull=True
    )
    for pk in alive.values_list("pk", flat=True)[:20]:
        yield f"transaction {pk}: stands although what it depends on was reversed"


def _transaction_faults(transactions: _Transactions) -> Iterator[str]:
    """Recompute every transaction's digest from its rows and first statements, and every sealed batch on the trail.

    One pass over transactions, transfers and statements side by side, each in the order of the transactions: what is held at a time is
    one transaction, however many there are.
    """
    batches = Seals(_batches(transactions.street), missing=b"missing")
    anew = sealed_anew(transactions.street, "events")
    for transaction in transactions.walk():
        if transaction.by_first_recipe:
            if transaction.pk not in anew:
                yield f"transaction {transaction.pk}: its seal is of the first release and leaves its paper open; hege migrate seals it anew"
            elif not transaction.expected.startswith(anew[transaction.pk]):
                yield f"transaction {transaction.pk}: was changed after it was sealed anew"
        elif transaction.digest != transaction.expected:
            yield f"transaction {transaction.pk}: was changed after it was booked"
        batches.add(transaction.pk, partial(_digest, transaction.digest))
    for pk in sorted(transactions.strange)[:SOME]:
        yield f"account {pk}: rows move money through it, and it is gone or another street's"
    batches.end()
    for seal in batches.broken:
        yield f"trail line {seal.seq}: the transactions it sealed are not the transactions that are there"
    for pk, _seq in batches.gone:
        yield f"transaction {pk}: is gone"
    for pk in batches.loose:
        yield f"transaction {pk}: no line of the trail speaks of it"
    for pk in transactions.transfers.loose():
        yield f"transaction {pk}: is gone, and rows that move its money are there"


def transactions_of_first_release(street: Street, chart: Chart) -> Iterator[tuple[int, str]]:
    """The transactions that only the first release's recipe sealed, and the digest today's recipe gives them."""
    return (
        (transaction.pk, transaction.expected)
        for transaction in _Transactions(street, [chart]).walk()
        if transaction.by_first_recipe
    )


class _Checked(NamedTuple):
    """A transaction's digest as stored and as today's recipe gives it; or whether the first release's gave the stored one."""

    pk: int
    digest: str
    expected: str
    by_first_recipe: bool


class _Transactions:
    """Every transaction of a street with its digest computed again, in order, and what its statements say of how it is proven.

    ``strange`` are accounts that are not there; ``unproven``, once ``walked`` to the end, what ``OpenClaim`` has to be.
    """

    def __init__(self, street: Street, charts: Sequence[Chart]) -> None:
        self.street = street
        self.needs_evidence = frozenset[str]().union(*(chart.needs_evidence for chart in charts))
        self.strange: set[int] = set()
        self.unproven: dict[int, tuple[int, str]] = {}
        self.walked = False

    def walk(self) -> Iterator[_Checked]:
        street, code = self.street, self.street.code
        accounts = Account.objects.filter(Q(street=street) | Q(book__street=street))
        self.accounts: dict[int, tuple[str | int | None, ...]] = {
            pk: account_says(*said) for pk, *said in accounts.values_list("pk", *Ref._fields)
        }
        self.transfers, statements = _Beside(_moves(street)), _Beside(_words(street))
        later = ids_told(street, Evidence)
        old = began_without_key(street)
        rows = (
            Transaction.objects.filter(street=street)
            .order_by("pk")
            .values_list("pk", "digest", *_columns(TransactionRow), *(["source_row__digest"] if old else []))
        )
        width = 2 + len(TransactionRow._fields)
        for values in rows.iterator(CHUNK):
            (pk, digest), row = values[:2], TransactionRow._make(values[2:width])
            moved, said = self.transfers.of(pk), statements.of(pk)
            self._judge(pk, row, said)
            transfers = [self._between(*move) for move in moved]
            expected = transaction_digest(code, row, transfers, [word for key, *word in said if key not in later])
            by_first = old and digest != expected and (
                digest == first_transaction_digest(code, row, values[width] or "", moved)
            )  # fmt: skip
            yield _Checked(pk, digest, expected, by_first)
        self.walked = True

    def _between(self, debit: int, credit: int, fen: int) -> tuple[Any, Any, int]:
        self.strange.update(account for account in (debit, credit) if account not in self.accounts)
        return self.accounts.get(debit), self.accounts.get(credit), fen

    def _judge(self, pk: int, row: TransactionRow, said: list[tuple[Any, ...]]) -> None:
        """Note a transaction that is not confirmed, and the reversal of one, which comes after it."""
        if row.reverses_id in self.unproven:
            self.unproven[pk] = (row.book_id, self.unproven[row.reverses_id][1])
        elif row.kind in self.needs_evidence:
            at = _level_said(tuple(word[1:4] for word in said))  # after its key: side, kind, supports
            if at != Level.CONFIRMED:
                self.unproven[pk] = (row.book_id, at)


@lru_cache(4096)
def _level_said(statements: tuple[tuple[str, str, bool], ...]) -> str:
    """``level`` of words as the database has them; empty where one of them is none, which is no level."""
    try:
        return proven([Statement(Side(side), EvidenceKind(rests), yes) for side, rests, yes in statements]).value
    except ValueError:
        return ""


class _Beside:
    """Rows that belong to transactions, handed out transaction by transaction; ``rows`` begin with the transaction's key and come in its order."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._next = next(rows, None)
        self._loose: list[int] = []

    def of(self, transaction: int) -> list[tuple[Any, ...]]:
        """The rows of one transaction without its key; transactions are asked for in their order."""
        found, row = [], self._next
        while row is not None and row[0] <= transaction:
            if row[0] == transaction:
                found.append(row[1:])
            elif len(self._loose) < SOME:
                self._loose.append(row[0])
            row = next(self._rows, None)
        self._next = row
        return found

    def loose(self) -> list[int]:
        """Transactions nobody asked for although they have rows; the first few."""
        if self._next is not None and len(self._loose) < SOME:
            self._loose.append(self._next[0])
        return sorted(set(self._loose))


def _columns(row: type[TransactionRow | EvidenceRow]) -> list[str | InUtc]:
    return [InUtc(name) if name == "recorded_at" else name for name in row._fields]


def _digest(digest: str, _recipe: int) -> bytes:
    return digest.encode()


def _batches(street: Street) -> Iterator[Sealed]:
    """The batches of transactions that lines of the trail sealed."""
    lines = TrailLine.objects.filter(street=street, data__has_key="events").order_by("seq")
    for seq, data in lines.values_list("seq", "data").iterator(CHUNK):
        yield Sealed(seq, data["events"], data["digest"])


def _moves(street: Street) -> Iterator[tuple[Any, ...]]:
    rows = Transfer.objects.filter(street=street).order_by("transaction_id", "pk")
    return rows.values_list("transaction_id", *TransferRow._fields).iterator(CHUNK)


def _words(street: Street) -> Iterator[tuple[Any, ...]]:
    """Every statement by transaction, each with its key and, where it came on a paper of its own, that paper last."""
    rows = Evidence.objects.filter(street=street).order_by("transaction_id", "pk")
    stated = rows.values_list("transaction_id", "pk", *_columns(EvidenceRow), "source_row_id")
    # Papers of their own come later; one that was hung on a first word would be no word of the transaction.
    return (row[:-1] if row[-1] is None else row for row in stated.iterator(CHUNK))


def _projection_faults(street: Street, transactions: _Transactions) -> Iterator[str]:
    """``OpenClaim`` must be what the statements say: the same transactions, in their books, at their levels."""
    if transactions.walked:
        expected = {(pk, book, at) for pk, (book, at) in transactions.unproven.items()}
    else:  # they were not gone through to the end
        books = Book.objects.filter(street=street).values_list("pk", flat=True)
        always = dt.datetime.max.replace(tzinfo=dt.UTC)
        expected = unproven_at(street, books, always, transactions.needs_evidence)
    there = set(OpenClaim.objects.filter(street=street).values_list("transaction_id", "book_id", "level"))
    for pk in sorted({pk for pk, _book, _level in expected ^ there})[:20]:
        yield f"transaction {pk}: its level is not what its evidence says"


def _total_faults(street: Street, model: type[MonthTotal | AccountTotal]) -> Iterator[str]:
    """Each of the ``TOTALS`` must be what the entries add up to, account by account; a total of nothing says nothing."""
    named = 0
    for accounts in _some_accounts(street):
        for account, of in _wrong_totals(street, accounts, model, most=SOME - named):
            named += 1
            what = f"of {str(of)[:7]}" if model is MonthTotal else f"against “{of}”"
            yield f"account {account}: its total {what} is not what its entries add up to; hege rebuild makes it anew"
    loose = model.objects.filter(street=street).exclude(account__street=street, account__book__chart__in=BY_MONTH)
    for pk in loose.order_by("pk").values_list("pk", flat=True)[:SOME]:
        yield f"{model._meta.verbose_name} {pk}: is of an account that has none, or of another street"


def _wrong_totals(
    street: Street, accounts: QuerySet[Account], model: type[MonthTotal | AccountTotal], *, most: int
) -> list[tuple[int, Any]]:
    """The accounts and months or other sides whose entries, less the total that is kept of them, leave anything. The
    database adds it all up: nothing else is handed out, of millions of entries."""
    claimed = Q(transaction_id__in=open_claims(street))
    parts: list[QuerySet[Any, Any]] = []
    for side, other, sign in (("debit", "credit", 1), ("credit", "debit", -1)):
        moved = F("amount_fen") * Value(sign)
        parts.append(
            Transfer.objects.filter(**{f"{side}__in": accounts})
            .order_by()
            .values_list(
                f"{side}_id",
                TruncMonth("effective_on") if model is MonthTotal else F(f"{other}__kind"),
                moved,
                Case(When(claimed, then=moved), default=Value(0)),
            )
        )
    kept = model.objects.filter(street=street, account__in=accounts).order_by()
    parts.append(kept.values_list("account_id", TOTALS[model], -F("fen"), -F("unproven_fen")))
    return left_over(parts, keys=2, most=most)


def _folded_key_faults(street: Street) -> Iterator[str]:
    """The key an old row is looked for under is the one its own key folds to."""
    rows = (
        FoldedKey.objects.filter(street=street)
        .order_by("pk")
        .values_list("pk", "source", "key", "row__source", "row__key")
    )
    for pk, source, key, of_source, kept in rows.iterator(5000):
        if source != of_source or key != fold_key(kept)[:240]:
            yield f"folded key {pk}: is not what the key of its row folds to"


def _file_faults(street: Street) -> Iterator[str]:
    """A kept file is what its SHA-256 says; one at a time, being large."""
    for pk in SourceFile.objects.filter(street=street).order_by("pk").values_list("pk", flat=True):
        content, sha256 = SourceFile.objects.filter(street=street, pk=pk).values_list("content", "sha256").get()
        if hashlib.sha256(content).hexdigest() != sha256:
            yield f"file {pk}: is not the file its SHA-256 names"
