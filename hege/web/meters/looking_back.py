"""预警回看: when each kind of signal would have come first at a meter, by either view, over the curve of what was owed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.arrears.backtest.queries import Backtest, Past, View, backtest_of, read, seen_by
from hege.arrears.backtest.rules import Fired, owed_on
from hege.arrears.early_warning.rules import WarningKind
from hege.arrears.early_warning.sentences import says
from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.metering.models import SupplyPoint
from hege.web.access import Desk
from hege.web.jinja import day, daylong
from hege.web.marks import Tab, Text
from hege.web.meters.page import month
from hege.web.shared.charts import Event, Series, TimeLine, time_line
from hege.web.warnings.page import GRAVE

#: So many month ends are drawn at most; of a longer time every second or third.
MOST_MONTHS = 25
#: The views by their word in the address; the first is asked where none is named.
VIEWS: dict[str, tuple[View, Text, Text]] = {
    "": (
        View.KNOWN_THEN, gettext_lazy("当天已登记的"),
        gettext_lazy("按每天结束时已经登记的情况判：那天的人打开这个系统，看到的就是这些。"),
    ),
    "now": (
        View.AS_IF_KNOWN, gettext_lazy("今天知道的"),
        gettext_lazy("按今天知道的全部情况判每一天：后来补登的也算当天就知道，当时不一定有人看得到。"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of signal: its number on the curve, its first day, what was owed then, what it said."""

    number: int
    fired: Fired

    @property
    def label(self) -> str:
        return str(self.fired.finding.kind.label)

    @property
    def tone(self) -> str:
        return "red" if self.fired.finding.kind in GRAVE else "amber"

    @property
    def says(self) -> str:
        return says(self.fired.finding)


class LookingBack:
    """One meter looked back at from today."""

    def __init__(self, point: SupplyPoint, desk: Desk, *, view: str) -> None:
        self.point, self.desk, self.chosen = point, desk, view if view in VIEWS else ""
        self.lead = VIEWS[self.chosen][2]
        self._rows = read(point)
        self._pasts: dict[str, Past] = {}
        self._found: dict[str, Backtest] = {}

    def _past(self, view: str) -> Past:
        if view not in self._pasts:
            self._pasts[view] = seen_by(self._rows, view=VIEWS[view][0])
        return self._pasts[view]

    def found(self, view: str) -> Backtest:
        """What was found by a view; by the one that was not chosen the first day alone, which takes less."""
        if view not in self._found:
            self._found[view] = backtest_of(
                self._past(view), on=self.desk.today, view=VIEWS[view][0], first_alone=view != self.chosen
            )
        return self._found[view]

    @property
    def tabs(self) -> list[Tab]:
        here = self.desk.to("meters:looking_back", self.point.code)
        return [
            Tab(name, here + (f"?view={word}" if word else ""), word == self.chosen)
            for word, (_view, name, _lead) in VIEWS.items()
        ]

    @property
    def firsts(self) -> list[tuple[Text, str]]:
        """Of either view the first signal of all, in words."""
        return [(VIEWS[word][1], self._first(self.found(word))) for word in VIEWS]

    def _first(self, found: Backtest) -> str:
        if not found.fired:
            return _("没有一类预警会响。") if found.began_on else _("还没有登记过账单、收付和读数。")
        first = found.fired[0]
        said = {"day": daylong(first.on), "kind": first.finding.kind.label, "owed": yuan(first.payable_fen)}
        return _("%(day)s，%(kind)s，那天欠水司 %(owed)s 元。") % said

    @cached_property
    def late(self) -> str:
        """Since when anything is written down of the meter, where its books speak of earlier days; empty where not."""
        then, now = self.found("").began_on, self.found("now").began_on
        if then is None or now is None or then <= now:
            return ""
        said = {"since": daylong(then), "from": daylong(now)}
        return _("这块表的账从 %(from)s 起，%(since)s 才开始登记；以前的日子是补登的，当天没有人能看到预警。") % said

    @cached_property
    def rows(self) -> list[Row]:
        return [Row(n, fired) for n, fired in enumerate(self.found(self.chosen).fired, 1)]

    @property
    def silent(self) -> list[str]:
        """The kinds of signal that never came."""
        heard = {row.fired.finding.kind for row in self.rows}
        return [str(kind.label) for kind in WarningKind if kind not in heard]

    @cached_property
    def curve(self) -> list[tuple[dt.date, int]]:
        """What was owed at the ends of months, on the days of first signals, and today, by the chosen view."""
        found = self.found(self.chosen)
        if found.began_on is None or found.began_on >= found.until_on:
            return []
        days = {found.began_on, found.until_on, *_month_ends(found.began_on, found.until_on)}
        days |= {row.fired.on for row in self.rows}
        in_order = sorted(days)
        return list(zip(in_order, owed_on(*self._past(self.chosen), in_order), strict=True))

    @property
    def chart(self) -> TimeLine | None:
        if not self.curve:
            return None
        ends = set(_month_ends(self.curve[0][0], self.curve[-1][0]))
        last = self.curve[-1][0]
        names = {on: month(on) for on in ends} | {last: " ".join(day(last).split(" ")[:2])}
        return time_line(
            [(on, names.get(on, "")) for on, _fen in self.curve],
            [Series("owed", _("欠水司"), [fen for _on, fen in self.curve])],
            [Event(row.fired.on, str(row.number), f"{row.number} {row.label}") for row in self.rows],
        )


def _month_ends(first: dt.date, last: dt.date) -> list[dt.date]:
    """The last days of the months between two days; of many every second, third, … counted from the latest."""
    ends = []
    end = last.replace(day=1) - DAY
    while end > first:
        ends.append(end)
        end = end.replace(day=1) - DAY
    return ends[:: 1 + len(ends) // MOST_MONTHS][::-1]
