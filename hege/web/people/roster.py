"""Who works in the street, as far as one's own part of it: roles in force, roles that ended, and the words for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, QuerySet, Value, When
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from hege.kernel.periods import LastingQuerySet
from hege.people.models import Membership, Role, Street, User
from hege.places.models import Place
from hege.places.queries import path_filter
from hege.web.access import Desk, NotYours

ENDED = "ended"


def members_of(desk: Desk, verb: str = "people.see") -> LastingQuerySet[Membership]:
    """The roles in one's part of the street, by role and name, with person, party and who granted them."""
    order = Case(*(When(role=role, then=Value(n)) for n, role in enumerate(Role)))
    rows = Membership.objects.filter(path_filter("path", desk.paths(verb)), street=desk.street)
    return rows.select_related("user", "party", "granted_by").order_by(order, "user__full_name", "from_on", "pk")


def under(rows: LastingQuerySet[Membership], tab: str, today: dt.date) -> QuerySet[Membership]:
    """Those that hold today or later; under the tab of the ended ones, the last that ended first."""
    return rows.filter(until_on__lte=today).order_by("-until_on", "pk") if tab == ENDED else rows.not_over(today)


def member_or_404(desk: Desk, member_id: int) -> Membership:
    """One role, where this person may end it."""
    rows = members_of(desk, "people.grant").select_related("street__trail_head", "user")
    return get_object_or_404(rows, street=desk.street, pk=member_id)


def person_or_404(desk: Desk, person_id: int, verb: str = "people.see") -> User:
    """One person who holds or held a role in one's part of the street.

    What is done to a sign-in touches all of its roles: who looks after a part of the grid may not do it to
    somebody who works outside of it too. People of other streets are not there.
    """
    mine = members_of(desk, verb).filter(user=person_id)
    found = mine.first()
    if found is None:
        raise Http404
    if verb != "people.see" and Membership.objects.filter(street=desk.street, user=person_id).count() > mine.count():
        raise NotYours(_("他在您管的片区以外也有岗位，请管全街道的管理员办理。"))
    return found.user


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One role as it is shown: whose, what, for whom, where, and where it stands today."""

    member: Membership
    where: str
    state: str
    tone: str

    @property
    def over(self) -> bool:
        return self.tone == "over"


def lines(rows: Iterable[Membership], street: Street, today: dt.date) -> list[RoleLine]:
    """Rows with the names of their places; one query for all of them."""
    members = list(rows)
    paths = {m.path for m in members if m.path}
    named = Place.objects.filter(street=street, path__in=paths).values_list("path", "name") if paths else ()
    names = dict(named)
    return [RoleLine(m, names.get(m.path, m.path) or _("整个街道"), *_state(m, today)) for m in members]


def _state(member: Membership, today: dt.date) -> tuple[str, str]:
    if member.until_on is not None and member.until_on <= today:
        return _("已结束"), "over"
    if member.from_on > today:
        return _("还没开始"), "water"
    return (_("在任"), "green") if member.until_on is None else (_("快结束"), "amber")
