"""Tables made at once: Django draws every model anew after each step of a migration, which takes 12 seconds for our 70 tables.
And a database that a newer program has brought up to date, which this one must leave alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pkgutil import iter_modules
from typing import Any

from django.apps import AppConfig, apps
from django.db import NotSupportedError
from django.db.migrations import AddConstraint, CreateModel, RunPython, SeparateDatabaseAndState
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.models import UniqueConstraint
from django.db.utils import DatabaseError
from django.utils.translation import gettext_lazy as _

from hege.kernel.database import atomic, connection
from hege.kernel.new_database import Needs, Statements
from hege.kernel.refused import Refused


class AtOnce(SeparateDatabaseAndState):
    """Steps after which the models are drawn once, not after each: ``creates`` make tables, ``renames`` touch none."""

    new_database = Needs.DRAWN

    def __init__(self, creates: Sequence[CreateModel] = (), renames: Sequence[Operation] = ()) -> None:
        super().__init__(database_operations=list(creates), state_operations=[*creates, *renames])
        self.creates, self.renames = creates, renames

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.creates, self.renames], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        vars(state).pop("apps", None)  # what is not drawn is not drawn again
        super().state_forwards(app_label, state)

    def database_forwards(self, app_label: str, editor: Any, before: ProjectState, after: ProjectState) -> None:
        for create in self.creates:
            create.database_forwards(app_label, editor, before, after)


class OfEach(Statements):
    """Statements for each database in its own words, which need none of the models: those are not drawn for it.

    A new database needs what they make; for rows that are there, ``BackfillOfEach``.
    """

    new_database = Needs.STATEMENTS

    def __init__(self, sqlite: Sequence[str], postgresql: Sequence[str], back: Mapping[str, Sequence[str]]) -> None:
        self.forwards, self.back = {"sqlite": sqlite, "postgresql": postgresql}, back

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.forwards["sqlite"], self.forwards["postgresql"], self.back], {}

    def statements(self, vendor: str, state: ProjectState) -> Sequence[str]:
        return self.forwards[vendor]

    def database_backwards(self, app_label: str, editor: Any, before: ProjectState, after: ProjectState) -> None:
        for statement in self.back[editor.connection.vendor]:
            editor.execute(statement, params=None)


class BackfillOfEach(OfEach):
    """Statements that bring up to date the rows that are there: a new database has none. Nothing is taken back."""

    new_database = Needs.NOTHING

    def __init__(self, sqlite: Sequence[str], postgresql: Sequence[str]) -> None:
        super().__init__(sqlite, postgresql, {"sqlite": (), "postgresql": ()})

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.forwards["sqlite"], self.forwards["postgresql"]], {}


class Backfill(RunPython):
    """A step in Python that brings up to date the rows that are there: a new database has none. Nothing is taken back."""

    new_database = Needs.NOTHING

    def __init__(self, code: Callable[[Any, Any], None]) -> None:
        super().__init__(code, RunPython.noop)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.code], {}


class AddRule(AddConstraint):
    """A CHECK for rows to come, which looks at none that are there; ``ValidateRule`` does, in another migration.

    SQLite, which has no such thing, makes the table anew with it.
    """

    new_database = Needs.DRAWN

    def database_forwards(self, app_label: str, editor: Any, before: ProjectState, after: ProjectState) -> None:
        if editor.connection.vendor == "postgresql":
            statement = str(self.constraint.create_sql(after.apps.get_model(app_label, self.model_name), editor))
            editor.execute(f"{statement} NOT VALID", params=None)
        else:
            super().database_forwards(app_label, editor, before, after)


class ValidateRule(Operation):
    """Look whether every row keeps to a CHECK, while others go on writing. SQLite has looked already."""

    new_database = Needs.NOTHING

    def __init__(self, model_name: str, name: str) -> None:
        self.model_name, self.name = model_name, name
        self.model_name_lower = model_name.lower()

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__name__, [self.model_name, self.name], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models stay as they are."""

    def database_forwards(self, app_label: str, editor: Any, before: ProjectState, after: ProjectState) -> None:
        if editor.connection.vendor == "postgresql":
            table = after.apps.get_model(app_label, self.model_name)._meta.db_table
            named = f"{editor.quote_name(table)} VALIDATE CONSTRAINT {editor.quote_name(self.name)}"
            editor.execute(f"ALTER TABLE {named}", params=None)

    def database_backwards(self, app_label: str, editor: Any, before: ProjectState, after: ProjectState) -> None:
        """What was looked at stays true."""


class AddUniqueConcurrently(AddConstraint):
    """What may be there once, among some rows, made beside the work; begun again where it was broken off before."""

    atomic = False
    new_database = Needs.DRAWN

    def __init__(self, model_name: str, constraint: UniqueConstraint) -> None:
        if constraint.condition is None:
            raise TypeError("AddUniqueConcurrently is for what is unique under a condition: an index")
        super().__init__(model_name, constraint)

    def database_forwards(self, app_label: str, editor: Any, before: ProjectState, after: ProjectState) -> None:
        if editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, editor, before, after)
            return
        if editor.connection.in_atomic_block:
            raise NotSupportedError("AddUniqueConcurrently needs a migration with atomic = False")
        statement = str(self.constraint.create_sql(after.apps.get_model(app_label, self.model_name), editor))
        editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {editor.quote_name(self.constraint.name)}", params=None)
        editor.execute(statement.replace("UNIQUE INDEX", "UNIQUE INDEX CONCURRENTLY", 1), params=None)


@lru_cache
def known_migrations() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Every migration of this program, with those it stands for."""
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    return {key: list(migration.replaces) for key, migration in disk.items()}


@lru_cache
def _files() -> frozenset[tuple[str, str]]:
    """Our own migrations by the names of their files: every command asks for them, and to read them all takes a quarter second."""
    return frozenset(
        (app.label, found.name)
        for app in _ours()
        for found in iter_modules([f"{app.path}/migrations"])
        if not found.ispkg
    )


def _ours() -> list[AppConfig]:
    return [app for app in apps.get_app_configs() if app.name.startswith("hege.")]


def unknown_migrations(applied: Iterable[tuple[str, str]]) -> list[str]:
    """Those of our own apps that this program does not have, not even as replaced by others: a newer one has made them."""
    ours, files = {app.label for app in _ours()}, _files()
    strange = [(app, name) for app, name in sorted(applied) if app in ours and (app, name) not in files]
    replaced = {old for olds in known_migrations().values() for old in olds} if strange else set()
    return [f"{app}.{name}" for app, name in strange if (app, name) not in replaced]


def check_not_newer() -> None:
    """``Refused`` where a newer program has brought the database up to date. An empty one, and one out of reach, pass."""
    try:
        with atomic():
            applied = MigrationRecorder(connection).applied_migrations()
    except DatabaseError:
        return
    check_known(applied)


def check_known(applied: Iterable[tuple[str, str]]) -> None:
    """``Refused`` where some of the migrations a database has seen are not of this program."""
    newer = unknown_migrations(applied)
    if newer:
        raise Refused(
            _(
                "数据库已被更新版本的合格升级过（%(steps)s），这一版不认得，没有办。请安装那个版本；要退回这一版，请用升级前的备份恢复。"
            ),
            steps=", ".join(newer[:3]),
        )
