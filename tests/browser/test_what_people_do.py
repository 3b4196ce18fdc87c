"""What people come for, in a real browser: import a file, keep the water on, look at one's own account, answer by link."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, TypeAlias

import openpyxl
import pytest

from hege.kernel.clock import today
from hege.stories.water_files import METER
from tests.browser.conftest import HUGE, PHONE
from tests.browser.site import Site
from tests.browser.test_axe import token_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Opened: TypeAlias = Callable[..., Any]
Picture: TypeAlias = Callable[[Any, str], None]
HEADER = "日期,商铺编号,金额,方式,凭证号,收款人,证据,备注\n"


def choose(page: Any, site: Site, rows: str) -> None:
    """Choose a file of receipts and look at what it would do."""
    page.goto(site.here("imports/"))
    page.select_option("[name=kind]", "receipts")
    file = {"name": "收据.csv", "mimeType": "text/csv", "buffer": (HEADER + rows).encode()}
    page.set_input_files("[name=file]", file)
    with page.expect_navigation(url="**/piles/**"):
        page.click("button:has-text('看会登记什么')")


def test_a_wrong_file_is_refused_row_by_row_then_mended_and_booked(
    own_site: Site, opened: Opened, picture: Picture, tmp_path: Any
):
    page = opened(own_site, "coordinator")
    before = own_site.one("SELECT COUNT(*) FROM billing_payment")
    day = today().isoformat()
    choose(
        page,
        own_site,
        f"2026-13-01,PL-47,12.345,现金,XIN-1,二房东,已证实,\n{day},XX-99,100,现金,XIN-2,二房东,已证实,\n",
    )
    picture(page, "import-faults-1440")
    faults = [" ".join(group.inner_text().split()) for group in page.query_selector_all(".hg-fault")]
    for fault, (row, value, reason) in zip(
        faults, [("2", "2026-13-01", "没有这一天"), ("2", "12.345", "最多到分（两位小数）"), ("3", "XX-99", "名册里没有这个商铺")],
        strict=True,
    ):  # fmt: skip
        assert [f"第 {row} 行" in fault, value in fault, reason in fault] == [True] * 3
    with page.expect_download() as download:
        page.click("text=下载标红的表")
    download.value.save_as(tmp_path / "marked.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "marked.xlsx").worksheets[0]
    assert "名册里没有这个商铺" in str(sheet.cell(3, sheet.max_column).value)
    choose(page, own_site, f"{day},PL-47,100.00,现金,XIN-2,二房东,已证实,\n")
    assert own_site.one("SELECT COUNT(*) FROM billing_payment") == before
    with page.expect_navigation(url="**/done/"):
        page.click("text=登记这 1 行")
    picture(page, "import-done-1440")
    assert own_site.one("SELECT COUNT(*) FROM billing_payment") == before + 1
    choose(page, own_site, f"{day},PL-47,100.00,现金,XIN-2,二房东,已证实,\n")
    assert "登记这" not in page.inner_text("main")


def test_the_coordinator_follows_a_warning_to_a_longer_deferral(own_site: Site, opened: Opened, picture: Picture):
    page = opened(own_site, "coordinator")
    picture(page, "board-1440")
    page.goto(own_site.here("warnings/"))
    page.click("tr:has-text('中大九里德苑沿街总表') >> text=看证据 >> nth=0")
    page.click("text=看这块表的账")
    picture(page, "meter-1440")
    assert "99,931.73" in page.inner_text("main")
    page.click(".hg-chips >> text=暂缓停水到")
    picture(page, "cutoff-1440")
    assert "47 户" in page.inner_text("main")
    page.click("a[href*='/renew/']")
    last = today() + dt.timedelta(days=28)  # a working day that no notice can move
    page.fill("[name=last_day]", last.isoformat())
    page.fill("[name=decision]", "第 12 次联席会议")
    page.fill("[name=said_by]", "营业所负责人")
    page.fill("[name=said_on]", today().isoformat())
    page.fill("[name=document]", "同意续期的复函")
    picture(page, "defer-1440")
    page.click("button:has-text('暂缓续期')")
    page.wait_for_load_state()
    assert own_site.one("SELECT until_on FROM arrears_deferral WHERE state = 'running'") == str(
        last + dt.timedelta(days=1)
    )
    page.goto(own_site.here())
    assert f"到 {last.month}月{last.day}日" in page.inner_text("main")


@pytest.mark.parametrize("script", [True, False])
def test_a_shop_keeper_sees_four_answers_on_a_phone(site: Site, opened: Opened, picture: Picture, script: bool):
    page = opened(site, viewport=PHONE, java_script_enabled=script)
    sent: list[int] = []
    page.on("response", lambda answer: sent.append(int(answer.headers.get("content-length") or 0)))
    page.goto(site.url(f"/u/{token_of(site, 'PL-12')}/"))
    questions = [e.inner_text() for e in page.query_selector_all(".ph-q")]
    assert questions[:4] == ["会停水吗？", "我还要付吗？", "我的钱到水务公司了吗？", "街道在做什么？"]
    said = page.inner_text("main")
    assert "现在不停，暂缓到" in said
    assert "下面的条件有一项没做到，暂缓就提前结束" in said
    assert "您已付清" in said
    assert "大部分还没到" in said
    assert "PL-13" not in page.content()
    assert 0 < sum(sent) <= 50_000
    picture(page, f"shop-390-{'script' if script else 'plain'}")
    page.click(".ph-size")
    page.click(".ph-size")
    assert f"size-{HUGE}" in page.get_attribute("html", "class")
    assert page.locator(".ph-a").first.evaluate("e => e.scrollWidth <= window.innerWidth")
    picture(page, f"shop-390-huge-{'script' if script else 'plain'}")
    page.emulate_media(media="print")
    assert not page.locator(".ph-foot").is_visible()


def test_an_outsider_answers_one_question_by_link_and_once(own_site: Site, opened: Opened, picture: Picture):
    desk = opened(own_site, "coordinator")
    task = own_site.one("SELECT public_id FROM cases_task WHERE title = '张贴第二周收缴公示'")
    desk.goto(own_site.here(f"cases/tasks/{task}/link/"))
    desk.click("button:has-text('发链接给外部单位')")
    desk.wait_for_load_state()
    found = re.search(r"http://\S+/a/[a-z0-9]+/?", desk.input_value("#to-share"))
    assert found is not None
    address = found.group(0)
    phone = opened(own_site, viewport=PHONE)
    phone.goto(address)
    assert "张贴第二周收缴公示" not in phone.inner_text("main")  # a scanner that only looks learns nothing
    phone.click("main button[type=submit]")
    phone.wait_for_load_state()
    picture(phone, "answer-390")
    assert "张贴第二周收缴公示" in phone.inner_text("main")
    phone.fill("[name=answer]", "已经贴在门口和公告栏。")
    phone.click("main form:has([name=answer]) button[type=submit]")
    phone.wait_for_load_state()
    assert own_site.one("SELECT state FROM cases_task WHERE public_id = ?", task) == "done"
    again = opened(own_site, viewport=PHONE)
    again.goto(address)
    assert again.locator("[name=answer]").count() == 0
    assert again.inner_text("main").strip()
    desk.goto(own_site.here(f"cases/tasks/{task}/"))
    assert "已经贴在门口和公告栏。" in desk.inner_text("main")


def test_the_account_of_a_meter_is_the_same_without_script(site: Site, opened: Opened):
    with_script, without = opened(site, "auditor"), opened(site, "auditor", java_script_enabled=False)
    said = []
    for page in (with_script, without):
        page.goto(site.here(f"meters/{METER}/"))
        said.append([row.inner_text() for row in page.query_selector_all("#shops table tr")])
    assert said[0] == said[1]
    assert len(said[0]) > 47
