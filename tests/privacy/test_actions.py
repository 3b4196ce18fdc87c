"""A copy of what is held on a person is handed out with a line on the trail."""

from __future__ import annotations

import pytest

from hege.kernel.refused import Refused
from hege.privacy.actions import hand_copy, take_copy
from hege.trail.models import TrailLine
from tests.cast import NOW, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_who_takes_their_copy_stands_on_the_trail_of_their_street(cast: Cast):
    held = take_copy(cast.clerk, by=cast.clerk, at=NOW)
    line = TrailLine.objects.get(verb="take_copy")
    assert (line.street, line.by, line.thing_id) == (cast.street, cast.clerk, str(cast.clerk.pk))
    assert line.data["rows"] == sum(len(one.rows) for one in held) > 1


def test_a_party_is_handed_its_copy_for_a_reason_that_stands_on_the_trail(cast: Cast):
    held = hand_copy(cast.agent_party, reason="本人持身份证来窗口", by=None, at=NOW)
    line = TrailLine.objects.get(verb="hand_copy")
    assert (line.thing_id, line.data["reason"]) == (str(cast.agent_party.pk), "本人持身份证来窗口")
    assert line.data["rows"] == sum(len(one.rows) for one in held) > 1


def test_without_a_reason_nobody_is_handed_what_is_held_on_a_party(cast: Cast):
    with pytest.raises(Refused):
        hand_copy(cast.agent_party, reason=" ", by=None, at=NOW)
    assert not TrailLine.objects.filter(verb="hand_copy").exists()
