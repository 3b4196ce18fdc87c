"""Joining by telephone: a code of six digits that nothing keeps, for one browser, for ten minutes and five tries."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.cli.work import deliver
from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.members.actions import (
    appoint,
    ask_for_code,
    change_phone,
    join_at_station,
    join_with_card,
    join_with_code,
    leave,
    make_station_codes,
    open_by_card,
    open_by_code,
    prove_code,
    set_consents,
    tell_members,
)
from hege.members.models import Consent, JoinCode, Member, MemberDevice, MemberRole
from hege.members.queries import card_of, code_in_hand, consents_of, device_of
from hege.members.rules import (
    AN_HOUR,
    CODE_AGAIN,
    CODE_FOR,
    CODE_TRIES,
    MOST_FOR_A_PHONE,
    MOST_FOR_AN_ADDRESS,
    PROVEN_FOR,
    ConsentKind,
    JoinedHow,
    MemberRoleKind,
    MemberWork,
    digits_of,
)
from hege.outbox.actions import set_gateway
from hege.outbox.models import Message
from hege.outbox.rules import CONSOLE, FOLDER, Channel, Event, MessageState, Outcome, Telling, settled
from hege.people.models import Street
from hege.trail.models import TrailLine
from tests.cast import Cast, first_broken

pytestmark = pytest.mark.django_db
NOW = at_noon(dt.date(2025, 12, 18))
PHONE, SECRET = "13800001234", "what the browser brought"
SAID: dict[str, Any] = {"called": "早班的蜂", "work": MemberWork.COURIER, "consents": dict.fromkeys(ConsentKind, True)}


@pytest.fixture
def sending(cast: Cast) -> Street:
    """A street that sends SMS, as far as the log."""
    set_gateway(cast.street, channel=Channel.SMS, address=CONSOLE, by=cast.administrator, at=NOW)
    return cast.street


def asked(
    street: Street, phone: str = PHONE, *, secret: str = SECRET, address: str | None = None, at: dt.datetime = NOW
) -> JoinCode:
    return ask_for_code(street, phone=phone, address=address, secret=secret, at=at)


def right(code: JoinCode) -> str:
    return next(digits_of(code.public_id))


def wrong(code: JoinCode) -> str:
    return f"{(int(right(code)) + 1) % 1_000_000:06d}"


def joined(street: Street, **said: Any) -> str:
    code = prove_code(asked(street, **said), digits=right(JoinCode.objects.latest("pk")), at=NOW)
    return join_with_code(code, **SAID, secret=said.get("secret", SECRET), by=None, at=NOW)


def test_one_joins_with_the_right_digits_and_twice_sent_is_once(sending: Street):
    token = joined(sending)
    code = JoinCode.objects.get()
    assert join_with_code(code, **SAID, secret=SECRET, by=None, at=NOW) == token
    member = Member.objects.get()
    assert (member.phone, member.called, member.joined_how) == (PHONE, "早班的蜂", JoinedHow.CODE)
    assert MemberDevice.objects.count() == 1
    found = device_of(token, sending.code, at=NOW)
    assert found is not None
    assert found.member == member


def test_a_member_is_let_in_with_another_browser_and_asked_nothing(sending: Street):
    joined(sending)
    code = asked(sending, secret="another", at=NOW + CODE_AGAIN)
    proven = prove_code(code, digits=right(code), at=NOW + CODE_AGAIN)
    token = open_by_code(proven, secret="another", by=None, at=NOW + CODE_AGAIN)
    assert token is not None
    assert device_of(token, sending.code, at=NOW + CODE_AGAIN) is not None
    assert (Member.objects.count(), MemberDevice.objects.count()) == (1, 2)


def test_wrong_digits_are_counted_and_after_five_the_right_ones_do_not_help(sending: Street):
    code = asked(sending)
    for left in range(CODE_TRIES - 1, 0, -1):
        with pytest.raises(Refused, match=f"还可以试 {left} 次"):
            prove_code(code, digits=wrong(code), at=NOW)
    with pytest.raises(Refused, match="不能再试"):
        prove_code(code, digits=wrong(code), at=NOW)
    with pytest.raises(Refused, match="重新要一个"):
        prove_code(code, digits=right(code), at=NOW)
    code.refresh_from_db()
    assert (code.tries, code.proven_at) == (CODE_TRIES, None)


@pytest.mark.parametrize(("late", "holds"), [(CODE_FOR - dt.timedelta(seconds=1), True), (CODE_FOR, False)])
def test_digits_hold_for_ten_minutes(sending: Street, late: dt.timedelta, *, holds: bool):
    code = asked(sending)
    if holds:
        assert prove_code(code, digits=f" {right(code)[:3]} {right(code)[3:]} ", at=NOW + late).proven_at is not None
    else:
        with pytest.raises(Refused, match="过了 10 分钟"):
            prove_code(code, digits=right(code), at=NOW + late)


def test_what_was_proven_long_ago_joins_nobody(sending: Street):
    code = asked(sending)
    proven = prove_code(code, digits=right(code), at=NOW)
    with pytest.raises(Refused, match="太久"):
        join_with_code(proven, **SAID, secret=SECRET, by=None, at=NOW + PROVEN_FOR)
    assert Member.objects.count() == 0


def test_a_code_that_was_not_proven_joins_nobody_and_lets_nobody_in(sending: Street):
    code = asked(sending)
    with pytest.raises(Refused):
        join_with_code(code, **SAID, secret=SECRET, by=None, at=NOW)
    with pytest.raises(Refused):
        open_by_code(code, secret=SECRET, by=None, at=NOW)


def test_only_the_browser_that_asked_has_the_code_in_hand(sending: Street, other_street: Street):
    code = asked(sending)
    assert code_in_hand(sending, SECRET) == code
    assert code_in_hand(sending, "another") is None
    assert code_in_hand(other_street, SECRET) is None


def test_codes_for_a_telephone_are_counted_by_the_minute_and_the_day(sending: Street):
    asked(sending)
    with pytest.raises(Refused, match="请等 60 秒"):
        asked(sending)
    at = NOW
    for _n in range(MOST_FOR_A_PHONE - 1):
        at += CODE_AGAIN
        asked(sending, at=at)
    with pytest.raises(Refused, match="一天最多"):
        asked(sending, at=at + CODE_AGAIN)
    asked(sending, at=NOW + dt.timedelta(days=1))
    asked(sending, "13800009999", at=at + CODE_AGAIN)


def test_codes_for_an_address_are_counted_by_the_hour(sending: Street):
    for n in range(MOST_FOR_AN_ADDRESS):
        asked(sending, f"1390000{n:04d}", address="10.0.0.9")
    with pytest.raises(Refused, match="这个网络"):
        asked(sending, address="10.0.0.9")
    asked(sending, address="10.0.0.8")
    asked(sending, "13700000000", address="10.0.0.9", at=NOW + AN_HOUR)


def test_without_a_gateway_no_code_is_made(cast: Cast):
    with pytest.raises(Refused, match="短信通道"):
        asked(cast.street)
    assert JoinCode.objects.count() == 0


@given(name=st.text("23456789abcdefghjkmnpqrstuvwxyz", min_size=12, max_size=12))
def test_digits_are_six_and_the_same_each_time(name: str):
    digits = next(digits_of(name))
    assert (len(digits), digits.isdecimal(), digits) == (6, True, next(digits_of(name)))


# -- the message -------------------------------------------------------------------------------------------------------


def test_the_sms_says_the_digits_and_no_row_holds_them(sending: Street, caplog: pytest.LogCaptureFixture):
    code = asked(sending)
    message = Message.objects.get()
    kept = str([*JoinCode.objects.values_list(), *Message.objects.values_list(), *TrailLine.objects.values_list()])
    assert right(code) not in kept
    assert PHONE not in str([*Message.objects.values_list(), *TrailLine.objects.values_list()])
    assert deliver(message, at=NOW).outcome is Outcome.WRITTEN
    assert right(code) in caplog.text
    assert PHONE not in caplog.text


def test_digits_that_hold_no_more_are_not_sent(sending: Street):
    asked(sending)
    answer = deliver(Message.objects.get(), at=NOW + CODE_FOR)
    assert answer.outcome is Outcome.OVER
    assert settled(answer, tries=1, unsure=False, at=NOW).state is MessageState.WITHDRAWN


def test_an_office_without_a_gateway_takes_messages_from_a_folder(cast: Cast, settings: Any, tmp_path: Any):
    with pytest.raises(Refused, match="HEGE_SMS_FOLDER"):
        set_gateway(cast.street, channel=Channel.SMS, address=FOLDER, by=cast.administrator, at=NOW)
    settings.SMS_FOLDER = str(tmp_path)
    set_gateway(cast.street, channel=Channel.SMS, address=FOLDER, by=cast.administrator, at=NOW)
    code = asked(cast.street)
    message = Message.objects.get()
    assert [deliver(message, at=NOW).outcome for _again in range(2)] == [Outcome.TAKEN] * 2
    file = tmp_path / "2025-12-18.jsonl"
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(line["id"], line["to"]) for line in lines] == [(message.key, PHONE)] * 2
    assert right(code) in lines[0]["text"]
    assert file.stat().st_mode & 0o077 == 0
    settings.SMS_FOLDER = str(tmp_path / "gone")
    assert deliver(message, at=NOW).outcome is Outcome.AWAY


def test_only_members_who_agreed_are_told_and_are_asked_again_when_it_is_sent(sending: Street):
    joined(sending)
    member = Member.objects.get()
    quiet = join_with_card(
        sending, called="静", work=MemberWork.COURIER, phone="13800005555", consents={}, by=a_user(sending), at=NOW
    )
    telling = Telling(Event.ACTIVITY_SOON, ("seasons.activity", 1), "冬天骑车怎么不摔")
    tell_members(sending, [(member, telling), (quiet, telling)], at=NOW)
    tell_members(sending, [(member, telling)], at=NOW)
    told = Message.objects.get(event=Event.ACTIVITY_SOON)
    assert told.member_of == member.public_id
    assert deliver(told, at=NOW).outcome is Outcome.WRITTEN
    set_consents(member, consents={ConsentKind.MESSAGES: False}, by=None, at=NOW)
    assert deliver(told, at=NOW).outcome is Outcome.OVER


def test_two_members_are_told_of_one_thing(sending: Street):
    joined(sending)
    joined(sending, phone="13800007777", secret="another")
    telling = Telling(Event.ACTIVITY_SOON, ("seasons.activity", 1))
    tell_members(sending, [(member, telling) for member in Member.objects.all()], at=NOW)
    assert Message.objects.filter(event=Event.ACTIVITY_SOON).count() == 2


def a_user(street: Street) -> Any:
    return street.memberships.get(role="coordinator").user


# -- stations, changes, leaving ------------------------------------------------------------------------------------------


def test_a_stations_code_lets_one_join_once_without_a_telephone(cast: Cast):
    first, second = make_station_codes(cast.street, label="华新驿站", count=2, by=cast.coordinator, at=NOW)
    token = join_at_station(first, **SAID, secret=SECRET, by=None, at=NOW)
    assert join_at_station(first, **SAID, secret=SECRET, by=None, at=NOW) == token
    with pytest.raises(Refused, match="用过"):
        join_at_station(first, **SAID, secret="another", by=None, at=NOW)
    assert join_at_station(second, **SAID, secret="another", by=None, at=NOW) != token
    assert [m.joined_how for m in Member.objects.all()] == [JoinedHow.STATION] * 2


def test_another_telephone_is_proven_and_never_anothers(sending: Street):
    joined(sending)
    joined(sending, phone="13800007777", secret="another")
    member = Member.objects.get(phone=PHONE)
    taken = prove_code(
        code := asked(sending, "13800007777", at=NOW + CODE_AGAIN), digits=right(code), at=NOW + CODE_AGAIN
    )
    with pytest.raises(Refused, match="另一位"):
        change_phone(member, taken, by=None, at=NOW + CODE_AGAIN)
    free = prove_code(code := asked(sending, "13900000000"), digits=right(code), at=NOW)
    assert change_phone(member, free, by=None, at=NOW).phone == "13900000000"


def test_a_consent_holds_until_another_is_given(cast: Cast):
    member = join_with_card(cast.street, **SAID, by=cast.coordinator, at=NOW)
    before = Consent.objects.count()
    set_consents(member, consents={ConsentKind.BOARD: False, ConsentKind.PICTURES: True}, by=None, at=NOW)
    assert Consent.objects.count() == before + 1
    assert [kind for kind, given in consents_of(member).items() if not given] == [ConsentKind.BOARD]


def test_leaving_deletes_name_and_telephone_at_once_and_ends_all_that_lets_in(sending: Street, cast: Cast):
    token = joined(sending)
    member = Member.objects.get()
    appoint(
        member, role=MemberRoleKind.WATCHER, area=None, from_on=NOW.date(), until_on=dt.date(2026, 6, 1),
        by=cast.coordinator, at=NOW,
    )  # fmt: skip
    gone = leave(member, by=None, at=NOW)
    assert (gone.called, gone.phone, gone.active) == ("", "", False)
    assert device_of(token, sending.code, at=NOW) is None
    assert card_of(gone, at=NOW) is None
    assert MemberRole.objects.get().until_on == NOW.date()
    everything = str([*Member.objects.values_list(), *JoinCode.objects.values_list(), *TrailLine.objects.values_list()])
    assert not [word for word in (PHONE, "早班的蜂") if word in everything]
    again = Member.objects.exclude(pk=member.pk)
    joined(sending, phone="13800001234", secret="again")
    assert again.get().number == 2
    assert first_broken(cast.street) is None


def test_a_card_of_who_left_opens_nothing(cast: Cast):
    member = join_with_card(cast.street, **SAID, by=cast.coordinator, at=NOW)
    card = card_of(member, at=NOW)
    assert card is not None
    card.member = leave(member, by=cast.coordinator, at=NOW)
    with pytest.raises(Refused, match="作废"):
        open_by_card(card, secret=SECRET, by=None, at=NOW)


def test_letters_are_numbered_and_nobody_is_appointed_twice_to_the_same_at_once(cast: Cast):
    member = join_with_card(cast.street, **SAID, by=cast.coordinator, at=NOW)
    term: dict[str, Any] = {
        "area": None, "from_on": dt.date(2026, 1, 1), "until_on": dt.date(2027, 1, 1), "by": cast.coordinator, "at": NOW,
    }  # fmt: skip
    numbers = [
        appoint(member, role=role, **term).number for role in (MemberRoleKind.INFORMANT, MemberRoleKind.PROMOTER)
    ]
    assert numbers == [1, 2]
    with pytest.raises(Refused) as no:
        appoint(member, role=MemberRoleKind.INFORMANT, **term)
    assert no.value.field == "role"
    later = term | {"from_on": dt.date(2027, 1, 1), "until_on": dt.date(2028, 1, 1)}
    assert appoint(member, role=MemberRoleKind.INFORMANT, **later).last_on == dt.date(2027, 12, 31)
    with pytest.raises(Refused) as no:
        appoint(member, role=MemberRoleKind.WATCHER, **term | {"until_on": dt.date(2025, 12, 31)})
    assert no.value.field == "until_on"
