"""What booking costs: files of receipts and of bills through the real import, against nothing but a COPY of the very same rows."""

from __future__ import annotations

import datetime as dt
import io
import random
import secrets
import time
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection, models
from django.db.models import Max
from django.db.transaction import atomic, set_rollback

from bench.measure import Figure, database_seconds
from bench.street import RATES, Size, month
from hege.billing.models import Allocation, Bill, BillComponent, Payment, Share
from hege.billing.rules import ComponentKind, bill_components
from hege.imports.actions import import_file
from hege.imports.layouts import FileKind
from hege.kernel.money import yuan
from hege.ledger.models import Evidence, OpenClaim, SourceRow, Transaction, Transfer
from hege.metering.models import SupplyPoint
from hege.people.models import Street, User
from hege.places.models import Unit

#: In the order in which their keys point at each other.
OF_RECEIPTS: tuple[type[models.Model], ...] = (SourceRow, Transaction, Transfer, Evidence, OpenClaim, Payment)
OF_BILLS: tuple[type[models.Model], ...] = (SourceRow, Transaction, Transfer, Bill, BillComponent, Allocation, Share)
SMALL = 50
MOST_RECEIPTS, MOST_BILLS, MOST_SMALL_SECONDS = 2, 3, 0.1


class Booked(NamedTuple):
    """What a file took, and what a COPY of its rows into the same tables, with their indexes, checks and keys, takes: seconds of
    processor, the program's and the database's."""

    took: float
    of_program: float
    floor: float
    rows: int


def figures(street: Street, size: Size, *, receipts: int, runs: int) -> list[Figure]:
    """A small and a large file of receipts, and one of bills that are shared at once, each the least of several runs."""
    few, many = min(SMALL, receipts), receipts
    bills = min(size.points, 1000)
    small = [
        _booked(street, FileKind.RECEIPTS, _receipts(street, size.last_day, few), few, OF_RECEIPTS)
        for _run in range(runs + 1)
    ]
    large = [
        _booked(street, FileKind.RECEIPTS, _receipts(street, size.last_day, many), many, OF_RECEIPTS)
        for _run in range(runs)
    ]
    issued = [
        _booked(street, FileKind.BILLS, _bills(street, size.periods + run, bills), bills, OF_BILLS)
        for run in range(runs)
    ]
    return [
        Figure(
            f"import of {few} receipts", min(small[1:]).took, "s", f"program {min(small[1:]).of_program:.2f} s",
            at_most=MOST_SMALL_SECONDS,
        ),
        *_beside(f"import of {many:,} receipts", large, MOST_RECEIPTS),
        *_beside(f"import of {bills:,} bills, each shared", issued, MOST_BILLS),
    ]  # fmt: skip


def _beside(name: str, runs: list[Booked], most: float) -> list[Figure]:
    best = min(runs)
    ratios = [run.took / run.floor for run in runs]
    return [
        Figure(name, best.took, "s", f"program {best.of_program:.1f} s, {best.rows:,} database rows, {len(runs)} runs"),
        Figure("COPY of the same rows into the same tables", best.floor, "s"),
        Figure(
            f"{name} : its COPY", best.took / best.floor, "times", best=min(ratios), worst=max(ratios), at_most=most
        ),
    ]


def _busy() -> float:
    return time.process_time() + database_seconds()


def _booked(street: Street, kind: FileKind, content: bytes, count: int, tables: Iterable[type[models.Model]]) -> Booked:
    """Import a file of so many rows that nobody has booked yet, then what it wrote as a COPY."""
    before = {model: _last(model) for model in tables}
    who = User.objects.get(username="bench")
    program, both = time.process_time(), _busy()
    outcome = import_file(street, kind, "file.csv", content, by=who, at=dt.datetime.now(dt.UTC), dry_run=False)
    took, program = _busy() - both, time.process_time() - program
    if outcome.booked != count:
        raise RuntimeError(f"{outcome.booked} of {count} rows were booked: {outcome.faults[:3]}")
    floor, rows = _floor(before)
    return Booked(took, program, floor, rows)


def _last(model: type[models.Model]) -> int:
    return int(model._default_manager.aggregate(last=Max("pk"))["last"] or 0)


def _receipts(street: Street, on: dt.date, receipts: int) -> bytes:
    """A CSV of so many receipts."""
    codes = list(Unit.objects.filter(street=street).order_by("code").values_list("code", flat=True))
    stamp = secrets.randbelow(10**9)  # vouchers of its own, all of one source: nothing of it is booked already
    lines = ["日期,商铺编号,金额,方式,凭证号,收款人,证据,备注"]
    for number in range(receipts):
        code, proof = codes[number % len(codes)], "单方主张" if number % 33 == 0 else "已证实"
        lines.append(
            f"{on},{code},{10 + number % 90}.{number % 100:02d},微信,X{stamp}-{number},代收人{code[:4]},{proof},"
        )
    return "\n".join(lines).encode()


def _bills(street: Street, period: int, bills: int) -> bytes:
    """A CSV of a month's bills, by the sample tariff of ``bench.street``."""
    codes = SupplyPoint.objects.filter(street=street).order_by("code").values_list("code", flat=True)[:bills]
    first, last = month(period), month(period + 1) - dt.timedelta(1)
    lines = ["账单号,总表号,账期起,账期止,用水量,供水费,污水处理费,应缴金额,应缴日期,出账日期"]
    for code in codes:
        litres = random.Random(f"{code} {period}").randrange(400_000, 1_200_000, 1000)
        parts = bill_components(litres, RATES)
        supply, sewage = parts[ComponentKind.SUPPLY], parts[ComponentKind.SEWAGE]
        lines.append(
            f"N{code}-{period},{code},{first},{last},{litres // 1000},{_plain(supply)},{_plain(sewage)},"
            f"{_plain(supply + sewage)},{last + dt.timedelta(25)},{last + dt.timedelta(5)}"
        )
    return "\n".join(lines).encode()


def _plain(fen: int) -> str:
    return yuan(fen).replace(",", "")


def _floor(before: dict[type[models.Model], int]) -> tuple[float, int]:
    """Seconds of processor to write the rows that came after ``before`` once more, and how many: they are taken out past every
    trigger and key, and put back in one COPY a table with all of them; nothing of it is kept."""
    count = 0
    with atomic(), connection.cursor() as cursor:
        kept = {}
        for model, last in before.items():
            text = io.BytesIO()
            with cursor.copy(f"COPY (SELECT * FROM {model._meta.db_table} WHERE id > {last}) TO STDOUT") as out:
                for piece in out:
                    text.write(piece)
            kept[model] = text.getvalue()
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model in reversed(before):
            cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id > {before[model]}")
        cursor.execute("SET LOCAL session_replication_role = origin")
        busy = _busy()
        for model in before:
            with cursor.copy(f"COPY {model._meta.db_table} FROM STDIN") as into:
                into.write(kept[model])
            count += cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        took = _busy() - busy
        set_rollback(True)
    return took, count
