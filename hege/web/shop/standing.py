"""What the bearer of a shop's code may know: that shop, its present tenant, and nothing of anybody else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from hege.arrears.cutoff.models import UtilityConsent
from hege.arrears.cutoff.queries import CutoffState, cutoff_state
from hege.arrears.queries import thresholds_of, who_holds_the_money
from hege.arrears.rules import Holding, Thresholds, UnitMoney, reached
from hege.billing.chart import EventKind
from hege.billing.models import Payment
from hege.cases.models import Case, TimelineLine
from hege.cases.rules import FINISHED, LineKind
from hege.ledger.rules import Level
from hege.mediation.queries import InstalmentState, instalments
from hege.metering.models import Connection, SupplyPoint
from hege.places.actions import token_hash
from hege.places.models import Tenancy, TenancyQuerySet, Unit, UnitLink
from hege.web.meters.account import payments_of

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
class Standing:
    """A shop as of today. Figures are read once, when the page asks for them."""

    unit: Unit
    today: dt.date

    @cached_property
    def tenancy(self) -> Tenancy | None:
        """Who rents it today. Whoever rented it before is nobody's business here."""
        rows = Tenancy.objects.filter(street=self.unit.street_id, unit=self.unit)
        assert isinstance(rows, TenancyQuerySet)
        return rows.on(self.today).first()

    @cached_property
    def point(self) -> SupplyPoint | None:
        """The master meter it draws from today."""
        running = Q(from_on__lte=self.today) & (Q(until_on__isnull=True) | Q(until_on__gt=self.today))
        found = Connection.objects.filter(running, street=self.unit.street_id, unit=self.unit)
        connection = found.select_related("point__street", "point__book").first()
        return connection.point if connection else None

    @cached_property
    def cutoff(self) -> CutoffState | None:
        return cutoff_state(self.point, on=self.today) if self.point else None

    @cached_property
    def terms(self) -> Thresholds:
        """The hours and days the street goes by."""
        return thresholds_of(self.unit.street)

    @cached_property
    def consent(self) -> UtilityConsent | None:
        """What the utility said to the deferral that protects today, if that was written down."""
        deferral = self.cutoff.deferral if self.cutoff else None
        return deferral.consents.order_by("pk").last() if deferral else None

    @cached_property
    def instalment(self) -> InstalmentState | None:
        """The next instalment of the agreement on which the deferral rests; None when all are paid."""
        agreement = self.cutoff.deferral.agreement if self.cutoff and self.cutoff.deferral else None
        rows = instalments(agreement, on=self.today) if agreement else []
        return next((row for row in rows if not row.met), None)

    @cached_property
    def _holding(self) -> Holding | None:
        return who_holds_the_money(self.point, on=self.today) if self.point and self.tenancy else None

    def _mine(self, units: tuple[UnitMoney, ...]) -> UnitMoney | None:
        return next((u for u in units if self.tenancy and u.tenancy_id == self.tenancy.pk), None)

    @cached_property
    def money(self) -> UnitMoney | None:
        """Its own account, confirmed; ``None`` before anything was charged or paid."""
        return self._mine(self._holding.confirmed.units) if self._holding else None

    @property
    def claimed(self) -> int:
        """What it says it paid beyond what is confirmed, in fen."""
        told = self._mine(self._holding.with_claims.units) if self._holding else None
        return max(0, told.paid - self.money.paid) if told and self.money else 0

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
        return list(payments_of(self.point, [self.tenancy]).filter(event__reversed_by__isnull=True))

    @property
    def receipts(self) -> int:
        """How many of them are proven."""
        return sum(level_of(p) == Level.CONFIRMED for p in self.payments)

    @cached_property
    def case(self) -> Case | None:
        """The open case about its master meter."""
        if self.point is None:
            return None
        return Case.objects.filter(street=self.unit.street_id, point=self.point).exclude(state__in=FINISHED).first()

    @cached_property
    def told(self) -> list[TimelineLine]:
        """The public lines of the case that concern everybody behind the meter, newest first."""
        if self.case is None:
            return []
        rows = TimelineLine.objects.filter(street=self.unit.street_id, case=self.case, internal=False, kind__in=TOLD)
        return list(rows.order_by("-at", "-pk")[:LINES_SHOWN])


def level_of(payment: Payment) -> str:
    """How well a payment is proven."""
    event = payment.event
    return str(event.open_claim.level) if hasattr(event, "open_claim") else str(Level.CONFIRMED.value)


def to_agent(payment: Payment) -> bool:
    """Whether it went to the collecting agent rather than to the utility."""
    return payment.event.kind == EventKind.RECEIPT
