"""Files of a city, read back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow.parquet

from hege.arrears.queries import who_holds_the_money
from hege.city.engines import who_holds
from hege.city.rules import Layer
from hege.metering.models import SupplyPoint


def rows_of(folder: Path, table: str) -> list[dict[str, Any]]:
    """All rows of one table, with the columns that stand in the names of folders."""
    found: list[dict[str, Any]] = pyarrow.parquet.read_table(folder / table).to_pylist()
    return found


def unlike(folder: Path, days: Iterable[dt.date]) -> list[str]:
    """The meters whose figures in the files are not those of ``hege money`` at the end of these days."""
    wrong = []
    for day in days:
        _day, answers = who_holds([folder], on=day)
        told = {(a.street, a.meter): (a.confirmed._asdict(), a.with_claims._asdict()) for a in answers}
        wanted = {}
        for point in SupplyPoint.objects.select_related("street"):
            held = who_holds_the_money(point, on=day)
            wanted[point.street.code, point.code] = tuple(
                {name: getattr(layer, name) for name in Layer._fields} for layer in (held.confirmed, held.with_claims)
            )
        wrong += [f"{day} {key}" for key in wanted.keys() | told.keys() if wanted.get(key) != told.get(key)]
    return wrong
