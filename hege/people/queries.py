"""Reads over people."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused
from hege.people.models import Membership, MembershipQuerySet, Street, User


def memberships_of(user: User, street: Street, *, on: dt.date) -> list[Membership]:
    """The roles a user holds in a street on a day, in one query."""
    members = Membership.objects.filter(street=street, user=user)
    assert isinstance(members, MembershipQuerySet)
    return list(members.on(on).select_related("party").order_by("role", "pk"))


def the_street(code: str | None) -> Street:
    """The street by its code; the only one there is when no code is given. Raises ``Refused`` otherwise."""
    if code:
        street = Street.objects.filter(code=code).first()
        if street is None:
            raise Refused(_("没有代码为 %(code)s 的街道，请先 hege setup。") % {"code": code})
        return street
    streets = list(Street.objects.order_by("code")[:2])
    if len(streets) != 1:
        raise Refused(_("库里有 %(n)d 个街道，请用 --street 写明代码。") % {"n": Street.objects.count()})
    return streets[0]


def streets_of(user: User, *, on: dt.date) -> list[Street]:
    """The streets where a user holds any role on a day, by code."""
    members = Membership.objects.filter(user=user)
    assert isinstance(members, MembershipQuerySet)
    return list(Street.objects.filter(pk__in=members.on(on).values("street_id")).order_by("code"))


def roles_of(user: User, *, on: dt.date) -> set[str]:
    """Every role a user holds in any street on a day."""
    members = Membership.objects.filter(user=user)
    assert isinstance(members, MembershipQuerySet)
    return set(members.on(on).values_list("role", flat=True))
