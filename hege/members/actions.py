"""Joining, and letting a browser in. The trail names a member's number, never how they are called nor a telephone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Max
from django.db.transaction import atomic
from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_same_street
from hege.kernel.ids import public_id
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.members.models import Consent, Invitation, Member, MemberDevice
from hege.members.queries import card_of
from hege.members.rules import (
    CARD_FOR,
    WORDING,
    ConsentKind,
    InvitationKind,
    JoinedHow,
    MemberWork,
    card_tokens,
    check_called,
    check_card,
    device_tokens,
    kept_as,
)
from hege.outbox.rules import check_phone
from hege.people.models import Street, User
from hege.trail import actions as trail


@atomic
def join_with_card(
    street: Street,
    *,
    called: str,
    work: MemberWork,
    phone: str = "",
    consents: Mapping[ConsentKind, bool],
    by: User,
    at: dt.datetime,
) -> Member:
    """Somebody joins at the desk (代为加入) and is handed a printed card, whose code lets one browser in."""
    said = check_called(called)
    number = check_phone(phone, field="phone") if phone.strip() else ""
    member = _join(street, called=said, phone=number, work=work, how=JoinedHow.CARD, consents=consents, at=at)
    trail.record("join_member", member, by=by, at=at, member=member.shown_number, how=JoinedHow.CARD)
    make_card(member, by=by, at=at)
    return member


def _join(
    street: Street,
    *,
    called: str,
    phone: str,
    work: MemberWork,
    how: JoinedHow,
    consents: Mapping[ConsentKind, bool],
    at: dt.datetime,
) -> Member:
    """The rows of a new member; numbers are given one by one, under the street's lock."""
    Street.objects.select_for_update(no_key=True).get(pk=street.pk)
    if phone and Member.objects.filter(street=street, phone=phone).exists():
        raise Refused(_("这个手机号已经是成员了。"), field="phone")
    last = Member.objects.filter(street=street).aggregate(n=Max("number"))["n"] or 0
    member = Member.objects.create(
        street=street, number=last + 1, called=called, phone=phone, work=work, joined_at=at, joined_how=how
    )
    _keep_consents(member, consents, at=at)
    return member


def _keep_consents(member: Member, said: Mapping[ConsentKind, bool], *, at: dt.datetime) -> None:
    """What was said to each question, with its words as they were shown."""
    Consent.objects.bulk_create(
        Consent(street=member.street, member=member, kind=kind, given=given, wording=str(WORDING[kind]), at=at)
        for kind, given in said.items()
    )


@atomic
def make_card(member: Member, *, by: User, at: dt.datetime) -> Invitation:
    """Print a member another card (打印成员卡): the one before opens nothing any more."""
    locked = lock(member)
    if not locked.active:
        raise Refused(_("已经退出，不能再打卡。"))
    before = card_of(locked, at=at)
    if before is not None:
        before.ended_at = at
        before.save(update_fields=["ended_at"])
    name = public_id()
    card = Invitation.objects.create(
        street=member.street, public_id=name, kind=InvitationKind.CARD, member=locked, made_by=by, made_at=at,
        token_hash=next(kept_as(next(card_tokens(member.street_id, name)))), until_at=at + CARD_FOR,
    )  # fmt: skip
    trail.record("make_card", card, by=by, at=at, member=locked.shown_number)
    return card


@atomic
def open_by_card(card: Invitation, *, secret: str, browser: str = "", by: User | None, at: dt.datetime) -> str:
    """Let the browser in that scanned a card (用卡开通), and use the card up; answers what its cookie is to hold.

    ``secret`` is what the browser brought: sent twice, it is let in once.
    """
    locked = lock(card)
    member = card.member
    assert member is not None  # as its constraint says
    if (token := _let_in_before(member, secret)) is not None:
        return token
    check_card(
        used=locked.used_at is not None,
        ended=locked.ended_at is not None or not member.active,
        over=locked.until_at <= at,
    )
    locked.used_at = at
    locked.save(update_fields=["used_at"])
    return _let_in(member, secret=secret, browser=browser, how=JoinedHow.CARD, by=by, at=at)


def _let_in_before(member: Member, secret: str) -> str | None:
    """The token of the browser that this secret let in already."""
    for token in device_tokens(member.street_id, member.pk, secret):
        rows = MemberDevice.objects.filter(street=member.street_id, token_hash__in=list(kept_as(token)), ended_at=None)
        if rows.exists():
            return token
    return None


def _let_in(member: Member, *, secret: str, browser: str, how: JoinedHow, by: User | None, at: dt.datetime) -> str:
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
