"""Reads for a file's rows: everything a batch names, in a few queries whatever its length."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, TypeVar

from django.db.models import Count, F, QuerySet, Sum, Window
from django.db.models.functions import Lag
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.arrears.queries import money_totals, owed_by_shops
from hege.billing.chart import AccountKind, TransactionKind
from hege.billing.models import Allocation, Payment, Share
from hege.billing.queries import standing_bills
from hege.billing.rules import Method
from hege.imports.columns import Memory
from hege.imports.knowledge import Knowledge
from hege.imports.layouts import FileKind, Layout
from hege.imports.matching import Known, Portion, Tenant
from hege.imports.models import NameSort, Pile, RememberedMapping, RememberedName
from hege.imports.rules import Fault, Read, few
from hege.kernel.calendar import DAY
from hege.kernel.prepared import Fixed, prepared
from hege.kernel.spelling import fold
from hege.ledger.models import BalanceAssertion, Evidence, SourceFile, Transaction, Transfer
from hege.ledger.queries import balances, open_claims
from hege.ledger.rules import Line, Ref
from hege.metering.models import Connection, Meter, PointRole, SupplyPoint
from hege.metering.rules import MeterKind, PointRoleKind
from hege.people.models import Party, Street, User
from hege.places.models import Tenancy, Unit

T = TypeVar("T")
Lookup = Callable[[Street, Iterable[str]], dict[str, Any]]
BATCH = 5000
YEAR = dt.timedelta(days=366)


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Different values in lots that a query can name."""
    every = list(dict.fromkeys(values))
    for start in range(0, len(every), BATCH):
        yield every[start : start + BATCH]


def each_in(rows: Callable[[list[Any]], Iterable[T]], values: Iterable[Any]) -> Iterator[T]:
    """The rows that any of some values find, however many these are, nothing among them passed over; in the order of ``rows``, which is
    asked with a lot at a time."""
    for lot in batches(value for value in values if value is not None):
        yield from rows(lot)


@prepared
def _masters_numbered(street: Street, numbers: Sequence[str]) -> QuerySet[Meter]:
    rows = Meter.objects.filter(street=street, kind=MeterKind.MASTER, number__in=numbers)
    return rows.select_related("point")


@prepared
def _points_coded(street: Street, codes: Sequence[str]) -> QuerySet[SupplyPoint]:
    return SupplyPoint.objects.filter(street=street, code__in=codes)


@prepared
def _learnt_accounts(street: Street, folded: Sequence[str]) -> QuerySet[RememberedName]:
    rows = RememberedName.objects.filter(street=street, sort=NameSort.CUSTOMER_ACCOUNT, folded__in=folded)
    return rows.select_related("point")


@prepared
def points_by_key(street: Street, pks: Sequence[int]) -> QuerySet[SupplyPoint]:
    """Some supply points of a street."""
    return SupplyPoint.objects.filter(street=street, pk__in=pks)


def points_by_number(street: Street, numbers: Iterable[str]) -> dict[str, SupplyPoint]:
    """Supply points by their code, by the number of any master meter they ever had, by a customer account learnt."""
    wanted = list(numbers)
    found = {meter.number: meter.point for meter in each_in(partial(_masters_numbered, street), wanted)}
    found |= {point.code: point for point in each_in(partial(_points_coded, street), wanted)}
    return points_by_account(street, (number for number in wanted if number not in found)) | found


def points_by_account(street: Street, numbers: Iterable[str]) -> dict[str, SupplyPoint]:
    """Supply points by the utility's customer account (户号), as files taught it."""
    folded = {number: fold(number) for number in numbers if number}
    learnt = {name.folded: name.point for name in each_in(partial(_learnt_accounts, street), folded.values())}
    return {number: point for number, key in folded.items() if (point := learnt.get(key)) is not None}


def remembered_names(street: Street, *, sort: NameSort | None = None) -> QuerySet[RememberedName]:
    """What files taught of whose a word is, newest first, with what it belongs to."""
    names = RememberedName.objects.filter(street=street, **({"sort": sort} if sort else {}))
    return names.select_related("tenancy__unit", "tenancy__party", "point", "party").order_by("-at", "-pk")


