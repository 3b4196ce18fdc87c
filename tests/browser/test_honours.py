"""The newspaper's honour roll in a real browser: pasted, a doubt decided, checked by another, shown, signed, scanned, objected to."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeAlias

import pytest

from hege.kernel.clock import today
from hege.stories.honours import TABLE
from tests.browser.conftest import PHONE
from tests.browser.site import Site
from tests.browser.test_axe import ALL_RULES, AXE, WIDER, Eye

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Opened: TypeAlias = Callable[..., Any]
FIRM = "上海松林米业有限公司"


def whole(page: Any) -> None:
    """Nobody is shut out of a page, and it is no wider than its window."""
    page.evaluate(AXE)
    assert (Eye().wrong(page, ALL_RULES), page.evaluate(WIDER)) == ([], 0)


def pressed(page: Any, button: str = "main form button.btn-primary") -> str:
    """What the page says after a button was pressed."""
    page.click(button)
    page.wait_for_load_state()
    return str(page.inner_text("main"))


def test_a_pasted_honour_goes_the_whole_way_and_whoever_scans_it_may_object_without_a_script(
    own_site: Site, opened: Opened, picture: Callable[[Any, str], None]
):
    clerk = opened(own_site, "clerk", bypass_csp=True)
    clerk.goto(own_site.here("honours/clippings/new/"))
    whole(clerk)
    clerk.fill("[name=text]", TABLE)
    clerk.fill("[name=source]", "报纸“荣誉榜”版面")
    said = pressed(clerk)
    picture(clerk, "honours-clipping")
    whole(clerk)
    assert "处要您定" in clerk.inner_text("h1")
    cell = f"li:has-text('{FIRM}')"
    assert clerk.locator(f"{cell} b:has-text('待定')").count() == 1
    pressed(clerk, f"{cell} button[value=product]")
    assert clerk.locator(f"{cell} b:has-text('待定')").count() == 0
    said = pressed(clerk, "button[form=take], #take button.btn-primary")
    honour = own_site.one(
        "SELECT h.public_id FROM honours_honour h JOIN honours_firm f ON f.id = h.firm_id WHERE f.name = ?"
        " ORDER BY h.id DESC", FIRM,
    )  # fmt: skip
    assert honour, said

    checker = opened(own_site, "checker", bypass_csp=True)
    checker.goto(own_site.here(f"honours/{honour}/check/"))
    checker.select_option("[name=seen]", "source")
    checker.fill("[name=words]", "报纸“荣誉榜”版面")
    pressed(checker)
    whole(checker)

    coordinator = opened(own_site, "coordinator", bypass_csp=True)
    coordinator.goto(own_site.here(f"honours/{honour}/publicity/"))
    coordinator.select_option("[name=consent]", "public_source")
    coordinator.fill("[name=words]", "报纸“荣誉榜”版面")
    pressed(coordinator)
    with closing(sqlite3.connect(own_site.database)) as database, database:  # its seven days are over
        database.execute(
            "UPDATE honours_honour SET shown_until_on = ? WHERE public_id = ?", [today().isoformat(), honour]
        )
    coordinator.goto(own_site.here(f"honours/{honour}/publish/"))
    said = pressed(coordinator)
    assert own_site.one("SELECT state FROM honours_honour WHERE public_id = ?", honour) == "published", said
    coordinator.goto(own_site.here("honours/"))
    whole(coordinator)

    phone = opened(own_site, viewport=PHONE, bypass_csp=True)
    for path in (f"/h/{honour}/", "/roll/"):
        phone.goto(own_site.url(path))
        picture(phone, f"honours-{path.strip('/').replace('/', '-')}-390")
        whole(phone)
    plain = opened(own_site, viewport=PHONE, java_script_enabled=False)
    plain.goto(own_site.url(f"/h/{honour}/"))
    assert "上榜" in plain.inner_text("main")
    assert FIRM in plain.content()
    plain.click(f"a[href='/h/{honour}/object/']")
    plain.fill("[name=words]", "这一项我们没有得过。")
    pressed(plain, "form:has([name=words]) button[type=submit]")
    objections = (
        "SELECT count(*) FROM honours_objection o JOIN honours_honour h ON h.id = o.honour_id WHERE h.public_id = ?"
    )
    assert own_site.one(objections, honour) == 1
