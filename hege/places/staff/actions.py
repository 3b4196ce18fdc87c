"""Who works in a street: sign-ins, roles and their ends, passwords (人员与岗位), and the offices they act for (单位).

These acts change rows of ``people`` and stand here because of the order of the house: ``people`` lies below the trail
and cannot write on it, and a role reaches over a part of the grid, which ``places`` knows. ``found_street`` beside them
makes a street's first administrator; everybody after comes through here.

Where the street wants a second person (双人复核), whatever lets somebody in or lets them do more (somebody new, a role, a
new password, a sign-in that was locked) is asked for by one administrator and done when another agrees. To end a role or
lock a sign-in takes one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.contrib.auth.hashers import get_hasher, identify_hasher, make_password, verify_password
from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_same_street
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.people.models import (
    FormerPassword,
    Membership,
    Party,
    PartyKind,
    Role,
    Session,
    StaffAct,
    StaffRequest,
    StaffRequestState,
    Street,
    User,
)
from hege.people.queries import (
    able_administrators,
    administrators,
    is_administrator,
    locked_street,
    requests_waiting,
    streets_told,
    works_elsewhere,
)
from hege.people.rules import (
    ASKED_FOR,
    SignIn,
    check_acts_for,
    check_administrator_left,
    check_decide,
    check_end,
    check_grant,
    check_one_time,
    check_reason,
    check_second_person,
    check_sign_in_of,
    check_start,
    check_still_asked,
    check_two_administrators,
    check_two_left,
    check_username,
    check_waits,
    check_withdraw,
    is_over,
)
from hege.places.models import Place
from hege.search.actions import index_rows
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
    agreed: StaffRequest | None = None,
    by: User,
    at: dt.datetime,
) -> Membership:
    """Make a sign-in with its first role (新增人员). The password is handed over, holds for a day and one sign-in only.

    A name that is taken is refused in the same words whether it is taken here or in another street. ``agreed``: what
    was asked for, where a second person has agreed to it.
    """
    _check_agreed(street, agreed, by=by)
    reason = _check_person(username, reason)
    user = User.objects.create_user(username, password, full_name=full_name, one_time_at=at)
    trail.record(
        "add_person", user, street=street, by=by, at=at, username=username, name=full_name, reason=reason,
        **_told_of(agreed),
    )  # fmt: skip
    return grant_role(street, user, role=role, party=party, place=place, from_on=from_on, agreed=agreed, by=by, at=at)


def _check_person(username: str, reason: str) -> str:
    check_username(username)
    if User.objects.filter(username__iexact=username).exists():
        raise Refused(_("登录名 %(name)s 已有人用，请另起一个。"), name=username, field="username")
    return check_reason(reason, what=_("开账号"))


@atomic
def grant_role(
    street: Street,
    user: User,
    *,
    role: Role,
    party: Party | None = None,
    place: Place | None = None,
    from_on: dt.date,
    agreed: StaffRequest | None = None,
    by: User,
    at: dt.datetime,
) -> Membership:
    """Give somebody a role in a part of the grid from a day on (授予岗位); without a place, in the whole street."""
    _check_agreed(street, agreed, by=by)
    path = _check_role(street, role, party, place, from_on=from_on, at=at)
    _check_holder(street, user, role, path, from_on=from_on, by=by)
    member = Membership.objects.create(
        street=street, user=user, role=role, party=party, path=path, from_on=from_on, granted_by=by
    )
    trail.record(
        "grant_role", member, by=by, at=at, user=user.username, role=member.role, path=path,
        party=party.name if party else "", from_on=from_on, **_told_of(agreed),
    )  # fmt: skip
    return member


def _check_role(
    street: Street, role: Role, party: Party | None, place: Place | None, *, from_on: dt.date, at: dt.datetime
) -> str:
    """Refuse a role that nobody could hold so; answers the path of its part of the grid."""
    check_same_street(street.pk, party, place)
    check_acts_for(role.value, named=party is not None)
    check_start(from_on, today=day_of(at))
    return place.path if place else ""


def _check_holder(street: Street, user: User, role: Role, path: str, *, from_on: dt.date, by: User) -> None:
    """Refuse a role to its giver, and to who holds it already; their row is locked."""
    check_grant(granted_by=by.pk, user=user.pk, first=False)
    User.objects.select_for_update().get(pk=user.pk)
    if Membership.objects.filter(street=street, user=user, role=role, path=path).not_over(from_on).exists():
        raise Refused(_("这个范围的这个岗位他已经担任着，请先结束原来的。"), field="role")


@atomic
def end_role(member: Membership, *, until_on: dt.date, reason: str, by: User, at: dt.datetime) -> Membership:
    """End a role (结束任职): ``until_on`` is the first day without it. Refused for a street's last administrator."""
    reason = check_reason(reason, what=_("结束任职"))
    street = _lock(member.street)
    locked = lock(member)
    if is_over(locked.until_on, today=day_of(at)):
        raise Refused(_("这个岗位已经结束了。"))
    check_end(from_on=locked.from_on, until_on=until_on, today=day_of(at))
    if (locked.role, locked.path) == (Role.ADMINISTRATOR, ""):
        _check_left(street, locked.user, at=at)
    before, locked.until_on = locked.until_on, until_on
    locked.save(update_fields=["until_on"])
    trail.record(
        "end_role", locked, by=by, at=at, user=locked.user.username, role=locked.role,
        before=before, until_on=until_on, reason=reason,
    )  # fmt: skip
    return locked


