"""What the bearer of a shop's code may know: that shop, its present tenant, and nothing of anybody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.arrears.cutoff.models import Deferral
from hege.arrears.cutoff.queries import ConditionNow, CutoffState, cutoff_state
from hege.arrears.cutoff.rules import ConditionKind, CutoffStep
from hege.arrears.queries import thresholds_of, who_holds_the_money
from hege.arrears.rules import Holding, ThresholdKind, UnitMoney, reached
from hege.billing.chart import TransactionKind
from hege.billing.models import Payment, UtilityAccount
from hege.billing.payee.queries import account_to_pay
from hege.billing.queries import payments_of
from hege.cases.models import Case, Report
from hege.cases.queries import is_followed, open_case_of, timeline
from hege.cases.rules import CaseState, LineKind, ReportState
from hege.kernel.money import yuan
from hege.ledger.rules import Level
from hege.mediation.queries import instalments
from hege.metering.models import Connection, SupplyPoint
from hege.places.models import Tenancy, Unit, UnitLink
from hege.places.rules import token_hash
from hege.web.jinja import day, daylong, instant
from hege.web.marks import Chip, Text
from hege.web.shared.sayings import words_of

#: What the shop keeper is told of the case: what offices did and settled, not who asked whom for what.
TOLD = (
    LineKind.FILE, LineKind.CONFERENCE, LineKind.DECISION, LineKind.MEDIATION, LineKind.AGREEMENT, LineKind.CUTOFF,
    LineKind.MONEY, LineKind.METER, LineKind.CLOSE,
)  # fmt: skip
LINES_SHOWN = 5


def link_of(token: str) -> UnitLink | None:
    """The printed code a bearer holds, also a revoked one; ``None`` for a wrong one. One query, by hash."""
    links = UnitLink.objects.filter(token_hash=token_hash(token))
    return links.select_related("unit__street", "unit__place").first()


@dataclass
class ShopPage:
    """A shop as of today. Figures are read once, when the page asks for them."""

    unit: Unit
    today: dt.date

    @cached_property
    def tenancy(self) -> Tenancy | None:
        """Who rents it today. Whoever rented it before is nobody's business here."""
        rows = Tenancy.objects.filter(street=self.unit.street_id, unit=self.unit)
        return rows.on(self.today).first()

    @cached_property
    def point(self) -> SupplyPoint | None:
        """The master meter it draws from today."""
        found = Connection.objects.filter(street=self.unit.street_id, unit=self.unit).on(self.today)
        connection = found.select_related("point__street", "point__book").first()
        return connection.point if connection else None

    @cached_property
    def cutoff(self) -> CutoffState | None:
        return cutoff_state(self.point, on=self.today) if self.point else None

    @cached_property
    def _holding(self) -> Holding | None:
        return who_holds_the_money(self.point, on=self.today) if self.point and self.tenancy else None

    @cached_property
    def _accounts(self) -> list[UnitMoney | None]:
        """Its own account, confirmed and with claims; ``None`` before anything was charged or paid."""
        h, mine = self._holding, self.tenancy.pk if self.tenancy else None
        layers = (h.confirmed.units, h.with_claims.units) if h else ((), ())
        return [next((u for u in units if u.tenancy_id == mine), None) for units in layers]

    @property
    def money(self) -> UnitMoney | None:
        return self._accounts[0]

    @property
    def claimed(self) -> int:
        """What it says it paid beyond what is confirmed, in fen."""
        sure, told = self._accounts
        return max(0, told.paid - sure.paid) if told and sure else 0

    @property
    def reached(self) -> Chip:
        """Whether its money came to the utility, in a word."""
        arrived, held = self.arrived
        if held == 0:
            return Chip(_("到了"), "green", "circle-check")
        if arrived == 0:
            return Chip(_("还没有到"), "red", "alert-triangle")
        if held > arrived:
            return Chip(_("大部分还没到"), "red", "alert-triangle")
        return Chip(_("大部分到了"), "amber", "info-circle")

    @cached_property
    def cut(self) -> CutAnswer:
        """Whether its water will be cut."""
        return cut_answer(self)

    @cached_property
    def done(self) -> list[dict[str, object]]:
        """What is to come, and the public lines of the case that concern everybody behind the meter, the latest first."""
        lines: list[dict[str, object]] = []
        if self.cutoff and self.cutoff.deferral:
            ends = _("%(day)s 暂缓停水到期") % {"day": day(self.cutoff.last_day)}
            lines.append({"text": ends, "note": _("以后要停水，须重新书面通知"), "tone": "next"})
        if self.case:
            told = timeline(self.case, internal=False).filter(kind__in=TOLD)[:LINES_SHOWN]
            lines += [{"text": words_of(line) or line.get_kind_display(), "note": instant(line.at)} for line in told]
        return lines

    @property
    def doing(self) -> str:
        """What the street is doing, in a sentence."""
        if self.case:
            return _("正在办，案号 %(number)s") % {"number": self.case.number}
        return _("盯着停水的期限") if self.done else _("这块总表没有在办的事")

    @property
    def arrived(self) -> tuple[int, int]:
        """How much of its money came to the utility and how much is still held, computed by proportion (到账推算)."""
        if self._holding is None or self.money is None:
            return 0, 0
        all_money = self._holding.confirmed
        to_agent = max(0, self.money.paid - self.money.direct)
        return reached(to_agent, max(0, self.money.direct), all_money.collected, all_money.remitted)

    @cached_property
    def payments(self) -> list[Payment]:
        """Its own payments that stand, newest first."""
        if self.point is None or self.tenancy is None:
            return []
        return list(payments_of(self.point, [self.tenancy]).filter(transaction__reversed_by__isnull=True))

    @property
    def told_payments(self) -> list[tuple[Payment, str, bool, bool]]:
        """Each with how well it is proven, whether it went to the agent, and whether it is confirmed."""
        levels = [(p, p.transaction.level, p.transaction.kind == TransactionKind.RECEIPT) for p in self.payments]
        return [(p, level, to_agent, level == Level.CONFIRMED) for p, level, to_agent in levels]

    @cached_property
    def pay_to(self) -> UtilityAccount | None:
        """The account the utility has named, once two people have looked at it."""
        return account_to_pay(self.unit.street)

    @property
    def pay_number(self) -> str:
        """Its number in groups of four, as on a card: it breaks between two on a narrow phone."""
        number = self.pay_to.number if self.pay_to else ""
        return " ".join(number[i : i + 4] for i in range(0, len(number), 4))

    @cached_property
    def case(self) -> Case | None:
        """The open case about its master meter."""
        return open_case_of(self.point) if self.point else None