def remembered_mappings(street: Street) -> QuerySet[RememberedMapping]:
    """How columns of files were said to be, newest first, with who said it."""
    return RememberedMapping.objects.filter(street=street).select_related("by").order_by("-at", "-pk")


def memories(street: Street) -> list[Memory]:
    """The same as what a file that comes in is proposed by."""
    return [memory_of(mapping) for mapping in _mappings(street)]


@prepared
def _mappings(street: Street) -> QuerySet[RememberedMapping]:
    return RememberedMapping.objects.filter(street=street).order_by("-at", "-pk")


def memory_of(mapping: RememberedMapping) -> Memory:
    """What one remembered mapping says."""
    return Memory(
        FileKind(mapping.kind), mapping.sender, mapping.headings, mapping.columns, mapping.constants, mapping.file_name,
        mapping.at,
    )  # fmt: skip


def points_touched(street: Street, book_ids: Iterable[int], meters: Iterable[str]) -> list[SupplyPoint]:
    """The supply points of some books and of some meters of either kind, by code."""
    of_books, of_meters = partial(_points_of_books, street), partial(_points_of_meters, street)
    found = [*each_in(of_books, book_ids), *each_in(of_meters, meters)]
    return sorted({point.pk: point for point in found}.values(), key=lambda point: point.code)


@prepared
def _points_of_books(street: Street, books: Sequence[int]) -> QuerySet[SupplyPoint]:
    return SupplyPoint.objects.filter(street=street, book__pk__in=books).select_related("street")


@prepared
def _points_of_meters(street: Street, numbers: Sequence[str]) -> QuerySet[SupplyPoint]:
    rows = SupplyPoint.objects.filter(street=street, meters__number__in=numbers)
    return rows.select_related("street").distinct()


def meters_by_number(street: Street, numbers: Iterable[str]) -> dict[str, Meter]:
    """Meters of either kind by number, with their supply point and unit."""
    return {meter.number: meter for meter in each_in(partial(_meters_numbered, street), numbers)}


@prepared
def _meters_numbered(street: Street, numbers: Sequence[str]) -> QuerySet[Meter]:
    return Meter.objects.filter(street=street, number__in=numbers).select_related("point", "unit")


def running_subs(street: Street, unit_ids: Iterable[int]) -> dict[int, list[str]]:
    """The numbers of the sub-meters that are in use, by unit, the latest last."""
    found: dict[int, list[str]] = defaultdict(list)
    for unit, number in each_in(partial(_running_subs, street), unit_ids):
        found[unit].append(number)
    return found


@prepared
def _running_subs(street: Street, units: Sequence[int]) -> QuerySet[Meter, tuple[Any, ...]]:
    rows = Meter.objects.filter(street=street, ended_on__isnull=True, unit__pk__in=units)
    return rows.order_by("started_on", "pk").values_list("unit_id", "number")


def units_by_code(street: Street, codes: Iterable[str]) -> dict[str, Unit]:
    """Units by code."""
    return {unit.code: unit for unit in each_in(partial(_units_coded, street), codes)}


@prepared
def _units_coded(street: Street, codes: Sequence[str]) -> QuerySet[Unit]:
    return Unit.objects.filter(street=street, code__in=codes)


@prepared
def _texts_among(model: type[Any], column: Fixed, street: Street, words: Sequence[str]) -> QuerySet[Any, str]:
    rows = model.objects.filter(street=street, **{f"{column.value}__in": words})
    texts: QuerySet[Any, str] = rows.values_list(column.value, flat=True)
    return texts


#: What the numbers and names of a row are those of, by field: tables and columns that hold them.
_UNITS: tuple[tuple[Any, str], ...] = ((Unit, "code"),)
_METERS: tuple[tuple[Any, str], ...] = ((Meter, "number"), (SupplyPoint, "code"), (Connection, "awaited_sub"))
_PARTIES: tuple[tuple[Any, str], ...] = ((Party, "name"),)
_NAMED_IN: dict[str, tuple[tuple[Any, str], ...]] = {
    **dict.fromkeys(("code", "unit"), _UNITS),
    **dict.fromkeys(("meter", "master", "sub_meter"), _METERS),
    **dict.fromkeys(("operator", "holder", "agent"), _PARTIES),
}


