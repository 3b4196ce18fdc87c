"""One shop's account behind a master meter, as the office sees it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from hege.arrears.queries import who_holds_the_money
from hege.arrears.rules import UnitMoney
from hege.billing.models import Acknowledgement, Payment, Share
from hege.billing.queries import payments_of, standing_shares
from hege.cases.models import SurveyVisit
from hege.cases.queries import visits_to
from hege.kernel.refused import Refused
from hege.metering.models import SupplyPoint
from hege.places.models import Tenancy, Unit


@dataclass
class ShopAccount:
    """A unit and the supply point it draws from, as of a day."""

    point: SupplyPoint
    unit: Unit
    on: dt.date

    @cached_property
    def tenancies(self) -> list[Tenancy]:
        """All who ever rented it, the latest first."""
        rows = Tenancy.objects.filter(street=self.unit.street_id, unit=self.unit)
        return list(rows.select_related("party").order_by("-from_on"))

    def _running(self, day: dt.date) -> Tenancy | None:
        rows = self.tenancies
        return next((t for t in rows if t.from_on <= day and (t.until_on is None or day < t.until_on)), None)

    @property
    def current(self) -> Tenancy | None:
        """Who rents it on the day."""
        return self._running(self.on)

    def tenancy_on(self, day: dt.date) -> Tenancy:
        """Who rented it on a day. Raises ``Refused`` when nobody did."""
        tenancy = self._running(day)
        if tenancy is None:
            raise Refused(_("这一天这家店没有登记租户。"), field="on")
        return tenancy

    @cached_property
    def accounts(self) -> list[tuple[Tenancy, UnitMoney | None, UnitMoney | None]]:
        """Each tenancy with its confirmed account and the one with claims, ``None`` before anything moved."""
        holding = who_holds_the_money(self.point, on=self.on)
        sure, told = ({u.tenancy_id: u for u in m.units} for m in (holding.confirmed, holding.with_claims))
        return [(t, sure.get(t.pk), told.get(t.pk)) for t in self.tenancies]

    @cached_property
    def shares(self) -> list[Share]:
        """The unit's part of each bill that stands, newest first; corrections with what they correct."""
        return list(standing_shares(self.point, self.tenancies))

    @cached_property
    def payments(self) -> list[Payment]:
        """What the unit paid, to the agent or to the utility, newest first; reversed ones too."""
        return list(payments_of(self.point, self.tenancies))

    @cached_property
    def acknowledgements(self) -> list[Acknowledgement]:
        rows = Acknowledgement.objects.filter(street=self.unit.street_id, point=self.point, tenancy__in=self.tenancies)
        return list(rows.order_by("-on", "-pk"))

    @cached_property
    def visits(self) -> list[SurveyVisit]:
        return list(visits_to(self.unit)[:20])
