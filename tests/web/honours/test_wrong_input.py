"""Wrong input at the pages of 荣誉榜: each answer names the field and the mend, and nothing is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hege.honours.actions import withdraw_honour
from hege.honours.models import Clipping, Honour, HonourStep
from hege.honours.rules import FirmDraft, HonourKind, HonourState, ItemDraft
from hege.kernel.clock import at_noon
from tests.attachments.files import bomb
from tests.cast import Cast
from tests.honours.intake.test_reading import PAGE
from tests.honours.roll import DAY, a_draft, drafted
from tests.web.html import Page

pytestmark = pytest.mark.django_db
HERE = "/310117006/honours/"
CODE = "749750217"
SAID = {"firm": "乙社", "code": "", "title": "经营资格", "kind": "licence", "level": "unsaid", "source": "青浦报"}


@pytest.fixture
def clerk(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.clerk)
    return client


def refused(client: Client, url: str, said: dict[str, Any], word: str) -> str:
    """The text of a form that comes back with a word of its mend."""
    answer = client.post(url, said)
    text = Page(answer.content.decode()).text
    assert (answer.status_code, word in text) == (422, True), text[:2000]
    return text


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"text": ""}, "荣誉榜的文字：请填写这一项"),
        ({"text": "今天天气很好"}, "没有“荣获”"),
        ({"text": "<p>荣获</p>"}, "源代码"),
        ({"text": PAGE, "source": ""}, "出处：请填写这一项"),
        ({"text": PAGE, "source": "青浦\u202e报"}, "控制符"),
        ({"text": PAGE, "source_on": "2099-01-01"}, "还没有到"),
    ],
)
def test_a_wrong_paste_comes_back(clerk: Client, said: dict[str, str], word: str):
    refused(clerk, f"{HERE}clippings/new/", {"source": "青浦报", "source_page": "", "source_on": ""} | said, word)
    assert not Clipping.objects.exists()


@pytest.mark.parametrize(
    "text", [PAGE.replace("\t", "\t\t"), f"{PAGE}\n\n{PAGE}", PAGE.replace("\t", "\u202e\t\u200b")]
)
def test_tabs_doubled_two_tables_and_signs_that_nobody_sees_are_read(clerk: Client, text: str):
    answer = clerk.post(f"{HERE}clippings/new/", {"text": text, "source": "青浦报"}, follow=True)
    assert "读出 " in Page(answer.content.decode()).text
    assert Clipping.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "status", "word"),
    [("荣" * 1_700_000, 413, "分几次贴"), (PAGE.replace("\t", "\x00\t"), 400, "有不能接受的字符")],
    ids=["5 MB", "NUL"],
)
def test_what_is_no_form_any_more_is_refused_in_words(clerk: Client, text: str, status: int, word: str):
    answer = clerk.post(f"{HERE}clippings/new/", {"text": text, "source": "青浦报"})
    assert (answer.status_code, word in Page(answer.content.decode()).text) == (status, True)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"issued_on": "2026-03-05", "expires_on": "2026-03-04"}, "早于颁发日期"),
        ({"issued_on": "2099-01-01"}, "还没有到"),
        ({"source_on": "2099-01-01"}, "还没有到"),
        ({"code": "749750218"}, "写法对不上"),
        ({"firm": ""}, "企业名称：请填写这一项"),
        ({"title": "经营\u200b资格"}, "控制符"),
        ({"i1-number": "310118199001011237"}, "个人的证件号码"),
        ({"i1-kind": "licence", "i1-number": "E3101186"}, "已登记在另一家企业名下"),
        ({"firm": "甲社"}, "请选定就是它，或者写明是另一家"),
        ({"firm": "甲社", "code": CODE, "title": "立信单位"}, "后来撤下了"),
        ({"firm": "甲社", "code": CODE, "title": "示范单位"}, "已经登记过"),
    ],
)
def test_a_wrong_honour_comes_back(cast: Cast, clerk: Client, said: dict[str, str], word: str):
    firm = FirmDraft("甲社", CODE)
    licence = a_draft("经营资格", firm=firm, kind=HonourKind.LICENCE, items=[ItemDraft(number="E3101186")])
    _licence, gone, _there = drafted(
        cast, licence, a_draft("立信单位", firm=firm, items=[]), a_draft("示范单位", firm=firm, items=[])
    )
    Honour.objects.filter(pk=gone.pk).update(state=HonourState.PUBLISHED)
    withdraw_honour(gone, reason="已注销", by=cast.coordinator, at=at_noon(DAY))
    refused(clerk, f"{HERE}new/", SAID | said, word)
    assert Honour.objects.count() == 3


def test_evidence_that_is_a_bomb_comes_back_and_nothing_is_checked(cast: Cast):
    (honour,) = drafted(cast)
    checker = Client()
    checker.force_login(cast.checker)
    said = {"seen": "evidence", "words": "证书", "version": "1", "papers": SimpleUploadedFile("证书.jpg", bomb())}
    refused(checker, f"{HERE}{honour.public_id}/check/", said, "像素太多")
    assert not HonourStep.objects.exists()
