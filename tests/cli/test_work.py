"""The worker keeps the watch on its time of day, at once where today's is missing, and does its chores at their hours."""

from __future__ import annotations

import datetime as dt
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from hege.arrears.queries import watch_kept
from hege.cli.shards import BESIDE
from hege.cli.work import do_chores, is_due, told_to_stop, watch_over
from hege.kernel.clock import SHANGHAI
from hege.settings import time_of_day
from tests.cast import Row

pytestmark = pytest.mark.once

SIX = dt.time(6)


def shanghai(day: int, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 2, day, hour, minute, tzinfo=SHANGHAI).astimezone(dt.UTC)


def clock_of(*instants: dt.datetime) -> tuple[Callable[[], dt.datetime], Callable[[int], bool]]:
    """A clock that goes through some instants, and a sleep that is told to stop after the last."""
    left: Iterator[dt.datetime] = iter(instants)
    rest = list(instants)

    def now() -> dt.datetime:
        rest.pop(0)
        return next(left)

    return now, lambda _seconds: not rest


def kept(row: Row, *instants: dt.datetime) -> dt.datetime | None:
    now, wait = clock_of(*instants)
    watch_over(now=now, wait=wait, since=SIX)
    return watch_kept(row.street)


@pytest.mark.both
def test_it_is_kept_at_once_where_todays_is_missing_and_then_not_before_its_time(row: Row):
    assert kept(row, shanghai(16, 3)) == shanghai(16, 3)
    assert kept(row, shanghai(16, 12), shanghai(17, 0), shanghai(17, 5, 59)) == shanghai(16, 3)
    assert kept(row, shanghai(16, 12), shanghai(17, 5, 59), shanghai(17, 6), shanghai(17, 7)) == shanghai(17, 6)


@pytest.mark.both
def test_trouble_of_the_database_is_tried_again(row: Row, monkeypatch: pytest.MonkeyPatch):
    tries: list[object] = []

    def locked(*_args: object, **_kwargs: object) -> None:
        tries.append(1)
        raise DatabaseError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr("hege.cli.work.keep_days_watch", locked)
        assert kept(row, shanghai(16, 3), shanghai(16, 3, 1)) is None
    assert len(tries) == 2
    assert kept(row, shanghai(16, 3, 2)) == shanghai(16, 3, 2)


def test_it_ends_where_the_site_was_gone_before_it_had_begun(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(signal, "signal", lambda _number, _handler: None)
    monkeypatch.setattr("hege.cli.work.close_old_connections", lambda: None)
    monkeypatch.setenv(BESIDE, str(os.getpid()))  # no process is its own parent
    assert told_to_stop()(2)
    monkeypatch.delenv(BESIDE)
    assert not told_to_stop()(1)


@pytest.mark.parametrize("text", ["25:61", "24:00", "6:00", "06:00:00", "六点"])
def test_a_time_no_clock_shows_is_refused_with_the_mend(text: str):
    with pytest.raises(
        ImproperlyConfigured, match=f"HEGE_WATCH_AT is '{text}': write a time of day from 00:00 to 23:59"
    ):
        time_of_day(text)
    assert time_of_day("23:59") == dt.time(23, 59)


NIGHT = [dt.time(2, 30)]


@pytest.mark.parametrize(
    ("times", "last", "at", "due"),
    [
        (NIGHT, None, shanghai(16, 2, 29), True),  # yesterday's was missed
        (NIGHT, shanghai(15, 2, 31), shanghai(16, 2, 29), False),
        (NIGHT, shanghai(15, 2, 31), shanghai(16, 2, 30), True),
        (NIGHT, shanghai(16, 2, 30), shanghai(16, 12), False),
        (NIGHT, shanghai(15, 12), shanghai(16, 12), True),  # the machine was off at night
        ([dt.time(3), dt.time(13)], shanghai(16, 3, 1), shanghai(16, 12, 59), False),
        ([dt.time(3), dt.time(13)], shanghai(16, 3, 1), shanghai(16, 13), True),
        ([], None, shanghai(16, 12), False),
    ],
)
def test_a_chore_is_due_when_it_has_not_run_since_the_last_of_its_hours(times, last, at, due):
    assert is_due(times, last, at=at) is due


def test_chores_are_commands_and_a_copy_is_made_only_where_there_is_a_place_for_it(row: Row, settings, monkeypatch):
    ran: list[str] = []
    monkeypatch.setattr("hege.cli.work._run", ran.append)
    settings.VERIFY_AT, settings.BACKUP_AT, settings.BACKUP_TO = NIGHT, [dt.time(3)], []
    assert do_chores(shanghai(16, 12), me="one") == ["verify"]
    settings.BACKUP_TO = [Path("/var/backups/hege")]
    assert do_chores(shanghai(16, 12), me="two") == ["verify", "backup"]
    assert ran == ["verify", "verify", "backup"]


def test_a_chore_that_fails_is_said_and_does_not_end_the_worker(row: Row, settings, monkeypatch, caplog):
    def fails(*_args: object, **_kwargs: object) -> None:
        raise CommandError("核验未通过：1 处问题。")

    monkeypatch.setattr("hege.cli.work.call_command", fails)
    settings.VERIFY_AT, settings.BACKUP_TO = NIGHT, []
    assert do_chores(shanghai(16, 12), me="one") == ["verify"]
    assert "核验未通过" in caplog.text


def test_keeping_the_day_by_hand_is_on_record(row: Row):
    call_command("daily")
    assert watch_kept(row.street) is not None
