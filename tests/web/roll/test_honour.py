"""One honour for everybody: its state in a sentence, each check with its answer, who looked, and how to object."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from django.test import Client

from hege.honours.actions import (
    begin_publicity,
    check_honour,
    correct_honour,
    decide_objection,
    drop_honour,
    expire_honours,
    object_to_honour,
    publish_honour,
    withdraw_honour,
)
from hege.honours.models import Honour, Objection, Objector
from hege.honours.rules import Consent, Decision, FirmDraft, ItemDraft, Seen
from hege.people.models import Role
from hege.trail.models import IdempotencyKey, TrailLine
from tests.cast import Cast
from tests.honours.roll import AFTER, DAY, END, a_draft, drafted, in_publicity, on, published
from tests.web.html import Page

pytestmark = pytest.mark.django_db
BUDGET = 50_000


def address(honour: Honour, more: str = "") -> str:
    return f"/h/{honour.public_id}/{more}"


def said(client: Client, honour: Honour, more: str = "") -> str:
    answer = client.get(address(honour, more))
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", Page(answer.content.decode()).text)


def on_the_roll(cast: Cast, *drafts: Any, seen: Seen = Seen.SOURCE) -> Honour:
    """One that is published today by the test's clock."""
    (honour,) = drafted(cast, *drafts, day=DAY - dt.timedelta(days=9))
    at = on(DAY - dt.timedelta(days=9))
    honour = check_honour(honour, seen=seen, words="青浦报第 3 版", by=cast.checker, at=at)
    honour = begin_publicity(honour, consent=Consent.PUBLIC_SOURCE, words="青浦报", by=cast.coordinator, at=at)
    return publish_honour(honour, by=cast.coordinator, at=on(DAY))


def test_it_says_what_was_checked_part_by_part_how_much_that_proves_and_what_it_does_not_say(
    client: Client, cast: Cast
):
    page = said(client, on_the_roll(cast))
    for words in (
        "已上榜，号码写法对得上", "也没有向颁发单位问过", "LB-23-25050904867A", "2025年5月，不在将来", "省份：上海",
        "能说明多少：不多", "冠“中国”的批准文号", "没有人向我们出示过", "出处没有印，到哪天要看证书", "这一页没有说",
        "没有说产品现在合格", "另一名工作人员 · 只看过出处 · 青浦报第 3 版", "没有说证书一定存在",
    ):  # fmt: skip
        assert words in page, words


def test_it_names_no_member_of_staff(client: Client, cast: Cast):
    page = client.get(address(on_the_roll(cast))).content.decode()
    assert [role for role in Role if cast.of(role).full_name in page] == []


def test_it_says_when_evidence_was_seen_and_when_no_number_can_be_judged(client: Client, cast: Cast):
    free = a_draft("优秀案例", items=[ItemDraft(name="某系统", number="沪示例评字 2025-17")])
    page = said(client, on_the_roll(cast, free, seen=Seen.EVIDENCE))
    assert "已上榜，有号码判断不了" in page
    assert "核对的人看过证书等材料" in page
    assert "没有公开的写法规则" in page


def test_each_state_has_its_sentence(client: Client, cast: Cast):
    assert "公示中，还没有上榜" in said(client, in_publicity(cast))
    ended = published(cast)
    expire_honours(cast.street, on=END + dt.timedelta(days=1), by=None, at=on(END + dt.timedelta(days=1)))
    assert "已到期，不要再用" in said(client, ended)
    gone = on_the_roll(cast, a_draft("另一项", firm="上海另一家合作社"))
    withdraw_honour(gone, reason="企业确认印错", by=cast.coordinator, at=on(AFTER))
    page = said(client, gone)
    assert "已撤下，不要再用" in page
    assert "理由：企业确认印错" in page
    dropped = in_publicity(cast, a_draft("第三项", firm="上海第三家合作社"))
    drop_honour(dropped, reason="某人来电说不实", by=cast.coordinator, at=on(AFTER))
    page = said(client, dropped)
    assert "没有上榜" in page
    assert "某人来电" not in page


def test_what_was_never_shown_and_what_never_was_are_not_found(client: Client, cast: Cast):
    (draft,) = drafted(cast)
    for more in ("", "object/", "certificate/", "badge.json", "badge.svg", "code.svg"):
        assert client.get(address(draft, more)).status_code == 404
    assert client.get("/h/nothing/").status_code == 404


def test_while_it_is_corrected_it_shows_what_it_said_before_and_nothing_of_the_draft(client: Client, cast: Cast):
    honour = on_the_roll(cast)
    correct_honour(honour, draft=a_draft("谁也没见过的题目"), reason="题目印错", by=cast.clerk, at=on(AFTER))
    page = said(client, honour)
    assert "正在更正，先不要用" in page
    assert "中国绿色食品产品" in page
    assert "谁也没见过的题目" not in page
    assert "题目印错" not in page


