"""A copy of what is held on somebody, as a table and as JSON."""

from __future__ import annotations

import csv
import io
import json

import pytest

from hege.privacy.copies import FORMS
from hege.privacy.queries import Held
from hege.privacy.rules import Kept

pytestmark = pytest.mark.once

HELD = [
    Held(
        "people.Party",
        "当事人",
        "底账",
        Kept.STANDS.words,
        [{"名称": "=1+1", "电话": "12345"}, {"名称": "陈"}],
        more=False,
    )
]


def test_the_table_has_a_line_for_each_thing_a_row_says_and_no_cell_is_taken_for_a_formula():
    text = FORMS["csv"].write(HELD)
    assert text.startswith("\ufeff")  # by which spreadsheets know UTF-8
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert [[row[0], *row[3:]] for row in rows[1:]] == [
        ["当事人", "1", "名称", "'=1+1"], ["当事人", "1", "电话", "12345"], ["当事人", "2", "名称", "陈"],
    ]  # fmt: skip


def test_json_says_of_each_kind_what_for_and_until_when_and_its_rows_as_they_are():
    [kind] = json.loads(FORMS["json"].write(HELD))
    assert (kind["kind"], kind["for"], kind["kept"]) == ("当事人", "底账", str(Kept.STANDS.words))
    assert kind["rows"][0] == {"名称": "=1+1", "电话": "12345"}
