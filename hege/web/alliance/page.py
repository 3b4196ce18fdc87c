"""What the pages of 联盟单位 show: who is in it and brings what until when, and one unit with all it ever brought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.kernel.refused import allows
from hege.programme.alliance.models import AllianceUnit, Offering
from hege.programme.alliance.queries import alliance_units, brought, counts_of_units
from hege.programme.alliance.rules import OfferingKind, check_not_over
from hege.web.access import Desk
from hege.web.jinja import daylong
from hege.web.marks import Button, Chip, Tab, tabs

TABS: Mapping[str, str | Promise] = {"": gettext_lazy("在联盟里"), "ended": gettext_lazy("已退出")}
#: So many days before a term ends the page minds it.
SOON = dt.timedelta(days=30)


def over(until_on: dt.date | None, on: dt.date) -> bool:
    """Whether something has ended by a day."""
    return not allows(check_not_over, until_on=until_on, today=on)


def term(from_on: dt.date, until_on: dt.date | None, on: dt.date) -> Chip:
    """Until when something holds, as a mark."""
    if over(until_on, on):
        assert until_on is not None
        return Chip(_("到 %(day)s，已结束") % {"day": daylong(until_on - DAY)})
    if from_on > on:
        return Chip(_("%(day)s 开始") % {"day": daylong(from_on)}, "water", "hourglass")
    if until_on is None:
        return Chip(_("没有期限"), "green")
    told = _("到 %(day)s") % {"day": daylong(until_on - DAY)}
    return Chip(told, "amber", "clock") if until_on - on <= SOON else Chip(told, "green")


class Brings(NamedTuple):
    """One thing a unit brings: what, how much money, until when, and the button to end it."""

    offering: Offering
    term: Chip
    over: bool
    end: Button | None

    @property
    def fen(self) -> int | None:
        return self.offering.amount_fen


class Ally:
    """One unit as a page shows it."""

    def __init__(self, unit: AllianceUnit, desk: Desk) -> None:
        self.unit, self.desk = unit, desk

    @property
    def term(self) -> Chip:
        return term(self.unit.from_on, self.unit.until_on, self.desk.today)

    @property
    def href(self) -> str:
        return self.desk.to("alliance:unit", self.unit.public_id)

    @cached_property
    def brings(self) -> list[Brings]:
        """What it brings now or will, before what it brought."""
        rows = [self._brings(offering) for offering in self.unit.offerings.all()]
        return sorted(rows, key=lambda row: row.over)

    def _brings(self, offering: Offering) -> Brings:
        ended = over(offering.until_on, self.desk.today)
        href = self.desk.to("alliance:end", self.unit.public_id, offering.public_id)
        may = self.desk.may("alliance.change") and not ended
        return Brings(
            offering, term(offering.from_on, offering.until_on, self.desk.today), ended,
            Button(_("不再提供"), href) if may else None,
        )  # fmt: skip

    @property
    def now(self) -> list[Brings]:
        """What has not ended."""
        return [row for row in self.brings if not row.over]

    @property
    def money_fen(self) -> int:
        """How much money it has on the table today, in fen."""
        today = self.desk.today
        return sum(row.fen or 0 for row in self.now if row.offering.from_on <= today)

    @property
    def buttons(self) -> list[Button]:
        """What this person may do to the unit now."""
        if not self.desk.may("alliance.change") or over(self.unit.until_on, self.desk.today):
            return []
        to = self.desk.to
        return [
            Button(_("改联系人和期限"), to("alliance:amend", self.unit.public_id), "edit"),
            Button(_("退出联盟"), to("alliance:leave", self.unit.public_id), "x"),
            Button(_("登记带来什么"), to("alliance:bring", self.unit.public_id), "plus", main=True),
        ]


class Tile(NamedTuple):
    """One figure of the strip above the list."""

    n: str | int
    label: str | Promise
    note: str
    href: str = "#list"
    late: bool = False


class Alliance:
    """The list: those in it, or those that have left."""

    def __init__(self, desk: Desk, tab: str) -> None:
        self.desk, self.tab = desk, tab if tab in TABS else ""

    @cached_property
    def counts(self) -> dict[str, int]:
        found = counts_of_units(self.desk.street, on=self.desk.today)
        return {"": found["running"], "ended": found["ended"]}

    @property
    def tabs(self) -> list[Tab]:
        return tabs(self.desk.to("alliance:index"), TABS, self.tab, self.counts)

    @cached_property
    def rows(self) -> list[Ally]:
        allies = [Ally(unit, self.desk) for unit in alliance_units(self.desk.street)]
        ended = self.tab == "ended"
        return [ally for ally in allies if over(ally.unit.until_on, self.desk.today) == ended]

    @cached_property
    def tiles(self) -> list[Tile]:
        """How much the alliance has today, kind by kind; money in yuan."""
        found = brought(self.desk.street, on=self.desk.today)
        money, fen = found[OfferingKind.MONEY]
        first = Tile(
            yuan(fen).removesuffix(".00"), _("元资金"), ngettext("%(num)s 笔", "%(num)s 笔", money) % {"num": money}
        )
        notes = {
            OfferingKind.VENUE: _("办活动用"), OfferingKind.COURSE: _("讲给骑手听"), OfferingKind.DISCOUNT: _("骑手能享受"),
        }  # fmt: skip
        return [first, *(Tile(found[kind][0], kind.label, note) for kind, note in notes.items())]
