"""The daily watch by itself: looked for every half minute, kept once a day by whoever is first."""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from hege.arrears.queries import streets_to_watch
from hege.installation.actions import sweep
from hege.installation.trail_export import export_trail
from hege.kernel.clock import SHANGHAI, day_of
from hege.kernel.refused import Refused
from hege.procedures.actions import keep_days_watch
from hege.trail.models import UpkeepKind
from hege.trail.queries import has_run

EVERY_SECONDS = 30
WATCH = [sys.executable, "-m", "hege.cli.main", "daily", "--watch"]
BESIDE = "HEGE_WATCH_BESIDE"  # the process the watch ends with
logger = logging.getLogger("hege.watch")


def watch_over(*, now: Callable[[], dt.datetime], wait: Callable[[int], bool], since: dt.time) -> None:
    """Keep each day's watch from a time of day on, and at once where today's was not kept when we began; until ``wait``
    answers that we are to stop.
    """
    begun = True
    while True:
        at = now()
        if begun or at.astimezone(SHANGHAI).time() >= since:
            begun = not keep_what_is_due(at)
        if wait(EVERY_SECONDS):
            return


def keep_what_is_due(at: dt.datetime) -> bool:
    """Keep the day's watch of every street where nobody has; a street in trouble is tried again the next time. And let go
    of what has served its time, and send the trail's new lines to the second place, once a day.

    Answers whether all went well.
    """
    well = True
    try:
        for street in streets_to_watch(at):
            try:
                keep_days_watch(street, by=None, at=at)
            except (DatabaseError, Refused) as trouble:
                well = False
                logger.warning("%s: %s", street.code, trouble)
        if not has_run(UpkeepKind.SWEEP, on=day_of(at)):
            sweep(by=None, at=at)
        if settings.TRAIL_EXPORT_TO and not has_run(UpkeepKind.EXPORT, on=day_of(at)):
            export_trail(Path(settings.TRAIL_EXPORT_TO), by=None, at=at)
    except (DatabaseError, Refused) as trouble:
        well = False
        logger.warning("%s", trouble)
    return well


def told_to_stop() -> Callable[[int], bool]:
    """A ``wait`` for ``watch_over``: true when we are told to stop, or when the server that started us is gone, be it
    while we were still starting.
    """
    parent, stop = int(os.environ.get(BESIDE, os.getppid())), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())

    def wait(seconds: int) -> bool:
        close_old_connections()
        return any(stop.wait(1) or os.getppid() != parent for _second in range(seconds))

    return wait


def start_beside() -> None:
    """Start the watch as a process beside the site; it ends with the process that starts it."""
    subprocess.Popen(WATCH, stdin=subprocess.DEVNULL, env={**os.environ, BESIDE: str(os.getpid())})


def go_on_as_watch(site: int) -> NoReturn:
    """This process, which the site's process started, is from now on the watch beside it."""
    os.execve(sys.executable, WATCH, {**os.environ, BESIDE: str(site)})  # noqa: S606 - no shell, our own arguments
