"""Who works in a street: sign-ins, roles and their ends, passwords (人员与岗位), and the offices they act for (单位).

These acts change rows of ``people`` and stand here because of the order of the house: ``people`` lies below the trail
and cannot write on it, and a role reaches over a part of the grid, which ``places`` knows. ``found_street`` beside them
makes a street's first administrator; everybody after comes through here.
"""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.hashers import get_hasher, identify_hasher, verify_password
from django.db.transaction import atomic
from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_same_street
from hege.kernel.clock import day_of
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.people.models import FormerPassword, Membership, Party, PartyKind, Role, Street, User
from hege.people.queries import administrators, streets_told, works_elsewhere
from hege.people.rules import (
    SignIn,
    check_acts_for,
    check_administrator_left,
    check_end,
    check_grant,
    check_one_time,
    check_reason,
    check_sign_in_of,
    check_start,
    check_username,
    is_over,
)
from hege.places.models import Place
from hege.trail import actions as trail

#: So many passwords that somebody had before may not be chosen again, nor the one they have: the last five.
FORMER_PASSWORDS = 4


@atomic
def add_person(
    street: Street,
    *,
    username: str,
    full_name: str,
    password: str,
    role: Role,
    party: Party | None = None,
    place: Place | None = None,
    from_on: dt.date,
    reason: str,
    by: User,
    at: dt.datetime,
) -> Membership:
    """Make a sign-in with its first role (新增人员). The password is handed over, holds for a day and one sign-in only.

    A name that is taken is refused in the same words whether it is taken here or in another street.
    """
    check_username(username)
    if User.objects.filter(username__iexact=username).exists():
        raise Refused(_("登录名 %(name)s 已有人用，请另起一个。"), name=username, field="username")
    reason = check_reason(reason, what=_("开账号"))
    user = User.objects.create_user(username, password, full_name=full_name, one_time_at=at)
    trail.record("add_person", user, street=street, by=by, at=at, username=username, name=full_name, reason=reason)
    return grant_role(street, user, role=role, party=party, place=place, from_on=from_on, by=by, at=at)


@atomic
def grant_role(
    street: Street,
    user: User,
    *,
    role: Role,
    party: Party | None = None,
    place: Place | None = None,
    from_on: dt.date,
    by: User,
    at: dt.datetime,
) -> Membership:
    """Give somebody a role in a part of the grid from a day on (授予岗位); without a place, in the whole street."""
    check_same_street(street.pk, party, place)
    check_grant(granted_by=by.pk, user=user.pk, first=False)
    check_acts_for(role.value, named=party is not None)
    check_start(from_on, today=day_of(at))
    User.objects.select_for_update().get(pk=user.pk)
    path = place.path if place else ""
    if Membership.objects.filter(street=street, user=user, role=role, path=path).not_over(from_on).exists():
        raise Refused(_("这个范围的这个岗位他已经担任着，请先结束原来的。"), field="role")
    member = Membership.objects.create(
        street=street, user=user, role=role, party=party, path=path, from_on=from_on, granted_by=by
    )
    trail.record(
        "grant_role", member, by=by, at=at, user=user.username, role=member.role, path=path,
        party=party.name if party else "", from_on=from_on,
    )  # fmt: skip
    return member


@atomic
def end_role(member: Membership, *, until_on: dt.date, reason: str, by: User, at: dt.datetime) -> Membership:
    """End a role (结束任职): ``until_on`` is the first day without it. Refused for a street's last administrator."""
    reason = check_reason(reason, what=_("结束任职"))
    _lock(member.street)
    locked = lock(member)
    if is_over(locked.until_on, today=day_of(at)):
        raise Refused(_("这个岗位已经结束了。"))
    check_end(from_on=locked.from_on, until_on=until_on, today=day_of(at))
    if (locked.role, locked.path) == (Role.ADMINISTRATOR, ""):
        check_administrator_left(administrators(member.street, on=day_of(at)).exclude(pk=locked.pk).count())
    before, locked.until_on = locked.until_on, until_on
    locked.save(update_fields=["until_on"])
    trail.record(
        "end_role", locked, by=by, at=at, user=locked.user.username, role=locked.role,
        before=before, until_on=until_on, reason=reason,
    )  # fmt: skip
    return locked


def _lock(street: Street) -> None:
    """Two administrators who end each other's role at one moment must not both succeed."""
    Street.objects.select_for_update(no_key=True).get(pk=street.pk)


@atomic
def reset_password(street: Street, user: User, *, password: str, reason: str, by: User, at: dt.datetime) -> User:
    """Give somebody a new one-time password (重发密码), for a day; who is signed out everywhere and then chooses another."""
    reason = check_reason(reason, what=_("重发密码"))
    locked = _lock_user(street, user, by=by, at=at)
    _set_password(locked, password, one_time=True, at=at)
    trail.record("reset_password", locked, street=street, by=by, at=at, username=user.username, reason=reason)
    return locked


@atomic
def lock_sign_in(street: Street, user: User, *, reason: str, by: User, at: dt.datetime) -> User:
    """Let somebody sign in no more, at once (停用登录); the roles stay as they are. Not the last administrator."""
    reason = check_reason(reason, what=_("停用登录"))
    _lock(street)
    locked = _lock_user(street, user, active=True, by=by, at=at)
    left = administrators(street, on=day_of(at))
    if left.filter(user=user).exists():
        check_administrator_left(left.exclude(user=user).count())
    return _set_active(street, locked, active=False, reason=reason, by=by, at=at)


