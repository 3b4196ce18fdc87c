"""Check a number: three answers in words, part by part; nothing is kept, and search engines may list the page."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.cast import Cast

pytestmark = pytest.mark.django_db
CHECK = "/h/check/"


def asked(client: Client, number: str, kind: str = "") -> str:
    answer = client.post(CHECK, {"number": number, "kind": kind, "request_key": "k" * 20})
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_a_wrong_check_digit_is_told_with_what_it_should_be_and_how_much_that_says(client: Client):
    page = asked(client, "74975 0271")
    for words in (
        "读作 749750271",
        "对不上",
        "组织机构代码",
        "应当是 6，这里是 1",
        "能说明多少：很多",
        "不等于没有证书",
    ):
        assert words in page


def test_a_number_that_fits_is_told_part_by_part_and_that_it_proves_little(client: Client):
    page = asked(client, "lb—15—２５０７0907976a")
    for words in (
        "读作 LB-15-25070907976A",
        "对得上",
        "分类：蔬菜",
        "2025年7月",
        "省份：上海",
        "能说明多少：不多",
        "要问发证的单位",
    ):
        assert words in page


def test_what_nobody_can_judge_is_told_as_such(client: Client):
    page = asked(client, "沪示例评字 2025-17")
    assert "判断不了" in page
    assert "请问发证的单位" in page


def test_a_number_is_read_as_the_kind_that_was_chosen(client: Client):
    assert "它是组织机构代码" in asked(client, "749750217", "uscc")


def test_an_identity_number_is_not_shown_again(client: Client):
    page = client.post(CHECK, {"number": "11010119900307867X", "kind": ""}).content.decode()
    assert "11010119900307867" not in page
    assert "个人的证件号码请不要在这里核" in page


def test_nothing_typed_comes_back_with_the_field_and_nothing_hostile_breaks_the_page(client: Client):
    assert client.post(CHECK, {"number": " "}).status_code == 422
    assert client.post(CHECK, {"number": "9" * 5_000}).status_code == 422
    assert client.post(CHECK, {"number": "1", "kind": "other"}).status_code == 422
    page = client.post(CHECK, {"number": "<script>x</script>\u202e"}).content.decode()
    assert "<script>x" not in page.lower()


def test_asking_writes_nothing_and_asks_the_database_nothing(client: Client):
    client.get(CHECK)
    with CaptureQueriesContext(connection) as queries:
        asked(client, "749750217")
        client.get(CHECK)
    assert [
        query["sql"] for query in queries if not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))
    ] == []


def test_search_engines_may_list_the_page_and_no_other(client: Client, cast: Cast):
    page = client.get(CHECK)
    assert "X-Robots-Tag" not in page.headers
    assert "noindex" not in page.content.decode()
    assert client.post(CHECK, {"number": ""}).headers["X-Robots-Tag"] == "noindex"
    assert client.get("/sign-in/").headers["X-Robots-Tag"] == "noindex"


def test_the_page_speaks_english_too(client: Client):
    client.cookies["hege_language"] = "en"
    page = asked(client, "74975 0271")
    assert "Does not fit" in page
    assert "the last should be 6, here it is 1" in page
    assert re.findall("[\u4e00-\u9fff]+", page.replace("中文", "").replace("合格", "")) == []
