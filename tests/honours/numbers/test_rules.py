"""Whether a number is written as its kind is: right ones are never refused, wrong ones told by what is wrong with them."""

from __future__ import annotations

import datetime as dt
from itertools import islice
from random import Random
from typing import Any

import pytest

from hege.honours.numbers import tables
from hege.honours.numbers.rules import Answer, Kind, Pattern, Proves, Reason, check
from hege.honours.numbers.templates import Template
from tests.honours.numbers.made import BODIES, COUNTIES, MAKERS, OF_31, OF_36, organisation_code, uscc, wrong_numbers

ON = dt.date(2026, 11, 29)


def reason_of(number: str, *, on: dt.date = ON, **how: Any) -> str:
    return check(number, on=on, **how).reason.value


def test_forty_thousand_right_numbers_fit_and_none_is_refused_where_its_kind_is_not_said():
    by = Random("right")
    for name, make in MAKERS.items():
        kind = Kind(name.removeprefix("old "))
        for number in (make(by) for _ in range(2_500)):
            assert check(number, kind=kind, on=ON).answer is Answer.FITS, number
        for number in (make(by) for _ in range(2_500)):
            assert check(number, on=ON).answer is not Answer.DOES_NOT_FIT, number


def test_a_thousand_numbers_wrong_in_one_way_are_each_told_by_that_way():
    for kind, number, reason in wrong_numbers(Random("wrong"), 1_024):
        verdict = check(number, kind=Kind(kind), on=ON)
        assert (number, verdict.reason.value, verdict.answer) == (number, reason, Answer.DOES_NOT_FIT)
        assert verdict.part is not None
        assert verdict.part.reason is verdict.reason


def test_every_wrong_sign_and_every_swap_of_neighbours_in_a_uscc_is_found():
    by = Random("uscc")
    for number in (uscc(by) for _ in range(10)):
        changed = {number[:at] + sign + number[at + 1 :] for at in range(18) for sign in OF_31}
        swapped = {number[:at] + number[at + 1] + number[at] + number[at + 2 :] for at in range(17)}
        for other in (changed | swapped) - {number}:
            assert check(other, kind=Kind.USCC, on=ON).answer is Answer.DOES_NOT_FIT, (number, other)


def test_every_wrong_sign_and_swap_in_an_organisation_code_is_found_but_those_that_modulo_11_cannot_see():
    by = Random("code")
    for number in (organisation_code(by) for _ in range(30)):
        for at in range(9):
            for sign in OF_36:
                other = number[:at] + sign + number[at + 1 :]
                unseen = other == number or (at < 8 and (OF_36.index(sign) - OF_36.index(number[at])) % 11 == 0)
                assert (reason_of(other, kind=Kind.ORGANISATION_CODE) == "fits") == unseen, (number, other)
        for at in range(8):
            other = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
            unseen = (OF_36.index(number[at]) - OF_36.index(number[at + 1])) % 11 == 0 or (
                at == 7 and number.endswith("1X")
            )
            assert (reason_of(other, kind=Kind.ORGANISATION_CODE) == "fits") == unseen, (number, other)


def test_the_first_and_the_last_sign_of_a_uscc_changed_together_may_be_missed():
    number = uscc(Random("ends"))
    other = next(
        head + number[1:17] + tail
        for head in "1589" for tail in OF_31
        if head != number[0] and check(head + number[1:17] + tail, kind=Kind.USCC, on=ON).answer is Answer.FITS
    )  # fmt: skip
    assert other != number


@pytest.mark.parametrize(
    "printed",
    [
        "LB-15-25070907976A", "lb-15-25070907976a", "ＬＢ－１５－２５０７０９０７９７６Ａ", "LB—15—2507 0907976A",
        "LB–15−25070907976A", "LB一15一25070907976A", "\u200fLB-15-25070907976A\u200e", "\ufeffLB15 25070907976A", "证书编号：LB-15-25070907976A。",
    ],
)  # fmt: skip
def test_a_number_is_read_as_meant_and_kept_as_printed(printed):
    verdict = check(printed, on=ON)
    assert (verdict.number, verdict.read_as, verdict.answer) == (printed, "LB-15-25070907976A", Answer.FITS)


def test_the_numbers_of_the_newspaper_fit_and_say_what_is_in_them():
    for number, name in {
        "LB-15-25070907976A": "蔬菜", "LB-15-25070907977A": "蔬菜", "LB-15-25070905840A": "蔬菜", "LB-15-25070905841A": "蔬菜",
        "LB-03-25090908294A": "大米", "LB-23-25050904867A": "其他食用农林产品",
    }.items():  # fmt: skip
        verdict = check(number, on=ON)
        parts = {part.name: part for part in verdict.parts}
        assert verdict.answer is Answer.FITS
        assert verdict.proves is Proves.LITTLE
        assert str(parts["category"].says) == name
        assert str(parts["month"].says).startswith("2025-")
        assert parts["province"].says == "上海"
        assert parts["grade"].text == "A"
    assert check("749750217", on=ON).proves is Proves.MUCH
    licence = check("E3101186", on=ON)
    assert [(part.text, part.says) for part in licence.parts] == [("310118", "上海市青浦区"), ("6", "")]


