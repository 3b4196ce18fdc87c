"""In by the code on the wall and out again, what did not count, what becomes of it once it is over."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, models
from django.db.transaction import atomic

from hege.kernel.refused import Refused
from hege.programme.activities import actions, queries
from hege.programme.activities.models import HandEntry, Scan, Signup, Strike
from hege.programme.activities.rules import EntryState, How, Presence, ScanResult, SignupState
from hege.trail.models import TrailLine
from tests.cast import first_broken
from tests.programme.activities.evening import BEFORE, END, Evening, another, at, make_evening

P, S = Presence, SignupState
CLOSED = END + dt.timedelta(minutes=30)


def close(evening: Evening, when: dt.datetime = CLOSED) -> int:
    return actions.close_attendances(evening.street, by=None, at=when)


def presences(evening: Evening) -> dict[int, tuple[str, int]]:
    numbers = {member.pk: n for n, member in enumerate(evening.members)}
    rows = Signup.objects.filter(activity=evening.activity)
    return {numbers[row.member_id]: (row.presence, row.minutes) for row in rows}


def test_in_and_out_by_the_code_on_the_wall(evening: Evening):
    evening.sign_up(0)
    came = evening.check_in(0, when=at(18, 47))
    assert (came.how, came.result) == (How.CODE, ScanResult.COUNTED)
    evening.check_out(0, when=at(20, 31))
    assert close(evening) == 1
    assert presences(evening) == {0: (P.ATTENDED, 104)}
    assert queries.minutes_of(evening.activity) == [
        (evening.members[0].pk, 104, f"signup:{evening.signup(0).pk}"),
    ]  # fmt: skip
    assert first_broken(evening.street) is None


def test_a_scan_that_does_not_count_is_kept_with_its_reason(evening: Evening):
    evening.sign_up(0)
    old = evening.code(at(18, 50))
    with pytest.raises(Refused, match="过期"):
        evening.check_in(0, when=at(18, 52), code=old)
    with pytest.raises(Refused, match="不是这场"):
        evening.check_in(0, when=at(18, 52), code="x" * 10)
    with pytest.raises(Refused, match="18:30 起可以签"):
        evening.check_in(0, when=at(18, 29))
    with pytest.raises(Refused, match="没有报上"):
        evening.check_in(1, when=at(18, 52))
    evening.check_in(0, when=at(18, 53))
    with pytest.raises(Refused, match="18:53 签的"):
        evening.check_in(0, when=at(18, 54))
    assert list(Scan.objects.order_by("pk").values_list("result", flat=True)) == [
        ScanResult.OLD_CODE, ScanResult.WRONG_CODE, ScanResult.TOO_EARLY, ScanResult.NO_PLACE, ScanResult.COUNTED,
        ScanResult.ALREADY_IN,
    ]  # fmt: skip
    assert first_broken(evening.street) is None


def test_of_too_many_wrong_scans_nothing_more_is_kept(evening: Evening):
    evening.sign_up(0)
    for _n in range(queries.MOST_WRONG_SCANS + 3):
        with pytest.raises(Refused):
            evening.check_in(0, when=at(18, 52), code="x" * 10)
    assert Scan.objects.count() == queries.MOST_WRONG_SCANS
    assert evening.check_in(0, when=at(18, 53)).result == ScanResult.COUNTED


def test_who_opened_the_page_in_time_may_press_a_little_later(evening: Evening):
    evening.sign_up(0)
    opened = at(18, 50)
    with pytest.raises(Refused, match="过期"):
        evening.check_in(0, when=at(18, 56), code=evening.code(opened), opened_at=opened)
    evening.check_in(0, when=at(18, 54), code=evening.code(opened), opened_at=opened)
    with pytest.raises(Refused, match="过期"):
        evening.check_in(0, when=at(18, 50), code=evening.code(opened - dt.timedelta(minutes=2)), opened_at=at(18, 51))


def test_where_nobody_signs_up_whoever_comes_is_there(evening: Evening):
    open_house = another(evening, capacity=None)
    open_house.check_in(0, when=at(19, 40))
    open_house.check_out(0, when=at(20, 0))
    assert open_house.now.taken == 0
    close(open_house)
    assert presences(open_house) == {0: (P.ATTENDED, 20)}
    assert Strike.objects.count() == 0


def test_staff_gives_a_free_place_on_the_spot_and_not_more(evening: Evening):
    staff: dict[str, Any] = {"by": evening.staff, "at": at(19, 15)}
    for n, party in ((0, 3), (1, 1), (2, 2)):
        evening.sign_up(n, party)
    assert evening.states()[2] == S.WAITING
    with pytest.raises(Refused, match="没有报上"):
        actions.staff_check_in(evening.activity, member=evening.members[2], **staff)
    scan = actions.staff_check_in(evening.activity, member=evening.members[3], **staff)
    assert (scan.how, scan.by, evening.now.taken) == (How.STAFF, evening.staff, 5)
    with pytest.raises(Refused, match="没有报上"):
        actions.staff_check_in(evening.activity, member=evening.members[4], **staff)
    close(evening)
    assert presences(evening)[3] == (P.ATTENDED, 0)  # the place was theirs only then
    assert presences(evening)[2] == ("", 0)


def test_who_had_a_place_and_did_not_come_in_time_gets_a_strike_and_nobody_else(evening: Evening):
    for n in range(7):
        evening.sign_up(n)
    actions.cancel_signup(evening.signup(4), by=None, at=BEFORE)
    actions.lapse_offers(evening.street, by=None, at=BEFORE + dt.timedelta(hours=12))
    assert evening.states()[5] == S.LAPSED
    actions.cancel_signup(evening.signup(6), by=None, at=at(14))
    evening.check_in(0, when=at(19, 10))
    evening.check_in(1, when=at(19, 11))
    actions.excuse(evening.signup(2), reason="车坏了", by=evening.staff, at=at(19, 20))
    assert close(evening, CLOSED - dt.timedelta(seconds=1)) == 0
    assert close(evening) == 1
    assert presences(evening) == {
        0: (P.ATTENDED, 0), 1: (P.LATE, 0), 2: (P.EXCUSED, 0), 3: (P.ABSENT, 0), 4: ("", 0), 5: ("", 0), 6: ("", 0),
    }  # fmt: skip
    strikes = {strike.member_id: strike.weight for strike in Strike.objects.all()}
    assert strikes == {evening.members[1].pk: 1, evening.members[3].pk: 2}
    f = evening.figures()
    assert (f.attended, f.late, f.absent, f.excused, f.given_up) == (1, 1, 1, 1, 3)
    lines = TrailLine.objects.count()
    assert close(evening) == 0
    assert (TrailLine.objects.count(), Strike.objects.count()) == (lines, 2)
    assert first_broken(evening.street) is None


@pytest.fixture
def struck(evening: Evening) -> Strike:
    """A strike for not coming."""
    evening.sign_up(0)
    close(evening)
    return Strike.objects.select_related("street", "member", "signup").get()


def test_a_strike_puts_the_next_sign_up_off_until_it_expires(evening: Evening, struck: Strike):
    opens = at(12, day=19)
    later = {"starts_at": at(19, day=25), "ends_at": at(20, day=25)}
    following = another(evening, **later, signup_opens_at=opens)
    with pytest.raises(Refused, match="2025-12-20 00:00 起可以报"):
        following.sign_up(0, when=opens)
    assert following.sign_up(1, when=opens).state == S.CONFIRMED
    assert following.sign_up(0, when=opens + dt.timedelta(hours=12)).state == S.CONFIRMED
    assert (struck.weight, struck.expires_on) == (2, dt.date(2026, 2, 16))
    assert queries.weight_of(evening.members[0], on=dt.date(2026, 2, 15)) == 2
    assert queries.weight_of(evening.members[0], on=dt.date(2026, 2, 16)) == 0


def test_a_strike_is_lifted_for_a_reason_and_counts_no_more(evening: Evening, struck: Strike):
    with pytest.raises(Refused) as no:
        actions.lift_strike(struck, reason=" ", by=evening.cast.coordinator, at=CLOSED)
    assert no.value.field == "reason"
    lifted = actions.lift_strike(struck, reason="当时在帮忙送人去医院", by=evening.cast.coordinator, at=CLOSED)
    assert lifted.lifted_by == evening.cast.coordinator
    assert queries.weight_of(evening.members[0], on=dt.date(2025, 12, 19)) == 0
    with pytest.raises(Refused, match="已经撤销"):
        actions.lift_strike(struck, reason="再来", by=evening.cast.coordinator, at=CLOSED)


def test_who_is_excused_afterwards_loses_the_strike(evening: Evening, struck: Strike):
    actions.excuse(evening.signup(0), reason="发烧，有病历", by=evening.staff, at=CLOSED)
    struck.refresh_from_db()
    assert (struck.reason, evening.signup(0).presence) == ("发烧，有病历", P.EXCUSED)
    with pytest.raises(Refused, match="已经请过假"):
        actions.excuse(evening.signup(0), reason="再来", by=evening.staff, at=CLOSED)


def test_who_is_excused_before_the_start_gives_the_place_on(evening: Evening):
    for n, party in ((0, 3), (1, 2), (2, 2)):
        evening.sign_up(n, party)
    actions.excuse(evening.signup(1), reason="来电话说有单", by=evening.staff, at=BEFORE)
    assert evening.states() == {0: S.CONFIRMED, 1: S.CANCELLED, 2: S.OFFERED}
    again = evening.sign_up(1, 1)
    assert (again.presence, again.words) == ("", "")


def test_who_came_is_not_excused(evening: Evening):
    evening.sign_up(0)
    evening.check_in(0, when=at(18, 50))
    with pytest.raises(Refused, match="已经到了"):
        actions.excuse(evening.signup(0), reason="错的", by=evening.staff, at=at(19, 30))


def test_minutes_by_hand_count_once_another_has_agreed(evening: Evening, struck: Strike):
    entered = actions.enter_by_hand(
        evening.activity, member=evening.members[0], minutes=60, reason="手机没电", by=evening.staff, at=CLOSED
    )
    assert queries.minutes_of(evening.activity) == []
    with pytest.raises(Refused, match="录的人自己"):
        actions.agree_entry(entered, by=evening.staff, at=CLOSED)
    with pytest.raises(Refused, match="已经补录过"):
        actions.enter_by_hand(
            evening.activity, member=evening.members[0], minutes=10, reason="再来", by=evening.staff, at=CLOSED
        )
    actions.agree_entry(entered, by=evening.cast.coordinator, at=CLOSED)
    assert queries.minutes_of(evening.activity) == [(evening.members[0].pk, 60, f"hand_entry:{entered.pk}")]
    assert (evening.signup(0).presence, evening.figures().by_hand) == (P.ATTENDED, 1)
    struck.refresh_from_db()
    assert struck.lifted_by == evening.cast.coordinator
    with pytest.raises(Refused, match="已经有人答复"):
        actions.refuse_entry(entered, reason="不对", by=evening.cast.coordinator, at=CLOSED)
    assert first_broken(evening.street) is None


def test_minutes_by_hand_that_are_refused_may_be_entered_anew(evening: Evening):
    said: dict[str, Any] = {"member": evening.members[0], "reason": "忘了签退", "by": evening.staff, "at": CLOSED}
    entered = actions.enter_by_hand(evening.activity, minutes=90, **said)
    actions.refuse_entry(entered, reason="他九点前走了", by=evening.cast.coordinator, at=CLOSED)
    assert evening.figures().by_hand == 0
    actions.enter_by_hand(evening.activity, minutes=70, **said)
    assert list(HandEntry.objects.order_by("pk").values_list("minutes", "state")) == [
        (90, EntryState.REFUSED), (70, EntryState.WAITING),
    ]  # fmt: skip


def test_the_table_holds_no_entry_that_its_writer_agreed_to(evening: Evening):
    entered = actions.enter_by_hand(
        evening.activity, member=evening.members[0], minutes=60, reason="手机没电", by=evening.staff, at=CLOSED
    )
    rows: models.QuerySet[HandEntry] = models.QuerySet(HandEntry).filter(pk=entered.pk)
    for wrong in ({"state": "agreed"}, {"state": "agreed", "agreed_by": evening.staff}, {"minutes": 0}):
        with pytest.raises(IntegrityError), atomic():
            rows.update(**wrong)


def test_members_of_another_street_come_to_nothing(evening: Evening, other_cast):
    foreign = make_evening(other_cast, members=1)
    for act in (
        lambda: actions.sign_up(evening.activity, member=foreign.members[0], by=None, at=BEFORE),
        lambda: actions.staff_check_in(evening.activity, member=foreign.members[0], by=evening.staff, at=at(19)),
        lambda: actions.enter_by_hand(
            evening.activity, member=foreign.members[0], minutes=1, reason="x", by=evening.staff, at=CLOSED
        ),
    ):
        with pytest.raises(ValueError, match="another street"):
            act()
