"""Stations and the sheet for a gate on a phone: with a script and without one, and what the phone's position is used for."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.browser.conftest import HUGE, PHONE
from tests.browser.site import STREET, Site
from tests.browser.test_honours import pressed, whole

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Opened: TypeAlias = Callable[..., Any]
ALWAYS = "0:00-24:00"


def draw_grid(site: Site) -> str:
    """Outlines for two parts of the grid, west and east; the name of the western one."""
    rows = "SELECT id, name FROM places_place WHERE level = 'block' OR level = 'residence_grid' ORDER BY id LIMIT 2"
    with closing(sqlite3.connect(site.database)) as database, database:
        found = database.execute(rows).fetchall()
        for (pk, _name), west in zip(found, (121.30, 121.32), strict=True):
            ring = [[west, 31.1], [west + 0.02, 31.1], [west + 0.02, 31.12], [west, 31.12], [west, 31.1]]
            shape = json.dumps({"type": "Polygon", "coordinates": [ring]})
            database.execute("UPDATE places_place SET polygon = ? WHERE id = ?", [shape, pk])
    return str(found[0][1])


def open_station(page: Any, site: Site, name: str, hours: str, lon: str, lat: str) -> None:
    page.goto(site.here("stations/new/"))
    page.fill("[name=name]", name)
    page.select_option("[name=place]", index=1)
    page.fill("[name=address]", f"{name}路 1 号")
    page.check("[name=facilities][value=drinking_water]")
    page.fill("[name=d1]", hours)
    page.fill("[name=lon_e6]", lon)
    page.fill("[name=lat_e6]", lat)
    assert name in pressed(page)


@pytest.fixture
def town(own_site: Site, opened: Opened, tmp_path: Path) -> tuple[Site, str]:
    """Two stations that are always open, one in the west and one in the east; a road between them."""
    west = draw_grid(own_site)
    office = opened(own_site, "coordinator", bypass_csp=True)
    open_station(office, own_site, "西站", ALWAYS, "121.305", "31.11")
    open_station(office, own_site, "东站", ALWAYS, "121.335", "31.11")
    whole(office)
    road = {"type": "LineString", "coordinates": [[121.29, 31.11], [121.35, 31.11]]}
    told = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": road}]}
    file = tmp_path / "路.geojson"
    file.write_text(json.dumps(told), encoding="utf-8")
    office.goto(own_site.here("stations/map/"))
    office.set_input_files("[name=lines]", file)
    office.fill("[name=source]", "样例")
    pressed(office)
    office.goto(own_site.here("stations/"))
    whole(office)
    return own_site, west


def first(page: Any) -> str:
    """The station at the top of the list."""
    return str(page.inner_text("[data-list] li:first-child h3"))


def test_without_a_script_one_says_where_one_is_and_the_near_ones_come_first(
    town: tuple[Site, str], opened: Opened, picture: Callable[[Any, str], None]
):
    site, west = town
    phone = opened(site, viewport=PHONE, java_script_enabled=False)
    phone.goto(site.url(f"/stations/{STREET}/"))
    assert not phone.is_visible("[data-here]")
    phone.select_option("#near", label=phone.inner_text(f"#near option:has-text('{west}')"))
    phone.click("button:has-text('近的在前')")
    phone.wait_for_load_state()
    assert first(phone) == "西站"
    assert "最近的是西站" in phone.inner_text("[data-answer]")
    assert phone.locator(".hg-map .spot").count() == 2
    assert phone.locator(".hg-map .line.road").count() == 1
    picture(phone, "stations-390")


def test_the_phones_own_position_sorts_the_list_and_goes_nowhere(town: tuple[Site, str], opened: Opened):
    site, _west = town
    here = {"longitude": 121.3361, "latitude": 31.1102}
    phone = opened(site, viewport=PHONE, geolocation=here, permissions=["geolocation"])
    sent: list[str] = []
    phone.goto(site.url(f"/stations/{STREET}/"))
    kept = phone.evaluate("document.cookie")
    phone.on("request", lambda request: sent.append(request.url))
    # A browser fetches the page's mark when it likes, after the page is loaded too; with anything added it would be told.
    mark = site.url("/static/mark.svg")
    phone.click("button:has-text('用手机的位置')")
    phone.wait_for_function("document.querySelector('[data-answer]').textContent.includes('东站')")
    assert first(phone) == "东站"
    assert phone.inner_text("[data-list] li:first-child [data-far]") == "110 米"
    assert [address for address in sent if address != mark] == []
    assert phone.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, kept]


def test_a_phone_that_gives_no_position_is_told_what_to_do(town: tuple[Site, str], opened: Opened):
    site, _west = town
    phone = opened(site, viewport=PHONE)
    phone.goto(site.url(f"/stations/{STREET}/"))
    phone.click("button:has-text('用手机的位置')")
    phone.wait_for_function("document.querySelector('[data-here] [role=status]').textContent")
    assert "请在上面选" in phone.inner_text("[data-here] [role=status]")


def test_both_pages_are_whole_on_a_phone_and_in_the_largest_type(town: tuple[Site, str], opened: Opened):
    site, _west = town
    for wishes in ({"viewport": PHONE}, {"viewport": PHONE, "size": HUGE}, {}):
        page = opened(site, bypass_csp=True, **wishes)
        for path in (f"/stations/{STREET}/", f"/gate/{STREET}/"):
            assert page.goto(site.url(path)).status == 200
            whole(page)


def test_what_a_grid_worker_verified_hangs_at_the_gate_on_one_sheet_of_a4(
    town: tuple[Site, str], opened: Opened, picture: Callable[[Any, str], None], tmp_path: Path
):
    site, _west = town
    worker = opened(site, "coordinator", bypass_csp=True)
    worker.goto(site.here("stations/gates/"))
    worker.select_option("[name=estate]", index=1)
    worker.click("main form button[type=submit]")
    worker.wait_for_load_state()
    estate, name = worker.url.rstrip("/").rpartition("/")[2], worker.inner_text("h1").removesuffix("门口图")
    code = site.one("SELECT code FROM places_place WHERE id = ?", estate)
    worker.goto(site.here("reports/new/"))
    worker.select_option("[name=kind]", "patrol")
    worker.fill("[name=text]", "北门白天开着，电动车能进")
    worker.select_option("[name=place]", estate)
    pressed(worker)
    report = site.one("SELECT public_id FROM cases_report ORDER BY id DESC LIMIT 1")
    worker.goto(site.here(f"reports/{report}/verify/"))
    worker.fill("[name=finding]", "去看过，是这样")
    pressed(worker)
    worker.goto(site.here(f"stations/gates/{estate}/new/"))
    worker.select_option("[name=report]", index=1)
    worker.fill("[name=words]", "放在 302 室门口")
    assert "室号" in pressed(worker)
    whole(worker)
    worker.fill("[name=words]", "走北门，电动车推进去")
    assert "走北门，电动车推进去" in pressed(worker)
    whole(worker)

    phone = opened(site, viewport=PHONE, java_script_enabled=False)
    phone.goto(site.url(f"/gate/{STREET}/{code}/"))
    assert name in phone.inner_text("h1")
    assert "走北门，电动车推进去" in phone.inner_text("main")
    assert report not in phone.content()
    picture(phone, "gate-390")
    paper = tmp_path / "gate.pdf"
    phone.pdf(path=paper, prefer_css_page_size=True)
    assert paper.read_bytes().count(b"/Type /Page\n") == 1
