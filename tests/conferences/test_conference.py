"""Calling, holding and minuting a joint conference."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.cases.queries import timeline
from hege.cases.rules import LineKind
from hege.conferences import actions as conferences
from hege.conferences.models import Minutes
from hege.conferences.queries import (
    attendance_of,
    conferences_of,
    minutes_of,
    signed_heads,
    the_conference,
)
from hege.conferences.rules import NEXT_CONFERENCE, ConferenceState, check_held_on, minutes_digest
from hege.kernel.mutability import Immutable
from hege.kernel.refused import Refused
from hege.people.models import Party
from hege.trail import queries as trail
from hege.trail.models import TrailHead, TrailLine
from tests.cast import Cast
from tests.conferences.conftest import AT, ON, Table
from tests.integrity.tampering import tamper

pytestmark = pytest.mark.once

State = ConferenceState
MOVES = {"called": "held cancelled", "held": "minuted", "minuted": "", "cancelled": ""}


@pytest.mark.parametrize("state", State)
def test_a_conference_moves_as_the_table_says(state: State):
    assert {to.value for to in NEXT_CONFERENCE[state]} == set(MOVES[state.value].split())


@pytest.mark.both
def test_rounds_count_per_case(table: Table):
    rounds = [table.conference(State.MINUTED).round for _more in range(3)]
    assert rounds == [1, 2, 3]
    assert [c.round for c in conferences_of(table.case)] == [3, 2, 1]


def test_a_conference_is_not_called_for_yesterday(table: Table):
    with pytest.raises(Refused) as refusal:
        conferences.call_conference(table.case, meets_on=ON - dt.timedelta(days=1), by=None, at=AT)
    assert refusal.value.field == "meets_on"


def test_those_invited_are_written_down_with_the_instant(table: Table):
    called = table.conference()
    assert [(a.party, a.invited_at, a.attended) for a in attendance_of(called)] == [
        (party, AT, None) for party in table.parties
    ]


def test_more_are_invited_until_it_is_held(table: Table):
    police = Party.objects.create(street=table.cast.street, kind="organisation", name="派出所", inside=True)
    called = conferences.invite_parties(table.conference(), parties=[police, table.cast.office], by=None, at=AT)
    assert attendance_of(called).count() == 4
    with pytest.raises(Refused) as refusal:
        conferences.invite_parties(called, parties=[], by=None, at=AT)
    assert refusal.value.field == "parties"
    with pytest.raises(Refused, match="召开之前"):
        conferences.invite_parties(table.conference(State.HELD), parties=[police], by=None, at=AT)


def test_who_came_who_stayed_away_and_who_came_uninvited(table: Table):
    lawyer = Party.objects.create(street=table.cast.street, kind="organisation", name="律师事务所")
    held = conferences.record_meeting(
        table.conference(), held_on=ON, attended=[(table.cast.office, "王科长"), (lawyer, "赵律师")], by=None, at=AT
    )
    rows = [(a.party.name, a.attended, a.delegate, a.invited_at is None) for a in attendance_of(held)]
    assert rows == [
        ("城建中心", True, "王科长", False),
        ("水务公司", False, "", False),
        ("二房东", False, "", False),
        ("律师事务所", True, "赵律师", True),
    ]


@pytest.mark.parametrize("held_on", [ON - dt.timedelta(days=1), ON + dt.timedelta(days=1)])
def test_a_conference_is_held_after_its_call_and_not_in_the_future(table: Table, held_on: dt.date):
    with pytest.raises(Refused) as refusal:
        conferences.record_meeting(
            table.conference(),
            held_on=held_on,
            attended=[(table.cast.office, ""), (table.cast.utility, "")],
            by=None,
            at=AT,
        )
    assert refusal.value.field == "held_on"


def test_the_day_of_the_call_is_a_day_to_hold_it():
    day = dt.date(2026, 2, 28)
    check_held_on(day, called_on=day, today=day)
    with pytest.raises(Refused):
        check_held_on(day, called_on=dt.date(2026, 3, 1), today=dt.date(2026, 3, 1))


def test_one_party_alone_is_no_joint_conference(table: Table):
    with pytest.raises(Refused, match="不足两家"):
        conferences.record_meeting(table.conference(), held_on=ON, attended=[(table.cast.office, "")], by=None, at=AT)


def test_a_party_of_another_street_does_not_sit_at_the_table(table: Table, other_cast: Cast):
    with pytest.raises(ValueError, match="another street"):
        conferences.invite_parties(table.conference(), parties=[other_cast.office], by=None, at=AT)
    with pytest.raises(ValueError, match="another street"):
        conferences.record_meeting(
            table.conference(), held_on=ON, attended=[(other_cast.office, ""), (table.cast.office, "")], by=None, at=AT
        )


@pytest.mark.both
def test_a_cancelled_round_keeps_its_number_and_reason(table: Table):
    cancelled = table.conference(State.CANCELLED)
    assert (cancelled.round, cancelled.reason) == (1, "改期。")
    assert table.conference().round == 2
    with pytest.raises(Refused):
        conferences.cancel_conference(table.conference(), reason="", by=None, at=AT)
    with pytest.raises(Refused):
        conferences.cancel_conference(table.conference(State.HELD), reason="不算。", by=None, at=AT)


@pytest.mark.both
def test_no_conference_is_called_about_a_closed_case(table: Table):
    table.case.state = "closed"
    table.case.save(update_fields=["state"])
    with pytest.raises(Refused, match="已结案"):
        table.conference()


# -- minutes -----------------------------------------------------------------------------------------------------------


@pytest.mark.both
def test_minutes_freeze_text_decisions_and_attendance_under_a_hash(table: Table):
    held = table.conference(State.HELD)
    table.decision(conference=held)
    head = TrailHead.objects.get(street=table.cast.street)
    minutes = conferences.sign_minutes(held, text=" 各方意见一致。 ", by=table.cast.coordinator, at=AT)
    assert minutes.text == "各方意见一致。"
    assert minutes.decisions == [
        {
            "number": 1,
            "lead": "城建中心",
            "assisting": ["水务公司"],
            "measure": "提交一户一表方案",
            "due_on": "2026-03-09",
            "evidence_required": "方案文本",
        }
    ]
    assert [row["party"] for row in minutes.attendance if row["attended"]] == ["城建中心", "水务公司"]
    assert minutes.sha256 == minutes_digest(minutes.text, minutes.decisions, minutes.attendance)
    assert (minutes.trail_seq, minutes.trail_head) == (head.seq, head.hash)
    assert minutes_of(held) == minutes


def test_signed_minutes_are_a_witness_of_the_trail_before_them(table: Table):
    street = table.cast.street
    minutes = conferences.sign_minutes(table.conference(State.HELD), text="同意。", by=None, at=AT)
    assert trail.walk_chain(street, signed_heads(street)).faults == []
    last = TrailLine.objects.get(street=street, seq=minutes.trail_seq - 1)
    tamper("DELETE FROM trail_trailline WHERE seq > %s", last.seq)
    ends = {"seq": last.seq, "hash": last.hash, "key": last.key, "recorded_at": last.recorded_at}
    TrailHead.objects.filter(street=street).update(**ends)
    assert trail.walk_chain(street).faults == []
    (fault,) = trail.walk_chain(street, signed_heads(street)).faults
    assert f"minutes {table.case.number}-1 saw line {minutes.trail_seq}, and the chain ends at line {last.seq}" in fault


def test_the_hash_of_minutes_changes_with_a_word(table: Table):
    minutes = conferences.sign_minutes(table.conference(State.HELD), text="同意。", by=None, at=AT)
    assert minutes_digest("不同意。", minutes.decisions, minutes.attendance) != minutes.sha256


def test_signed_minutes_are_never_changed(table: Table):
    minutes = conferences.sign_minutes(table.conference(State.HELD), text="同意。", by=None, at=AT)
    minutes.text = "不同意。"
    with pytest.raises(Immutable):
        minutes.save()
    with pytest.raises(Immutable):
        Minutes.objects.filter(pk=minutes.pk).update(text="不同意。")


def test_minutes_are_signed_once_with_words_and_after_the_conference(table: Table):
    with pytest.raises(Refused):
        conferences.sign_minutes(table.conference(), text="还没开。", by=None, at=AT)
    with pytest.raises(Refused) as refusal:
        conferences.sign_minutes(table.conference(State.HELD), text="", by=None, at=AT)
    assert refusal.value.field == "text"
    with pytest.raises(Refused):
        conferences.sign_minutes(table.conference(State.MINUTED), text="再签。", by=None, at=AT)


# -- where it is seen --------------------------------------------------------------------------------------------------


def test_the_case_tells_of_its_conferences(table: Table):
    minuted = table.conference(State.MINUTED)
    lines = timeline(table.case, internal=False).filter(kind=LineKind.CONFERENCE)
    assert lines.count() == 3
    assert [line.verb for line in trail.of(minuted, street=table.cast.street)] == [
        "sign_minutes",
        "hold_conference",
        "call_conference",
    ]


@pytest.mark.both
def test_another_street_does_not_see_it(table: Table, other_cast: Cast):
    called = table.conference()
    assert the_conference(table.cast.street, called.public_id) == called
    assert the_conference(other_cast.street, called.public_id) is None
    assert the_conference(table.cast.street, called.public_id, paths=["JLT/"]) is None
