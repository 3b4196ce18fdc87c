"""The menu for everybody: what one can still go to, by week and board, on the screen, on A3, and one activity."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.db import models
from django.test import Client

from hege.programme.seasons.actions import Rescheduled, cancel_activity, reschedule_activity
from hege.programme.seasons.almanac import Festival
from hege.programme.seasons.models import Activity, Season
from hege.programme.seasons.queries import MOST_SHOWN
from hege.programme.seasons.rules import Board
from tests.cast import Cast
from tests.programme.seasons.year import AT, at, planned, published, winter
from tests.web.html import Page

pytestmark = pytest.mark.django_db
NOW = at(2025, 12, 18, 18, 20)
BUDGET, QUERIES = 50_000, 8


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def season(cast: Cast) -> Season:
    return winter(cast.street, by=cast.clerk)


def add(cast: Cast, season: Season, title: str, day: int, hour: int, *, month: int = 12, **said: Any) -> Activity:
    """An activity of two hours that is published."""
    year = 2026 if month == 1 else 2025
    taken = said.pop("taken", 0)
    times = {"starts_at": at(year, month, day, hour), "ends_at": at(year, month, day, hour + 2)}
    number = {11: 1, 12: 2, 1: 3}[month]
    activity = published(season, by=cast.clerk, and_by=cast.coordinator, title=title, number=number, **times | said)
    models.QuerySet(Activity).filter(pk=activity.pk).update(taken=taken)
    return activity


def said(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", Page(answer.content.decode()).text)


def here(cast: Cast, more: str = "") -> str:
    return f"/menu/{cast.street.code}/{more}"


def test_the_one_street_that_has_a_menu_is_shown_at_once(client: Client, cast: Cast, season: Season):
    assert "还没有发布的活动" in said(client, "/menu/")
    add(cast, season, "健康站", 19, 14)
    assert client.get("/menu/").headers["Location"] == here(cast)


def test_a_street_before_its_first_season_says_so(client: Client, cast: Cast):
    page = said(client, here(cast))
    assert "还没有发布的活动" in page
    assert "眼下没有能报名的活动" in page
    assert client.get("/menu/999999999/").status_code == 404


def test_the_first_sentence_says_what_one_can_still_go_to(client: Client, cast: Cast, season: Season):
    add(cast, season, "骑车怎么不摔", 18, 19, taken=30)
    add(cast, season, "健康站", 19, 14, taken=26)
    add(cast, season, "吃汤圆", 21, 11, capacity=None, festival=Festival.WINTER_SOLSTICE)
    page = said(client, here(cast))
    assert "这周还能去什么？ 明天 14:00 健康站，还有 4 个名额 周日 11:00 吃汤圆，不用报名。" in page


def test_what_is_full_tonight_is_not_what_one_can_still_go_to(client: Client, cast: Cast, season: Season):
    add(cast, season, "骑车怎么不摔", 18, 19, taken=30)
    add(cast, season, "保险怎么买", 23, 19, taken=1)
    page = said(client, here(cast))
    assert "接下来能去什么？ 12月23日 19:00 保险怎么买，还有 29 个名额" in page


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"taken": 30}, "满了 可以排候补"),
        ({"taken": 30, "waiting_list": False}, "满了 不收候补"),
        ({"signup_opens_at": at(2025, 12, 19, 10)}, "还没放号 12月19日 10:00 开始报名，共 30 个"),
        ({"signup_closes_at": at(2025, 12, 18, 12)}, "报名截止了"),
        ({"capacity": None}, "不用报名 来了就行"),
        ({"taken": 7}, "23 个名额，共 30"),
    ],
)
def test_places_left_are_told_as_they_are(client: Client, cast: Cast, season: Season, more: dict[str, Any], words: str):
    add(cast, season, "看电影", 20, 20, **more)
    assert words in said(client, here(cast))


def test_activities_stand_by_week_and_month_with_day_and_festival(client: Client, cast: Cast, season: Season):
    add(cast, season, "健康站", 19, 14)
    add(cast, season, "吃汤圆", 21, 11)
    add(cast, season, "篮球", 26, 20)
    add(cast, season, "腊八粥", 26, 10, month=1)
    page = said(client, here(cast))
    for words in (
        "本周 12月15日到21日",
        "下周 12月22日到28日",
        "1月 平安返乡",
        "21 周日 冬至 11:00",
        "26 周一 腊八 10:00",
    ):
        assert words in page, words


def test_what_is_called_off_says_why_and_what_is_over_is_gone(client: Client, cast: Cast, season: Season):
    off = add(cast, season, "晨跑", 30, 7)
    cancel_activity(off, reason="跑道结冰", by=cast.coordinator, at=AT)
    add(cast, season, "早就办过的", 10, 9)
    page = said(client, here(cast))
    assert "取消了 跑道结冰" in page
    assert "早就办过的" not in page
    assert "这项活动取消了：跑道结冰" in said(client, here(cast, f"{off.public_id}/"))


def test_what_is_not_published_is_nowhere(client: Client, cast: Cast, season: Season):
    hidden = planned(season, by=cast.clerk, title="还没发布的")
    add(cast, season, "健康站", 19, 14)
    for more in ("", "poster/", "calendar.ics"):
        assert "还没发布的" not in client.get(here(cast, more)).content.decode(), more
    for more in ("", "calendar.ics"):
        assert client.get(here(cast, f"{hidden.public_id}/{more}")).status_code == 404
    cancel_activity(hidden, reason="不办了", by=cast.clerk, at=AT)
    assert client.get(here(cast, f"{hidden.public_id}/")).status_code == 404


def test_a_board_shows_its_own_alone_and_leads_back(client: Client, cast: Cast, season: Season):
    add(cast, season, "健康站", 19, 14, board=Board.WARM)
    add(cast, season, "篮球", 26, 20, board=Board.VITAL)
    page = said(client, here(cast, f"?board={Board.VITAL.value}"))
    assert "篮球" in page
    assert "健康站" not in page
    assert "只看这些，再点看全部" in page
    assert "健康站" in said(client, here(cast, "?board=nonsense"))
    assert "没有符合条件的" in said(client, here(cast, f"?board={Board.RED.value}"))


def test_another_streets_activity_is_not_found_below_my_address(
    client: Client, cast: Cast, other_cast: Cast, season: Season
):
    theirs = add(other_cast, winter(other_cast.street, by=other_cast.clerk), "别处的", 19, 14)
    assert client.get(here(cast, f"{theirs.public_id}/")).status_code == 404
    assert "别处的" not in said(client, here(cast))


def many(cast: Cast, season: Season, n: int) -> None:
    for one in range(n):
        day, hour = 1 + one % 28, 8 + one % 12
        add(cast, season, f"第 {one} 项活动：刹车、轮胎、雨裤都来看看", day, hour, month=1)


@pytest.mark.parametrize("n", [4, MOST_SHOWN, MOST_SHOWN + 1])
def test_a_menu_is_small_and_asks_as_much_for_many_as_for_few(
    client: Client, cast: Cast, season: Season, n: int, django_assert_max_num_queries: Any
):
    many(cast, season, n)
    with django_assert_max_num_queries(QUERIES):
        answer = client.get(here(cast))
    assert len(answer.content) <= BUDGET
    assert answer.content.decode().count('class="pg-edge') == min(n, MOST_SHOWN)
    assert ("只列出最近的 48 项" in answer.content.decode()) is (n > MOST_SHOWN)


def test_search_engines_may_list_it_and_no_cache_keeps_it(client: Client, cast: Cast, season: Season):
    activity = add(cast, season, "健康站", 19, 14)
    for more in ("", f"{activity.public_id}/"):
        answer = client.get(here(cast, more))
        assert "X-Robots-Tag" not in answer.headers
        assert "noindex" not in answer.content.decode()
    assert client.get(here(cast, "poster/")).headers["X-Robots-Tag"] == "noindex"


def test_nobody_of_the_office_stands_on_it(client: Client, cast: Cast, season: Season):
    activity = add(cast, season, "健康站", 19, 14)
    names = {user.full_name for user in (cast.clerk, cast.coordinator)}
    for more in ("", "poster/", "calendar.ics", f"{activity.public_id}/", f"{activity.public_id}/calendar.ics"):
        body = client.get(here(cast, more)).content.decode()
        assert [name for name in names if name in body] == [], more


def test_the_poster_says_nothing_that_ages(client: Client, cast: Cast, season: Season):
    add(cast, season, "健康站", 19, 14, taken=26)
    add(cast, season, "返乡包", 8, 18, month=1, signup_opens_at=at(2025, 12, 28, 10))
    cancel_activity(add(cast, season, "晨跑", 30, 7), reason="结冰", by=cast.coordinator, at=AT)
    page = said(client, here(cast, "poster/"))
    assert re.search("今天|明天|本周|名额，共|晨跑", page) is None
    for words in (
        "12月19日 周五 14:00",
        "成长能量营",
        "12月28日 10:00 开始报名",
        "12月 暖身暖心",
    ):
        assert words in page, words
    assert f"/menu/{cast.street.code}/</b>" in client.get(here(cast, "poster/")).content.decode()
    code = client.get(here(cast, "code.svg"))
    assert code.headers["Content-Type"] == "image/svg+xml"


@pytest.mark.parametrize(("n", "sheets", "full"), [(3, 1, 0), (12, 1, 0), (13, 1, 1), (20, 1, 1), (21, 2, 1)])
def test_many_activities_take_smaller_type_and_then_another_sheet(
    client: Client, cast: Cast, season: Season, n: int, sheets: int, full: int
):
    many(cast, season, n)
    body = client.get(here(cast, "poster/")).content.decode()
    found = re.findall(r'class="pg-a3( is-full)?"', body)
    assert (len(found), sum(map(bool, found))) == (sheets, full)


def test_a_moved_activity_is_told_by_its_new_hour(client: Client, cast: Cast, season: Season):
    activity = add(cast, season, "健康站", 19, 14)
    to = Rescheduled(at(2025, 12, 20, 15), at(2025, 12, 21, 1), "党群服务中心", capacity=30)
    reschedule_activity(activity, to=to, reason="医生有事", by=cast.coordinator, at=NOW - dt.timedelta(hours=1))
    page = said(client, here(cast, f"{activity.public_id}/"))
    assert "2025年12月20日 周六" in page
    assert "15:00 到 12月21日 01:00" in page
