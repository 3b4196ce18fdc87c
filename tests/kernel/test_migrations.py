"""No migration keeps a street with millions of entries waiting: what may be done to a big table while an office works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import models
from django.db.migrations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    AlterUniqueTogether,
    CreateModel,
    RemoveField,
    RunPython,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from hege.kernel.schema import AddRule, AddUniqueConcurrently, ValidateRule

#: Packages whose tables grow with every bill, payment, reading and act; of `people` none does.
BIG = {"attachments", "billing", "imports", "ledger", "metering", "trail"}
#: The last migration of each package in the landing of 2026-11-29: from the next one on the rules hold.
LANDED = {
    "arrears": 6, "billing": 4, "cases": 6, "conferences": 3, "imports": 2, "ledger": 6, "mediation": 7, "metering": 2,
    "people": 3, "places": 4, "trail": 5,
}  # fmt: skip
#: Steps by hand, each read by somebody: `package.migration` -> why nothing waits for it.
READ: dict[str, str] = {
    "attachments.0002_append_only": "guards a table that the migration before it makes, and that is empty",
    "honours.0001_first": "guards tables that it makes itself, and that are empty",
    "people.0004_sign_in": "drops the tables of what counted sign-ins before; nobody but sign-in looks at them",
    "people.0005_second_factor": "guards tables that it makes itself, and that are empty",
    "search.0002_pairs": "makes an index of its own table, which is empty",
}
MEND = "see docs/operate.md, Upgrade"


def new_migrations() -> Iterator[tuple[str, str, Iterable[Operation]]]:
    for (app, name), migration in sorted(MigrationLoader(None, ignore_no_migrations=True).disk_migrations.items()):
        ours = type(migration).__module__.startswith("hege.")
        if ours and "squashed" not in name and int(name[:4]) > LANDED.get(app, 0):
            yield app, name, migration.operations


def dangers(app: str, operations: Iterable[Operation]) -> Iterator[str]:
    """What of these operations would rewrite or look through a big table while nobody may write it, or by hand."""
    made = {operation.name.lower() for operation in operations if isinstance(operation, CreateModel)}
    for operation in operations:
        if isinstance(operation, SeparateDatabaseAndState):
            yield from dangers(app, operation.database_operations)
        elif isinstance(operation, RunPython | RunSQL):
            yield "runs Python or SQL by hand: name it in READ with the reason why nothing waits"
        elif app in BIG and getattr(operation, "model_name", "").lower() not in {"", *made}:
            yield from _on_a_big_table(operation)


def _on_a_big_table(operation: Any) -> Iterator[str]:
    table = operation.model_name
    beside_the_work = AddIndexConcurrently | AddRule | AddUniqueConcurrently | ValidateRule
    if isinstance(operation, beside_the_work | RemoveField):
        return
    if isinstance(operation, AddIndex):
        yield f"AddIndex on {table}: writing waits while it is made; use AddIndexConcurrently, atomic = False"
    elif isinstance(operation, AddConstraint | AlterUniqueTogether):
        yield f"{type(operation).__name__} on {table}: looks through every row; use AddRule, then ValidateRule"
    elif isinstance(operation, AlterField):
        yield f"AlterField on {table}: may write every row anew; add another column, or SeparateDatabaseAndState"
    elif isinstance(operation, AddField):
        field: Any = operation.field
        # PostgreSQL follows no key of a column that is new and empty: there is nothing to follow.
        if (field.remote_field and not field.null) or field.unique or field.db_index:
            yield f"AddField {table}.{operation.name}: its key or index looks through every row"
        elif field.has_default() and callable(field.default) and field.default not in (list, dict, str):
            yield f"AddField {table}.{operation.name}: a default that is another for each row writes every row anew"


def test_no_new_migration_keeps_a_big_table_waiting():
    found = [
        f"{app}.{name}: {danger} ({MEND})"
        for app, name, operations in new_migrations()
        for danger in dangers(app, operations)
        if not ("by hand" in danger and f"{app}.{name}" in READ)
    ]
    assert found == []


def test_what_was_read_by_somebody_is_still_there_and_still_by_hand():
    by_hand = {
        f"{app}.{name}"
        for app, name, operations in new_migrations()
        for d in dangers(app, operations)
        if "by hand" in d
    }
    assert by_hand <= READ.keys()


PLANTED = [
    AddIndex("transfer", models.Index(fields=["amount_fen"], name="x")),
    AddConstraint("transfer", models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="x")),
    AlterField("transfer", "amount_fen", models.IntegerField()),
    AddField("transfer", "key", models.UUIDField(default=lambda: None)),
    AddField("transfer", "other", models.ForeignKey("ledger.book", models.PROTECT, null=True)),
    AddField("transfer", "other", models.ForeignKey("ledger.book", models.PROTECT, default=1, db_index=False)),
    RunSQL("UPDATE ledger_entry SET amount_fen = 1"),
    SeparateDatabaseAndState(database_operations=[AddIndex("transfer", models.Index(fields=["id"], name="y"))]),
]


@pytest.mark.parametrize("operation", PLANTED, ids=[str(n) for n in range(len(PLANTED))])
def test_what_would_keep_it_waiting_is_named(operation: Operation):
    assert list(dangers("ledger", [operation]))


def test_what_does_not_is_let_pass():
    index, check = models.Index(fields=["id"], name="z"), models.CheckConstraint(condition=models.Q(id__gt=0), name="z")
    once = models.UniqueConstraint(fields=["id"], condition=models.Q(id__gt=0), name="o")
    safe: list[Operation] = [
        AddField("transfer", "note", models.CharField(max_length=9, default="")),
        AddIndexConcurrently("transfer", index),
        AddField("transfer", "other", models.ForeignKey("ledger.book", models.PROTECT, null=True, db_index=False)),
        AddUniqueConcurrently("transfer", once),
        AddRule("transfer", check),
        ValidateRule("transfer", "z"),
        CreateModel("Fresh", [("id", models.BigAutoField(primary_key=True))]),
        AddIndex("fresh", index),
    ]
    assert list(dangers("ledger", safe)) == []
    assert list(dangers("people", [AddIndex("user", index)])) == []
