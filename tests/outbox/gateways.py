"""Gateways on loopback that answer as they are told, and keep what they were handed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Handed:
    """One request: its path with query, the id of the message, what was in it."""

    path: str
    key: str
    body: dict[str, Any]
    headers: dict[str, str]


#: What a gateway does with a request: a status and body, with headers; None: it hangs up without a word.
Reply = tuple[int, Any, dict[str, str]] | None
WELL: Reply = (200, {"errcode": 0, "code": 0}, {})


@dataclass
class FakeGateway:
    """A gateway at ``address``; ``reply`` says what it answers, from the second time on it is asked afresh."""

    address: str
    handed: list[Handed] = field(default_factory=list)
    reply: Callable[[Handed], Reply] = lambda _handed: WELL

    @property
    def keys(self) -> list[str]:
        return [one.key for one in self.handed]


@contextmanager
def fake_gateway(reply: Callable[[Handed], Reply] = lambda _handed: WELL) -> Iterator[FakeGateway]:
    """One that runs while it is needed."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            one = Handed(self.path, self.headers["Idempotency-Key"], json.loads(content), dict(self.headers))
            gateway.handed.append(one)
            answer = gateway.reply(one)
            if answer is None:
                return
            status, body, headers = answer
            said = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the library's name
            """Nothing is written about it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    gateway = FakeGateway(f"http://127.0.0.1:{server.server_address[1]}/send?key=abc", reply=reply)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
