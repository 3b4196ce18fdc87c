"""Joining, letting a browser in, what a member changes, leaving. The trail names a member's number, never how they are
called nor a telephone. Locks: the street or the member first, then code or card, the head of the trail last."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.committed_refusal import CommittedRefusal, commit_refusals
from hege.kernel.database import atomic
from hege.kernel.ids import public_id
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.kernel.saying import written
from hege.kernel.several import several
from hege.members.models import Consent, Invitation, JoinCode, Member, MemberDevice, MemberRole
from hege.members.queries import (
    card_of,
    codes_asked_for,
    consents_among,
    consents_of,
    devices_of,
    member_with_phone,
    station_codes,
)
from hege.members.rules import (
    CARD_FOR,
    CODE_FOR,
    CODE_TRIES,
    MOST_STATION_CODES,
    STATION_FOR,
    WORDING,
    ConsentKind,
    InvitationKind,
    JoinedHow,
    MemberRoleKind,
    MemberWork,
    card_tokens,
    check_appointable,
    check_called,
    check_card,
    check_code,
    check_may_ask,
    check_proven,
    device_tokens,
    digits_of,
    kept_as,
)
from hege.outbox import actions as outbox
from hege.outbox.queries import open_channels
from hege.outbox.rules import Channel, Event, Telling, check_phone
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.places.models import Place
from hege.trail import actions as trail

Consents = Mapping[ConsentKind, bool]

# -- joining -------------------------------------------------------------------------------------------------------------


@atomic
def join_with_card(
    street: Street, *, called: str, work: MemberWork, phone: str = "", consents: Consents, by: User, at: dt.datetime
) -> Member:
    """Somebody joins at the desk (代为加入) and is handed a printed card, whose code lets one browser in."""
    said = check_called(called)
    number = check_phone(phone, field="phone") if phone.strip() else ""
    member = _join(street, called=said, phone=number, work=work, how=JoinedHow.CARD, consents=consents, by=by, at=at)
    make_card(member, by=by, at=at)
    return member


@atomic
def join_with_code(
    code: JoinCode,
    *,
    called: str,
    work: MemberWork,
    consents: Consents,
    secret: str,
    browser: str = "",
    by: User | None,
    at: dt.datetime,
) -> str:
    """Whoever holds a telephone joins (手机加入); answers what the cookie of their browser is to hold.

    ``secret`` is what the browser brought: sent twice, one joins once.
    """
    said = check_called(called)
    _lock_street(code.street)
    locked = lock(code)
    check_proven(proven_at=locked.proven_at, at=at)
    member = member_with_phone(locked.street, locked.phone)
    if member is None:
        member = _join(
            locked.street,
            called=said,
            phone=locked.phone,
            work=work,
            how=JoinedHow.CODE,
            consents=consents,
            by=by,
            at=at,
        )
    _use(locked, at=at)
    return _let_in(member, secret=secret, browser=browser, how=JoinedHow.CODE, by=by, at=at)


@atomic
def join_at_station(
    invitation: Invitation,
    *,
    called: str,
    work: MemberWork,
    consents: Consents,
    secret: str,
    browser: str = "",
    by: User | None,
    at: dt.datetime,
) -> str:
    """Somebody joins by the one-time code at a station (驿站加入), without a telephone; answers what the cookie is to hold."""
    said = check_called(called)
    _lock_street(invitation.street)
    locked = lock(invitation)
    if (token := _let_in_by(locked, secret)) is not None:
        return token
    check_card(used=locked.used_at is not None, ended=locked.ended_at is not None, over=locked.until_at <= at)
    member = _join(
        locked.street, called=said, phone="", work=work, how=JoinedHow.STATION, consents=consents, by=by, at=at
    )
    locked.used_at, locked.member = at, member
    locked.save(update_fields=["used_at", "member"])
    return _let_in(member, secret=secret, browser=browser, how=JoinedHow.STATION, by=by, at=at)


@atomic
def join_many_with_cards(
    street: Street, *, people: Sequence[tuple[str, MemberWork]], by: User, at: dt.datetime
) -> list[Invitation]:
    """Many join at the desk at once (批量加入), each by how they are called and their work, and each is handed a card; none
    has said yes to anything."""
    said = [(check_called(called), work) for called, work in people]
    _lock_street(street)
    first = _last_number(street) + 1
    members = Member.objects.bulk_create(
        Member(street=street, number=n, called=called, work=work, joined_at=at, joined_how=JoinedHow.CARD)
        for n, (called, work) in enumerate(said, first)
    )
    cards = Invitation.objects.bulk_create(
        _invitation(street, InvitationKind.CARD, member=member, by=by, until=at + CARD_FOR, at=at) for member in members
    )
    if members:
        numbers = {"first": members[0].shown_number, "last": members[-1].shown_number}
        trail.record("join_members", members[0], street=street, by=by, at=at, count=len(members), **numbers)
    return cards


def _last_number(street: Street) -> int:
    return Member.objects.filter(street=street).aggregate(n=Max("number"))["n"] or 0


def _join(
    street: Street,
    *,
    called: str,
    phone: str,
    work: MemberWork,
    how: JoinedHow,
    consents: Consents,
    by: User | None,
    at: dt.datetime,
) -> Member:
    """A new member; numbers are given one by one, under the street's lock."""
    _lock_street(street)
    if member_with_phone(street, phone) is not None:
        raise Refused(_("这个手机号已经是成员了。"), field="phone")
    member = Member.objects.create(
        street=street,
        number=_last_number(street) + 1,
        called=called,
        phone=phone,
        work=work,
        joined_at=at,
        joined_how=how,
    )
    _keep_consents(member, consents, at=at)
    trail.record("join_member", member, by=by, at=at, member=member.shown_number, how=how)
    return member


