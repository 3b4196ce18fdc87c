"""How long a browser stays signed in: while somebody works in it, no longer than a day's work, and not a minute at rest."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from hege.cases.models import Report
from hege.kernel import clock
from hege.people.models import Role, Session, User
from hege.trail.models import TrailLine
from hege.web import sessions
from hege.web.jinja import instant
from tests.cast import PASSWORD, Cast
from tests.web.office import Office, words

pytestmark = [pytest.mark.django_db, pytest.mark.pages, pytest.mark.once]

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36"
)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[..., None]:
    """Puts the clock so many minutes after the beginning of the test, where it stands still."""
    settings.IDLE_MINUTES = 30
    monkeypatch.setattr(sessions, "SEEN_EVERY", dt.timedelta(minutes=1))
    began = clock.now()

    def put(minutes: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: began + dt.timedelta(minutes=minutes))

    put(0)
    return put


def sign_in(client: Client, user: User, **more: Any) -> Any:
    return client.post("/sign-in/", {"username": user.username, "password": PASSWORD}, **more)


def is_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def test_a_sign_in_says_whose_since_when_from_where_and_in_which_browser(client: Client, cast: Cast, at: Any):
    sign_in(client, cast.clerk, REMOTE_ADDR="10.1.2.3", HTTP_USER_AGENT=CHROME)
    row = Session.objects.get()
    assert (row.user, row.opened_at, row.address, row.browser) == (
        cast.clerk,
        clock.now(),
        "10.1.2.3",
        "Chrome · Windows",
    )
    at(2)
    client.get("/me/")
    assert Session.objects.values_list("opened_at", "address").get() == (row.opened_at, "10.1.2.3")


def test_half_an_hour_at_rest_ends_it_and_the_page_to_sign_in_says_so_and_leads_back(
    client: Client, cast: Cast, at: Any
):
    sign_in(client, cast.clerk)
    at(29)
    assert is_in(client)
    at(58)
    assert is_in(client)
    at(88)
    answer = client.get("/me/")
    assert answer.headers["Location"] == "/sign-in/?next=/me/"
    page = words(client.get(answer.headers["Location"]))
    assert "已有 30 分钟没有动作，系统替您退出了登录。" in page
    assert "没有保存" not in page
    assert sign_in(client, cast.clerk, QUERY_STRING="next=/me/").headers["Location"] == "/me/"
    assert "没有动作" not in words(client.get("/me/"))


def test_twelve_hours_end_it_however_busy_it_is(client: Client, cast: Cast, at: Any):
    sign_in(client, cast.clerk)
    for minutes in range(20, 12 * 60, 20):
        at(minutes)
        assert is_in(client)
    at(12 * 60)
    assert not is_in(client)
    assert "登录已满 12 小时" in words(client.get("/sign-in/"))


@pytest.mark.both
def test_what_was_sent_after_the_end_was_not_kept_and_is_said_so(office: Office, at: Any):
    client = office.client(Role.GRID_WORKER)
    Session.objects.filter(user=office.cast.grid_worker).update(expire_date=clock.now())
    told = {"kind": "patrol", "text": "三号楼漏水。", "seen": "1", "request_key": "k" * 20}
    page, before = office.path("reports:new"), Report.objects.count()
    answer = client.post(page, told, headers={"Referer": f"http://testserver{page}?about=ZB-1"})
    assert answer.headers["Location"] == f"/sign-in/?next={page}%3Fabout%3DZB-1"
    assert Report.objects.count() == before
    said = words(client.get(answer.headers["Location"]))
    assert "已有 30 分钟没有动作" in said
    assert "刚才填的内容没有保存" in said


def test_a_form_that_says_it_stood_on_another_site_leads_to_its_own_address(client: Client, cast: Cast):
    answer = client.post("/me/", headers={"Referer": "https://elsewhere.example/bait/"})
    assert answer.headers["Location"] == "/sign-in/?next=/me/"


def test_one_that_was_ended_elsewhere_or_swept_is_said_so(client: Client, cast: Cast):
    sign_in(client, cast.clerk)
    Session.objects.all().delete()
    assert "这里的登录已经结束" in words(client.get(client.get("/me/").headers["Location"]))
    assert "已经结束" not in words(client.get(client.get("/me/").headers["Location"]))


def test_whoever_was_never_here_is_told_nothing_of_rest(client: Client):
    page = words(client.get(client.get("/").headers["Location"]))
    assert re.findall("没有动作|已满|没有保存|已经结束", page) == []


def written(client: Client) -> list[str]:
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert is_in(client)
    return [sql for sql in found if not sql.startswith("SELECT")]


def test_it_is_put_off_once_a_minute_in_one_statement(client: Client, cast: Cast, at: Any):
    sign_in(client, cast.clerk)
    at(0.9)
    assert written(client) == []
    at(1)
    assert [sql.partition(" SET")[0] for sql in written(client)] == ['UPDATE "people_session"']
    assert written(client) == []


@pytest.mark.both
def test_a_database_that_takes_nothing_keeps_nobody_from_reading(client: Client, cast: Cast, at: Any):
    sign_in(client, cast.clerk)
    at(5)

    def full(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE"):
            raise OperationalError("database or disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(full):
        assert is_in(client)


@pytest.mark.both
def test_a_session_that_was_ended_meanwhile_does_not_come_back(client: Client, cast: Cast, at: Any):
    sign_in(client, cast.clerk)
    at(5)

    def end(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE"):
            Session.objects.all()._raw_delete("default")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(end):
        assert is_in(client)
    assert not Session.objects.exists()
    assert not is_in(client)


# -- one's own list ----------------------------------------------------------------------------------------------------


@pytest.fixture
def two(client: Client, cast: Cast, at: Any) -> tuple[Client, Client]:
    """A desk and a telephone of one person, which signed in ten minutes before."""
    phone = Client(REMOTE_ADDR="10.9.9.9", HTTP_USER_AGENT="Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.49")
    sign_in(phone, cast.clerk)
    at(10)
    sign_in(client, cast.clerk, HTTP_USER_AGENT=CHROME)
    return client, phone


def marks(page: str) -> list[str]:
    """What the buttons of the list call the other browsers."""
    return re.findall(r'name="which" value="([0-9a-f]{20})"', page)


def test_the_list_says_which_browser_from_where_since_when_and_which_is_this_one(
    two: tuple[Client, Client], cast: Cast
):
    began = instant(clock.now() - dt.timedelta(minutes=10))
    assert "除了这一个，还有 1 个浏览器" in words(two[0].get("/me/"))
    here, there = re.findall(r"<li>(.*?)</li>", words(two[0].get("/me/sessions/")), re.DOTALL)
    assert all(said in there for said in ("微信 · Android", "10.9.9.9", f"{began} 登录", f"上次用是 {began}", "退出它"))
    assert all(said in here for said in ("Chrome · Windows", "127.0.0.1", "这一个"))
    assert ("这一个" in there, "退出它" in here) == (False, False)
    two[0].get("/language/en/")
    assert "WeChat · Android" in words(two[0].get("/me/sessions/"))


def test_no_page_shows_what_would_let_somebody_in(two: tuple[Client, Client], cast: Cast):
    page = words(two[0].get("/me/sessions/")) + words(two[0].get("/me/"))
    assert [key for key in Session.objects.values_list("pk", flat=True) if key in page] == []


def test_one_that_is_ended_there_is_asked_to_sign_in_and_a_second_click_says_so(two: tuple[Client, Client]):
    desk, phone = two
    (which,) = marks(words(desk.get("/me/sessions/")))
    said = [words(desk.post("/me/sessions/end/", {"which": which}, follow=True)) for _click in range(2)]
    assert ("退出了 1 个。" in said[0], "它已经退出了。" in said[1]) == (True, True)
    assert (is_in(desk), is_in(phone)) == (True, False)
    assert TrailLine.objects.filter(verb="end_session").count() == 1


def test_all_others_end_at_once_and_this_one_stays(two: tuple[Client, Client], cast: Cast):
    third = Client()
    sign_in(third, cast.clerk)
    two[0].post("/me/sessions/end/", {"which": "others"})
    assert [is_in(browser) for browser in (*two, third)] == [True, False, False]
    assert "只有这一个浏览器" in words(two[0].get("/me/"))


def test_nobody_ends_another_persons_nor_this_one_by_it(two: tuple[Client, Client], cast: Cast):
    other = Client()
    sign_in(other, cast.checker)
    (which,) = marks(words(two[0].get("/me/sessions/")))
    for browser, wish in ((other, which), (other, "others"), (two[1], which), (two[1], ""), (two[1], "nothing")):
        browser.post("/me/sessions/end/", {"which": wish})
    assert [is_in(browser) for browser in (*two, other)] == [True, True, True]


def test_one_that_has_ended_by_itself_is_not_on_the_list(two: tuple[Client, Client], at: Any):
    at(31)
    assert marks(words(two[0].get("/me/sessions/"))) == []
