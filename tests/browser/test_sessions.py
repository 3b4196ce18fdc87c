"""Signed out at rest, and by one's other browser, as a person sees it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeAlias

import pytest

from tests.browser.conftest import PHONE, sign_in
from tests.browser.site import PASSWORD, Site
from tests.browser.test_second_factor import faults_of, send

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Opened: TypeAlias = Callable[..., Any]
Picture: TypeAlias = Callable[[Any, str], None]


def rest(site: Site) -> None:
    """Half an hour goes by in which nobody touches a browser."""
    with closing(sqlite3.connect(site.database, timeout=10, isolation_level=None)) as connection:
        connection.execute("UPDATE people_session SET expire_date = datetime(expire_date, '-30 minutes')")


def fill_in_and_send(page: Any, site: Site) -> None:
    """Report something: what is typed is what would be lost."""
    page.fill("[name=text]", "三号楼一层漏水，地上有积水。")
    with page.expect_navigation():
        page.click("#report button[type=submit]")


def sign_in_again(page: Any) -> None:
    page.fill("#id_username", "coordinator")
    page.fill("#id_password", PASSWORD)
    send(page, "登录")


def test_who_rested_too_long_is_told_so_and_goes_on_where_they_were(own_site: Site, opened: Opened, picture: Picture):
    page = opened(own_site, "coordinator")
    here = own_site.here("reports/new/")
    page.goto(here)
    rest(own_site)
    before = own_site.one("SELECT COUNT(*) FROM cases_report")
    fill_in_and_send(page, own_site)
    said = page.inner_text("main")
    assert "已有 30 分钟没有动作，系统替您退出了登录。" in said
    assert "填的内容替您留着一天" in said
    picture(page, "sessions-rested-1440")
    page.set_viewport_size(PHONE)
    picture(page, "sessions-rested-390")
    assert faults_of(page) == []
    sign_in_again(page)
    assert page.url == here
    assert page.input_value("[name=text]") == "三号楼一层漏水，地上有积水。"
    assert "填的还在，已放回下面这张表" in page.inner_text("main")
    assert faults_of(page) == []
    fill_in_and_send(page, own_site)
    assert own_site.one("SELECT COUNT(*) FROM cases_report") == before + 1
    rest(own_site)
    page.reload()
    assert "没有动作" in page.inner_text("main")
    assert "没有保存" not in page.inner_text("main")


def test_what_is_typed_is_back_after_the_page_was_lost_and_nothing_of_it_stays_in_the_browser(
    own_site: Site, opened: Opened
):
    page = opened(own_site, "coordinator")
    page.goto(own_site.here("reports/new/"))
    with page.expect_response("**/me/drafts/keep/") as kept:
        page.type("[name=text]", "井盖松了。")
    assert kept.value.status == 204
    assert "井盖" not in page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    page.goto(own_site.here("reports/new/"))
    assert page.input_value("[name=text]") == "井盖松了。"
    page.click("text=不要了，从头填")
    assert page.input_value("[name=text]") == ""


@pytest.mark.parametrize("script", [True, False])
def test_a_browser_forgotten_elsewhere_is_ended_from_ones_own_list(
    own_site: Site, opened: Opened, picture: Picture, script: bool
):
    forgotten = opened(own_site, "coordinator", user_agent="Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.49")
    third = opened(own_site, "coordinator", user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0")
    page = opened(own_site, "coordinator", java_script_enabled=script)
    page.goto(own_site.url("/me/"))
    picture(page, "sessions-me-1440")
    with page.expect_navigation():
        page.click("main a:has-text('看是哪些')")
    picture(page, "sessions-list-1440")
    page.set_viewport_size(PHONE)
    picture(page, "sessions-list-390")
    if script:
        assert faults_of(page) == []
    with page.expect_navigation():
        page.click("li:has-text('微信') button")
    assert "退出了 1 个。" in page.inner_text("main")
    forgotten.reload()
    assert "这里的登录已经结束" in forgotten.inner_text("main")
    third.reload()
    assert "/sign-in/" not in third.url
    send(page, "别处全部退出")
    third.reload()
    assert "/sign-in/" in third.url
    page.reload()
    assert page.locator("main li").count() == 1
    sign_in(forgotten, own_site, "coordinator")
    assert "/sign-in/" not in forgotten.url