def _lock_street(street: Street) -> None:
    locked_street(street.pk)


# -- the code by SMS -------------------------------------------------------------------------------------------------------


@atomic
def ask_for_code(street: Street, *, phone: str, address: str | None, secret: str, at: dt.datetime) -> JoinCode:
    """Send a telephone six digits (要验证码): for joining, and for letting in another browser of a member; the answer
    does not tell which. Only the browser that asked, known by its ``secret``, can use them."""
    number = check_phone(phone, field="phone")
    if Channel.SMS not in open_channels(street):
        raise Refused(_("这里还没有短信通道。请找工作人员领成员卡，或者扫驿站的码。"), field="phone")
    _lock_street(street)
    last, for_phone, for_address = codes_asked_for(number, address, at=at)
    check_may_ask(last=last, for_phone=for_phone, for_address=for_address, at=at)
    code = JoinCode.objects.create(
        street=street, phone=number, address=address, browser_hash=next(kept_as(secret)), made_at=at,
        until_at=at + CODE_FOR,
    )  # fmt: skip
    telling = Telling(Event.JOIN_CODE, ("members.joincode", code.pk), round=code.public_id)
    outbox.tell_members(street, [(code.public_id, telling)], at=at)
    return code


@commit_refusals
def prove_code(code: JoinCode, *, digits: str, at: dt.datetime) -> JoinCode:
    """Say the digits that were sent (验证); a wrong try is counted, and counts although it is refused."""
    locked = lock(code)
    if locked.proven_at is not None:
        return locked
    check_code(tries=locked.tries, over=locked.until_at <= at)
    said = "".join(digits.split())
    if not any(hmac.compare_digest(said.encode(), right.encode()) for right in digits_of(locked.public_id)):
        locked.tries += 1
        locked.save(update_fields=["tries"])
        left = CODE_TRIES - locked.tries
        if left == 0:
            raise CommittedRefusal(_("验证码不对，这个验证码不能再试了。请重新要一个。"), field="digits")
        raise CommittedRefusal(several("验证码不对，还可以试 %(n)s 次。"), n=left, field="digits")
    locked.proven_at = at
    locked.save(update_fields=["proven_at"])
    return locked


