"""What the page of one shop shows: who rented it when, and what may be done to it now."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from hege.kernel.refused import allows
from hege.places.models import Tenancy
from hege.places.rules import check_may_leave
from hege.web.access import Desk
from hege.web.jinja import query
from hege.web.marks import Button


class UnitPage:
    """A unit of ``units_of`` with its tenancies, the latest first."""

    def __init__(self, unit: Any, desk: Desk) -> None:
        self.unit, self.desk = unit, desk

    @cached_property
    def tenancies(self) -> list[Tenancy]:
        rows = Tenancy.objects.filter(street=self.unit.street_id, unit=self.unit)
        return list(rows.select_related("party").order_by("-from_on"))

    @property
    def still_in(self) -> bool:
        """Whether the latest tenant has no last day yet."""
        return bool(self.tenancies) and self.tenancies[0].until_on is None

    @property
    def buttons(self) -> list[Button]:
        """What this person may do to the shop now."""
        found = []
        if self.desk.may("units.renew_code"):
            found.append(self._button("renew", _("换码"), "refresh"))
        if self.desk.may("units.register"):
            found.append(self._button("amend", _("改商铺"), "edit"))
            if allows(check_may_leave, rented=bool(self.tenancies)):
                found.append(self._button("leave", _("登记退租") if self.still_in else _("改退租日期"), "arrow-right"))
            found.append(self._button("move_in", _("换租户") if self.still_in else _("登记入驻"), "user"))
        if self.unit.point_code and self.desk.may("meters.register"):
            found.append(self._button("sub_meter", _("登记分表"), "plus"))
        if self.unit.point_code and self.desk.may("units.print_codes"):
            href = self.desk.to("units:posters", self.unit.point_code) + query({"unit": self.unit.code})
            found.append(Button(_("打印这一张"), href, "printer", main=True))
        return found

    def _button(self, name: str, label: str, icon: str) -> Button:
        return Button(label, self.desk.to(f"units:{name}", self.unit.code), icon)
