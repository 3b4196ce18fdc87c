"""A rider's phone and the office's screen on the evening of an activity, in a real browser; the phone without a script."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from django.conf import settings

from hege.web.bearers import MEMBER
from tests.browser.conftest import HUGE, NORMAL, PHONE
from tests.browser.site import STREET, Site, environment
from tests.browser.test_axe import ALL_RULES, AXE, WIDER, Eye

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Opened: TypeAlias = Callable[..., Any]


def evening(site: Site) -> dict[str, Any]:
    """Activities of today, played into the street behind the server."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.browser.evening"],
        env={**environment(site.database), "DJANGO_SETTINGS_MODULE": "hege.settings"},
        cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def whole(page: Any) -> None:
    """Nobody is shut out of a page, and it is no wider than its window."""
    page.evaluate(AXE)
    assert (Eye().wrong(page, ALL_RULES), page.evaluate(WIDER)) == ([], 0)


def phone(opened: Opened, site: Site, cookie: str, **wishes: Any) -> Any:
    """A member's phone."""
    page = opened(site, viewport=PHONE, bypass_csp=True, **wishes)
    page.context.add_cookies([{"name": MEMBER, "value": cookie, "url": f"{site.address}/m/{STREET}/"}])
    return page


def pressed(page: Any, button: str) -> str:
    """What the page says after a button was pressed."""
    page.click(f"main button:has-text('{button}')")
    page.wait_for_load_state()
    return str(page.inner_text("main"))


def test_a_rider_signs_up_answers_comes_and_goes_without_a_script(
    own_site: Site, opened: Opened, picture: Callable[[Any, str], None]
):
    told = evening(own_site)
    rider = phone(opened, own_site, told["cookies"][0], java_script_enabled=False)
    rider.goto(own_site.url(f"/m/{STREET}/"))
    assert "有位子了，要不要？" in rider.inner_text("main")
    rider.click("text=答复要不要")
    assert "报上了，1 个位子" in pressed(rider, "要这个位子")
    rider.goto(own_site.url(f"/m/{STREET}/activities/{told['open']}/"))
    rider.select_option("select[name=party]", "2")
    assert "报上了，2 个位子" in pressed(rider, "报名")
    rider.click("text=去不了，让给别人")
    assert "还没有报" in pressed(rider, "让给别人")
    rider.goto(own_site.url(f"/m/{STREET}/in/{told['now']}/{told['code']}/"))
    picture(rider, "activities-scanned")
    assert "签到了" in pressed(rider, "签到")

    clerk = opened(own_site, "clerk", bypass_csp=True)
    clerk.goto(own_site.here(f"activities/{told['now']}/"))
    whole(clerk)
    picture(clerk, "activities-evening")
    assert clerk.inner_text("h1") == "到了 1 人，还差 0 人"
    clerk.click("text=投屏签到码")
    whole(clerk)
    picture(clerk, "activities-wall")
    clerk.goto(own_site.here(f"activities/{told['now']}/check-in/"))
    clerk.fill("[name=number]", "2")
    clerk.click("main button[type=submit]")
    assert clerk.inner_text("h1") == "到了 2 人，还差 0 人"
    assert clerk.locator("#roster tbody tr").count() == 2
    clerk.click("#roster tr:has-text('晚班的蜂') button:has-text('签退')")
    assert "签退了" in clerk.inner_text(".hg-flash")


@pytest.mark.parametrize("size", [NORMAL, HUGE])
def test_every_page_of_a_member_is_whole_on_a_phone(own_site: Site, opened: Opened, size: str):
    told = evening(own_site)
    rider = phone(opened, own_site, told["cookies"][0], size=size)
    keys = [told[name] for name in ("open", "own", "asks", "now", "inside", "over")]
    for path in (
        "",
        *(f"activities/{key}/" for key in keys),
        f"activities/{told['own']}/cancel/",
        f"in/{told['now']}/x/",
    ):
        rider.goto(own_site.url(f"/m/{STREET}/{path}"))
        whole(rider)