#: What becomes of a report, as who sent it reads it: the answer, and how it looks.
BECAME: dict[str, tuple[Text, str]] = {
    ReportState.SUBMITTED: (gettext_lazy("收到了，等网格员核实"), "water"),
    ReportState.VERIFYING: (gettext_lazy("网格员正在核实"), "water"),
    ReportState.ACCEPTED: (gettext_lazy("核实了，街道受理"), "green"),
    ReportState.DUPLICATE: (gettext_lazy("核实了，和别家的同一件事一起办"), "green"),
    ReportState.REJECTED: (gettext_lazy("没有受理"), "amber"),
    ReportState.WITHDRAWN: (gettext_lazy("撤回了"), ""),
}


@dataclass
class ReportedPage:
    """What became of one report, for who has its number."""

    report: Report

    @property
    def number(self) -> str:
        """As it is written down: in groups of four."""
        return grouped_number(self.report.public_id)

    @property
    def became(self) -> str:
        return str(BECAME[self.report.state][0])

    @property
    def tone(self) -> str:
        return BECAME[self.report.state][1]

    @property
    def case_said(self) -> str:
        """How far the case is that it became part of."""
        case = self.report.case
        if case is None:
            return ""
        said = {"number": case.number, "state": CaseState(case.state).label}
        return _("案号 %(number)s，现在：%(state)s。") % said

    @property
    def reason(self) -> str:
        """Why it was not taken up; what was found of others is not told here."""
        return self.report.finding if self.report.state == ReportState.REJECTED else ""

    @cached_property
    def followed(self) -> bool:
        return is_followed(self.report)


def grouped_number(public_id: str) -> str:
    """A number to be copied by hand, in groups of four."""
    return "-".join(public_id[i : i + 4] for i in range(0, len(public_id), 4)).upper()


class CutAnswer(NamedTuple):
    """The answer to 会停水吗: the sentence, what it means, and what a deferral rests on (what, when, how far)."""

    text: str
    tone: str
    icon: str
    note: str
    conditions: Sequence[tuple[str, str, str]] = ()
    after: str = ""


