"""A street of any size, booked month by month as imports would book it: the same ``post``, payments, digests and trail.

Rows come in period by period, not meter by meter, so that the rows of one meter lie scattered over the tables as they
do in an office. Everything is drawn from the numbers of point and period: two runs book the same money.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from multiprocessing import get_context
from typing import Any

from django.db import DatabaseError, connection
from django.db.transaction import atomic

from hege.billing import actions as billing
from hege.billing.actions import AcknowledgementDraft, PaymentDraft
from hege.billing.chart import WATER, AccountKind, TransactionKind
from hege.billing.models import SHARE_SAYS, Allocation, Bill, BillComponent, MethodChoice, Share
from hege.billing.rules import (
    PAYABLE,
    UNSHARED,
    ComponentKind,
    Method,
    Occupant,
    Rate,
    ShareLine,
    bill_components,
    share,
)
from hege.kernel import bulk
from hege.kernel.clock import at_noon
from hege.ledger.actions import Draft, Source, lock_books, post_transactions
from hege.ledger.models import Book
from hege.ledger.rules import Line, Ref, line
from hege.metering.models import Connection, Meter, PointRole, SupplyPoint
from hege.metering.rules import MeterKind, PointRoleKind
from hege.people.models import Membership, Organisation, Party, PartyKind, Role, Street, User
from hege.places.models import Place, PlaceLevel, Tenancy, Unit
from hege.trail import actions as trail
from hege.trail.models import TrailHead

FIRST_DAY = dt.date(2023, 1, 1)
NAME = "量测街道"
BLOCKS = 20
GROUP = 100  # points a transaction books one period of
# Sample tariff, labelled so everywhere: supply 3.99, sewage 2.34 on nine tenths of the volume.
RATES = (Rate(ComponentKind.SUPPLY, Decimal("3.99")), Rate(ComponentKind.SEWAGE, Decimal("2.34"), Decimal("0.9")))


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is: master meters, units behind each, monthly periods."""

    points: int = 1000
    units: int = 50
    periods: int = 24

    @property
    def shares(self) -> int:
        return self.points * self.units * self.periods

    @property
    def last_day(self) -> dt.date:
        """A day on which everything has been booked."""
        return month(self.periods + 2)


