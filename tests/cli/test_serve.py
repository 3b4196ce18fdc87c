"""`hege serve` really serves: a process, a port, a page."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from email.message import Message
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from hege.cli.management.commands.serve import name_site
from tests.template import migrated_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served(serving: tuple[str, subprocess.Popen[bytes]]) -> str:
    return serving[0]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = _free_port()
    env = {**os.environ, "HEGE_DATABASE_URL": f"sqlite:///{migrated_file(tmp_path / 'served.sqlite3')}"}
    command = [sys.executable, "-m", "hege.cli.main", "serve", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}", process
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


@pytest.mark.slow
@pytest.mark.parametrize(("size", "said"), [(12 << 20, 400), (65 << 20, 413)])
def test_who_sends_much_that_is_refused_hears_the_answer_and_may_go_on(served: str, size: int, said: int):
    answer(f"{served}/sign-in/")
    head = b"--x\r\nContent-Disposition: form-data; name=papers; filename=" + b"a" * 2000 + b"\r\n\r\n"
    with closing(http.client.HTTPConnection(served.removeprefix("http://"), timeout=60)) as line:
        for _twice in range(2):
            line.request("POST", "/sign-in/", head + bytes(size), {"Content-Type": "multipart/form-data; boundary=x"})
            told = line.getresponse()
            assert (told.status, b"</html>" in told.read()) == (said, True)


def test_a_trial_names_the_address_it_is_served_by_unless_it_was_told_another(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HEGE_SITE", "https://hege.example.cn")
    name_site("127.0.0.1", 8123)
    assert os.environ["HEGE_SITE"] == "https://hege.example.cn"
    monkeypatch.delenv("HEGE_SITE")
    name_site("::1", 8123)
    assert os.environ["HEGE_SITE"] == "http://[::1]:8123"


def test_a_trial_is_not_opened_to_other_machines():
    with pytest.raises(CommandError, match="HEGE_ENV=production"):
        call_command("serve", "--address", "0.0.0.0")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another server shares with whoever asks, as granian does."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_is_in_use_is_refused_in_words(taken: int):
    with pytest.raises(CommandError, match=f"端口 {taken} 已有别的程序在用.*--port {taken + 1}"):
        call_command("serve", "--port", str(taken))


@pytest.mark.parametrize(("address", "port"), [("localhost", "70000"), ("::1", "-1")])
def test_a_place_that_cannot_be_listened_on_is_refused_in_words(address: str, port: str):
    with pytest.raises(CommandError, match="请换一个地址或端口"):
        call_command("serve", "--address", address, "--port", port)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["demo", "serve"])
def test_a_port_that_is_in_use_is_told_before_the_database_is_touched(target: str, taken: int, tmp_path: Path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "hege").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hege.cli.main "$@"\n')
    (tmp_path / "bin" / "hege").chmod(0o755)
    database = tmp_path / "x.sqlite3"
    said = subprocess.run(
        ["make", "-o", "base", target, f"BIN={tmp_path / 'bin'}", f"PORT={taken}"],
        cwd=ROOT, env={**os.environ, "HEGE_DATABASE_URL": f"sqlite:///{database}", "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode
    assert f"端口 {taken} 已有别的程序在用" in said.stderr
    assert not database.exists()


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    """The worker processes of a server."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == process.pid and b"hege.wsgi:application" in command:
            found.append(int(folder.name))
    return found


@pytest.mark.slow
def test_the_server_outlives_its_workers_however_quickly_they_die(serving: tuple[str, subprocess.Popen[bytes]]):
    url, process = serving
    answer(f"{url}/sign-in/")
    killed: set[int] = set()
    for _round in range(4):
        for _try in range(300):
            if alive := set(workers_of(process)) - killed:
                break
            time.sleep(0.1)
        for worker in alive:
            os.kill(worker, signal.SIGKILL)
        killed |= alive
    assert len(killed) >= 4
    assert answer(f"{url}/sign-in/")[0] == 200
    assert process.poll() is None


@pytest.mark.django_db
@pytest.mark.parametrize(("work", "beside"), [("inside", 1), ("apart", 0)])
def test_the_watch_runs_beside_the_site_unless_it_is_a_service_of_its_own(
    monkeypatch: pytest.MonkeyPatch, work: str, beside: int
):
    started: list[str] = []
    monkeypatch.setattr("hege.cli.management.commands.serve.start_beside", lambda: started.append("watch"))
    monkeypatch.setattr("os.execv", lambda *_program: started.append("site"))
    with override_settings(WORK=work):
        call_command("serve", port=_free_port())
    assert started == ["watch"] * beside + ["site"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
