"""The table of kinds: a word without its class, or a total without its name, is told here and not on a page."""

from __future__ import annotations

import pytest

from hege.imports.kinds import KINDS
from hege.imports.layouts import FileKind
from hege.imports.report import LABELS


def test_every_word_of_the_command_has_its_kind():
    assert list(KINDS) == list(FileKind)


@pytest.mark.parametrize("kind", list(FileKind))
def test_every_total_that_a_kind_counts_has_its_name_in_the_report(kind: FileKind):
    assert KINDS[kind].counted.keys() <= LABELS.keys()


@pytest.mark.parametrize("kind", list(FileKind))
def test_what_tells_two_rows_of_a_file_apart_are_fields_of_theirs(kind: FileKind):
    assert set(KINDS[kind].told_apart) <= set(KINDS[kind].layout.fields)
