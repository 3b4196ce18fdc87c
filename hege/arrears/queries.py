"""Who holds the money, read from the ledger: one supply point, a page of them, a street, month by month."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from hege.arrears.models import DailyWatch, Threshold
from hege.arrears.rules import (
    Flow,
    Holding,
    Money,
    Owner,
    ThresholdKind,
    ThresholdRow,
    Thresholds,
    ThresholdTable,
    money_of,
    who_holds,
)
from hege.billing.chart import WATER, AccountKind
from hege.billing.models import Acknowledgement
from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of
from hege.kernel.grouped import grouped, summed
from hege.kernel.prepared import Fixed, prepared
from hege.ledger.models import Account, Transfer
from hege.ledger.queries import (
    PairSum,
    SideSum,
    accounts_of,
    balance_at,
    moved_until,
    open_claims,
    pair_sums,
    side_sums,
)
from hege.metering.models import SupplyPoint
from hege.people.models import Street
from hege.places.queries import path_filter


def threshold_table(street: Street) -> ThresholdTable:
    """What the office of a street has ever set itself, to judge any day by; one query."""
    return ThresholdTable([ThresholdRow(ThresholdKind(kind), *said) for kind, *said in _thresholds(street)])


def thresholds_of(street: Street, *, on: dt.date) -> Thresholds:
    """What holds in a street on a day: the defaults with what its office has set itself; one query."""
    return threshold_table(street).on(on)


@prepared
def _thresholds(street: Street) -> QuerySet[Threshold, tuple[Any, ...]]:
    rows = Threshold.objects.filter(street=street).order_by("pk")
    return rows.values_list("kind", "value", "from_on", "recorded_at")


def watch_kept(street: Street) -> dt.datetime | None:
    """When the daily watch (每日核对) was last kept over the whole street; None where it never was."""
    return next(iter(_watch_kept(street)), None)


@prepared
def _watch_kept(street: Street) -> QuerySet[DailyWatch, dt.datetime | None]:
    return DailyWatch.objects.filter(street=street).values_list("kept_at", flat=True)[:1]


def streets_to_watch(at: dt.datetime) -> list[Street]:
    """The streets whose daily watch has not been kept on the day of ``at`` and that nobody is at, by code."""
    busy = DailyWatch.objects.filter(Q(kept_on__gte=day_of(at)) | Q(lease_until__gt=at))
    return list(Street.objects.exclude(daily_watch__in=busy).order_by("code"))


def who_holds_the_money(point: SupplyPoint, *, on: dt.date, known_at: dt.datetime | None = None) -> Holding:
    """Who holds the money of one supply point (钱在谁手里) at the end of day ``on``; four queries.

    ``known_at`` asks what was known at that instant ("as known then"); without it, as known now.
    """
    return holdings(point.street, [point], on=on, known_at=known_at)[point.pk]


def holdings(
    street: Street, points: Sequence[SupplyPoint], *, on: dt.date, known_at: dt.datetime | None = None
) -> dict[int, Holding]:
    """Who holds the money of several supply points of a street, by point key; the same four queries for any number."""
    admitted = acknowledged(street, points, on=on, known_at=known_at)
    found = dict[int, Holding]()
    for point_id, (owners, confirmed, every) in _behind(street, points, on=on, known_at=known_at).items():
        sure = money_of(owners, confirmed, admitted)
        told = sure if every == confirmed else money_of(owners, every, admitted)  # mostly nothing is claimed
        found[point_id] = Holding(on=on, confirmed=sure, with_claims=told)
    return found


def confirmed_money(street: Street, points: Sequence[SupplyPoint], *, on: dt.date) -> dict[int, Money]:
    """The confirmed part of ``holdings`` alone, by point key, for those who look at every point of a street."""
    admitted = acknowledged(street, points, on=on)
    return {
        point_id: money_of(owners, confirmed, admitted)
        for point_id, (owners, confirmed, _every) in _behind(street, points, on=on).items()
    }


class _Behind(NamedTuple):
    """The accounts behind a supply point, and what moved on them by the other side: what is confirmed of it, and all."""

    owners: dict[int, Owner]
    confirmed: dict[tuple[int, str], int]
    every: dict[tuple[int, str], int]


def _behind(
    street: Street, points: Sequence[SupplyPoint], *, on: dt.date, known_at: dt.datetime | None = None
) -> dict[int, _Behind]:
    """What is behind each supply point, by its key: as known now from totals; totals know no instant, so as known at one from the entries."""
    books = {p.book_id: p.pk for p in points}
    owners = owners_of(street, books)
    behind = {book: _Behind(accounts, defaultdict(int), defaultdict(int)) for book, accounts in owners.items()}
    book_of = {account: book for book, accounts in owners.items() for account in accounts}
    if known_at is None:
        rows = side_sums(street, books, chart=WATER, on=on)
    else:
        kinds = {pk: owner.kind.value for accounts in owners.values() for pk, owner in accounts.items()}
        rows = _by_side(kinds, pair_sums(street, books, chart=WATER, on=on, known_at=known_at))
    for account, against, fen, unproven in rows:
        _owners, confirmed, every = behind[book_of[account]]
        confirmed[account, against] += fen - unproven
        every[account, against] += fen
    # Who comes later is not there yet, unless money came before: the same shops in both layers.
    coming = {pk: b for b, accounts in owners.items() for pk, o in accounts.items() if o.from_on and o.from_on > on}
    moved = {row.account_id for row in rows if row.account_id in coming} if coming else set[int]()
    if moved and known_at is None:
        moved = moved_until(street, moved, on=on)
    for account in coming.keys() - moved:
        del behind[coming[account]].owners[account]
    nothing = _Behind({}, {}, {})
    return {point_id: behind.get(book, nothing) for book, point_id in books.items()}


def _by_side(kinds: dict[int, str], pairs: Iterable[PairSum]) -> list[SideSum]:
    return [
        SideSum(account, kinds[other], sign * row.fen, sign * row.unproven_fen)
        for row in pairs
        for account, other, sign in ((row.debit_id, row.credit_id, 1), (row.credit_id, row.debit_id, -1))
    ]


def owners_of(street: Street, book_ids: Iterable[int]) -> dict[int, dict[int, Owner]]:
    """Whose account is whose, by book and account key; one query."""
    owners: dict[int, dict[int, Owner]] = defaultdict(dict)
    for a in accounts_of(street, book_ids):
        code, name = a.unit_code or "", a.unit_name or a.party_name or ""
        kind = AccountKind(a.kind)
        owners[a.book_id][a.pk] = Owner(kind, a.tenancy_id, a.party_id, code, name, a.from_on, a.until_on)
    return owners


def acknowledged(
    street: Street, points: Sequence[SupplyPoint], *, on: dt.date, known_at: dt.datetime | None = None
) -> dict[int, int]:
    """The latest written admission of each tenancy on or before a day, in fen, by tenancy key."""
    keys = [point.pk for point in points]
    if known_at is None:
        return dict(_admissions_now(street, keys, on))
    return dict(_admissions(street, keys, on).filter(recorded_at__lte=known_at))


def _admissions(street: Street, points: list[int], on: dt.date) -> QuerySet[Acknowledgement, tuple[int, int]]:
    rows = Acknowledgement.objects.filter(street=street, point__pk__in=points, on__lte=on)
    return rows.order_by("on", "pk").values_list("tenancy_id", "amount_fen")


_admissions_now = prepared(_admissions)


def said_unpaid(point: SupplyPoint, *, on: dt.date, known_at: dt.datetime | None = None) -> dict[int, int]:
    """What a third record says shops owe, latest on or before a day, in fen, by tenancy key; one query."""
    rows = point.book.assertions.filter(
        street=point.street_id, account_kind=AccountKind.TENANCY, on__lte=on, tenancy__isnull=False
    )
    if known_at is not None:
        rows = rows.filter(recorded_at__lte=known_at)
    return dict(rows.order_by("on", "pk").values_list("tenancy_id", "amount_fen"))


class OpenMonths:
    """The confirmed money of some supply points at the end of a day, and what moved to or from the utility and agents until then.

    What moved between agents and shops is told day by day from a day on, which may be put back for some of the points, and as of
    the day before it all that moved before: what ever moved, less what is told. So it costs the days told, however many receipts there
    were before; between agents and the utility there are a few lines a month.
    """

    def __init__(self, street: Street, points: Sequence[SupplyPoint], *, on: dt.date, since: dt.date) -> None:
        """Eight queries."""
        self.street, self.on = street, on
        self.behind = _behind(street, points, on=on)
        admitted = acknowledged(street, points, on=on)
        self.money = {pk: money_of(b.owners, b.confirmed, admitted) for pk, b in self.behind.items()}
        self.told = self._moved(points, AccountKind.PAYABLE, dt.date.min, on)
        for book, flows in self._moved(points, AccountKind.AGENT, since, on).items():
            self.told.setdefault(book, []).extend(flows)

    def flows(self, point: SupplyPoint, *, since: dt.date) -> list[Flow]:
        """What moved, day by day as far as it is told, and before as of the day before ``since``."""
        owners, confirmed, _every = self.behind[point.pk]
        told = self.told.get(point.book_id, [])
        return [*_agents_before(owners, confirmed, told, on=max(since, dt.date.min + DAY) - DAY), *told]

    def tell_more(self, points: Sequence[SupplyPoint], *, since: dt.date, until_on: dt.date) -> None:
        """Tell of some points the days from an earlier one on until before the first that was told; two queries."""
        for book, flows in self._moved(points, AccountKind.AGENT, since, until_on - DAY).items():
            self.told[book] = [*flows, *self.told.get(book, ())]

    def _moved(
        self, points: Sequence[SupplyPoint], kind: AccountKind, since: dt.date, on: dt.date
    ) -> dict[int, list[Flow]]:
        """What moved in some days on the accounts of the utility, or on those of agents but to and from it; by book, two queries."""
        accounts = [pk for p in points for pk, owner in self.behind[p.pk].owners.items() if owner.kind is kind]
        books = [p.book_id for p in points]
        sums: dict[tuple[Any, ...], int] = {}
        for side in ("debit", "credit"):
            confirmed = _moved_by_day(self.street, books, accounts, Fixed((side, kind)), since, on)
            sums.update((row[:6], row[6]) for row in confirmed)
        return _flows(sums)


@prepared
def _moved_by_day(
    street: Street, books: list[int], accounts: list[int], on_side: Fixed, since: dt.date, on: dt.date
) -> QuerySet[Transfer, tuple[Any, ...]]:
    side, kind = on_side.value
    other = "credit" if side == "debit" else "debit"
    rows = Transfer.objects.filter(**{f"{side}__pk__in": accounts}, effective_on__gte=since, effective_on__lte=on)
    if kind is AccountKind.AGENT:
        rows = rows.exclude(**{f"{other}__kind": AccountKind.PAYABLE})
    return _confirmed_by_day(street, books, rows)


def _agents_before(
    owners: dict[int, Owner], sides: dict[tuple[int, str], int], told: Iterable[Flow], *, on: dt.date
) -> Iterator[Flow]:
    """What each agent took and gave beside what is told day by day, as of one day."""
    agent = AccountKind.AGENT
    left: dict[tuple[int | None, AccountKind], int] = defaultdict(int)
    for (pk, against), fen in sides.items():
        if pk in owners and owners[pk].kind is agent:
            left[owners[pk].party_id, AccountKind(against)] += fen
    for flow in told:
        if flow.debit is agent:
            left[flow.debit_party, flow.credit] -= flow.fen
        if flow.credit is agent:
            left[flow.credit_party, flow.debit] += flow.fen
    for (party, other), fen in left.items():
        if fen > 0:
            yield Flow(on, agent, other, party, None, fen)
        elif fen < 0:
            yield Flow(on, other, agent, None, party, -fen)


def _confirmed_by_day(
    street: Street, books: list[int], rows: QuerySet[Transfer]
) -> QuerySet[Transfer, tuple[Any, ...]]:
    """What moved day by day between the kinds of account, by book; what of a day is not confirmed is left out."""
    kinds = ("debit__book_id", "effective_on", "debit__kind", "credit__kind", "debit__party_id", "credit__party_id")
    confirmed = Sum("amount_fen", filter=~Q(transaction_id__in=open_claims(street).filter(book__pk__in=books)))
    sums: QuerySet[Transfer, tuple[Any, ...]] = rows.values_list(*kinds).annotate(fen=confirmed)
    return sums.order_by()


@prepared
def _day_sums(street: Street, books: list[int], on: dt.date) -> QuerySet[Transfer, tuple[Any, ...]]:
    rows = Transfer.objects.filter(debit__street=street, debit__book__pk__in=books, effective_on__lte=on)
    return _confirmed_by_day(street, books, rows)


def flows_of(street: Street, book_ids: Iterable[int], *, on: dt.date) -> dict[int, list[Flow]]:
    """What moved day by day between the kinds of account of these books, confirmed rows only, by book; one query."""
    return _flows({row[:6]: row[6] for row in _day_sums(street, list(book_ids), on)})


@prepared
def _utility_sums(street: Street, books: list[int], on_side: Fixed, on: dt.date) -> QuerySet[Transfer, tuple[Any, ...]]:
    side = on_side.value
    accounts = Account.objects.filter(street=street, book__pk__in=books, kind=AccountKind.PAYABLE)
    rows = Transfer.objects.filter(**{f"{side}__pk__in": accounts.values("pk")}, effective_on__lte=on)
    return _confirmed_by_day(street, books, rows)


def utility_flows(street: Street, book_ids: Iterable[int], *, on: dt.date) -> dict[int, list[Flow]]:
    """What of ``flows_of`` went to the utility or is owed to it: a few lines a month, however many shops there are; two queries."""
    books = list(book_ids)
    return _flows(
        {row[:6]: row[6] for side in ("debit", "credit") for row in _utility_sums(street, books, Fixed(side), on)}
    )


def _flows(sums: dict[tuple[Any, ...], int]) -> dict[int, list[Flow]]:
    """Flows in the order of their days, by book; the keys are those of ``_by_day``."""
    kinds = {kind.value: kind for kind in AccountKind}  # a look-up is several times faster than the enumeration's own
    flows = grouped(
        (book, Flow(day, kinds[debit], kinds[credit], payer, payee, fen))
        for (book, day, debit, credit, payer, payee), fen in sums.items()
        if fen
    )
    for of_book in flows.values():
        of_book.sort(key=attrgetter("on", "debit"))
    return flows


class ShopFlows(NamedTuple):
    """What moved day by day on one tenancy's account: what is confirmed, and what one side says."""

    confirmed: list[Flow]
    claimed: list[Flow]


