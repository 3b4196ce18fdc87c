"""The list of master meters (总表台账): filtered by the address, who owes most first, pictures for one page only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from hege.arrears.queries import PointTotal, held_by_agents, holdings, points_by_payable
from hege.arrears.rules import Holding
from hege.metering.models import SupplyPoint
from hege.web.access import Desk
from hege.web.marks import Tab
from hege.web.shared.picture import Picture, picture

OWING, CLEAR = "owing", "clear"


@dataclass(frozen=True, slots=True)
class MeterRow:
    """One master meter with its money and the picture of it."""

    point: SupplyPoint
    holding: Holding
    picture: Picture


class MeterList:
    """A person's master meters under a filter. Sorted by what each owes the utility, confirmed rows only."""

    def __init__(self, points: QuerySet[SupplyPoint], desk: Desk, *, tab: str, asked: str) -> None:
        self.desk = desk
        self.tab = tab if tab in (OWING, CLEAR) else ""
        self.asked = asked.strip()[:40]
        self.points = points

    @cached_property
    def ranked(self) -> dict[int, PointTotal]:
        """What each point owes, who owes most first, by key; four queries whatever their number."""
        totals = points_by_payable(self.desk.street, on=self.desk.today, paths=self.desk.paths("meters.see"))
        return {total.point_id: total for total in totals}

    @cached_property
    def found(self) -> list[SupplyPoint]:
        """The points that the search words fit, who owes most first."""
        rows = self.points.select_related("place", "book")
        if self.asked:
            words = self.asked
            rows = rows.filter(
                Q(code__icontains=words)
                | Q(name__icontains=words)
                | Q(location__icontains=words)
                | Q(pk__in=self.points.filter(meters__number__icontains=words).values("pk"))
            )
        place = {pk: number for number, pk in enumerate(self.ranked)}
        return sorted(rows, key=lambda p: place[p.pk])

    @cached_property
    def ordered(self) -> list[SupplyPoint]:
        """The points under the tab, who owes most first."""
        return [p for p in self.found if self._fits(p)]

    def _fits(self, point: SupplyPoint) -> bool:
        return not self.tab or (self.ranked[point.pk].payable > 0) == (self.tab == OWING)

    @property
    def payable(self) -> int:
        """What the points under the filter owe the utility together, in fen, each counted above zero only."""
        return sum(max(0, self.ranked[p.pk].payable) for p in self.ordered)

    @cached_property
    def held(self) -> int:
        """What the agents of the points under the filter hold together, in fen."""
        held = held_by_agents(self.desk.street, on=self.desk.today, paths=self.desk.paths("meters.see"))
        return sum(held[p.pk][0] for p in self.ordered if p.pk in held)

    def count(self, tab: str) -> int:
        """How many of the found points stand under a tab."""
        owing = sum(self.ranked[p.pk].payable > 0 for p in self.found)
        return {OWING: owing, CLEAR: len(self.found) - owing}.get(tab, len(self.found))

    @property
    def tabs(self) -> list[Tab]:
        here = reverse("meters:index", args=(self.desk.street.code,))
        names = {"": _("欠得多的在前"), OWING: _("有欠费"), CLEAR: _("没有欠费")}
        return [Tab(name, here + self.query(show=t), self.tab == t, self.count(t)) for t, name in names.items()]

    def rows(self, points: Iterable[SupplyPoint]) -> list[MeterRow]:
        """The rows of one page with who holds the money of each; four queries whatever their number."""
        shown = list(points)
        held = holdings(self.desk.street, shown, on=self.desk.today)
        return [MeterRow(p, held[p.pk], picture(held[p.pk])) for p in shown]

    def query(self, **changes: str) -> str:
        """The address of this list with something changed: ``?show=owing&q=…``; empty values are left out."""
        now = {"show": self.tab, "q": self.asked} | changes
        return "?" + urlencode({k: v for k, v in now.items() if v})