@atomic
def open_by_code(code: JoinCode, *, secret: str, browser: str = "", by: User | None, at: dt.datetime) -> str | None:
    """Let in the browser of a member who proved that they hold the telephone (换手机); None where it is no member's."""
    locked = lock(code)
    member = member_with_phone(locked.street, locked.phone)
    check_proven(proven_at=locked.proven_at, at=at)
    if member is None:
        return None
    _use(locked, at=at)
    return _let_in(member, secret=secret, browser=browser, how=JoinedHow.CODE, by=by, at=at)


def _use(code: JoinCode, *, at: dt.datetime) -> None:
    if code.used_at is None:
        code.used_at = at
        code.save(update_fields=["used_at"])


# -- cards and codes at stations -------------------------------------------------------------------------------------------


@atomic
def make_card(member: Member, *, by: User, at: dt.datetime) -> Invitation:
    """Print a member another card (打印成员卡): the one before opens nothing any more."""
    locked = lock(member)
    if not locked.active:
        raise Refused(_("已经退出，不能再打卡。"))
    _end_cards(locked, at=at)
    card = _invitation(locked.street, InvitationKind.CARD, member=locked, by=by, until=at + CARD_FOR, at=at)
    card.save()
    trail.record("make_card", card, by=by, at=at, member=locked.shown_number)
    return card


@atomic
def make_station_codes(street: Street, *, label: str, count: int, by: User, at: dt.datetime) -> list[Invitation]:
    """Make some one-time codes to lay out at a station (驿站的码), each for one who joins."""
    said = check_words(label, _("请写放在哪个驿站。"), field="label")[:60]
    if not 1 <= count <= MOST_STATION_CODES:
        raise Refused(_("一次做 1 到 %(n)s 个。"), n=MOST_STATION_CODES, field="count")
    rows = [
        _invitation(street, InvitationKind.STATION, label=said, by=by, until=at + STATION_FOR, at=at)
        for _n in range(count)
    ]
    made = Invitation.objects.bulk_create(rows)
    trail.record("make_station_codes", made[0], by=by, at=at, label=said, count=count)
    return made


@atomic
def end_station_codes(street: Street, *, label: str, by: User, at: dt.datetime) -> int:
    """Void the codes at a station that nobody has used (作废驿站的码): the sheet is gone, or the station is."""
    rows = list(station_codes(street, at=at).filter(label=label).select_for_update())
    for row in rows:
        row.ended_at = at
        row.save(update_fields=["ended_at"])
    if rows:
        trail.record("end_station_codes", rows[0], street=street, by=by, at=at, label=label, count=len(rows))
    return len(rows)


def _invitation(
    street: Street,
    kind: InvitationKind,
    *,
    member: Member | None = None,
    label: str = "",
    by: User,
    until: dt.datetime,
    at: dt.datetime,
) -> Invitation:
    """One more, not saved; its secret is derived of its public id."""
    name = public_id()
    return Invitation(
        street=street, public_id=name, kind=kind, member=member, label=label, made_by=by, made_at=at, until_at=until,
        token_hash=next(kept_as(next(card_tokens(street.pk, name)))),
    )  # fmt: skip


def _end_cards(member: Member, *, at: dt.datetime) -> None:
    before = card_of(member, at=at)
    if before is not None:
        before.ended_at = at
        before.save(update_fields=["ended_at"])


@atomic
def open_by_card(card: Invitation, *, secret: str, browser: str = "", by: User | None, at: dt.datetime) -> str:
    """Let the browser in that scanned a card (用卡开通), and use the card up; answers what its cookie is to hold.

    ``secret`` is what the browser brought: sent twice, it is let in once.
    """
    locked = lock(card)
    member = card.member
    assert member is not None  # as its constraint says
    if (token := _let_in_by(locked, secret)) is not None:
        return token
    void = locked.ended_at is not None or not member.active
    check_card(used=locked.used_at is not None, ended=void, over=locked.until_at <= at)
    locked.used_at = at
    locked.save(update_fields=["used_at"])
    return _let_in(member, secret=secret, browser=browser, how=JoinedHow.CARD, by=by, at=at)


