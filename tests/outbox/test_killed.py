"""A worker killed anywhere loses nothing and doubles nothing, but where nobody can know; that is said."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from hege.cli.work import Step
from tests.outbox.gateways import Handed, Reply, fake_gateway
from tests.template import migrated_file, postgres_database

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]

#: A street whose clerk wants to be told at a gateway: ``many`` messages of ``matters`` cases.
FILLED = """
import datetime as dt, json, os, random, signal, sys
import django
from django.conf import settings
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
django.setup()
from django.core.management import call_command
from django.db import connection
from hege.cli import work
from hege.outbox.actions import set_gateway, set_wish, tell
from hege.outbox.models import Message
from hege.outbox.rules import Channel, Event, Telling
from hege.trail.models import Upkeep
from tests.cast import NOW, make_cast, make_street

call_command("migrate", verbosity=0)
cast = make_cast(make_street())
set_gateway(cast.street, channel=Channel.WECOM, address=sys.argv[1], by=cast.administrator, at=NOW)
set_wish(cast.clerk, channels=[Channel.WECOM], phone="13812345678", by=cast.clerk, at=NOW)

def fill(many, matters):
    told = [Telling(Event.TASK_GIVEN, ("cases.task", n), f"2026-{n % matters}", to=[cast.clerk.pk]) for n in range(many)]
    tell(cast.street, told, at=NOW)

def killed_at(step, nth, do):
    # Let a process do something, and kill it when it comes to a step for the nth time; whether it came so far.
    connection.close()
    pid = os.fork()
    if not pid:
        left = [nth]
        def reached(here):
            left[0] -= here == step
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
        work.reached = reached
        try:
            do()
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(pid, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)
"""

KILLED_WHILE_SENDING = (
    FILLED
    + """
fill(120, 12)
at, kills, dice = NOW, {}, random.Random(7)
def send():
    work.send_what_is_due(me=work.holder(), now=lambda: at)
while sum(kills.values()) < 100:
    step = [work.Step.DUE, work.Step.CLAIMED, work.Step.HANDED, work.Step.SETTLED][sum(kills.values()) % 4]
    kills[step] = kills.get(step, 0) + killed_at(step, dice.randint(1, 2), send)
    at += dt.timedelta(minutes=3)
for _n in range(40):
    send()
    at += dt.timedelta(hours=7)
rows = Message.objects.filter(channel=Channel.WECOM).order_by("pk")
print(json.dumps([kills, list(rows.values_list("key", "number", "state"))]))
"""
)

KILLED_AT_CHORES = (
    FILLED
    + """
from hege.kernel import clock
hand = [NOW]
clock.now = lambda: hand[0]
def chores(minutes):
    hand[0] = at + dt.timedelta(minutes=minutes)
    return work.do_chores(hand[0], me=work.holder())
def runs():
    return Upkeep.objects.filter(kind="verify").count()
told = []
for n in range(10):
    at = NOW + dt.timedelta(days=n + 1)
    step = [work.Step.CHORE_TAKEN, work.Step.CHORE_DONE][n % 2]
    killed = killed_at(step, 1, lambda: chores(0))
    told.append([step, killed, runs(), chores(1), chores(6), chores(7), runs()])
print(json.dumps(told))
"""
)


KILLED_AT_LONG_WORK = (
    FILLED
    + """
from hege.integrity.queries import checks_of, faults
from hege.jobs import actions as jobs
from hege.jobs.models import Job
from hege.jobs.rules import JobKind
job, told = jobs.ask_for(cast.street, JobKind.VERIFY, by=cast.administrator, at=NOW), []
at = NOW
while job.state in ("waiting", "running"):
    step = [work.Step.JOB_TAKEN, work.Step.JOB_PART][len(told) % 2 if len(told) < 12 else 1]
    killed = killed_at(step, 1 if len(told) < 12 else 8, lambda: work.do_jobs(me=work.holder(), now=lambda: at))
    job.refresh_from_db()
    told.append([step, killed, job.done])
    at += dt.timedelta(minutes=6)
print(json.dumps([told, job.state, job.done, job.total, len(checks_of(cast.street)), job.findings, list(faults(cast.street))]))
"""
)

KILLED_BY_DAY = (
    FILLED
    + """
from hege.trail.models import TrailLine
def day(minutes):
    return work.keep_what_is_due(at + dt.timedelta(minutes=minutes), me=work.holder())
def counts():
    return [TrailLine.objects.filter(verb="keep_watch").count(), Upkeep.objects.filter(kind="sweep").count()]
def loop():
    waits = iter([False, True])
    work.work(now=lambda: at, wait=lambda _seconds: next(waits), since=dt.time(0))
steps, told = [work.Step.WATCH_KEPT, work.Step.DAILY_TAKEN, work.Step.DAILY_DONE, work.Step.RENEWED], []
work.watch_over = lambda **_said: __import__("time").sleep(9)  # the thread that does chores: not looked at here
for n in range(20):
    at = NOW + dt.timedelta(days=n + 1)
    step = steps[n % 4]
    killed = killed_at(step, 1, loop if step == work.Step.RENEWED else lambda: day(0))
    before = counts()
    day(1), day(6), day(7)
    told.append([step, killed, before, counts()])
print(json.dumps(told))
"""
)

FILLED_AND_LEFT = FILLED + 'fill(40, 8); print("null")'
WHAT_WAS_DONE = (
    FILLED.partition("call_command(")[0]
    + """
