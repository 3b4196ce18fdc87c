"""How each thing looked at of an installation stands, and what stops the site."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.installation.rules import Chore, Finding, Ran, Room, State, clock_fault, room_left

pytestmark = pytest.mark.once
NOW = dt.datetime(2026, 11, 25, 4, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
MB = 1 << 20


@pytest.mark.parametrize(
    ("free", "state", "stops"), [(600, State.OK, False), (511, State.MEND, False), (15, State.MEND, True)]
)
def test_a_disk_that_gets_narrow_is_told_and_only_a_full_one_stops_the_site(free: int, state: State, stops: bool):
    found = room_left([Room("/tmp", 900 * MB, 512 * MB), Room("/var/lib/hege", free * MB, 512 * MB)])
    assert (found.code, found.state, found.stops) == ("disk", state, stops)
    assert f"/var/lib/hege {'的磁盘满了，' * stops}{'只剩' if free < 512 else '还有'} {free} MB" in found.text


@pytest.mark.parametrize(
    ("last_line", "database", "stops", "words"),
    [
        (None, None, False, "不早于留痕最后一行"),
        (NOW + dt.timedelta(minutes=4), NOW, False, "不早于留痕最后一行"),
        (NOW + DAY, NOW, True, "2026-11-26 12:00 还早"),
        (NOW - DAY, NOW + DAY, True, "数据库的时钟是 2026-11-26 12:00"),
        (NOW - 3 * DAY, NOW - DAY, True, "数据库的时钟是 2026-11-24 12:00"),
    ],
)
def test_a_clock_behind_the_trail_or_beside_the_databases_stops_the_site(last_line, database, stops, words):
    found = clock_fault(NOW, last_line=last_line, database=database)
    assert (found.stops, bool(found.mend)) == (stops, stops)
    assert words in found.text


COPY = Chore("backup", "备份", "运行 hege backup。", 36 * HOUR)


@pytest.mark.parametrize(
    ("ran", "began", "state", "words"),
    [
        (None, None, State.NOTE, "备份：还没有做过"),
        (None, NOW - DAY, State.NOTE, "备份：还没有做过"),
        (None, NOW - 2 * DAY, State.MEND, "备份：还没有做过"),
        (Ran(NOW - DAY, well=True, note=""), NOW - 9 * DAY, State.OK, "备份：上次 2026-11-24 12:00"),
        (Ran(NOW - 2 * DAY, well=True, note=""), None, State.MEND, "备份：上次 2026-11-23 12:00，过期了"),
        (Ran(NOW - HOUR, well=False, note="磁盘满了"), None, State.MEND, "备份：2026-11-25 11:00 没有做成：磁盘满了"),
    ],
)
def test_a_chore_that_failed_or_is_late_is_to_be_mended_and_never_stops_the_site(ran, began, state, words):
    found = COPY.finding(ran, now=NOW, began=began)
    mend = "" if state is State.OK else "运行 hege backup。"
    mend = f"请先处理这个原因。{mend}" if ran and not ran.well else mend
    assert found == Finding("backup", state, words, mend, stops=False)
