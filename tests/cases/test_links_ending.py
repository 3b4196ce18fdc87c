"""A link for an outsider that ends unanswered is told of before, once; how many days before is the street's to say."""

from __future__ import annotations

import pytest

from hege.arrears.actions import set_threshold
from hege.arrears.rules import ThresholdKind
from hege.cases.tasks.actions import answer_by_link, make_link
from hege.outbox.models import Message
from hege.outbox.rules import Event
from hege.procedures.actions import keep_watch
from tests.cases.conftest import AT, Desk, days_later

pytestmark = pytest.mark.once


@pytest.mark.both
def test_who_made_a_link_is_told_before_it_ends_unanswered_and_once(desk: Desk):
    cast, tasks = desk.cast, [desk.task(party=desk.cast.utility) for _n in range(2)]
    make_link(tasks[0], days=7, by=cast.grid_worker, at=AT)
    _link, token = make_link(tasks[1], days=7, by=cast.grid_worker, at=AT)
    answer_by_link(token, answer="好了。", by=None, at=AT)
    told = Message.objects.filter(event=Event.LINK_ENDING)

    def watch(day: int) -> None:
        keep_watch(desk.street, on=days_later(day).date(), by=None, at=days_later(day))

    watch(4)
    assert not told.exists()
    for _time in range(2):
        watch(5)
    watch(6)
    assert {(m.user, m.about_id, m.said_day) for m in told} == {
        (user, str(tasks[0].pk), "2026-03-09") for user in (cast.grid_worker, cast.coordinator)
    }
    assert told.count() == 2


def test_how_many_days_before_is_a_value_of_the_street(desk: Desk):
    kind = ThresholdKind.LINK_ENDING_DAYS
    set_threshold(
        desk.street, kind=kind, value=5, from_on=AT.date(), source="外单位回得慢", by=desk.cast.administrator, at=AT
    )
    make_link(desk.task(party=desk.cast.utility), days=7, by=desk.cast.grid_worker, at=AT)
    keep_watch(desk.street, on=days_later(2).date(), by=None, at=days_later(2))
    assert Message.objects.filter(event=Event.LINK_ENDING).count() == 2