def shop_flows(point: SupplyPoint, tenancy_id: int, *, on: dt.date) -> ShopFlows:
    """What moved on the account of one tenancy behind a supply point up to the end of a day; one query."""
    kind = AccountKind.TENANCY
    theirs = Q(debit__tenancy_id=tenancy_id, debit__kind=kind) | Q(credit__tenancy_id=tenancy_id, credit__kind=kind)
    rows = (
        Transfer.objects.filter(theirs, street=point.street_id, book_id=point.book_id, effective_on__lte=on)
        .values_list("effective_on", "debit__kind", "credit__kind", "transaction__open_claim__level")
        .annotate(fen=Sum("amount_fen"))
        .order_by("effective_on", "debit__kind", "credit__kind")
    )
    found = ShopFlows([], [])
    for day, debit, credit, level, fen in rows:
        flow = Flow(day, AccountKind(debit), AccountKind(credit), None, None, fen)
        (found.confirmed if level is None else found.claimed).append(flow)
    return found


@dataclass(frozen=True, slots=True)
class MonthEnd:
    """The confirmed figures of one supply point at the end of a month (or of the day asked for), in fen."""

    on: dt.date
    payable: int
    held: int
    owed: int
    acknowledged: int
    unproven: int


def monthly(point: SupplyPoint, *, on: dt.date, months: int = 12) -> list[MonthEnd]:
    """Month by month who held the money (走势), oldest first, the last one as of day ``on``; four queries.

    Summed by month in the database and added up here: no month is summed twice.
    """
    ends = [on]
    while len(ends) < months:
        ends.append(ends[-1].replace(day=1) - dt.timedelta(days=1))
    ends.reverse()
    owners = owners_of(point.street, [point.book_id])[point.book_id]
    rows = (
        Transfer.objects.filter(debit__street=point.street_id, debit__book_id=point.book_id, effective_on__lte=on)
        .annotate(month=TruncMonth("effective_on"))
        .values_list("month", "debit_id", "credit_id")
        .annotate(fen=Sum("amount_fen"))
        .order_by()
    )
    moved: dict[tuple[dt.date, int, int], int] = {row[:3]: row[3] for row in rows}
    for row in rows.filter(transaction_id__in=open_claims(point.street).filter(book_id=point.book_id)):
        moved[row[:3]] -= row[3]
    waiting = deque(sorted(moved.items()))
    admissions = deque(
        Acknowledgement.objects.filter(street=point.street_id, point=point, on__lte=on)
        .order_by("on", "pk")
        .values_list("on", "tenancy_id", "amount_fen")
    )
    total: dict[tuple[int, int], int] = defaultdict(int)
    admitted: dict[int, int] = {}
    out = []
    for end in ends:
        while waiting and waiting[0][0][0] <= end:
            (_month, debit, credit), fen = waiting.popleft()
            total[debit, credit] += fen
        while admissions and admissions[0][0] <= end:
            _day, tenancy, fen = admissions.popleft()
            admitted[tenancy] = fen
        money = who_holds(owners, [(d, c, fen) for (d, c), fen in total.items()], admitted)
        out.append(MonthEnd(end, money.payable, money.held, money.owed, money.acknowledged, money.unproven))
    return out


