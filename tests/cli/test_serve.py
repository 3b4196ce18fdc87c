"""`hege serve` really serves: a process, a port, a page."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "HEGE_DATABASE_URL": f"sqlite:///{tmp_path / 'served.sqlite3'}"}
    command = [sys.executable, "-m", "hege.cli.main", "serve", "--port", str(port), "--workers", "1"]
    subprocess.run([sys.executable, "-m", "hege.cli.main", "migrate", "-v", "0"], env=env, check=True)
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def answer(url: str) -> tuple[int, Message]:
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return response.status, response.headers
        except urllib.error.HTTPError as response:
            return response.code, response.headers
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"{url} never answered")


@pytest.mark.slow
def test_the_sign_in_page_and_the_style_sheet_answer(served: str):
    status, headers = answer(f"{served}/sign-in/")
    assert status == 200
    assert headers["Cache-Control"] == "no-store, private"
    status, headers = answer(f"{served}/static/vendor/bootstrap-reboot.min.css")
    assert (status, headers["Content-Type"].split(";")[0]) == (200, "text/css")


@pytest.mark.slow
def test_pages_are_answered_while_many_clients_send_their_forms_slowly(served: str):
    answer(f"{served}/sign-in/")
    host, port = served.removeprefix("http://").split(":")
    slow = []
    try:
        for _n in range(40):
            client = socket.create_connection((host, int(port)), timeout=10)
            client.sendall(
                b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n\r\nusername="
            )
            slow.append(client)
        time.sleep(1)  # by now every thread that can be held is held
        assert answer(f"{served}/sign-in/")[0] == 200
    finally:
        for client in slow:
            client.close()


def test_a_trial_is_not_opened_to_other_machines():
    with pytest.raises(CommandError, match="HEGE_ENV=production"):
        call_command("serve", "--address", "0.0.0.0")
