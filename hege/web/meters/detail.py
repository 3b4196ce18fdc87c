"""Everything the page of one master meter shows, gathered once; the template only lays it out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from hege.arrears.cutoff.models import DeferralCondition
from hege.arrears.cutoff.queries import CutoffState, cutoff_state
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.rules import WarningKind
from hege.arrears.queries import MonthEnd, monthly, who_holds_the_money
from hege.arrears.rules import Holding
from hege.billing.chart import AccountKind, TransactionKind
from hege.billing.models import Bill
from hege.cases.models import Case
from hege.cases.rules import FINISHED
from hege.kernel.money import yuan
from hege.kernel.periods import not_over
from hege.metering.models import Meter, PointRole, Reading, SupplyPoint
from hege.metering.rules import MeterKind, PointRoleKind, ReadingMethod
from hege.people.models import Party
from hege.places.models import Place
from hege.web.jinja import day, share
from hege.web.links import where
from hege.web.meters.asof import AsOf
from hege.web.meters.bills import bills_of
from hege.web.meters.shops import PaymentCounts, ShopRow, shop_rows
from hege.web.meters.transactions import milestones
from hege.web.shared.picture import NAMES, Claims, Picture, claims_of, picture

LATELY = 6


@dataclass
class MeterPage:
    """One master meter as of a day. Each figure is read once, when the template first asks for it."""

    point: SupplyPoint
    asof: AsOf

    @cached_property
    def holding(self) -> Holding:
        return who_holds_the_money(self.point, on=self.asof.on, known_at=self.asof.known_at)

    @cached_property
    def picture(self) -> Picture:
        return picture(self.holding, self.said_unpaid)

    @cached_property
    def claims(self) -> Claims:
        return claims_of(self.holding.confirmed, self.holding.with_claims)

    @cached_property
    def said_unpaid(self) -> dict[int, int]:
        """What a third record says shops owe, latest on or before the day, by tenancy; one query."""
        rows = self.point.book.assertions.filter(
            street=self.point.street_id, account_kind=AccountKind.TENANCY, on__lte=self.asof.on, tenancy__isnull=False
        )
        if self.asof.known_at:
            rows = rows.filter(recorded_at__lte=self.asof.known_at)
        return dict(rows.order_by("on", "pk").values_list("tenancy_id", "amount_fen"))

    @cached_property
    def counts(self) -> PaymentCounts:
        return PaymentCounts(self.point, on=self.asof.on, known_at=self.asof.known_at)

    @cached_property
    def shops(self) -> list[ShopRow]:
        return shop_rows(self.point, self.holding, self.counts)

    def shops_under(self, tab: str) -> int:
        """How many shops stand under a tab of the table."""
        return sum(row.fits(tab) for row in self.shops)

    @cached_property
    def master(self) -> Meter | None:
        """The master meter in service on the day, else the last one there was."""
        meters = Meter.objects.filter(street=self.point.street_id, point=self.point, kind=MeterKind.MASTER)
        return meters.filter(started_on__lte=self.asof.on).order_by("-started_on").first() or meters.first()

    @cached_property
    def _roles(self) -> list[PointRole]:
        day = self.asof.on
        roles = PointRole.objects.filter(
            not_over(day),
            street=self.point.street_id,
            point=self.point,
            from_on__lte=day,
        )
        return list(roles.select_related("party").order_by("from_on"))

    def _holder_of(self, kind: PointRoleKind) -> Party | None:
        return next((role.party for role in reversed(self._roles) if role.kind == kind), None)

    @property
    def account_holder(self) -> Party | None:
        return self._holder_of(PointRoleKind.ACCOUNT_HOLDER)

    @property
    def agent(self) -> Party | None:
        return self._holder_of(PointRoleKind.AGENT)

    # -- the picture's columns and table -------------------------------------------------------------------------------

    @property
    def columns(self) -> list[dict[str, Any]]:
        """What stands under the bar, in its order, each figure with what it rests on."""
        return [column for column in (self._held, self._unpaid, self._unproven, self._loss) if column]

    def _column(self, kind: str, title: str, *rows: dict[str, Any]) -> dict[str, Any]:
        fen = sum(row["fen"] for row in rows if not row.get("claimed"))
        shown = [row for row in rows if row["fen"] or row is rows[0]]
        return {"kind": kind, "title": title, "fen": fen, "share": share(fen, self.picture.total), "rows": shown}

    def _list(self, **query: str) -> str:
        return f"{reverse('meters:money', args=(self.point.street.code, self.point.code))}?{urlencode(query)}"

    def _shops(self, tab: str) -> str:
        base = reverse("meters:detail", args=(self.point.street.code, self.point.code))
        return self.asof.href(base, shops=tab) + "#shops"

    @property
    def _held(self) -> dict[str, Any]:
        p, seen = self.picture, self.counts.n(TransactionKind.RECEIPT)
        told = self.counts.unproven(TransactionKind.RECEIPT)
        return self._column(
            "held",
            _("收了没交 · 在%(who)s手里") % {"who": self.agent.name if self.agent else _("代收人")},
            {"label": _("已证实"), "fen": p.fen("held"), "evidence": _("%(n)s 笔收据") % {"n": seen} if seen else "",
             "href": self._list(kind="receipt", level="confirmed")},
            {"label": _("单方说"), "fen": p.fen("held", claimed=True), "claimed": True,
             "evidence": _("%(n)s 笔口述") % {"n": told}, "href": self._shops("claimed")},
        )  # fmt: skip

    @property
    def _unpaid(self) -> dict[str, Any]:
        p, n = self.picture, self.shops_under("acknowledged")
        return self._column(
            "unpaid",
            str(NAMES["unpaid"]),
            {"label": _("书面承认"), "fen": p.fen("unpaid"), "evidence": _("%(n)s 户") % {"n": n} if n else "",
             "href": self._shops("acknowledged")},
            {"label": _("单方说"), "fen": p.fen("unpaid", claimed=True), "claimed": True},
        )  # fmt: skip

    @property
    def _unproven(self) -> dict[str, Any]:
        p, n, opening = self.picture, self.shops_under("unproven"), max(0, self.holding.confirmed.unexplained)
        rest = p.fen("unproven")
        of_shops = max(0, rest - opening)
        return self._column(
            "unproven",
            str(NAMES["unproven"]),
            {"label": _("付没付说不清"), "fen": of_shops, "href": self._shops("unproven"),
             "evidence": _("%(n)s 户") % {"n": n} if n else ""},
            {"label": _("旧账没人说明"), "fen": rest - of_shops},
        )  # fmt: skip

    @property
    def _loss(self) -> dict[str, Any] | None:
        sure, fen = self.holding.confirmed, self.picture.fen("loss")
        if not fen:
            return None
        bills = reverse("meters:bills", args=(self.point.street.code, self.point.code))
        rows: list[dict[str, Any]] = [
            {"label": _("未分摊"), "fen": sure.unshared, "evidence": _("账单"), "href": bills},
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
    def cutoff(self) -> CutoffState:
        return cutoff_state(self.point, on=self.asof.on)

    @property
    def cutoff_href(self) -> str:
        notice = self.cutoff.notice
        return where("cutoffs:detail", self.point.street.code, notice.public_id) if notice else ""

    @cached_property
    def warnings(self) -> list[Chip]:
        """The warnings that hold on the meter, the most pressing first; only for today, as they are kept by day."""
        if not self.asof.is_now:
            return []
        order = list(WarningKind)
        rows = EarlyWarning.objects.filter(street=self.point.street_id, point=self.point, ended_on__isnull=True)
        found = sorted(rows, key=lambda w: order.index(WarningKind(w.kind)))
        return [
            Chip.of(w, self.point.street.code, self.asof.today) for w in found if w.kind != WarningKind.DEFERRAL_ENDING
        ]

    @cached_property
    def case_href(self) -> str:
        """The page of the open case about this meter, if there is one."""
        case = Case.objects.filter(street=self.point.street_id, point=self.point).exclude(state__in=FINISHED).first()
        return where("cases:detail", self.point.street.code, case.public_id) if case else ""

    @cached_property
    def trend(self) -> list[MonthEnd]:
        """A year of month ends, from the first on which anything was owed or held."""
        rows = monthly(self.point, on=self.asof.on, months=12)
        first = next((i for i, row in enumerate(rows) if row.payable or row.held), len(rows))
        return rows[max(0, first - 1) :]

    @property
    def trend_labels(self) -> list[str]:
        last = len(self.trend) - 1
        return [day(m.on) if i == last else month(m.on) for i, m in enumerate(self.trend)]

    @property
    def trend_series(self) -> list[dict[str, Any]]:
        return [
            {"kind": "owed", "name": str(_("欠水司")), "values": [m.payable for m in self.trend]},
            {"kind": "held", "name": str(_("收了没交")), "values": [m.held for m in self.trend]},
        ]

    @cached_property
    def lately(self) -> list[dict[str, Any]]:
        """Promises to come on top, then the last bills, remittances and reversals."""
        coming = [
            {
                "text": str(c.condition),
                "note": _("暂缓条件 · 最晚 %(day)s") % {"day": day(c.last_on)},
                "tone": "next",
            }
            for c in self.cutoff.conditions
            if c.met_on is None and not c.late
        ]
        base = reverse("meters:money", args=(self.point.street.code, self.point.code))
        done = [
            {"text": f"{row.what} {yuan(row.fen)}", "note": row.when, "tone": row.tone, "href": f"{base}{row.pk}/"}
            for row in milestones(self.point, on=self.asof.on)
        ]
        return (coming + done)[:LATELY]

    @cached_property
    def bills(self) -> list[Bill]:
        return list(bills_of(self.point).filter(issued_on__lte=self.asof.on)[:6])

    @cached_property
    def readings(self) -> list[Reading]:
        return list(readings_of(self.point).filter(read_on__lte=self.asof.on)[:6])


def readings_of(point: SupplyPoint) -> QuerySet[Any]:
    """Every reading of the master meter and the meters behind it, newest first; ``corrected`` and ``estimated`` say which."""
    rows: QuerySet[Any] = (
        Reading.objects.filter(street=point.street_id, meter__point=point)
        .select_related("meter__unit")
        .annotate(
            corrected=Exists(Reading.objects.filter(street=point.street_id, corrects=OuterRef("pk"))),
            estimated=ExpressionWrapper(Q(method=ReadingMethod.ESTIMATED), output_field=BooleanField()),
        )
        .order_by("-read_on", "meter__kind", "meter__number", "-pk")
    )
    return rows


@dataclass(frozen=True, slots=True)
class Chip:
    """A warning beside the meter's name."""

    chip: str
    grave: bool
    href: str

    @classmethod
    def of(cls, warning: EarlyWarning, street_code: str, today: dt.date) -> Chip:
        """Held money says for how many days; the others say their name."""
        kind = WarningKind(warning.kind)
        text = str(kind.label)
        if kind is WarningKind.HELD_TOO_OLD:
            text = _("滞留 %(n)s 天") % {"n": (today - warning.since).days}
        grave = kind in (WarningKind.HELD_TOO_OLD, WarningKind.BILL_OVERDUE, WarningKind.PAID_BUT_OVERDUE)
        return cls(text, grave, where("warnings:detail", street_code, warning.public_id))


def condition_words(condition: DeferralCondition) -> str:
    """A condition of a deferral as a sentence."""
    if condition.fen is None:
        return condition.text
    return f"{condition.get_kind_display()} {yuan(condition.fen)}"


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
