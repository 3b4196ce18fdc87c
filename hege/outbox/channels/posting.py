"""One POST of JSON to one gateway: no redirect is followed, nothing else is fetched, and nobody waits for ever."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from hege.outbox.channels.parcel import Parcel
from hege.outbox.rules import TIMEOUT, Answer, Outcome

MOST_READ = 16384


class Said(NamedTuple):
    """What a gateway answered."""

    status: int
    body: Mapping[str, Any]
    seconds: int


def post(
    parcel: Parcel,
    payload: Mapping[str, Any],
    *,
    judge: Callable[[Said], Answer],
    query: str = "",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Hand a payload over; ``judge`` says what the answer means. A gateway that is not there was handed nothing."""
    parts = urlsplit(parcel.address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    line = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    path = parts.path + ("?" + "&".join(filter(None, (parts.query, query))) if parts.query or query else "")
    body = json.dumps(payload, ensure_ascii=False).encode()
    sent = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": parcel.key, **(headers or {})}
    try:
        line.connect()
    except (OSError, UnicodeError):  # the second: no machine can be called so
        return Answer(Outcome.AWAY, "away")
    enough = threading.Timer(2 * TIMEOUT, line.sock.shutdown, [socket.SHUT_RDWR])  # it may send a sign now and then
    enough.start()
    try:
        line.request("POST", path or "/", body, sent)
        return judge(_read(line.getresponse()))
    except (OSError, http.client.HTTPException):
        return Answer(Outcome.SILENT, "silent")
    finally:
        enough.cancel()
        line.close()


def _read(response: http.client.HTTPResponse) -> Said:
    """The answer as far as it comes in time; one that is no JSON object says nothing."""
    until, content = time.monotonic() + TIMEOUT, b""
    while len(content) < MOST_READ and (piece := response.read1(MOST_READ)):
        content += piece
        if time.monotonic() > until:
            raise TimeoutError
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):  # no JSON, or brackets within brackets without end
        body = {}
    wait = response.headers.get("Retry-After", "")
    seconds = int(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 6 else 0
    return Said(response.status, body if isinstance(body, dict) else {}, seconds)


def by_code(name: str, *, busy: frozenset[int] = frozenset()) -> Callable[[Said], Answer]:
    """A judge for gateways that answer 200 whatever happened: ``name`` is where their own code stands, 0 is well."""

    def judge(said: Said) -> Answer:
        code = said.body.get(name)
        if said.status == 429 or code in busy:
            return Answer(Outcome.BUSY, str(code or said.status), said.seconds)
        if said.status == 200 and type(code) is int and code == 0:
            return Answer(Outcome.TAKEN, "0")
        told = str(code) if type(code) is int and code else f"HTTP {said.status}"
        return Answer(Outcome.REFUSED, told)

    return judge
