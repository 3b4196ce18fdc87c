"""What every package refuses in the same way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from hege.cases.rules import NEXT_CASE, CaseState
from hege.kernel.checks import check_move, check_same_street, check_words
from hege.kernel.refused import Refused


def test_words_come_back_without_blanks_and_none_are_refused_beside_their_field():
    assert check_words("  等汛期过后。 ") == "等汛期过后。"
    with pytest.raises(Refused, match="请写明依据。") as no:
        check_words(" \n", "请写明依据。", field="decision")
    assert no.value.field == "decision"


def test_a_move_the_table_lacks_is_refused_in_a_sentence_that_names_both_ends():
    check_move(CaseState.FILED, CaseState.DISPATCHED, NEXT_CASE)
    with pytest.raises(Refused, match="现在是“已立案”，不能变为“已结案”。"):
        check_move(CaseState.FILED, CaseState.CLOSED, NEXT_CASE)
    with pytest.raises(Refused, match="处理过（已立案）"):
        check_move(CaseState.FILED, CaseState.CLOSED, NEXT_CASE, "处理过（%(state)s）")


def test_things_of_two_streets_are_a_bug_and_no_refusal():
    one: Any = SimpleNamespace(street_id=1)
    check_same_street(1, one, None)
    with pytest.raises(ValueError, match="another street"):
        check_same_street(2, one)
