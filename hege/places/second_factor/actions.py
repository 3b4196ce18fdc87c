"""A person's second factors (第二重验证): added, named, ended by their owner, and proven at each sign-in.

What is proven is proven under a lock on its row, so that nothing seen once is taken again, also by two processes at one
instant. Each act stands on the trail of each street the person works in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.refused import Refused
from hege.people.models import RecoveryCode, SecondFactor, SecondFactorKind, Session, SignInFailure, User
from hege.people.queries import streets_told
from hege.people.rules import SignIn, check_reason
from hege.people.second_factor.passkeys import Passkey, Proven
from hege.people.second_factor.queries import factors_of, has_factor, recovery_codes_of, secret_of, what_is_sealed
from hege.people.second_factor.rules import (
    check_count,
    check_factor_left,
    check_has_factor,
    check_name,
    check_own,
    check_room,
    step_of,
    typed,
)
from hege.people.second_factor.sealing import digests, seal, sealed_anew
from hege.places.staff.actions import record_sign_in
from hege.trail import actions as trail

WRONG_CODE = _("验证码不对，或者已经用过。请等下一个再试；总是不对，请看手机的时间准不准。")
KEY_LOST = _(
    "系统的密钥换过，认不出这个第二重验证了。请在服务器上把原来的密钥写进 HEGE_SECRET_KEYS_OLD，或者办 hege unlock。"
)


# -- one's own ---------------------------------------------------------------------------------------------------------


@atomic
def add_totp(
    user: User, *, name: str, secret: str, code: str, session: str = "", by: User, at: dt.datetime
) -> SecondFactor:
    """Add an app that shows one-time codes (添加动态口令); its first code proves that it has the secret.

    With the first factor whatever was signed in without one is signed out, but for ``session``.
    """
    name = _room_for(user, name=name, by=by)
    if any(secret_of(factor) == secret for factor in factors_of(user)):
        raise Refused(_("这个动态口令已经添加过了。"))
    step = step_of(secret, typed(code), after=0, at=at)
    if step is None:
        raise Refused(WRONG_CODE, field="code")
    return _add(user, SecondFactorKind.TOTP, name, secret, session=session, counter=step, by=by, at=at)


@atomic
def add_passkey(
    user: User, *, name: str, passkey: Passkey, session: str = "", by: User, at: dt.datetime
) -> SecondFactor:
    """Add a passkey (添加通行密钥) that a browser has just made; ``session`` as with ``add_totp``."""
    name = _room_for(user, name=name, by=by)
    if SecondFactor.objects.filter(credential=passkey.credential).exists():
        raise Refused(_("这把通行密钥已经添加过了。"))
    kind, made = SecondFactorKind.PASSKEY, {"credential": passkey.credential, "counter": passkey.signed}
    return _add(user, kind, name, passkey.data, session=session, by=by, at=at, **made)


def _room_for(user: User, *, name: str, by: User) -> str:
    check_own(by=by.pk, user=user.pk)
    name = check_name(name)
    _lock(user)
    check_room(factors_of(user).count())
    return name


def _lock(user: User) -> None:
    User.objects.select_for_update().get(pk=user.pk)


def _add(
    user: User, kind: SecondFactorKind, name: str, secret: str, *, session: str, by: User, at: dt.datetime, **made: Any
) -> SecondFactor:
    if not has_factor(user):
        _sign_out(user, but=session)
    factor = SecondFactor(user=user, kind=kind, name=name, added_at=at, **made)
    factor.secret = seal(secret, user=user.pk, what=what_is_sealed(factor))
    factor.save()
    _tell("add_second_factor", user, by=by, at=at, kind=kind, name=name)
    return factor


def _sign_out(user: User, *, but: str = "") -> None:
    """End whatever is signed in as a person, but for one session."""
    Session.objects.filter(user=user).exclude(pk=but).delete()


def _tell(verb: str, user: User, *, by: User | None, at: dt.datetime, **data: Any) -> None:
    streets = streets_told(user, on=day_of(at))
    if not streets:
        raise Refused(_("您还没有岗位，请先找管理员授予岗位。"))
    for street in streets:
        trail.record(verb, user, street=street, by=by, at=at, **data)


@atomic
def rename_second_factor(factor: SecondFactor, *, name: str, by: User, at: dt.datetime) -> SecondFactor:
    """Call a factor by another name (改名)."""
    locked = _locked(factor, by=by)
    before, locked.name = locked.name, check_name(name)
    locked.save(update_fields=["name"])
    _tell("rename_second_factor", locked.user, by=by, at=at, before=before, name=locked.name)
    return locked


@atomic
def end_second_factor(factor: SecondFactor, *, compelled: bool, by: User, at: dt.datetime) -> SecondFactor:
    """Sign in with a factor no more (停用第二重验证). With the last one the recovery codes end.

    Refused for the last one of who is ``compelled`` to have one.
    """
    locked = _locked(factor, by=by)
    others = factors_of(locked.user).exclude(pk=locked.pk).count()
    check_factor_left(others, compelled=compelled)
    locked.ended_at = at
    locked.save(update_fields=["ended_at"])
    if not others:
        recovery_codes_of(locked.user).update(ended_at=at)
    _tell("end_second_factor", locked.user, by=by, at=at, kind=locked.kind, name=locked.name)
    return locked


def _locked(factor: SecondFactor, *, by: User) -> SecondFactor:
    """A factor that its owner still has, as it stands now; the person is locked before it, as by those who add one."""
    check_own(by=by.pk, user=factor.user_id)
    _lock(factor.user)
    locked = SecondFactor.objects.select_for_update().get(pk=factor.pk)
    if locked.ended_at is not None:
        raise Refused(_("这个第二重验证已经停用了。"))
    locked.user = factor.user
    return locked


@atomic
def make_recovery_codes(user: User, *, codes: Sequence[str], by: User, at: dt.datetime) -> list[RecoveryCode]:
    """Give out a new set of codes for paper (生成备用码); those of the old one work no more. Only digests are kept."""
    check_own(by=by.pk, user=user.pk)
    _lock(user)
    check_has_factor(factors_of(user).count())
    recovery_codes_of(user).update(ended_at=at)
    rows = [RecoveryCode(user=user, digest=digests(typed(code), user=user.pk)[0], made_at=at) for code in codes]
    made = RecoveryCode.objects.bulk_create(rows)
    _tell("make_recovery_codes", user, by=by, at=at, count=len(made))
    return made


# -- at the sign-in ----------------------------------------------------------------------------------------------------


@atomic
def sign_in_by_code(user: User, *, code: str, address: str, by: User, at: dt.datetime) -> SecondFactor:
    """Take a one-time code at the sign-in (动态口令登录); each works once."""
    rows = factors_of(user).filter(kind=SecondFactorKind.TOTP).select_for_update()
    secrets = [(factor, secret_of(factor)) for factor in rows]
    if secrets and all(secret is None for _factor, secret in secrets):
        raise Refused(KEY_LOST)
    for factor, secret in secrets:
        step = step_of(secret, typed(code), after=factor.counter, at=at) if secret else None
        if step is not None:
            return _used(factor, user, counter=step, address=address, by=by, at=at)
    raise Refused(WRONG_CODE, field="code")


@atomic
def sign_in_by_passkey(user: User, *, proven: Proven, address: str, by: User, at: dt.datetime) -> SecondFactor:
    """Take what a passkey has signed at the sign-in (通行密钥登录)."""
    rows = factors_of(user).filter(kind=SecondFactorKind.PASSKEY).select_for_update()
    factor = rows.filter(credential=proven.credential).first()
    if factor is None:
        raise Refused(_("这把通行密钥已经停用了。"))
    check_count(proven.signed, after=factor.counter)
    return _used(factor, user, counter=proven.signed, address=address, by=by, at=at)


def _used(factor: SecondFactor, user: User, *, counter: int, address: str, by: User, at: dt.datetime) -> SecondFactor:
    factor.counter, factor.last_used_at = counter, at
    factor.secret = sealed_anew(factor.secret, user=user.pk, what=what_is_sealed(factor))
    factor.save(update_fields=["counter", "last_used_at", "secret"])
    record_sign_in(user, SignIn.SIGNED_IN, address=address, how=factor.kind, by=by, at=at)
    return factor


@atomic
def sign_in_by_recovery_code(user: User, *, code: str, address: str, by: User, at: dt.datetime) -> RecoveryCode:
    """Take a code from paper at the sign-in (备用码登录); each works once."""
    found = recovery_codes_of(user).filter(digest__in=digests(typed(code), user=user.pk)).select_for_update().first()
    if found is None:
        raise Refused(_("备用码不对，或者已经用过。每个只能用一次。"), field="code")
    found.used_at = at
    found.save(update_fields=["used_at"])
    record_sign_in(user, SignIn.SIGNED_IN, address=address, how="recovery_code", by=by, at=at)
    return found


# -- who lost all of it ------------------------------------------------------------------------------------------------


@atomic
def void_second_factors(user: User, *, reason: str, by: User | None, at: dt.datetime) -> int:
    """End all second factors and recovery codes of who has lost them (作废第二重验证); answers how many factors there were.

    The sign-in itself is neither locked nor opened again by it (停用登录, 恢复登录): with the password it leads to where a new
    factor is set up, for those who have to have one. Whatever is signed in is signed out; wrong passwords and codes until now are forgotten.
    """
    reason = check_reason(reason, what=_("作废第二重验证"))
    _lock(user)
    ended = factors_of(user).update(ended_at=at)
    codes = recovery_codes_of(user).update(ended_at=at)
    SignInFailure.objects.filter(username=user.username).delete()
    _sign_out(user)
    _tell("void_second_factors", user, by=by, at=at, factors=ended, recovery_codes=codes, reason=reason)
    return ended