def _check_left(street: Street, user: User, *, at: dt.datetime) -> None:
    """Refuse to do without an administrator where too few are left; ``street`` is locked."""
    check_administrator_left(administrators(street, on=day_of(at)).exclude(user=user).count())
    if street.second_person:
        check_two_left(_able(street, at=at, but=user))


def _able(street: Street, *, at: dt.datetime, but: User | None = None) -> int:
    """How many persons can ask and agree."""
    rows = able_administrators(street, on=day_of(at))
    return (rows.exclude(user=but) if but else rows).values("user").distinct().count()


def _lock(street: Street) -> Street:
    """Two administrators who end each other's role at one moment, or agree to one request, must not both succeed.

    The street is locked before the person, by every act that locks both.
    """
    return locked_street(street.pk)


@atomic
def reset_password(
    street: Street,
    user: User,
    *,
    password: str,
    reason: str,
    agreed: StaffRequest | None = None,
    by: User,
    at: dt.datetime,
) -> User:
    """Give somebody a new one-time password (重发密码), for a day; who is signed out everywhere and then chooses another."""
    hashed = make_password(password)  # slow: before anything is locked
    _check_agreed(street, agreed, by=by)
    reason = check_reason(reason, what=_("重发密码"))
    locked = _lock_user(street, user, by=by, at=at)
    _set_password(locked, hashed, one_time=True, at=at)
    trail.record(
        "reset_password", locked, street=street, by=by, at=at, username=user.username, reason=reason,
        **_told_of(agreed),
    )  # fmt: skip
    return locked


@atomic
def lock_sign_in(street: Street, user: User, *, reason: str, by: User, at: dt.datetime) -> User:
    """Let somebody sign in no more, at once (停用登录); the roles stay as they are. Not the last administrator."""
    reason = check_reason(reason, what=_("停用登录"))
    of_street = _lock(street)
    locked = _lock_user(street, user, active=True, by=by, at=at)
    if administrators(street, on=day_of(at)).filter(user=user).exists():
        _check_left(of_street, user, at=at)
    return _set_active(street, locked, active=False, reason=reason, by=by, at=at)


@atomic
def unlock_sign_in(
    street: Street, user: User, *, reason: str, agreed: StaffRequest | None = None, by: User, at: dt.datetime
) -> User:
    """Let somebody sign in again (恢复登录), with the password as it was."""
    _check_agreed(street, agreed, by=by)
    reason = check_reason(reason, what=_("恢复登录"))
    locked = _lock_user(street, user, active=False, by=by, at=at)
    return _set_active(street, locked, active=True, reason=reason, by=by, at=at, **_told_of(agreed))


def _lock_user(street: Street, user: User, *, active: bool | None = None, by: User, at: dt.datetime) -> User:
    """Another person, locked, for a change of the sign-in; refused where it is not ``active`` as it has to be."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    if active is not None and locked.is_active is not active:
        raise Refused(_("这个登录已经停用了。") if active else _("这个登录没有停用。"))
    check_sign_in_of(by=by.pk, user=user.pk, elsewhere=works_elsewhere(user, street, on=day_of(at)))
    return locked


def _set_active(
    street: Street, user: User, *, active: bool, reason: str, by: User, at: dt.datetime, **said: Any
) -> User:
    user.is_active = active
    user.save(update_fields=["is_active"])
    _sign_out(user)
    verb = "unlock_sign_in" if active else "lock_sign_in"
    trail.record(verb, user, street=street, by=by, at=at, username=user.username, reason=reason, **said)
    return user


def _set_password(user: User, hashed: str, *, one_time: bool, at: dt.datetime) -> None:
    """Another password; of those that were their owner's own, as many are kept as may not be chosen again."""
    if not user.must_change_password:
        FormerPassword.objects.create(user=user, password=user.password, until_at=at)
        newest = FormerPassword.objects.filter(user=user).order_by("-until_at", "-pk").values_list("pk", flat=True)
        FormerPassword.objects.filter(pk__in=list(newest)[FORMER_PASSWORDS:]).delete()
    user.password = hashed
    user.must_change_password, user.password_given_at = one_time, at if one_time else None
    user.save(update_fields=["password", "must_change_password", "password_given_at"])
    _sign_out(user)