def as_registered(street: Street, layout: Layout, read: Read) -> list[Fault]:
    """Write the numbers and names in a file's rows as the street has them, in place, whatever their spelling.

    One that the street does not have is written throughout as the file has it first. Answers the cells whose spelling
    fits several that are registered apart. Two queries a table, but only one where all are spelled as registered.
    """
    found: list[Fault] = []
    for tables in dict.fromkeys(_NAMED_IN[name] for name in layout.fields if name in _NAMED_IN):
        named = {name: place for place, name in enumerate(layout.fields, 1) if _NAMED_IN.get(name) is tables}
        words = {row[place]: None for rows in (read.rows, read.half) for row in rows for place in named.values()}
        words.pop("", None)
        words.pop(None, None)
        spelled, unclear = _spelled(street, list(words), tables)
        if tables is _PARTIES:
            unclear = {}
        if not spelled and not unclear:
            continue
        for rows in (read.rows, read.half):
            for at, row in enumerate(rows):
                change = {name: spelled[row[place]] for name, place in named.items() if row[place] in spelled}
                if change:
                    rows[at] = row._replace(**change)
        for row in [*read.rows, *read.half] if unclear else ():
            for name, place in named.items():
                if row[place] in unclear:
                    reason = _("名册里 %(names)s 都像它，分不清是哪一个；请照名册写") % {"names": unclear[row[place]]}
                    found.append(Fault(row.number, layout.heading[name], row[place], reason))
    return found


def _spelled(
    street: Street, words: list[str], tables: tuple[tuple[Any, str], ...]
) -> tuple[dict[str, str], dict[str, str]]:
    """How words are spelled that are registered otherwise than written; and those that fit several, with their names."""
    exact = {
        text for model, column in tables for text in each_in(partial(_texts_among, model, Fixed(column), street), words)
    }
    odd = {word: fold(word) for word in words if word not in exact}
    if not odd:
        return {}, {}
    wanted = set(odd.values())
    fitting: dict[str, set[str]] = defaultdict(set)
    for model, column in tables:
        for text in model.objects.filter(street=street).values_list(column, flat=True).iterator():
            if text and (key := fold(text)) in wanted:
                fitting[key].add(text)
    first: dict[str, str] = {}
    spelled, unclear = {}, {}
    for word, key in odd.items():
        names = sorted(fitting[key]) or [first.setdefault(key, word)]
        if len(names) > 1:
            unclear[word] = "、".join(names[:3])
        elif names[0] != word:
            spelled[word] = names[0]
    return spelled, unclear


#: Fields whose word must be on the roster, for the kinds of file that speak of rows the roster already has.
ON_THE_ROSTER: dict[str, tuple[Lookup, Any]] = {
    "unit": (units_by_code, gettext_lazy("名册里没有这个商铺")),
    "master": (points_by_number, gettext_lazy("没有这块总表")),
    "meter": (meters_by_number, gettext_lazy("没有这块表")),
}


class Spans:
    """Rows with a first day, by owner and in order of it: which one holds on a day?"""

    def __init__(self, rows: Iterable[Any], owner: Callable[[Any], int]) -> None:
        self.rows: dict[int, list[Any]] = defaultdict(list)
        for row in sorted(rows, key=lambda r: r.from_on):
            self.rows[owner(row)].append(row)
        self._starts = {key: [r.from_on for r in rows] for key, rows in self.rows.items()}

    def started(self, owner: int, day: dt.date) -> Any | None:
        """The latest one that had begun by a day, running or ended; None before the first."""
        starts = self._starts.get(owner)
        at = bisect_right(starts, day) if starts else 0
        return self.rows[owner][at - 1] if at else None

    def at(self, owner: int, day: dt.date) -> Any | None:
        """The latest one that had begun by a day, else the first there ever was."""
        return self.started(owner, day) or (self.rows[owner][0] if owner in self._starts else None)


def tenancies_of(street: Street, unit_ids: Iterable[int]) -> Spans:
    """The tenancies of units, by unit."""
    return Spans(each_in(partial(_tenancies_in, street), unit_ids), lambda t: t.unit_id)


@prepared
def _tenancies_in(street: Street, units: Sequence[int]) -> QuerySet[Tenancy]:
    return Tenancy.objects.filter(street=street, unit__pk__in=units).select_related("party")


