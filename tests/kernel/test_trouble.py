"""What the database and the system say when the ground gives way, in their own words."""

from __future__ import annotations

import errno
import sqlite3

import pytest
from django.db import DatabaseError, IntegrityError, InterfaceError, InternalError, OperationalError

from hege.kernel.trouble import Trouble, trouble_of


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (OperationalError("no such table: people_street"), Trouble.NO_TABLES),
        (OperationalError("no such column: people_user.age"), Trouble.NO_TABLES),
        (DatabaseError('relation "people_street" does not exist\nLINE 1: SELECT'), Trouble.NO_TABLES),
        (DatabaseError('column "x" of relation "people_street" does not exist'), Trouble.NO_TABLES),
        (OperationalError("unable to open database file"), Trouble.AWAY),
        (OperationalError("disk I/O error"), Trouble.AWAY),
        (OperationalError('connection failed: connection to server at "127.0.0.1", port 1 failed: refused'), Trouble.AWAY),
        (OperationalError("the connection is closed"), Trouble.AWAY),
        (OperationalError("terminating connection due to administrator command"), Trouble.AWAY),
        (OperationalError("FATAL:  the database system is starting up"), Trouble.AWAY),
        (OperationalError("consuming input failed: server closed the connection unexpectedly"), Trouble.AWAY),
        (InterfaceError("connection already closed"), Trouble.AWAY),
        (OperationalError("database is locked"), Trouble.BUSY),
        (OperationalError("deadlock detected\nDETAIL: Process 1"), Trouble.BUSY),
        (OperationalError("canceling statement due to lock timeout"), Trouble.BUSY),
        (OperationalError("database or disk is full"), Trouble.FULL),
        (OperationalError('could not extend file "base/1/2": No space left on device'), Trouble.FULL),
        (OSError(errno.ENOSPC, "No space left on device"), Trouble.FULL),
        (OperationalError("attempt to write a readonly database"), Trouble.READ_ONLY),
        (InternalError("cannot execute INSERT in a read-only transaction"), Trouble.READ_ONLY),
        (OSError(errno.EROFS, "Read-only file system"), Trouble.READ_ONLY),
    ],
)  # fmt: skip
def test_trouble_is_told_apart_by_what_is_said(problem: Exception, kind: Trouble):
    assert trouble_of(problem) is kind


@pytest.mark.parametrize(
    "problem",
    [
        IntegrityError("UNIQUE constraint failed: people_street.code"),
        OperationalError('near "SELEC": syntax error'),
        FileNotFoundError(errno.ENOENT, "No such file"),
        ValueError("database is locked"),
        sqlite3.ProgrammingError("Cannot operate on a closed database."),
        None,
    ],
)
def test_a_defect_is_no_trouble(problem: Exception | None):
    assert trouble_of(problem) is None


class Numbered(Exception):
    """An error as PostgreSQL's driver raises it, in the language of its server."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("由于管理员命令中断联接")
        self.sqlstate = sqlstate


def raised(by: type[DatabaseError], sqlstate: str | None) -> DatabaseError:
    problem = by("由于管理员命令中断联接")
    problem.__cause__ = Numbered(sqlstate)
    return problem


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (raised(OperationalError, "57P01"), Trouble.AWAY),
        (raised(OperationalError, "53300"), Trouble.AWAY),
        (raised(OperationalError, "08006"), Trouble.AWAY),
        (raised(OperationalError, "53100"), Trouble.FULL),
        (raised(OperationalError, "55P03"), Trouble.BUSY),
        (raised(InternalError, "25006"), Trouble.READ_ONLY),
        (raised(DatabaseError, "42P01"), Trouble.NO_TABLES),
        (raised(OperationalError, None), Trouble.AWAY),  # the driver's own word that it cannot go on
        (raised(IntegrityError, "23505"), None),
        (raised(DatabaseError, "42601"), None),
    ],
)
def test_a_server_that_speaks_another_language_is_understood_by_its_numbers(problem: Exception, kind: Trouble | None):
    assert trouble_of(problem) is kind
