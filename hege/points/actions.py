"""Giving points a round at a time, spending, giving back and ending them, and booking honour minutes.

Lock order: balance, then lots by the day they end, then the head of the trail. A member's balance is the lock of all that
moves on their accounts; the books themselves are locked only while accounts are opened, so that members do not wait for each
other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Max

from hege.kernel import seal
from hege.kernel.checks import check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.grouped import grouped
from hege.ledger.actions import Draft, Posting, Source, account_ids, lock_books, post_transactions
from hege.ledger.models import Book, Transaction
from hege.ledger.queries import booked_rows
from hege.ledger.rules import Chart, Line, Ref
from hege.members.models import Member
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.points.chart import MINUTES, POINTS, AccountKind, EntryKind, minutes_of, points_of
from hege.points.models import Balance, Lot, LotUse, PointRule
from hege.points.queries import rule_on
from hege.points.rules import (
    EARNED,
    EXPIRED,
    GIVEN_BACK_FOR,
    SERVED,
    SPENT,
    LotLeft,
    Rule,
    check_reversible,
    check_rule,
    eaten,
)
from hege.trail import actions as trail

A, K = AccountKind, EntryKind

ISSUED, USED, ENDED, GIVEN_TIME = Ref(A.ISSUED), Ref(A.SPENT), Ref(A.EXPIRED), Ref(A.SERVED)
#: So many members' lots end in one entry.
ENDING_AT_ONCE = 1_000


@atomic
def set_point_rule(street: Street, rule: Rule, *, from_on: dt.date, by: User | None, at: dt.datetime) -> PointRule:
    """Say how points are given from a day on (定积分规则), tomorrow at the earliest; what was given stays."""
    locked_street(street.pk)
    rows = PointRule.objects.filter(street=street)
    last = rows.aggregate(number=Max("number"), on=Max("from_on"))
    check_rule(rule, from_on=from_on, latest_on=last["on"], today=day_of(at))
    row = PointRule.objects.create(
        street=street, number=(last["number"] or 0) + 1, from_on=from_on, by=by, recorded_at=at, **rule._asdict()
    )
    trail.record("set_point_rule", row, by=by, at=at, from_on=from_on, number=row.number, **rule._asdict())
    return row


# -- points --------------------------------------------------------------------------------------------------------------


@atomic
def earn(
    street: Street, net: Mapping[int, int], *, key: str, words: str = "", by: User | None, at: dt.datetime
) -> Transaction | None:
    """Give a whole round of points at once (发放积分), by member: one entry names them all, and none of their deeds.

    Below zero is taken back; the caller has seen that each has as much (``takable``). ``key`` names the round, once.
    None where nothing is to be given.
    """
    moved = {member: points for member, points in sorted(net.items()) if points}
    if not moved:
        return None
    day = day_of(at)
    balances = lock_balances(street, moved)
    lines = [
        Line(points_of(member), ISSUED, points) if points > 0 else Line(ISSUED, points_of(member), -points)
        for member, points in moved.items()
    ]
    posting = _post(street, POINTS, K.EARN, lines, source=_source(EARNED, key, moved), words=words, by=by, at=at)
    pk = posting.transaction_ids[0]
    until = day + dt.timedelta(days=rule_on(street, day).life_days)
    _eat(street, {member: -points for member, points in moved.items() if points < 0}, pk, on=day)
    Lot.objects.bulk_create(
        Lot(street=street, member_id=member, transaction_id=pk, granted=points, remaining=points, expires_on=until)
        for member, points in moved.items()
        if points > 0
    )
    _add(balances, moved)
    entry = Transaction.objects.get(street=street, pk=pk)
    came = sum(points for points in moved.values() if points > 0)
    trail.record(
        "earn_points", entry, street=street, by=by, at=at, key=key, members=len(moved), points=came,
        taken_back=came - sum(moved.values()), **posting.proof,
    )  # fmt: skip
    return entry


@atomic
def spend(member: Member, points: int, *, key: str, words: str = "", by: User | None, at: dt.datetime) -> Transaction:
    """Spend a member's points (使用积分), the lots that end first before the others. ``key`` names what for, once.

    Refused where there are too few; a lot whose day is over counts no more, expired or not.
    """
    posting = take_points(member, points, key=key, words=words, by=by, at=at)
    entry = Transaction.objects.get(street=member.street, pk=posting.transaction_ids[0])
    trail.record("spend_points", entry, street=member.street, by=by, at=at, key=key, points=points, **posting.proof)
    return entry


@atomic
def take_points(member: Member, points: int, *, key: str, words: str = "", by: User | None, at: dt.datetime) -> Posting:
    """``spend`` without its line: for an act whose own line carries the ``proof`` of the posting."""
    street, day = member.street, day_of(at)
    balances = lock_balances(street, [member.pk])
    eats = _eats(street, {member.pk: points}, on=day)
    line = Line(USED, points_of(member.pk), points)
    posting = _post(street, POINTS, K.SPEND, [line], source=_source(SPENT, key, points), words=words, by=by, at=at)
    _use(street, eats, posting.transaction_ids[0])
    _add(balances, {member.pk: -points})
    return posting


@atomic
def give_back(street: Street, *, key: str, reason: str, by: User | None, at: dt.datetime) -> Transaction | None:
    """Give back what was spent under a key (退还积分), once: None where nothing was, or it has been given back."""
    row = booked_rows(street, SPENT, [key]).get(key)
    if row is None or row.transaction_id is None:
        return None
    entry = Transaction.objects.get(street=street, pk=row.transaction_id)
    _lock_members_of(entry)
    if Transaction.objects.filter(street=street, reverses=entry).exists():
        return None
    return reverse_entry(entry, reason=reason, by=by, at=at)


@atomic
def reverse_entry(entry: Transaction, *, reason: str, by: User | None, at: dt.datetime) -> Transaction:
    """Take an entry of minutes or a spending back (冲正), once: its exact mirror, of today.

    Points go to the lots they came from; of one whose day is over or near they can be used for some days more.
    """
    said, street, day = check_words(reason), entry.street, day_of(at)
    balances = _lock_members_of(entry)
    reversal = Transaction.objects.filter(street=street, reverses=entry)
    check_reversible(kind=entry.kind, reversible=(K.SPEND, K.MINUTES), is_reversed=reversal.exists())
    lines = [Line(credit, debit, n) for debit, credit, n in _lines_of(entry)]
    draft = Draft(entry.book_id, K.REVERSAL, day, lines, reverses_id=entry.pk, reason=said[:300])
    posting = post_transactions(street, [draft], chart=POINTS if entry.kind == K.SPEND else MINUTES, by=by, at=at)
    pk = posting.transaction_ids[0]
    if entry.kind == K.SPEND:
        _restore(street, entry, pk, on=day)
        _add(balances, {debit.member_id: n for debit, _credit, n in lines if debit.member_id is not None})
    else:
        _add(balances, {c.member_id: -n for _debit, c, n in lines if c.member_id is not None}, "minutes")
    mirrored = Transaction.objects.get(street=street, pk=pk)
    trail.record("reverse_entry", entry, street=street, by=by, at=at, kind=entry.kind, reason=said, **posting.proof)
    return mirrored


def expire_points(street: Street, *, on: dt.date, by: User | None, at: dt.datetime) -> int:
    """End the points whose day has come (积分到期), some members at a time; answers of how many members. Run again, none."""
    count, on = 0, min(on, day_of(at))
    while ended := _expire_some(street, on=on, by=by, at=at):
        count += ended
    return count


@atomic
def _expire_some(street: Street, *, on: dt.date, by: User | None, at: dt.datetime) -> int:
    over = Lot.objects.filter(street=street, remaining__gt=0, expires_on__lte=on)
    members = list(over.order_by("member_id").values_list("member_id", flat=True).distinct()[:ENDING_AT_ONCE])
    balances = lock_balances(street, members)
    lots = list(over.filter(member_id__in=members).select_for_update().order_by("expires_on", "pk"))
    if not lots:
        return 0
    parts = grouped((lot.member_id, (lot.pk, lot.remaining)) for lot in lots)
    ended = {member: sum(points for _lot, points in some) for member, some in sorted(parts.items())}
    lines = [Line(ENDED, points_of(member), points) for member, points in ended.items()]
    source = _source(EXPIRED, f"{on} {lots[0].pk}", ended)
    posting = _post(street, POINTS, K.EXPIRE, lines, source=source, words="", by=by, at=at, on=on)
    pk = posting.transaction_ids[0]
    _use(street, [(lot, lot.remaining) for lot in lots], pk)
    _add(balances, {member: -points for member, points in ended.items()})
    entry = Transaction.objects.get(street=street, pk=pk)
    trail.record(
        "expire_points", entry, street=street, by=by, at=at, on=on, members=len(ended), points=sum(ended.values()),
        **posting.proof,
    )  # fmt: skip
    return len(ended)


# -- honour minutes ------------------------------------------------------------------------------------------------------


class Served(NamedTuple):
    """Honour minutes of a member, and the key that names what for, once."""

    member_id: int
    minutes: int
    key: str


@atomic
def add_minutes(
    street: Street, served: Sequence[Served], *, words: str = "", by: User | None, at: dt.datetime
) -> list[int]:
    """Book honour minutes (登记荣誉时长), an entry each, so that a wrong one can be taken back; those booked are left out.

    Answers the entries made. They never end and cannot be spent.
    """
    members = {row.member_id for row in served}
    balances = lock_balances(street, members)
    there = booked_rows(street, SERVED, [row.key for row in served])
    new = [row for row in served if row.key not in there]
    if not new:
        return []
    book = _book(street, MINUTES)
    drafts = [
        Draft(
            book, K.MINUTES, day_of(at), [Line(minutes_of(row.member_id), GIVEN_TIME, row.minutes)],
            source=_source(SERVED, row.key, row.minutes), reason=words[:300],
        )
        for row in new
    ]  # fmt: skip
    posting = post_transactions(street, drafts, chart=MINUTES, by=by, at=at)
    got: dict[int, int] = {}
    for row in new:
        got[row.member_id] = got.get(row.member_id, 0) + row.minutes
    _add(balances, got, "minutes")
    first = Transaction.objects.get(street=street, pk=posting.transaction_ids[0])
    trail.record(
        "add_minutes", first, street=street, by=by, at=at, entries=len(new), minutes=sum(got.values()), **posting.proof
    )
    return posting.transaction_ids


# -- inside --------------------------------------------------------------------------------------------------------------


def lock_balances(street: Street, member_ids: Iterable[int]) -> dict[int, Balance]:
    """The balances of some members, by member, locked in the order of their members; opened where there is none yet."""
    wanted = sorted(set(member_ids))
    found = _locked(street, wanted)
    missing = [member for member in wanted if member not in found]
    if missing:
        _open(street, missing)
        found = _locked(street, wanted)
    return found


def _locked(street: Street, member_ids: Sequence[int]) -> dict[int, Balance]:
    rows = Balance.objects.select_for_update().filter(street=street, member_id__in=member_ids).order_by("member_id")
    return {row.member_id: row for row in rows}


def _open(street: Street, member_ids: Sequence[int]) -> None:
    """Open the accounts and counters of members; the book of points is the lock of it."""
    books = {chart.name: _book(street, chart) for chart in (POINTS, MINUTES)}
    lock_books(street, books.values())
    there = set(Balance.objects.filter(street=street, member_id__in=member_ids).values_list("member_id", flat=True))
    new = [member for member in member_ids if member not in there]
    if Member.objects.filter(street=street, pk__in=new).count() != len(new):
        raise ValueError("a member of another street, or none")
    points = account_ids(street, [(books[POINTS.name], points_of(m)) for m in new])
    minutes = account_ids(street, [(books[MINUTES.name], minutes_of(m)) for m in new])
    Balance.objects.bulk_create(
        Balance(
            street=street, member_id=m, points_account_id=points[books[POINTS.name], points_of(m)],
            minutes_account_id=minutes[books[MINUTES.name], minutes_of(m)],
        )
        for m in new
    )  # fmt: skip


def _book(street: Street, chart: Chart) -> int:
    """The key of a street's book of a chart, opened with the accounts that are its own the first time."""
    book, made = Book.objects.get_or_create(street=street, chart=chart.name)
    if made:
        own = sorted(
            {account for pairs in chart.pairs.values() for pair in pairs for account in pair} - set(chart.owners)
        )
        account_ids(street, [(book.pk, Ref(kind)) for kind in own])
    return book.pk


