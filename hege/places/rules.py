"""How the grid tree is put together, and by which paper a day is a working day."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import statutory_days
from hege.kernel.ids import derived
from hege.kernel.refused import Refused


def check_calendar_source(source: str) -> None:
    """Whoever counts on a day must find the paper that says so (放假安排的文号)."""
    if not source.strip() or len(source) > 80:
        raise Refused(_("请写明依据的文件，例如：国办发明电〔2026〕8号；不超过 80 个字。"), field="source")


def check_statutory(day: dt.date, *, works: bool) -> None:
    """No street works on a statutory holiday (《全国年节及纪念日放假办法》第二条); shifting is for the days around it."""
    name = statutory_days(day.year).get(day)
    if works and name:
        raise Refused(
            _("%(day)s 是法定节假日（%(name)s），不能改成工作日。"), day=day.isoformat(), name=name, field="kind"
        )


def path_of(parent_path: str, code: str) -> str:
    """The path of a place below its parent: the codes from the top down, each ended by ``/``."""
    return f"{parent_path}{code}/"


def check_place(*, code: str, parent_rank: int | None, rank: int) -> None:
    """A code must not break a path, and a place lies below its parent (层级); a layer may be left out.

    Ranks count the layers from the street down. Only the street itself has no parent.
    """
    if not code or "/" in code or len(code) > 30:
        raise Refused(_("网格编码不能为空、不能含“/”、不能超过 30 个字符。"), field="code")
    if parent_rank is None:
        if rank != 0:
            raise Refused(_("请选上级网格；只有街镇本身没有上级。"), field="parent")
    elif rank <= parent_rank:
        raise Refused(_("网格的层级要低于它的上级。"), field="level")


LONGEST_NAME = 60


def check_name(text: str, *, what: object, field: str) -> str:
    """A name without the spaces around it. Refused where it is empty, overlong or not to be printed."""
    name = text.strip()
    if not name:
        raise Refused(_("请写明%(what)s。"), what=what, field=field)
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise Refused(_("%(what)s最多 %(most)d 个字，不能有看不见的字符。"), what=what, most=LONGEST_NAME, field=field)
    return name


def covers(path: str, place_path: str) -> bool:
    """Whether a part of the tree takes in a place; an empty path is the whole street."""
    return place_path.startswith(path)


class Spell(NamedTuple):
    """The days of a tenancy, half-open; None means still in."""

    from_on: dt.date
    until_on: dt.date | None


def clash_of(spells: Iterable[Spell]) -> tuple[Spell, Spell] | None:
    """The first two spells of one unit that share a day, in order; None when all are apart."""
    order = sorted(spells, key=lambda s: s.from_on)
    for earlier, later in pairwise(order):
        if earlier.until_on is None or earlier.until_on > later.from_on:
            return earlier, later
    return None


def check_spells(code: str, spells: Sequence[Spell]) -> None:
    """A unit has one tenancy at a time, and each has at least one day (一户一租)."""
    if any(s.until_on is not None and s.until_on <= s.from_on for s in spells):
        raise Refused(_("退租日期要晚于入驻日期。"), field="退租日期")
    clash = clash_of(spells)
    if clash is not None:
        raise Refused(
            _("商铺 %(code)s 在 %(day)s 起已有租户，请先登记退租日期。"),
            code=code, day=clash[0].from_on.isoformat(), field="入驻日期",
        )  # fmt: skip


def check_may_leave(*, rented: bool) -> None:
    """Only who came can leave."""
    if not rented:
        raise Refused(_("这家店没有登记过租户，没有谁可以退租。"))


LONGEST_PATH = 200


def check_path(path: str) -> None:
    """The codes from the top down, joined, are a column of the database."""
    if len(path) > LONGEST_PATH:
        raise Refused(_("从街镇往下的编码连起来超过 200 个字符，请用短一些的编码。"), field="code")


def check_renamed_on(on: dt.date, *, from_on: dt.date, today: dt.date) -> None:
    """A name holds from a day within the life of its place that has come."""
    if not from_on <= on <= today:
        raise Refused(_("改名的日期要在设立日期和今天之间。"), field="on")


def check_standing(*, until_on: dt.date | None) -> None:
    """A part of the grid that was closed takes nothing in and is not changed."""
    if until_on is not None:
        raise Refused(_("这个网格已经关闭，不能再改。"))


def check_closable(*, is_street: bool, below: int, units: int, points: int, people: int) -> None:
    """Nothing may be left in a part of the grid that is closed: whoever looked after it would not see it any more."""
    if is_street:
        raise Refused(_("街镇本身不能关闭。"))
    left = {_("下级网格"): below, _("商铺"): units, _("总表"): points, _("岗位"): people}
    told = _("、").join(f"{name} {n}" for name, n in left.items() if n)
    if told:
        raise Refused(_("里面还有%(left)s，请先移走或结束，再关闭。"), left=told)


def check_closed_on(on: dt.date, *, from_on: dt.date) -> None:
    """The first day without it comes after its first day."""
    if on <= from_on:
        raise Refused(_("关闭日期要晚于设立日期。"), field="on")


def code_tokens(street_id: int, unit_id: int, serial: int) -> Iterator[str]:
    """The secret of a unit's printed code (二维码), 26 symbols, over 128 bits: by today's key, then by each former one."""
    return derived(f"unit:{street_id}:{unit_id}:{serial}", 26)


def token_hash(token: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()