def _sign_out(user: User) -> None:
    """End whatever is signed in as a person."""
    Session.objects.filter(user=user).delete()


def change_password(user: User, *, password: str, by: User, at: dt.datetime) -> User:
    """Choose one's own password (改密码), none of the last five; on the trail of each street one works in, never the password itself.

    Whatever is signed in with the old one is signed out. All that is slow is hashed before the transaction: nobody who
    writes waits for it. A password changed meanwhile changes those that may not be chosen, so then it is refused.
    """
    known = User.objects.get(pk=user.pk)
    check_one_time(one_time=known.must_change_password, given_at=known.password_given_at, at=at)
    if known.check_password(password):
        raise Refused(_("新密码不能和原来的一样。"), field="new")
    if any(verify_password(password, former.password)[0] for former in known.former_passwords.all()):
        raise Refused(_("这个密码最近用过，请换一个没用过的。"), field="new")
    hashed = make_password(password)
    with atomic():
        locked = User.objects.select_for_update().get(pk=user.pk)
        if locked.password != known.password:
            raise Refused(_("您的密码刚才在别处换过，请用新的重新登录。"))
        _set_password(locked, hashed, one_time=False, at=at)
        for street in streets_told(user, on=day_of(at)):
            trail.record("change_password", locked, street=street, by=by, at=at)
    return locked


@atomic
def end_sessions(keys: Collection[str], *, by: User, at: dt.datetime) -> int:
    """End browsers that one is signed in with oneself (退出别处的登录), by the keys of their sessions; answers how many there were still.

    Each is told to the trail of each street one works in, by what its owner knows it by, never by its key.
    """
    ended = list(Session.objects.filter(user=by, pk__in=keys).select_for_update().order_by("pk"))
    Session.objects.filter(pk__in=[session.pk for session in ended]).delete()
    streets = streets_told(by, on=day_of(at))
    for session in ended:
        for street in streets:
            trail.record(
                "end_session", by, street=street, by=by, at=at,
                browser=session.browser, address=session.address or "", opened_at=session.opened_at,
            )  # fmt: skip
    return len(ended)


@atomic
def freshen_password(user: User, *, password: str, by: User, at: dt.datetime) -> User:
    """Hash a password anew that its owner has just proven, where hashing has become dearer since (密码重新加密)."""
    streets = streets_told(user, on=day_of(at))
    best = get_hasher()
    if streets and (identify_hasher(user.password).algorithm != best.algorithm or best.must_update(user.password)):
        user.set_password(password)
        user.save(update_fields=["password"])
        _sign_out(user)
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


# -- a second person (双人复核) ----------------------------------------------------------------------------------------


def _check_agreed(street: Street, agreed: StaffRequest | None, *, by: User) -> None:
    """Refuse what nobody has agreed to, where the street wants a second person; the street stays locked."""
    right = (street.pk, StaffRequestState.AGREED, by.pk)
    said = agreed is not None and (agreed.street_id, agreed.state, agreed.decided_by_id) == right
    check_second_person(wanted=_lock(street).second_person, agreed=said)


def _told_of(agreed: StaffRequest | None) -> dict[str, Any]:
    """What the line of an act says of the request it was asked for with."""
    return {"request": agreed.pk, "asked_by": agreed.asked_by.username} if agreed else {}


@atomic
def turn_on_second_person(street: Street, *, reason: str, by: User, at: dt.datetime) -> Street:
    """From now on whatever lets somebody in takes a second administrator (启用双人复核)."""
    reason = check_reason(reason, what=_("启用双人复核"))
    locked = _lock(street)
    check_two_administrators(_able(locked, at=at))
    return _turn(locked, on=True, by=by, at=at, reason=reason)


def _turn(street: Street, *, on: bool, by: User | None, at: dt.datetime, **said: Any) -> Street:
    if street.second_person is on:
        raise Refused(_("双人复核已经启用了。") if on else _("双人复核没有启用。"))
    street.second_person = on
    street.save(update_fields=["second_person"])
    verb = "turn_on_second_person" if on else "turn_off_second_person"
    trail.record(verb, street, street=street, by=by, at=at, **said)
    return street