def test_a_code_that_no_table_has_is_not_held_against_a_number():
    assert reason_of("LB-60-25070907976A") == "category_unknown"
    assert reason_of("LB-15-25073107976A") == "province_unknown"
    assert reason_of("E9999991") == "division_unknown"
    assert reason_of("GF999999101234") == "division_unknown"
    assert reason_of("GR202199001234") == "province_unknown"
    assert reason_of("GF310118951234") == "year_unclear"
    assert reason_of("LB-15-25070907971") == "grade_not_then"
    assert {answer.answer for answer in (check("E9999991", on=ON), check("LB-60-25070907976A", on=ON))} == {
        Answer.CANNOT_JUDGE
    }


def test_a_uscc_with_an_unknown_division_cannot_be_judged_but_a_wrong_check_digit_shows_all_the_same():
    body = "91999999" + organisation_code(Random("far"), OF_31)
    answers = [check(body + last, on=ON) for last in OF_31]
    assert [a.reason for a in answers].count(Reason.DIVISION_UNKNOWN) == 1
    assert [a.reason for a in answers].count(Reason.CHECK_DIGIT_WRONG) == 30


def test_a_former_division_is_known_where_the_number_says_no_year_and_then_is_named_with_its_end():
    assert check("E3102291", on=ON).parts[0].says == "上海市青浦县 (–1998)"
    assert reason_of("E3101181", on=dt.date(1995, 6, 1)) == "division_unknown"
    assert reason_of("GF310229101234") == "division_not_then"


def test_a_number_of_this_month_is_not_in_the_future_and_one_of_the_next_is():
    assert reason_of("LB-15-26110907976A") == "fits"
    assert reason_of("LB-15-26120907976A") == "in_the_future"
    assert reason_of("LB-15-26120907976A", on=dt.date(2026, 12, 1)) == "fits"


def test_a_number_of_another_kind_in_the_field_is_told_as_such():
    verdict = check("749750217", kind=Kind.USCC, on=ON)
    assert (verdict.reason, verdict.part and verdict.part.says) == (Reason.ANOTHER_KIND, "organisation_code")


def test_a_code_is_matched_with_what_is_known_of_the_firm():
    firm = uscc(Random("firm"))
    other = organisation_code(Random("other"))
    assert reason_of(firm[8:17], firm_code=firm) == "fits"
    assert reason_of(firm, firm_code=firm[8:17]) == "fits"
    assert reason_of(other, firm_code=firm) == "another_firm"
    assert reason_of(uscc(Random("another")), firm_code=firm) == "another_firm"


def test_of_two_kinds_that_a_number_looks_like_the_one_it_fits_is_taken():
    assert check("GF201431000123", on=ON).kind is Kind.HIGH_TECH
    assert check("GF310118101234", on=ON).kind is Kind.GREEN_FOOD_ENTERPRISE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "nothing_to_read"), (" \u200f\t-", "nothing_to_read"), ("9" * 5_000_000, "too_long"), ("沪示例评字 2025-17", "no_rule"),
        ("\x00", "no_rule"), ("<b>LB</b>", "no_rule"), ("٣١٠١١٨", "no_rule"), ("🏅", "no_rule"),
        ("110101199003078670", "personal"), ("11010119900307867X", "personal"),
    ],
)  # fmt: skip
def test_whatever_is_typed_is_answered(text, reason):
    assert reason_of(text) == reason
    for kind in Kind:
        check(text, kind=kind, on=ON)


def test_an_identity_number_is_not_repeated():
    assert check("110101199003078670", on=ON).read_as == ""


def test_an_offices_own_pattern_decides_and_names_its_parts():
    patterns = [Pattern("示例评比", Template("沪示例评字{年:9999}-{月:99}-{序号:9+}"))]
    fits = check("沪示例评字 ２０２５—０３—17", on=ON, patterns=patterns)
    assert (fits.answer, fits.pattern, fits.proves) == (Answer.FITS, "示例评比", Proves.LITTLE)
    assert [(p.name, p.text) for p in fits.parts] == [("年", "2025"), ("月", "03"), ("序号", "17")]
    assert reason_of("沪示例评字2027-03-1", patterns=patterns) == "in_the_future"
    assert reason_of("沪示例评字2025-13-1", patterns=patterns) == "no_such_month"
    assert reason_of("沪示例评字2025/03-1", patterns=patterns) == "wrong_sign"
    assert reason_of("沪示例评字2025-03-", patterns=patterns) == "wrong_length"
    assert reason_of("京示例评字2025-03-1", patterns=patterns) == "no_rule"


def test_every_division_that_was_ever_in_the_table_is_found_in_its_own_years():
    for code, given in tables._divisions().items():
        assert len(code) == 6
        assert code.isdecimal()
        for one in given:
            year = one.last_year or one.first_year or 2026
            assert tables.division(code, year) is not None, (code, one)


def test_the_generators_counties_and_bodies_are_of_todays_tables():
    assert all((tables.division(code, 2026) or ("", 0, 1))[2] == 0 for code in COUNTIES)
    assert set(BODIES) <= set(tables.REGISTRARS)
    assert len(list(islice(wrong_numbers(Random(0), 64), 64))) == 64
