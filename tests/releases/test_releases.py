"""The street of each release, restored and migrated, is proven whole to the fen; and what was changed in it stays named.

Frozen by make.py with the release's own code. Each is read into a database of its own and brought up to date by the
commands an office uses, in a process that stands no earlier than the day the street was made: its last line does not
lie in the future there.
"""

from __future__ import annotations

import json
import lzma
import os
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.releases.shape import shape
from tests.template import postgres_database

HERE = Path(__file__).parent
RELEASES = sorted(path.name.removesuffix(".json.xz") for path in HERE.glob("*.json.xz"))
#: The oldest goes through every migration, the newest is what offices come from.
ENDS = RELEASES[:: len(RELEASES) - 1]
#: The releases whose seals were open where today's are not: to migrate seals their streets anew.
BEFORE_TODAYS_SEALS = {"2026-11-23-first", "2026-11-26-water"}
#: Runs commands and statements in their order; answers what each printed. Triggers are off, as for one with the database.
PLAY = """
import io, json, sys, django
django.setup()
from django.core.management import CommandError, call_command
from django.db import connection
from tests.releases.shape import shape
answers = []
for kind, *words in json.loads(sys.argv[1]):
    out = io.StringIO()
    if kind == "sql":
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET session_replication_role = replica")
            else:
                cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%append_only%'")
                for (name,) in cursor.fetchall():
                    cursor.execute(f'DROP TRIGGER "{name}"')
            cursor.execute(*words)
            assert cursor.rowcount, words
    elif kind == "shape":
        out.write(json.dumps(shape()))
    else:
        try:
            call_command(*words, stdout=out)
        except CommandError:
            pass
    answers.append(out.getvalue())
print(json.dumps(answers))
"""
MIGRATE, VERIFY = ("hege", "migrate"), ("hege", "verify", "--json")

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def opened(name: str) -> bytes:
    return lzma.decompress((HERE / name).read_bytes())


class Frozen:
    """A release's street in a database of its own."""

    def __init__(self, name: str, url: str) -> None:
        self.name, self.url = name, url
        self.kept: dict[str, Any] = json.loads(opened(f"{name}.json.xz"))

    def play(self, *steps: tuple[str, ...]) -> list[str]:
        real_now = time.time() - float(os.environ["FAKE_CLOCK_AHEAD"])
        ahead = max(float(os.environ["FAKE_CLOCK_AHEAD"]), self.kept["made_at"] - real_now)
        environment = {
            **os.environ,
            "HEGE_DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "hege.settings",
            "FAKE_CLOCK_AHEAD": str(ahead),
        }
        command = [sys.executable, "-c", PLAY, json.dumps(steps)]
        played = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert played.returncode == 0, played.stderr
        return list(json.loads(played.stdout))


@contextmanager
def restored(name: str, folder: Path) -> Iterator[Frozen]:
    """A release's street, as it was frozen."""
    if connection.vendor == "sqlite":
        file = folder / "street.sqlite3"
        with closing(sqlite3.connect(file)) as database:
            database.executescript(opened(f"{name}.sqlite.sql.xz").decode())
        yield Frozen(name, f"sqlite:///{file}")
        return
    script, own = opened(f"{name}.postgresql.sql.xz"), f"hege_release_{uuid.uuid4().hex[:12]}"
    with postgres_database(connection.get_connection_params(), own, sql=script) as url:
        yield Frozen(name, url)


@pytest.fixture(params=RELEASES if connection.vendor == "sqlite" else ENDS)
def frozen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Frozen]:
    with restored(request.param, tmp_path) as street:
        yield street


#: What is changed after the migration, and the name by which it is found.
CHANGED_AFTERWARDS = {
    "payment 5:": "UPDATE billing_payment SET voucher = 'X-1' WHERE id = 5",
    "transaction 4:": "UPDATE ledger_event SET by_id = NULL WHERE id = 4",
    "metering.reading 1-": "UPDATE metering_reading SET litres = litres + 1 WHERE id = 2",
    "minutes ": "UPDATE conferences_minutes SET trail_head = 'f' WHERE id = 2",
}


def figures(layer: dict[str, Any]) -> dict[str, Any]:
    """Every sum that is not zero, in fen: of the whole meter, and of each tenancy by unit and first day."""
    sums: dict[str, Any] = {name: fen for name, fen in layer.items() if name != "units" and fen}
    for unit in layer["units"]:
        fens = {name: fen for name, fen in unit.items() if fen and name not in ("code", "from", "until")}
        if fens:
            sums[f"{unit['code']} {unit['from']}"] = fens
    return sums


def test_the_street_of_a_release_copied_restored_and_migrated_is_clean_owes_the_same_and_a_later_change_is_named(
    frozen: Frozen, tmp_path: Path
):
    """In one process: to migrate and to start are what it costs. The copy is taken before the upgrade, as an office does."""
    money, copy = frozen.kept["money"], str(tmp_path / "copy.hege")
    asked = [("hege", "money", *m["asked"], "--json") for m in money]
    changes = [("sql", change) for change in CHANGED_AFTERWARDS.values()]
    _copied, restored, again, tables, *more = frozen.play(
        ("hege", "backup", copy), ("hege", "restore", copy, "--force"), MIGRATE, ("shape",), *asked, *changes, VERIFY
    )
    assert "310117006：✓ 账实相符" in restored
    assert "存疑" not in restored
    assert ("重新封存" in restored) == (frozen.name in BEFORE_TODAYS_SEALS)
    assert "重新封存" not in again
    assert json.loads(tables) == json.loads(json.dumps(shape())), "not the tables of a street that is new"
    for answer, then in zip(more[: len(money)], money, strict=True):
        now = json.loads(answer)
        for layer in ("confirmed", "with_claims"):
            assert figures(now[layer]) == figures(then["said"][layer]), then["asked"]
    faults = " ".join(json.loads(more[-1])["faults"]["310117006"])
    assert [name for name in CHANGED_AFTERWARDS if name not in faults] == []


@pytest.mark.once
@pytest.mark.parametrize("frozen", ENDS, indirect=True)
def test_what_was_changed_before_migrating_is_not_made_clean_by_it(frozen: Frozen):
    *_, verified = frozen.play(
        ("sql", "UPDATE ledger_event SET reason = 'nobody said so' WHERE id = 3"),
        ("sql", "UPDATE trail_trailline SET verb = 'other' WHERE seq = 7"),
        MIGRATE,
        VERIFY,
    )
    faults = json.loads(verified)["faults"]["310117006"]
    assert "transaction 3: was changed after it was booked" in faults
    assert "trail 310117006: line 7 was changed" in faults
