"""What booking costs: receipts through the real path, against nothing but a COPY of the very same rows."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import statistics
import time
from collections.abc import Iterator

from django.db import connection, models, transaction
from django.db.models import Max

from bench.measure import Figure
from bench.street import Size
from hege.billing.actions import PaymentDraft, take_payments
from hege.billing.models import Payment
from hege.ledger.actions import Source
from hege.ledger.models import Entry, Event, Evidence, OpenClaim, SourceRow
from hege.ledger.rules import EventKind
from hege.metering.models import PointRole, SupplyPoint
from hege.metering.rules import PointRoleKind
from hege.people.models import Street, User
from hege.places.models import Tenancy

TABLES: tuple[type[models.Model], ...] = (SourceRow, Event, Entry, Evidence, OpenClaim, Payment)


def figures(street: Street, size: Size, *, receipts: int, runs: int) -> list[Figure]:
    """Book so many receipts several times and compare each with a COPY of its rows into tables without any check."""
    seconds, bare, rows = [], [], 0
    for run in range(runs):
        before = {model: _last(model) for model in TABLES}
        seconds.append(_book(street, size.last_day, receipts, run))
        took, rows = _bare_copy(before)
        bare.append(took)
    took, alone = statistics.median(seconds), statistics.median(bare)
    return [
        Figure(
            f"booking {receipts:,} receipts", receipts / took, "rows/s",
            f"{took:.1f} s, {rows:,} database rows, {runs} runs",
            best=receipts / min(seconds), worst=receipts / max(seconds),
        ),
        Figure(
            "bare COPY of the same rows", receipts / alone, "rows/s", f"{alone:.2f} s",
            best=receipts / min(bare), worst=receipts / max(bare),
        ),
        Figure("booking : bare COPY", took / alone, "times", best=min(seconds) / min(bare), worst=max(seconds) / max(bare)),
    ]  # fmt: skip


def _last(model: type[models.Model]) -> int:
    return int(model._default_manager.aggregate(last=Max("pk"))["last"] or 0)


def _book(street: Street, on: dt.date, receipts: int, run: int) -> float:
    who = User.objects.get(username="bench")
    started = time.perf_counter()
    take_payments(street, list(_drafts(street, on, receipts, run)), by=who, at=dt.datetime.now(dt.UTC))
    return time.perf_counter() - started


def _drafts(street: Street, on: dt.date, receipts: int, run: int) -> Iterator[PaymentDraft]:
    points = {p.code: p for p in SupplyPoint.objects.filter(street=street).select_related("book", "street")}
    roles = PointRole.objects.filter(street=street, kind=PointRoleKind.AGENT).select_related("party")
    agents = {role.point_id: role.party for role in roles}
    tenancies = list(Tenancy.objects.filter(street=street).select_related("unit").order_by("unit__code"))
    for number in range(receipts):
        tenancy = tenancies[number % len(tenancies)]
        point = points[f"ZB{tenancy.unit.code[:4]}"]
        voucher = f"X{run}-{number}"
        raw = {"凭证号": voucher, "金额": "12.34", "商铺编号": tenancy.unit.code, "方式": "微信", "备注": ""}
        digest = hashlib.sha256(repr(raw).encode()).hexdigest()
        yield PaymentDraft(
            kind=EventKind.RECEIPT, point=point, on=on, amount_fen=1234, confirmed=number % 33 != 0, tenancy=tenancy,
            agent=agents[point.pk], means="微信", voucher=voucher, source=Source("receipts", voucher, digest, raw),
        )  # fmt: skip


def _bare_copy(before: dict[type[models.Model], int]) -> tuple[float, int]:
    """Seconds to write the rows that came after ``before`` into tables without index, key or check, and how many."""
    with transaction.atomic(), connection.cursor() as cursor:
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