def cut_answer(s: ShopPage) -> CutAnswer:
    """Whether the water of a shop will be cut, as its keeper is told."""
    c, terms = s.cutoff, thresholds_of(s.unit.street, on=s.today)
    hours = {"hours": terms[ThresholdKind.NOTICE_HOURS]}
    if c is None:
        note = _("这家店没有登记接在哪块总表后面，查不到有没有停水通知。请打电话问。")
        return CutAnswer(_("现在说不准"), "amber", "info-circle", note)
    if c.step is None:
        rule = _(
            "街道没有登记过水务公司的催缴或停水通知。按规定，停水要先催缴，再书面通知，送达满 %(hours)s 小时以后才可以。"
        )
        return CutAnswer(_("没有登记停水通知"), "green", "shield-check", rule % hours)
    again = _("要停水，须重新书面通知，送达满 %(hours)s 小时以后才可以。") % hours
    if c.deferral:
        return _deferred(c, c.deferral, again, s.today)
    if c.spent:
        note = again + " " + _("街道还没有登记新的通知。")
        return CutAnswer(_("现在不停，暂缓已经结束"), "amber", "alert-triangle", note)
    if c.step is CutoffStep.DEMANDED:
        rule = _(
            "水务公司 %(day)s 催过总表的欠费，还没有登记停水通知。停水要先书面通知，送达满 %(hours)s 小时以后才可以。"
        ) % {"day": day(c.demanded_on), **hours}
        return CutAnswer(_("现在不停，已经催缴"), "amber", "alert-triangle", rule)
    if c.step is CutoffStep.CUT:
        since = _("停水时间：%(when)s。") % {"when": instant(c.cut_at)}
        back = _("催缴过的欠费缴清以后，水务公司应在 %(hours)s 小时内恢复供水。有事请打电话。")
        if c.restore_at:
            back = _("欠费已经缴清或者水务公司已经同意，应在 %(when)s 前恢复供水。到时还没有水，请打电话。")
        said = {"when": instant(c.restore_at), "hours": terms[ThresholdKind.RESTORE_HOURS]}
        return CutAnswer(_("已经停水"), "red", "droplet-off", f"{since} {back % said}")
    text = _("最早 %(when)s 可能停水") % {"when": instant(c.not_before_at)}
    return CutAnswer(text, "red", "alert-triangle", _("水务公司已书面通知。请先备一些水，有困难请马上打电话。"))


def _deferred(c: CutoffState, deferral: Deferral, again: str, today: dt.date) -> CutAnswer:
    """Put off: by whose word, until when, and on what that rests."""
    agreed = _("街道登记了暂缓停水，没有登记水务公司的书面同意")
    consent = deferral.consents.order_by("pk").last()
    if consent:
        said = {"on": day(consent.said_on), "document": consent.document}
        agreed = _("水务公司 %(on)s 同意暂缓停水（%(document)s）") % said
    until = _("，到 %(day)s（含当天）为止。下面的条件有一项没做到，暂缓就提前结束：") % {"day": daylong(c.last_day)}
    conditions = [(*_promised(row), _("已做到") if row.met_on else _("还没做到")) for row in c.conditions]
    if deferral.agreement:
        unpaid = [row for row in instalments(deferral.agreement, on=today) if not row.met]
        due = _("下一期最晚 %(day)s") % {"day": day(unpaid[0].last_on)} if unpaid else ""
        paid = _("还没付完") if unpaid else _("已做到")
        conditions.append((_("调解协议每一期按时付到水务公司"), due, paid))
    return CutAnswer(
        _("现在不停，暂缓到 %(day)s") % {"day": day(c.last_day)}, "green", "shield-check", agreed + until,
        conditions, _("暂缓到期或者提前结束以后：") + " " + again,
    )  # fmt: skip


def _promised(row: ConditionNow) -> tuple[str, str]:
    """What a condition asks for, and when it is looked at."""
    k, last = row.condition, {"day": day(row.last_on)}
    if k.kind == ConditionKind.PAYABLE_AT_MOST:
        return _("欠水务公司不超过 %(sum)s 元") % {"sum": yuan(k.fen or 0)}, _("看 %(day)s 那天") % last
    in_time = _("最晚 %(day)s") % last
    if k.kind == ConditionKind.REMIT_AT_LEAST:
        return _("向水务公司缴够 %(sum)s 元") % {"sum": yuan(k.fen or 0)}, in_time
    return k.text, in_time
