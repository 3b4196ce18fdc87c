"""Cells of a file that a spreadsheet opens: text stays text."""

from __future__ import annotations

import pytest

from hege.kernel.cells import plain

pytestmark = pytest.mark.once


@pytest.mark.parametrize("lead", ["=1+1", "+86 21", "-5", "@sum", "\tx", "\rx", "\nx", "＝1+1", "＋1", "－1", "＠sum"])
def test_text_that_looks_like_a_formula_is_made_plain(lead: str):
    assert plain(lead) == f"'{lead}"


def test_other_text_is_left_alone():
    assert plain("12 号 阿娟面馆") == "12 号 阿娟面馆"
