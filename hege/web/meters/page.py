"""What the pages of 总表台账 show: the list of master meters, and everything about one, gathered once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.arrears.backtest.queries import View
from hege.arrears.cutoff.queries import CutoffState, cutoff_state
from hege.arrears.cutoff.rules import check_demandable
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.queries import most_pressing, overdue_fen
from hege.arrears.early_warning.rules import WarningKind
from hege.arrears.forecast.queries import Tried, forecast_of
from hege.arrears.forecast.rules import LEAST
from hege.arrears.queries import MonthEnd, PointMoney, monthly, said_unpaid, who_holds_the_money
from hege.arrears.rules import Holding, ShopRow, shop_rows
from hege.billing.chart import TransactionKind
from hege.billing.models import Bill
from hege.billing.queries import bills_of, payment_counts
from hege.cases.queries import last_visits, open_case_of
from hege.kernel.clock import start_of
from hege.kernel.money import yuan
from hege.kernel.refused import allows
from hege.kernel.several import several
from hege.ledger.rules import Level
from hege.metering.models import Meter, Reading, SupplyPoint
from hege.metering.queries import holders_of, master_of, readings_of
from hege.metering.rules import PointRoleKind
from hege.people.models import Party
from hege.places.models import Place
from hege.search.queries import holding
from hege.search.rules import fold_text
from hege.web.access import Desk
from hege.web.forms import DayField
from hege.web.jinja import day, query, share
from hege.web.links import where
from hege.web.marks import Button, Chip, Tab, Text
from hege.web.meters.book_page import MILESTONES, TransactionRow, money_transactions
from hege.web.shared.charts import Series, TimeLine, time_line
from hege.web.shared.issued import Issued
from hege.web.shared.picture import NAMES, Claims, Picture, claims_of, picture, worst_first

LATELY = 6
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
OWING, CLEAR = "owing", "clear"
#: The tabs over the table of shops, as they stand in the address; the empty one shows all.
TABS: dict[str, Text] = {
    "owing": gettext_lazy("还欠"),
    "acknowledged": gettext_lazy("书面承认"),
    "claimed": gettext_lazy("只有口述"),
    "unproven": gettext_lazy("没有证据"),
    "": gettext_lazy("全部"),
}
GRAVE = (WarningKind.HELD_TOO_OLD, WarningKind.BILL_OVERDUE, WarningKind.PAID_BUT_OVERDUE)


class MeterList:
    """A person's master meters under a filter of the address, who owes the utility most first; pictures for one page."""

    def __init__(self, points: QuerySet[SupplyPoint], desk: Desk, *, tab: str, asked: str) -> None:
        self.points, self.desk, self.asked = points, desk, asked.strip()[:40]
        self.tab = tab if tab in (OWING, CLEAR) else ""

    @cached_property
    def found(self) -> dict[int, PointMoney]:
        """The keys of the points that the search words fit, with the money of each; two queries whatever their number."""
        rows = self.points
        if self.asked:
            street, words = self.desk.street, self.asked
            behind = Meter.objects.filter(street=street, pk__in=holding(street, Meter, words)).values("point_id")
            rows = rows.filter(Q(pk__in=holding(street, SupplyPoint, words)) | Q(pk__in=behind))
        return worst_first(self.desk, rows)

    @cached_property
    def ordered(self) -> list[int]:
        """The keys of the points under the tab."""
        return [pk for pk, m in self.found.items() if not self.tab or (m.payable > 0) == (self.tab == OWING)]

    @property
    def payable(self) -> int:
        """What the points under the filter owe the utility together, in fen, each counted above zero only."""
        return sum(max(0, self.found[pk].payable) for pk in self.ordered)

    @property
    def held(self) -> int:
        """What the agents of the points under the filter hold together, in fen."""
        return sum(self.found[pk].held for pk in self.ordered)

    @property
    def tabs(self) -> list[Tab]:
        owing = sum(money.payable > 0 for money in self.found.values())
        counts = {"": len(self.found), OWING: owing, CLEAR: len(self.found) - owing}
        names = {"": _("欠得多的在前"), OWING: _("有欠费"), CLEAR: _("没有欠费")}
        here = where("meters:index", self.desk.street.code)
        return [Tab(name, here + self.query(show=t), self.tab == t, counts[t]) for t, name in names.items()]

    def query(self, **changes: str) -> str:
        """The query of this list's address with something changed: ``?show=owing&q=…``."""
        return query({"show": self.tab, "q": self.asked} | changes)


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day a page is asked about; ``then`` asks what was known when it ended, not what is known now.

    ``wrong`` is what was typed and could not be read.
    """

    on: dt.date
    today: dt.date
    then: bool = False
    wrong: str = ""

    @classmethod
    def asked(cls, request: HttpRequest, today: dt.date) -> AsOf:
        """``?on=…&known=then``; a day that cannot be read is answered as of today, and said so."""
        typed, then = request.GET.get("on", "").strip(), request.GET.get("known") == "then"
        try:
            on = DayField(required=False).clean(typed) or today
        except ValidationError:
            on = dt.date.min
        return cls(on, today, then) if EARLIEST <= on <= LATEST else cls(today, today, then, typed[:40])

    @property
    def known_at(self) -> dt.datetime | None:
        """The instant the day ended, or ``None`` for "as known now"."""
        return start_of(self.on + dt.timedelta(days=1)) if self.then else None

    @property
    def is_now(self) -> bool:
        return self.on == self.today and not self.then

    def href(self, path: str, **more: str) -> str:
        """An address with the choice and more in its query; empty values are left out."""
        return path + query(self.chosen | more)

    @property
    def chosen(self) -> dict[str, str]:
        """The choice as the query of an address says it; what is as usual is empty."""
        on = "" if self.on == self.today else self.on.isoformat()
        return {"on": on, "known": "then" if self.then else ""}


@dataclass
class MeterPage:
    """One master meter as of a day. Each figure is read once, when the template first asks for it."""

    point: SupplyPoint
    asof: AsOf

    def _at(self, name: str) -> str:
        return where(f"meters:{name}", self.point.street.code, self.point.code)

    @cached_property
    def holding(self) -> Holding:
        return who_holds_the_money(self.point, on=self.asof.on, known_at=self.asof.known_at)

    @cached_property
    def picture(self) -> Picture:
        said = said_unpaid(self.point, on=self.asof.on, known_at=self.asof.known_at)
        return picture(self.holding, said)

    @cached_property
    def claims(self) -> Claims:
        return claims_of(self.holding.confirmed, self.holding.with_claims)

    @cached_property
    def counts(self) -> Counter[tuple[int | None, str, str]]:
        return payment_counts(self.point, on=self.asof.on, known_at=self.asof.known_at)

    @cached_property
    def shops(self) -> list[ShopRow]:
        """All tenancies behind the supply point, who owes most first, then who claims most, then by code."""
        return shop_rows(self.holding, self.counts, last_visits(self.point, on=self.asof.on))

    def shops_under(self, tab: str, asked: str = "") -> list[ShopRow]:
        """The shops that stand under a tab of the table, and whose code or name holds what is asked for."""
        part = fold_text(asked)
        return [row for row in self.shops if row.fits(tab) and part in fold_text(f"{row.money.code} {row.money.name}")]

    def tabs(self, current: str) -> list[Tab]:
        return [Tab(label, self._shops(t), t == current, len(self.shops_under(t))) for t, label in TABS.items()]

    @cached_property
    def master(self) -> Meter | None:
        return master_of(self.point, on=self.asof.on)

    @cached_property
    def holders(self) -> dict[str, Party]:
        return holders_of(self.point, on=self.asof.on)

    # -- the picture's columns and table -------------------------------------------------------------------------------

    @property
    def columns(self) -> list[dict[str, Any]]:
        """What stands under the bar, in its order, each figure with what it rests on."""
        return [column for column in (self._held, self._unpaid, self._unproven, self._loss) if column]

    def _column(self, kind: str, title: str, *rows: dict[str, Any]) -> dict[str, Any]:
        fen = sum(row["fen"] for row in rows if not row.get("claimed"))
        shown = [row for row in rows if row["fen"] or row is rows[0]]
        return {"kind": kind, "title": title, "fen": fen, "share": share(fen, self.picture.total), "rows": shown}

    def _shops(self, tab: str) -> str:
        return self.asof.href(self._at("detail"), shops=tab) + "#shops"

    def _receipts(self, *levels: Level) -> int:
        return sum(
            n for (_t, kind, level), n in self.counts.items() if kind == TransactionKind.RECEIPT and level in levels
        )

    @property
    def _held(self) -> dict[str, Any]:
        p, seen, agent = self.picture, self._receipts(Level.CONFIRMED), self.holders.get(PointRoleKind.AGENT)
        told = self._receipts(Level.CLAIMED, Level.CONTESTED)
        return self._column(
            "held",
            _("收了没交 · 在%(who)s手里") % {"who": agent.name if agent else _("代收人")},
            {"label": _("已证实"), "fen": p.fen("held"), "evidence": several("%(n)s 笔收据") % {"n": seen} if seen else "",
             "href": self._at("money") + query({"kind": "receipt", "level": "confirmed"})},
            {"label": _("单方说"), "fen": p.fen("held", claimed=True), "claimed": True,
             "evidence": _("%(n)s 笔口述") % {"n": told}, "href": self._shops("claimed")},
        )  # fmt: skip

    @property
    def _unpaid(self) -> dict[str, Any]:
        p, n = self.picture, len(self.shops_under("acknowledged"))
        return self._column(
            "unpaid",
            str(NAMES["unpaid"]),
            {"label": _("书面承认"), "fen": p.fen("unpaid"), "evidence": several("%(n)s 户") % {"n": n} if n else "",
             "href": self._shops("acknowledged")},
            {"label": _("单方说"), "fen": p.fen("unpaid", claimed=True), "claimed": True},
        )  # fmt: skip

    @property
    def _unproven(self) -> dict[str, Any]:
        n, rest = len(self.shops_under("unproven")), self.picture.fen("unproven")
        of_shops = max(0, rest - max(0, self.holding.confirmed.unexplained))
        return self._column(
            "unproven",
            str(NAMES["unproven"]),
            {"label": _("付没付说不清"), "fen": of_shops, "href": self._shops("unproven"),
             "evidence": several("%(n)s 户") % {"n": n} if n else ""},
            {"label": _("旧账没人说明"), "fen": rest - of_shops},
        )  # fmt: skip

    @property
    def _loss(self) -> dict[str, Any] | None:
        sure, fen = self.holding.confirmed, self.picture.fen("loss")
        if not fen:
            return None
        rows: list[dict[str, Any]] = [
            {"label": _("未分摊"), "fen": sure.unshared, "evidence": _("账单"), "href": self._at("bills")},
            {"label": _("公摊未定"), "fen": sure.common},
            {"label": _("损耗未定"), "fen": sure.loss},
        ]
        rows = [row for row in rows if row["fen"]]
        if sum(row["fen"] for row in rows) != fen:  # a credit was taken off: the parts no longer say how
            rows = [{"label": _("抵减以后"), "fen": fen}]
        return self._column("loss", str(NAMES["loss"]), *rows)

    @property
    def lines(self) -> list[tuple[str, int, int]]:
        """The identity as a table: each term, confirmed and with claims, credits with a minus; they sum to the payable."""
        sure, told = self.holding.confirmed, self.holding.with_claims
        terms: list[tuple[str, str, int]] = [
            (_("代收人持有（收了没交）"), "held", 1),
            (_("代收人垫付"), "fronted", -1),
            (_("商铺欠缴·书面承认"), "acknowledged", 1),
            (_("商铺欠缴·没有证据"), "unproven", 1),
            (_("商铺预付"), "advances", -1),
            (_("商铺代付可追偿"), "passed_over", -1),
            (_("未分摊"), "unshared", 1),
            (_("公摊未定"), "common", 1),
            (_("损耗未定"), "loss", 1),
            (_("尚无说明"), "unexplained", 1),
        ]
        return [(name, sign * getattr(sure, term), sign * getattr(told, term)) for name, term, sign in terms]

    # -- what stands round the picture -----------------------------------------------------------------------------------

    @cached_property
    def may_demand(self) -> bool:
        """Whether something overdue may be demanded now; where a procedure runs, its own page offers the next demand."""
        if not self.asof.is_now or self.cutoff.step or self.holding.confirmed.payable <= 0:
            return False
        return allows(check_demandable, state=None, overdue_fen=overdue_fen(self.point, on=self.asof.on))

    @cached_property
    def cutoff(self) -> CutoffState:
        return cutoff_state(self.point, on=self.asof.on)

    def chips(self, desk: Desk) -> list[Chip]:
        """How its water stands, what is wrong with it, the most pressing first, and whose it is."""
        c, street = self.cutoff, self.point.street
        href = where("cutoffs:detail", street.code, c.notice.public_id) if c.notice and desk.may("cutoffs.see") else ""
        found = []
        if c.deferral:
            left = {"day": day(c.last_day), "n": c.working_days_left}
            found.append(Chip(several("暂缓停水到 %(day)s，剩 %(n)s 个工作日") % left, "amber", "hourglass", href))
        elif c.spent:
            found.append(Chip(_("暂缓已结束，停水须重新书面通知"), "amber", "alert-triangle", href))
        elif c.step:
            found.append(Chip(c.step.label, "red", "droplet-off", href))
        if self.asof.is_now:  # warnings are kept by day
            rows = EarlyWarning.objects.filter(street=street, point=self.point).exclude(
                kind=WarningKind.DEFERRAL_ENDING
            )
            found += [self._warning(warning, desk) for warning in most_pressing(rows)]
        named = ((PointRoleKind.ACCOUNT_HOLDER, _("户名 %(name)s")), (PointRoleKind.AGENT, _("代收人 %(name)s")))
        found += [Chip(text % {"name": self.holders[kind].name}) for kind, text in named if kind in self.holders]
        return found

    def _warning(self, warning: EarlyWarning, desk: Desk) -> Chip:
        """Held money says for how many days; the others say their name."""
        text = str(WarningKind(warning.kind).label)
        if warning.kind == WarningKind.HELD_TOO_OLD:
            text = several("滞留 %(n)s 天") % {"n": (self.asof.today - warning.since).days}
        href = where("warnings:detail", desk.street.code, warning.public_id) if desk.may("warnings.see") else ""
        return Chip(text, "red" if warning.kind in GRAVE else "amber", "alert-triangle", href)

    @cached_property
    def case_href(self) -> str:
        """The page of the open case about this meter, if there is one."""
        case = open_case_of(self.point)
        return where("cases:detail", self.point.street.code, case.public_id) if case else ""

    def papers(self, desk: Desk) -> Issued:
        """What was issued about the meter itself, and what may be issued now."""
        to = self.point.street.code, self.point.code
        rows = [
            ("papers.state", True, _("出具对账单"), "meter_statement", "receipt"),
            ("papers.issue", True, _("出具公示"), "public_notice", "users-group"),
            ("papers.issue", self.may_demand, _("出具催缴函"), "demand_letter", "send"),
        ]
        buttons = [
            Button(label, where(f"papers:{name}", *to), icon) for right, fits, label, name, icon in rows
            if fits and desk.may(right)
        ]  # fmt: skip
        return Issued(desk, self.point, ("point",), buttons)

    @cached_property
    def trend(self) -> list[MonthEnd]:
        """A year of month ends, from the first on which anything was owed or held."""
        rows = monthly(self.point, on=self.asof.on, months=12)
        first = next((i for i, row in enumerate(rows) if row.payable or row.held), len(rows))
        return rows[max(0, first - 1) :]

    @property
    def trend_chart(self) -> TimeLine:
        days = [m.on for m in self.trend]
        return time_line(
            [
                *((on, month(on)) for on in days[:-1]),
                (days[-1], " ".join(day(days[-1]).split(" ")[:2])),
            ],  # without a year
            [
                Series("owed", _("欠水司"), [m.payable for m in self.trend]),
                Series("held", _("收了没交"), [m.held for m in self.trend]),
            ],
        )

    @cached_property
    def forecast(self) -> Tried:
        """What is expected to be owed at the end of the next three periods; one query."""
        return forecast_of(self.point, on=self.asof.on)

    @property
    def why_no_forecast(self) -> str:
        """Why nothing is expected; empty where something is."""
        few = {"least": LEAST, "n": len(self.forecast.forecast.ends)}
        if self.forecast.forecast.has_enough:
            return ""
        return _("不满 %(least)s 期（只有 %(n)s 期结束），说不出往后会怎样。") % few

    @property
    def tried_by(self) -> str:
        """By what its past words were tried, in words."""
        if self.forecast.view is View.AS_IF_KNOWN:
            return _("以往各期的账是补登的，差多少按今天知道的情况对。")
        return _("以往差多少，按当时已登记的情况预测，再和后来的实数对。")

    @cached_property
    def lately(self) -> list[dict[str, Any]]:
        """Promises to come on top, then the last bills, remittances, late fees and reversals."""
        coming = [
            {"text": str(c.condition), "note": _("暂缓条件 · 最晚 %(day)s") % {"day": day(c.last_on)}, "tone": "next"}
            for c in self.cutoff.conditions
            if c.met_on is None and not c.late
        ]
        found = money_transactions(self.point).filter(kind__in=MILESTONES, effective_on__lte=self.asof.on)
        done = [
            {"text": f"{row.what} {yuan(row.fen)}", "note": row.when, "tone": row.tone,
             "href": f"{self._at('money')}{row.pk}/"}
            for row in map(TransactionRow, found[:LATELY])
        ]  # fmt: skip
        return (coming + done)[:LATELY]

    @cached_property
    def bills(self) -> list[Bill]:
        return list(bills_of(self.point).filter(issued_on__lte=self.asof.on)[:6])

    @cached_property
    def readings(self) -> list[Reading]:
        return list(readings_of(self.point).filter(read_on__lte=self.asof.on)[:6])


def month(value: dt.date) -> str:
    """The month of a day for the axis of a chart: ``11月``, in English ``Nov``."""
    words = day(value).split(" ")
    return words[1] if len(words) > 1 else _("%(n)s月") % {"n": value.month}


def grid_path(place: Place | None) -> list[tuple[str, str]]:
    """The grid above a place as breadcrumbs without links, without the street itself; one query for any depth."""
    if place is None:
        return []
    codes = [code for code in place.path.split("/") if code]
    paths = ["/".join(codes[: i + 1]) + "/" for i in range(1, len(codes))]
    rows = Place.objects.filter(street=place.street_id, path__in=paths).order_by("path")
    return [(name, "") for name in rows.values_list("name", flat=True)]