def _source(source: str, key: str, said: object) -> Source:
    return Source(source, key, seal.digest(key, said), {})


def _post(
    street: Street,
    chart: Chart,
    kind: EntryKind,
    lines: Sequence[Line],
    *,
    source: Source,
    words: str,
    by: User | None,
    at: dt.datetime,
    on: dt.date | None = None,
) -> Posting:
    draft = Draft(_book(street, chart), kind, on or day_of(at), lines, source=source, reason=words[:300])
    return post_transactions(street, [draft], chart=chart, by=by, at=at)


def _eats(street: Street, wanted: Mapping[int, int], *, on: dt.date) -> list[tuple[Lot, int]]:
    """The lots that some members' spendings eat, locked, and how much of each; by the rule, or its refusal."""
    rows = Lot.objects.select_for_update().filter(street=street, member_id__in=list(wanted), remaining__gt=0)
    lots = {lot.pk: lot for lot in rows.order_by("expires_on", "pk")}
    by_member = grouped((lot.member_id, LotLeft(lot.pk, lot.remaining, lot.expires_on)) for lot in lots.values())
    return [
        (lots[pk], part)
        for member, points in sorted(wanted.items())
        for pk, part in eaten(by_member[member], points, on=on)
    ]


def _eat(street: Street, wanted: Mapping[int, int], transaction: int, *, on: dt.date) -> None:
    if wanted:
        _use(street, _eats(street, wanted, on=on), transaction)