@atomic
def void_second_person(street: Street, *, reason: str, by: User | None, at: dt.datetime) -> Street:
    """Go on without a second person (停用双人复核), from the machine: where nobody is left who could agree to it."""
    return _turn(_lock(street), on=False, by=by, at=at, reason=check_reason(reason, what=_("停用双人复核")))


@atomic
def ask_to_turn_off(street: Street, *, reason: str, by: User, at: dt.datetime) -> StaffRequest:
    """Ask to go on without a second person (申请停用双人复核)."""
    reason = check_reason(reason, what=_("停用双人复核"))
    return _ask(street, StaffAct.TURN_OFF, reason=reason, by=by, at=at)


@atomic
def ask_for_person(
    street: Street,
    *,
    username: str,
    full_name: str,
    role: Role,
    party: Party | None = None,
    place: Place | None = None,
    from_on: dt.date,
    reason: str,
    by: User,
    at: dt.datetime,
) -> StaffRequest:
    """Ask for a sign-in with its first role (申请新增人员); the sign-in is made when it is agreed to."""
    reason = _check_person(username, reason)
    path = _check_role(street, role, party, place, from_on=from_on, at=at)
    return _ask(
        street, StaffAct.ADD_PERSON, username=username, full_name=full_name, role=role, party=party, path=path,
        from_on=from_on, reason=reason, by=by, at=at,
    )  # fmt: skip


@atomic
def ask_for_role(
    street: Street,
    user: User,
    *,
    role: Role,
    party: Party | None = None,
    place: Place | None = None,
    from_on: dt.date,
    reason: str,
    by: User,
    at: dt.datetime,
) -> StaffRequest:
    """Ask for another role of somebody (申请授予岗位)."""
    reason = check_reason(reason, what=_("授予岗位"))
    _lock(street)
    path = _check_role(street, role, party, place, from_on=from_on, at=at)
    _check_holder(street, user, role, path, from_on=from_on, by=by)
    return _ask(
        street, StaffAct.GRANT_ROLE, user=user, role=role, party=party, path=path, from_on=from_on, reason=reason,
        by=by, at=at,
    )  # fmt: skip


@atomic
def ask_for_password(street: Street, user: User, *, reason: str, by: User, at: dt.datetime) -> StaffRequest:
    """Ask for a new one-time password of somebody (申请重发密码); it is made when it is agreed to."""
    reason = check_reason(reason, what=_("重发密码"))
    _lock(street)
    _lock_user(street, user, by=by, at=at)
    return _ask(street, StaffAct.RESET_PASSWORD, user=user, reason=reason, by=by, at=at)


@atomic
def ask_to_unlock(street: Street, user: User, *, reason: str, by: User, at: dt.datetime) -> StaffRequest:
    """Ask to let somebody sign in again (申请恢复登录)."""
    reason = check_reason(reason, what=_("恢复登录"))
    _lock(street)
    _lock_user(street, user, active=False, by=by, at=at)
    return _ask(street, StaffAct.UNLOCK_SIGN_IN, user=user, reason=reason, by=by, at=at)


def _ask(street: Street, act: StaffAct, *, by: User, at: dt.datetime, **wanted: Any) -> StaffRequest:
    """A request that waits; the same is not asked for twice."""
    _lock(street)
    same = {name: wanted.get(name, "") for name in ("username", "role", "path")}
    if requests_waiting(street, at=at).filter(act=act, user=wanted.get("user"), **same).exists():
        raise Refused(_("同样的申请已经提出过，正等着复核。"))
    made = StaffRequest.objects.create(
        street=street, act=act, asked_by=by, asked_at=at, until_at=at + ASKED_FOR, **wanted
    )
    user = made.user.username if made.user else made.username
    trail.record(
        "ask_second_person", made, by=by, at=at, act=act, user=user, role=made.role, path=made.path,
        party=made.party.name if made.party else "", from_on=made.from_on, reason=made.reason,
        until=made.until_at,
    )  # fmt: skip
    return made


@atomic
def agree_to_request(request: StaffRequest, *, password: str, by: User, at: dt.datetime) -> StaffRequest:
    """Agree to what another asked for (同意), and do it, as of today at the earliest; ``password`` is for who needs one."""
    locked = _decide(request, StaffRequestState.AGREED, by=by, at=at)
    check_still_asked(holds=is_administrator(locked.asked_by, locked.street, on=day_of(at)))
    _do(locked, password=password, by=by, at=at)
    locked.save()
    trail.record("agree_to_request", locked, by=by, at=at, act=locked.act, asked_by=locked.asked_by.username)
    return locked


