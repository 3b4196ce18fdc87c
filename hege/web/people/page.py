"""What the pages of 人员与岗位 show: who works in one's part of the street, roles in force, roles that ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Q, QuerySet, Value, When
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from hege.kernel import clock
from hege.kernel.periods import LastingQuerySet
from hege.kernel.refused import allows, refusal_of
from hege.people.models import Membership, Role, StaffRequest, StaffRequestState, Street, User
from hege.people.queries import administrators, requests_waiting, works_elsewhere
from hege.people.rules import check_decide, check_grant, check_sign_in_of, check_waits, check_withdraw, is_over
from hege.places.models import Place
from hege.places.queries import path_filter
from hege.web.access import Desk, NotYours
from hege.web.marks import Button, Chip, Text, state
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


# -- a second person (双人复核) ----------------------------------------------------------------------------------------


def requests_of(desk: Desk) -> QuerySet[StaffRequest]:
    """What is asked for in one's part of the street, and what one has asked for: what waits first, then the newest."""
    waiting = requests_waiting(desk.street, at=clock.now()).values("pk")
    paths = desk.paths("people.see")
    mine = Q() if "" in paths else path_filter("path", paths) | Q(asked_by=desk.user)
    return _requests(desk).filter(mine).order_by(Case(When(pk__in=waiting, then=Value(0)), default=Value(1)), "-pk")


def _requests(desk: Desk) -> QuerySet[StaffRequest]:
    rows = StaffRequest.objects.filter(street=desk.street)
    return rows.select_related("street__trail_head", "user", "party", "asked_by", "decided_by")


def request_or_404(desk: Desk, request_id: int) -> StaffRequest:
    """One request, where this person may grant."""
    rows = _requests(desk).filter(path_filter("path", desk.paths("people.grant")))
    return get_object_or_404(rows, street=desk.street, pk=request_id)


def own_request_or_404(desk: Desk, request_id: int) -> StaffRequest:
    """A request that this person has made."""
    return get_object_or_404(_requests(desk), asked_by=desk.user, pk=request_id)


def _said_of(asked: StaffRequest) -> str:
    """What is asked for whom, in one line: "授予岗位：王丽（wangli01），网格员"."""
    act, role = asked.get_act_display(), asked.get_role_display()
    if asked.user is None and not asked.username:
        return str(act)
    names = (asked.user.full_name, asked.user.username) if asked.user else (asked.full_name, asked.username)
    said = {"act": act, "name": names[0], "username": names[1], "role": role}
    text = _("%(act)s：%(name)s（%(username)s），%(role)s") if role else _("%(act)s：%(name)s（%(username)s）")
    return text % said


@dataclass(frozen=True, slots=True)
class RequestLine:
    """One request as it is shown: what for, where, how it stands, and what this person may do about it.

    ``nobody``: it waits, and who asked and whom it concerns are the only administrators.
    """

    asked: StaffRequest
    what: str
    where: str
    mark: Chip
    buttons: list[Button]
    waits: bool
    nobody: bool


def request_lines(rows: Iterable[StaffRequest], desk: Desk) -> list[RequestLine]:
    """Rows with their places and buttons; two queries for all of them."""
    asked, now = list(rows), clock.now()
    able = set(administrators(desk.street, on=desk.today).values_list("user", flat=True))
    paths = {r.path for r in asked if r.path}
    names = dict(Place.objects.filter(street=desk.street, path__in=paths).values_list("path", "name")) if paths else {}
    out = []
    for r in asked:
        undecided = r.state == StaffRequestState.WAITING
        waits = allows(check_waits, waits=undecided, until_at=r.until_at, at=now)
        mark = Chip(_("已过期")) if undecided and not waits else state(r)
        where = names.get(r.path, r.path) or (_("整个街道") if r.role else "")
        buttons = _request_buttons(r, desk, able) if waits else []
        nobody = waits and not able - {r.asked_by_id, r.user_id}
        out.append(RequestLine(r, _said_of(r), where, mark, buttons, waits, nobody))
    return out


def _request_buttons(asked: StaffRequest, desk: Desk, able: set[int]) -> list[Button]:
    """By the rules that the acts ask."""
    if not desk.may("people.grant"):
        return []
    who = {"by": desk.user.pk, "asked_by": asked.asked_by_id}
    if allows(check_withdraw, **who):
        return [Button(_("撤回申请"), desk.to("people:withdraw", asked.pk))]
    if not allows(check_decide, **who, user=asked.user_id, whole=desk.user.pk in able):
        return []
    return [
        Button(_("同意"), desk.to("people:agree", asked.pk)),
        Button(_("不同意"), desk.to("people:refuse", asked.pk)),
    ]
