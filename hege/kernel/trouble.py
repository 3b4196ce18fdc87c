"""What the ground does when it gives way (数据库或磁盘故障): told apart by what the database or the system says.

Each kind needs another mend, and none is a defect of ours. Anything else that is raised is.
"""

from __future__ import annotations

import errno
import re
from enum import Enum, auto

from django.db import DatabaseError, InterfaceError, OperationalError


class Trouble(Enum):
    """What is wrong."""

    AWAY = auto()  # no server, no file, a connection cut in the middle
    BUSY = auto()  # somebody else holds the lock
    FULL = auto()  # no room on the disk
    READ_ONLY = auto()  # a file or a server that may be read only
    NO_TABLES = auto()  # an empty database, or one that was not brought up to date


#: What PostgreSQL says by number: its sentences come in the server's own language (SQLSTATE, appendix A of its handbook).
#: The longest beginning counts.
STATES: dict[str, Trouble] = {
    "42P01": Trouble.NO_TABLES,
    "42703": Trouble.NO_TABLES,
    "53100": Trouble.FULL,
    "25006": Trouble.READ_ONLY,
    "40P01": Trouble.BUSY,
    "40001": Trouble.BUSY,
    "55P03": Trouble.BUSY,
    "57014": Trouble.BUSY,
    "08": Trouble.AWAY,
    "53": Trouble.AWAY,
    "57P": Trouble.AWAY,
}
#: In this order, since a server names its connection in front of every reason.
SIGNS: tuple[tuple[Trouble, re.Pattern[str]], ...] = (
    (Trouble.NO_TABLES, re.compile(r"no such (table|column)|(relation|column) \S+ (of relation \S+ )?does not exist")),
    (Trouble.FULL, re.compile(r"database or disk is full|No space left on device|[Dd]isk quota exceeded")),
    (Trouble.READ_ONLY, re.compile(r"readonly database|read-only (transaction|file system)|Read-only file system")),
    (Trouble.BUSY, re.compile(r"is locked|lock timeout|deadlock detected|could not obtain lock|statement timeout")),
    (
        Trouble.AWAY,
        re.compile(
            r"unable to open database file|disk I/O error|connection (failed|to server|timeout|is closed|is lost)"
            r"|could not translate host|resolve host|server closed the connection|terminating connection"
            r"|(starting|shutting) ?(up|down)|remaining connection slots|too many clients|consuming input failed"
            r"|sending (query|data) failed|already closed|SSL (SYSCALL|connection)|(Connection|connection) (refused|reset)"
        ),
    ),
)
OF_THE_SYSTEM = {errno.ENOSPC: Trouble.FULL, errno.EDQUOT: Trouble.FULL, errno.EROFS: Trouble.READ_ONLY}


def trouble_of(problem: BaseException | None) -> Trouble | None:
    """What kind of trouble an error tells of; ``None`` for a defect."""
    if isinstance(problem, OSError):
        return OF_THE_SYSTEM.get(problem.errno or 0)
    if not isinstance(problem, DatabaseError | InterfaceError):
        return None
    cause = problem.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    numbered = (STATES.get(state[:length]) for length in (5, 3, 2))
    said = (kind for kind, sign in SIGNS if sign.search(str(problem)))
    # What else keeps PostgreSQL's own program from working is no defect of ours; SQLite calls a wrong statement so too.
    rest = Trouble.AWAY if isinstance(problem, OperationalError) and hasattr(cause, "sqlstate") else None
    return next((kind for kind in (*numbered, *said) if kind is not None), rest)
