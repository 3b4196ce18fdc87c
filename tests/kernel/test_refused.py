"""A refusal is a whole sentence for the person who asked."""

from __future__ import annotations

from hege.kernel.refused import Refused, Stale, allows, refusal_of


def test_the_values_of_a_sentence_stand_in_it():
    no = Refused("还欠 %(fen)s 元，差 %(n)d 期。", fen="1.00", n=2, field="debt_fen")
    assert (str(no), no.field) == ("还欠 1.00 元，差 2 期。", "debt_fen")
    assert str(Stale("%(sentence)s：%(self)s、%(reason)s", sentence="甲", self="乙", reason="丙")) == "甲：乙、丙"


def test_a_sentence_without_values_is_taken_as_it_is():
    assert str(Refused("超过 30% 的违约金。")) == "超过 30% 的违约金。"


def test_a_page_asks_the_rule_that_refuses_the_act():
    def check_even(number: int) -> None:
        if number % 2:
            raise Refused("%(number)d 是单数。", number=number)

    assert allows(check_even, number=2)
    assert str(refusal_of(check_even, number=3)) == "3 是单数。"
