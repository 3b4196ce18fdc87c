"""The test clock: every process of a run stands at one instant."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys

import pytest
import time_machine

from hege.kernel import clock
from tests.template import Databases


def test_a_run_stands_on_its_day():
    assert clock.today().isoformat() == (os.environ.get("FAKE_DAY") or "2026-11-25")
    assert 12 <= clock.now().astimezone(clock.SHANGHAI).hour < 16


def test_a_process_that_a_test_starts_stands_at_the_same_instant():
    ask = "from hege.kernel import clock; print(clock.now().timestamp())"
    started = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert abs(float(started.stdout) - clock.now().timestamp()) < 60


@pytest.mark.django_db(transaction=True)
def test_a_street_is_found_at_the_instant_it_was_played_however_long_ago():
    streets = Databases.of_this_process
    with streets.standing("nothing", clock.now) as (played, _rows):
        pass
    with time_machine.travel(played + dt.timedelta(hours=5)):
        with streets.standing("nothing", clock.now) as (again, _rows):
            assert again == played
            assert clock.now() - played < dt.timedelta(minutes=1)
        assert clock.now() - played >= dt.timedelta(hours=5)
