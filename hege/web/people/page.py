"""What the pages of 人员与岗位 show: who works in one's part of the street, roles in force, roles that ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, QuerySet, Value, When
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from hege.kernel.periods import LastingQuerySet
from hege.kernel.refused import refusal_of
from hege.people.models import Membership, Role, Street, User
from hege.people.queries import works_elsewhere
from hege.people.rules import check_grant, check_sign_in_of, is_over
from hege.places.models import Place
from hege.places.queries import path_filter
from hege.web.access import Desk, NotYours
from hege.web.marks import Button, Text
from hege.web.pages import or_404

ENDED = "ended"


def members_of(desk: Desk, verb: str = "people.see") -> LastingQuerySet[Membership]:
    """The roles in one's part of the street, by role and name, with person, party and who granted them."""
    order = Case(*(When(role=role, then=Value(n)) for n, role in enumerate(Role)))
    rows = Membership.objects.filter(path_filter("path", desk.paths(verb)), street=desk.street)
    return rows.select_related("user", "party", "granted_by").order_by(order, "user__full_name", "from_on", "pk")


def members_under(desk: Desk, *, ended: bool) -> QuerySet[Membership]:
    """Those that hold today or later; or those that ended, the last one first."""
    rows = members_of(desk)
    return rows.filter(until_on__lte=desk.today).order_by("-until_on", "pk") if ended else rows.not_over(desk.today)


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
    found = or_404(mine.first())
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
    if is_over(member.until_on, today=today):
        return _("已结束"), "over"
    if member.from_on > today:
        return _("还没开始"), "water"
    return (_("在任"), "green") if member.until_on is None else (_("快结束"), "amber")


class PersonPage:
    """One person: the roles, and what may be done to them and to the sign-in."""

    def __init__(self, person: User, desk: Desk) -> None:
        self.person, self.desk = person, desk
        self.own, self.grants = person.pk == desk.user.pk, desk.may("people.grant")
        rows = members_of(desk).filter(user=person).order_by("-from_on", "-pk")
        self.rows = sorted(lines(rows, desk.street, desk.today), key=lambda line: line.over)
        elsewhere = self.grants and works_elsewhere(person, desk.street, on=desk.today)
        self._refused = refusal_of(check_sign_in_of, by=desk.user.pk, user=person.pk, elsewhere=elsewhere)

    @property
    def note(self) -> Text:
        """Why an administrator may not do all of it here."""
        if not self.grants or self._refused is None:
            return ""
        return _("自己的岗位由另一位管理员授予；改密码请点右上角的姓名。") if self.own else self._refused.reason

    @property
    def buttons(self) -> list[Button]:
        """What this person may do to the other one."""
        grant = refusal_of(check_grant, granted_by=self.desk.user.pk, user=self.person.pk, first=False)
        name, label = ("lock", _("停用登录")) if self.person.is_active else ("unlock", _("恢复登录"))
        rows = [
            (self._refused, Button(label, self._to(name), "lock")),
            (self._refused, Button(_("重发密码"), self._to("password"), "refresh")),
            (grant, Button(_("再给一个岗位"), self._to("grant"), "plus", main=True)),
        ]
        return [button for refused, button in rows if self.grants and refused is None]

    def _to(self, name: str) -> str:
        return self.desk.to(f"people:{name}", self.person.pk)