def test_a_former_version_stays_readable_and_says_that_it_is_one(client: Client, cast: Cast):
    honour = on_the_roll(cast, a_draft(expires_on=END))
    longer = a_draft(expires_on=END + dt.timedelta(days=9))
    honour = correct_honour(honour, draft=longer, reason="日期印错", by=cast.clerk, at=on(DAY))
    check_honour(honour, seen=Seen.SOURCE, words="报", by=cast.checker, at=on(DAY))
    publish_honour(honour, by=cast.coordinator, at=on(DAY))
    now = said(client, honour)
    assert "日期印错" in now
    assert f"{END.year}年{END.month}月{END.day}日" not in now
    before = said(client, honour, "?version=1")
    assert "这是第 1 版，以前的样子" in before
    assert f"{END.year}年{END.month}月{END.day}日" in before
    assert client.get(address(honour, "?version=3")).status_code == 404


@pytest.mark.parametrize("more", ["", "certificate/", "badge.svg"])
def test_it_asks_the_database_four_times_at_most(
    client: Client, cast: Cast, more: str, django_assert_max_num_queries: Any
):
    free = [ItemDraft(name=f"产品{n}", number=f"沪示例评字 2025-{n}") for n in range(9)]
    honour = on_the_roll(cast, a_draft(items=free))
    object_to_honour(honour, words="不对", by=None, at=on(DAY))
    with django_assert_max_num_queries(4):
        client.get(address(honour, more))


def test_fifty_products_stay_within_the_budget_of_bytes(client: Client, cast: Cast):
    many = [ItemDraft(name=f"产品{n}", number=f"LB-23-250509{n:05}A") for n in range(50)]
    answer = client.get(address(on_the_roll(cast, a_draft(items=many))))
    assert len(answer.content) <= BUDGET


def test_what_was_signed_stands_in_the_page_for_programs(client: Client, cast: Cast):
    honour = on_the_roll(cast, a_draft("</script><b>示例"))
    html = client.get(address(honour)).content.decode()
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    assert json.loads(found[1]) == json.loads(client.get(address(honour, "badge.json")).content)
    assert "<b>示例" not in html


# -- objecting -----------------------------------------------------------------------------------------------------------

SAID = {"words": "去年就注销了 token-words 13812345678", "contact": "王某 token-contact"}


def test_anybody_objects_once_however_often_it_is_sent(client: Client, cast: Cast):
    honour = in_publicity(cast)
    for _time in range(2):
        answer = client.post(address(honour, "object/"), {**SAID, "request_key": "k" * 26})
        assert (answer.status_code, answer.headers["Location"]) == (302, "../thanks/")
    assert Objection.objects.count() == 1
    assert "收到了" in said(client, honour, "thanks/")


def test_nothing_of_who_objected_or_of_what_they_said_is_told_in_public_or_on_the_trail(
    client: Client, cast: Cast, caplog: pytest.LogCaptureFixture
):
    honour = in_publicity(cast)
    client.post(address(honour, "object/"), {**SAID, "request_key": "k" * 26})
    objection = Objection.objects.get()
    decide_objection(objection, decision=Decision.NOT_UPHELD, words="查过", by=cast.coordinator, at=on(AFTER))
    honour.refresh_from_db()
    publish_honour(honour, by=cast.coordinator, at=on(AFTER))
    code = cast.street.code
    pages = [address(honour, more) for more in ("", "object/", "thanks/", "certificate/", "badge.json", "badge.svg")]
    pages += [f"/roll/{code}/", f"/roll/{code}/text/", f"/roll/{code}/print/", f"/h/issuer/{code}/status/0/"]
    told = [client.get(page).content.decode() for page in pages]
    told += [str(line.data) for line in TrailLine.objects.filter(street=cast.street)]
    told += [str(key.__dict__) for key in IdempotencyKey.objects.all()]
    told += [caplog.text]
    hidden = ("token-words", "token-contact", "13812345678", "王某")
    assert [(word, text[:80]) for text in told for word in hidden if word in text] == []
    assert "有 1 个人提出异议" in said(client, honour)
    assert Objector.objects.get().contact == SAID["contact"]


def test_an_empty_objection_comes_back_with_its_field_and_a_flood_is_refused(client: Client, cast: Cast):
    honour = in_publicity(cast)
    assert client.post(address(honour, "object/"), {"words": " "}).status_code == 422
    for n in range(5):
        client.post(address(honour, "object/"), {"words": f"不对{n}"})
    answer = client.post(address(honour, "object/"), {"words": "不对"})
    assert answer.status_code == 422
    assert "请直接打电话" in answer.content.decode()


def test_what_is_withdrawn_takes_no_objection(client: Client, cast: Cast):
    honour = withdraw_honour(on_the_roll(cast), reason="撤销", by=cast.coordinator, at=on(AFTER))
    assert 'name="words"' not in client.get(address(honour)).content.decode()
    assert "现在不用再提异议" in said(client, honour, "object/")
    assert client.post(address(honour, "object/"), {"words": "不对"}).status_code == 422


def test_the_page_speaks_english_too(client: Client, cast: Cast):
    client.cookies["hege_language"] = "en"
    firm = FirmDraft("Some Firm Ltd")
    bare = a_draft(
        "Best of the city", firm=firm, items=[ItemDraft(name="Rice", number="E3101186")], source="Some Paper"
    )
    html = client.get(address(on_the_roll(cast, bare))).content.decode()
    text = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert "On the roll" in text
    left = re.findall("[\u4e00-\u9fff]+", Page(text).text)
    assert sorted(set(left) - {"中文", "合格", "青浦报第", "版", "上海市青浦区", cast.street.name}) == []
