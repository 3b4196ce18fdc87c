"""What this program is, and whether a copy is newer than it."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from hege.cli.copies import postgresql, sqlite
from hege.kernel.database import connection
from hege.kernel.schema import unknown_migrations


def database_kind() -> ModuleType:
    """How copies of the database in use are made and put back."""
    return sqlite if connection.vendor == "sqlite" else postgresql


def _own_labels() -> set[str]:
    return {app.label for app in apps.get_app_configs() if app.name.startswith("hege.")}


def newest_migrations() -> dict[str, str]:
    """The newest migration of each package of ours that the database has had."""
    own = _own_labels()
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    return {label: name for label, name in applied if label in own}


def newer_steps(told: Mapping[str, str]) -> list[str]:
    """What a copy has been through that this program does not know, not even as replaced by others: the copy is newer."""
    strange = [f"{label}.{name}" for label, name in sorted(told.items()) if label not in _own_labels()]
    return unknown_migrations(told.items()) + strange


def is_behind(told: Mapping[str, str]) -> bool:
    """Whether a copy has to be brought up to date before it can be verified."""
    return dict(told) != _newest_known()


def _newest_known() -> dict[str, str]:
    own = _own_labels()
    return {label: name for label, name in sorted(MigrationLoader(None).disk_migrations) if label in own}
