"""A shop's phone in a real browser at 390 px: opened by its link, a scan, the digits, the network cut and back, no script."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from hege.kernel import clock
from hege.vouchers.tills.rules import OFFLINE_MOST, OFFLINE_MOST_FEN, left_offline
from tests.browser.conftest import HUGE, LARGE, NORMAL, PHONE
from tests.browser.counter import Counter, at_the_counter
from tests.browser.site import STREET, Site
from tests.browser.test_honours import whole

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Opened: TypeAlias = Callable[..., Any]
Pictured: TypeAlias = Callable[[Any, str], None]
NOTED = "() => JSON.parse(localStorage.getItem(Object.keys(localStorage)[0]) || '[]').length"


def here(site: Site, path: str = "") -> str:
    return site.url(f"/t/{STREET}/{path}")


def opens(page: Any, site: Site, counter: Counter) -> None:
    """Follow the link and press its button."""
    page.goto(here(site, f"open/{counter.link}/"))
    page.click("main form button")
    page.wait_for_url(here(site))


def of_the_street(site: Site, what: str, table: str) -> Any:
    """Of the street of the till alone: elsewhere the programme is played."""
    return site.one(f"SELECT {what} FROM {table} r JOIN people_street s ON s.id = r.street_id WHERE s.code = ?", STREET)


def redeemed(site: Site) -> int:
    return int(of_the_street(site, "COUNT(*)", "vouchers_redemption"))


def note(page: Any, number: str, code: str) -> None:
    page.fill("#id_number", number)
    page.fill("#id_code", code)
    page.click("#digits button[type=submit]")


def test_a_shop_opens_its_till_takes_a_scan_and_takes_it_back(own_site: Site, opened: Opened, picture: Pictured):
    counter = at_the_counter(own_site)
    phone = opened(own_site, viewport=PHONE, bypass_csp=True)
    phone.goto(here(own_site, counter.signs(0)))
    assert "没有开通收券台" in phone.inner_text("main")
    whole(phone)
    phone.goto(here(own_site, f"open/{counter.link}/"))
    whole(phone)
    picture(phone, "till-open")
    opens(phone, own_site, counter)
    whole(phone)
    for step in (LARGE, HUGE, NORMAL):
        phone.click(".ph-size")
        phone.wait_for_load_state()
        whole(phone)
        assert step in phone.locator("html").get_attribute("class")
    phone.goto(here(own_site, counter.signs(0)))
    said = phone.inner_text("main")
    assert "热汤面一碗" in said
    assert "称呼的最后一个字是" in said
    whole(phone)
    picture(phone, "till-voucher")
    phone.click("main form button.main")
    phone.wait_for_url("**/taken/**")
    assert redeemed(own_site) == 1
    whole(phone)
    phone.goto(here(own_site, counter.signs(0)))
    assert "别收，已经用过" in phone.inner_text("main")
    whole(phone)
    phone.wait_for_function("() => performance.getEntriesByType('resource').some((e) => e.name.endsWith('/failed/'))")
    assert of_the_street(own_site, "r.fault", "vouchers_scanfailure") == "used"  # kept without a press
    phone.go_back()
    phone.click("text=撤销这一张")
    phone.wait_for_load_state()
    assert "撤销了" in phone.inner_text("main")
    phone.goto(here(own_site, "today/"))
    whole(phone)
    phone.goto(here(own_site, "camera/"))
    whole(phone)


def test_the_network_is_cut_digits_are_noted_and_sent_once_when_it_is_back(
    own_site: Site, opened: Opened, picture: Pictured
):
    counter = at_the_counter(own_site)
    phone = opened(own_site, viewport=PHONE, bypass_csp=True)
    phone.clock.set_fixed_time(clock.now())  # the day the site stands on
    opens(phone, own_site, counter)
    phone.context.set_offline(True)
    phone.wait_for_selector("#noted:not([hidden])")
    note(phone, "123", "456")
    assert "券号是 8 位数字" in phone.inner_text("#digits-said")
    for n in (0, 1):
        note(phone, *counter.digits(n))
        phone.wait_for_function(f"() => ({NOTED})() === {n + 1}")
    note(phone, counter.digits(2)[0], "000000" if counter.digits(2)[1] != "000000" else "000001")
    phone.wait_for_selector("text=3 张，已记未核对")
    whole(phone)
    picture(phone, "till-offline")
    assert redeemed(own_site) == 0
    queue = phone.evaluate("() => Object.entries(localStorage)")
    phone.context.set_offline(False)
    phone.wait_for_selector("#answered:not([hidden])")
    phone.wait_for_function(f"() => ({NOTED})() === 0")
    said = phone.inner_text("#answered")
    assert (said.count("核对好了"), said.count("数字不对，等街道决定")) == (2, 1)
    whole(phone)
    picture(phone, "till-sent")
    phone.evaluate("rows => rows.forEach(([key, value]) => localStorage.setItem(key, value))", queue)
    phone.reload()  # an old queue is sent again
    phone.wait_for_function(f"() => ({NOTED})() === 0")
    assert redeemed(own_site) == 2
    assert of_the_street(own_site, "COUNT(*)", "vouchers_offlineconflict") == 1
    assert of_the_street(own_site, "SUM(owed_fen)", "vouchers_redemption") == 3_600


def test_a_phone_notes_no_more_than_its_cap(own_site: Site, opened: Opened):
    counter = at_the_counter(own_site)
    phone = opened(own_site, viewport=PHONE)
    opens(phone, own_site, counter)
    phone.context.set_offline(True)
    phone.wait_for_selector("#noted:not([hidden])")
    for n in range(20):
        note(phone, f"{n:08}", "123456")
        phone.wait_for_function(f"() => ({NOTED})() === {n + 1}")
    note(phone, "00000099", "123456")
    phone.wait_for_selector("#digits-said:not([hidden])")
    assert "已经记满了" in phone.inner_text("#digits-said")
    assert phone.evaluate(NOTED) == 20


def test_the_cap_is_counted_on_the_phone_as_the_house_counts_it(own_site: Site, opened: Opened):
    counter = at_the_counter(own_site)
    phone = opened(own_site, viewport=PHONE)
    opens(phone, own_site, counter)
    asked = [(n, each) for n in range(0, 25, 3) for each in (0, 1, 1_800, 2_500, 30_000, 60_000)]
    found = phone.evaluate(
        "([all, most, fen]) => all.map(([n, each]) => hegeTill.left(Array(n).fill(0), most, fen, each))",
        [asked, OFFLINE_MOST, OFFLINE_MOST_FEN],
    )
    assert found == [left_offline(noted=n, noted_fen=n * each, dearest_fen=each) for n, each in asked]


def test_without_a_script_a_shop_types_takes_and_is_refused(own_site: Site, opened: Opened):
    counter = at_the_counter(own_site)
    phone = opened(own_site, viewport=PHONE, java_script_enabled=False)
    opens(phone, own_site, counter)
    note(phone, *counter.digits(0))
    assert "热汤面一碗" in phone.inner_text("main")
    phone.click("main form button.main")
    assert "收下了" in phone.inner_text("main")
    phone.goto(here(own_site, counter.signs(0)))
    assert "别收，已经用过" in phone.inner_text("main")
    phone.click("text=知道了，回收券台")
    assert of_the_street(own_site, "r.fault", "vouchers_scanfailure") == "used"
    note(phone, counter.digits(1)[0], "12")
    assert "动态码是 6 位数字" in phone.inner_text("main")
    assert redeemed(own_site) == 1
