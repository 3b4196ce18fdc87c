"""A grid worker on a phone sends a visit with two photographs over a line that breaks; others see them and prove them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.attachments.files import phone_photo, picture
from tests.browser.conftest import PHONE
from tests.browser.site import Site, hege

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOP = "meters/ZB-0317/shops/PL-47/"
SUBMIT = "main form.hg-form button[type=submit]"


def photo(name: str, data: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": data}


def filled(page: Any, site: Site) -> None:
    page.goto(site.here(f"{SHOP}visit/"))
    page.select_option("[name=pays_how]", "to_agent")
    page.check("[name=receipts_held][value=some]")


def count(site: Site) -> tuple[int, int]:
    visits = site.one(
        "SELECT COUNT(*) FROM cases_surveyvisit v JOIN places_unit u ON u.id = unit_id WHERE code = 'PL-47'"
    )
    return visits, site.one("SELECT COUNT(*) FROM attachments_attachment")


def test_two_photographs_cross_a_line_that_breaks(own_site: Site, opened: Callable[..., Any]):
    before, kept = count(own_site)
    phone = opened(own_site, "grid_worker", viewport=PHONE, has_touch=True)
    filled(phone, own_site)
    phone.select_option("[name=case]", index=1)
    assert phone.is_visible(".hg-camera input[capture=environment]")
    phone.set_input_files(".hg-camera input", [photo("门口.jpg", phone_photo((1600, 1200)))])
    phone.set_input_files(".hg-camera input", [photo("收据.jpg", picture(size=(1200, 1600)))])
    assert phone.locator(".hg-thumbs li").count() == 2
    phone.context.set_offline(True)
    phone.click(SUBMIT)
    phone.wait_for_selector(".hg-sending.is-red:has-text('网断了')")
    phone.context.set_offline(False)
    phone.click(SUBMIT)
    phone.wait_for_selector(".hg-flash:has-text('走访已登记')")
    assert phone.url == own_site.here(SHOP)
    assert count(own_site) == (before + 1, kept + 2)

    coordinator = opened(own_site, "coordinator")
    case = own_site.one(
        "SELECT public_id FROM cases_case c JOIN cases_surveyvisit v ON v.case_id = c.id ORDER BY v.id DESC"
    )
    coordinator.goto(own_site.here(f"cases/{case}/"))
    seen = coordinator.locator(".hg-line li:has-text('PL-47') .hg-pictures img")
    assert seen.count() == 2
    seen.last.scroll_into_view_if_needed()
    coordinator.wait_for_load_state("networkidle")
    assert seen.evaluate_all("images => images.map(image => image.naturalWidth > 0)") == [True, True]

    auditor = opened(own_site, "auditor")
    auditor.goto(own_site.here("trail/"))
    auditor.click("button:has-text('现在从头核对')")
    auditor.wait_for_selector(".hg-flash:has-text('一字未改')")
    hege("verify", database=own_site.database)

    looks = "SELECT COUNT(*) FROM trail_trailline WHERE verb = 'look_at_original'"
    assert own_site.one(looks) == 0
    for seed in "甲乙丙丁戊己":
        auditor.goto(own_site.here(f"trail/papers/?seed={seed}"))
        if auditor.locator(".hg-card:has(#sample) .hg-pictures img").count():
            break
    auditor.click(".hg-card:has(#sample) a:has-text('看原件')")
    auditor.fill("[name=reason]", "抽查凭证")
    with auditor.expect_download() as original:
        auditor.click("main button:has-text('留痕并查看')")
    sha256 = hashlib.sha256(original.value.path().read_bytes()).hexdigest()
    assert own_site.one("SELECT COUNT(*) FROM attachments_attachment WHERE original_sha256 = ?", sha256)
    assert own_site.one(looks) == 1
    line = own_site.one("SELECT MAX(seq) FROM trail_trailline WHERE verb = 'look_at_original'")
    auditor.goto(own_site.here(f"trail/{line}/"))
    assert "抽查凭证" in auditor.inner_text("main")
    assert sha256 in auditor.inner_text("main")


def test_a_photograph_is_sent_without_script(own_site: Site, opened: Callable[..., Any]):
    before, kept = count(own_site)
    phone = opened(own_site, "grid_worker", viewport=PHONE, has_touch=True, java_script_enabled=False)
    filled(phone, own_site)
    phone.set_input_files(".hg-camera input", [photo("门口.jpg", picture(size=(400, 300)))])
    phone.set_input_files("#id_photos", [photo(f"{n}.jpg", picture(size=(400, 300 + n))) for n in (1, 2)])
    phone.click(SUBMIT)
    phone.wait_for_load_state()
    assert phone.locator(".hg-pictures img").count() == 3
    assert count(own_site) == (before + 1, kept + 3)


def test_black_bars_are_drawn_by_finger(own_site: Site, opened: Callable[..., Any]):
    page = opened(own_site, "coordinator")
    filled(page, own_site)
    page.set_input_files("#id_photos", [photo("门口.jpg", picture(size=(400, 300)))])
    page.click(SUBMIT)
    page.wait_for_selector(".hg-pictures img")
    page.click("text=打码")
    box = page.locator(".hg-cover").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    page.mouse.up()
    assert page.input_value("#id_bars") == "250,250,500,500"
    page.click("main button:has-text('盖住这些地方')")
    page.wait_for_selector(".hg-flash:has-text('已打码')")
    assert page.locator(".hg-pictures img").count() == 1
    assert own_site.one("SELECT COUNT(*) FROM attachments_attachment WHERE covers_id IS NOT NULL") == 1
