"""One thing looked at of an installation: how it stands, in words, and the mend."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext as _

from hege.kernel.clock import SHANGHAI
from hege.outbox.rules import Waiting
from hege.trail.rules import CLOCK_SLACK

LEAST_ROOM = 512 << 20  # bytes free on a disk: some months of a street, and a large file that comes in
LATE_MESSAGE = dt.timedelta(minutes=15)
FULL = 16 << 20  # below it nothing can be counted on to be written


class State(StrEnum):
    """How a thing stands, as ``hege check --json`` says it."""

    OK = "ok"
    NOTE = "worth_knowing"
    MEND = "to_be_mended"


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``code`` names it for programs and stays the same; ``text`` says what is, ``mend`` what to do
    about it in a sentence (empty where all is well). While one stands that ``stops``, the site can do no work."""

    code: str
    state: State
    text: str
    mend: str = ""
    stops: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing is to be said against it."""
        return self.state is State.OK


def told(
    code: str,
    wrong: object,
    good: str,
    bad: str,
    mend: str,
    values: Mapping[str, object] | None = None,
    *,
    state: State = State.MEND,
    stops: bool = False,
) -> Finding:
    """What is said of one thing, be it fine or ``wrong``; all three sentences take the same ``values``."""
    said = values or {}
    if wrong:
        return Finding(code, state, bad % said, mend % said, stops)
    return Finding(code, State.OK, good % said)


class Room(NamedTuple):
    """The room on the disk of a folder, in bytes: free, and the least that is fit for work."""

    folder: str
    free: int
    least: int


def nearest_to_its_end(rooms: Iterable[Room]) -> Room:
    """Of several folders the one to speak of."""
    return min(rooms, key=lambda room: room.free - room.least)


def room_left(rooms: Iterable[Room]) -> Finding:
    """Whether there is room enough wherever something is written."""
    room = nearest_to_its_end(rooms)
    said = {"folder": room.folder, "free": f"{room.free >> 20:,}", "least": f"{room.least >> 20:,}"}
    good, bad = _("%(folder)s 还有 %(free)s MB 空间"), _("%(folder)s 只剩 %(free)s MB 空间，至少要 %(least)s MB")
    mend = _("请清理磁盘，否则很快就不能登记。")
    if room.free < FULL:
        bad, mend = _("%(folder)s 的磁盘满了，只剩 %(free)s MB"), _("请马上清理磁盘；现在只能查看，不能登记。")
    return told("disk", room.free < room.least, good, bad, mend, said, stops=room.free < FULL)


def clock_fault(now: dt.datetime, *, last_line: dt.datetime | None, database: dt.datetime | None) -> Finding:
    """This machine's clock beside that of the last line of the trail and, where it is another machine's, the database's."""
    said: dict[str, object] = {"now": shown(now)}
    good = _("本机时钟是 %(now)s，不早于留痕最后一行")
    if last_line and last_line - now > CLOCK_SLACK:
        said["last"] = shown(last_line)
        bad, mend = (
            _("本机时钟是 %(now)s，比留痕最后一行的 %(last)s 还早：什么也登记不了"),
            _("请把时钟校准；如果现在是对的、是先前走快了，请管理员写明原因运行 hege clock --accept。"),
        )
        return told("clock", last_line, good, bad, mend, said, stops=True)
    if database and abs(database - now) > CLOCK_SLACK:
        said["database"] = shown(database)
        bad = _("本机时钟是 %(now)s，数据库的时钟是 %(database)s")
        return told("clock", database, good, bad, _("请把两台机器的时钟都校准。"), said, stops=True)
    return told("clock", None, good, "", "", said)


def shown(instant: dt.datetime) -> str:
    """An instant as a person here reads it."""
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def outbox_age(waiting: Waiting, *, now: dt.datetime) -> Finding:
    """Whether messages leave: what is due goes within minutes while a worker runs; what did not arrive waits for somebody."""
    late = waiting.since is not None and now - waiting.since > LATE_MESSAGE
    said = {"since": shown(waiting.since) if waiting.since else "", "n": waiting.dead}
    good = _("要发的消息都在发")
    if waiting.dead and not late:
        bad, mend = _("%(n)s 条消息没有送到"), _("请管理员在“发送通道”页看原因，重发，或写明理由不再发。")
        return told("outbox", waiting.dead, good, bad, mend, said, state=State.NOTE)
    bad = _("有消息从 %(since)s 起该发没发")
    return told("outbox", late, good, bad, _("请看 hege work 在不在运行（HEGE_WORK）。"), said)


class Ran(NamedTuple):
    """The last run of something that keeps the installation well."""

    at: dt.datetime
    well: bool
    note: str


@dataclass(frozen=True)
class Chore:
    """Something that has to run again and again: its code, its name, how it is run, and after how long it is late."""

    code: str
    name: str
    how: str
    late_after: dt.timedelta

    def finding(self, ran: Ran | None, *, now: dt.datetime, began: dt.datetime | None) -> Finding:
        """How it stands. What never ran is to be mended only once the installation has been there for so long."""
        said = {"name": self.name, "at": shown(ran.at) if ran else "", "note": ran.note if ran else ""}
        good, mend = _("%(name)s：上次 %(at)s"), self.how
        if ran is None:
            late = began is not None and now - began > self.late_after
            bad = _("%(name)s：还没有做过")
            return told(self.code, self, good, bad, mend, said, state=State.MEND if late else State.NOTE)
        if not ran.well:
            mend = _("请先处理这个原因。%(how)s") % {"how": self.how}
            return told(self.code, ran, good, _("%(name)s：%(at)s 没有做成：%(note)s"), mend, said)
        late = now - ran.at > self.late_after
        return told(self.code, late, good, _("%(name)s：上次 %(at)s，过期了"), mend, said)
