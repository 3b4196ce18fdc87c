"""Golden cases a person can check by hand, and properties against small models of their own."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.clock import SHANGHAI
from hege.kernel.refused import Refused, allows
from hege.programme.activities.rules import (
    AROUND,
    GRACE,
    LAST_ANSWER,
    LIVE,
    NEXT_STATE,
    OFFER_KEPT,
    STEP,
    EntryState,
    Pass,
    Presence,
    ScanResult,
    SignupState,
    Terms,
    Waiter,
    Way,
    answer_by,
    check_agrees,
    check_cancel,
    check_entry,
    check_excuse,
    check_lift,
    check_offer,
    check_scan,
    check_sign_up,
    closes_at,
    delay,
    expires_on,
    is_in,
    minutes_within,
    next_offers,
    opens_for,
    presence_of,
    read_code,
    scan_result,
    step_of,
    strike_weight,
    wall_code,
)

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
START = dt.datetime(2025, 12, 18, 19, 0, tzinfo=SHANGHAI)
TERMS = Terms(
    runs=True, capacity=30, taken=0, party_max=4, waiting_list=True, opens_at=START - 96 * HOUR,
    closes_at=START - HOUR, starts_at=START, ends_at=START + 90 * MINUTE,
)  # fmt: skip
AT = START - 24 * HOUR
IN, OUT = Way.IN, Way.OUT


def at(hour: int, minute: int) -> dt.datetime:
    return START.replace(hour=hour, minute=minute)


def passes(*said: tuple[Way, dt.datetime]) -> list[Pass]:
    return [Pass(*one) for one in said]


# -- places --------------------------------------------------------------------------------------------------------------


def test_the_first_whose_party_fits_is_offered_a_place_and_the_others_keep_their_turn():
    waiting = [Waiter(1, 1), Waiter(2, 3), Waiter(3, 1), Waiter(4, 2)]
    assert next_offers(waiting, 0) == []
    assert next_offers(waiting, 1) == [1]
    assert next_offers(waiting, 2) == [1, 3]
    assert next_offers(waiting, 3) == [1, 3]
    assert next_offers(waiting, 4) == [1, 2]
    assert next_offers(waiting[1:], 2) == [3]


@given(st.lists(st.integers(1, 6), max_size=12), st.integers(0, 20))
def test_no_more_is_offered_than_is_free_and_nobody_who_fits_is_left(parties: list[int], free: int):
    waiting = [Waiter(key, party) for key, party in enumerate(parties)]
    offers = next_offers(waiting, free)
    given_away = sum(parties[key] for key in offers)
    assert given_away <= free
    assert offers == sorted(offers)
    assert all(parties[key] > free - given_away for key in range(len(parties)) if key not in offers)
    # nobody is passed over who would have fitted when it was their turn
    left = free
    for key, party in enumerate(parties):
        assert (key in offers) == (party <= left)
        left -= party if key in offers else 0


@pytest.mark.parametrize(
    ("state", "taken", "party", "expected"),
    [
        (None, 29, 1, SignupState.CONFIRMED),
        (None, 29, 2, SignupState.WAITING),
        (None, 30, 1, SignupState.WAITING),
        (SignupState.CANCELLED, 30, 1, SignupState.WAITING),
        (SignupState.LAPSED, 28, 2, SignupState.CONFIRMED),
        (SignupState.DECLINED, 0, 4, SignupState.CONFIRMED),
        (SignupState.WAITING, 29, 1, SignupState.CONFIRMED),
    ],
)
def test_who_signs_up_gets_a_place_or_waits(state: Any, taken: int, party: int, expected: SignupState):
    assert check_sign_up(replace(TERMS, taken=taken), state=state, party=party, at=AT) is expected


@pytest.mark.parametrize(
    ("change", "facts", "says", "field"),
    [
        ({"runs": False}, {}, "不办了", None),
        ({"capacity": None}, {}, "不用报名", None),
        ({}, {"at": TERMS.opens_at - MINUTE}, "2025-12-14 19:00 起可以报", None),
        ({}, {"at": TERMS.closes_at}, "2025-12-18 18:00 截止", None),
        ({}, {"at": TERMS.opens_at + 2 * HOUR, "weight": 1}, "2025-12-14 22:00 起可以报", None),
        ({}, {"party": 0}, "至少 1 个人", "party"),
        ({}, {"party": 5}, "最多报 4 个人", "party"),
        ({"capacity": 2}, {"party": 3}, "最多报 2 个人", "party"),
        ({"taken": 30, "waiting_list": False}, {}, "没有候补", None),
        ({"taken": 29}, {"party": 2, "at": START - 3 * HOUR}, "候补也停了", None),
        ({}, {"state": SignupState.CONFIRMED}, "已经报上", None),
        ({}, {"state": SignupState.OFFERED}, "先答复", None),
        ({"taken": 30}, {"state": SignupState.WAITING}, "已经排在候补里", None),
    ],
)
def test_a_sign_up_is_refused_in_words(change: Any, facts: Any, says: str, field: str | None):
    with pytest.raises(Refused, match=says) as no:
        check_sign_up(replace(TERMS, **change), **{"state": None, "party": 1, "at": AT, **facts})
    assert no.value.field == field


def test_the_edges_of_a_sign_up_are_half_open():
    assert allows(check_sign_up, terms=TERMS, state=None, party=1, at=TERMS.opens_at)
    assert allows(check_sign_up, terms=TERMS, state=None, party=1, at=TERMS.closes_at - MINUTE)
    assert not allows(check_sign_up, terms=TERMS, state=None, party=1, at=TERMS.closes_at)
    assert allows(check_sign_up, terms=TERMS, state=None, party=1, weight=1, at=TERMS.opens_at + 3 * HOUR)


@given(st.integers(0, 40 * 60))
def test_an_offer_ends_well_before_the_start_or_is_not_made(minutes: int):
    asked = START - minutes * MINUTE
    until = answer_by(START, at=asked)
    if until is None:
        assert minutes < 210  # three hours and a half
    else:
        assert asked + 30 * MINUTE <= until <= START - LAST_ANSWER
        assert until == asked + OFFER_KEPT or until == START - LAST_ANSWER


def test_an_offer_is_kept_for_half_a_day():
    assert answer_by(START, at=at(1, 0)) == at(13, 0)
    assert answer_by(START, at=at(8, 0)) == at(16, 0)
    assert answer_by(START, at=at(15, 30)) == at(16, 0)
    assert answer_by(START, at=at(15, 31)) is None


@pytest.mark.parametrize(
    ("state", "offer", "current", "asked", "says"),
    [
        (SignupState.CONFIRMED, 1, 1, at(12, 0), "已经是您的"),
        (SignupState.WAITING, 1, 1, at(12, 0), "不算数"),
        (SignupState.CANCELLED, 1, 1, at(12, 0), "不算数"),
        (SignupState.LAPSED, 1, 1, at(12, 0), "不算数"),
        (SignupState.OFFERED, 1, 2, at(12, 0), "不算数"),
        (SignupState.OFFERED, 2, 2, at(14, 0), "2025-12-18 14:00 截止"),
    ],
)
def test_an_offer_that_is_over_is_not_taken(state: Any, offer: int, current: int, asked: dt.datetime, says: str):
    with pytest.raises(Refused, match=says):
        check_offer(state, offer=offer, current=current, until=at(14, 0), at=asked)


def test_an_offer_is_taken_in_time():
    check_offer(SignupState.OFFERED, offer=2, current=2, until=at(14, 0), at=at(13, 59))
    check_offer(SignupState.OFFERED, offer=None, current=2, until=at(14, 0), at=at(13, 59))


def test_one_cancels_until_the_start():
    for state in SignupState:
        assert allows(check_cancel, terms=TERMS, state=state, at=START - MINUTE) == (state in LIVE)
    assert not allows(check_cancel, terms=TERMS, state=SignupState.CONFIRMED, at=START)


def test_what_is_over_only_begins_anew():
    for state in SignupState:
        if state not in LIVE:
            assert SignupState.OFFERED not in NEXT_STATE[state]
            assert NEXT_STATE[state] == {SignupState.CONFIRMED, SignupState.WAITING}


# -- strikes -------------------------------------------------------------------------------------------------------------


def test_what_strikes_put_off():
    assert [delay(weight) for weight in (0, 1, 2, 3, 9)] == [0 * HOUR, 3 * HOUR, 12 * HOUR, 24 * HOUR, 24 * HOUR]
    assert opens_for(TERMS, 0) == TERMS.opens_at
    assert opens_for(TERMS, 4) == TERMS.opens_at + 24 * HOUR
    assert opens_for(replace(TERMS, closes_at=TERMS.opens_at + 10 * HOUR), 4) == TERMS.opens_at + 5 * HOUR
    assert expires_on(dt.date(2025, 12, 18)) == dt.date(2026, 2, 16)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 30_000))
def test_strikes_delay_and_never_shut_out(one: int, other: int, minutes: int):
    terms = replace(TERMS, closes_at=TERMS.opens_at + minutes * MINUTE)
    first, second = sorted((one, other))
    assert terms.opens_at <= opens_for(terms, first) <= opens_for(terms, second) < terms.closes_at


def test_only_who_had_a_place_and_did_not_come_in_time_gets_a_strike():
    weights = {
        (s, p): strike_weight(s, p) for s in SignupState for p in Presence if strike_weight(s, p)
    }  # fmt: skip
    assert weights == {
        (SignupState.CONFIRMED, Presence.LATE): 1,
        (SignupState.CONFIRMED, Presence.ABSENT): 2,
    }


def test_a_strike_is_lifted_once_and_while_it_runs():
    assert allows(check_lift, lifted=False, expired=False)
    assert not allows(check_lift, lifted=True, expired=False)
    assert not allows(check_lift, lifted=False, expired=True)


# -- checking in and out -----------------------------------------------------------------------------------------------

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


@given(st.integers(0, 10**7), st.integers(-40, 40))
def test_a_code_is_taken_for_a_step_and_its_neighbours(second: int, steps: int):
    now = START + dt.timedelta(seconds=second)
    code = wall_code(KEY, "abc", step_of(now) + steps)
    expected = (
        ScanResult.COUNTED if abs(steps) <= 1 else ScanResult.OLD_CODE if -20 <= steps < 0 else ScanResult.WRONG_CODE
    )
    assert read_code([KEY], "abc", code, at=now) is expected
    assert read_code([OTHER_KEY, KEY], "abc", code, at=now) is expected
    assert read_code([OTHER_KEY], "abc", code, at=now) is ScanResult.WRONG_CODE
    assert read_code([KEY], "abd", code, at=now) is ScanResult.WRONG_CODE


def test_a_code_is_ten_symbols_that_can_be_read_out():
    codes = {wall_code(KEY, "abc", step) for step in range(2_000)}
    assert len(codes) == 2_000
    assert {len(code) for code in codes} == {10}
    assert not set("01ilo").intersection("".join(codes))
    assert step_of(START + dt.timedelta(seconds=STEP)) == step_of(START) + 1


@pytest.mark.parametrize("code", ["", "x", "０１２３４５６７８９", "𝟘" * 10, "\0" * 10, "a" * 5_000])
def test_what_is_no_code_is_wrong(code: str):
    assert read_code([KEY], "abc", code, at=START) is ScanResult.WRONG_CODE


@pytest.mark.parametrize(
    ("way", "has_place", "inside", "asked", "result"),
    [
        (IN, True, False, at(18, 29), ScanResult.TOO_EARLY),
        (IN, True, False, at(18, 30), ScanResult.COUNTED),
        (IN, True, False, at(20, 29), ScanResult.COUNTED),
        (IN, True, False, at(20, 30), ScanResult.TOO_LATE),
        (IN, False, False, at(19, 0), ScanResult.NO_PLACE),
        (IN, True, True, at(19, 0), ScanResult.ALREADY_IN),
        (OUT, True, True, at(20, 59), ScanResult.COUNTED),
        (OUT, True, True, at(21, 0), ScanResult.TOO_LATE),
        (OUT, True, False, at(20, 0), ScanResult.NOT_IN),
    ],
)
def test_what_becomes_of_a_scan(way: Way, has_place: bool, inside: bool, asked: dt.datetime, result: ScanResult):
    assert scan_result(TERMS, way=way, has_place=has_place, inside=inside, at=asked) is result


def test_each_result_but_one_is_refused_in_words_of_its_own():
    said = set()
    for result in ScanResult:
        if result is ScanResult.COUNTED:
            check_scan(result, TERMS)
            continue
        with pytest.raises(Refused) as no:
            check_scan(result, TERMS, since=at(18, 47))
        said.add(str(no.value.reason))
    assert len(said) == len(ScanResult) - 1
    assert any("2025-12-18 18:47" in words for words in said)


# -- who came ------------------------------------------------------------------------------------------------------------


def test_the_sample_of_the_board():
    """进 18:47，出 20:31，记 1 小时 44 分。"""
    assert minutes_within(passes((IN, at(18, 47)), (OUT, at(20, 31)))) == 104
    assert minutes_within(passes((IN, at(18, 47)))) == 0
    assert minutes_within([]) == 0


@given(st.lists(st.tuples(st.sampled_from(Way), st.integers(0, 7_200)), max_size=10))
def test_minutes_are_those_somebody_was_seen_to_be_in(said: list[tuple[Way, int]]):
    """Against a model that looks at each second: in since a pass in, if there is a pass out after it."""
    said = sorted(said, key=lambda one: one[1])
    outs = [second for way, second in said if way is OUT]
    inside, seconds, position = False, 0, 0
    for second in range(7_200):
        while position < len(said) and said[position][1] == second:
            way = said[position][0]
            # whoever goes in and out within one second was not there for any
            inside = way is IN
            position += 1
        seconds += inside and any(out > second for out in outs)
    told = minutes_within(Pass(way, START + dt.timedelta(seconds=second)) for way, second in said)
    assert told == seconds // 60


@given(st.integers(-60, 200))
def test_who_is_late(minutes: int):
    came = START + minutes * MINUTE
    expected = Presence.ATTENDED if minutes <= 10 else Presence.LATE
    assert presence_of(passes((IN, came), (OUT, came + MINUTE), (IN, came + 3 * HOUR)), START) is expected


def test_who_got_the_place_after_the_start_or_was_excused_is_not_late():
    came = passes((IN, at(19, 40)), (OUT, at(20, 30)))
    assert presence_of(came, START) is Presence.LATE
    assert presence_of(came, START, placed_at=at(19, 35)) is Presence.ATTENDED
    assert presence_of(came, START, placed_at=at(12, 0)) is Presence.LATE
    assert presence_of(came, START, excused=True) is Presence.EXCUSED
    assert presence_of([], START, excused=True) is Presence.EXCUSED
    assert presence_of(passes((IN, at(18, 50))), START, excused=True) is Presence.ATTENDED


def test_who_only_went_out_was_not_there():
    assert presence_of([], START) is Presence.ABSENT
    assert presence_of(passes((OUT, at(20, 0))), START) is Presence.ABSENT
    assert presence_of(passes((IN, START + GRACE)), START) is Presence.ATTENDED
    assert not is_in([])
    assert is_in(passes((IN, START)))
    assert not is_in(passes((IN, START), (OUT, at(20, 0))))


# -- excused, entered by hand --------------------------------------------------------------------------------------------


def test_who_may_be_excused():
    assert allows(check_excuse, terms=TERMS, state=SignupState.CONFIRMED, presence=None)
    assert allows(check_excuse, terms=TERMS, state=SignupState.CONFIRMED, presence=Presence.ABSENT)
    assert allows(check_excuse, terms=TERMS, state=SignupState.CONFIRMED, presence=Presence.LATE)
    assert not allows(check_excuse, terms=TERMS, state=SignupState.CONFIRMED, presence=Presence.ATTENDED)
    assert not allows(check_excuse, terms=TERMS, state=SignupState.CONFIRMED, presence=Presence.EXCUSED)
    assert not allows(check_excuse, terms=replace(TERMS, runs=False), state=SignupState.CONFIRMED, presence=None)
    for state in set(SignupState) - {SignupState.CONFIRMED}:
        assert not allows(check_excuse, terms=TERMS, state=state, presence=None)


@pytest.mark.parametrize(
    ("minutes", "scanned", "asked", "says", "field"),
    [
        (30, 0, at(20, 59), "21:00 签到停了以后", None),
        (0, 0, at(21, 0), "补 1 到 90 分钟", "minutes"),
        (91, 0, at(21, 0), "补 1 到 90 分钟", "minutes"),
        (31, 60, at(21, 0), "记了 60 分钟，请补 1 到 30", "minutes"),
        (1, 104, at(21, 0), "已经记满", None),
    ],
)
def test_an_entry_by_hand_is_bounded(minutes: int, scanned: int, asked: dt.datetime, says: str, field: str | None):
    with pytest.raises(Refused, match=says) as no:
        check_entry(TERMS, minutes=minutes, scanned=scanned, at=asked)
    assert no.value.field == field


@given(st.integers(0, 90), st.integers(1, 90))
def test_scanned_and_entered_are_never_more_than_it_lasted(scanned: int, minutes: int):
    taken = allows(check_entry, terms=TERMS, minutes=minutes, scanned=scanned, at=closes_at(TERMS.ends_at))
    assert taken == (scanned + minutes <= 90)
    assert closes_at(TERMS.ends_at) - TERMS.ends_at == AROUND


def test_an_entry_by_hand_asks_for_a_second_person():
    assert allows(check_agrees, state=EntryState.WAITING, entered_by=1, by=2)
    assert not allows(check_agrees, state=EntryState.WAITING, entered_by=1, by=1)
    assert not allows(check_agrees, state=EntryState.AGREED, entered_by=1, by=2)