def month(number: int) -> dt.date:
    """The first day of the month so many months after the first."""
    return dt.date(FIRST_DAY.year + (FIRST_DAY.month - 1 + number) // 12, (FIRST_DAY.month - 1 + number) % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Cast:
    """One supply point with its agent and the tenancies behind it, in the order of their unit codes."""

    number: int
    point: SupplyPoint
    agent: Party
    tenancies: list[Tenancy]


def build(size: Size, *, workers: int = 2) -> Street:
    """Fill an empty database and answer its street. ``workers`` 0 books in this process and transaction, all checks on.

    With workers, foreign keys are not checked row by row (where the database lets us): they are right by
    construction, ``tests/bench`` proves it, and what is measured afterwards runs with every check on.
    """
    street = _street()
    groups = [range(a, min(a + GROUP, size.points)) for a in range(0, size.points, GROUP)]
    steps: list[tuple[Callable[..., None], list[tuple[Any, ...]]]] = [
        (_open, [(street.pk, size, range(a, min(a + 20, size.points))) for a in range(0, size.points, 20)]),
        (_book, [(street.pk, size, period, group) for period in range(size.periods) for group in groups]),
        (_admit, [(street.pk, size, group) for group in groups]),
    ]
    if not workers:
        for step, jobs in steps:
            for job in jobs:
                step(*job)
        return street
    connection.close()
    with ProcessPoolExecutor(workers, get_context("fork"), initializer=_start_worker) as pool:
        for step, jobs in steps:
            for done in [pool.submit(step, *job) for job in jobs]:
                done.result()
    return street


def _start_worker() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
    except DatabaseError:  # a server of one's own may refuse it: then the checks stay on, slower
        connection.close()


@atomic
def _street() -> Street:
    organisation = Organisation.objects.create(name="量测用运行单位")
    who = User.objects.create_user("bench", full_name="量测")
    street = Street.objects.create(organisation=organisation, code="310117006", name=NAME)
    TrailHead.objects.create(street=street)
    Membership.objects.create(street=street, user=who, role=Role.COORDINATOR, from_on=FIRST_DAY)
    top = Place.objects.create(
        street=street, level=PlaceLevel.STREET, code=street.code, name=street.name, path=f"{street.code}/",
        from_on=FIRST_DAY,
    )  # fmt: skip
    for number in range(BLOCKS):
        code = f"{street.code}{number:03d}"
        Place.objects.create(
            street=street, parent=top, level=PlaceLevel.BLOCK, code=code, name=f"街区{number:02d}",
            path=f"{top.path}{code}/", from_on=FIRST_DAY,
        )  # fmt: skip
    trail.record("found_street", street, street=street, by=None, at=at_noon(FIRST_DAY), code=street.code)
    return street


# -- what stands: points, meters, units, tenancies ---------------------------------------------------------------------


def _open(street_id: int, size: Size, numbers: range) -> None:
    """Open some supply points with everything behind them. No action does this in bulk, so rows are appended."""
    street, who = Street.objects.get(pk=street_id), User.objects.get(username="bench")
    with atomic():
        n, units = len(numbers), len(numbers) * size.units
        behind = [(i, number, u) for i, number in enumerate(numbers) for u in range(size.units)]
        blocks = list(Place.objects.filter(street=street, level=PlaceLevel.BLOCK).order_by("path"))
        books = [Book(pk=pk, street=street) for pk in bulk.reserve_ids(Book, n)]
        points = [
            SupplyPoint(
                pk=pk, street=street, code=f"ZB{number:04d}", name=f"总表{number:04d}", book=book,
                place=blocks[number % BLOCKS],
            )
            for pk, number, book in zip(bulk.reserve_ids(SupplyPoint, n), numbers, books, strict=True)
        ]  # fmt: skip
        names = [f"代收人{number:04d}" for number in numbers] + [f"经营者{n:04d}-{u:02d}" for _, n, u in behind]
        people = [
            Party(pk=pk, street=street, kind=PartyKind.PERSON, name=name)
            for pk, name in zip(bulk.reserve_ids(Party, n + units), names, strict=True)
        ]
        shops = [
            Unit(
                pk=pk, street=street, code=f"{number:04d}-{u:02d}", name=f"商铺{u:02d}", area_sqm=Decimal(30),
                place=blocks[number % BLOCKS],
            )
            for pk, (_, number, u) in zip(bulk.reserve_ids(Unit, units), behind, strict=True)
        ]  # fmt: skip
        for rows in (books, points, people, shops):
            bulk.append_instances(rows)
        bulk.append_instances(
            [
                PointRole(street=street, point=point, kind=kind, party=agent, from_on=FIRST_DAY)
                for point, agent in zip(points, people[:n], strict=True)
                for kind in PointRoleKind
            ]
        )
        bulk.append_instances(
            [
                Meter(
                    street=street, number=point.code, kind=MeterKind.MASTER, point=point, started_on=FIRST_DAY,
                    diameter_mm=50,
                )
                for point in points
            ]
        )  # fmt: skip
        choices = [
            MethodChoice(
                pk=pk, street=street, point=point, method=Method.EQUAL, from_on=FIRST_DAY, decision="量测", by=who,
                at=at_noon(FIRST_DAY),
            )
            for pk, point in zip(bulk.reserve_ids(MethodChoice, n), points, strict=True)
        ]  # fmt: skip
        bulk.append_instances(choices)
        bulk.append_instances(
            [
                Connection(street=street, unit=shop, point=points[i], from_on=FIRST_DAY)
                for shop, (i, _, _) in zip(shops, behind, strict=True)
            ]
        )
        bulk.append_instances(
            [
                Tenancy(street=street, unit=shop, party=party, from_on=FIRST_DAY)
                for shop, party in zip(shops, people[n:], strict=True)
            ]
        )
        trail.record("choose_method", points[0], street=street, by=who, at=at_noon(FIRST_DAY))


@lru_cache(maxsize=16)
def _cast(street: Street, numbers: range) -> tuple[Cast, ...]:
    """The points of a group with who is behind them; read once per process."""
    first, last = f"{numbers[0]:04d}", f"{numbers[-1]:04d}"
    points = SupplyPoint.objects.filter(street=street, code__in=[f"ZB{n:04d}" for n in numbers]).order_by("code")
    roles = PointRole.objects.filter(street=street, point__in=points, kind=PointRoleKind.AGENT)
    agents = {role.point_id: role.party for role in roles.select_related("party")}
    behind: dict[int, list[Tenancy]] = {n: [] for n in numbers}
    rows = Tenancy.objects.filter(street=street, unit__code__gte=first, unit__code__lt=f"{last}.")
    for tenancy in rows.select_related("unit").order_by("unit__code"):
        behind[int(tenancy.unit.code[:4])].append(tenancy)
    return tuple(
        Cast(n, point, agents[point.pk], behind[n])
        for n, point in zip(numbers, points.select_related("book", "street"), strict=True)
    )


# -- what happens: one period of some points ---------------------------------------------------------------------------


def _book(street_id: int, size: Size, period: int, numbers: range) -> None:
    """A month of some points: bills, shares, receipts, remittances, in three transactions as an office would book them."""
    street, who = Street.objects.get(pk=street_id), User.objects.get(username="bench")
    at = at_noon(month(period + 2))
    cast = _cast(street, numbers)
    bills = _issue(street, cast, period, who, at)
    lines = _share(street, cast, bills, who, at)
    billing.take_payments(street, list(_payments(cast, lines, period)), by=who, at=at)


@atomic
def _issue(street: Street, cast: tuple[Cast, ...], period: int, who: User, at: dt.datetime) -> list[Bill]:
    from_on, until_on = month(period), month(period + 1)
    issued_on, due_on = until_on + dt.timedelta(4), until_on + dt.timedelta(24)
    drawn = [random.Random(f"{c.number} {period}").randrange(400_000, 1_200_000, 1000) for c in cast]
    parts = [bill_components(litres, RATES) for litres in drawn]
    lock_books(street, [c.point.book_id for c in cast])
    bills = [
        Bill(
            pk=pk, street=street, point=c.point, number=f"B{c.number:04d}-{period:02d}", from_on=from_on,
            until_on=until_on, volume_litres=litres, amount_fen=sum(fen.values()), due_on=due_on, issued_on=issued_on,
        )
        for pk, c, litres, fen in zip(bulk.reserve_ids(Bill, len(cast)), cast, drawn, parts, strict=True)
    ]  # fmt: skip
    posting = post_transactions(
        street,
        [
            Draft(
                book_id=c.point.book_id,
                kind=TransactionKind.BILL,
                effective_on=issued_on,
                lines=[Line(UNSHARED, PAYABLE, bill.amount_fen)],
                source=_source("bills", bill.number, fen=bill.amount_fen),
                document_digest=bill.document_digest((street.pk, kind, fen) for kind, fen in part.items()),
            )
            for c, bill, part in zip(cast, bills, parts, strict=True)
        ],
        chart=WATER,
        by=who,
        at=at,
    )
    for bill, transaction_id in zip(bills, posting.transaction_ids, strict=True):
        bill.transaction_id = transaction_id
    bulk.append_instances(bills)
    bulk.append_instances(
        [
            BillComponent(street=street, bill=bill, kind=kind, amount_fen=fen)
            for bill, part in zip(bills, parts, strict=True)
            for kind, fen in part.items()
        ]
    )
    trail.record("issue_bills", bills[0], street=street, by=who, at=at, count=len(bills), **posting.proof)
    return bills


@atomic
def _share(
    street: Street, cast: tuple[Cast, ...], bills: list[Bill], who: User, at: dt.datetime
) -> list[list[ShareLine]]:
    split = [_lines(c, bill) for c, bill in zip(cast, bills, strict=True)]
    lock_books(street, [c.point.book_id for c in cast])
    statements = [
        Allocation(
            pk=pk, street=street, bill=bill, method=Method.EQUAL, by=who, at=at,
            inputs={
                "volume_litres": bill.volume_litres,
                "components_fen": {k.value: fen for k, fen in bill_components(bill.volume_litres, RATES).items()},
                "weights": [[s.unit_code, s.tenancy_id, str(s.weight)] for s in lines],
            },
        )
        for pk, bill, lines in zip(bulk.reserve_ids(Allocation, len(bills)), bills, split, strict=True)
    ]  # fmt: skip
    shares = [
        [
            (street.pk, s.tenancy_id, str(s.weight), {k.value: fen for k, fen in s.parts_fen.items()}, s.amount_fen,
             s.estimated)
            for s in lines
        ]
        for lines in split
    ]  # fmt: skip
    posting = post_transactions(
        street,
        [
            Draft(
                book_id=bill.point.book_id,
                kind=TransactionKind.SHARE,
                effective_on=bill.issued_on,
                lines=[line(Ref(AccountKind.TENANCY, tenancy_id=s.tenancy_id), UNSHARED, s.amount_fen) for s in lines],
                depends_on_id=bill.transaction_id,
                document_digest=statement.document_digest(said),
            )
            for bill, lines, statement, said in zip(bills, split, statements, shares, strict=True)
        ],
        chart=WATER,
        by=who,
        at=at,
    )
    for statement, transaction_id in zip(statements, posting.transaction_ids, strict=True):
        statement.transaction_id = transaction_id
    bulk.append_instances(statements)
    rows = [(statement.pk, *share) for statement, said in zip(statements, shares, strict=True) for share in said]
    bulk.append(Share, ["allocation_id", *SHARE_SAYS], rows)
    trail.record("share_bill", bills[0], street=street, by=who, at=at, count=len(bills), **posting.proof)
    return split


def _lines(cast: Cast, bill: Bill) -> list[ShareLine]:
    return share(
        Method.EQUAL,
        [Occupant(t.pk, t.unit.code, t.from_on, t.until_on, None) for t in cast.tenancies],
        components_fen=bill_components(bill.volume_litres, RATES),
        from_on=bill.from_on,
        until_on=bill.until_on,
        volume_litres=bill.volume_litres,
    )


def _payments(cast: tuple[Cast, ...], split: list[list[ShareLine]], period: int) -> Iterator[PaymentDraft]:
    """A receipt for every share, 3 % of them claimed only, and one remittance a point.

    Every tenth agent passes on less each month, two more in ten keep a fifth; most units pay what was asked.
    """
    asked_on = month(period + 1) + dt.timedelta(5)
    for c, lines in zip(cast, split, strict=True):
        luck = random.Random(f"{c.number} {period} money")
        collected = 0
        for tenancy, s in zip(c.tenancies, lines, strict=True):
            fen = s.amount_fen * (80 if luck.random() < 0.05 else 100) // 100
            confirmed = luck.random() >= 0.03
            collected += fen
            voucher = f"R{c.number:04d}-{period:02d}-{tenancy.unit.code[-2:]}"
            yield PaymentDraft(
                kind=TransactionKind.RECEIPT, point=c.point, on=asked_on + dt.timedelta(luck.randrange(20)), amount_fen=fen,
                confirmed=confirmed, tenancy=tenancy, agent=c.agent, means="微信", voucher=voucher,
                counterparty=c.agent.name, source=_source("receipts", voucher, fen=fen),
            )  # fmt: skip
        passed = {0: max(20, 100 - 6 * period), 1: 80, 2: 80}.get(c.number % 10, 100)
        voucher = f"M{c.number:04d}-{period:02d}"
        yield PaymentDraft(
            kind=TransactionKind.REMITTANCE, point=c.point, on=asked_on + dt.timedelta(21),
            amount_fen=max(1, collected * passed // 100), confirmed=True, agent=c.agent, means="转账", voucher=voucher,
            counterparty=c.agent.name, source=_source("remittances", voucher, fen=collected * passed // 100),
        )  # fmt: skip


def _source(source: str, key: str, *, fen: int) -> Source:
    raw = {"凭证号": key, "金额": f"{fen // 100}.{fen % 100:02d}", "方式": "微信", "备注": ""}
    return Source(source, key, hashlib.sha256(f"{source} {key} {fen}".encode()).hexdigest(), raw)


def _admit(street_id: int, size: Size, numbers: range) -> None:
    """One unit in fifty admits in writing what it has not paid."""
    street, who = Street.objects.get(pk=street_id), User.objects.get(username="bench")
    on = month(size.periods + 1)
    billing.acknowledge_debts(
        street,
        [
            AcknowledgementDraft(point=c.point, tenancy=tenancy, on=on, amount_fen=5_000, voucher=f"A{tenancy.pk}")
            for c in _cast(street, numbers)
            for tenancy in c.tenancies[c.number % 50 :: 50]
        ],
        by=who,
        at=at_noon(on),
    )
