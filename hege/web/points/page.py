"""What 积分与时长 shows: what is in members' hands, what came and went, what this season's reports came to."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hege.kernel.several import several
from hege.points.queries import Sums


class Tile(NamedTuple):
    """One figure of the strip above the rounds."""

    n: int
    label: str
    note: str
    href: str
    late: bool = False


class PointsPage:
    """Both counters of the street and the reports of its season."""

    def __init__(self, points: Sums, minutes: Sums, posted: int, *, season: str) -> None:
        self.points, self.minutes, self.posted, self.season = points, minutes, posted, season

    @property
    def in_hand(self) -> int:
        """Points that can still be spent."""
        p = self.points
        return p.earned - p.taken_back - p.spent + p.reversed - p.expired

    @property
    def hours(self) -> int:
        """Whole honour hours."""
        return (self.minutes.earned + self.minutes.reversed) // 60

    @property
    def tiles(self) -> list[Tile]:
        """Four figures, each with what belongs to it."""
        return [
            Tile(self.in_hand, _("分在成员手里"), several("一共发出 %(n)s 分") % {"n": self.points.earned}, "#sums"),
            Tile(self.points.spent, _("分换了券"), _("积分只能换券"), "#sums"),
            Tile(self.hours, _("小时荣誉时长"), _("从签到签退算，只增不减"), "#sums"),
            Tile(
                self.posted, ngettext("件成员报的事已入账", "件成员报的事已入账", self.posted),
                _("还没有进轮次的不在这里数"), "#rounds",
            ),
        ]  # fmt: skip

    @property
    def sums(self) -> list[tuple[str, int]]:
        """What points came to until today."""
        p = self.points
        return [
            (_("发出的积分"), p.earned), (_("收回"), p.taken_back), (_("换券用掉"), p.spent), (_("退还"), p.reversed),
            (_("过期"), p.expired), (_("还在手里"), self.in_hand),
        ]  # fmt: skip
