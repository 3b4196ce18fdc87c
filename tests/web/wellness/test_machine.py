"""`/-/live`, `/-/ready` and `/-/metrics`: for the machine and its monitoring system, and for nobody else."""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from hege.installation import queries
from hege.installation.rules import clock_fault
from hege.kernel import clock
from hege.people.models import SignInFailure, Street
from hege.trail.actions import record_upkeep
from hege.trail.models import UpkeepKind
from hege.web.wellness import machine
from hege.web.wellness.probe import Probe

pytestmark = pytest.mark.django_db
TOKEN = "aB3-x_" * 5


def ready(client: Client, **headers: str) -> tuple[int, dict[str, dict[str, Any]]]:
    answer = client.get("/-/ready", headers=headers or None)
    said = json.loads(answer.content)
    assert said["ready"] is (answer.status_code == 200)
    return answer.status_code, {line["code"]: line for line in said["lines"]}


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch):
    """What is looked at is tested here, not how quickly the machine of the tests answers."""
    monkeypatch.setattr(machine, "PATIENCE_MS", 30_000)


@pytest.fixture
def in_line(monkeypatch: pytest.MonkeyPatch):
    """What a test has written stands in its transaction alone: asked on its own connection."""
    monkeypatch.setattr(Probe, "ask", lambda _probe, question, within_ms: question())


def test_a_fresh_installation_is_ready_and_says_what_never_ran(client: Client):
    status, lines = ready(client)
    assert status == 200
    assert [lines[code]["state"] for code in ("database", "writable", "tables", "migrations", "clock")] == ["ok"] * 5
    assert lines["backup"]["state"] == "worth_knowing"
    assert "hege backup" in lines["backup"]["mend"]


def test_whether_it_lives_is_told_without_the_database(client: Client, django_assert_num_queries: Any):
    with django_assert_num_queries(0):
        assert client.get("/-/live").content == b"ok\n"


@pytest.mark.parametrize("host", ["10.0.0.5", "nobody.example", "[::1]:8000"])
def test_it_is_answered_on_the_machine_by_any_name_and_without_https(client: Client, settings: Any, host: str):
    settings.SECURE_SSL_REDIRECT, settings.PROXIES = True, 1
    assert Client(headers={"Host": host}).get("/-/ready").status_code == 200
    assert Client(headers={"Host": host}).get("/-/live").status_code == 200


@pytest.mark.parametrize("page", ["live", "ready"])
@pytest.mark.parametrize(
    "came", [{"REMOTE_ADDR": "10.0.0.7"}, {"REMOTE_ADDR": ""}, *({name: "x"} for name in machine.BY_PROXY)]
)
def test_who_comes_from_elsewhere_or_through_a_proxy_finds_nothing(client: Client, page: str, came: Any):
    assert client.get(f"/-/{page}", **came).status_code == 404
    assert client.get(f"/-/{page}", REMOTE_ADDR="::ffff:127.0.0.1").status_code == 200


@pytest.mark.usefixtures("in_line")
def test_a_chore_that_failed_stands_in_the_lines_and_does_not_end_the_service(client: Client):
    now = clock.now()
    record_upkeep(UpkeepKind.BACKUP, well=False, note="磁盘满了", at=now)
    record_upkeep(UpkeepKind.VERIFY, well=True, at=now - dt.timedelta(days=9))
    record_upkeep(UpkeepKind.DRILL, well=True, at=now)
    status, lines = ready(client)
    assert status == 200
    assert [lines[code]["state"] for code in ("backup", "verify", "drill")] == ["to_be_mended"] * 2 + ["ok"]


