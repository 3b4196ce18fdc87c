"""A wallet's lines by the keys alone, and its pages without sideways scroll at the desk and on the phone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.browser.conftest import HUGE, NORMAL, PHONE, sign_in
from tests.browser.site import Site
from tests.browser.test_axe import WIDER
from tests.browser.test_first_morning import FILES, empty_site
from tests.browser.test_what_people_do import Opened, Picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]
__all__ = ["empty_site"]  # a fixture
NEEDED = [file for file in FILES if file.rsplit("/", 1)[-1][0] in "245" or "花名册" in file]


def said(site: Site) -> dict[str, str]:
    """What was said of the wallet's lines, by row."""
    kept = json.loads(site.one("select answers from imports_stagedfile where kind = 'wallet' or name like '5%'"))
    lines: dict[str, str] = kept.get("lines", {})
    return lines


def key(page: Any, name: str) -> None:
    """A key that sends a form."""
    with page.expect_navigation():
        page.keyboard.press(name)


def test_lines_are_accepted_left_aside_and_taken_back_by_keys_alone(
    empty_site: Site,  # the fixture
    opened: Opened,
    picture: Picture,
):
    page = opened(empty_site)
    sign_in(page, empty_site, "admin")
    page.goto(empty_site.here("imports/"))
    page.set_input_files("[name=file]", NEEDED)
    with page.expect_navigation():
        page.click("button:has-text('看会登记什么')")
    with page.expect_navigation():  # until its script listens for keys
        page.click("text=一行一行看 >> nth=0")
    lines = page.url
    assert "笔看着是水费" in page.inner_text("h1")
    picture(page, "lines-1440")
    key(page, "Enter")
    assert [*said(empty_site)] == ["19"]
    assert page.locator("#line-19 :text('已收下')").count() == 1
    key(page, "Enter")
    assert [*said(empty_site)] == ["19", "20"]
    key(page, "u")
    assert [*said(empty_site)] == ["19"]
    page.keyboard.press("j")
    page.keyboard.press("k")
    key(page, "p")
    assert [*said(empty_site).values()][-1] == "aside"
    page.keyboard.press("x")
    assert page.evaluate("document.activeElement.name") == "code"
    page.keyboard.press("Escape")
    for viewport, size in ((PHONE, NORMAL), (PHONE, HUGE)):
        small = opened(empty_site, viewport=viewport, size=size)
        sign_in(small, empty_site, "admin")
        for address in (lines, f"{lines}?tab=aside", lines.replace("/lines/", "/columns/")):
            small.goto(address)
            assert small.evaluate(WIDER) == 0, (address, size)
            picture(small, f"{address.rstrip('/').rsplit('/', 1)[-1].partition('?')[0]}-390-{size}")