class PointMoney(NamedTuple):
    """What a supply point owes the utility, what its agents hold and what they have fronted, confirmed, in fen."""

    payable: int = 0
    held: int = 0
    fronted: int = 0


class PointTotal(NamedTuple):
    """What a supply point owes the utility, confirmed, in fen."""

    point_id: int
    code: str
    name: str
    payable: int


@dataclass(frozen=True, slots=True)
class MoneyTotals:
    """A whole street's figures, confirmed, in fen; ``owing`` is how many of its points owe the utility anything."""

    payable: int
    held: int
    fronted: int
    points: int
    owing: int
    worst: tuple[PointTotal, ...]


def money_totals(street: Street, *, on: dt.date, worst: int = 10, paths: Iterable[str] = ("",)) -> MoneyTotals:
    """What a street's points owe and its agents hold (全街汇总), and the worst of them; two queries for any number.

    What each shop owes is the dear part and is not in here: ask ``holdings`` for the points of one page.
    """
    money = money_by_point(street, on=on, paths=paths)
    rows = _worst_first(street, {point: m.payable for point, m in money.items()}, paths)
    return MoneyTotals(
        payable=sum(r.payable for r in rows),
        held=sum(m.held for m in money.values()),
        fronted=sum(m.fronted for m in money.values()),
        points=len(rows),
        owing=sum(1 for r in rows if r.payable > 0),
        worst=tuple(rows[:worst]),
    )


