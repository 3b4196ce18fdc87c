"""Requests over HTTP to a server of its own on loopback, and what they cost: requests a second, processor of the program and
of the database. Who sends runs on the same machine and is not counted."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings

from bench.measure import database_processes, processor_seconds
from hege.cli.management.commands.serve import BLOCKING_THREADS, BOUNDS

WORKERS, SENDERS = 2, 8
#: Sent first and not measured: each process reads code, compiles templates and connects when it is first asked.
WARMING = 32
CSRF = "c" * 32


class Sent(NamedTuple):
    """A form as a browser sends it, with its cookies."""

    path: str
    cookies: Mapping[str, str] = {}
    said: Mapping[str, str] = {}


class Cost(NamedTuple):
    """What some requests took: milliseconds of processor each, and how many a second there were."""

    program: float
    database: float
    per_second: float


@dataclass
class Running:
    """A server: its address and its main process."""

    host: str
    pid: int

    def cost_of(self, requests: Sequence[Callable[[], Sent]], *, status: int, at_once: int = SENDERS) -> Cost:
        """Send them, so many ``at_once``, the first ``WARMING`` unmeasured; ``RuntimeError`` where one is answered otherwise.

        Each is made when it is sent. One at a time is what an act costs; many at once is what a rush costs, in which the
        server's processes, who sends and the database share what two processors have between them.
        """
        own = threading.local()

        def send(make: Callable[[], Sent]) -> int:
            if not hasattr(own, "line"):
                own.line = http.client.HTTPConnection(self.host, timeout=60)
            path, cookies, said = make()
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": "; ".join(
                    f"{name}={value}" for name, value in {**cookies, settings.CSRF_COOKIE_NAME: CSRF}.items()
                ),
            }
            own.line.request("POST", path, urlencode({**said, "csrfmiddlewaretoken": CSRF}), headers)
            answer = own.line.getresponse()
            answer.read()
            return int(answer.status)

        with ThreadPoolExecutor(SENDERS) as senders:
            answers = Counter(senders.map(send, requests[:WARMING]))
        with ThreadPoolExecutor(at_once) as senders:
            began, busy, base = time.perf_counter(), self._seconds(), _database_seconds()
            answers.update(senders.map(send, requests[WARMING:]))
        took, busy, base = time.perf_counter() - began, self._seconds() - busy, _database_seconds() - base
        if set(answers) != {status}:
            raise RuntimeError(f"answered {dict(answers)}, not {status} alone")
        count = len(requests) - WARMING
        return Cost(busy * 1000 / count, base * 1000 / count, count / took)

    def _seconds(self) -> float:
        """Processor time of the server's processes until now."""
        return sum(processor_seconds(pid)[0] for pid in (self.pid, *_children(self.pid)))


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _database_seconds() -> float:
    """Processor time of all of PostgreSQL's processes, those that have ended with it, where it runs on this machine."""
    found = database_processes()
    if found is None:
        return 0.0
    _own, server = found
    own, ended = processor_seconds(server)
    return own + ended + sum(processor_seconds(child)[0] for child in _children(server))


@contextmanager
def served(application: str) -> Iterator[Running]:
    """A WSGI application over this process's database, served as `hege serve` does, but for the worker beside it."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS)]
    words += ["--blocking-threads", str(BLOCKING_THREADS), "--log-level", "error", *BOUNDS]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen([sys.executable, "-m", "hege.cli.site", *words, application], stdout=log, stderr=log)
        try:
            _wait(server, port)
            yield Running(f"127.0.0.1:{port}", server.pid)
        except RuntimeError as wrong:
            log.seek(0)
            raise RuntimeError(f"{wrong}\n{log.read().decode()[-2000:]}") from wrong
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    for _n in range(600):
        if server.poll() is not None:
            raise RuntimeError("the server did not start")
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("no answer within a minute")
