"""Many join at once: each gets a number of their own, a card or a code lets one in, wrong digits are all counted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.kernel.clock import at_noon
from hege.kernel.refused import Refused
from hege.members import actions
from hege.members.models import JoinCode, Member, MemberDevice
from hege.members.queries import card_of
from hege.members.rules import CODE_TRIES, MemberWork, digits_of
from hege.outbox.actions import set_gateway
from hege.outbox.models import Message
from hege.outbox.rules import CONSOLE, Channel
from tests.cast import first_broken, make_cast
from tests.concurrency.test_once import at_once, done

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

NOW = at_noon(dt.date(2025, 12, 18))
PHONE, AT_ONCE = "13800001234", 6


@pytest.fixture
def cast(transactional_db, street):
    made = make_cast(street)
    set_gateway(street, channel=Channel.SMS, address=CONSOLE, by=made.administrator, at=NOW)
    return made


@pytest.fixture(autouse=True)
def _trail_holds(street):
    yield
    assert first_broken(street) is None


def registered(cast, phone: str = "") -> Member:
    said: dict[str, Any] = {"called": "蜂", "work": MemberWork.COURIER, "phone": phone, "consents": {}}
    return actions.join_with_card(cast.street, **said, by=cast.coordinator, at=NOW)


def test_numbers_are_given_one_by_one(cast):
    assert len(done(at_once(*[lambda: registered(cast)] * AT_ONCE))) == AT_ONCE
    assert sorted(Member.objects.values_list("number", flat=True)) == [*range(1, AT_ONCE + 1)]


def test_one_telephone_is_one_member(cast):
    answers = at_once(*[lambda: registered(cast, PHONE)] * AT_ONCE)
    assert len(done(answers)) == 1
    assert all(isinstance(answer, Member | Refused) for answer in answers)


def test_a_card_lets_one_browser_in(cast):
    card = card_of(registered(cast), at=NOW)
    assert card is not None
    opened = [lambda n=n: actions.open_by_card(card, secret=f"browser {n}", by=None, at=NOW) for n in range(AT_ONCE)]
    assert len(done(at_once(*opened))) == MemberDevice.objects.count() == 1


def test_one_form_sent_many_times_is_one_member_and_one_browser(cast):
    code = actions.ask_for_code(cast.street, phone=PHONE, address=None, secret="s", at=NOW)
    proven = actions.prove_code(code, digits=next(digits_of(code.public_id)), at=NOW)
    said: dict[str, Any] = {"called": "蜂", "work": MemberWork.COURIER, "consents": {}, "secret": "s"}
    answers = at_once(*[lambda: actions.join_with_code(proven, **said, by=None, at=NOW)] * AT_ONCE)
    assert len({*done(answers)}) == Member.objects.count() == MemberDevice.objects.count() == 1


def test_of_many_who_ask_for_one_telephone_one_is_sent_a_code(cast):
    asked = [
        lambda n=n: actions.ask_for_code(cast.street, phone=PHONE, address=None, secret=f"{n}", at=NOW)
        for n in range(AT_ONCE)
    ]
    assert len(done(at_once(*asked))) == JoinCode.objects.count() == Message.objects.count() == 1


def test_no_wrong_try_is_lost(cast):
    code = actions.ask_for_code(cast.street, phone=PHONE, address=None, secret="s", at=NOW)
    answers = at_once(*[lambda: actions.prove_code(code, digits="x", at=NOW)] * (CODE_TRIES + 3))
    assert done(answers) == []
    assert JoinCode.objects.get().tries == CODE_TRIES
