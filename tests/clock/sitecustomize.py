"""The test clock of every process of a run: Wednesday noon in Shanghai, or noon of FAKE_DAY, and ticking from there.

tests/conftest.py runs this file before it collects, and puts its folder on PYTHONPATH: Python reads a module of this
name when it starts, so the commands and servers that tests start stand at the same instant as the run. Nothing under
hege/ knows of it, and an installation without the tests has no such folder.
"""

import datetime as dt
import os
import time

AHEAD = "FAKE_CLOCK_AHEAD"  # seconds before real time; what the first process of a run decides holds for all others
DAY = "2026-11-25"


def start() -> None:
    """Move this process to the day of the run and write down for others how far that is."""
    import time_machine

    if AHEAD not in os.environ:
        noon = dt.datetime.fromisoformat(f"{os.environ.get('FAKE_DAY') or DAY}T12:00+08:00").timestamp()
        os.environ[AHEAD] = repr(noon - time.time())
    time_machine.travel(time.time() + float(os.environ[AHEAD]), tick=True).start()


start()
