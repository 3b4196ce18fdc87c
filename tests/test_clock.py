"""The test clock: every process of a run stands at one instant."""

from __future__ import annotations

import os
import subprocess
import sys

from hege.kernel import clock


def test_a_run_stands_on_its_day():
    assert clock.today().isoformat() == (os.environ.get("FAKE_DAY") or "2026-11-25")
    assert 12 <= clock.now().astimezone(clock.SHANGHAI).hour < 16


def test_a_process_that_a_test_starts_stands_at_the_same_instant():
    ask = "from hege.kernel import clock; print(clock.now().timestamp())"
    started = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert abs(float(started.stdout) - clock.now().timestamp()) < 60
