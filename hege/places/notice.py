"""The State Council's yearly notice (国务院办公厅关于部分节假日安排的通知), read from its text."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY, is_weekday, statutory_days
from hege.kernel.refused import Refused

NAMES = "元旦|春节|清明节|劳动节|端午节|中秋节|国庆节"
ITEM = re.compile(rf"(?:^|[一二三四五六七八九十]、|[。；;])((?:{NAMES})(?:[、和及](?:{NAMES}))*):")
DATE = re.compile(r"(至|到|-|—|~)?(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^)]*)\))?")
WEEKDAY = re.compile("(?:周|星期)([一二三四五六日天])")
COUNT = re.compile(r"(?:共|放假)(\d+)天")
WEEKDAYS = "一二三四五六日"
LONGEST = 31


class NoticeDay(NamedTuple):
    """A day that a notice names: off, or worked to make up for one."""

    day: dt.date
    works: bool
    name: str


def read_notice(text: str, year: int) -> list[NoticeDay]:
    """The days a year's notice names, in order; refused in words where it cannot be what the State Council decided.

    The weekdays and counts printed in it are checked, so that another year's notice is not taken for this one.
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    heads = list(ITEM.finditer(plain))
    found: dict[dt.date, NoticeDay] = {}
    ends = [head.start(1) for head in heads[1:]] + [len(plain)]
    for head, end in zip(heads, ends, strict=False):
        for day, works in _item(plain[head.end() : end], year):
            found[day] = NoticeDay(day, works, head[1])
    days = sorted(found.values())
    _check(days, year)
    return days


def _item(body: str, year: int) -> Iterator[tuple[dt.date, bool]]:
    """The days of one holiday: dates wait for the word that says what they are."""
    dates: list[dt.date] = []
    last: list[dt.date] = []
    for clause in re.split("[。；;,]", body):
        dates += _dates(clause, year)
        counted = COUNT.search(clause)
        off = any(word in clause for word in ("放假", "补休", "休息"))
        if off or "上班" in clause:
            yield from ((day, not off) for day in dates)
            last, dates = dates, []
        if counted:
            _check_count(last, int(counted[1]), clause)


def _dates(clause: str, year: int) -> list[dt.date]:
    out: list[dt.date] = []
    of_year, month = year, 0
    for until, said_year, said_month, number, aside in DATE.findall(clause):
        before, of_year, month = month, int(said_year or of_year), int(said_month or month)
        if month < before and not said_year:
            of_year += 1
        try:
            day = dt.date(of_year, month, int(number))
        except ValueError as wrong:
            raise Refused(_("通知里的“%(text)s”不是一个日子。"), text=clause[:40], field="text") from wrong
        named = WEEKDAY.search(aside)
        if named and WEEKDAYS.index(named[1].replace("天", "日")) != day.weekday():
            raise Refused(
                _("通知写 %(day)s 是周%(said)s，实际是周%(really)s：请核对是不是 %(year)d 年的通知。"),
                day=day.isoformat(), said=named[1], really=WEEKDAYS[day.weekday()], year=year, field="text",
            )  # fmt: skip
        start = out[-1] + DAY if until and out else day
        if not dt.timedelta(0) <= day - start <= LONGEST * DAY:
            raise Refused(_("通知里的“%(text)s”起止不对。"), text=clause[:40], field="text")
        out += [start + n * DAY for n in range((day - start).days + 1)]
    return out


def _check_count(days: list[dt.date], said: int, clause: str) -> None:
    if len(days) != said:
        raise Refused(
            _("通知写“%(text)s”，数出来是 %(n)d 天：请核对有没有漏字。"), text=clause[:40], n=len(days), field="text"
        )


def _check(days: list[NoticeDay], year: int) -> None:
    """A notice names every statutory holiday of its year, and moves work to week's ends alone."""
    if not days:
        raise Refused(
            _("没有读到放假安排。请粘贴通知全文，例如：一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。"),
            field="text",
        )
    off = {row.day for row in days if not row.works}
    if missing := sorted(set(statutory_days(year)) - off):
        raise Refused(
            _("%(year)d 年的法定节假日 %(days)s 不在放假的日子里，没有登记。请粘贴通知全文。"),
            year=year, days=said_days(missing), field="text",
        )  # fmt: skip
    wrong = [r.day for r in days if (r.works and is_weekday(r.day)) or abs((r.day - dt.date(year, 7, 1)).days) > 200]
    if wrong:
        raise Refused(
            _("%(days)s 不像 %(year)d 年通知里的日子，请核对。"), days=said_days(wrong), year=year, field="text"
        )


def said_days(days: Iterable[dt.date]) -> str:
    """Days in a row of words, for refusals and the trail."""
    return "、".join(day.isoformat() for day in days)
