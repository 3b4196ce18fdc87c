"""Why a voucher is not taken, with since when or where; taking back; what was noted offline; hours that stand out."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.clock import SHANGHAI, day_of
from hege.kernel.refused import Refused, allows, refusal_of
from hege.vouchers.rules import ClaimEndKind, Terms, Worth
from hege.vouchers.sentences import EVERY_DAY
from hege.vouchers.tills.rules import (
    AMBER,
    CLOCK_MOST,
    OFFLINE_LIFE,
    OFFLINE_MOST,
    QUEUE_MOST,
    Conflict,
    ConflictState,
    End,
    Finding,
    Queued,
    ScanFault,
    Use,
    check_decision,
    check_link,
    check_open,
    check_reversal_by_office,
    check_reversal_by_till,
    clock_ahead,
    code_finding,
    is_moving,
    is_read_out,
    left_offline,
    noted_at,
    outstanding_hours,
    queue_finding,
    read_queue,
    shown_finding,
    voucher_finding,
)

pytestmark = pytest.mark.once

F = ScanFault
NOODLES, CINEMA = 1, 3
SHOPS = {NOODLES: "1 号面馆", CINEMA: "3 号影城"}


def at(text: str) -> dt.datetime:
    """An instant in Shanghai of December 2025: ``18 12:03:30``."""
    day, _, time = text.partition(" ")
    return dt.datetime.combine(dt.date(2025, 12, int(day)), dt.time.fromisoformat(time), SHANGHAI)


def terms_of(
    from_on: dt.date, until_on: dt.date, weekdays: Collection[int] = EVERY_DAY, hours: Sequence[tuple[int, int]] = ()
) -> Terms:
    return Terms(
        "热汤面一碗", Worth.FREE, 10, at("1 00:00"), at("2 00:00"), from_on, until_on,
        weekdays=tuple(sorted(weekdays)), hours=tuple(hours),
    )  # fmt: skip


#: Monday to Thursday, 10:00 to 21:00; 18 December 2025 is a Thursday.
TERMS = terms_of(dt.date(2025, 12, 1), dt.date(2026, 1, 16), {0, 1, 2, 3}, [(600, 1260)])


def finding(when: str = "18 12:03", **said: Any) -> Finding | None:
    facts: dict[str, Any] = {"terms": TERMS, "shops": SHOPS, "shop": NOODLES, "used": None, "ended": None}
    return voucher_finding(**facts | said, at=at(when))


# -- the code ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_the_code_of_now_and_of_a_step_beside_it_is_taken(off: int):
    assert code_finding(off, at=at("18 12:03")) is None


def test_a_code_of_before_is_told_with_its_time():
    assert code_finding(-4, at=at("18 12:03")) == Finding(F.OLD, at=at("18 12:01"))


def test_a_code_of_later_is_told_as_a_clock_that_is_ahead():
    found = code_finding(8, at=at("18 12:03"))
    assert (found, found and found.amber) == (Finding(F.CLOCK, minutes=4), True)
    assert code_finding(2, at=at("18 12:03")) == Finding(F.CLOCK, minutes=1)


def test_a_page_with_the_button_is_good_for_five_minutes():
    shown = at("18 12:00")
    assert shown_finding(shown, at=at("18 12:05")) is None
    assert shown_finding(shown, at=at("18 12:05:01")) == Finding(F.OLD, at=shown)
    assert shown_finding(shown, at=at("18 11:59:59")) == Finding(F.OLD, at=shown)


@pytest.mark.parametrize(
    ("code", "moving", "readable"),
    [("482913", True, True), ("abcdefg27", True, False), ("abcdefgh23", False, False), ("48291a", False, False)],
)
def test_what_is_read_out_is_told_from_what_is_scanned_and_from_paper(code: str, moving: bool, readable: bool):
    assert (is_moving(code), is_read_out(code)) == (moving, readable)


def test_a_code_of_no_time_is_wrong():
    assert code_finding(None, at=at("18 12:03")) == Finding(F.WRONG)


# -- the voucher -------------------------------------------------------------------------------------------------------


def test_a_voucher_in_its_hours_and_shop_is_taken():
    assert finding() is None


@pytest.mark.parametrize(
    ("when", "taken"),
    [("18 09:59:59", False), ("18 10:00", True), ("18 20:59:59", True), ("18 21:00", False), ("19 12:00", False)],
)
def test_hours_are_half_open_and_weekdays_whole(when: str, taken: bool):
    assert (finding(when) is None) is taken


def test_outside_its_hours_it_says_which_they_are_and_when_they_come_next():
    assert finding("18 09:59") == Finding(F.OTHER_HOUR, at=at("18 10:00"), on=dt.date(2025, 12, 18), terms=TERMS)
    friday = finding("19 12:00")
    assert friday is not None
    assert friday.at == at("22 10:00")  # a Monday


def test_after_its_last_hours_none_come_any_more():
    last = terms_of(dt.date(2025, 12, 1), dt.date(2025, 12, 20), {3}, [(600, 660)])
    found = finding("18 11:00", terms=last)
    assert found == Finding(F.OTHER_HOUR, at=None, on=dt.date(2025, 12, 18), terms=last)


def test_its_first_day_begins_at_midnight():
    terms = terms_of(dt.date(2025, 12, 28), TERMS.use_until_on)
    assert finding("28 00:00", terms=terms) is None
    assert finding("27 23:59:59", terms=terms) == Finding(F.NOT_YET, at=at("28 00:00"))


def test_before_its_first_day_the_hour_is_told():
    found = finding("27 12:00", terms=terms_of(dt.date(2025, 12, 28), dt.date(2026, 1, 16), {0}, [(600, 1260)]))
    assert found == Finding(F.NOT_YET, at=at("29 10:00"))


def test_its_last_day_is_whole_and_is_named():
    terms = terms_of(dt.date(2025, 12, 1), dt.date(2025, 12, 19))
    assert finding("18 23:59:59", terms=terms) is None
    assert finding("19 00:00", terms=terms) == Finding(F.OVER, on=dt.date(2025, 12, 18))


def test_another_shop_is_told_where_it_is_used():
    assert finding(shops={CINEMA: "3 号影城"}) == Finding(F.OTHER_SHOP, shops=("3 号影城",))


def test_what_was_used_is_told_before_all_else():
    used = Use(at("18 12:03"), "1 号面馆", here=True)
    found = finding("19 23:00", used=used, shops={}, terms=terms_of(dt.date(2025, 1, 1), dt.date(2025, 1, 2)))
    assert found == Finding(F.USED, at=at("18 12:03"), shops=("1 号面馆",), here=True)


@pytest.mark.parametrize(
    ("kind", "fault"),
    [(ClaimEndKind.CLOSED, F.STOPPED), (ClaimEndKind.WITHDRAWN, F.WITHDRAWN), (ClaimEndKind.EXPIRED, F.OVER)],
)
def test_what_has_ended_says_how_and_since_when(kind: ClaimEndKind, fault: ScanFault):
    found = finding(ended=End(kind, at("10 09:00"), "钱用完了"))
    assert found == Finding(fault, at=at("10 09:00"), on=dt.date(2026, 1, 15), words="钱用完了")


@given(
    st.sampled_from(F), st.none() | st.datetimes().map(lambda t: t.replace(tzinfo=dt.UTC)), st.none() | st.dates(),
    st.lists(st.text()), st.booleans(), st.integers(0, 999), st.text(),
)  # fmt: skip
def test_what_is_kept_of_a_finding_reads_as_it_was(fault, when, on, shops, here, minutes, said):
    found = Finding(fault, when, on, tuple(shops), here, minutes, None, said)
    assert Finding.kept(fault, json.loads(json.dumps(found.facts)), None) == found


def test_only_what_may_be_tried_again_is_amber():
    assert {fault for fault in F if Finding(fault).amber} == AMBER == {F.CLOCK, F.SHOP_CLOCK}


TIMES = st.datetimes(dt.datetime(2025, 11, 20), dt.datetime(2026, 2, 1)).map(lambda t: t.replace(tzinfo=SHANGHAI))
HOURS = st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda h: h[0] < h[1]), max_size=3)


@given(TIMES, st.frozensets(st.integers(0, 6), min_size=1), HOURS)
def test_what_is_told_to_come_next_is_taken_then_and_nothing_before_it(now, weekdays, hours):
    terms = terms_of(TERMS.use_from_on, TERMS.use_until_on, weekdays, hours)
    facts: dict[str, Any] = {"terms": terms, "shops": SHOPS, "shop": NOODLES, "used": None, "ended": None}
    found = voucher_finding(**facts, at=now)
    local = now.astimezone(SHANGHAI)
    inside = not hours or any(a <= local.hour * 60 + local.minute < b for a, b in hours)
    right = TERMS.use_from_on <= day_of(now) < TERMS.use_until_on and local.weekday() in weekdays and inside
    assert (found is None) is right
    if found is not None and found.at is not None:
        assert found.at >= now
        assert voucher_finding(**facts, at=found.at) is None
        minute = dt.timedelta(minutes=1)
        assert voucher_finding(**facts, at=found.at - minute) is not None or found.at - minute < now


# -- taking back -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("when", "may"), [("18 12:17:59", True), ("18 12:18", False)])
def test_a_till_takes_back_within_fifteen_minutes(when: str, may: bool):
    facts: dict[str, Any] = {"redeemed_at": at("18 12:03"), "is_reversed": False, "same_till": True}
    assert allows(check_reversal_by_till, **facts, at=at(when)) is may


def test_a_till_takes_back_only_its_own_and_once():
    facts: dict[str, Any] = {"redeemed_at": at("18 12:03"), "at": at("18 12:04")}
    assert "另一台" in str(refusal_of(check_reversal_by_till, **facts, is_reversed=False, same_till=False))
    assert "已经撤销过" in str(refusal_of(check_reversal_by_till, **facts, is_reversed=True, same_till=True))


def test_an_office_takes_back_later_once_and_for_a_reason():
    assert check_reversal_by_office(is_reversed=False, reason=" 收错了 ") == "收错了"
    assert not allows(check_reversal_by_office, is_reversed=False, reason=" ")
    assert not allows(check_reversal_by_office, is_reversed=True, reason="收错了")


# -- offline -----------------------------------------------------------------------------------------------------------

SCAN = {"nonce": "abcd-1234", "number": "00003071", "code": "482913", "at_ms": 1_766_030_580_000}


def test_a_queue_is_read_and_the_same_twice_is_once():
    assert read_queue(json.dumps([SCAN, SCAN])) == [Queued("abcd-1234", "00003071", "482913", 1_766_030_580_000)]
    assert len({scan.content for scan in read_queue(json.dumps([SCAN, SCAN | {"code": "482914"}]))}) == 2
    assert read_queue(json.dumps([SCAN | {"bill_fen": 8_800}]))[0].bill_fen == 8_800


@pytest.mark.parametrize(
    "row",
    [
        {}, None, 7, [], SCAN | {"nonce": "a"}, SCAN | {"nonce": "a b c d e f"}, SCAN | {"number": "3071"},
        SCAN | {"number": 3071}, SCAN | {"code": "48291"}, SCAN | {"code": "４８２９１３"}, SCAN | {"at_ms": "1"},
        SCAN | {"at_ms": -1}, SCAN | {"at_ms": True}, SCAN | {"at_ms": 1.5}, SCAN | {"at_ms": 10**30},
        SCAN | {"number": "00003071\n"}, SCAN | {"bill_fen": 0}, SCAN | {"bill_fen": "100"}, SCAN | {"bill_fen": True},
    ],
)  # fmt: skip
def test_a_row_that_no_till_writes_refuses_the_whole_queue(row: Any):
    with pytest.raises(Refused, match="第 2 张"):
        read_queue(json.dumps([SCAN, row]))


@pytest.mark.parametrize("text", ["", "{", "{}", "null", '"a"', "[" * 100_000, "1e999"])
def test_what_is_no_list_is_refused_in_words(text: str):
    with pytest.raises(Refused, match="读不懂"):
        read_queue(text)


def test_ten_thousand_queued_scans_are_refused_whole():
    with pytest.raises(Refused, match=r"一次最多送 200 张，这次有 10000 张"):
        read_queue(json.dumps([SCAN] * 10_000))
    assert len(read_queue(json.dumps([SCAN] * QUEUE_MOST))) == 1


@given(st.integers(-(2**40), 2**40), TIMES, st.integers(0, 3_600_000))
def test_a_wrong_clock_is_put_right(ahead_ms, now, waited_ms):
    now = now.astimezone(dt.UTC)
    truly = now - dt.timedelta(milliseconds=waited_ms)
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    sent_ms = (now - epoch) // dt.timedelta(milliseconds=1) + ahead_ms
    noted_ms = (truly - epoch) // dt.timedelta(milliseconds=1) + ahead_ms
    found = noted_at(Queued("n", "1", "2", noted_ms), ahead=clock_ahead(sent_ms, now=now))
    assert abs(found - truly) <= dt.timedelta(milliseconds=2)


def test_when_a_scan_was_noted_has_to_be_believable():
    facts: dict[str, Any] = {"ahead": dt.timedelta(0), "opened_at": at("10 08:00"), "now": at("18 12:00")}
    assert queue_finding(at("18 11:00"), **facts) is None
    assert queue_finding(at("18 12:00") - OFFLINE_LIFE, **facts) is None
    assert queue_finding(at("16 11:59:59"), **facts) == Finding(F.TOO_LATE, at=at("16 11:59:59"))
    assert queue_finding(at("18 12:02:01"), **facts) == Finding(F.SHOP_CLOCK, at=at("18 12:02:01"))
    assert queue_finding(at("18 11:00"), **facts | {"opened_at": at("18 11:30")}) is not None
    off = facts | {"ahead": CLOCK_MOST + dt.timedelta(minutes=1)}
    assert queue_finding(at("18 11:00"), **off) == Finding(F.SHOP_CLOCK, at=at("18 11:00"), minutes=721)


@pytest.mark.parametrize(
    ("noted", "fen", "dearest", "left"),
    [
        (0, 0, 1_800, 20),
        (3, 5_400, 1_800, 17),
        (15, 45_500, 1_800, 2),
        (20, 0, 0, 0),
        (2, 50_000, 1_800, 0),
        (0, 0, 0, 20),
    ],
)
def test_a_till_notes_so_many_and_so_much(noted: int, fen: int, dearest: int, left: int):
    assert left_offline(noted=noted, noted_fen=fen, dearest_fen=dearest) == left <= OFFLINE_MOST


@pytest.mark.parametrize(
    ("known", "free", "may"),
    [
        (True, True, {ConflictState.REDEEMED, ConflictState.DECLINED}),
        (True, False, {ConflictState.PAID, ConflictState.DECLINED}),
        (False, False, {ConflictState.DECLINED}),
    ],
)
def test_a_conflict_is_taken_where_its_voucher_is_free_paid_where_it_is_not_and_may_be_declined(known, free, may):
    conflict = Conflict(ConflictState.OPEN, known=known, free=free)
    assert {to for to in ConflictState if allows(check_decision, conflict=conflict, to=to, reason="看过")} == may


def test_a_conflict_is_decided_once_and_for_a_reason():
    decided = Conflict(ConflictState.DECLINED, known=True, free=True)
    assert not allows(check_decision, conflict=decided, to=ConflictState.REDEEMED, reason="看过")
    fresh = Conflict(ConflictState.OPEN, known=True, free=True)
    assert not allows(check_decision, conflict=fresh, to=ConflictState.REDEEMED, reason=" ")


# -- what stands out, and links ---- -------------------------------------------------------------------------------------


def test_an_hour_stands_out_at_more_than_three_times_the_middle_one():
    calm = [(NOODLES, at(f"{day} 12:{m:02}")) for day in (15, 16, 17) for m in range(4)]
    rush = [(NOODLES, at(f"18 12:{m:02}")) for m in range(13)]
    (found,) = outstanding_hours([*calm, *rush])
    assert (found.shop, found.begins_at, found.taken, found.usual) == (NOODLES, at("18 12:00"), 13, 4)
    assert outstanding_hours([*calm, *rush[:12]]) == []
    assert outstanding_hours([(CINEMA, when) for _shop, when in rush]) == []  # its only hour is its usual one


def test_a_link_opens_once_in_time_and_not_after_a_later_one():
    facts: dict[str, Any] = {"until_at": at("18 12:00"), "used_at": None, "ended_at": None, "at": at("18 11:59:59")}
    assert allows(check_link, **facts)
    assert not allows(check_link, **facts | {"at": at("18 12:00")})
    assert not allows(check_link, **facts | {"used_at": at("18 11:00")})
    assert not allows(check_link, **facts | {"ended_at": at("18 11:00")})


def test_a_till_that_was_ended_is_refused():
    assert allows(check_open, ended_at=None)
    assert not allows(check_open, ended_at=at("18 12:00"))
