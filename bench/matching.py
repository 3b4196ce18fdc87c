"""What it costs to read a wallet and to say what each of its lines is: an agent of a thousand shops, most of whose receipts
are booked already."""

from __future__ import annotations

import datetime as dt
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.db.transaction import atomic, set_rollback

from bench.measure import Figure, milliseconds
from bench.street import FIRST_DAY, Size
from hege.billing.chart import TransactionKind
from hege.billing.models import Payment
from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.imports.looking import Look, Opened, foreseen, look_at, open_file
from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.metering.models import PointRole, SupplyPoint
from hege.metering.rules import PointRoleKind
from hege.people.models import Street

POINTS = 20  # of one agent: a thousand shops in the street of the full size
LINES = 20_000
READ_SECONDS, SECONDS, MEGABYTES, STATEMENTS = 4, 10, 300, 60
HEADS = "日期,金额,收支,对方,户号,方式,交易类型,状态,凭证号,备注"


def figures(street: Street, size: Size, *, lines: int, runs: int) -> list[Figure]:
    """Match a wallet's lines, a tenth of them and all, against the shops of one agent and what is booked; nothing is kept."""
    found = []
    with an_agent(street) as owner:
        for count in (lines // 10, lines):
            content = wallet_of(street, owner, count)
            read = partial(opened_wallet, street, content, size.last_day)
            name = f"read and map a wallet of {count:,} lines"
            found.append(milliseconds(name, [read] * runs, cpu_at_most=READ_SECONDS * 1000))
            found.append(_held(read))
            opened = read()
            name = f"match a wallet of {count:,} lines with {POINTS * size.units:,} shops"
            found.append(
                milliseconds(
                    name, [partial(matched, opened)] * runs, cpu_at_most=SECONDS * 1000, queries_at_most=STATEMENTS
                )
            )
            found.append(_held(partial(matched, opened)))
    return found


def _held(act: Callable[[], object]) -> Figure:
    tracemalloc.start()
    act()
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return Figure("    at most held meanwhile", peak, "MB", at_most=MEGABYTES)


@contextmanager
def an_agent(street: Street) -> Iterator[str]:
    """The agent of the first supply point collects for some more, as long as this lasts; answers the name."""
    with atomic():
        points = list(SupplyPoint.objects.filter(street=street).order_by("code")[:POINTS])
        first = PointRole.objects.get(street=street, point=points[0], kind=PointRoleKind.AGENT)
        PointRole.objects.bulk_create(
            PointRole(street=street, point=p, kind=PointRoleKind.AGENT, party=first.party, from_on=FIRST_DAY + DAY)
            for p in points[1:]
        )
        yield first.party.name
        set_rollback(True)


def opened_wallet(street: Street, content: bytes, today: dt.date) -> Opened:
    """A wallet's export, its rows read."""
    at = dt.datetime.combine(today, dt.time(12), dt.UTC)
    return open_file(street, FileKind.WALLET, "wallet.csv", content, at=at, answers=Answers(accept=True))


def matched(opened: Opened) -> Look:
    """Every line said what it is, held against what is booked, and what booking would come to."""
    look = look_at(opened, dry_run=True)
    foreseen(look)
    return look


def wallet_of(street: Street, owner: str, lines: int) -> bytes:
    """Seven lines in ten are receipts of the agent's shops, some by a code, some without a word; the others are private."""
    points = SupplyPoint.objects.filter(street=street).order_by("code").values_list("pk", flat=True)[:POINTS]
    paid = Payment.objects.filter(
        street=street, transaction__kind=TransactionKind.RECEIPT, point__in=list(points)
    ).order_by("transaction__effective_on", "pk")
    receipts = list(
        paid.values_list("transaction__effective_on", "amount_fen", "tenancy__party__name", "tenancy__unit__code")[
            :lines
        ]
    )
    rows = [f"微信昵称：[{owner}]", HEADS]
    for number in range(lines):
        on, fen, operator, code = receipts[number % len(receipts)]
        payer, remark, way = operator, "水费", "收入"
        if number % 10 == 5:
            remark = "转账"
        elif number % 10 == 6:
            payer, remark = f"昵称{number}", f"{code} 水费"
        elif number % 10 == 7:
            payer, remark, way = f"示例超市{number % 40}", "消费", "支出"
        elif number % 10 > 7:
            payer, remark, fen = f"亲友{number % 90}", "还你饭钱", number % 900 * 100 + 500
        sum_ = yuan(fen).replace(",", "")
        rows.append(f"{on},{sum_},{way},{payer},,微信,转账,已存入零钱,1000{number:025d}7,{remark}")
    return "\n".join(rows).encode()
