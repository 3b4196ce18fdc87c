"""Reads over several packages that an act of them asks for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hege.members.models import Member
from hege.metering.models import SupplyPoint
from hege.people.models import Membership, Street
from hege.places.models import Place, Unit
from hege.programme.activities.models import Signup
from hege.programme.seasons.models import Activity
from hege.vouchers.models import Batch, Claim
from hege.vouchers.rules import ClaimEndKind


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


def counted_activities(street: Street, *, since: dt.datetime) -> list[Activity]:
    """The activities of a street that ended after an instant and whose sign-ups have been counted; one query."""
    counted = Signup.objects.filter(street=street, settled_at__isnull=False).values("activity")
    found = list(Activity.objects.filter(street=street, ends_at__gt=since, pk__in=counted).order_by("pk"))
    for activity in found:
        activity.street = street
    return found


def live_signups_of(member: Member, *, at: dt.datetime) -> list[Signup]:
    """What a member has signed up for, waits for or was offered, of what has not begun; by activity."""
    rows = Signup.objects.filter(street=member.street_id, member=member, activity__starts_at__gt=at).live()
    found = list(rows.select_related("activity").order_by("activity", "pk"))
    for signup in found:
        signup.street, signup.member = member.street, member
        signup.activity.street = member.street
    return found


def closed_unused(batch: Batch) -> list[str]:
    """The public ids of the vouchers that nobody had used when their batch was closed before its time."""
    rows = Claim.objects.filter(street=batch.street_id, batch=batch, end__kind=ClaimEndKind.CLOSED)
    return list(rows.order_by("pk").values_list("public_id", flat=True))