# -- browsers --------------------------------------------------------------------------------------------------------------


def _let_in_by(invitation: Invitation, secret: str) -> str | None:
    """The token of the browser that this secret let in already by this code."""
    return _let_in_before(invitation.member, secret) if invitation.member and invitation.used_at else None


def _let_in_before(member: Member, secret: str) -> str | None:
    for token in device_tokens(member.street_id, member.pk, secret):
        if devices_of(member).filter(token_hash__in=list(kept_as(token))).exists():
            return token
    return None


def _let_in(member: Member, *, secret: str, browser: str, how: JoinedHow, by: User | None, at: dt.datetime) -> str:
    """What the cookie of a browser is to hold; the same for one that is let in already."""
    if (before := _let_in_before(member, secret)) is not None:
        return before
    token = next(device_tokens(member.street_id, member.pk, secret))
    device = MemberDevice.objects.create(
        street=member.street,
        member=member,
        token_hash=next(kept_as(token)),
        how=how,
        browser=browser[:200],
        opened_at=at,
    )
    trail.record("open_device", device, by=by, at=at, member=member.shown_number, how=how)
    return token


@atomic
def end_device(device: MemberDevice, *, by: User | None, at: dt.datetime) -> MemberDevice:
    """A browser is let in no more (停用手机): lost, sold, or given back."""
    check_same_street(device.street_id, device.member)
    locked = lock(device)
    if locked.ended_at is None:
        locked.ended_at = at
        locked.save(update_fields=["ended_at"])
        trail.record("end_device", locked, by=by, at=at, member=device.member.shown_number)
    return locked


# -- what a member changes -------------------------------------------------------------------------------------------------


@atomic
def amend_member(member: Member, *, called: str, work: MemberWork, by: User | None, at: dt.datetime) -> Member:
    """Be called otherwise, or do another work (改资料). The trail says which of the two changed, not what it was."""
    said = {"called": check_called(called), "work": work}
    locked = _lock_active(member)
    changed = [name for name, value in said.items() if getattr(locked, name) != value]
    for name in changed:
        setattr(locked, name, said[name])
    if changed:
        locked.save(update_fields=changed)
        trail.record("amend_member", locked, by=by, at=at, member=locked.shown_number, changed=changed)
    return locked


@atomic
def change_phone(member: Member, code: JoinCode, *, by: User | None, at: dt.datetime) -> Member:
    """Take the telephone that was proven by a code (换手机号)."""
    _lock_street(member.street)
    locked, proven = _lock_active(member), lock(code)
    check_proven(proven_at=proven.proven_at, at=at)
    holder = member_with_phone(locked.street, proven.phone)
    if holder is not None and holder.pk != locked.pk:
        raise Refused(_("这个手机号是另一位成员的。"), field="digits")
    _use(proven, at=at)
    if locked.phone != proven.phone:
        _forget_codes(locked)
        locked.phone = proven.phone
        locked.save(update_fields=["phone"])
        trail.record("amend_member", locked, by=by, at=at, member=locked.shown_number, changed=["phone"])
    return locked


def _forget_codes(member: Member) -> None:
    """Drop the codes that were sent to a telephone that is theirs no more."""
    if member.phone:
        JoinCode.objects.filter(street=member.street, phone=member.phone).delete()


@atomic
def set_consents(member: Member, *, consents: Consents, by: User | None, at: dt.datetime) -> Member:
    """Agree or not agree any more (改同意): a row for each answer that changed."""
    locked = _lock_active(member)
    before = consents_of(locked)
    changed = {kind: given for kind, given in consents.items() if before[kind] != given}
    if changed:
        _keep_consents(locked, changed, at=at)
        told = {kind.value: given for kind, given in changed.items()}
        trail.record("set_consents", locked, by=by, at=at, member=locked.shown_number, consents=told)
    return locked


def _keep_consents(member: Member, said: Consents, *, at: dt.datetime) -> None:
    """What was said to each question, with its words as they were shown."""
    Consent.objects.bulk_create(
        Consent(street=member.street, member=member, kind=kind, given=given, wording=str(WORDING[kind]), at=at)
        for kind, given in said.items()
    )


