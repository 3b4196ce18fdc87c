"""Reads over people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hege.kernel.periods import LastingQuerySet
from hege.kernel.prepared import prepared
from hege.kernel.refused import Refused
from hege.people.models import Membership, Party, Role, Session, StaffRequest, StaffRequestState, Street, User
from hege.people.rules import LONGEST_SIGNED_IN


def memberships_of(user: User, street: Street, *, on: dt.date) -> list[Membership]:
    """The roles a user holds in a street on a day, in one query."""
    return _memberships(street, user, on)


@prepared
def _memberships(street: Street, user: User, on: dt.date) -> QuerySet[Membership]:
    return Membership.objects.filter(street=street, user=user).on(on).order_by("role", "pk")


@prepared
def posts_of(user_id: int, street_code: str, on: dt.date) -> QuerySet[Membership]:
    """The roles a user holds in a street on a day, each with the user, the party and the street with the head of its trail;
    one query, with which every page of a street begins."""
    members = Membership.objects.filter(user=user_id, street__code=street_code).on(on)
    return members.select_related("user", "street__trail_head", "party").order_by("role", "pk")


def the_street(code: str | None) -> Street:
    """The street by its code; the only one there is when no code is given. Raises ``Refused`` otherwise."""
    if code:
        street = Street.objects.filter(code=code).first()
        if street is None:
            raise Refused(_("没有代码为 %(code)s 的街道，请先 hege setup。"), code=code)
        return street
    streets = list(Street.objects.order_by("code")[:2])
    if len(streets) != 1:
        raise Refused(_("库里有 %(n)d 个街道，请用 --street 写明代码。"), n=Street.objects.count())
    return streets[0]


def streets_of(user: User, *, on: dt.date) -> QuerySet[Street]:
    """The streets where a user holds any role on a day, by code."""
    members = Membership.objects.filter(user=user).on(on)
    return Street.objects.filter(pk__in=members.values("street_id")).order_by("code")


def streets_told(user: User, *, on: dt.date) -> list[Street]:
    """The streets whose trail tells of a person's sign-in: where they work on a day, else wherever they ever have."""
    ever = Street.objects.filter(pk__in=Membership.objects.filter(user=user).values("street_id")).order_by("code")
    return list(streets_of(user, on=on)) or list(ever)


def roles_of(user: User, *, on: dt.date) -> set[str]:
    """Every role a user holds in any street on a day."""
    return set(Membership.objects.filter(user=user).on(on).values_list("role", flat=True))


def roles_everywhere(user: User, *, on: dt.date) -> list[Membership]:
    """The roles a user holds or is about to hold, street by street, with who granted them; one query."""
    rows = Membership.objects.filter(user=user).not_over(on).select_related("street", "party", "granted_by")
    return list(rows.order_by("street__code", "from_on", "pk"))


def sessions_of(user: User, *, at: dt.datetime) -> list[Session]:
    """The browsers that are signed in as a user at an instant, the one used last before the others; one query."""
    begun = Q(opened_at__gt=at - LONGEST_SIGNED_IN) | Q(opened_at=None)
    return list(Session.objects.filter(begun, user=user, expire_date__gt=at).order_by("-expire_date", "pk"))


def works_elsewhere(user: User, street: Street, *, on: dt.date) -> bool:
    """Whether a user holds, or is about to hold, a role in another street."""
    return Membership.objects.filter(user=user).exclude(street=street).not_over(on).exists()


def the_party(street: Street, public_id: str) -> Party | None:
    """One person or organisation of a street by its public id."""
    return Party.objects.filter(street=street, public_id=public_id).first()


def acting_for(party_id: int, street: Street, *, on: dt.date, but: Collection[Role] = ()) -> list[int]:
    """The users who act for a party in a street on a day, and can sign in; without those of some roles."""
    return sorted(acting_for_each([party_id], street, on=on, but=but).get(party_id, ()))


def acting_for_each(
    party_ids: Collection[int], street: Street, *, on: dt.date, but: Collection[Role] = ()
) -> dict[int, set[int]]:
    """The same of several parties; who has nobody is not in it. One query."""
    found: dict[int, set[int]] = {}
    for party, user in _acting(street.pk, list(party_ids), on=on, but=list(but)):
        if party is not None:
            found.setdefault(party, set()).add(user)
    return found


@prepared
def _acting(
    street_id: int, party_ids: list[int], *, on: dt.date, but: list[Role]
) -> QuerySet[Membership, tuple[int | None, int]]:
    members = Membership.objects.filter(street=street_id, party__pk__in=party_ids, user__is_active=True)
    return members.exclude(role__in=but).on(on).values_list("party", "user")


def locked_street(street_id: int) -> Street:
    """A street, locked until the end of the transaction: one at a time, while others go on writing rows that point to it."""
    return _locked_streets(street_id)[0]


@prepared
def _locked_streets(street_id: int) -> QuerySet[Street]:
    return Street.objects.select_for_update(no_key=True).filter(pk=street_id)


def posts_in(street: Street, *roles: Role, on: dt.date) -> list[tuple[str, int, str, int | None]]:
    """Who holds these roles in a street on a day and can sign in: role, user, part of the grid, party; one query."""
    return _posts_in(street, [role.value for role in roles], on)


@prepared
def _posts_in(
    street: Street, roles: Sequence[str], on: dt.date
) -> QuerySet[Membership, tuple[str, int, str, int | None]]:
    members = Membership.objects.filter(street=street, role__in=roles, user__is_active=True).on(on)
    return members.order_by("pk").values_list("role", "user", "path", "party")


def administrators(street: Street, *, on: dt.date) -> LastingQuerySet[Membership]:
    """Those who look after the whole street on a day with no end in sight, and can sign in."""
    return Membership.objects.filter(
        street=street, role=Role.ADMINISTRATOR, path="", until_on__isnull=True, user__is_active=True
    ).on(on)


def able_administrators(street: Street, *, on: dt.date) -> LastingQuerySet[Membership]:
    """Those of them who have signed in with a password of their own: one that was handed over ends by itself."""
    return administrators(street, on=on).filter(user__must_change_password=False)


def is_administrator(user: User, street: Street, *, on: dt.date) -> bool:
    """Whether somebody looks after a street or a part of it on a day, and can sign in."""
    return (
        user.is_active and Membership.objects.filter(user=user, street=street, role=Role.ADMINISTRATOR).on(on).exists()
    )


def requests_waiting(street: Street, *, at: dt.datetime) -> QuerySet[StaffRequest]:
    """What a second person may still agree to."""
    return StaffRequest.objects.filter(street=street, state=StaffRequestState.WAITING, until_at__gt=at)
