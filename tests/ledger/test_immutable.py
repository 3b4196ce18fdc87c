"""Rows of history refuse to change: in the model, and in the database behind it, for each model that says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, connection, models
from django.db.transaction import atomic, set_rollback

from hege.billing.chart import WATER, AccountKind, TransactionKind
from hege.kernel.mutability import AppendOnly, AppendOnlyQuerySet, Immutable, append_only_models
from hege.kernel.street_keys import lay_aside
from hege.ledger.models import Account, Transaction, Transfer
from hege.ledger.queries import faults
from hege.trail.models import TrailLine
from tests.cast import NOW, first_broken
from tests.conftest import ON_POSTGRES

MODELS = append_only_models()
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.label)
REFUSAL = "append-only: .* is refused"


# A row of these needs keys that others may leave empty.
NEEDS_KEYS = {
    "mediation.Signature": {"printed", "party"},
    "settlements.SettlementLine": {"redemption"},
    "papers.Paper": {"point"},
    "billing.Application": {"transaction"},
}


def plain_value(field: models.Field[Any, Any], number: int) -> Any:
    """Something a column takes; different for each column, later for an end than for a beginning."""
    if field.null and field.name not in NEEDS_KEYS.get(field.model._meta.label, set()):
        return None
    if field.model is Account and field.name == "kind":
        return AccountKind.PAYABLE.value  # whose account it is fits no other kind
    if field.choices:
        return next(iter(field.choices))[0]
    match field:
        case models.ForeignKey():
            return number  # points nowhere: keys are checked at the end of a transaction that never ends well
        case models.BooleanField():
            return False
        case models.DateTimeField():
            return NOW
        case models.DateField():
            return dt.date(2026, 1, 1 + number)
        case models.DecimalField():
            return Decimal(1)
        case models.IntegerField():
            return number
        case models.JSONField():
            return "{}"
        case models.BinaryField():
            return b""
        case _:
            return "x"


@pytest.fixture
def one(db: None, request: pytest.FixtureRequest) -> Iterator[AppendOnly]:
    """One row of the model that the test is about, gone again afterwards."""
    model: type[AppendOnly] = request.node.callspec.params["model"]
    fields = [f for f in model._meta.concrete_fields if not f.primary_key]
    values = [plain_value(f, n) for n, f in enumerate(fields, 1)]
    names = ", ".join(f'"{f.column}"' for f in fields)
    marks = ", ".join(["%s"] * len(fields))
    with atomic():
        lay_aside(connection)
        with connection.cursor() as cursor:
            cursor.execute(f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})', values)
        yield model._default_manager.get()
        set_rollback(True)


def refused_by_the_database(sql: str) -> None:
    with pytest.raises(DatabaseError, match=REFUSAL), atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_there_are_such_models():
    assert {"Transaction", "Transfer", "Evidence", "Account", "TrailLine", "Bill", "Share", "Payment", "Reading"} <= {
        m.__name__ for m in MODELS
    }


@each_model
def test_its_migration_made_the_triggers(db, model):
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if ON_POSTGRES:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled = 'O'",
                [table],
            )
            wanted = {f"{table}_append_only", f"{table}_no_truncate"}
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
            wanted = {f"{table}_append_only_update", f"{table}_append_only_delete"}
        assert wanted <= {name for (name,) in cursor.fetchall()}


@each_model
def test_the_model_refuses_every_way_of_changing_a_row(one, model):
    rows = model._default_manager.all()
    assert isinstance(rows, AppendOnlyQuerySet)
    field = next(f.name for f in model._meta.concrete_fields if not f.primary_key)
    ways = (
        one.save,
        one.delete,
        lambda: rows.update(**{field: None}),
        rows.delete,
        lambda: rows.bulk_update([one], [field]),
    )
    for way in ways:
        with pytest.raises(Immutable):
            way()


@each_model
def test_the_database_refuses_update_and_delete(one, model):
    table, column = model._meta.db_table, next(f.column for f in model._meta.concrete_fields if not f.primary_key)
    refused_by_the_database(f'UPDATE "{table}" SET "{column}" = "{column}"')
    refused_by_the_database(f'DELETE FROM "{table}"')


@each_model
def test_the_database_refuses_what_empties_or_replaces(db, model):
    table = model._meta.db_table
    if ON_POSTGRES:
        refused_by_the_database(f'TRUNCATE "{table}" CASCADE')
        return
    fields = [f for f in model._meta.concrete_fields if not f.primary_key]
    values = [plain_value(f, n) for n, f in enumerate(fields, 1)]
    names = ", ".join(f'"{f.column}"' for f in fields)
    marks = ", ".join(["%s"] * (len(fields) + 1))
    with atomic(), connection.cursor() as cursor:
        lay_aside(connection)
        cursor.execute(f'INSERT INTO "{table}" (id, {names}) VALUES ({marks})', [1, *values])
        with pytest.raises(DatabaseError, match=REFUSAL), atomic():
            cursor.execute(f'INSERT OR REPLACE INTO "{table}" (id, {names}) VALUES ({marks})', [1, *values])
        set_rollback(True)


# -- the same on rows that real actions made ---------------------------------------------------------------------------


@pytest.fixture
def booked(row):
    row.bill(fen=300)
    row.pay(TransactionKind.RECEIPT, 100, on=dt.date(2026, 2, 2), unit=0)
    return row


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE ledger_entry SET amount_fen = amount_fen - 1",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_event SET effective_on = '2026-03-01'",
        "DELETE FROM ledger_event",
        "UPDATE ledger_account SET kind = 'common'",
        "UPDATE ledger_evidence SET supports = NOT supports",
        "UPDATE trail_trailline SET verb = 'nothing'",
        "DELETE FROM trail_trailline WHERE seq = 2",
        "DELETE FROM billing_share",
        "UPDATE billing_bill SET amount_fen = 0",
    ],
)
def test_raw_sql_on_booked_rows_is_refused_and_nothing_moves(booked, sql):
    def rows() -> list[Any]:
        return [list(m.objects.order_by("pk").values()) for m in (Transfer, Transaction, TrailLine)]

    before = rows()
    refused_by_the_database(sql)
    assert rows() == before
    assert list(faults(booked.street, WATER)) == []
    assert first_broken(booked.street) is None


def test_an_upsert_does_not_get_round_it(booked):
    line = TrailLine.objects.order_by("seq").first()
    assert line is not None
    forged = TrailLine(street=booked.street, seq=line.seq, recipe=2, at=NOW, verb="forged", thing="x", thing_id="1")
    with pytest.raises(DatabaseError, match=REFUSAL), atomic():
        TrailLine.objects.bulk_create(
            [forged], update_conflicts=True, unique_fields=["street", "seq"], update_fields=["verb"]
        )
    assert first_broken(booked.street) is None


def test_a_row_of_history_is_written_once_under_one_key(booked):
    transfer = Transfer.objects.order_by("pk").first()
    assert transfer is not None
    copy = Transfer(**{f.attname: getattr(transfer, f.attname) for f in Transfer._meta.concrete_fields})
    copy.amount_fen += 1
    with pytest.raises(DatabaseError), atomic():
        copy.save(force_insert=True)
    assert list(faults(booked.street, WATER)) == []
