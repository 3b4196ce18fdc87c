"""Three hundred layouts an office might have: each is the same rows as the template, or a question; never other rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from hege.imports import workbook
from hege.imports.actions import import_file
from hege.imports.kind import Answers
from hege.imports.kinds import propose, read_as
from hege.imports.layouts import FileKind
from hege.imports.sheets import read_table
from hege.kernel import limited
from hege.kernel.refused import Refused
from hege.people.models import Street
from tests.imports.files import MASTER, NOW, meter, taken, unit
from tests.imports.layouts import KINDS_LAID_OUT, laid_out

pytestmark = pytest.mark.once

EACH = 60


@pytest.fixture(autouse=True)
def at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workbooks are read in this process: another one for each would cost more than the test."""
    monkeypatch.setattr(limited, "run", lambda _module, data, _limits: "\n".join(workbook.read(data)).encode())


def values(content: bytes, kind: FileKind | None) -> tuple[FileKind, Sequence[Any]] | None:
    """The kind and the rows a file is read as; None where somebody is asked."""
    try:
        table = read_table(content)
        mapping = propose(table, kind)
        read = read_as(mapping.kind, table, mapping=mapping)
    except Refused:
        return None
    return None if read.faults else (mapping.kind, [row[1:] for row in read.rows])


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS_LAID_OUT)
def test_a_layout_is_the_rows_of_the_template_or_a_question(kind: FileKind):
    came = right = 0
    for layout in (laid_out(kind, seed) for seed in range(EACH)):
        wanted = values(layout.template, kind)
        assert wanted is not None
        for asked in (None, kind):
            read = values(layout.content, asked)
            assert read in (None, wanted), layout.said
            assert not (read and layout.wrong), layout.said
            came, right = came + (read is not None), right + (not layout.wrong)
    assert came >= right * 9 // 10


SHOPS = [unit(f"A-{n:02}", operator=f"某{n}") for n in range(9)]
SUBS = [meter(f"FB-{n:03}", master="ZB-1") for n in range(9)]


@pytest.mark.parametrize("kind", KINDS_LAID_OUT)
@pytest.mark.parametrize("which", [0, 1])
def test_a_layout_after_the_template_of_the_same_rows_books_nothing_more(street: Street, kind: FileKind, which: int):
    taken(street, FileKind.METERS, MASTER, *(SUBS if kind is FileKind.READINGS else []))
    if kind is FileKind.RECEIPTS:
        taken(street, FileKind.UNITS, *SHOPS)
    layout = [layout for seed in range(5) if not (layout := laid_out(kind, seed)).wrong][which]
    new = Answers(new=frozenset(range(2, 99)))
    first = import_file(street, kind, "模板.csv", layout.template, by=None, at=NOW, dry_run=False, answers=new)
    again = import_file(street, None, layout.said, layout.content, by=None, at=NOW, dry_run=False)
    assert (first.faults, first.doubts, first.booked) == ([], [], len(layout.plain))
    assert (again.faults, again.doubts, again.booked, again.same) == ([], [], 0, len(layout.plain))
