"""Reads over several packages that an act of them asks for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hege.metering.models import SupplyPoint
from hege.people.models import Membership
from hege.places.models import Place, Unit


def left_in(place: Place, *, on: dt.date) -> dict[str, Any]:
    """What is still in a part of the grid on a day, for ``check_closable``: parts of it, units, master meters, roles."""
    below = Place.objects.filter(street=place.street_id, parent=place).not_over(on)
    return {
        "is_street": place.parent_id is None,
        "below": below.count(),
        "units": Unit.objects.filter(street=place.street_id, place=place).count(),
        "points": SupplyPoint.objects.filter(street=place.street_id, place=place).count(),
        "people": Membership.objects.filter(street=place.street_id, path=place.path).not_over(on).count(),
    }