def _lock_active(member: Member) -> Member:
    locked = lock(member)
    if not locked.active:
        raise Refused(_("已经退出。"))
    return locked


@atomic
def leave(member: Member, *, by: User | None, at: dt.datetime) -> Member:
    """Leave (退出): name and telephone are deleted at once, every browser and card is ended, appointments end.

    The number stays with what hangs on it: what was signed up for, claimed, posted.
    """
    locked = _lock_active(member)
    _forget_codes(locked)
    locked.called, locked.phone, locked.left_at = "", "", at
    locked.save(update_fields=["called", "phone", "left_at"])
    for device in devices_of(locked):
        device.ended_at, device.browser = at, ""
        device.save(update_fields=["ended_at", "browser"])
    _end_cards(locked, at=at)
    today = day_of(at)
    for role in MemberRole.objects.filter(street=locked.street, member=locked).not_over(today):
        role.until_on, role.ended_reason = max(today, role.from_on), written(_("已退出"))
        role.save(update_fields=["until_on", "ended_reason"])
    trail.record("leave", locked, by=by, at=at, member=locked.shown_number)
    return locked


# -- appointments ----------------------------------------------------------------------------------------------------------


@atomic
def appoint(
    member: Member,
    *,
    role: MemberRoleKind,
    area: Place | None,
    from_on: dt.date,
    until_on: dt.date,
    by: User,
    at: dt.datetime,
) -> MemberRole:
    """Appoint a member (聘任) for a term, the whole street or an area; the letter gets the street's next number."""
    check_same_street(member.street_id, area)
    _lock_street(member.street)
    locked = lock(member)
    rows = MemberRole.objects.filter(street=locked.street, member=locked, role=role)
    held = rows.overlapping(from_on, until_on).exists()
    check_appointable(active=locked.active, from_on=from_on, until_on=until_on, held=held)
    last = MemberRole.objects.filter(street=locked.street).aggregate(n=Max("number"))["n"] or 0
    made = MemberRole.objects.create(
        street=locked.street, member=locked, role=role, area=area, number=last + 1, from_on=from_on, until_on=until_on,
        appointed_by=by, appointed_at=at,
    )  # fmt: skip
    trail.record(
        "appoint", made, by=by, at=at, member=locked.shown_number, role=role, number=made.number, from_on=from_on,
        until_on=until_on, area=area.name if area else "",
    )  # fmt: skip
    tell_members(locked.street, [(locked, Telling(Event.APPOINTED, ("members.memberrole", made.pk)))], at=at)
    return made


@atomic
def end_appointment(role: MemberRole, *, until_on: dt.date, reason: str, by: User, at: dt.datetime) -> MemberRole:
    """End an appointment before its term (提前结束聘任), with a reason."""
    said = check_words(reason)[:300]
    locked = lock(role)
    assert locked.until_on is not None  # as its constraint says
    if not locked.from_on <= until_on < locked.until_on:
        raise Refused(_("结束的日子要在聘期里。"), field="until_on")
    locked.until_on, locked.ended_reason = until_on, said
    locked.save(update_fields=["until_on", "ended_reason"])
    trail.record("end_appointment", locked, by=by, at=at, number=locked.number, until_on=until_on, reason=said)
    return locked


# -- telling ---------------------------------------------------------------------------------------------------------------


def tell_members(street: Street, told: Iterable[tuple[Member, Telling]], *, at: dt.datetime) -> None:
    """Tell those of some members by SMS who agreed to that, where the street sends any; a row knows a public id alone.

    Whether they still agree is asked once more when it is sent. Two statements, however many.
    """
    wanted = [(member, telling) for member, telling in told if member.active]
    if not wanted or Channel.SMS not in open_channels(street):
        return
    agreed = consents_among({member for member, _telling in wanted})
    rows = [(m.public_id, telling) for m, telling in wanted if agreed[m.pk][ConsentKind.MESSAGES]]
    outbox.tell_members(street, rows, at=at)
