"""Who may be given which role, and when it begins and ends."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.kernel.refused import Refused
from hege.people.models import Role
from hege.people.rules import (
    ACT_FOR_A_PARTY,
    browser_of,
    check_acts_for,
    check_administrator_left,
    check_end,
    check_grant,
    check_sign_in_of,
    check_start,
    check_username,
    is_over,
)

TODAY, TOMORROW, YESTERDAY = dt.date(2026, 11, 25), dt.date(2026, 11, 26), dt.date(2026, 11, 24)


def test_nobody_grants_themselves_a_role():
    with pytest.raises(Refused, match="不能给自己"):
        check_grant(granted_by=1, user=1, first=False)
    check_grant(granted_by=2, user=1, first=False)


@pytest.mark.parametrize("name", ["wangli01", "li.wang", "a-1", "010"])
def test_a_sign_in_name_can_be_typed_on_any_keyboard(name: str):
    check_username(name)


@pytest.mark.parametrize("name", ["", "ab", "王丽", "Wang", ".li", "wang li", "a" * 61, "wang\n", "ｗang"])
def test_another_sign_in_name_is_refused(name: str):
    with pytest.raises(Refused, match="登录名用"):
        check_username(name)


@pytest.mark.parametrize("role", list(Role))
def test_a_clerk_and_an_agent_say_for_whom_they_act(role: Role):
    check_acts_for(role.value, named=True)
    if role.value in ACT_FOR_A_PARTY:
        with pytest.raises(Refused) as no:
            check_acts_for(role.value, named=False)
        assert no.value.field == "party"
    else:
        check_acts_for(role.value, named=False)


def test_a_role_begins_today_or_later():
    check_start(TODAY, today=TODAY)
    with pytest.raises(Refused, match="今天以前"):
        check_start(YESTERDAY, today=TODAY)


def test_a_role_does_not_end_in_the_past_nor_before_it_has_lasted_a_day():
    check_end(from_on=YESTERDAY, until_on=TODAY, today=TODAY)
    with pytest.raises(Refused, match="今天以前"):
        check_end(from_on=dt.date(2026, 1, 1), until_on=YESTERDAY, today=TODAY)
    with pytest.raises(Refused, match="至少要满一天"):
        check_end(from_on=TODAY, until_on=TODAY, today=TODAY)


def test_a_role_is_over_from_the_first_day_without_it():
    assert is_over(TODAY, today=TODAY)
    assert not is_over(TOMORROW, today=TODAY)
    assert not is_over(None, today=TODAY)


def test_a_street_keeps_an_administrator():
    check_administrator_left(1)
    with pytest.raises(Refused, match="唯一能办事的管理员"):
        check_administrator_left(0)


def test_a_sign_in_is_not_touched_by_its_owner_nor_from_one_of_several_streets():
    check_sign_in_of(by=1, user=2, elsewhere=False)
    with pytest.raises(Refused, match="自己的登录"):
        check_sign_in_of(by=1, user=1, elsewhere=False)
    with pytest.raises(Refused, match="不只在本街道"):
        check_sign_in_of(by=1, user=2, elsewhere=True)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0.0.0 Safari/537.36",
            "Chrome · Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/128.0.0.0 Safari/537.36 Edg/128.0", "Edge · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile MicroMessenger/8.0.49",
            "WeChat · iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/114.0 Mobile Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Version/17.5 Safari/605.1.15", "Safari · macOS"),
        (
            "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0 HuaweiBrowser/5.0",
            "Huawei · HarmonyOS",
        ),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_a_browser_is_called_what_its_owner_calls_it(user_agent: str, name: str):
    assert browser_of(user_agent) == name