@atomic
def unlock_sign_in(street: Street, user: User, *, reason: str, by: User, at: dt.datetime) -> User:
    """Let somebody sign in again (恢复登录), with the password as it was."""
    reason = check_reason(reason, what=_("恢复登录"))
    locked = _lock_user(street, user, active=False, by=by, at=at)
    return _set_active(street, locked, active=True, reason=reason, by=by, at=at)


def _lock_user(street: Street, user: User, *, active: bool | None = None, by: User, at: dt.datetime) -> User:
    """Another person, locked, for a change of the sign-in; refused where it is not ``active`` as it has to be."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if active is not None and locked.is_active is not active:
        raise Refused(_("这个登录已经停用了。") if active else _("这个登录没有停用。"))
    check_sign_in_of(by=by.pk, user=user.pk, elsewhere=works_elsewhere(user, street, on=day_of(at)))
    return locked


def _set_active(street: Street, user: User, *, active: bool, reason: str, by: User, at: dt.datetime) -> User:
    user.is_active = active
    user.save(update_fields=["is_active"])
    verb = "unlock_sign_in" if active else "lock_sign_in"
    trail.record(verb, user, street=street, by=by, at=at, username=user.username, reason=reason)
    return user


def _set_password(user: User, password: str, *, one_time: bool, at: dt.datetime) -> None:
    """Another password; of those that were their owner's own, as many are kept as may not be chosen again."""
    if not user.must_change_password:
        FormerPassword.objects.create(user=user, password=user.password, until_at=at)
        newest = FormerPassword.objects.filter(user=user).order_by("-until_at", "-pk").values_list("pk", flat=True)
        FormerPassword.objects.filter(pk__in=list(newest)[FORMER_PASSWORDS:]).delete()
    user.set_password(password)
    user.must_change_password, user.password_given_at = one_time, at if one_time else None
    user.save(update_fields=["password", "must_change_password", "password_given_at"])


@atomic
def change_password(user: User, *, password: str, by: User, at: dt.datetime) -> User:
    """Choose one's own password (改密码), none of the last five; on the trail of each street one works in, never the password itself."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    check_one_time(one_time=locked.must_change_password, given_at=locked.password_given_at, at=at)
    if locked.check_password(password):
        raise Refused(_("新密码不能和原来的一样。"), field="new")
    if any(verify_password(password, former.password)[0] for former in locked.former_passwords.all()):
        raise Refused(_("这个密码最近用过，请换一个没用过的。"), field="new")
    _set_password(locked, password, one_time=False, at=at)
    for street in streets_told(user, on=day_of(at)):
        trail.record("change_password", locked, street=street, by=by, at=at)
    return locked


@atomic
def freshen_password(user: User, *, password: str, by: User, at: dt.datetime) -> User:
    """Hash a password anew that its owner has just proven, where hashing has become dearer since (密码重新加密)."""
    streets = streets_told(user, on=day_of(at))
    best = get_hasher()
    if streets and (identify_hasher(user.password).algorithm != best.algorithm or best.must_update(user.password)):
        user.set_password(password)
        user.save(update_fields=["password"])
        for street in streets:
            trail.record("freshen_password", user, street=street, by=by, at=at)
    return user


@atomic
def record_sign_in(user: User, verb: SignIn, *, address: str, how: str = "", by: User | None, at: dt.datetime) -> None:
    """Put what became of a sign-in on the trail of each street the person works in (登录留痕).

    ``how`` names what was proven, or not, beside the password. ``by`` is nobody where nobody has proven who they are. A
    name that is nobody's has no street to be told to.
    """
    said = {"address": address} | ({"how": how} if how else {})
    for street in streets_told(user, on=day_of(at)):
        trail.record(verb.value, user, street=street, by=by, at=at, **said)


@atomic
def add_office(street: Street, *, name: str, phone: str = "", inside: bool, by: User, at: dt.datetime) -> Party:
    """Register an office or company (登记单位) that cases are dispatched to and conferences call; ``inside``: the street's own."""
    _lock(street)
    _check_office_name(street, name)
    party = Party.objects.create(street=street, kind=PartyKind.ORGANISATION, name=name, phone=phone, inside=inside)
    trail.record("add_office", party, by=by, at=at, name=name, phone=phone, inside=inside)
    return party


@atomic
def amend_office(party: Party, *, name: str, phone: str, inside: bool, by: User, at: dt.datetime) -> Party:
    """Mend what is known of an office (改单位); what was before stands on the trail."""
    _lock(party.street)
    locked = lock(party)
    if name != locked.name:
        _check_office_name(party.street, name)
    trail.amend("amend_office", locked, {"name": name, "phone": phone, "inside": inside}, by=by, at=at)
    return locked


def _check_office_name(street: Street, name: str) -> None:
    """Whoever is picked from a list is told apart by name alone."""
    if Party.objects.filter(street=street, kind=PartyKind.ORGANISATION, name=name).exists():
        raise Refused(_("已经有叫“%(name)s”的单位了。"), name=name, field="name")
