"""What the first page of a demo shows: all of it read from the sample streets as they are now."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import NamedTuple

from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from hege.arrears.cutoff.models import CutoffNotice
from hege.arrears.queries import who_holds_the_money
from hege.arrears.rules import Holding
from hege.billing.models import Payment
from hege.cases.models import Task
from hege.cases.queries import open_case_of
from hege.cases.rules import AWAITS_ANSWER
from hege.conferences.models import Conference
from hege.kernel.clock import day_of
from hege.kernel.several import several
from hege.mediation.models import Agreement, Dossier
from hege.metering.models import SupplyPoint
from hege.people.models import Role, Street
from hege.places.models import Unit
from hege.places.queries import unit_tokens
from hege.stories.demo import BAIHE, HUAXIN, JIULITING, STREETS, is_half_played
from hege.stories.water_files import METER, shop_code
from hege.trail.models import TrailLine
from hege.web.links import where
from hege.web.shared.picture import Picture, picture
from hege.web.shop.page import ShopPage

#: Role -> the question its first page answers, in the order of the page; the first is where to begin.
ASKS: dict[Role, str | Promise] = {
    Role.COORDINATOR: _lazy("今天该催谁"),
    Role.GRID_WORKER: _lazy("下一家去哪"),
    Role.CLERK: _lazy("我单位要办的"),
    Role.CHECKER: _lazy("等核查的"),
    Role.MEDIATOR: _lazy("等签字的"),
    Role.AGENT: _lazy("手里还有多少"),
    Role.AUDITOR: _lazy("账改过没有"),
    Role.LEADER: _lazy("这个月怎么样"),
    Role.ADMINISTRATOR: _lazy("系统好不好"),
}
SHOP = shop_code(1)


class Person(NamedTuple):
    """Somebody to be: a user name, a role, the question of their first page."""

    username: str
    label: str | Promise
    asks: str | Promise


class Step(NamedTuple):
    """One step of the tour: where it is seen, and as whom; no ``href`` while it has not happened."""

    key: str
    title: str
    note: str
    see: str
    username: str
    href: str = ""


class DemoPage:
    """The newspaper's case, as of today."""

    def __init__(self, today: dt.date) -> None:
        self.today, self.code = today, JIULITING

    @cached_property
    def street(self) -> Street:
        return Street.objects.select_related("trail_head").get(code=JIULITING)

    @cached_property
    def point(self) -> SupplyPoint | None:
        """The master meter of the case; none while the demo has only just begun."""
        found = SupplyPoint.objects.filter(street=self.street, code=METER)
        return found.select_related("street", "book").first()

    @cached_property
    def holding(self) -> Holding | None:
        return who_holds_the_money(self.point, on=self.today) if self.point else None

    @cached_property
    def picture(self) -> Picture | None:
        """Who holds the money; none before there is a bill and after the last fen has come."""
        shown = picture(self.holding) if self.holding else None
        return shown if shown and shown.total else None

    @property
    def shops(self) -> int:
        return self.holding.confirmed.shops if self.holding else 0

    @cached_property
    def made_until(self) -> dt.date | None:
        """The day the story has come to; none once it is told."""
        if not is_half_played():
            return None
        last = TrailLine.objects.filter(street=self.street).aggregate(at=Max("at"))["at"]
        return day_of(last) if last else self.today

    @property
    def people(self) -> list[Person]:
        return [Person(role.value, role.label, asks) for role, asks in ASKS.items()]

    @property
    def neighbours(self) -> list[Person]:
        """The coordinators of the two other streets, each with what is to be seen there."""
        role = Role.COORDINATOR.value
        return [
            Person(f"{role}{STREETS[HUAXIN]}", _("华新镇"), _("荣誉榜和暖蜂行动")),
            Person(f"{role}{STREETS[BAIHE]}", _("白鹤镇"), _("一条太平的街")),
        ]

    # -- the two pages that need no sign-in ------------------------------------------------------------------------------

    @cached_property
    def shop(self) -> ShopPage | None:
        """One of the shops, as its keeper sees it."""
        units = Unit.objects.filter(street=self.street, code=SHOP).select_related("street", "place")
        unit = units.first() if self.holding else None
        return ShopPage(unit, self.today) if unit else None

    @cached_property
    def shop_href(self) -> str:
        """The address behind the code on its poster."""
        token = unit_tokens(self.street, [self.shop.unit]).get(self.shop.unit.pk) if self.shop else None
        return where("shop:page", token) if token else ""

    @property
    def payments(self) -> list[Payment]:
        return self.shop.payments if self.shop else []

    @cached_property
    def asked(self) -> Task | None:
        """What an outside party has been asked and not answered yet."""
        tasks = Task.objects.filter(street=self.street, state__in=AWAITS_ANSWER, party__inside=False)
        return tasks.select_related("party", "case").order_by("due_on", "pk").first()

    # -- the tour --------------------------------------------------------------------------------------------------------

    @cached_property
    def steps(self) -> list[Step]:
        """Visits, accounts, meetings, the deferral, mediation, a meter for each."""
        n, code = {"n": self.shops or 47}, self.code
        case = open_case_of(self.point) if self.point else None
        met = list(Conference.objects.filter(street=self.street, case=case).order_by("-pk")) if case else []
        notice = CutoffNotice.objects.filter(street=self.street, point=self.point).order_by("-pk").first()
        meter = where("meters:detail", code, METER) if self.point else ""
        return [
            Step(
                "visit", _("走访"), several("%(n)d 家店，谁交了、交给谁") % n, _("看走访"), Role.GRID_WORKER.value,
                where("meters:shop", code, METER, SHOP) if self.shops else "",
            ),
            Step("money", _("对账"), _("钱停在谁手里，一根条说清"), _("看总表"), Role.COORDINATOR.value, meter),
            Step(
                "meet", _("会议"), several("%(n)d 次协商，每条决定有人有期限") % {"n": len(met)} if met else _("每条决定有人有期限"),
                _("看纪要"), Role.COORDINATOR.value, where("conferences:detail", code, met[0].public_id) if met else "",
            ),
            Step(
                "defer", _("暂缓"), _("水务公司答应的条件，每天盯着"), _("看条件"), Role.COORDINATOR.value,
                where("cutoffs:detail", code, notice.public_id) if notice else "",
            ),
            Step(
                "mediate", _("调解"), _("旁边一块总表：分期还，哪天还多少"), _("看协议"), Role.MEDIATOR.value,
                self._mediation,
            ),
            Step(
                "meters", _("各装一块表"), _("每家一块表，以后不再有这种账"), _("看任务"), Role.CLERK.value, self._root_task,
            ),
        ]  # fmt: skip

    def step(self, key: str) -> Step | None:
        """One that can be seen already."""
        return next((step for step in self.steps if step.key == key and step.href), None)

    @property
    def _mediation(self) -> str:
        """The agreement once it is in force, and the file it is signed in until then."""
        agreement = Agreement.objects.filter(street=self.street).order_by("-pk").first()
        if agreement:
            return where("mediation:agreement", self.code, agreement.public_id)
        file = Dossier.objects.filter(street=self.street).order_by("-pk").first()
        return where("mediation:file", self.code, file.public_id) if file else ""

    @property
    def _root_task(self) -> str:
        """What takes the cause away: the task of an office of the street that has longest to run."""
        tasks = Task.objects.filter(street=self.street, case__point=self.point, party__inside=True)
        last = tasks.order_by("-due_on").first() if self.point else None
        return where("cases:task", self.code, last.public_id) if last else ""
