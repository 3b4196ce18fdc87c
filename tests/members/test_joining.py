"""Joining at the desk: what is kept, that a card opens one browser once, and that the trail learns no name."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.members.actions import end_device, join_with_card, make_card, open_by_card
from hege.members.models import Invitation, Member, MemberDevice
from hege.members.queries import card_by_token, card_of, consents_of, device_of, members_of, token_of
from hege.members.rules import CARD_FOR, DEVICE_FOR, ConsentKind, MemberWork
from hege.trail.models import TrailLine
from tests.cast import Cast, first_broken

pytestmark = pytest.mark.django_db
NOW = at_noon(dt.date(2025, 12, 18))
SECRET = "what the browser brought"


def joined(cast: Cast, **said: Any) -> Member:
    consents = dict.fromkeys(ConsentKind, False) | {ConsentKind.MESSAGES: True}
    told = {"called": "早班的蜂", "work": MemberWork.FOOD_RIDER, "phone": "13800001234", "consents": consents} | said
    return join_with_card(cast.street, **told, by=cast.coordinator, at=NOW)


def card_for(member: Member, *, at: dt.datetime = NOW) -> Invitation:
    found = card_of(member, at=at)
    assert found is not None
    return found


def test_numbers_count_within_the_street(cast: Cast, other_cast: Cast):
    assert [joined(c, phone=p).number for c, p in ((cast, ""), (cast, "13800001235"), (other_cast, ""))] == [1, 2, 1]
    assert [m.shown_number for m in members_of(cast.street)] == ["0002", "0001"]


def test_a_telephone_is_one_members_of_a_street(cast: Cast, other_cast: Cast):
    joined(cast)
    with pytest.raises(Refused) as no:
        joined(cast, phone="138 0000 1234")
    assert no.value.field == "phone"
    assert joined(other_cast).phone == "13800001234"


@pytest.mark.parametrize(
    ("said", "field"),
    [({"called": "  "}, "called"), ({"called": "13800001234"}, "called"), ({"called": "蜂" * 21}, "called"), ({"phone": "12345"}, "phone")],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_field(cast: Cast, said: dict[str, str], field: str):
    with pytest.raises(Refused) as no:
        joined(cast, **said)
    assert (no.value.field, Member.objects.count()) == (field, 0)


def test_each_consent_is_kept_apart_with_its_words(cast: Cast):
    member = joined(cast)
    assert [kind for kind, given in consents_of(member).items() if given] == [ConsentKind.MESSAGES]
    assert member.consents.count() == len(ConsentKind)
    assert all("同意" in row.wording for row in member.consents.all())


def test_a_card_lets_one_browser_in_once_and_a_form_sent_twice_is_that_browser(cast: Cast):
    member = joined(cast)
    card = card_for(member)
    token = open_by_card(card, secret=SECRET, by=None, at=NOW)
    assert open_by_card(card, secret=SECRET, by=None, at=NOW) == token
    found = device_of(token, cast.street.code, at=NOW)
    assert found is not None
    assert found.member == member
    assert MemberDevice.objects.count() == 1
    with pytest.raises(Refused, match="用过"):
        open_by_card(card, secret="another browser", by=None, at=NOW)


def test_no_cookie_of_another_street_and_none_that_is_ended_or_old_is_let_in(cast: Cast, other_cast: Cast):
    token = open_by_card(card_for(joined(cast)), secret=SECRET, by=None, at=NOW)
    assert device_of(token, other_cast.street.code, at=NOW) is None
    assert device_of("made up", cast.street.code, at=NOW) is None
    assert device_of(token, cast.street.code, at=NOW + DEVICE_FOR) is None
    end_device(MemberDevice.objects.get(), by=cast.coordinator, at=NOW)
    assert device_of(token, cast.street.code, at=NOW) is None


def test_the_database_keeps_no_secret(cast: Cast):
    card = card_for(joined(cast))
    printed = str(token_of(card))
    token = open_by_card(card, secret=SECRET, by=None, at=NOW)
    kept = [*Invitation.objects.values_list(), *MemberDevice.objects.values_list(), *TrailLine.objects.values_list()]
    assert not [secret for secret in (printed, token, SECRET) if secret in str(kept)]


def test_another_card_takes_the_place_of_an_unused_one_and_each_says_why_it_does_not_open(cast: Cast):
    member = joined(cast)
    first = card_for(member)
    second = make_card(member, by=cast.coordinator, at=NOW)
    assert card_for(member) == second
    with pytest.raises(Refused, match="作废"):
        open_by_card(first, secret=SECRET, by=None, at=NOW)
    with pytest.raises(Refused, match="过期"):
        open_by_card(second, secret=SECRET, by=None, at=NOW + CARD_FOR)
    assert card_by_token(cast.street.code, str(token_of(second))) == second


def test_the_trail_holds_and_names_nobody(cast: Cast):
    open_by_card(card_for(joined(cast)), secret=SECRET, by=None, at=NOW)
    lines = json.dumps([line.data for line in TrailLine.objects.all()], ensure_ascii=False)
    assert not [word for word in ("早班的蜂", "13800001234") if word in lines]
    assert [line.verb for line in TrailLine.objects.order_by("seq")] == ["join_member", "make_card", "open_device"]
    assert first_broken(cast.street) is None
