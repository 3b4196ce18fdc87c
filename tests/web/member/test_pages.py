"""A member's pages: how a browser is let in and out, where it goes on to, what they cost."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hege.kernel import clock
from hege.members.actions import appoint, join_with_card, make_station_codes, open_by_card
from hege.members.models import JoinCode, Member, MemberDevice
from hege.members.queries import card_of, token_of
from hege.members.rules import MOST_FOR_A_PHONE, ConsentKind, MemberRoleKind, MemberWork, digits_of
from hege.outbox.actions import set_gateway
from hege.outbox.rules import CONSOLE, Channel
from hege.web.bearers import JOINING, MEMBER
from tests.cast import Cast
from tests.web.office import in_days

pytestmark = pytest.mark.django_db
PHONE = "13800001234"


@pytest.fixture
def home(cast: Cast) -> str:
    """Where members of the street are at home; it sends SMS as far as the log."""
    set_gateway(cast.street, channel=Channel.SMS, address=CONSOLE, by=cast.administrator, at=clock.now())
    return f"/m/{cast.street.code}/"


@pytest.fixture
def member(cast: Cast) -> Member:
    agreed = dict.fromkeys(ConsentKind, True)
    made = join_with_card(
        cast.street, called="老张师傅", work=MemberWork.COURIER, consents=agreed, by=cast.coordinator, at=clock.now()
    )
    term: Any = {"from_on": clock.today(), "until_on": in_days(90)}
    appoint(made, role=MemberRoleKind.WATCHER, area=None, **term, by=cast.coordinator, at=clock.now())
    return made


@pytest.fixture
def rider(member: Member, home: str) -> Client:
    """A browser of theirs."""
    card = card_of(member, at=clock.now())
    assert card is not None
    browser = Client()
    browser.cookies[MEMBER] = open_by_card(card, secret="s", by=None, at=clock.now())
    return browser


def asked(browser: Client, home: str, *, onward: str = "") -> str:
    """Up to the page that asks for the digits; its address."""
    query = f"?next={onward}" if onward else ""
    assert browser.get(f"{home}join/{query}").status_code == 200
    answer = browser.post(f"{home}join/{query}", {"phone": PHONE})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def digits() -> str:
    return next(digits_of(JoinCode.objects.latest("pk").public_id))


@pytest.mark.parametrize(
    ("wanted", "comes_to"),
    [("me/", "me/"), ("", ""), ("//example.com/m/", ""), ("https://example.com/", ""), ("../../sign-in/", "")],
)
def test_one_who_joins_goes_on_to_the_page_that_was_asked_for_and_to_no_other(home: str, wanted: str, comes_to: str):
    browser = Client()
    onward = wanted if wanted.startswith(("//", "http", "..")) else home + wanted
    step = asked(browser, home, onward=onward)
    step = browser.post(step, {"digits": digits()}).headers["Location"]
    answer = browser.post(step, {"called": "早班的蜂", "work": "courier"})
    assert (answer.status_code, answer.headers["Location"]) == (302, home + comes_to)
    assert browser.get(home).status_code == 200


def test_the_cookie_is_for_the_pages_of_its_street_and_for_no_script(home: str):
    browser = Client()
    step = browser.post(asked(browser, home), {"digits": digits()}).headers["Location"]
    cookies = browser.post(step, {"called": "早班的蜂", "work": "courier"}).cookies
    kept = cookies[MEMBER]
    assert (kept["path"], kept["httponly"], kept["samesite"]) == (home, True, "Lax")
    assert kept["max-age"] > 300 * 24 * 3600
    assert cookies[JOINING].value == ""


def test_a_form_pressed_twice_hands_the_same_cookie_out_twice(home: str):
    browser = Client()
    step = browser.post(asked(browser, home), {"digits": digits()}).headers["Location"]
    known, handed = browser.cookies[JOINING].value, []
    for _press in range(2):
        twin = Client()
        twin.cookies[JOINING] = known
        handed.append(
            twin.post(step, {"called": "早班的蜂", "work": "courier", "request_key": "k" * 26}).cookies[MEMBER].value
        )
    assert handed[0] == handed[1]
    assert (Member.objects.count(), MemberDevice.objects.count()) == (1, 1)


def test_a_browser_that_keeps_no_cookies_is_told_so(home: str):
    answer = Client().post(f"{home}join/", {"phone": PHONE})
    assert (answer.status_code, "无痕模式" in answer.content.decode()) == (422, True)
    assert JoinCode.objects.count() == 0


def test_another_browser_does_not_get_to_the_digits_of_this_one(home: str):
    step = asked(Client(), home)
    answer = Client().get(step)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{home}join/")


def test_who_asks_too_often_is_told_until_when(home: str):
    browser = Client()
    asked(browser, home)
    answer = browser.post(f"{home}join/", {"phone": PHONE})
    assert (answer.status_code, "秒再要" in answer.content.decode()) == (422, True)
    assert MOST_FOR_A_PHONE > JoinCode.objects.count() == 1


def test_the_page_of_joining_says_nothing_of_whether_a_telephone_is_a_members(home: str, member: Member):
    Member.objects.filter(pk=member.pk).update(phone=PHONE)
    first, second = Client(), Client()
    theirs = asked(first, home)
    JoinCode.objects.update(phone="13900000000")
    assert theirs == asked(second, home)
    assert first.get(theirs).status_code == second.get(theirs).status_code == 200


def test_a_street_without_a_gateway_names_the_other_ways(cast: Cast):
    page = Client().get(f"/m/{cast.street.code}/join/").content.decode()
    assert 'name="phone"' not in page
    assert "驿站" in page


def test_what_a_page_costs(rider: Client, home: str):
    cost = {}
    for path in ("", "me/", "me/consents/", "me/leave/"):
        with CaptureQueriesContext(connection) as queries:
            answer = rider.get(home + path)
        assert answer.status_code == 200
        cost[path] = (len(queries), len(answer.content))
    assert max(n for n, _size in cost.values()) <= 8, cost
    assert max(size for _n, size in cost.values()) < 50_000


def test_one_ends_a_browser_of_ones_own(rider: Client, home: str):
    device = MemberDevice.objects.get()
    assert rider.post(f"{home}me/devices/{device.pk}/end/").headers["Location"] == f"{home}me/"
    assert rider.get(home).headers["Location"].startswith(f"{home}join/")


def test_a_used_card_says_so_when_it_is_scanned_again(home: str, member: Member):
    card = card_of(member, at=clock.now())
    assert card is not None
    address, first, second = f"{home}card/{token_of(card)}/", Client(), Client()
    assert first.get(address).status_code == 200
    assert first.post(address).headers["Location"] == home
    assert (second.get(address).status_code, second.post(address).status_code) == (410, 410)


def test_the_office_finds_a_member_by_number_or_name(cast: Cast, member: Member):
    staff = Client()
    staff.force_login(cast.auditor)
    for asked_for, found in (
        ("1", True),
        ("0001", True),
        ("张师", True),
        ("2", False),
        ("9" * 40, False),
        ("李", False),
    ):
        page = staff.get(f"/{cast.street.code}/members/?q={asked_for}").content.decode()
        assert (member.public_id in page) is found, asked_for


def test_who_only_looks_is_shown_no_whole_telephone(cast: Cast, member: Member):
    Member.objects.filter(pk=member.pk).update(phone=PHONE)
    for user, whole in ((cast.auditor, False), (cast.clerk, True)):
        staff = Client()
        staff.force_login(user)
        page = staff.get(f"/{cast.street.code}/members/{member.public_id}/").content.decode()
        assert (PHONE in page, "138****1234" in page) == (whole, not whole)


def test_codes_of_a_station_are_voided_together(cast: Cast):
    for label in ("甲站", "乙站"):
        make_station_codes(cast.street, label=label, count=2, by=cast.coordinator, at=clock.now())
    staff = Client()
    staff.force_login(cast.clerk)
    assert staff.post(f"/{cast.street.code}/members/stations/end/", {"at": "甲站"}).status_code == 302
    page = staff.get(f"/{cast.street.code}/members/stations/").content.decode()
    assert ("乙站" in page, "甲站" in page) == (True, False)
