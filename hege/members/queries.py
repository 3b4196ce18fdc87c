"""Reads over members: by the cookie of a browser, by number, what they agreed to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import QuerySet

from hege.members.models import Consent, Invitation, Member, MemberDevice
from hege.members.rules import DEVICE_FOR, ConsentKind, InvitationKind, card_tokens, kept_as
from hege.people.models import Street


def device_of(token: str, street_code: str, *, at: dt.datetime) -> MemberDevice | None:
    """The browser that holds a cookie, with its member and street; None where it is not let in there (any more)."""
    rows = MemberDevice.objects.filter(
        token_hash__in=list(kept_as(token)), street__code=street_code, ended_at__isnull=True,
        opened_at__gt=at - DEVICE_FOR, member__left_at__isnull=True,
    )  # fmt: skip
    found = rows.select_related("street__trail_head", "member").first()
    if found is not None:
        found.member.street = found.street
    return found


def members_of(street: Street) -> QuerySet[Member]:
    """Who is a member of a street now, the newest first."""
    return Member.objects.filter(street=street, left_at__isnull=True).order_by("-number")


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