def _do(asked: StaffRequest, *, password: str, by: User, at: dt.datetime) -> None:
    """The act itself, as if who agrees had done it alone."""
    street, said = asked.street, dict[str, Any](agreed=asked, by=by, at=at)
    match asked.act, asked.user:
        case StaffAct.TURN_OFF, None:
            _turn(_lock(street), on=False, by=by, at=at, reason=asked.reason, **_told_of(asked))
        case StaffAct.RESET_PASSWORD, User() as user:
            reset_password(street, user, password=password, reason=asked.reason, **said)
        case StaffAct.UNLOCK_SIGN_IN, User() as user:
            unlock_sign_in(street, user, reason=asked.reason, **said)
        case StaffAct.GRANT_ROLE, User() as user:
            grant_role(street, user, **_role(asked, at=at), **said)
        case StaffAct.ADD_PERSON, None:
            asked.user = add_person(
                street, username=asked.username, full_name=asked.full_name, password=password, reason=asked.reason,
                **_role(asked, at=at), **said,
            ).user  # fmt: skip
        case _:
            raise AssertionError(asked.act)


def _role(asked: StaffRequest, *, at: dt.datetime) -> dict[str, Any]:
    """The role that is asked for; it begins when it is agreed to, at the earliest."""
    from_on = max(asked.from_on or day_of(at), day_of(at))
    return {"role": Role(asked.role), "party": asked.party, "place": _place(asked), "from_on": from_on}


def _place(asked: StaffRequest) -> Place | None:
    """The part of the grid a role is asked for, where it still is one."""
    if not asked.path:
        return None
    found = Place.objects.filter(street=asked.street, path=asked.path).first()
    if found is None:
        raise Refused(_("要管的那一片已经改了，请撤回再提。"))
    return found


@atomic
def refuse_request(request: StaffRequest, *, reason: str, by: User, at: dt.datetime) -> StaffRequest:
    """Refuse what another asked for (不同意), with the reason."""
    reason = check_reason(reason, what=_("不同意"))
    locked = _decide(request, StaffRequestState.REFUSED, by=by, at=at)
    locked.decision = reason
    locked.save()
    trail.record(
        "refuse_request", locked, by=by, at=at, act=locked.act, asked_by=locked.asked_by.username, reason=reason
    )
    return locked


def _decide(request: StaffRequest, state: StaffRequestState, *, by: User, at: dt.datetime) -> StaffRequest:
    """The request, locked and decided by somebody who may."""
    locked = _settle(request, state, by=by, at=at)
    whole = administrators(locked.street, on=day_of(at)).filter(user=by).exists()
    check_decide(by=by.pk, asked_by=locked.asked_by_id, user=locked.user_id, whole=whole)
    locked.save()
    return locked


def _settle(request: StaffRequest, state: StaffRequestState, *, by: User, at: dt.datetime) -> StaffRequest:
    """The request, locked, with what became of it; refused where that is known already."""
    _lock(request.street)
    locked = lock(request)
    check_waits(waits=locked.state == StaffRequestState.WAITING, until_at=locked.until_at, at=at)
    locked.state, locked.decided_by, locked.decided_at = state, by, at
    return locked


@atomic
def withdraw_request(request: StaffRequest, *, by: User, at: dt.datetime) -> StaffRequest:
    """Take back what one has asked for oneself (撤回)."""
    check_withdraw(by=by.pk, asked_by=request.asked_by_id)
    locked = _settle(request, StaffRequestState.WITHDRAWN, by=by, at=at)
    locked.save()
    trail.record("withdraw_request", locked, by=by, at=at, act=locked.act)
    return locked


@atomic
def add_office(street: Street, *, name: str, phone: str = "", inside: bool, by: User, at: dt.datetime) -> Party:
    """Register an office or company (登记单位) that cases are dispatched to and conferences call; ``inside``: the street's own."""
    _lock(street)
    _check_office_name(street, name)
    party = Party.objects.create(street=street, kind=PartyKind.ORGANISATION, name=name, phone=phone, inside=inside)
    index_rows([party])
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
    index_rows([locked])
    return locked


def _check_office_name(street: Street, name: str) -> None:
    """Whoever is picked from a list is told apart by name alone."""
    if Party.objects.filter(street=street, kind=PartyKind.ORGANISATION, name=name).exists():
        raise Refused(_("已经有叫“%(name)s”的单位了。"), name=name, field="name")
