"""The watch keeps itself beside the site: on its time of day, at once where today's is missing, until told to stop."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError

from hege.arrears.queries import watch_kept
from hege.cli.watch import BESIDE, told_to_stop, watch_over
from hege.kernel.clock import SHANGHAI
from hege.settings import watch_time
from tests.cast import Row

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


def test_it_is_kept_at_once_where_todays_is_missing_and_then_not_before_its_time(row: Row):
    assert kept(row, shanghai(16, 3)) == shanghai(16, 3)
    assert kept(row, shanghai(16, 12), shanghai(17, 0), shanghai(17, 5, 59)) == shanghai(16, 3)
    assert kept(row, shanghai(16, 12), shanghai(17, 5, 59), shanghai(17, 6), shanghai(17, 7)) == shanghai(17, 6)


def test_trouble_of_the_database_is_tried_again(row: Row, monkeypatch: pytest.MonkeyPatch):
    tries: list[object] = []

    def locked(*_args: object, **_kwargs: object) -> None:
        tries.append(1)
        raise DatabaseError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr("hege.cli.watch.keep_days_watch", locked)
        assert kept(row, shanghai(16, 3), shanghai(16, 3, 1)) is None
    assert len(tries) == 2
    assert kept(row, shanghai(16, 3, 2)) == shanghai(16, 3, 2)


def test_it_ends_where_the_site_was_gone_before_it_had_begun(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(signal, "signal", lambda _number, _handler: None)
    monkeypatch.setattr("hege.cli.watch.close_old_connections", lambda: None)
    monkeypatch.setenv(BESIDE, str(os.getpid()))  # no process is its own parent
    assert told_to_stop()(2)
    monkeypatch.delenv(BESIDE)
    assert not told_to_stop()(1)


@pytest.mark.parametrize("text", ["25:61", "24:00", "6:00", "06:00:00", "六点"])
def test_a_time_no_clock_shows_is_refused_with_the_mend(text: str):
    with pytest.raises(
        ImproperlyConfigured, match=f"HEGE_WATCH_AT is '{text}': write a time of day from 00:00 to 23:59"
    ):
        watch_time(text)
    assert watch_time("23:59") == dt.time(23, 59)


@pytest.mark.slow
def test_two_processes_beside_one_database_keep_it_once_and_stop_when_told(tmp_path: Path):
    file = tmp_path / "watched.sqlite3"
    env = {**os.environ, "HEGE_DATABASE_URL": f"sqlite:///{file}"}
    hege = [sys.executable, "-m", "hege.cli.main"]
    setup = [*hege, "setup", "--street", "310117006", "--name", "试", "--password-stdin"]
    subprocess.run(setup, env=env, check=True, input=b"Str33t-office-47!\n", stdout=subprocess.DEVNULL)
    both = [
        subprocess.Popen([*hege, "daily", "--watch"], env=env, stdout=subprocess.PIPE, text=True) for _n in range(2)
    ]
    said = [process.stdout for process in both if process.stdout]
    try:
        for pipe in said:
            assert "核对" in pipe.readline()
        rows = sqlite3.connect(file)
        for _n in range(200):
            watched = rows.execute("SELECT kept_at, lease_until FROM arrears_dailywatch").fetchall()
            if watched and watched[0][0]:
                break
            time.sleep(0.1)
        assert [lease for _kept, lease in watched] == [None]
        assert [p.poll() for p in both] == [None, None]
    finally:
        for process in both:
            process.send_signal(signal.SIGTERM)
        codes = [p.wait(timeout=20) for p in both]
        for pipe in said:
            pipe.close()
    assert codes == [0, 0]


def test_keeping_the_day_by_hand_is_on_record(row: Row):
    call_command("daily")
    assert watch_kept(row.street) is not None
