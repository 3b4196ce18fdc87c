"""Tables made at once: Django draws every model anew after each step of a migration, which takes 12 seconds for our 70 tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations import CreateModel, SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class AtOnce(SeparateDatabaseAndState):
    """Steps after which the models are drawn once, not after each: ``creates`` make tables, ``renames`` touch none."""

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
