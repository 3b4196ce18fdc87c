"""A season in a real browser: planned by one, published by another, read on a phone without a script, printed on A3, called off."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeAlias

import pytest

from hege.kernel.clock import today
from tests.browser.conftest import DESK, PHONE
from tests.browser.site import STREET, Site
from tests.browser.test_axe import ALL_RULES, AXE, WIDER, Eye

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Opened: TypeAlias = Callable[..., Any]
TITLE = "冬天骑车怎么不摔"
#: A3 upright in points.
A3 = (841.89, 1190.55)


def whole(page: Any, *sizes: dict[str, int]) -> None:
    """Nobody is shut out of a page, and it is no wider than its window."""
    for size in sizes or (page.viewport_size,):
        page.set_viewport_size(size)
        page.evaluate(AXE)
        assert (Eye().wrong(page, ALL_RULES), page.evaluate(WIDER)) == ([], 0), page.url


def pressed(page: Any) -> str:
    """What the page says after its button was pressed."""
    page.click("main form button[type=submit]")
    page.wait_for_load_state()
    return str(page.inner_text("main"))


def a_unit(site: Site) -> None:
    """One of the street's parties is in the alliance."""
    with closing(sqlite3.connect(site.database)) as database, database:
        database.execute(
            "INSERT INTO alliance_allianceunit (street_id, party_id, public_id, from_on, contact, ended_reason)"
            " SELECT street_id, id, 'aaaaaaaaaaaa', '2025-01-01', '', '' FROM people_party WHERE kind = 'organisation'"
            " ORDER BY id LIMIT 1"
        )


def test_a_season_is_planned_published_read_on_a_phone_printed_and_called_off(
    own_site: Site, opened: Opened, picture: Callable[[Any, str], None]
):
    a_unit(own_site)
    day = today() + dt.timedelta(days=3)
    clerk = opened(own_site, "clerk", bypass_csp=True)
    clerk.goto(own_site.here("programme/"))
    assert "还没有排季" in clerk.inner_text("main")
    whole(clerk)
    clerk.goto(own_site.here("programme/seasons/new/"))
    whole(clerk, PHONE, DESK)
    clerk.fill("[name=name]", "暖冬·感恩季")
    clerk.fill("[name=from_on]", str(today() - dt.timedelta(days=5)))
    clerk.fill("[name=last_on]", str(today() + dt.timedelta(days=60)))
    clerk.fill("[name=t1-name]", "暖身暖心")
    clerk.select_option("[name=t1-month]", str(today().replace(day=1)))
    assert "排好了" in pressed(clerk)
    clerk.goto(own_site.here("programme/new/"))
    whole(clerk, PHONE, DESK)
    clerk.fill("[name=title]", TITLE)
    clerk.check("[name=board][value=growth_camp]")
    clerk.fill("[name=starts_at]", f"{day} 19:00")
    clerk.fill("[name=ends_at]", f"{day} 20:30")
    clerk.select_option("[name=ally]", index=1)
    clerk.fill("[name=where]", "党群服务中心 2 楼")
    clerk.fill("[name=capacity]", "30")
    assert "待发布" in pressed(clerk)
    whole(clerk, PHONE, DESK)
    activity = own_site.one("SELECT public_id FROM seasons_activity WHERE title = ?", TITLE)

    coordinator = opened(own_site, "coordinator", bypass_csp=True)
    coordinator.goto(own_site.here(f"programme/{activity}/publish/"))
    assert "已发布" in pressed(coordinator)
    coordinator.goto(own_site.here("programme/"))
    picture(coordinator, "programme-year")
    whole(coordinator, PHONE, DESK)
    coordinator.goto(own_site.here("programme/copy/"))
    whole(coordinator, PHONE, DESK)

    phone = opened(own_site, viewport=PHONE, java_script_enabled=False)
    phone.goto(own_site.url(f"/menu/{STREET}/"))
    assert re.search(f"{TITLE}，还有 30 个名额", phone.inner_text("main"))
    picture(phone, "programme-menu")
    phone.click(f"h3 a:has-text('{TITLE}')")
    assert "还有 30 个" in phone.inner_text("main")
    reader = opened(own_site, bypass_csp=True)
    for path in ("", f"{activity}/", "poster/"):
        reader.goto(own_site.url(f"/menu/{STREET}/{path}"))
        whole(reader, PHONE, DESK)
    printed = reader.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert [(round(float(x)), round(float(y))) for x, y in boxes] == [tuple(map(round, A3))]

    coordinator.goto(own_site.here(f"programme/{activity}/cancel/"))
    coordinator.fill("[name=reason]", "大雪")
    assert "已取消" in pressed(coordinator)
    phone.reload()
    assert "这项活动取消了：大雪" in phone.inner_text("main")
