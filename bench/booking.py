"""What booking costs: a file of receipts through the real import, against nothing but a COPY of the very same rows."""

from __future__ import annotations

import datetime as dt
import io
import secrets
import statistics
import time

from django.db import connection, models
from django.db.models import Max
from django.db.transaction import atomic

from bench.measure import Figure
from bench.street import Size
from hege.billing.models import Payment
from hege.imports.actions import import_file
from hege.imports.layouts import FileKind
from hege.ledger.models import Evidence, OpenClaim, SourceRow, Transaction, Transfer
from hege.people.models import Street, User
from hege.places.models import Unit

TABLES: tuple[type[models.Model], ...] = (SourceRow, Transaction, Transfer, Evidence, OpenClaim, Payment)


def figures(street: Street, size: Size, *, receipts: int, runs: int) -> list[Figure]:
    """Import so many receipts several times and compare each with a COPY of its rows into tables without any check."""
    seconds, bare, rows = [], [], 0
    for _run in range(runs):
        before = {model: _last(model) for model in TABLES}
        seconds.append(_book(street, size.last_day, receipts))
        took, rows = _bare_copy(before)
        bare.append(took)
    took, alone = statistics.median(seconds), statistics.median(bare)
    return [
        Figure(
            f"import of {receipts:,} receipts", receipts / took, "rows/s",
            f"{took:.1f} s, {rows:,} database rows, {runs} runs",
            best=receipts / min(seconds), worst=receipts / max(seconds),
        ),
        Figure(
            "bare COPY of the same rows", receipts / alone, "rows/s", f"{alone:.2f} s",
            best=receipts / min(bare), worst=receipts / max(bare),
        ),
        Figure("import : bare COPY", took / alone, "times", best=min(seconds) / min(bare), worst=max(seconds) / max(bare)),
    ]  # fmt: skip


def _last(model: type[models.Model]) -> int:
    return int(model._default_manager.aggregate(last=Max("pk"))["last"] or 0)


def _book(street: Street, on: dt.date, receipts: int) -> float:
    """Seconds to import a CSV of so many receipts that nobody has booked yet."""
    content = _csv(street, on, receipts)
    who = User.objects.get(username="bench")
    started = time.perf_counter()
    outcome = import_file(
        street, FileKind.RECEIPTS, "receipts.csv", content, by=who, at=dt.datetime.now(dt.UTC), dry_run=False
    )
    took = time.perf_counter() - started
    if outcome.booked != receipts:
        raise RuntimeError(f"{outcome.booked} of {receipts} receipts were booked: {outcome.faults[:3]}")
    return took


def _csv(street: Street, on: dt.date, receipts: int) -> bytes:
    codes = list(Unit.objects.filter(street=street).order_by("code").values_list("code", flat=True))
    stamp = secrets.randbelow(10**9)  # vouchers of its own, all of one source: nothing of it is booked already
    lines = ["日期,商铺编号,金额,方式,凭证号,收款人,证据,备注"]
    for number in range(receipts):
        code, proof = codes[number % len(codes)], "单方主张" if number % 33 == 0 else "已证实"
        lines.append(
            f"{on},{code},{10 + number % 90}.{number % 100:02d},微信,X{stamp}-{number},代收人{code[:4]},{proof},"
        )
    return "\n".join(lines).encode()


def _bare_copy(before: dict[type[models.Model], int]) -> tuple[float, int]:
    """Seconds to write the rows that came after ``before`` into tables without index, key or check, and how many."""
    with atomic(), connection.cursor() as cursor:
        took, count = 0.0, 0
        for model, last in before.items():
            table = model._meta.db_table
            if connection.vendor == "postgresql":
                cursor.execute(f"CREATE TABLE bare_{table} (LIKE {table})")
                text = io.BytesIO()
                with cursor.copy(f"COPY (SELECT * FROM {table} WHERE id > {last}) TO STDOUT") as out:
                    for piece in out:
                        text.write(piece)
                started = time.perf_counter()
                with cursor.copy(f"COPY bare_{table} FROM STDIN") as into:
                    into.write(text.getvalue())
                took += time.perf_counter() - started
                count += cursor.rowcount
            else:
                cursor.execute(f"CREATE TABLE bare_{table} AS SELECT * FROM {table} WHERE 0")
                rows = cursor.execute(f"SELECT * FROM {table} WHERE id > {last}").fetchall()
                if rows:
                    marks = ", ".join(["%s"] * len(rows[0]))
                    started = time.perf_counter()
                    cursor.executemany(f"INSERT INTO bare_{table} VALUES ({marks})", rows)
                    took += time.perf_counter() - started
                count += len(rows)
            cursor.execute(f"DROP TABLE bare_{table}")
    return took, count
