"""Migrating by what a step touches makes the same tables as Django's own way, and draws a fraction of the models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, models
from django.db.migrations import (
    AddConstraint,
    AddField,
    AlterField,
    AlterUniqueTogether,
    CreateModel,
    Migration,
    RemoveField,
    RunPython,
    SeparateDatabaseAndState,
)
from django.db.migrations.state import ModelState, ProjectState

from hege.kernel.migrating import applied
from hege.kernel.schema import AtOnce

pytestmark = pytest.mark.once
seen: list[set[str]] = []


def look(apps: Any, _editor: Any) -> None:
    """A step in Python may ask for any model."""
    seen.append({model.__name__ for model in apps.get_models()})


def key() -> Any:
    return models.BigAutoField(primary_key=True)


def to(name: str, **more: Any) -> Any:
    return models.ForeignKey(f"drawn.{name}", models.PROTECT, related_name="+", **more)


OPERATIONS = [
    AtOnce([
        CreateModel("Office", [("id", key())]),
        CreateModel("Street", [("id", key()), ("code", models.CharField(max_length=9, unique=True)), ("office", to("office"))]),
    ]),
    CreateModel("Firm", [("id", key()), ("name", models.CharField(max_length=9)), ("street", to("street", to_field="code"))]),
    CreateModel("Honour", [("id", key()), ("firm", to("firm")), ("also", models.ManyToManyField("drawn.firm", related_name="+"))]),
    AddField("honour", "after", to("honour", null=True)),
    AddField("firm", "note", models.JSONField(default=dict)),
    AlterField("firm", "name", models.CharField(max_length=99, choices=[("a", "b")])),
    AddConstraint("firm", models.CheckConstraint(condition=~models.Q(name=""), name="firm_named")),
    AlterUniqueTogether("firm", {("street", "name")}),
    AlterField("street", "code", models.CharField(max_length=12, unique=True)),
    RunPython(look),
    SeparateDatabaseAndState(database_operations=[AddField("street", "phone", models.CharField(default="", max_length=9))],
                             state_operations=[AddField("street", "phone", models.CharField(default="", max_length=9))]),
    RemoveField("honour", "after"),
]  # fmt: skip


class First(Migration):
    operations = OPERATIONS


@contextmanager
def drawn() -> Iterator[list[str]]:
    """The models that are drawn within."""
    names, plain = list[str](), ModelState.render

    def render(self: ModelState, apps: Any) -> Any:
        names.append(self.name)
        return plain(self, apps)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ModelState, "render", render)
        yield names


def tables(folder: Path, way: Callable[..., ProjectState]) -> tuple[list[Any], int]:
    """What the steps make in an empty database, and how many models were drawn for it."""
    migration = First("0001_first", "drawn")
    other: Any = connection.copy()
    other.settings_dict["NAME"] = str(folder / f"{way.__name__}.sqlite3")
    with drawn() as names:
        with other.schema_editor() as editor:
            state = way(migration, ProjectState(), editor)
        assert set(state.models) == {("drawn", name) for name in ("office", "street", "firm", "honour")}
    with other.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master ORDER BY name")
        made = list(cursor.fetchall())
    other.close()
    return made, len(names)


@pytest.mark.django_db
def test_the_tables_are_those_that_djangos_own_way_makes_and_fewer_models_are_drawn(tmp_path: Path):
    seen.clear()
    own, all_drawn = tables(tmp_path, Migration.apply)
    ours, few_drawn = tables(tmp_path, applied)
    assert ours == own
    assert few_drawn < all_drawn
    assert seen == [{"Office", "Street", "Firm", "Honour"}] * 2
