"""A grid worker's morning: which stop is next, three taps, and how far the round of this month is."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _

from hege.arrears.queries import who_holds_the_money
from hege.arrears.rules import Holding, Standing, Stop, is_left, stops
from hege.cases.queries import last_visits, open_case_of, reports_of
from hege.cases.reports.actions import write_down_visit
from hege.cases.rules import MEANS, ShortlySaid
from hege.kernel.clock import day_of
from hege.kernel.money import yuan
from hege.metering.models import Connection, SupplyPoint
from hege.places.models import Unit
from hege.web.access import Desk
from hege.web.jinja import day
from hege.web.links import where
from hege.web.marks import Tab
from hege.web.shared.picture import squares
from hege.web.shared.scope import points_of

#: How many stops are listed below the next one.
LISTED = 8


class Next(NamedTuple):
    """A stop as the list of the rest shows it."""

    unit_code: str
    name: str
    note: str
    href: str


def meters_of(desk: Desk) -> QuerySet[SupplyPoint]:
    """The master meters one goes round, the one with most warnings that hold first; one query."""
    shops = Connection.objects.filter(street=desk.street).on(desk.today)
    points = points_of(desk, "meters.visit").filter(pk__in=shops.values("point_id"))
    warned = points.annotate(warned=Count("warnings", filter=Q(warnings__ended_on=None)))
    return warned.select_related("street__trail_head", "book").order_by("-warned", "code")


class Round:
    """The round behind one master meter: the one that warns most, or the one asked for by its code; and the stop before
    one, the next that is left or the one asked for."""

    def __init__(self, desk: Desk, code: str = "", unit_code: str = "") -> None:
        self.desk, self.street, self.today = desk, desk.street, desk.today
        self.asked, self.unit_code = code, unit_code
        self.since = desk.today.replace(day=1)

    @cached_property
    def meters(self) -> list[SupplyPoint]:
        return list(meters_of(self.desk))

    @cached_property
    def point(self) -> SupplyPoint | None:
        if self.asked:
            return next((p for p in self.meters if p.code == self.asked), None)
        return self.meters[0] if self.meters else None

    @cached_property
    def holding(self) -> Holding | None:
        return who_holds_the_money(self.point, on=self.today) if self.point else None

    @cached_property
    def stops(self) -> list[Stop]:
        if self.point is None or self.holding is None:
            return []
        seen = {code: on for code, (on, _who) in last_visits(self.point, on=self.today).items()}
        shops = Connection.objects.filter(street=self.street, point=self.point).on(self.today)
        return stops(self.holding, dict(shops.values_list("unit__code", "unit__name")), seen)

    @cached_property
    def left(self) -> list[Stop]:
        return [stop for stop in self.stops if is_left(stop, since=self.since)]

    @cached_property
    def stop(self) -> Stop | None:
        """The one asked for, else the first that is left."""
        if self.unit_code:
            return next((d for d in self.stops if d.code == self.unit_code), None)
        return self.left[0] if self.left else None

    @cached_property
    def after(self) -> list[Stop]:
        """Those left after it, round the block and from the first again."""
        if self.stop is None:
            return []
        here = self.stop.code
        rest = [d for d in self.left if d.code != here]
        return [d for d in rest if d.code > here] + [d for d in rest if d.code < here]

    def href(self, stop: Stop) -> str:
        """The address of a stop."""
        return where("today:visit", self.street.code, self.point.code if self.point else "", stop.code)

    @property
    def skip_href(self) -> str:
        return self.href(self.after[0]) if self.after else ""

    @property
    def rest(self) -> list[Next]:
        """What is left after this stop, no more than one look takes in."""
        return [Next(d.code, d.name, self._seen(d), self.href(d)) for d in self.after[:LISTED]]

    def _seen(self, stop: Stop) -> str:
        if stop.seen_on is None:
            return _("没走过")
        return _("%(day)s 走过") % {"day": day(stop.seen_on)}

    @property
    def why(self) -> str:
        """What somebody goes there for."""
        stop = self.stop
        if stop is None:
            return ""
        fen = {"sum": yuan(stop.fen)}
        says = {
            Standing.CLAIMED: _("店主说付过 %(sum)s 元，没有人见过收据。拍到收据，就能入账当凭证。"),
            Standing.UNKNOWN: _("有 %(sum)s 元还没人说得清付没付。问一问，有收据就拍下来。"),
            Standing.UNPAID: _("书面承认没付 %(sum)s 元。问一问后来付了没有、付给谁。"),
            Standing.PAID: _("账上都有凭证。问一问有没有别的事。"),
        }
        return says[stop.standing] % fen if stop.standing else _("还没有分到账单。认个门，问一问水费怎么交。")

    @property
    def seen(self) -> str:
        return self._seen(self.stop) if self.stop else ""

    @property
    def done(self) -> int:
        return len(self.stops) - len(self.left)

    @property
    def squares(self) -> list[dict[str, str]]:
        return squares(self.holding) if self.holding else []

    @property
    def tabs(self) -> list[Tab]:
        """One for each meter, where there are several."""
        if len(self.meters) < 2:
            return []
        here = where("today:index", self.street.code)
        return [Tab(p.name, f"{here}?meter={p.code}", p == self.point) for p in self.meters[:LISTED]]

    @cached_property
    def reports(self) -> tuple[int, str]:
        """How many reports wait to be looked into, and since when."""
        rows = reports_of(self.street, paths=self.desk.paths("reports.see")).waiting()
        found = rows.order_by().aggregate(n=Count("pk"), oldest=Min("submitted_at"))
        return found["n"], day(day_of(found["oldest"])) if found["oldest"] else ""

    def write_down(self, unit: Unit, *, found: ShortlySaid, by: Any, at: dt.datetime, **more: Any) -> object:
        """What the three taps say, as a visit of today; it goes to the case that is open about the meter."""
        assert self.point is not None
        how, receipts = MEANS[found]
        return write_down_visit(
            unit, point=self.point, visited_on=self.today, pays_how=how, receipts_held=receipts,
            case=open_case_of(self.point), by=by, at=at, **more,
        )  # fmt: skip