@pytest.mark.parametrize("stopped", ["waiting_migrations", "_clock", "disk"])
def test_each_thing_that_stops_the_work_is_503_and_named(client: Client, monkeypatch, stopped: str):
    if stopped == "waiting_migrations":
        monkeypatch.setattr(queries, stopped, lambda _applied: [("people", "0009_next")])
    elif stopped == "_clock":
        late = clock.now() + dt.timedelta(days=1)
        monkeypatch.setattr(queries, stopped, lambda at: clock_fault(at, last_line=late, database=None))
    else:
        monkeypatch.setattr("shutil.disk_usage", lambda _folder: type("Free", (), {"free": 1 << 20}))
    status, lines = ready(client)
    assert status == 503
    assert [code for code, line in lines.items() if line["stops"] and line["mend"]] == [
        {"waiting_migrations": "migrations", "_clock": "clock", "disk": "disk"}[stopped]
    ]


def test_a_database_that_is_away_or_hangs_is_503_within_a_second(client: Client, monkeypatch: pytest.MonkeyPatch):
    def away(_connection: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.ensure_connection", away)
    status, lines = ready(client)
    assert (status, lines["database"]["stops"]) == (503, True)

    hangs = threading.Event()
    monkeypatch.setattr(machine, "ready_findings", lambda **_said: hangs.wait(30))
    monkeypatch.setattr(machine, "PATIENCE_MS", 50)
    status, lines = ready(client)
    hangs.set()
    assert (status, "没有回答" in lines["database"]["text"]) == (503, True)


def test_many_who_ask_while_the_database_hangs_share_one_question():
    probe, goes_on, asked = Probe[int](), threading.Event(), []

    def question() -> int:
        asked.append(1)
        return int(goes_on.wait(30))

    for _n in range(3):
        with pytest.raises(TimeoutError):
            probe.ask(question, within_ms=20)
    goes_on.set()
    assert probe.ask(question, within_ms=5000) == 1
    assert len(asked) <= 2  # the one they share, and perhaps one after it


# -- metrics -----------------------------------------------------------------------------------------------------------


def test_metrics_are_nowhere_without_a_token_and_for_a_wrong_one(client: Client, settings: Any):
    assert client.get("/-/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    for shown in ("", TOKEN, "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer 令牌"):
        assert client.get("/-/metrics", headers={"Authorization": shown}).status_code == 404


@pytest.mark.usefixtures("in_line")
def test_metrics_say_how_the_installation_stands_and_what_was_answered(client: Client, settings: Any, street: Street):
    settings.METRICS_TOKEN, now = TOKEN, clock.now()
    record_upkeep(UpkeepKind.BACKUP, well=True, at=now)
    SignInFailure.objects.create(username="x", address="10.0.0.1", at=now)
    SignInFailure.objects.create(username="x", address="10.0.0.1", at=now - dt.timedelta(hours=2))
    for _n in range(2):
        client.get("/sign-in/")
    client.get("/没有/")
    answer = client.get("/-/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, REMOTE_ADDR="10.0.0.9")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    text = answer.content.decode()
    assert 'hege_well{code="database"} 1.0' in text
    assert f'hege_last_timestamp_seconds{{of="backup"}} {now.timestamp():.10g}' in text or 'of="backup"' in text
    assert "hege_streets 1.0" in text
    assert "hege_sign_in_failures_last_hour 1.0" in text
    assert re.search(r'hege_requests_total\{method="GET",route="account:sign_in",status="200"\} [2-9]', text)
    assert 'route="",status="404"' in text
    assert "hege_request_seconds_bucket" in text
    for name in ("disk_free_bytes", "database_bytes"):
        assert int(float(re.findall(rf"^hege_{name} (\S+)$", text, re.M)[0])) > 0


def test_metrics_are_told_while_the_database_is_away(client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch):
    from hege.web.wellness import metrics

    def hangs(_probe: object, _question: object, within_ms: int) -> None:
        raise TimeoutError

    settings.METRICS_TOKEN = TOKEN
    monkeypatch.setattr(Probe, "ask", hangs)
    text = metrics.exposition().decode()
    assert 'hege_well{code="database"} 0.0' in text
    assert "hege_streets" not in text
