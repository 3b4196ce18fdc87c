"""`/-/ready` of a site that is served while its PostgreSQL is gone, and when it is back."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.postgres import Server, own_server

pytestmark = [pytest.mark.slow, pytest.mark.once]

STARTS_WITHIN, TOLD_WITHIN = 20, 5  # seconds


def ready(address: str) -> tuple[int, dict[str, Any]]:
    """The status, 0 where nobody answers yet, and the lines by their code."""
    try:
        with urlopen(f"{address}/-/ready", timeout=5) as answer:
            status, said = answer.status, json.load(answer)
    except HTTPError as error:
        status, said = error.code, json.load(error)
    except OSError:
        return 0, {}
    return status, {line["code"]: line for line in said["lines"]}


def becomes(address: str, status: int, *, within: int) -> dict[str, Any]:
    """Ask until it is so; the lines that then stand there."""
    until = time.monotonic() + within
    while (found := ready(address))[0] != status:
        assert time.monotonic() < until, [line for line in found[1].values() if line["state"] != "ok"]
        time.sleep(0.1)
    return found[1]


@pytest.fixture
def postgres() -> Iterator[Server]:
    with own_server() as made:
        yield made


@pytest.fixture
def address(postgres: Server, tmp_path: Path) -> Iterator[str]:
    # Today's clock, as the database's machine has it.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HEGE_")}
    environment |= {"HEGE_DATABASE_URL": postgres.url, "HEGE_DATA_DIR": str(tmp_path), "FAKE_CLOCK_AHEAD": "0"}
    hege = [sys.executable, "-m", "hege.cli.main"]
    subprocess.run([*hege, "migrate", "-v", "0"], env=environment, check=True)
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (tmp_path / "log").open("w") as log:
        command = [*hege, "serve", "--port", str(port), "--workers", "1"]
        site = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        site.terminate()
        site.wait(timeout=20)


def test_a_site_whose_database_stops_says_so_and_is_ready_again_when_it_is_back(postgres: Server, address: str):
    assert becomes(address, 200, within=STARTS_WITHIN)["database"]["state"] == "ok"
    postgres.stop(signal.SIGQUIT)
    gone = becomes(address, 503, within=TOLD_WITHIN)
    assert [code for code, line in gone.items() if line["stops"]] == ["database"]
    with urlopen(f"{address}/-/live", timeout=5) as answer:
        assert answer.status == 200
    postgres.start()
    assert becomes(address, 200, within=TOLD_WITHIN)["database"]["state"] == "ok"
