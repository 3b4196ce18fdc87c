"""One number, many spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.spelling import bare, fold, fold_key
from tests.imports.spellings import spellings

NUMBERS = ["SJ-0007", "4200000000000001", "012", "1-02", "3E5", "A-04", "ZD-202601-H", "北-3/7", "0", "F12"]


@pytest.mark.parametrize("number", NUMBERS)
@given(data=st.data())
def test_every_spelling_of_a_number_folds_to_the_same(number: str, data: st.DataObject):
    assert fold(data.draw(spellings(number))) == fold(number)


def test_different_numbers_stay_different():
    assert len(set(map(fold, [*NUMBERS, "102", "SJ-7", "3-E5", "1-2"]))) == len(NUMBERS) + 4


@given(st.text(max_size=12))
def test_what_is_folded_folds_to_itself_and_keeps_no_blank(text: str):
    assert fold(fold(text)) == fold(text)
    assert not any(c.isspace() for c in fold(text))


def test_what_a_spreadsheet_hangs_around_a_number_is_no_part_of_it():
    assert [bare(t) for t in ("'012", "`012", '="012"', " ’012 ", '"012"', "＇0-12")] == ["012"] * 5 + ["0-12"]


def test_a_key_folds_part_by_part_and_keeps_its_number_of_correction():
    assert fold_key("zb-1|００7~2") == "ZB-1|7~2"
    assert fold_key("sha256:abc#1") == "sha256:abc#1"
    assert fold_key("a~~2") == "A~~2"
