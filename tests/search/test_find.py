"""A search finds what holds the words, whatever their width and case, newest first, in its own street and sort."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from hege.people.models import Street
from hege.search.actions import forget_things, index_things
from hege.search.models import Entry
from hege.search.queries import find_things
from hege.search.rules import Found, fold_text, grams, needles
from tests.cast import make_street

TEXTS = {
    1: Found("上海松林米业有限公司 松江大米 全国绿色食品标识使用典范单位", ["demonstration"]),
    2: Found("上海勤道农业专业合作社 松江大米 LB-03-25090908294A", ["certificate"]),
    3: Found("上海裕韵农产品产销专业合作社 稻谷 ＬＢ—23—25050904867Ａ", ["certificate"]),
}


def test_every_pair_of_neighbours_is_a_word_and_a_single_character_too():
    assert grams("大米,A1") == "1 a a1 大 大米 米"
    assert needles("松江大米") == ["大米", "松江", "江大"]
    assert needles("米") == ["米"]
    assert needles("大米 A 5") == ["大米"]
    assert fold_text("ＬＢ—03 （甲）") == "lb 03 甲"


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("松江大米", [2, 1]),
        ("米", [2, 1]),
        ("谷", [3]),
        ("合作社 大米", [2]),
        ("米大", []),
        ("lb-23-2505", [3]),
        ("lb 03 25090908294a", [2]),
        ('\' OR "1"="1', []),
        ("100%_", []),
        ("", [3, 2, 1]),
        ("，。", [3, 2, 1]),
    ],
)
def test_what_holds_all_the_words_is_found_newest_first(street: Street, words: str, found: list[int]):
    index_things(street, "honours.Honour", TEXTS)
    assert find_things(street, "honours.Honour", words) == found


@pytest.mark.both
@pytest.mark.django_db
def test_a_search_stays_in_its_street_its_sort_and_its_marks(street: Street, other_street: Street):
    index_things(street, "honours.Honour", TEXTS)
    assert find_things(other_street, "honours.Honour", "大米") == []
    assert find_things(street, "honours.Firm", "大米") == []
    assert find_things(street, "honours.Honour", "大米", narrowed=["certificate"]) == [2]
    assert find_things(street, "honours.Honour", "大米", most=1) == [2]


@pytest.mark.both
@pytest.mark.django_db
def test_what_changed_is_found_by_its_new_words_and_what_is_forgotten_by_none(street: Street):
    index_things(street, "honours.Honour", TEXTS)
    index_things(street, "honours.Honour", {1: Found("上海松林米业有限公司 大豆")})
    assert find_things(street, "honours.Honour", "大豆") == [1]
    assert find_things(street, "honours.Honour", "松江大米") == [2]
    forget_things(street, "honours.Honour", [2])
    assert find_things(street, "honours.Honour", "松江大米") == []
    assert Entry.objects.count() == 2


class Oracle(TestCase):
    @given(
        st.lists(st.text(alphabet="甲乙丙 a1A", max_size=8), max_size=6), st.text(alphabet="甲乙丙 a1，", max_size=4)
    )
    def test_a_search_finds_what_a_plain_look_at_every_text_finds(self, texts: list[str], words: str):
        street = make_street()
        index_things(street, "oracle", {i: Found(text) for i, text in enumerate(texts)})
        runs = fold_text(words).split()
        wanted = [i for i, text in enumerate(texts) if all(run in fold_text(text) for run in runs)]
        assert find_things(street, "oracle", words) == wanted[::-1]


@pytest.mark.once
@pytest.mark.django_db
def test_a_search_is_one_statement_that_walks_no_table(street: Street, django_assert_num_queries):
    index_things(street, "honours.Honour", TEXTS)
    with django_assert_num_queries(1) as asked:
        find_things(street, "honours.Honour", "松江大米")
    sql = asked.captured_queries[0]["sql"]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}".replace("%", "%%"))
        plan = " ".join(str(line) for line in cursor.fetchall())
    assert "VIRTUAL TABLE INDEX" in plan
    assert "SCAN entry" not in plan
