"""A member's own pages of activities: sign up, answer, cancel, check in by the code on the wall; wrong input in words."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from hege.kernel import clock
from hege.programme.activities import actions, queries
from hege.programme.activities.models import Scan, Signup
from hege.programme.activities.rules import ScanResult, SignupState
from hege.programme.seasons.models import Activity
from hege.web.bearers import MEMBER
from tests.web.office import Office, complaints, words

S = SignupState
HOSTILE = ["<script>", "' OR 1=1 --", "0", "4", "-1", "9" * 40, "\u202e1", "一", "", "１００", "1;2"]


class Phone:
    """The rider's phone."""

    def __init__(self, office: Office) -> None:
        self.street, self.client = office.cast.street, Client()
        self.client.cookies[MEMBER] = office.things.rider_token

    def path(self, *parts: str) -> str:
        return "/".join(["", "m", self.street.code, *parts, ""])

    def get(self, *parts: str) -> str:
        answer = self.client.get(self.path(*parts))
        assert answer.status_code == 200, answer.status_code
        return html.unescape(answer.content.decode())

    def post(self, *parts: str, **data: object) -> Any:
        return self.client.post(self.path(*parts), data)


@pytest.fixture
def phone(office: Office) -> Phone:
    return Phone(office)


def mine(office: Office, activity: Activity) -> Signup:
    found = queries.signup_of(activity, office.things.rider)
    assert found is not None
    return found


def test_the_own_page_says_where_next_and_what_asks_first(phone: Phone, office: Office):
    page = phone.get()
    assert "接下来去哪？" in page
    assert page.index("问我的 ZB-NEAR") < page.index("自己的 ZB-NEAR")
    assert "有位子了，要不要？" in page
    assert "办过的 ZB-NEAR" not in page


def test_a_member_signs_up_with_others_and_cancels(phone: Phone, office: Office):
    key = office.things.evenings.open.public_id
    assert "还没有报" in phone.get("activities", key)
    assert phone.post("activities", key, "sign-up", party="3").status_code == 302
    assert "报上了，3 个位子" in phone.get("activities", key)
    assert Activity.objects.get(public_id=key).taken == 3
    assert "位子让给别人，不记缺席" in phone.get("activities", key, "cancel")
    assert mine(office, office.things.evenings.open).state == S.CONFIRMED, "a link changes nothing"
    assert phone.post("activities", key, "cancel").status_code == 302
    assert mine(office, office.things.evenings.open).state == S.CANCELLED
    assert "还没有报" in phone.get("activities", key)
    again = phone.post("activities", key, "cancel")
    assert (again.status_code, complaints(again)) == (422, ["您现在没有报这场，不用取消。"])


@pytest.mark.parametrize("party", HOSTILE)
def test_a_party_that_is_none_is_refused_at_its_field_and_nothing_is_kept(phone: Phone, office: Office, party: str):
    key = office.things.evenings.open.public_id
    answer = phone.post("activities", key, "sign-up", party=party)
    assert answer.status_code == 422
    assert complaints(answer)[0].startswith("几个人来"), complaints(answer)
    assert queries.signup_of(office.things.evenings.open, office.things.rider) is None


def test_who_finds_it_full_waits_in_turn(phone: Phone, office: Office):
    e, cast = office.things.evenings, office.cast
    Activity.objects.filter(pk=e.open.pk).update(taken=30)
    assert "可以排候补" in phone.get("activities", e.open.public_id)
    assert phone.post("activities", e.open.public_id, "sign-up", party="1").status_code == 302
    page = phone.get("activities", e.open.public_id)
    assert "候补第 1 位" in page
    assert "不等了" in page
    answer = phone.post("activities", e.open.public_id, "sign-up", party="1")
    assert complaints(answer) == ["您已经排在候补里，还没有够 1 个人的位子。"]
    assert cast.street.code in phone.path()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"taken": 30, "waiting_list": False}, "还剩 0 个位子，不够 1 个人，这场没有候补。"),
        ({"taken": 30, "starts_at": dt.timedelta(hours=2)}, "候补也停了。"),
        ({"signup_opens_at": dt.timedelta(days=1)}, "还没开始报名，"),
        ({"signup_closes_at": -dt.timedelta(minutes=1)}, "截止了。请到菜单里看看别的活动。"),
        ({"capacity": None}, "这场不用报名，到时候直接来就行。"),
        ({"state": "cancelled"}, "这场活动不办了，不能报名。请到菜单里看看别的活动。"),
    ],
)
def test_what_is_full_not_yet_or_over_is_refused_in_words_and_nothing_is_kept(
    phone: Phone, office: Office, changes: dict[str, Any], said: str
):
    activity, now = office.things.evenings.open, clock.now()
    moved = {name: now + value if isinstance(value, dt.timedelta) else value for name, value in changes.items()}
    Activity.objects.filter(pk=activity.pk).update(**moved)
    answer = phone.post("activities", activity.public_id, "sign-up", party="1")
    assert answer.status_code == 422
    assert said in complaints(answer)[0]
    assert queries.signup_of(activity, office.things.rider) is None


