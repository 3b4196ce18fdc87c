"""Many rows that change at once, by their columns."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.rules import WarningKind, WarningState
from tests.cast import Cast, Row

MADE, SEEN = dt.date(2026, 2, 7), dt.date(2026, 2, 9)


@pytest.mark.both
def test_values_of_every_kind_are_changed_in_many_rows_at_once_and_in_no_other(cast: Cast, row: Row):
    def warning(key: str) -> EarlyWarning:
        return EarlyWarning.objects.create(
            street=row.street, point=row.point, kind=WarningKind.BILL_OVERDUE, state_key=key, since=MADE, figures={"n": 1},
            evidence=[], fired_on=MADE, seen_on=MADE,
        )  # fmt: skip

    first, second, other = warning("a"), warning("b"), warning("c")
    first.figures, first.state, first.ended_on, first.acknowledged_by = (
        {"词": "\"'\\"},
        WarningState.ACKNOWLEDGED,
        SEEN,
        cast.coordinator,
    )
    second.figures, second.note = {"n": [2, None]}, '逗号，{}、"引号"'
    changed = ["figures", "state", "ended_on", "acknowledged_by", "note"]
    assert EarlyWarning.objects.bulk_update([first, second], changed) == 2
    kept = {w.state_key: w for w in EarlyWarning.objects.all()}
    for mine in (first, second, other):
        for name in ("figures", "state", "ended_on", "acknowledged_by_id", "note", "seen_on"):
            assert getattr(kept[mine.state_key], name) == getattr(mine, name), name
