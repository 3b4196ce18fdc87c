"""A sentence that is kept is said in the language of who reads it; what people wrote stays as it is."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from hege.cases.rules import PartyRole
from hege.kernel.saying import Saying, kept, sentence, told, written


@pytest.mark.parametrize("written_in", ["zh-hans", "en"])
def test_a_sentence_is_said_in_the_language_of_its_reader(written_in: str):
    with override(written_in):
        text = Saying(_("召集第 %(n)d 次，%(day)s%(where)s"), n=2, day=dt.date(2026, 11, 5), where=" 蟠龙综合网格")
        stored = json.loads(json.dumps(kept(text)))
    with override("zh-hans"):
        assert sentence(stored) == "召集第 2 次，2026-11-05 蟠龙综合网格"
        assert sentence(stored, lambda day: f"{day:%d.%m.}") == "召集第 2 次，05.11. 蟠龙综合网格"
    with override("en"):
        assert sentence(stored) == "Round 2 called for 2026-11-05 蟠龙综合网格"


def test_labels_and_sentences_within_are_said_in_it_too():
    said = kept(Saying(_("%(file)s %(text)s"), file="2026-0001", text=PartyRole.LEAD.label))
    several = kept(Saying(_("邀请参加第 %(n)d 次：%(who)s"), n=1, who=["物业", "城建中心"]))
    assert said is not None
    assert several is not None
    with override("en"):
        assert (sentence(said), sentence(several)) == ("2026-0001 Lead", "Invited to round 1: 物业, 城建中心")


def test_an_instant_comes_back_as_one():
    at = dt.datetime(2026, 3, 25, 8, tzinfo=dt.UTC)
    said = kept(Saying(_("欠费已缴清或水务公司已同意，应在 %(when)s 前恢复供水。"), when=at))
    assert said is not None
    assert sentence(said, lambda day: str(day == at)).startswith("欠费已缴清或水务公司已同意，应在 True 前")


def test_a_column_of_text_holds_a_sentence_or_a_persons_words():
    round_47 = written(Saying(_("第 %(number)d 轮"), number=47))
    with override("en"):
        assert (told(round_47), told("第 47 轮"), told("")) == ("Round 47", "第 47 轮", "")


@pytest.mark.parametrize(
    "text",
    [
        '{"say":', '{"say":1,"of":{}}', '{"say":"","of":{}}', '{"say":"%(n)s"}', '{"say":"x","of":1}',
        '{"say":"%(n)999999999d","of":{"n":1}}', '{"say":"%(n)d","of":{"n":"x"}}', '{"say":"%","of":{"n":1}}',
        '{"say":"%(n)s","of":{"n":{"on":"32"}}}', '{"say":"%(n)s","of":{"n":{}}}',
        '{"say":"%(n)s","of":{"n":{"say":"%(n)999999999d","of":{"n":1}}}}', '{"say":' + "[" * 100_000,
    ],
)  # fmt: skip
def test_what_only_looks_like_a_sentence_of_ours_is_a_persons_words(text: str):
    assert told(text) == text


def test_a_label_is_kept_by_what_the_catalogue_knows_it_by_and_a_persons_words_are_not():
    with override("en"):
        assert kept(PartyRole.LEAD.label) == {"say": "牵头单位", "of": {}}
    assert kept("还在漏。") is None