def test_an_offer_is_taken_by_its_button_and_once(phone: Phone, office: Office):
    e = office.things.evenings
    page = phone.get("activities", e.asks.public_id)
    assert "有位子了，要不要？" in page
    offer = re.search(r'name="offer" value="(\d+)"', page)
    assert offer is not None
    old = phone.post("activities", e.asks.public_id, "answer", offer="0", wants="yes")
    assert complaints(old) == ["这次递补已经不算数了，请看这场现在的情况。"]
    assert phone.post("activities", e.asks.public_id, "answer", offer=offer[1], wants="yes").status_code == 302
    assert mine(office, e.asks).state == S.CONFIRMED
    again = phone.post("activities", e.asks.public_id, "answer", offer=offer[1], wants="no")
    assert complaints(again) == ["这个位子已经是您的了，不用再答复。"]
    assert mine(office, e.asks).state == S.CONFIRMED


@pytest.mark.parametrize(
    ("offer", "wants"), [("1", "perhaps"), ("x", "yes"), ("9" * 40, "yes"), ("", ""), ("-1", "no")]
)
def test_an_answer_that_is_none_changes_nothing(phone: Phone, office: Office, offer: str, wants: str):
    e = office.things.evenings
    assert phone.post("activities", e.asks.public_id, "answer", offer=offer, wants=wants).status_code == 422
    assert mine(office, e.asks).state == S.OFFERED


def test_an_offer_is_declined(phone: Phone, office: Office):
    e = office.things.evenings
    assert phone.post("activities", e.asks.public_id, "answer", offer="1", wants="no").status_code == 302
    assert mine(office, e.asks).state == S.DECLINED


def test_a_scanned_code_shows_a_button_and_pressing_it_counts(phone: Phone, office: Office):
    e = office.things.evenings
    page = phone.get("in", e.now.public_id, e.code)
    assert "签到" in page
    assert Scan.objects.filter(activity=e.now).count() == 0, "messengers fetch every link"
    assert phone.post("in", e.now.public_id, e.code, way="in").status_code == 302
    assert "签到了" in phone.get("activities", e.now.public_id)
    page = phone.get("in", e.now.public_id, e.code)
    assert "要走了吗？" in page
    assert phone.post("in", e.now.public_id, e.code, way="out").status_code == 302
    assert [s.way for s in Scan.objects.filter(activity=e.now).order_by("pk")] == ["in", "out"]
    again = phone.post("in", e.now.public_id, e.code, way="out")
    assert complaints(again) == ["还没有签到，不能签退。请先签到。"]


def test_who_opened_the_page_in_time_has_some_minutes_for_the_button(phone: Phone, office: Office):
    e = office.things.evenings
    code = e.code
    opened = re.search(r'name="opened" value="([^"]+)"', phone.get("in", e.now.public_id, code))
    assert opened is not None
    later = clock.now() + dt.timedelta(minutes=3)
    with patch("hege.web.member.activity_views.clock.now", lambda: later):
        late = phone.post("in", e.now.public_id, code, way="in")
        assert late.status_code == 422
        assert "这个码过期了" in words(late)
        assert phone.post("in", e.now.public_id, code, way="in", opened=opened[1] + "x").status_code == 422
        assert phone.post("in", e.inside.public_id, code, way="out", opened=opened[1]).status_code == 422
        assert phone.post("in", e.now.public_id, code, way="in", opened=opened[1]).status_code == 302
    results = list(Scan.objects.filter(activity=e.now).order_by("pk").values_list("result", flat=True))
    assert results == [ScanResult.OLD_CODE, ScanResult.OLD_CODE, ScanResult.COUNTED]


@pytest.mark.parametrize("code", ["x", "nothing", "0" * 10, "a" * 60])
def test_a_wrong_code_is_refused_in_words_and_kept_with_its_reason(phone: Phone, office: Office, code: str):
    e = office.things.evenings
    assert "码不对" in phone.get("in", e.now.public_id, code)
    answer = phone.post("in", e.now.public_id, code, way="in")
    assert answer.status_code == 422
    assert list(Scan.objects.filter(activity=e.now).values_list("result", flat=True)) == [ScanResult.WRONG_CODE]


def test_of_an_activity_in_another_street_nothing_is_there(phone: Phone, office: Office, other_cast: Any):
    assert phone.client.get(phone.path("activities", office.things.year["planned"].public_id)).status_code == 404
    elsewhere = phone.path("activities", office.things.evenings.open.public_id).replace(
        phone.street.code, other_cast.street.code
    )
    assert "/join/" in phone.client.get(elsewhere).headers["Location"]


def test_strikes_say_from_when_one_may_sign_up(phone: Phone, office: Office):
    e = office.things.evenings
    Activity.objects.filter(pk=e.open.pk).update(published_at=clock.now() - dt.timedelta(minutes=1))
    page = phone.get("activities", e.open.public_id)
    assert "现在报不了" in page
    assert "您有迟到或缺席的记录" in page
    answer = phone.post("activities", e.open.public_id, "sign-up", party="1")
    assert "您有迟到或缺席的记录" in complaints(answer)[0]
    actions.lift_strike(e.strike, reason="弄错了", by=office.cast.coordinator, at=clock.now())
    assert phone.post("activities", e.open.public_id, "sign-up", party="1").status_code == 302
