"""What a member has and got, what a season's board shows, and proof that both counters are what the entries say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum

from hege.kernel.grouped import summed
from hege.ledger.models import Account, Book, Transfer
from hege.members.models import Consent, Member
from hege.members.rules import ConsentKind
from hege.people.models import Street
from hege.points.chart import MINUTES, POINTS, AccountKind, EntryKind
from hege.points.models import Balance, Lot, LotUse, PointRule
from hege.points.rules import FIRST_RULE, Rule

CHUNK = 5000
SOME = 20  # of one kind of fault are named; more would bury the others

A, K = AccountKind, EntryKind
MEMBERS = (A.POINTS, A.MINUTES)


def rule_on(street: Street, day: dt.date) -> Rule:
    """How points are given on a day: the street's own rule, or what holds until it has one."""
    row = PointRule.objects.filter(street=street, from_on__lte=day).order_by("-from_on").first()
    return row.rule if row else FIRST_RULE


class RuleSince(NamedTuple):
    """A rule and the day it holds from; None for what holds until a street has one of its own."""

    from_on: dt.date | None
    per_deed: int
    day_cap: int
    season_cap: int
    life_days: int


def rules_of(street: Street) -> list[RuleSince]:
    """Every version of a street's rule, the latest first, and what held at first; one query."""
    rows = PointRule.objects.filter(street=street).order_by("-from_on")
    return [*(RuleSince(row.from_on, *row.rule) for row in rows), RuleSince(None, *FIRST_RULE)]


class Counters(NamedTuple):
    """A member's two counters; ``ending`` points are gone from ``ends_on`` on, where any lot is left."""

    points: int
    minutes: int
    ends_on: dt.date | None
    ending: int


def counters_of(member: Member, *, on: dt.date) -> Counters:
    """What a member has on a day: one query. Points whose day is over count no more, though the day's run is to come."""
    left = Lot.objects.filter(street=member.street_id, member=OuterRef("member"), remaining__gt=0)
    ends = left.filter(expires_on__gt=on).order_by("expires_on").values("expires_on").annotate(n=Sum("remaining"))
    over = left.filter(expires_on__lte=on).order_by().values("member").annotate(n=Sum("remaining"))
    found = Balance.objects.filter(street=member.street_id, member=member).values_list(
        "points", "minutes", Subquery(ends.values("expires_on")[:1]), Subquery(ends.values("n")[:1]),
        Subquery(over.values("n")),
    ).first()  # fmt: skip
    if found is None:
        return Counters(0, 0, None, 0)
    points, minutes, ends_on, ending, ended = found
    return Counters(points - (ended or 0), minutes, ends_on, ending or 0)


def points_on(street: Street, members: Iterable[int], *, on: dt.date) -> dict[int, int]:
    """What some members can spend on a day, by member; one query."""
    lots = Lot.objects.filter(street=street, member__in=list(members), remaining__gt=0, expires_on__gt=on)
    return dict(lots.values_list("member_id").annotate(n=Sum("remaining")).order_by())


class Entry(NamedTuple):
    """One entry of a member: its day, what it was, how much came (below zero: went), and what it was for."""

    on: dt.date
    kind: EntryKind
    amount: int
    words: str


def entries_of(member: Member, *, minutes: bool = False, most: int) -> list[Entry]:
    """The latest entries of one counter, newest first; one query."""
    kind = A.MINUTES if minutes else A.POINTS
    mine = Account.objects.filter(street=member.street_id, member=member, kind=kind).values("pk")
    rows = Transfer.objects.filter(Q(debit__in=mine) | Q(credit__in=mine), street=member.street_id).order_by("-pk")
    found = rows.values_list("effective_on", "transaction__kind", "debit__kind", "amount_fen", "transaction__reason")
    return [Entry(on, K(what), n if debit == kind else -n, words) for on, what, debit, n, words in found[:most]]