def connections_of(street: Street, unit_ids: Iterable[int]) -> Spans:
    """What units draw from, by unit, with the supply point: one instance of each, many units drawing from one."""
    rows = list(each_in(partial(_connections_in, street), unit_ids))
    points = each_in(partial(points_by_key, street), {c.point_id for c in rows})
    by_key = {point.pk: point for point in points}
    for c in rows:
        c.point = by_key[c.point_id]
    return Spans(rows, lambda c: c.unit_id)


@prepared
def _connections_in(street: Street, units: Sequence[int]) -> QuerySet[Connection]:
    return Connection.objects.filter(street=street, unit__pk__in=units)


def roles_of(street: Street, point_ids: Iterable[int], kind: PointRoleKind) -> Spans:
    """Account holders or agents of supply points, by point, with their party."""
    return Spans(each_in(partial(_roles_at, street, kind.value), point_ids), lambda r: r.point_id)


@prepared
def _roles_at(street: Street, kind: str, points: Sequence[int]) -> QuerySet[PointRole]:
    return PointRole.objects.filter(street=street, kind=kind, point__pk__in=points).select_related("party")


def owed_by(street: Street, tenancy_ids: Iterable[int]) -> dict[int, int]:
    """What tenancies owe as far as is confirmed, in fen by key, whatever the day; those that owe nothing are left out."""
    balance: dict[int, int] = defaultdict(int)
    ids = list(tenancy_ids)
    for side, sign in (("debit", 1), ("credit", -1)):
        for tenancy, fen in each_in(partial(_proven_of, Fixed(side), street), ids):
            balance[tenancy] += sign * fen
    return {tenancy: fen for tenancy, fen in balance.items() if fen > 0}


@prepared
def _proven_of(side: Fixed, street: Street, tenancies: Sequence[int]) -> QuerySet[Transfer, tuple[Any, ...]]:
    proven = Transfer.objects.filter(street=street).exclude(transaction_id__in=open_claims(street))
    owner = f"{side.value}__tenancy__pk"
    rows = proven.filter(**{f"{side.value}__kind": AccountKind.TENANCY, f"{owner}__in": tenancies}).order_by()
    sums: QuerySet[Transfer, tuple[Any, ...]] = rows.values_list(owner).annotate(fen=Sum("amount_fen"))
    return sums


def has_meters(street: Street) -> bool:
    """Whether any meter of the street is registered."""
    return Meter.objects.filter(street=street).exists()


# -- bills that were shared by what a file now changes: named, so that somebody shares them again (重新分摊) ----------


class SharedBill(NamedTuple):
    """A bill with a standing allocation: its half-open period and the method it was shared by."""

    number: str
    from_on: dt.date
    until_on: dt.date
    method: Method


def shared_bills(street: Street, point_ids: Iterable[int]) -> dict[int, list[SharedBill]]:
    """The shared bills of supply points, by point, in the order of their periods; one query for 5,000 points."""
    found: dict[int, dict[str, SharedBill]] = defaultdict(dict)
    for point, number, start, end, method in each_in(partial(_shared_at, street), point_ids):
        found[point][number] = SharedBill(number, start, end, Method(method))
    return {point: list(bills.values()) for point, bills in found.items()}


@prepared
def _shared_at(street: Street, points: Sequence[int]) -> QuerySet[Allocation, tuple[Any, ...]]:
    standing = Allocation.objects.filter(
        street=street, bill__street=street, transaction__reversed_by__isnull=True,
        bill__transaction__reversed_by__isnull=True, bill__point__pk__in=points,
    ).order_by("bill__from_on", "pk")  # fmt: skip
    return standing.values_list("bill__point_id", "bill__number", "bill__from_on", "bill__until_on", "method")


def numbers_within(bills: Iterable[SharedBill], from_on: dt.date, until_on: dt.date | None) -> str:
    """The numbers of the bills that ask for any day of a half-open period, at most five of them; "" where none does."""
    numbers = [b.number for b in bills if b.until_on > from_on and (until_on is None or b.from_on < until_on)]
    return few(numbers, _(" 等 %(n)d 张"))


# -- what lines of a statement may be ----------------------------------------------------------------------------------


def agents_on_record(street: Street) -> dict[int, Party]:
    """Whoever collects or collected behind any supply point, by key."""
    roles = PointRole.objects.filter(street=street, kind=PointRoleKind.AGENT).select_related("party")
    return {role.party_id: role.party for role in roles.order_by("party__name", "pk")}


