"""A rider's phone in a real browser at 390 px: claims, shows with the network cut, is taken at the counter; and reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from hege.kernel import clock
from hege.vouchers.moving import STEP, moving_code, scanned_code
from tests.attachments.files import picture as drawn
from tests.browser.counter import at_the_counter
from tests.browser.site import STREET, Site
from tests.browser.test_activities import Opened, phone
from tests.browser.test_honours import whole
from tests.browser.test_photographs import photo
from tests.browser.test_tills import Pictured, note, of_the_street, opens

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def unseen(_page: Any) -> None:
    """axe is a script itself."""


def here(site: Site, path: str = "") -> str:
    return site.url(f"/m/{STREET}/{path}")


def claimed(rider: Any, site: Site, look: Callable[[Any], None] = whole) -> None:
    """Claim the voucher and open it."""
    rider.goto(here(site, "vouchers/"))
    rider.click("button[aria-label='领取热汤面一碗']")
    rider.wait_for_load_state()
    assert "领到了：热汤面一碗" in rider.inner_text("main")
    look(rider)
    rider.click("a:has-text('出示')")
    rider.wait_for_selector("#code")
    look(rider)


def reports(rider: Any, site: Site, said: str, look: Callable[[Any], None] = whole) -> None:
    """Send a picture and a few words, and read that they have come."""
    rider.goto(here(site, "report/"))
    look(rider)
    rider.set_input_files("input[type=file] >> nth=0", [photo("楼梯口.jpg", drawn(size=(400, 300)))])
    rider.fill("[name=text]", said)
    rider.click("main form button.main")
    rider.wait_for_url("**/report/*/")
    assert "收到" in rider.inner_text("main")
    look(rider)


def test_a_rider_claims_shows_without_a_network_is_taken_and_reports(own_site: Site, opened: Opened, picture: Pictured):
    counter = at_the_counter(own_site)
    rider = phone(opened, own_site, counter.riders[0])
    rider.clock.install(time=clock.now())  # the day the site stands on
    claimed(rider, own_site)
    picture(rider, "voucher-shown")
    box = rider.locator("[data-secret]")
    secret, address = box.get_attribute("data-secret"), box.get_attribute("data-address")
    before, bars = rider.inner_text("#code"), rider.get_attribute("#drawn", "d")
    rider.context.set_offline(True)
    begun = clock.now()
    rider.clock.fast_forward((STEP + 1) * 1000)
    rider.wait_for_function("said => document.getElementById('code').textContent !== said", arg=before)
    picture(rider, "voucher-offline")
    shown = rider.inner_text("#code").replace(" ", "")
    until = (clock.now() - begun).seconds + 2 * STEP
    assert shown in {moving_code(secret, begun + dt.timedelta(seconds=n)) for n in range(STEP, until + 1)}
    assert rider.get_attribute("#drawn", "d") != bars
    assert rider.is_visible(".vo-state")

    till = opened(own_site, viewport=rider.viewport_size)
    opens(till, own_site, counter)
    assert address.startswith(own_site.address)
    till.goto(f"{address}{scanned_code(secret, clock.now())}/")
    till.click("main form button.main")
    till.wait_for_url("**/taken/**")
    assert of_the_street(own_site, "COUNT(*)", "vouchers_redemption") == 1
    rider.context.set_offline(False)
    rider.reload()
    assert "已用" in rider.inner_text("main")
    reports(rider, own_site, "楼梯口堵着，灯也不亮")
    assert of_the_street(own_site, "COUNT(*)", "deeds_deed") == 1


def test_a_rider_does_it_all_without_a_script(own_site: Site, opened: Opened):
    counter = at_the_counter(own_site)
    rider = phone(opened, own_site, counter.riders[1], java_script_enabled=False)
    claimed(rider, own_site, unseen)
    assert "换一个新码" in rider.inner_text("main")
    number = rider.inner_text(".vo-line b.num >> nth=0")
    till = opened(own_site, viewport=rider.viewport_size)
    opens(till, own_site, counter)
    note(till, number, rider.inner_text("#code").replace(" ", ""))
    till.click("main form button.main")
    till.wait_for_url("**/taken/**")
    rider.click("text=换一个新码")
    rider.wait_for_load_state()
    assert "已用" in rider.inner_text("main")
    reports(rider, own_site, "消防通道停了三辆车", unseen)
    assert of_the_street(own_site, "COUNT(*)", "deeds_deed") == 1