from hege.trail.models import TrailLine
states = Message.objects.filter(channel=Channel.WECOM).values_list("state", flat=True)
kept = TrailLine.objects.filter(verb="keep_watch").count()
print(json.dumps([sorted(set(states)), kept, *(Upkeep.objects.filter(kind=k).count() for k in ("verify", "sweep"))]))
"""
)


@contextmanager
def place(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a program with a database of its own."""
    said = {
        **os.environ,
        "HEGE_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "hege.settings",
        "PYTHONPATH": str(ROOT),
    }
    if connection.vendor == "sqlite":
        yield {**said, "HEGE_DATABASE_URL": f"sqlite:///{migrated_file(tmp_path / 'street.sqlite3')}"}
        return
    with postgres_database(connection.get_connection_params(), f"hege_worker_{os.getpid()}") as url:
        yield {**said, "HEGE_DATABASE_URL": url}


def played(program: str, address: str, environment: dict[str, str]) -> Any:
    command = [sys.executable, "-c", program, address]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def in_any_mood() -> tuple[Any, list[str]]:
    """What a bad gateway replies, and the ids of what it has taken, be it that it hung up afterwards."""
    dice, taken = random.Random(11), list[str]()
    moods: list[Reply] = [
        (200, {"errcode": 93000}, {}), (429, {}, {"Retry-After": "60"}), (500, b"oops", {}), (200, b"<html>", {}), None,
    ]  # fmt: skip

    def reply(handed: Handed) -> Reply:
        mood = dice.choice(moods) if dice.random() < 0.25 else (200, {"errcode": 0}, {})
        if mood is None or mood[1] == {"errcode": 0}:
            taken.append(handed.key)
        return mood

    return reply, taken


def test_of_a_hundred_kills_nothing_is_lost_and_what_went_twice_says_perhaps(tmp_path: Path):
    reply, taken = in_any_mood()
    with fake_gateway(reply) as gateway, place(tmp_path) as environment:
        kills, rows = played(KILLED_WHILE_SENDING, gateway.address, environment)
    assert sum(kills.values()) == 100
    assert min(kills.values()) >= 5
    assert len(kills) == 4
    states = {key: state for key, _number, state in rows}
    assert set(taken) == set(states)
    assert set(states.values()) == {"delivered", "perhaps_twice"}
    twice = {key for key, times in Counter(taken).items() if times > 1}
    assert twice
    assert {states[key] for key in twice} == {"perhaps_twice"}
    numbers = {key: number for key, number, _state in rows}
    for number, mine in groupby(sorted(rows, key=lambda row: row[1]), key=lambda row: row[1]):
        first = list(dict.fromkeys(key for key in taken if numbers[key] == number))
        assert first == [key for key, _number, _state in mine]


def test_a_chore_is_taken_over_when_its_worker_is_gone_and_done_once(tmp_path: Path):
    with place(tmp_path) as environment:
        told = played(KILLED_AT_CHORES, "http://127.0.0.1:9/", environment)
    for n, (step, killed, before, at_once, later, again, runs) in enumerate(told):
        assert (killed, again, runs) == (True, [], n + 1), step
        done = step == "chore done"
        assert (before, at_once, later) == (n + done, [], [] if done else ["verify"]), step


def test_what_is_done_once_a_day_is_done_once_wherever_its_worker_was_killed(tmp_path: Path):
    with place(tmp_path) as environment:
        told = played(KILLED_BY_DAY, "http://127.0.0.1:9/", environment)
    assert Counter(step for step, killed, *_counts in told if killed) == dict.fromkeys(
        ("watch kept", "daily taken", "daily done", "renewed"), 5
    )
    for n, (step, _killed, before, after) in enumerate(told):
        kept, swept = step != "renewed", step == "daily done"
        assert (before, after) == ([n + kept, n + swept], [n + 1, n + 1]), step


def test_every_step_at_which_a_worker_may_be_killed_is_hit():
    programs = "".join((KILLED_WHILE_SENDING, KILLED_AT_CHORES, KILLED_AT_LONG_WORK, KILLED_BY_DAY))
    programs += (ROOT / "tests/web/jobs/test_page.py").read_text(encoding="utf-8")  # imports and exports
    assert [step for step in Step if f"work.Step.{step.name}" not in programs] == []


def test_long_work_goes_on_from_the_part_at_which_its_worker_was_killed(tmp_path: Path):
    with place(tmp_path) as environment:
        told, state, done, total, checks, findings, at_once = played(
            KILLED_AT_LONG_WORK, "http://127.0.0.1:9/", environment
        )
    assert (state, done, total) == ("done", checks, checks)
    assert told[:12] == [[["job taken", "job part"][n % 2], True, (n + 1) // 2] for n in range(12)]
    assert [part for _step, _killed, part in told[12:-1]] == list(range(14, checks + 1, 8))
    assert findings == at_once  # of a street whose rows the trail does not know: each is named, once
    assert findings


def test_two_workers_and_the_site_with_its_own_do_nothing_twice(tmp_path: Path):
    hege = [sys.executable, "-m", "hege.cli.main"]
    with fake_gateway() as gateway, place(tmp_path) as environment:
        played(FILLED_AND_LEFT, gateway.address, environment)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        commands = [[*hege, "work"], [*hege, "work"], [*hege, "serve", "--port", port, "--workers", "1"]]
        workers = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for command in commands]
        try:
            for _n in range(600):
                done = len(gateway.handed) >= 40 and played(WHAT_WAS_DONE, "", environment)
                if done and done[1:] == [1, 1, 1]:
                    break
                time.sleep(2 if done else 0.3)
            assert [worker.poll() for worker in workers] == [None, None, None]
        finally:
            for worker in workers:
                worker.send_signal(signal.SIGTERM)
            codes = [worker.wait(timeout=30) for worker in workers]
        assert played(WHAT_WAS_DONE, "", environment) == [["delivered"], 1, 1, 1]
    assert (len(gateway.keys), len(set(gateway.keys))) == (40, 40)
    assert codes[:2] == [0, 0]