class StreetMoney(NamedTuple):
    """Who holds the money of a whole street, confirmed, in fen, of the points that owe the utility anything."""

    payable: int
    held: int
    acknowledged: int


def money_of_street(street: Street, *, on: dt.date) -> StreetMoney:
    """What a street's points owe the utility at the end of a day, and who holds it, in sums alone; four queries more than
    ``points_by_payable``, however many points owe anything."""
    owing = [row.point_id for row in points_by_payable(street, on=on) if row.payable > 0]
    points = list(SupplyPoint.objects.filter(street=street, pk__in=owing))
    found = confirmed_money(street, points, on=on).values() if points else []
    return StreetMoney(*(sum(getattr(m, name) for m in found) for name in StreetMoney._fields))


def points_by_payable(street: Street, *, on: dt.date, paths: Iterable[str] = ("",)) -> list[PointTotal]:
    """A street's supply points, the one that owes most first; two queries."""
    payable = summed((point, -fen) for _k, point, fen in _balances(street, AccountKind.PAYABLE, on=on, paths=paths))
    return _worst_first(street, payable, paths)


def _worst_first(street: Street, payable: Mapping[int, int], paths: Iterable[str]) -> list[PointTotal]:
    points = SupplyPoint.objects.filter(path_filter("place__path", paths), street=street)
    rows = [
        PointTotal(pk, code, name, payable.get(pk, 0)) for pk, code, name in points.values_list("pk", "code", "name")
    ]
    return sorted(rows, key=lambda r: (-r.payable, r.code))


