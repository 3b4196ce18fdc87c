"""The files of a city go out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from hege import __version__
from hege.city.files import building, put_in_place, write_street
from hege.city.queries import batches, ends_of_trails
from hege.city.rules import FORM, TABLES
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.snapshot import one_snapshot
from hege.people.models import Street, User
from hege.trail import actions as trail

Tell = Callable[[str, str], None]  # of which street, which table is next


def export_parquet(
    streets: Sequence[Street],
    folder: Path,
    *,
    by: User | None,
    at: dt.datetime,
    tell: Tell = lambda _street, _table: None,
) -> dict[str, dict[str, int]]:
    """Write the tables of some streets (导出全市数据) as one state of the database, and answer the rows of each, by street and
    table. They stand on each street's trail before the folder has its name.
    """
    with building(folder) as part:
        with one_snapshot():
            ends = ends_of_trails(list(streets))
            for street in streets:
                for table in TABLES:
                    tell(street.code, table.name)
                    write_street(part, street.code, table, batches(street, table))
        with atomic():
            for street in streets:
                trail.record("export_parquet", street, street=street, by=by, at=at, rows=dict(part.rows[street.code]))
        said = {"form": FORM, "release": __version__, "at": at.isoformat(), "day": day_of(at).isoformat()}
        put_in_place(part, {**said, "streets": [street.code for street in streets], "trail": ends})
    return {code: dict(rows) for code, rows in part.rows.items()}
