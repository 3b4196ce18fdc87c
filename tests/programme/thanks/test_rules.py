"""What may be given in thanks, in which words, and by whom."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.refused import Refused, allows
from hege.programme.thanks.rules import (
    NEEDS_APPROVAL,
    NEVER,
    Act,
    Facts,
    Stands,
    ThanksState,
    check_act,
    check_approval,
    check_decidable,
    check_facts,
    check_objectable,
    check_publicity,
    check_title,
    first_day_after,
    named_in_public,
    open_acts,
)

pytestmark = pytest.mark.once
DAY = dt.date(2026, 2, 3)


def stands(state: ThanksState, **more: object) -> Stands:
    return Stands(state, DAY, proposed_by=7, **more)  # type: ignore[arg-type]


class TestTitle:
    @pytest.mark.parametrize("word", NEEDS_APPROVAL)
    def test_a_word_of_commendation_asks_for_its_approval(self, word: str) -> None:
        with pytest.raises(Refused, match=word) as no:
            check_title(f"暖冬{word}骑手")
        assert no.value.field == "approval_no"
        assert check_title(f"暖冬{word}骑手", approval_no="沪评组〔2025〕7号") == f"暖冬{word}骑手"

    @pytest.mark.parametrize("word", NEVER)
    def test_a_rank_is_refused_whatever_the_approval(self, word: str) -> None:
        with pytest.raises(Refused, match=word) as no:
            check_title(f"{word}骑手", approval_no="沪评组〔2025〕7号")
        assert no.value.field == "title"

    @pytest.mark.parametrize("title", ["暖冬 表 彰 大会", "表·彰先锋", "暖冬ＡＢ表\u3000彰", "先锋“奖”"])
    def test_signs_between_do_not_hide_a_word(self, title: str) -> None:
        assert not allows(check_title, title=title)

    @pytest.mark.parametrize("number", ["有", "已批准", "12345", "——"])
    def test_an_approval_is_a_document_with_a_number(self, number: str) -> None:
        with pytest.raises(Refused, match="文号") as no:
            check_approval(number)
        assert no.value.field == "approval_no"
        assert check_approval("  ") == ""

    def test_plain_thanks_need_nothing(self) -> None:
        assert check_title("  谢谢您替大家留心 ") == "谢谢您替大家留心"

    @pytest.mark.parametrize("title", ["", "  ", "谢" * 61])
    def test_none_and_too_long_name_the_field(self, title: str) -> None:
        with pytest.raises(Refused) as no:
            check_title(title)
        assert no.value.field == "title"


class TestWay:
    def test_nobody_reviews_or_gives_what_they_proposed(self) -> None:
        assert not allows(check_act, act=Act.REVIEW, stands=stands(ThanksState.PROPOSED), by=7)
        assert allows(check_act, act=Act.REVIEW, stands=stands(ThanksState.PROPOSED), by=8)
        shown = stands(ThanksState.IN_PUBLICITY, shown_until_on=DAY)
        assert not allows(check_act, act=Act.GIVE, stands=shown, by=7)
        assert allows(check_act, act=Act.GIVE, stands=shown, by=8)

    def test_nothing_is_given_before_its_publicity_is_over(self) -> None:
        shown = stands(ThanksState.IN_PUBLICITY, shown_until_on=DAY + dt.timedelta(days=1))
        with pytest.raises(Refused, match="2026-02-03"):
            check_act(Act.GIVE, stands=shown, by=8)

    @pytest.mark.parametrize("more", [{"open_objections": 1}, {"upheld_objections": 1}, {"active": False}])
    def test_an_objection_or_a_member_who_left_stops_it(self, more: dict[str, object]) -> None:
        shown = stands(ThanksState.IN_PUBLICITY, shown_until_on=DAY, **more)
        assert open_acts(shown, by=8) == [Act.DROP]

    def test_seven_days_are_whole_and_the_first_does_not_count(self) -> None:
        assert first_day_after(dt.date(2026, 1, 19), 7) == dt.date(2026, 1, 27)
        with pytest.raises(Refused, match="7"):
            check_publicity(6)

    @given(st.sampled_from(ThanksState), st.integers(1, 9))
    def test_what_has_ended_stays_ended(self, state: ThanksState, by: int) -> None:
        assert (open_acts(stands(state), by=by) == []) == (state in (ThanksState.REVOKED, ThanksState.DROPPED))


def test_who_has_done_nothing_is_not_thanked() -> None:
    with pytest.raises(Refused):
        check_facts(Facts(0, 0, 0))
    check_facts(Facts(0, 30, 0))


def test_only_what_is_shown_is_spoken_against_and_no_flood_is_taken() -> None:
    check_objectable(ThanksState.IN_PUBLICITY, lately=4)
    for state, lately in [(ThanksState.IN_PUBLICITY, 5), (ThanksState.PROPOSED, 0), (ThanksState.REVOKED, 0)]:
        assert not allows(check_objectable, state=state, lately=lately)


def test_an_objection_is_decided_once_and_by_another() -> None:
    check_decidable(decided=False, proposed_by=7, by=8)
    assert not allows(check_decidable, decided=False, proposed_by=7, by=7)
    assert not allows(check_decidable, decided=True, proposed_by=7, by=8)


def test_a_name_is_public_only_with_its_own_consent() -> None:
    assert named_in_public(number="0427", called="早班的蜂", agreed=False) == "0427"
    assert named_in_public(number="0427", called="早班的蜂", agreed=True) == "早班的蜂（0427）"
    assert named_in_public(number="0427", called="", agreed=True) == "0427"
