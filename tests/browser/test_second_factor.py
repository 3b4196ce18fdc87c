"""The second step of the sign-in in a real browser: one-time codes, a passkey of Chromium's virtual key, a code from paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pyotp
import pytest

from hege.kernel import clock
from tests.browser.conftest import DESK, HUGE, PHONE
from tests.browser.site import PASSWORD, Site
from tests.browser.test_axe import ALL_RULES, AXE, Eye

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Opened: TypeAlias = Callable[..., Any]
Picture: TypeAlias = Callable[[Any, str], None]

KEY = {
    "protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip


def faults_of(page: Any) -> list[str]:
    """What axe finds wrong with a page."""
    page.evaluate(AXE)
    return Eye().wrong(page, ALL_RULES)


def by_name(site: Site) -> Site:
    """The same site under a name: no passkey is made for a number."""
    return Site(site.address.replace("127.0.0.1", "localhost"), site.database)


def send(page: Any, words: str) -> None:
    with page.expect_navigation():
        page.click(f"main button:has-text('{words}')")


def add_app(page: Any, site: Site, at: Any) -> str:
    """Add an app on one's own page; answers its secret."""
    page.goto(site.url("/me/second-factor/app/"))
    secret = page.inner_text(".hg-secret").replace(" ", "")
    page.fill("[name=code]", pyotp.TOTP(secret).at(at))
    page.fill("[name=name]", "我的手机")
    page.fill("[name=old]", PASSWORD)
    send(page, "添加")
    return str(secret)


def first_step(page: Any, site: Site, username: str) -> None:
    page.goto(site.url("/sign-in/"))
    page.fill("#id_username", username)
    page.fill("#id_password", PASSWORD)
    send(page, "登录")


def code_step(page: Any, code: str) -> None:
    page.fill("[name=code]", code)
    send(page, "登录")


@pytest.mark.parametrize("script", [True, False])
def test_a_person_adds_an_app_and_signs_in_with_it_and_with_a_code_from_paper(
    own_site: Site, opened: Opened, picture: Picture, script: bool
):
    page = opened(own_site, "coordinator", java_script_enabled=script)
    began = clock.now()
    secret = add_app(page, own_site, began)
    codes = page.locator(".hg-codes li").all_inner_texts()
    assert len(codes) == 10
    picture(page, "second-codes-1440")
    send(page, "收好了")
    assert "我的手机" in page.inner_text("main")
    send(page, "退出")
    first_step(page, own_site, "coordinator")
    picture(page, "second-step-1440")
    code_step(page, "000000")
    assert "验证码不对" in page.inner_text("main")
    code_step(page, pyotp.TOTP(secret).at(clock.now(), counter_offset=1))
    assert page.locator(".hg-me").count() == 1
    page.click("button:has-text('退出')")
    first_step(page, own_site, "coordinator")
    code_step(page, codes[3].upper())
    assert page.locator(".hg-me").count() == 1


def test_a_passkey_is_made_and_lets_in(own_site: Site, opened: Opened, picture: Picture):
    site = by_name(own_site)
    page = opened(site, "coordinator")
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    key = keys.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})["authenticatorId"]
    page.goto(site.url("/me/second-factor/"))
    page.click("text=添加通行密钥")
    picture(page, "second-passkey-1440")
    page.fill("[name=name]", "指环")
    page.fill("[name=old]", PASSWORD)
    send(page, "添加")
    assert len(keys.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]) == 1
    send(page, "收好了")
    send(page, "退出")
    first_step(page, site, "coordinator")
    picture(page, "second-step-passkey-1440")
    send(page, "用通行密钥登录")
    assert page.locator(".hg-me").count() == 1
    assert own_site.one("SELECT counter FROM people_secondfactor WHERE kind = 'passkey'") > 0
    page.click("button:has-text('退出')")
    keys.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": key})
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    first_step(page, site, "coordinator")
    page.click("main button:has-text('用通行密钥登录')")
    page.wait_for_selector("[role=status]:has-text('没有用成通行密钥')")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["1440", "390"])
def test_the_pages_of_the_second_factor_can_be_read_and_used_by_all(
    own_site: Site, opened: Opened, picture: Picture, viewport: dict[str, int], language: str
):
    page = opened(own_site, "coordinator", viewport=viewport, size=HUGE)
    width = viewport["width"]
    page.goto(own_site.url(f"/language/{language}/?next=/me/second-factor/"))
    for name in ("", "app/", "passkey/", "codes/"):
        page.goto(own_site.url(f"/me/second-factor/{name}"))
        picture(page, f"second-{name.strip('/') or 'own'}-{width}-{language}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert faults_of(page) == []
