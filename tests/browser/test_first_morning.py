"""The first morning of an office: ten papers chosen together, one preview, one yes, and who holds the money is known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hege.kernel.money import yuan
from tests.browser.conftest import PHONE, sign_in
from tests.browser.site import PASSWORD, STREET, Site, hege, served
from tests.browser.test_what_people_do import Opened, Picture

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAPERS = Path(__file__).parent.parent / "imports" / "office"
TRUTH = json.loads((PAPERS / "expected.json").read_text(encoding="utf-8"))
#: Its six bills, and those that what reached the utility does not cover: it pays the oldest first.
BILLS = [f"SF2026{month:02}-0206" for month in range(1, 7)]
OVERDUE = BILLS[2:]
METER, MOST_CLICKS = TRUTH["meter"], 15
FILES = sorted(str(PAPERS / file["file"]) for file in TRUTH["files"])
LAST = {money["on"]: money for money in TRUTH["money"]}["2026-07-31"]


@pytest.fixture
def empty_site(tmp_path: Path) -> Iterator[Site]:
    """A street on its first morning: an administrator, and nothing else."""
    database = tmp_path / "site.sqlite3"
    hege("migrate", database=database)
    hege("setup", "--street", STREET, "--name", "九里亭街道", "--password-stdin", database=database, told=PASSWORD)
    with served(database) as running:
        yield running


class Clicks:
    """A person who only clicks, and counts."""

    def __init__(self, page: Any) -> None:
        self.page, self.made = page, 0

    def on(self, what: str) -> None:
        self.made += 1
        with self.page.expect_navigation():
            self.page.click(what)

    def choose(self, what: str, files: list[str]) -> None:
        self.made += 2  # the field, and the button of the window in which the files are marked
        self.page.set_input_files(what, files)


def main_of(page: Any) -> str:
    return " ".join(page.inner_text("main").split())


def test_ten_papers_chosen_together_say_who_holds_the_money(empty_site: Site, opened: Opened, picture: Picture):
    page = opened(empty_site)
    sign_in(page, empty_site, "admin")
    page.goto(empty_site.here())
    clerk = Clicks(page)
    clerk.on("nav a:has-text('导入')")
    picture(page, "first-empty-1440")
    assert "没有水费账单" in main_of(page)
    clerk.choose("[name=file]", FILES)
    clerk.on("button:has-text('看会登记什么')")
    picture(page, "first-pile-1440")
    assert page.inner_text("h1").startswith("10 份文件读得出")
    assert page.locator("#confirm").count() == 0
    small = opened(empty_site, viewport=PHONE)
    sign_in(small, empty_site, "admin")
    small.goto(page.url)
    picture(small, "first-pile-390")
    small.click("text=一行一行看 >> nth=0")
    picture(small, "first-lines-390")
    small.go_back()
    small.click("summary >> nth=1")
    small.click("text=看每列是什么 >> visible=true >> nth=0")
    picture(small, "first-columns-390")
    assert small.evaluate("document.documentElement.scrollWidth <= innerWidth")
    clerk.on("button:has-text('一次收下')")
    picture(page, "first-ready-1440")
    assert empty_site.one("SELECT COUNT(*) FROM billing_payment") == 0
    clerk.on("#confirm button")
    picture(page, "first-done-1440")
    confirmed = LAST["confirmed"]
    assert page.inner_text("h1").strip() == (
        f"1 块总表、12 户、6 张账单；代收人手里 {yuan(confirmed['held'])} 元，商铺欠 {yuan(confirmed['owed'])} 元"
    )
    assert clerk.made <= MOST_CLICKS
    page.goto(empty_site.here("?show=all"))  # an administrator's own first page tells of the site
    picture(page, "first-board-1440")
    assert [number for number in BILLS if number in main_of(page)] == OVERDUE
    page.go_back()
    phone = opened(empty_site, viewport=PHONE)
    sign_in(phone, empty_site, "admin")
    phone.goto(page.url)
    picture(phone, "first-done-390")
    page.goto(empty_site.here(f"meters/{METER}/"))
    picture(page, "first-meter-1440")
    assert yuan(confirmed["payable"]) in main_of(page)
    assert yuan(confirmed["held"]) in main_of(page)
