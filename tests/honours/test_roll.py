"""The roll lists what is shown, under the name that counts, each state by itself; its text reads back as the roll."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from hege.honours import queries
from hege.honours.actions import amend_firm, correct_honour, drop_honour, withdraw_honour
from hege.honours.intake.reading import read_clipping
from hege.honours.models import HonourVersion
from hege.honours.roll import LISTED, as_printed, text_of, the_roll
from hege.honours.rules import HonourKind, HonourState, ItemDraft, ItemKind
from tests.cast import Cast
from tests.honours.roll import AFTER, a_draft, drafted, in_publicity, on, published

pytestmark = pytest.mark.django_db


def listed(cast: Cast, words: str = "", state: HonourState = HonourState.PUBLISHED) -> list[int]:
    """The keys of what the roll lists."""
    found = the_roll(cast.street.code, words=words, state=state)
    return found.of_kind(None) if found else []


def test_the_roll_finds_what_is_on_it_by_firm_number_title_and_product_under_the_name_that_counts(cast: Cast):
    honour = published(cast)
    for words in ("", "朗言", "749750217", "11315立信", "稻谷", "lb-23-25050904867a"):
        assert listed(cast, words) == [honour.pk], words
    amend_firm(honour.firm, name="朗言股份", code="749750217", by=cast.clerk, at=on(AFTER))
    assert listed(cast, "朗言股份") == [honour.pk]
    assert listed(cast, "合作社") == []


def test_the_roll_counts_each_state_and_sort_and_lists_each_by_itself(cast: Cast):
    honour = published(cast)
    roll = the_roll(cast.street.code)
    assert roll is not None
    assert {state: counted.n for state, counted in roll.counts.items() if counted} == {HonourState.PUBLISHED: 1}
    assert (roll.kinds, roll.firms) == ({HonourKind.PRODUCT_CERTIFICATE: 1}, 1)
    assert (roll.of_kind(HonourKind.LICENCE), roll.of_kind(HonourKind.PRODUCT_CERTIFICATE)) == ([], [honour.pk])
    withdraw_honour(honour, reason="撤销", by=cast.coordinator, at=on(AFTER))
    assert (listed(cast, "朗言"), listed(cast, "朗言", HonourState.WITHDRAWN)) == ([], [honour.pk])


@pytest.mark.once
def test_the_roll_is_found_in_two_statements_that_walk_no_table(cast: Cast, django_assert_num_queries: Any):
    published(cast)
    with django_assert_num_queries(2) as asked:
        assert listed(cast, "朗言")
    for said in asked.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {said['sql']}".replace("%", "%%"))
            plan = [str(line[3]) for line in cursor.fetchall()]
        assert not [step for step in plan if "SCAN honours" in step]
    assert any("honour_id=?" in step for step in plan), plan


def test_what_is_corrected_leaves_the_roll_until_it_is_shown_again(cast: Cast):
    correct_honour(published(cast), draft=a_draft("另一个"), reason="更正", by=cast.clerk, at=on(AFTER))
    assert [listed(cast, state=state) for state in LISTED] == [[], [], [], []]


def test_what_is_in_publicity_is_listed_by_itself_and_leaves_when_it_is_dropped(cast: Cast):
    honour = in_publicity(cast)
    assert (listed(cast), listed(cast, state=HonourState.IN_PUBLICITY)) == ([], [honour.pk])
    drop_honour(honour, reason="不采用", by=cast.coordinator, at=on(AFTER))
    assert listed(cast, state=HonourState.IN_PUBLICITY) == []


def test_reading_what_the_roll_prints_gives_the_roll(cast: Cast):
    drafted(cast, *[a_draft(title, firm=firm, **said) for title, firm, said in PRINTED])
    found = queries.entries(HonourVersion.objects.that_count().order_by("pk"))
    assert list(read_clipping(text_of(found)).entries) == [as_printed(entry) for entry in found]


PRINTED: list[tuple[str, str, dict[str, Any]]] = [
    ("中国绿色食品产品", "上海裕韵农产品产销专业合作社", {}),
    (
        "全国11315立信单位",
        "上海朗言数安科技有限公司",
        {"items": [ItemDraft(ItemKind.FIRM_CODE, "信用编码", "749750217")], "trade_mark": "朗言"},
    ),
    ("优秀案例", "上海海丰米业有限公司", {"items": [ItemDraft(ItemKind.WORK, "海丰米业智慧粮库系统的开发与应用")]}),
    (
        "抽查合格产品",
        "上海逸盾门业有限公司",
        {"items": [ItemDraft(ItemKind.INSPECTED, "钢质隔热防火门"), ItemDraft(ItemKind.LICENCE, number="E3101186")]},
    ),
]
