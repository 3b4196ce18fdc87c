"""The day's watch is kept once, by whoever comes first; a run that was cut off is taken over."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError

from hege.arrears.early_warning import actions as early_warning
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.rules import WarningKind
from hege.arrears.models import DailyWatch
from hege.arrears.queries import streets_to_watch, watch_kept
from hege.kernel.clock import at_noon
from hege.procedures.actions import WATCH_LEASE, keep_days_watch, keep_watch
from tests.cast import Cast, Row

pytestmark = pytest.mark.once

OVERDUE = dt.date(2026, 2, 16)
NOON = at_noon(OVERDUE)
SECOND = dt.timedelta(seconds=1)


def test_the_days_watch_is_kept_once_and_the_next_day_again(row: Row):
    row.bill(fen=30_000)
    first = keep_days_watch(row.street, by=None, at=NOON)
    assert first is not None
    fired = [w.kind for w in first.warnings.fired]
    assert WarningKind.BILL_OVERDUE in fired
    assert keep_days_watch(row.street, by=None, at=NOON + SECOND) is None
    assert watch_kept(row.street) == NOON
    assert keep_days_watch(row.street, by=None, at=NOON + dt.timedelta(days=1)) is not None
    assert EarlyWarning.objects.count() == len(fired)


@pytest.mark.both
def test_a_run_that_was_cut_off_is_taken_over_when_its_lease_is_out(row: Row, monkeypatch: pytest.MonkeyPatch):
    row.bill(fen=30_000)

    def killed(*_args: object, **_kwargs: object) -> None:
        raise DatabaseError("killed")

    with monkeypatch.context() as patch:
        patch.setattr("hege.procedures.actions.record_warnings", killed)
        with pytest.raises(DatabaseError):
            keep_days_watch(row.street, by=None, at=NOON)
    assert (watch_kept(row.street), EarlyWarning.objects.count()) == (None, 0)
    assert keep_days_watch(row.street, by=None, at=NOON + WATCH_LEASE - SECOND) is None
    assert streets_to_watch(NOON + WATCH_LEASE - SECOND) == []
    assert keep_days_watch(row.street, by=None, at=NOON + WATCH_LEASE) is not None
    assert EarlyWarning.objects.filter(kind=WarningKind.BILL_OVERDUE).count() == 1


def test_a_run_that_outlasts_its_lease_leaves_the_day_to_who_came_after(row: Row, monkeypatch: pytest.MonkeyPatch):
    keep_days_watch(row.street, by=None, at=NOON)
    monkeypatch.setattr("hege.procedures.actions._take_lease", lambda *_args, **_kwargs: True)
    assert keep_days_watch(row.street, by=None, at=NOON) is None


def test_each_street_has_its_own_watch(row: Row, other_cast: Cast):
    keep_days_watch(row.street, by=None, at=NOON)
    assert streets_to_watch(NOON) == [other_cast.street]


def test_a_look_back_and_a_look_at_some_meters_keep_no_day(row: Row):
    keep_watch(row.street, on=OVERDUE - dt.timedelta(days=1), by=None, at=NOON)
    keep_watch(row.street, on=OVERDUE, points=[row.point], by=None, at=NOON)
    assert not DailyWatch.objects.exists()


def test_a_look_at_some_meters_ends_no_warning_of_another(row: Row, make_shops):
    row.bill(fen=30_000)
    other = make_shops(code="ZB-2", shops=1)
    other.bill("B-2", fen=10_000)
    keep_watch(row.street, on=OVERDUE, by=None, at=NOON)
    early_warning.record_warnings(row.street, on=OVERDUE, points=[other.point], by=None, at=NOON)
    assert EarlyWarning.objects.filter(ended_on__isnull=True, kind=WarningKind.BILL_OVERDUE).count() == 2
