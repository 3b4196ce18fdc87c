"""What the page of a season's figures shows: the answer in a sentence, and beside each chart its table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _

from hege.kernel.clock import day_of
from hege.kernel.money import yuan
from hege.kernel.several import several
from hege.programme.figures.queries import Evening, of_season
from hege.programme.figures.rules import Hidden, Shown
from hege.programme.seasons.models import Season
from hege.web.access import Desk
from hege.web.jinja import day, daylong
from hege.web.shared.charts import Chart, Figure, columns


class Row(NamedTuple):
    """One line of a table: its name, and its cells in the order of the columns."""

    name: str
    cells: Sequence[object]
    href: str = ""


def said(shown: Shown) -> str:
    """A number, or why none is said."""
    return str(shown) if isinstance(shown, int) else str(shown.label)


def _drawn(name: str, shown: Shown) -> Figure:
    """A column; of a number that is not said there is none, whatever it is."""
    return Figure(name, shown) if isinstance(shown, int) else Figure(name, 0, "<5" if shown is Hidden.FEW else "—")


class FiguresPage:
    """The figures of one season as far as it has come."""

    def __init__(self, season: Season, desk: Desk, *, at: dt.datetime) -> None:
        self.season, self.desk, self.on = season, desk, day_of(at)
        self.figures = of_season(season, at=at)

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        return [(_("全年计划"), self.desk.to("programme:index"))]

    @property
    def title(self) -> str:
        """The answer: how many people came to anything, and how often."""
        found, name = self.figures, {"name": self.season.name}
        if not found.evenings:
            return _("%(name)s：还没有办过活动") % name
        if not isinstance(found.came, int) or not isinstance(found.reached.total, int):
            return _("%(name)s的数字") % name
        came = {**name, "people": found.reached.total, "times": found.came}
        return several("%(name)s：%(people)s 个人来过，一共 %(times)s 人次", "people") % came

    @property
    def lead(self) -> str:
        until = min(self.on, self.season.last_on)
        days = {"first": daylong(self.season.from_on), "last": daylong(until), "n": len(self.figures.evenings)}
        if until < self.season.from_on:
            return _("%(first)s开始。") % days
        return _("%(first)s到%(last)s，办过 %(n)s 场。人数少于 5 的不写，也不让人从合计里减出来。") % days

    # -- who came ------------------------------------------------------------------------------------------------------

    @cached_property
    def reached(self) -> list[Row]:
        return [Row(str(work.label), [said(people)]) for work, people in self.figures.reached.parts.items()]

    @property
    def reached_total(self) -> str:
        return said(self.figures.reached.total)

    @property
    def reached_chart(self) -> Chart:
        parts = self.figures.reached.parts.items()
        return columns(_drawn(str(work.label), people) for work, people in parts)

    @property
    def is_apart(self) -> bool:
        """Whether a number is left out for the sake of another one."""
        found = self.figures
        shown = [*found.reached.parts.values(), *(one.came for one in found.evenings), found.came, found.late]
        return Hidden.APART in shown

    @cached_property
    def evenings(self) -> list[Row]:
        return [self._evening(one) for one in self.figures.evenings]

    def _evening(self, one: Evening) -> Row:
        activity, came = one
        signs_up = activity.capacity is not None
        cells = [
            day(day_of(activity.starts_at)), activity.capacity if signs_up else _("不用报名"),
            activity.taken if signs_up else "—", said(came),
        ]  # fmt: skip
        return Row(activity.title, cells, self.desk.to("programme:detail", activity.public_id))

    @property
    def evenings_chart(self) -> Chart:
        days = [day_of(one.activity.starts_at) for one in self.figures.evenings]
        return columns(
            _drawn(f"{on.month}.{on.day}", one.came) for on, one in zip(days, self.figures.evenings, strict=True)
        )

    @property
    def attendance(self) -> list[tuple[str, object]]:
        found = self.figures
        rate = "—" if found.percent is None else f"{found.percent}%"
        return [
            (
                _("一共到了"),
                several("%(n)s 人次") % {"n": found.came} if isinstance(found.came, int) else said(found.came),
            ),
            (_("其中迟到"), said(found.late)),
            (_("到场率"), rate),
            (_("服务时长"), _("%(n)s 小时") % {"n": found.hours}),
        ]

    # -- vouchers and money --------------------------------------------------------------------------------------------

    @cached_property
    def vouchers(self) -> list[Row]:
        return [
            Row(one.batch.title, [one.batch.payer.name, one.claimed, one.used, yuan(one.owed_fen)])
            for one in self.figures.given
        ]

    @property
    def vouchers_total(self) -> list[object]:
        given = self.figures.given
        return [sum(one.claimed for one in given), sum(one.used for one in given), yuan(self.figures.owed_fen)]

    @property
    def vouchers_chart(self) -> Chart:
        return columns(Figure(one.batch.title, one.used) for one in self.figures.given)

    @property
    def costs(self) -> list[tuple[str, object]]:
        """What the season cost, and for each time that somebody came, where that is said."""
        found = self.figures
        whole = found.spent_fen + found.owed_fen
        said_of = isinstance(found.came, int) and found.came
        each = _("%(sum)s 元") % {"sum": yuan(whole // said_of)} if said_of else "—"
        return [
            (_("活动花费"), _("%(sum)s 元") % {"sum": yuan(found.spent_fen)}),
            (_("能量券"), _("%(sum)s 元") % {"sum": yuan(found.owed_fen)}),
            (_("合计"), _("%(sum)s 元") % {"sum": yuan(whole)}),
            (_("每人次"), each),
            (_("季预算"), _("%(sum)s 元") % {"sum": yuan(self.season.budget_fen)}),
        ]

    # -- what was noticed ----------------------------------------------------------------------------------------------

    @cached_property
    def noticed(self) -> list[Row]:
        found = self.figures.noticed
        said_of = (
            (_("报来的"), found.reported), (_("查实"), found.true), (_("办完"), found.done), (_("不受理"), found.refused)
        )  # fmt: skip
        return [Row(name, [n]) for name, n in said_of]

    @property
    def noticed_chart(self) -> Chart:
        return columns(Figure(row.name, int(str(row.cells[0]))) for row in self.noticed)

    @property
    def rounds(self) -> str:
        """What members were given for it, in rounds that name no report."""
        found = self.figures.noticed
        return _("这一季入账 %(rounds)s 轮积分，共 %(points)s 分。") % {"rounds": found.rounds, "points": found.points}
