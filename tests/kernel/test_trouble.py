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
