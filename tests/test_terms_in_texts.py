"""No sentence carries a term of its own: terms are data (thresholds), and whoever changes one changes what pages say."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog

from tests.translations import english, texts

UNIT = r"(?:小时|工作日|天|日内|年|%%)"
CHINESE = re.compile(rf"(?<![第\d.])(?<!第 )(?!一(?:天|年))(?:\d+|[一二三四五六七八九十百两半]+) ?个?{UNIT}")
ENGLISH = re.compile(
    r"\b(?:\d+|two|three|four|five|six|seven|ten|fifteen|thirty|forty-eight) (?:working |calendar )?(?:days?|hours?|years?|%%)",
    re.I,
)
#: Terms that the law sets and no office may move, with the article.
THE_LAWS = {
    "三年": "Civil Code art. 188: claims lapse after three years",
    "三十日": "People's Mediation Law art. 33: joint application within thirty days",
    "节假日前后七天": "what the published notices have ever moved around a holiday (kernel.calendar)",
    "放假调休，共3天": "an example of the State Council's notice",
    "三十天": "People's Mediation Law art. 33",
}
LAWS_IN_ENGLISH = ("three years", "thirty days", "within seven days of a holiday")


def said(catalog: Catalog, *, english: bool) -> Iterator[str]:
    for message in catalog:
        text = message.string if english else message.id
        yield from (part for part in (text if isinstance(text, (tuple, list)) else [text]) if part)


def test_no_chinese_text_writes_a_term_out():
    found = [text for text in said(texts(), english=False) if CHINESE.search(text)]
    assert [text for text in found if not any(law in text for law in THE_LAWS)] == []


def test_no_english_text_writes_a_term_out():
    there = {str(m.id) for m in texts()}
    found = [
        str(m.string)
        for m in english()
        if str(m.id) in there and any(ENGLISH.search(t) for t in said([m], english=True))  # type: ignore[arg-type]
    ]
    assert [text for text in found if not any(law in text.lower() for law in LAWS_IN_ENGLISH)] == []


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("停水前至少 48 小时书面通知", True),
        ("到期前 3 个工作日会提醒", True),
        ("三十日内申请", True),
        ("违约金最多 30%%", True),
        ("满 %(hours)s 小时以后", False),
        ("第 2 天", False),
        ("这一天", False),
    ],
)
def test_a_term_written_out_is_seen_and_a_filled_in_one_is_not(text: str, writes: bool):
    assert bool(CHINESE.search(text)) is writes