class Sums(NamedTuple):
    """What one counter of a street moved up to a day. ``reversed`` is what reversals gave back, less what they took."""

    earned: int
    taken_back: int
    spent: int
    expired: int
    reversed: int

    @property
    def held(self) -> int:
        """What members have after all that."""
        return self.earned - self.taken_back - self.spent - self.expired + self.reversed


def sums_of(street: Street, chart_name: str, *, on: dt.date) -> Sums:
    """``Sums`` of the points (``POINTS.name``) or the minutes of a street; one query."""
    rows = Transfer.objects.filter(street=street, book__chart=chart_name, effective_on__lte=on)
    moved = rows.values_list("transaction__kind", "debit__kind").annotate(n=Sum("amount_fen")).order_by()
    came = summed((kind, n) for kind, to, n in moved if to in MEMBERS)
    went = summed((kind, n) for kind, to, n in moved if to not in MEMBERS)
    return Sums(
        earned=came[K.EARN] + came[K.MINUTES],
        taken_back=went[K.EARN],
        spent=went[K.SPEND],
        expired=went[K.EXPIRE],
        reversed=came[K.REVERSAL] - went[K.REVERSAL],
    )


class Standing(NamedTuple):
    """One line of a season's board: how somebody is called, and what they got in it; nobody stands before anybody."""

    called: str
    points: int
    minutes: int


def board(street: Street, from_on: dt.date, until_on: dt.date) -> list[Standing]:
    """Those who want to stand on the board of a half-open period, in the order of nicknames; three queries.

    Points count as they came: what a later round took back is left out, for a milestone that falls would tell somebody
    whose report was found untrue. Minutes that were reversed do not count.
    """
    latest = Consent.objects.filter(street=street, member=OuterRef("pk"), kind=ConsentKind.BOARD).order_by("-pk")
    wanted = Member.objects.filter(street=street, left_at__isnull=True)
    names = dict(wanted.annotate(yes=Subquery(latest.values("given")[:1])).filter(yes=True).values_list("pk", "called"))
    came = Transfer.objects.filter(
        street=street, debit__member__in=names, effective_on__gte=from_on, effective_on__lt=until_on,
        transaction__kind__in=[K.EARN, K.MINUTES], transaction__reversed_by__isnull=True,
    )  # fmt: skip
    sums = came.values_list("debit__member_id", "debit__kind").annotate(n=Sum("amount_fen")).order_by()
    got = {(member, kind): n for member, kind, n in sums}
    rows = [Standing(called, got.get((pk, A.POINTS), 0), got.get((pk, A.MINUTES), 0)) for pk, called in names.items()]
    return sorted(rows)


# -- proof ---------------------------------------------------------------------------------------------------------------


def balance_faults(street: Street) -> Iterator[str]:
    """Each counter is what the entries of its account add up to, and each account of a member has its counter."""
    balances = list(
        Balance.objects.filter(street=street)
        .order_by("pk")
        .values_list("pk", "member_id", "points_account_id", "minutes_account_id", "points", "minutes")
    )
    books = Book.objects.filter(street=street, chart__in=[POINTS.name, MINUTES.name])
    rows = Transfer.objects.filter(street=street, book__in=books)
    sums: dict[int, int] = summed(rows.values_list("debit_id").annotate(n=Sum("amount_fen")).order_by())
    for account, n in rows.values_list("credit_id").annotate(n=Sum("amount_fen")).order_by():
        sums[account] -= n
    accounts = Account.objects.filter(street=street, member__isnull=False)
    whose = {pk: (member, kind) for pk, member, kind in accounts.values_list("pk", "member_id", "kind")}
    wrong = 0
    for pk, member, points_account, minutes_account, points, minutes in balances:
        mine = whose.pop(points_account, None), whose.pop(minutes_account, None)
        if mine != ((member, A.POINTS), (member, A.MINUTES)):
            wrong, fault = wrong + 1, "its accounts are not its member's"
        elif (sums[points_account], sums[minutes_account]) != (points, minutes):
            wrong, fault = wrong + 1, "its counters are not the sum of the entries"
        else:
            continue
        if wrong <= SOME:
            yield f"balance {pk}: {fault}"
    for pk in sorted(whose)[:SOME]:
        yield f"account {pk}: is a member's, and no counter goes with it"


