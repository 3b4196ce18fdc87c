"""Whatever the order of the columns, whichever word an office has for each and however it is spelled: the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hege.imports import kinds
from hege.imports.cells import Cell
from hege.imports.layouts import Column, FileKind
from hege.imports.rules import Read, Table
from hege.imports.synonyms import SYNONYMS

DRESSES = ("{}", " {} ", "{}*", "{}：", "{}（必填）", "\u200b{}", "　{}", "{}\t")
UNKNOWN = ("甲栏", "网格", "审核", "", "楼层")


def words_of(kind: FileKind, name: str, column: Column) -> list[str]:
    """What the column of a field may be called where its cells are read in the field's own way."""
    return [column.name, *column.aliases, *(word.text for word in SYNONYMS[kind].get(name, ()) if not word.how)]


def cells_of(column: Column, day: str) -> str:
    """A cell as the template has it, on a day of its own, so that it is not the example."""
    return day if column.sample.startswith("20") and column.sample.count("-") == 2 else column.sample


def read(kind: FileKind, heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Read:
    table = Table([*heads], [[*row] for row in rows])
    return kinds.read_as(kind, table, mapping=kinds.propose(table, kind))


def spaced(heading: str) -> str:
    """A heading of two signs as it is spread over its column: 日　期."""
    return "　".join(heading) if len(heading) == 2 else heading


@pytest.mark.parametrize("kind", SYNONYMS)
@settings(max_examples=settings.get_profile("hege").max_examples // 5)
@given(data=st.data())
def test_the_same_rows_whatever_the_order_and_the_words_of_the_headings(kind: FileKind, data: Any):
    named = kinds.KINDS[kind].layout.named()
    cells = [[cells_of(column, day) for _name, column in named] for day in ("2026-03-06", "2026-03-07")]
    plain = read(kind, [column.name for _name, column in named], cells)
    heads = [data.draw(st.sampled_from(words_of(kind, name, column))) for name, column in named]
    heads = [data.draw(st.sampled_from([spaced, *(dress.format for dress in DRESSES)]))(head) for head in heads]
    junk = data.draw(st.lists(st.sampled_from(UNKNOWN), unique=True, max_size=3))
    order = data.draw(st.permutations(range(len(heads) + len(junk))))
    mixed = [[*row, *("x" for _head in junk)] for row in cells]
    got = read(kind, [[*heads, *junk][at] for at in order], [[row[at] for at in order] for row in mixed])
    assert (got.rows, got.half, got.faults) == (plain.rows, plain.half, plain.faults)
    assert got.rows