def _use(street: Street, eats: Sequence[tuple[Lot, int]], transaction: int) -> None:
    for lot, part in eats:
        lot.remaining -= part
    Lot.objects.bulk_update([lot for lot, _part in eats], ["remaining"])
    LotUse.objects.bulk_create(
        LotUse(street=street, lot=lot, transaction_id=transaction, points=part) for lot, part in eats
    )


def _restore(street: Street, entry: Transaction, mirrored: int, *, on: dt.date) -> None:
    """Put back into lots what an entry took out of them; what would end at once can be used for some days more."""
    uses = LotUse.objects.filter(street=street, transaction=entry).order_by("lot_id")
    parts = dict(uses.values_list("lot_id", "points"))
    lots = list(Lot.objects.select_for_update().filter(street=street, pk__in=parts).order_by("expires_on", "pk"))
    for lot in lots:
        lot.remaining += parts[lot.pk]
        lot.expires_on = max(lot.expires_on, on + GIVEN_BACK_FOR)
    Lot.objects.bulk_update(lots, ["remaining", "expires_on"])
    LotUse.objects.bulk_create(
        LotUse(street=street, lot=lot, transaction_id=mirrored, points=-parts[lot.pk]) for lot in lots
    )


def _add(balances: Mapping[int, Balance], changes: Mapping[int, int], counter: str = "points") -> None:
    rows = [balances[member] for member in changes]
    for row in rows:
        setattr(row, counter, getattr(row, counter) + changes[row.member_id])
    Balance.objects.bulk_update(rows, [counter])


def _lines_of(entry: Transaction) -> list[Line]:
    sides = [f"{side}__{column}" for side in ("debit", "credit") for column in Ref._fields]
    rows = entry.transfers.order_by("pk").values_list("amount_fen", *sides)
    width = 1 + len(Ref._fields)
    return [Line(Ref._make(row[1:width]), Ref._make(row[width:]), row[0]) for row in rows]


def _lock_members_of(entry: Transaction) -> dict[int, Balance]:
    owners = [ref.member_id for debit, credit, _n in _lines_of(entry) for ref in (debit, credit)]
    return lock_balances(entry.street, [owner for owner in owners if owner is not None])
