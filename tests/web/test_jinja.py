"""How pages write money, days and volumes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.template import engines
from django.utils import translation
from jinja2 import UndefinedError

from hege.web import jinja

DAY = dt.date(2026, 11, 23)


def rendered(source: str, **values: object) -> str:
    return str(engines["jinja2"].from_string(source).render(values))


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (9_993_173, "人民币玖万玖仟玖佰叁拾壹元柒角叁分"),
        (0, "人民币零元整"),
        (5, "人民币伍分"),
        (50, "人民币伍角整"),
        (100, "人民币壹元整"),
        (140_950, "人民币壹仟肆佰零玖元伍角整"),
        (600_714, "人民币陆仟零柒元壹角肆分"),
        (1_640_902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (10_700_053, "人民币壹拾万柒仟元伍角叁分"),
        (100_100_000, "人民币壹佰万壹仟元整"),
        (1_000_010_000, "人民币壹仟万零壹佰元整"),
        (10_000_000_100, "人民币壹亿零壹元整"),
        (10_001_000_000, "人民币壹亿零壹万元整"),
        (101_000, "人民币壹仟零壹拾元整"),
        (-3_000_000, "人民币负叁万元整"),
    ],
)
def test_an_amount_is_written_in_chinese_capitals(fen: int, text: str):
    assert jinja.capitals(fen) == text


@pytest.mark.parametrize(("fen", "text"), [(120_000, "+1,200.00"), (-1, "−0.01"), (0, "0.00")])
def test_a_signed_amount_shows_its_sign(fen: int, text: str):
    assert jinja.yuan_signed(fen) == text


@pytest.mark.parametrize(("amount", "text"), [(16_393_000, "16,393"), (1_500, "1.5"), (-250, "-0.25"), (0, "0")])
def test_litres_are_shown_as_cubic_metres_without_rounding(amount: int, text: str):
    assert jinja.m3(amount) == text


def test_a_share_is_exact_and_never_divides_by_nothing():
    assert jinja.share(8_124_010, 9_993_173) == "81.3%"
    assert jinja.share(0, 0) == "—"
    assert jinja.percent(Decimal("0.0005")) == "0.1%"


def test_a_percentage_takes_no_float():
    with pytest.raises(TypeError):
        jinja.percent(1 / 3)  # type: ignore[arg-type]


def test_a_day_is_written_as_people_here_write_it():
    late = dt.datetime(2026, 11, 22, 16, 30, tzinfo=dt.UTC)  # half past midnight in Shanghai
    assert (jinja.day(late), jinja.daylong(late)) == ("11月23日", "2026年11月23日")
    assert (jinja.day(DAY), jinja.daylong(DAY), jinja.weekday(DAY)) == ("11月23日", "2026年11月23日", "周一")
    assert jinja.day(None) == ""


def test_a_day_is_english_in_the_english_pages():
    with translation.override("en"):
        assert (jinja.day(DAY), jinja.weekday(DAY)) == ("23 Nov 2026", "Mon")


def test_an_instant_is_shown_in_shanghai_time():
    late = dt.datetime(2026, 11, 22, 16, 30, tzinfo=dt.UTC)
    assert jinja.instant(late) == "11月23日 00:30"
    assert jinja.instant(late, year=True) == "2026年11月23日 00:30"


def test_a_naive_instant_is_a_bug():
    with pytest.raises(ValueError, match="aware"):
        jinja.instant(dt.datetime(2026, 11, 23, 9))


def test_a_telephone_number_hides_its_middle():
    assert (jinja.mask_phone("13812345678"), jinja.mask_phone("12345")) == ("138****5678", "12345")


def test_a_template_escapes_what_people_typed():
    assert rendered("{{ name }}", name="A&B<小吃>") == "A&amp;B&lt;小吃&gt;"
    assert rendered("{{ name|lines }}", name="甲\n<乙>") == "甲<br>&lt;乙&gt;"


def test_an_undefined_name_is_an_error_not_a_gap():
    with pytest.raises(UndefinedError):
        rendered("{{ no_such_name }}")


@pytest.mark.parametrize(
    ("source", "page"),
    [
        ("<p>\n  还欠\n  {{ sum }}\n  元\n</p>\n", "<p>还欠3元</p>"),
        ("<b>a</b> {% if sum %}\n  <b>b</b>\n{% endif %}", "<b>a</b> <b>b</b>"),
        ("<a\n   href='x'\n   {% if sum %}class='y'\n{% endif %}>z</a>", "<a href='x' class='y' >z</a>"),
        ("<p>\n  a{{ ' ' }}\n  b\n</p>", "<p>a b</p>"),
        ("{{ text }}", "one\n  two"),
    ],
)
def test_a_line_break_in_a_template_is_no_space_and_within_a_tag_it_is_one(source: str, page: str):
    assert rendered(source, sum=3, text="one\n  two") == page


def test_what_stands_on_one_small_line_is_joined_by_dots_and_what_is_empty_left_out():
    assert rendered("{{ [a, b, '', c]|dots }}", a="案 1", b=None, c="<b>") == "案 1 · &lt;b&gt;"


def test_an_unknown_component_is_an_error():
    with pytest.raises(UndefinedError):
        rendered("{{ ui.no_such_component() }}")


def test_the_money_bar_is_as_wide_as_the_amounts_without_any_style():
    parts = [{"kind": "held", "fen": 7_500, "label": "收了没交"}, {"kind": "unproven", "fen": 2_500, "label": "说不清"}]
    html = rendered("{{ ui.money_bar(parts, '欠款') }}", parts=parts)
    assert 'width="75.0000%"' in html
    assert 'x="75.0000%" width="25.0000%"' in html
    assert "收了没交 75.00" in html
    assert "style" not in html


def test_the_money_bar_hatches_what_one_side_claims():
    html = rendered("{{ ui.money_bar(parts, '') }}", parts=[{"kind": "held", "fen": 1, "claimed": True, "label": "x"}])
    assert 'fill="url(#hatch-held)"' in html


def test_a_money_bar_of_nothing_is_an_empty_bar():
    assert 'fill="#e9eef2"' in rendered("{{ ui.money_bar([], '欠款') }}")


def test_an_instalment_shows_how_much_of_it_is_paid():
    items = [{"due_on": DAY, "fen": 400, "paid_fen": 100, "state": "late", "state_name": "逾期"}]
    html = rendered("{{ ui.instalment_bar(items, '分期') }}", items=items)
    assert 'width="25.0000%"' in html
    assert "11月23日 4.00 逾期" in html


def test_a_text_is_the_pages_language_each_time_and_takes_values_of_any_name():
    source = """{{ _("案件") }} {{ _("案 %(text)s", text="<3>", language=n) }} {{ several("%(n)s 户", n=n, text="") }} {{ _("100%%") }}"""
    for _n in range(2):
        with translation.override("en"):
            assert rendered(source, n=2).startswith("Cases ")
        with translation.override("zh-hans"):
            assert rendered(source, n=2) == "案件 案 &lt;3&gt; 2 户 100%"