def signs_learnt(street: Street, tenancy_ids: Iterable[int]) -> dict[int, list[str]]:
    """The names that papers call tenancies by, as files and persons taught them."""
    found: dict[int, list[str]] = defaultdict(list)
    names = RememberedName.objects.filter(street=street, sort=NameSort.PAYER).values_list("tenancy_id", "shown")
    for tenancy, shown in each_in(lambda some: names.filter(tenancy__in=some), tenancy_ids):
        found[tenancy].append(shown)
    return found


def owners_learnt(street: Street, names: Iterable[str]) -> dict[str, Party]:
    """Whose wallets and accounts of these names are, as a person has said, by folded name."""
    known = remembered_names(street, sort=NameSort.OWNER).filter(folded__in=[fold(name) for name in names])
    return {name.folded: name.party for name in known if name.party}


def what_is_known(
    street: Street, *, owner: int | None, from_on: dt.date, until_on: dt.date, apart: Collection[str]
) -> Known:
    """All that lines between two days, both included, are matched with, as plain values, in some ten queries.

    Shares and payments only of the points that ``owner`` (a party) ever collected for, of all where there is none.
    ``apart`` are sources two of whose lines are never the same money: what they told of is no other paper.
    """
    points = dict(SupplyPoint.objects.filter(street=street).order_by("code").values_list("pk", "code"))
    agents = roles_of(street, points, PointRoleKind.AGENT)
    connections = _Since(
        Connection.objects.filter(street=street).order_by("from_on").values_list("unit_id", "from_on", "point_id")
    )
    mine = [pk for pk in points if owner is None or any(r.party_id == owner for r in agents.rows.get(pk, ()))]
    known = Known(
        point_of=lambda tenant, on: connections.at(
            tenant.unit_id, on if tenant.until_on is None or on < tenant.until_on else tenant.until_on - DAY
        ),
        agent_of=lambda point, on: role.party_id if (role := agents.at(point, on)) else None,
        codes=points,
    )
    for roles in agents.rows.values():
        for role in roles:
            known.agents[role.party_id].add(fold(role.party.name))
    known.numbers = {fold(code): pk for pk, code in points.items()}
    masters = Meter.objects.filter(street=street, kind=MeterKind.MASTER).values_list("number", "point_id")
    known.numbers |= {fold(number): point for number, point in masters}
    _fill_tenants(street, known)
    _fill_learnt(street, known)
    _fill_money(street, known, mine, from_on, until_on, apart)
    return known


class _Since:
    """Which of the values an owner had holds on a day: triples of owner, first day, value, in the order of their days."""

    def __init__(self, rows: Iterable[tuple[int, dt.date, int]]) -> None:
        self._rows: dict[int, list[tuple[dt.date, int]]] = defaultdict(list)
        for owner, day, value in rows:
            self._rows[owner].append((day, value))

    def at(self, owner: int, on: dt.date) -> int | None:
        rows = self._rows.get(owner)
        if not rows:
            return None
        return next((value for day, value in reversed(rows) if day <= on), rows[0][1])


def _fill_tenants(street: Street, known: Known) -> None:
    rows = Tenancy.objects.filter(street=street).order_by("from_on", "pk")
    named = ("pk", "unit__code", "unit__name", "party__name", "from_on", "until_on", "unit_id")
    for pk, code, sign, operator, *days in rows.values_list(*named).iterator():
        tenant, unit = Tenant(pk, code, sign, operator or "", *days), fold(code)
        if sign and unit not in known.signs[fold(sign)]:
            known.signs[fold(sign)].append(unit)
        known.units[unit].append(tenant)
        if operator:
            known.operators[fold(operator)].append(tenant)


def _fill_learnt(street: Street, known: Known) -> None:
    by_key = {tenant.id: tenant for tenants in known.units.values() for tenant in tenants}
    learnt = RememberedName.objects.filter(street=street)
    for sort, name, tenancy, point, party in learnt.values_list("sort", "folded", "tenancy_id", "point_id", "party_id"):
        if sort == NameSort.PAYER:
            known.learnt[name] = by_key[tenancy]
        elif sort == NameSort.CUSTOMER_ACCOUNT:
            known.accounts[name] = point
        elif sort == NameSort.OWNER:
            known.agents[party].add(name)


