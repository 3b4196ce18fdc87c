"""A rider with a phone of 390 px: joins by SMS with four entries on three pages, by a card, by a station's code; leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from hege.members.rules import card_tokens, digits_of
from tests.browser.conftest import HUGE, NORMAL, PHONE
from tests.browser.site import STREET, Site
from tests.browser.test_axe import WIDER
from tests.browser.test_honours import pressed, whole

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Opened: TypeAlias = Callable[..., Any]
HERE = f"/m/{STREET}/"
NUMBER = "13800001234"


@pytest.fixture
def sending(own_site: Site, opened: Opened) -> Site:
    """A street whose SMS go as far as the log."""
    page = opened(own_site, "administrator")
    page.goto(own_site.here("gateways/sms/"))
    page.fill("[name=address]", "console")
    assert "已保存" in pressed(page)
    return own_site


def digits(site: Site) -> str:
    """What stands in the SMS that was sent last."""
    return next(digits_of(site.one("SELECT public_id FROM members_joincode ORDER BY id DESC")))


def secret(site: Site, kind: str) -> str:
    """What the code on the paper that was printed last holds."""
    street, name = (
        site.one(f"SELECT {column} FROM members_invitation WHERE kind = ? ORDER BY id DESC", kind)
        for column in ("street_id", "public_id")
    )
    return next(card_tokens(street, name))


@pytest.mark.parametrize("script", [True, False])
def test_one_joins_by_sms_and_leaves_again(sending: Site, opened: Opened, picture: Any, *, script: bool):
    """With script each page is looked through for whom it shuts out; without, it is in the largest type, and as wide."""
    size = NORMAL if script else HUGE
    page = opened(sending, viewport=PHONE, size=size, java_script_enabled=script, bypass_csp=True)

    def look() -> None:
        if script:
            whole(page)
        assert page.evaluate(WIDER) <= 0

    page.goto(sending.url(HERE))
    look()
    page.fill("[name=phone]", NUMBER)
    said = pressed(page, "main button[type=submit]")
    look()
    assert "138****1234" in said
    page.fill("[name=digits]", "12345x")
    assert "还可以试 4 次" in pressed(page, "main button[type=submit]")
    look()
    page.fill("[name=digits]", digits(sending))
    pressed(page, "main button[type=submit]")
    picture(page, "member-you")
    look()
    assert page.locator("input:checked").count() == 0  # no consent is given by default
    page.fill("[name=called]", "早班的蜂")
    page.check("[name=work][value=food_rider]")
    pressed(page, "main button[type=submit]")
    picture(page, "member-index")
    look()
    assert (page.url, "早班的蜂" in page.inner_text("h1")) == (sending.url(HERE), True)
    for part in ("", "about/", "consents/", "phone/", "leave/"):
        page.goto(sending.url(f"{HERE}me/{part}"))
        picture(page, f"member-me-{part.strip('/')}")
        look()
    page.check("[name=sure]")
    assert "已经删除" in pressed(page, "main button[type=submit]")
    look()
    assert sending.one("SELECT called || phone FROM members_member ORDER BY id DESC") == ""
    page.goto(sending.url(HERE))
    assert page.url.split("?")[0] == sending.url(f"{HERE}join/")


def test_the_office_registers_somebody_whose_card_opens_one_phone_once(own_site: Site, opened: Opened, picture: Any):
    office = opened(own_site, "clerk", bypass_csp=True)
    office.goto(own_site.here("members/new/"))
    whole(office)
    office.fill("[name=called]", "老张师傅")
    office.check("[name=work][value=courier]")
    pressed(office)
    picture(office, "member-card")
    whole(office)
    card = own_site.url(f"{HERE}card/{secret(own_site, 'card')}/")
    for opens in (True, False):
        phone = opened(own_site, viewport=PHONE, bypass_csp=True)
        phone.goto(card)
        whole(phone)
        if opens:
            pressed(phone, "main button[type=submit]")
            assert (phone.url, phone.inner_text("h1")) == (own_site.url(HERE), "老张师傅")
        else:
            assert "已经用过" in phone.inner_text("main")


def test_a_code_laid_out_at_a_station_lets_one_person_join(own_site: Site, opened: Opened, picture: Any):
    office = opened(own_site, "coordinator", bypass_csp=True)
    office.goto(own_site.here("members/stations/new/"))
    office.fill("[name=label]", "驿站")
    office.fill("[name=count]", "3")
    pressed(office)
    picture(office, "member-codes")
    whole(office)
    assert office.locator(".mp-codes li").count() == 3
    phone = opened(own_site, viewport=PHONE, bypass_csp=True)
    phone.goto(own_site.url(f"{HERE}join/{secret(own_site, 'station')}/"))
    whole(phone)
    phone.fill("[name=called]", "夜班闪电")
    phone.check("[name=work][value=truck_driver]")
    pressed(phone, "main button[type=submit]")
    assert (phone.url, phone.inner_text("h1")) == (own_site.url(HERE), "夜班闪电")
    office.goto(own_site.here("members/stations/"))
    assert office.locator(".mp-codes li").count() == 2