def money_by_point(street: Street, *, on: dt.date, paths: Iterable[str] = ("",)) -> dict[int, PointMoney]:
    """What is owed, held and fronted behind each supply point on which money ever moved, by point key; one query."""
    found: dict[int, PointMoney] = defaultdict(PointMoney)
    for kind, point, fen in _balances(street, AccountKind.PAYABLE, AccountKind.AGENT, on=on, paths=paths):
        payable, held, fronted = found[point]
        if kind == AccountKind.PAYABLE:
            found[point] = PointMoney(payable - fen, held, fronted)
        else:
            found[point] = PointMoney(payable, held + max(0, fen), fronted + max(0, -fen))
    return found


def owed_by_shops(street: Street, *, on: dt.date) -> int:
    """What all shops of a street owe together, confirmed, in fen; what one has paid ahead takes nothing off; one query."""
    balances = _balances(street, AccountKind.TENANCY, on=on, paths=("",))
    return sum(fen for _kind, _point, fen in balances if fen > 0)


def owed_and_held(street: Street, *, on: dt.date, paths: Iterable[str] = ("",)) -> tuple[int, int]:
    """What the points that owe the utility owe together, and what their agents hold, confirmed, in fen; one query."""
    owing = [money for money in money_by_point(street, on=on, paths=paths).values() if money.payable > 0]
    return sum(money.payable for money in owing), sum(money.held for money in owing)


def _balances(street: Street, *kinds: AccountKind, on: dt.date, paths: Iterable[str]) -> list[tuple[str, int, int]]:
    """Kind, supply point and balance (debit less credit, confirmed) of each account of some kinds; one query."""
    accounts = Account.objects.filter(
        path_filter("book__supply_point__place__path", paths), street=street, kind__in=kinds
    )
    rows = accounts.annotate(balance=balance_at(street, on=on))
    found: list[tuple[str, int, int]] = list(rows.values_list("kind", "book__supply_point", "balance"))
    return found
