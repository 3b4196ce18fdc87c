"""A newcomer at a demo: from its first page to what matters, in at most three clicks each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import PHONE
from tests.browser.site import Site, copied, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HELD = "已经从商户收走，没有交上去"


@pytest.fixture(scope="module")
def demo(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo street as `hege demo --serve` shows it."""
    with served(
        copied(template, tmp_path_factory.mktemp("demo") / "site.sqlite3"), more={"HEGE_DEMO": "on"}
    ) as running:
        yield running


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_newcomer_comes_to_what_matters_in_three_clicks(demo: Site, opened: Callable[..., Any], picture: Any):
    page = opened(demo, viewport=PHONE)
    page.goto(demo.url("/"))
    assert HELD in page.inner_text(".dm-say")  # who holds the money: no click
    assert fits(page)
    picture(page, "demo-390")
    page.click("text=打开这一页")  # the shop's page: one
    assert "会停水吗？" in page.inner_text("main")
    page.click(".hg-demo a")
    page.click(".dm-out button")  # the outsider's: one, and two to the question
    page.click("text=打开这件事")
    assert "您的答复" in page.inner_text("main")
    page.click(".hg-demo a")
    assert page.locator(".dm-tour li button").count() == 6
    for number, name in ((1, "meters/ZB-0317/shops/PL-01/"), (6, "cases/tasks/")):
        page.click(f".dm-tour li:nth-child({number}) button")
        assert page.url.startswith(demo.here(name))
        page.click(".hg-demo a")


@pytest.mark.parametrize("size", ["normal", "huge"])
def test_its_first_page_fits_a_phone_in_english_and_in_large_type(demo: Site, opened: Callable[..., Any], size: str):
    page = opened(demo, viewport=PHONE, size=size)
    page.goto(demo.url("/language/en/?next=/demo/"))
    said = page.inner_text("main")
    assert fits(page)
    assert "never handed on" in said
    data = ("1 号铺 面馆", "物业")
    assert not re.search(r"[\u4e00-\u9fff]", re.sub("|".join(data), "", said))
