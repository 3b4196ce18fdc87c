"""A database that has no table gets today's tables at once (ADR 43): drawn from the models as the last migration leaves them.

What is not drawn from models, a step says by itself: ``new_database`` of its class tells what a new database needs of it.
Where one step of a plan does not say, every step is taken, as in a database that has tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum, auto
from typing import Any

from django.db import migrations as steps
from django.db import router
from django.db.migrations import Migration
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState


class Needs(Enum):
    """What a new database needs of a step."""

    DRAWN = auto()  #: all that it does is seen in the models at the end
    STATEMENTS = auto()  #: its ``statements``, once the tables stand
    NOTHING = auto()  #: it is for rows that are there


class Statements(Operation):
    """A step that is statements alone, told from the models' names without drawing one; the models stay as they are."""

    reversible = True
    new_database = Needs.STATEMENTS

    def statements(self, vendor: str, state: ProjectState) -> Sequence[str]:
        """Forwards, in the words of one kind of database, when the models are as they are in ``state``."""
        raise NotImplementedError

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models stay as they are."""

    def database_forwards(self, app_label: str, editor: Any, before: ProjectState, after: ProjectState) -> None:
        for statement in self.statements(editor.connection.vendor, after):
            editor.execute(statement, params=None)


#: Django's own steps that do nothing but what the models show. Those in Python or SQL by hand say nothing, nor does
#: ``SeparateDatabaseAndState``, whose tables may be others than its models: ``AtOnce`` and ``Statements`` take their places.
DRAWN = {
    steps.AddConstraint, steps.AddField, steps.AddIndex, steps.AlterField, steps.AlterModelManagers,
    steps.AlterModelOptions, steps.AlterModelTable, steps.AlterUniqueTogether, steps.CreateModel, steps.DeleteModel,
    steps.RemoveConstraint, steps.RemoveField, steps.RemoveIndex, steps.RenameField, steps.RenameIndex,
    steps.RenameModel,
}  # fmt: skip
#: Functions of Django's own steps in Python that look at rows that are there.
OF_ROWS = {
    "django.contrib.contenttypes.management.RenameContentType.rename_forward",
    "django.db.migrations.operations.special.RunPython.noop",
    "django.contrib.auth.migrations.0011_update_proxy_permissions.update_proxy_model_permissions",
}


def needs(operation: Operation) -> Needs | None:
    """What a new database needs of a step; None where that is not said. A class says it for itself, not for its heirs."""
    kind = type(operation)
    if kind in DRAWN:
        return Needs.DRAWN
    if isinstance(operation, steps.RunPython) and kind.__module__.startswith("django."):
        code: Any = operation.code
        return Needs.NOTHING if f"{code.__module__}.{code.__qualname__}" in OF_ROWS else None
    return vars(kind).get("new_database")


def untold(plan: Iterable[Migration]) -> list[str]:
    """The steps of which it is not said what a new database needs of them, by migration and class."""
    return [
        f"{migration}: {type(operation).__name__}"
        for migration in plan
        for operation in migration.operations
        if needs(operation) is None
    ]


def may_be_drawn(connection: Any, plan: Iterable[Migration]) -> bool:
    """Whether a plan may be drawn in a database instead of taken step by step."""
    return has_no_table(connection) and not untold(plan)


def has_no_table(connection: Any) -> bool:
    """Whether there is neither table nor view that this user sees."""
    with connection.cursor() as cursor:
        return not connection.introspection.table_names(cursor, include_views=True)


def brought_to_the_end(plan: Iterable[Migration], state: ProjectState, vendor: str) -> list[str]:
    """Change the models as a plan does. Answers the statements that a new database needs besides."""
    vars(state).pop("apps", None)  # what is not drawn is not drawn again
    found = list[str]()
    for migration in plan:
        for operation in migration.operations:
            operation.state_forwards(migration.app_label, state)
            if isinstance(operation, Statements) and needs(operation) is Needs.STATEMENTS:
                found += operation.statements(vendor, state)
    return found


def make_tables(editor: Any, state: ProjectState, statements: Iterable[str]) -> None:
    """The table of what was migrated, that of every model in the order they came in, and what statements make besides."""
    alias = editor.connection.alias
    editor.create_model(MigrationRecorder.Migration)
    for key in state.models:
        model = state.apps.get_model(*key)
        if model._meta.can_migrate(alias) and router.allow_migrate_model(alias, model):
            editor.create_model(model)
    for statement in [*editor.deferred_sql, *statements]:
        editor.execute(statement, params=None)
    editor.deferred_sql.clear()