def lot_faults(street: Street) -> Iterator[str]:
    """Each lot came with an entry and holds what its uses left; every point that went left a lot, in the entry that says so."""
    granted: dict[tuple[int, int], int] = {}
    kept: dict[int, tuple[int, int, int]] = {}
    lots = Lot.objects.filter(street=street).order_by("pk")
    for pk, member, transaction, grant, remaining in lots.values_list(
        "pk", "member_id", "transaction_id", "granted", "remaining"
    ).iterator(CHUNK):
        granted[transaction, member] = grant
        kept[pk] = (member, grant, remaining)
    used: dict[int, int] = {}
    taken: dict[tuple[int, int], int] = {}
    for lot, transaction, points in (
        LotUse.objects.filter(street=street).order_by("pk").values_list("lot_id", "transaction_id", "points")
    ).iterator(CHUNK):
        used[lot] = used.get(lot, 0) + points
        if lot in kept:
            key = transaction, kept[lot][0]
            taken[key] = taken.get(key, 0) + points
    left: dict[int, int] = {}
    some = Some()
    for pk, (member, grant, remaining) in kept.items():
        left[member] = left.get(member, 0) + remaining
        if grant - used.pop(pk, 0) != remaining:
            yield from some("lot", pk, "what is left is not what was granted less what its uses took")
    for pk in used:
        yield from some("lot", pk, "is gone, and there are uses of it")
    yield from _moved_faults(street, granted, taken, some)
    balances = Balance.objects.filter(street=street).order_by("pk").values_list("pk", "member_id", "points")
    for pk, member, points in balances.iterator(CHUNK):
        if left.pop(member, 0) != points:
            yield from some("balance", pk, "its points are not what its lots hold")
    for member in left:
        yield from some("member", member, "has lots, and no counter")


def _moved_faults(
    street: Street, granted: dict[tuple[int, int], int], taken: dict[tuple[int, int], int], some: Some
) -> Iterator[str]:
    """What came to a member by earning is a lot of that entry; what went, and what came back, are uses of lots in it."""
    rows = Transfer.objects.filter(street=street, book__chart=POINTS.name).order_by("pk")
    for transaction, kind, to, of, n in rows.values_list(
        "transaction_id", "transaction__kind", "debit__member_id", "credit__member_id", "amount_fen"
    ).iterator(CHUNK):
        if kind == K.EARN and to is not None:
            said, what = granted.pop((transaction, to), 0), n
        else:
            said, what = taken.pop((transaction, of if to is None else to), 0), n if to is None else -n
        if said != what:
            yield from some("transaction", transaction, "what it moved is not what its lots say")
    for transaction, _member in [*granted, *taken]:
        yield from some("transaction", transaction, "lots speak of it, and it moved nothing of theirs")


class Some:
    """The first few faults of each kind, in words."""

    def __init__(self) -> None:
        self.told: dict[str, int] = {}

    def __call__(self, thing: str, pk: int, fault: str) -> Iterator[str]:
        self.told[fault] = self.told.get(fault, 0) + 1
        if self.told[fault] <= SOME:
            yield f"{thing} {pk}: {fault}"


def stranger_faults(street: Street) -> Iterator[str]:
    """No counter or lot of a street is of another street's member."""
    for name, rows in (("balance", Balance.objects.all()), ("lot", Lot.objects.all())):
        strangers: QuerySet[Any] = rows.filter(street=street).exclude(member__street=F("street"))
        for pk in strangers.order_by("pk").values_list("pk", flat=True)[:SOME]:
            yield f"{name} {pk}: is of a member of another street"
