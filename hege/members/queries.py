"""Reads over members: by the cookie of a browser, by number, what they agreed to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Count, Max, QuerySet

from hege.kernel.prepared import prepared
from hege.members.models import Consent, Invitation, JoinCode, Member, MemberDevice, MemberRole
from hege.members.rules import (
    A_DAY,
    AN_HOUR,
    DEVICE_FOR,
    ConsentKind,
    InvitationKind,
    card_tokens,
    code_words,
    digits_of,
    kept_as,
)
from hege.people.models import Street


def code_in_hand(street: Street, secret: str) -> JoinCode | None:
    """The latest code that a browser asked for, whatever became of it."""
    rows = JoinCode.objects.filter(street=street, browser_hash__in=list(kept_as(secret)))
    found = rows.order_by("-pk").first()
    if found is not None:
        found.street = street
    return found


def codes_asked_for(phone: str, address: str | None, *, at: dt.datetime) -> tuple[dt.datetime | None, int, int]:
    """When the last code was sent to a telephone, how many in a day, and how many for one address in an hour; of all
    streets together: it is one telephone."""
    to_phone = JoinCode.objects.filter(phone=phone, made_at__gt=at - A_DAY)
    told = to_phone.aggregate(last=Max("made_at"), n=Count("pk"))
    near = JoinCode.objects.filter(address=address, made_at__gt=at - AN_HOUR) if address else JoinCode.objects.none()
    return told["last"], told["n"], near.count()


def member_with_phone(street: Street, phone: str) -> Member | None:
    """The member of a street who has a telephone."""
    found = Member.objects.filter(street=street, phone=phone).first() if phone else None
    if found is not None:
        found.street = street
    return found


def member_telephone(street: Street, public_id: str) -> str:
    """The telephone of a member who may be told by SMS at this instant; empty for any other. For who sends alone."""
    member = Member.objects.filter(street=street, public_id=public_id, left_at__isnull=True).first()
    return member.phone if member is not None and consents_of(member)[ConsentKind.MESSAGES] else ""


def code_to_send(street: Street, public_id: str, *, at: dt.datetime) -> tuple[str, str]:
    """The telephone a code goes to and what the SMS says; empty where it holds no more. For who sends alone."""
    rows = JoinCode.objects.filter(street=street, public_id=public_id, until_at__gt=at, used_at=None, proven_at=None)
    found = rows.first()
    return (found.phone, code_words(next(digits_of(found.public_id)), street.name)) if found else ("", "")


def device_of(token: str, street_code: str, *, at: dt.datetime) -> MemberDevice | None:
    """The browser that holds a cookie, with its member and street; None where it is not let in there (any more)."""
    found = next(iter(_devices(list(kept_as(token)), street_code, at - DEVICE_FOR)), None)
    if found is not None:
        found.member.street = found.street
    return found


@prepared
def _devices(hashes: Sequence[str], street_code: str, opened_after: dt.datetime) -> QuerySet[MemberDevice]:
    rows = MemberDevice.objects.filter(
        token_hash__in=hashes, street__code=street_code, ended_at__isnull=True, opened_at__gt=opened_after,
        member__left_at__isnull=True,
    )  # fmt: skip
    return rows.select_related("street", "member")[:1]  # members act many at once: a head read here would have moved on


def members_of(street: Street, asked: str = "") -> QuerySet[Member]:
    """Who is a member of a street now, the newest first; those with a number, or called so, where that is asked for."""
    rows = Member.objects.filter(street=street, left_at__isnull=True).order_by("-number")
    said = asked.strip()
    if said.isascii() and said.isdecimal():
        return rows.filter(number=int(said)) if len(said) < 10 else rows.none()
    return rows.filter(called__icontains=said) if said else rows


def the_member(street: Street, public_id: str) -> Member | None:
    """A member of a street, also one who left."""
    return Member.objects.filter(street=street, public_id=public_id).select_related("street__trail_head").first()


def consents_of(member: Member) -> dict[ConsentKind, bool]:
    """What a member agreed to; who was never asked did not."""
    return consents_among([member])[member.pk]


def consents_among(members: Iterable[Member]) -> dict[int, dict[ConsentKind, bool]]:
    """What each of some members agreed to, by member; one query."""
    found = {member.pk: dict.fromkeys(ConsentKind, False) for member in members}
    rows = Consent.objects.filter(member__in=list(found)).order_by("pk").values_list("member", "kind", "given")
    for member, kind, given in rows:  # a later one takes the place of an earlier one
        found[member][ConsentKind(kind)] = given
    return found


def devices_of(member: Member) -> QuerySet[MemberDevice]:
    """The browsers let in as a member's, the newest first."""
    return MemberDevice.objects.filter(street=member.street_id, member=member, ended_at__isnull=True).order_by("-pk")


def card_by_token(street_code: str, token: str) -> Invitation | None:
    """The card that bears a secret, whatever became of it; with its member and street."""
    return _by_token(street_code, token, InvitationKind.CARD)


def _by_token(street_code: str, token: str, kind: InvitationKind) -> Invitation | None:
    rows = Invitation.objects.filter(street__code=street_code, token_hash__in=list(kept_as(token)), kind=kind)
    found = rows.select_related("street__trail_head", "member").first()
    if found is not None and found.member is not None:
        found.member.street = found.street
    return found


def card_of(member: Member, *, at: dt.datetime) -> Invitation | None:
    """The card of a member that still opens a browser."""
    rows = Invitation.objects.filter(street=member.street_id, member=member, used_at=None, ended_at=None)
    return rows.filter(until_at__gt=at).order_by("-pk").first()


def token_of(invitation: Invitation) -> str | None:
    """The secret that an invitation's code holds; None where the key it was made with is not at hand."""
    known = {invitation.token_hash}
    for token in card_tokens(invitation.street_id, invitation.public_id):
        if known & {*kept_as(token)}:
            return token
    return None


def station_code_by_token(street_code: str, token: str) -> Invitation | None:
    """The code at a station that bears a secret, whatever became of it; with its street."""
    return _by_token(street_code, token, InvitationKind.STATION)


def station_codes(street: Street, *, at: dt.datetime) -> QuerySet[Invitation]:
    """The codes at stations that nobody has used yet, the latest first."""
    rows = Invitation.objects.filter(street=street, kind=InvitationKind.STATION, used_at=None, ended_at=None)
    return rows.filter(until_at__gt=at).order_by("-pk")


def roles_of(member: Member) -> QuerySet[MemberRole]:
    """What a member was and is appointed to, the latest first."""
    rows = MemberRole.objects.filter(street=member.street_id, member=member)
    return rows.select_related("area", "appointed_by").order_by("-number")


def the_role(street: Street, public_id: str) -> MemberRole | None:
    """One appointment, with its member."""
    rows = MemberRole.objects.filter(street=street, public_id=public_id)
    return rows.select_related("member", "area", "appointed_by", "street__trail_head").first()


def appointments(street: Street, *, on: dt.date) -> QuerySet[MemberRole]:
    """Who is appointed in a street on a day or later, the latest letter first."""
    rows = MemberRole.objects.filter(street=street).not_over(on)
    return rows.select_related("member", "area").order_by("-number")
