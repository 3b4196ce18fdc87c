"""Every model says which kind it is: rows that may change, or rows that history is made of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython
from django.db.migrations.state import StateApps


class Immutable(Exception):
    """Somebody tried to change or delete a row of history: a bug or an attack, never a form error."""


class Mutable(models.Model):
    """Rows that may change; each change is recorded on the trail by the action that makes it."""

    class Meta:
        abstract = True


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Refuses the bulk ways round ``save``."""

    def update(self, **kwargs: Any) -> int:
        raise Immutable(f"{self.model.__name__} rows are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Immutable(f"{self.model.__name__} rows are never deleted")

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        raise Immutable(f"{self.model.__name__} rows are never changed")


class AppendOnly(models.Model):
    """Rows that are written once (只增不改). The model refuses, and a database trigger refuses behind it."""

    objects: ClassVar[models.Manager[Self]] = models.Manager.from_queryset(AppendOnlyQuerySet)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable(f"{type(self).__name__} rows are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Immutable(f"{type(self).__name__} rows are never deleted")


def append_only_models() -> list[type[AppendOnly]]:
    """Every concrete append-only model that is installed."""
    from django.apps import apps

    return [m for m in apps.get_models() if issubclass(m, AppendOnly)]


POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION hege_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""


def append_only_operation(*model_names: str, app: str) -> RunPython:
    """A migration step that makes the database itself refuse UPDATE, DELETE and TRUNCATE on these tables."""

    def tables(apps: StateApps) -> list[str]:
        return [apps.get_model(app, name)._meta.db_table for name in model_names]

    def forwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        postgres = editor.connection.vendor == "postgresql"
        if postgres:
            editor.execute(POSTGRES_FUNCTION, params=None)
        for table in tables(apps):
            if postgres:
                editor.execute(
                    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION hege_refuse_change()"
                )
                editor.execute(
                    f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION hege_refuse_change()"
                )
                continue
            for verb in ("UPDATE", "DELETE"):
                editor.execute(
                    f"CREATE TRIGGER {table}_append_only_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'append-only: {verb} of {table} is refused'); END"
                )

    def backwards(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
        postgres = editor.connection.vendor == "postgresql"
        for table in tables(apps):
            if postgres:
                editor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
                editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}")
                continue
            for verb in ("update", "delete"):
                editor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only_{verb}")

    return RunPython(forwards, backwards)
