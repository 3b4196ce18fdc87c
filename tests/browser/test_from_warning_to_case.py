"""From a warning to a case in two clicks, nothing typed again; urged in one; an outsider answers by link with a photograph."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.attachments.files import picture as drawn
from tests.browser.conftest import PHONE
from tests.browser.site import Site
from tests.browser.test_activities import Opened
from tests.browser.test_honours import whole
from tests.browser.test_photographs import photo

pytestmark = [pytest.mark.browser, pytest.mark.slow]
OUTSIDER = "SELECT id FROM people_party WHERE inside = 0 AND street_id = (SELECT street_id FROM cases_case WHERE public_id = ?)"


def clicked(page: Any, selector: str) -> None:
    page.click(selector)
    page.wait_for_load_state()


def test_a_warning_becomes_a_case_an_outsider_answers_and_the_coordinator_sees_it(
    own_site: Site, opened: Opened, picture: Any
):
    desk = opened(own_site, "coordinator", bypass_csp=True)
    desk.goto(own_site.here("warnings/"))
    clicked(desk, "main tbody tr:not(:has-text('已转为来件')) a >> nth=0")
    kind = desk.inner_text("h1").split("\n")[0].strip()
    desk.goto(desk.url)
    before = own_site.one("SELECT COUNT(*) FROM cases_case")
    clicked(desk, "a.btn-primary:has-text('立案')")  # one
    assert kind[:4] in desk.input_value("[name=title]")
    clicked(desk, "main form.hg-form button[type=submit]")  # two
    assert own_site.one("SELECT COUNT(*) FROM cases_case") == before + 1
    case = re.search(r"/cases/([a-z0-9]{12})/", desk.url)
    assert case
    whole(desk)

    outsider = str(own_site.one(OUTSIDER, case.group(1)))
    clicked(desk, "main a:has-text('派遣') >> nth=0")
    desk.select_option("[name=lead]", index=1)
    desk.check(f"[name=assisting][value='{outsider}']")
    clicked(desk, "main form.hg-form button[type=submit]")
    clicked(desk, "a:has-text('交办任务')")
    desk.fill("[name=title]", "表后阀门是谁关的")
    desk.select_option("[name=party]", outsider)
    clicked(desk, "main form.hg-form button[type=submit]")
    clicked(desk, "a:has-text('表后阀门是谁关的')")
    clicked(desk, "a:has-text('发链接')")
    clicked(desk, "main form.hg-form button[type=submit]")
    whole(desk)
    picture(desk, "link-to-share")
    words = desk.input_value("#to-share")
    address = re.search(r"http://\S+/a/[a-z0-9]+/", words)
    assert address
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.click("[data-copy]")
    desk.wait_for_selector("[data-copy]:has-text('复制好了')")
    assert desk.evaluate("() => navigator.clipboard.readText()") == words
    task = desk.url

    phone = opened(own_site, viewport=PHONE, bypass_csp=True)
    phone.goto(address.group(0))
    clicked(phone, "main button[type=submit]")
    phone.fill("[name=answer]", "阀门是我们关的，照片是关之前的读数。")
    phone.set_input_files("input[type=file] >> nth=0", [photo("读数.jpg", drawn(size=(400, 300)))])
    phone.click("main form:has([name=answer]) button[type=submit]")
    phone.wait_for_url("**/done/")
    assert "阀门是我们关的" in phone.inner_text("main")
    assert phone.locator("main img").count() == 1
    whole(phone)

    desk.goto(own_site.here("messages/"))
    assert "任务有答复了，请核实" in desk.inner_text("main")
    desk.goto(task)
    assert "阀门是我们关的" in desk.inner_text("main")
    assert desk.locator("main .hg-pictures img").count() == 1


def test_who_is_late_is_urged_with_one_click(own_site: Site, opened: Opened):
    desk = opened(own_site, "coordinator")
    desk.goto(own_site.here("?show=all"))
    before = own_site.one("SELECT COUNT(*) FROM cases_urging")
    clicked(desk, "main form[action*='/urge/'] button >> nth=0")
    assert own_site.one("SELECT COUNT(*) FROM cases_urging") == before + 1
    assert "催" in desk.inner_text(".hg-flash")
