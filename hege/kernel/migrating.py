"""Migrating without drawing every model after each step, which takes Django more than all the rest: half a minute for 130 tables.

Written against the pinned Django: its executor, but that a step is handed the models that it touches and those they point
to. Steps that may ask for more, as those in Python, are handed all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from typing import Any

from django.db import DatabaseError
from django.db.migrations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    AlterUniqueTogether,
    CreateModel,
    Migration,
    RemoveConstraint,
    RemoveField,
    RemoveIndex,
    SeparateDatabaseAndState,
)
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.models import IndexOperation
from django.db.migrations.state import ModelState, ProjectState
from django.db.migrations.utils import resolve_relation
from django.db.transaction import atomic

from hege.kernel import new_database
from hege.kernel.schema import ValidateRule
from hege.kernel.street_keys import lay_aside

TURN = 0x68656765  #: the number of the lock that who migrates holds in its database
Key = tuple[str, str]  # app and model, in small letters
OF_A_MODEL = (
    AddConstraint, AddField, AddIndex, AlterField, RemoveConstraint, RemoveField, RemoveIndex, ValidateRule,
)  # fmt: skip


@contextmanager
def in_turn(connection: Any, waiting: Callable[[], None]) -> Iterator[None]:
    """One who migrates after the other, on PostgreSQL; ``waiting`` is told once. Who waits asks again and again: an index that is made beside the work
    waits for every statement that has begun before, also for one that waits for a lock."""
    if connection.vendor != "postgresql":
        yield
        return
    told = False
    while not _answer(connection, f"SELECT pg_try_advisory_lock({TURN})"):
        if not told:
            waiting()
        told = True
        time.sleep(1)
    try:
        yield
    finally:
        with suppress(DatabaseError):  # where the connection is gone, so is the lock
            _answer(connection, f"SELECT pg_advisory_unlock({TURN})")


def _answer(connection: Any, question: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return bool(cursor.fetchone()[0])


class Executor(MigrationExecutor):
    """Django's, forwards by ``applied``; triggers that speak of other tables are laid aside (``street_keys``).

    The whole of a plan in a database that has no table is made at once (``new_database``).
    """

    def migrate(self, targets: Any, plan: Any = None, *more: Any, **named: Any) -> ProjectState:
        if plan and not more and not (named.get("fake") or named.get("fake_initial")):
            full_plan = self.migration_plan(self.loader.graph.leaf_nodes(), clean_start=True)
            whole = [migration for migration, _backwards in full_plan]
            if sorted(plan, key=str) == sorted(full_plan, key=str) and new_database.may_be_drawn(
                self.connection, whole
            ):
                state = named.get("state") or ProjectState(real_apps=self.loader.unmigrated_apps)
                return self._made_at_once(targets, whole, state)
        if plan:
            lay_aside(self.connection)
        return super().migrate(targets, plan, *more, **named)

    def _made_at_once(self, targets: Any, migrations: list[Migration], state: ProjectState) -> ProjectState:
        """In one transaction: a database in which this is broken off is empty as before."""
        statements = new_database.brought_to_the_end(migrations, state, self.connection.vendor)
        with self.connection.schema_editor(atomic=True) as editor:
            made = new_database.has_no_table(self.connection)  # still: on SQLite another may have had the lock before
            if made:
                new_database.make_tables(editor, state, statements)
                for migration in migrations:
                    self.record_migration(migration)  # type: ignore[arg-type, call-arg]  # what is written of it is out of date
                self.check_replacements()
        if not made:
            return Executor(self.connection, self.progress_callback).migrate(targets)
        if told := self.progress_callback:
            for migration in migrations:
                told("apply_start", migration, False)  # noqa: FBT003
                told("apply_success", migration, False)  # noqa: FBT003
        return state

    def apply_migration(self, state: ProjectState, migration: Migration, *fakes: Any, **fake: Any) -> ProjectState:
        migration.apply = partial(applied, migration)  # type: ignore[method-assign]
        return super().apply_migration(state, migration, *fakes, **fake)

    def _migrate_all_forwards(self, state: ProjectState, plan: Any, full_plan: Any, **fakes: Any) -> ProjectState:
        wanted = {migration for migration, _backwards in plan}
        for migration, _backwards in full_plan:
            if migration in wanted:
                state = self.apply_migration(state, migration, **fakes)
        return state


def applied(migration: Migration, state: ProjectState, editor: Any, collect_sql: bool = False) -> ProjectState:  # noqa: FBT001, FBT002
    """Take each step of a migration."""
    touched_last, last = None, state
    for operation in migration.operations:
        vars(state).pop("apps", None)  # what is not drawn is not drawn again
        touched = touched_by(operation, migration.app_label, state)
        if touched is None:
            before = state.clone()
        else:  # steps on one model follow each other, and what it has become is drawn
            before = last if touched == touched_last else narrowed(state, touched)
            if not isinstance(operation, IndexOperation):  # columns stand in the order in which they were drawn
                before.apps  # noqa: B018
        operation.state_forwards(migration.app_label, state)
        after = state if touched is None else narrowed(state, touched)
        touched_last, last = touched, after
        with _one_transaction(migration, operation, editor):
            operation.database_forwards(migration.app_label, editor, before, after)
    return state


def _one_transaction(migration: Migration, operation: Operation, editor: Any) -> AbstractContextManager[Any]:
    own = operation.atomic or (migration.atomic and operation.atomic is not False)
    return atomic(editor.connection.alias) if own and not editor.atomic_migration else nullcontext()


def touched_by(operation: Operation, app: str, state: ProjectState) -> set[Key] | None:
    """The models that a step asks for; None where that may be any."""
    if isinstance(operation, SeparateDatabaseAndState):
        parts = [touched_by(part, app, state) for part in operation.database_operations]
        return None if None in parts else set[Key]().union(*(part for part in parts if part is not None))
    if isinstance(operation, CreateModel | AlterUniqueTogether):
        return {(app, operation.name_lower)}
    if not isinstance(operation, OF_A_MODEL):
        return None
    key = (app, operation.model_name_lower)
    if isinstance(operation, AlterField) and _others_point_to(key, operation.name, state):
        return None  # they are altered too
    return {key}


def _others_point_to(key: Key, name: str, state: ProjectState) -> bool:
    """Whether keys of other models may point to this field of a model: to its key they mostly do."""
    field = state.models[key].fields[name] if key in state.models else None
    if field is None or field.primary_key:
        return True
    relations = (field for model in state.models.values() for field in model.fields.values() if field.is_relation)
    return any(name in getattr(field, "to_fields", ()) for field in relations)


def narrowed(state: ProjectState, touched: Iterable[Key]) -> ProjectState:
    """Some models as they stand now, and as much of those they point to as a column that points needs to know."""
    found = {key: state.models[key].clone() for key in touched if key in state.models}
    waiting = [other for model in found.values() for other in _pointed_to(model)]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found[key] = _outline(state.models[key])
            waiting += _pointed_to(found[key])
    return ProjectState(found, real_apps=state.real_apps)


def _outline(model: ModelState) -> ModelState:
    """Of a model what may be pointed to."""
    fields = {name: field for name, field in model.fields.items() if field.unique}
    options = {name: said for name, said in model.options.items() if name in ("db_table", "swappable")}
    return ModelState(model.app_label, model.name, list(fields.items()), options, model.bases)


def _pointed_to(model: ModelState) -> Iterable[Key]:
    bases = [base for base in model.bases if isinstance(base, str)]
    fields = [field.remote_field for field in model.fields.values() if field.remote_field]
    others = [*bases, *(field.model for field in fields), *(getattr(field, "through", None) for field in fields)]
    return [resolve_relation(other, model.app_label, model.name_lower) for other in others if other]