def _fill_money(
    street: Street, known: Known, points: Sequence[int], from_on: dt.date, until_on: dt.date, apart: Collection[str]
) -> None:
    """Shares of bills, and payments that other papers told of."""
    standing = Allocation.objects.filter(
        street=street, bill__street=street, transaction__reversed_by__isnull=True,
        bill__transaction__reversed_by__isnull=True, bill__from_on__lte=until_on, bill__from_on__gte=from_on - YEAR,
    ).order_by("pk")  # fmt: skip
    shared = standing.values_list("bill_id", "pk", "bill__from_on", "bill__issued_on")
    latest = {
        bill: (pk, start, issued)
        for bill, pk, start, issued in each_in(lambda some: shared.filter(bill__point__in=some), points)
    }
    bills = {pk: days for pk, *days in latest.values()}
    shares = Share.objects.filter(street=street, tenancy__isnull=False).values_list(
        "allocation_id", "tenancy_id", "amount_fen"
    )
    for allocation, tenancy, fen in each_in(lambda some: shares.filter(allocation__in=some), bills):
        known.portions[tenancy].append(Portion(fen, *bills[allocation]))
    paid = Payment.objects.filter(
        street=street, transaction__effective_on__range=(from_on - YEAR, until_on + DAY),
        transaction__reversed_by__isnull=True,
    ).values_list(
        "transaction_id", "transaction__kind", "point_id", "tenancy_id", "amount_fen", "transaction__effective_on",
        "transaction__source_row__source",
    )  # fmt: skip
    told = list(each_in(lambda some: paid.filter(point__in=some), points))
    further = Evidence.objects.filter(street=street, source_row__source__in=list(apart)).values_list("transaction_id")
    of_told = each_in(lambda some: further.filter(transaction__in=some), (row[0] for row in told))
    out = {pk for (pk,) in of_told} if apart else set()
    for transaction, kind, point, tenancy, fen, on, source in told:
        if tenancy is not None:
            known.paid[tenancy, fen] += 1
        if source not in apart and transaction not in out:
            known.elsewhere[DECISIONS[kind], tenancy or point, fen].append(on)


#: What a kind of transaction is called in a decision (``Answers.lines``): as the kinds of file are.
DECISIONS = {
    TransactionKind.RECEIPT: FileKind.RECEIPTS.value,
    TransactionKind.REMITTANCE: FileKind.REMITTANCES.value,
    TransactionKind.DIRECT_PAYMENT: FileKind.DIRECT_PAYMENTS.value,
}


# -- totals ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToCome:
    """What booking a file would add: so many records by the name of their total, and lines of money by book."""

    records: Mapping[str, int] = field(default_factory=dict)
    lines: Sequence[tuple[int, Line]] = ()


def totals(
    street: Street, counted: Mapping[str, tuple[Any, Mapping[str, Any]]], books: Iterable[int] | None, to_come: ToCome
) -> tuple[dict[str, Any], dict[str, Any]]:
    """How much there is, and how much there will be with what is to come: records, and the money of some books in fen.

    Money counts every transaction, claims included; a negative position never hides another's debt. None for the books leaves
    it out.
    """
    before: dict[str, Any] = {name: sum(_count(model, street, **which)) for name, (model, which) in counted.items()}
    after = {name: n + to_come.records.get(name, 0) for name, n in before.items()}
    if books is None:
        return before, after
    ids = sorted(set(books))
    codes = {point.book_id: point.code for point in each_in(partial(_points_of_books, street), ids)}
    positions = _positions(street, ids)
    now = _money(codes, positions)
    for book, line in to_come.lines:
        positions[book, line.debit] += line.fen
        positions[book, line.credit] -= line.fen
    return {**now, **before}, {**(_money(codes, positions) if to_come.lines else now), **after}


@prepared
def _count(model: type[Any], street: Street, **which: Any) -> QuerySet[Any, int]:
    counted = model.objects.filter(street=street, **which).order_by().values("street").annotate(n=Count("pk"))
    told: QuerySet[Any, int] = counted.values_list("n", flat=True)
    return told


