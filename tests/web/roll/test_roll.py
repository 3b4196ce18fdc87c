"""The roll for everybody: found by words, filtered in the address, as cards, table, sheets of A3 and text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from hege.honours.actions import withdraw_honour
from hege.honours.intake.reading import read_clipping
from hege.honours.rules import FirmDraft, HonourKind
from tests.cast import Cast
from tests.honours.roll import AFTER, a_draft, in_publicity, on, published
from tests.web.html import Page

pytestmark = pytest.mark.django_db
BUDGET = 50_000


def said(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", Page(answer.content.decode()).text)


def roll(cast: Cast, more: str = "") -> str:
    return f"/roll/{cast.street.code}/{more}"


def test_the_one_street_that_has_a_roll_is_shown_at_once(client: Client, cast: Cast):
    assert "还没有上榜的荣誉" in said(client, "/roll/")
    published(cast)
    assert client.get("/roll/").headers["Location"] == roll(cast)


def test_a_street_without_a_roll_says_so_and_one_that_is_not_there_is_not_found(client: Client, cast: Cast):
    assert "还没有上榜的荣誉" in said(client, roll(cast))
    assert client.get("/roll/999999999/").status_code == 404


def test_an_entry_says_what_can_be_said_of_it_and_that_nobody_confirmed_it(client: Client, cast: Cast):
    published(cast)
    page = said(client, roll(cast))
    for words in (
        "荣誉榜：1 家单位，1 项荣誉", "荣誉是别人给的，这里只转录", "上海朗言数安科技有限公司", "荣获 全国11315立信单位",
        "1 个号码写法对得上", "冠“全国”，批文未出示", "摘自青浦报，没有向颁发单位核实",
    ):  # fmt: skip
        assert words in page, words


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("?q=朗言", True), ("?q=LB-23-25050904867A", True), ("?q=稻谷&look=table", True), ("?q=没有这家", False),
        ("?kind=licence", False), ("?kind=product_certificate", True), ("?show=withdrawn", False),
        ("?kind=nonsense&show=drafted&page=99", True), ("?q=%20", True),
    ],
)  # fmt: skip
def test_it_is_searched_and_filtered_by_its_address(client: Client, cast: Cast, more: str, found: bool):
    published(cast)
    page = said(client, roll(cast, more))
    assert ("上海朗言数安科技有限公司" in page) is found
    assert ("没有符合条件的" in page or "还没有上榜" in page) is not found


def test_what_is_withdrawn_or_in_publicity_is_listed_by_itself(client: Client, cast: Cast):
    withdraw_honour(published(cast), reason="撤销", by=cast.coordinator, at=on(AFTER))
    in_publicity(cast, a_draft("公示的一项"))
    page = said(client, roll(cast))
    assert "公示中 1" in page
    assert "已撤下 1" in page
    assert "朗言" not in page
    assert "朗言" in said(client, roll(cast, "?show=withdrawn"))
    assert "公示的一项" in said(client, roll(cast, "?show=in_publicity"))


def many(cast: Cast, n: int, *, firm: str = "上海裕韵农产品产销专业合作社") -> None:
    for one in range(n):
        in_publicity(cast, a_draft(f"第{one}项", firm=FirmDraft(f"{firm}{one}"), kind=HonourKind.CASE))


@pytest.mark.parametrize("more", ["", "&q=合作社&look=table", "&kind=case"])
def test_a_search_asks_the_database_six_times_at_most(
    client: Client, cast: Cast, more: str, django_assert_max_num_queries: Any
):
    many(cast, 3)
    with django_assert_max_num_queries(6):
        assert client.get(roll(cast, f"?show=in_publicity{more}")).status_code == 200


@pytest.mark.slow
def test_a_full_page_stays_within_the_budget_of_bytes_and_the_next_is_a_link(client: Client, cast: Cast):
    many(cast, 25, firm="上海" + "很长的名字" * 6 + "有限公司")
    for more in ("?show=in_publicity", "?show=in_publicity&look=table", "print/?show=in_publicity"):
        answer = client.get(roll(cast, more))
        assert len(answer.content) <= BUDGET, more
    assert "page=2" in client.get(roll(cast, "?show=in_publicity")).content.decode()
    sheets = client.get(roll(cast, "print/?show=in_publicity")).content.decode()
    assert sheets.count('class="a3"') == 3
    assert "第 3 页，共 3 页" in sheets


def test_what_is_downloaded_reads_back_as_the_roll(client: Client, cast: Cast):
    published(cast)
    answer = client.get(roll(cast, "text/"))
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    (entry,) = read_clipping(answer.content.decode()).entries
    assert (entry.firm, entry.title) == ("上海朗言数安科技有限公司", "全国11315立信单位")
    assert entry.items[0].number == "LB-23-25050904867A"


def test_each_cell_of_the_sheet_has_its_code_and_its_short_address(client: Client, cast: Cast):
    honour = published(cast)
    page = client.get(roll(cast, "print/")).content.decode()
    assert f'src="/h/{honour.public_id}/code.svg"' in page
    assert f">/h/{honour.public_id}/</figcaption>" in page
    assert "第 1 页，共 1 页" in page


def test_the_roll_speaks_english_too(client: Client, cast: Cast):
    client.cookies["hege_language"] = "en"
    in_publicity(cast, a_draft("Best", firm="Some Firm Ltd", source="Some Paper", items=[]))
    page = said(client, roll(cast, "?show=in_publicity"))
    assert "not confirmed with the awarding body" in page
    assert set(re.findall("[\u4e00-\u9fff]+", page)) <= {"中文", "合格", cast.street.name}
