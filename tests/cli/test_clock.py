"""`hege clock` says whether the clock is behind the trail, and lets an administrator go on after one that ran ahead."""

from __future__ import annotations

import datetime as dt
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from hege.kernel import clock
from hege.trail.actions import record
from hege.trail.models import TrailLine
from tests.cast import NOW, Cast


def test_after_a_clock_that_ran_ahead_an_administrator_goes_on_by_command(cast: Cast):
    right = clock.now()
    with time_machine.travel(right + dt.timedelta(days=3)):
        record("try", cast.street, street=cast.street, by=None, at=NOW)
    with time_machine.travel(right):
        with pytest.raises(CommandError, match="hege clock --accept"):
            call_command("clock")
        with pytest.raises(CommandError, match="--by"):
            call_command("clock", "--accept", "--reason", "时钟走快了")
        call_command(
            "clock", "--accept", "--reason", "时钟走快了", "--by", cast.administrator.username, stdout=StringIO()
        )
        out = StringIO()
        call_command("clock", stdout=out)
    assert "没有落在留痕后面" in out.getvalue()
    line = TrailLine.objects.filter(street=cast.street).latest("seq")
    assert (line.verb, line.by, line.data["reason"]) == ("accept_clock", cast.administrator, "时钟走快了")