MONEY = ("payable", "held", "fronted", "owed", "advance", "unshared")
Positions = dict[tuple[int, Ref], int]


def _positions(street: Street, book_ids: Sequence[int]) -> Positions:
    """What stands on each account of some books, in fen; nothing on one that no money ever moved on."""
    positions: Positions = defaultdict(int)
    for lot in batches(book_ids):
        for book, kind, tenancy, party, fen in balances(street, lot):
            positions[book, Ref(AccountKind(kind), tenancy, party)] = fen
    return positions


def _money(codes: dict[int, str], positions: Positions) -> dict[str, Any]:
    meters: dict[str, dict[str, int]] = {code: dict.fromkeys(MONEY, 0) for code in codes.values()}
    for (book, ref), fen in positions.items():
        _add(meters[codes[book]], ref.kind, fen)
    whole = {name: sum(m[name] for m in meters.values()) for name in MONEY}
    return {**whole, "meters": dict(sorted(meters.items()))}


def _add(meter: dict[str, int], kind: str, fen: int) -> None:
    if kind == AccountKind.PAYABLE:
        meter["payable"] -= fen
    elif kind == AccountKind.UNSHARED:
        meter["unshared"] += fen
    elif kind == AccountKind.AGENT:
        meter["held" if fen > 0 else "fronted"] += abs(fen)
    elif kind == AccountKind.TENANCY:
        meter["owed" if fen > 0 else "advance"] += abs(fen)


# -- files -------------------------------------------------------------------------------------------------------------


def kept_file(street: Street, kind: FileKind, sha256: str) -> SourceFile | None:
    """The same file of the same kind, if it was imported before."""
    return next(iter(_kept_files(street, kind.value, sha256)), None)


@prepared
def _kept_files(street: Street, kind: str, sha256: str) -> QuerySet[SourceFile]:
    return SourceFile.objects.filter(street=street, kind=kind, sha256=sha256).defer("content")[:1]


def recent_files(street: Street, *, most: int = 20) -> list[tuple[FileKind, SourceFile]]:
    """The files booked last, newest first, each with its kind; one query."""
    files = SourceFile.objects.filter(street=street).select_related("by").defer("content").order_by("-at", "-pk")
    return [(FileKind(file.kind), file) for file in files[:most]]


# -- what the books know ----------------------------------------------------------------------------------------------

SHOWN_GAPS = 12


def knowledge_of(street: Street, *, money_on: dt.date | None = None) -> Knowledge:
    """How much of each thing the street's books have, and where there are holes; the money at the end of a day, where asked.

    Eight queries for any street, and some more for the money.
    """
    points = SupplyPoint.objects.filter(street=street)
    masters = points.filter(meters__kind=MeterKind.MASTER).distinct()
    agentless = masters.exclude(roles__kind=PointRoleKind.AGENT).order_by("code").values_list("code", flat=True)
    before = Window(Lag("until_on"), partition_by=F("point_id"), order_by=[F("from_on").asc(), F("pk").asc()])
    bills = standing_bills(street)
    gaps = bills.annotate(before=before).filter(from_on__gt=F("before")).order_by("point__code", "from_on")
    paid = Transaction.objects.filter(street=street, reversed_by__isnull=True)
    to_utility = (TransactionKind.REMITTANCE, TransactionKind.DIRECT_PAYMENT)
    money = money_totals(street, on=money_on) if money_on else None
    return Knowledge(
        meters=masters.count(),
        units=Unit.objects.filter(street=street).count(),
        bills=bills.count(),
        receipts=paid.filter(kind=TransactionKind.RECEIPT).count(),
        remittances=paid.filter(kind__in=to_utility).count(),
        assertions=BalanceAssertion.objects.filter(street=street).count(),
        agentless=list(agentless),
        gaps=list(gaps.values_list("point__code", "before", "from_on")[:SHOWN_GAPS]),
        held=money.held if money else 0,
        fronted=money.fronted if money else 0,
        owed=owed_by_shops(street, on=money_on) if money_on else 0,
    )


def waiting_pile(street: Street, public_id: str, *, owner: User, at: dt.datetime) -> Pile | None:
    """A pile of this person that has not run out."""
    waiting = Pile.objects.filter(street=street, owner=owner, expires_at__gt=at)
    return waiting.select_related("street").filter(public_id=public_id).first()
