"""Every model says which kind it is: rows that may change, or rows that history is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Self, TypeVar, cast

from django.apps import apps
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState
from django.utils.encoding import force_str

from hege.kernel import bulk, prepared, written
from hege.kernel.new_database import Needs, Statements


class Immutable(Exception):
    """Somebody tried to change or delete a row of history: a bug or an attack, never a form error."""


M = TypeVar("M", bound=models.Model)


@lru_cache
def _words(field: models.Field[Any, Any]) -> dict[Any, Any]:
    return dict(field.flatchoices)


def _word(self: models.Model, field: models.Field[Any, Any]) -> Any:
    """What ``get_…_display`` says, looked up: Django makes a table of all choices anew for every row."""
    value = getattr(self, field.attname)
    return force_str(_words(field).get(value, value), strings_only=True)


class MutableQuerySet(prepared.Rows[M]):
    """Notes what is written past ``save``, so that the trail carries how the rows stand (``kernel.written``)."""

    def update(self, **kwargs: Any) -> int:
        if not _watched(self.model, kwargs):
            return super().update(**kwargs)
        pks = list(self.order_by().values_list("pk", flat=True))
        if not pks:
            return 0
        count = models.QuerySet.update(self.filter(pk__in=pks), **kwargs)
        written.note(self.model, dict.fromkeys(pks))
        return count

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        made = super().bulk_create(objs, *args, **kwargs)
        if _watched(self.model):
            written.note_instances(made)
        return made

    def bulk_update(self, objs: Iterable[M], fields: Iterable[str], batch_size: int | None = None) -> int:
        rows, names = list(objs), list(fields)
        count = bulk.change_instances(rows, names)
        if _watched(self.model, names):
            written.note(self.model, {row.pk: None for row in rows})
        return count

    def delete(self) -> tuple[int, dict[str, int]]:
        if _watched(self.model):
            raise Immutable(f"{self.model.__name__} rows are ended, never deleted")
        return super().delete()


class Mutable(prepared.Drawn):
    """Rows that may change; each change is recorded on the trail by the action that makes it, with how the row stands.

    ``unwatched`` says why no line of the trail carries how rows of a model stand; ``left_out`` the same of columns.
    Neither may hold a right, a day or a sum; but a projection whose every row each proof makes again may.
    """

    _get_FIELD_display = _word  # noqa: N815  # Django's name

    unwatched: ClassVar[str] = ""
    left_out: ClassVar[Mapping[str, str]] = {}
    #: The columns that a search finds a row by (``hege.search``); of most models nothing is searched.
    found_by: ClassVar[tuple[str, ...]] = ()

    objects: ClassVar[models.Manager[Self]] = models.Manager.from_queryset(MutableQuerySet)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        adding, fields = self._state.adding, kwargs.get("update_fields")
        super().save(*args, **kwargs)
        if adding and _watched(type(self)):
            written.note_instances([self])
        elif _watched(type(self), fields):
            written.note(type(self), {self.pk: None})

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if _watched(type(self)):
            raise Immutable(f"{type(self).__name__} rows are ended, never deleted")
        return super().delete(*args, **kwargs)


def _watched(model: type[models.Model], fields: Iterable[str] | None = None) -> bool:
    """Whether the trail carries how rows of a model stand, and one of these fields (None: any) is part of it."""
    if not issubclass(model, Mutable) or model.unwatched:
        return False
    return fields is None or any(name not in model.left_out for name in fields)


class AppendOnlyQuerySet(prepared.Rows[Any]):
    """Refuses the bulk ways round ``save``."""

    def update(self, **kwargs: Any) -> int:
        raise Immutable(f"{self.model.__name__} rows are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise Immutable(f"{self.model.__name__} rows are never deleted")

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> int:
        raise Immutable(f"{self.model.__name__} rows are never changed")

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        made = super().bulk_create(objs, *args, **kwargs)
        if not self.model.sealed_by:
            written.note_instances(made)
        return made


class AppendOnly(prepared.Drawn):
    """Rows that are written once (只增不改). The model refuses, and a database trigger refuses behind it.

    The line of the trail of the action that writes them seals them; ``sealed_by`` names what seals them instead.
    """

    _get_FIELD_display = _word  # noqa: N815  # Django's name

    sealed_by: ClassVar[str] = ""
    #: The columns that a search finds a row by, as of ``Mutable``.
    found_by: ClassVar[tuple[str, ...]] = ()

    objects: ClassVar[models.Manager[Self]] = models.Manager.from_queryset(AppendOnlyQuerySet)()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Immutable(f"{type(self).__name__} rows are never changed")
        super().save(*args, **kwargs)
        if not self.sealed_by:
            written.note_instances([self])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise Immutable(f"{type(self).__name__} rows are never deleted")


def lock(row: M) -> M:
    """The row as it stands now, locked until the transaction ends, with the street it was read with."""
    known: Any = row
    (locked,) = _locked(known._meta.model, known.street_id, row.pk)
    locked.street = known.street
    return cast(M, locked)


@prepared.prepared
def _locked(model: type[models.Model], street: int, pk: int) -> models.QuerySet[Any]:
    return model._base_manager.select_for_update().filter(street=street, pk=pk)


def save_locked(row: Mutable, *names: str) -> None:
    """Save some columns of a row that ``lock`` read whole in this transaction, and of which nothing else has been written
    since: it is sealed as it stands here, and not read once more."""
    row.save(update_fields=names)
    written.note_instances([row])


def watched_models() -> list[type[Mutable]]:
    """Every concrete model whose rows the trail follows as they stand."""
    return [m for m in apps.get_models() if issubclass(m, Mutable) and not m.unwatched]


#: Tables that Django and its companions bring along.
_NOT_OURS = {
    "auth": "groups and permissions of Django: empty, rights come from memberships",
    "contenttypes": "names of tables",
}


def unwatched() -> list[tuple[str, str]]:
    """Every table or column that ``hege verify`` does not watch, with the reason why."""
    out: list[tuple[str, str]] = []
    for model in apps.get_models():
        label = model._meta.label
        if issubclass(model, Mutable) and model.unwatched:
            out.append((label, model.unwatched))
        elif issubclass(model, Mutable):
            out += [(f"{label}.{name}", why) for name, why in model.left_out.items()]
        elif not issubclass(model, AppendOnly):
            out.append((label, _NOT_OURS[model._meta.app_label]))
    return sorted(out)


def append_only_models() -> list[type[AppendOnly]]:
    """Every concrete append-only model that is installed."""
    return [m for m in apps.get_models() if issubclass(m, AppendOnly)]


POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION hege_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: % of % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""


class AppendOnlyTables(Statements):
    """A migration step that makes the database itself refuse UPDATE, DELETE and TRUNCATE on the tables of some models.

    Their names are read from the state of the migration: to ask for its models would have them all drawn.
    """

    new_database = Needs.STATEMENTS

    def __init__(self, *model_names: str, app: str, lifts: bool = False) -> None:
        self.model_names, self.app, self.lifts = model_names, app, lifts

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return type(self).__name__, self.model_names, {"app": self.app, "lifts": self.lifts}

    @property
    def lifted(self) -> AppendOnlyTables:
        """The step that takes the refusal away, for one that changes these tables; this one follows it."""
        return AppendOnlyTables(*self.model_names, app=self.app, lifts=not self.lifts)

    def statements(self, vendor: str, state: ProjectState) -> list[str]:
        return list((self._lift if self.lifts else self._seal)(vendor, self._tables(state)))

    def database_backwards(
        self, app_label: str, editor: BaseDatabaseSchemaEditor, before: ProjectState, after: ProjectState
    ) -> None:
        for statement in self.lifted.statements(editor.connection.vendor, before):
            editor.execute(statement, params=None)

    @staticmethod
    def _seal(vendor: str, tables: Sequence[str]) -> Iterator[str]:
        if vendor == "postgresql":
            yield POSTGRES_FUNCTION
        for table in tables:
            if vendor == "postgresql":
                yield (
                    f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                    "FOR EACH ROW EXECUTE FUNCTION hege_refuse_change()"
                )
                yield (
                    f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION hege_refuse_change()"
                )
                continue
            for verb in ("UPDATE", "DELETE"):
                yield (
                    f"CREATE TRIGGER {table}_append_only_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'append-only: {verb} of {table} is refused'); END"
                )

    @staticmethod
    def _lift(vendor: str, tables: Sequence[str]) -> Iterator[str]:
        for table in tables:
            if vendor == "postgresql":
                yield f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"
                yield f"DROP TRIGGER IF EXISTS {table}_no_truncate ON {table}"
                continue
            for verb in ("update", "delete"):
                yield f"DROP TRIGGER IF EXISTS {table}_append_only_{verb}"

    def _tables(self, state: ProjectState) -> list[str]:
        models = [state.models[self.app, name.lower()] for name in self.model_names]
        return [str(model.options.get("db_table") or f"{self.app}_{model.name.lower()}") for model in models]
