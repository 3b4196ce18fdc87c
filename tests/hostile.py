"""Thousands of hostile files, sent over HTTP to a site of its own: `make hostile`, or `python -m tests.hostile --files 500`.

``hege serve`` runs over the demo street on loopback; the grid worker signs in and states evidence of payments, each time with one
file. Red where an answer is an error of ours, says no sentence or repeats a sign that cannot be seen; where a process of the
server is another than before; where the rows are not those of the answers; where a stray is left after the sweep; where
`hege verify` finds something.
"""

from __future__ import annotations

import argparse
import datetime as dt
import html
import http.client
import os
import re
import resource
import secrets
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import django

from tests.attachments.hostile import Hostile, hostile

SENDERS, WORKERS = 6, 2  # at once; a process of the server waits for eight bodies, and looks at three files
UNSEEN = re.compile("[\0\u202a-\u202e\u2066-\u2069\u200f]")
LATE_EVERY = 20  # one form in so many has another fault: its file is looked at and kept, and no row comes


class Browser:
    """Somebody signed in over a connection of their own."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=120)
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.ask("GET", "/sign-in/")
        said = urlencode({"username": username, "password": password, "csrfmiddlewaretoken": self.token})
        status, _body = self.ask("POST", "/sign-in/", said.encode(), "application/x-www-form-urlencoded")
        assert status == 302, status
        self.ask("GET", "/me/")

    def ask(self, method: str, path: str, brought: bytes | None = None, kind: str = "") -> tuple[int, str]:
        """Status and body of an answer; what its forms carry is kept for the next."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        self.connection.request(method, path, brought, headers | ({"Content-Type": kind} if kind else {}))
        answer = self.connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                cookie, _equals, rest = value.partition("=")
                self.cookies[cookie] = rest.partition(";")[0]
        body = answer.read().decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', body)
        self.token = found[1] if found else self.token
        return answer.status, body

    def send(self, path: str, file: Hostile, *, on: dt.date) -> tuple[int, str]:
        """State evidence of a payment, with a file."""
        said = {
            "csrfmiddlewaretoken": self.token, "request_key": secrets.token_hex(13), "stance": "for", "side": "third",
            "kind": "bank_line", "stated_on": on.isoformat(),
        }  # fmt: skip
        edge = secrets.token_hex(16)
        parts = [
            f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in said.items()
        ]
        head = b'Content-Disposition: form-data; name="papers"; filename="%s"\r\nContent-Type: image/jpeg\r\n\r\n'
        parts.append(head % file.name + file.data)
        body = b"".join(b"--%s\r\n%s\r\n" % (edge.encode(), part) for part in parts) + b"--%s--\r\n" % edge.encode()
        return self.ask("POST", path, body, f"multipart/form-data; boundary={edge}")


def sentence(body: str) -> str:
    """What an answer says is wrong: the box above the form, else the page."""
    box = re.findall(r"<li>(?:<a[^>]*>)?([^<]+)", body.partition('class="hg-errors"')[2].partition("</ul>")[0])
    return html.unescape(" ".join(box) or re.sub(r"<[^>]*>", " ", body.partition("<main")[2]))


def children(pid: int) -> set[int]:
    """The processes a process has started and that still run; those that have ended and wait to be asked are none."""
    started = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(one) for one in started if "\nState:\tZ" not in Path(f"/proc/{one}/status").read_text()}


def most_memory(pids: set[int]) -> float:
    """The most that one of some processes ever held, in MB."""
    told = "\n".join(Path(f"/proc/{pid}/status").read_text() for pid in pids)
    return max(int(kilobytes) for kilobytes in re.findall(r"VmHWM:\s+(\d+)", told)) / 1024


class Sending:
    """What came of the files that were sent."""

    def __init__(self, address: str, targets: list[str], password: str) -> None:
        self.address, self.targets, self.password = address, targets, password
        self.answers: Counter[tuple[str, int]] = Counter()
        self.wrong: list[str] = []
        self.taken = 0
        self.own = threading.local()

    def send(self, n: int, file: Hostile, today: dt.date) -> None:
        """Send one and look at the answer."""
        if not hasattr(self.own, "browser"):
            self.own.browser = Browser(self.address, "grid_worker", self.password)
        on = today + dt.timedelta(days=400) if n % LATE_EVERY == LATE_EVERY - 1 else today
        try:
            status, body = self.own.browser.send(self.targets[n % len(self.targets)], file, on=on)
        except (OSError, http.client.HTTPException) as cut:
            self.wrong.append(f"{n} {file.kind} {file.name!r}: {cut!r}")
            del self.own.browser
            return
        self.answers[file.kind, status] += 1
        self.taken += status == 302 and not file.is_nameless
        said = "" if status == 302 else sentence(body)
        if status != 302 and (not 400 <= status < 500 or "。" not in said or UNSEEN.search(body)):
            self.wrong.append(f"{n} {file.kind} {file.name!r}: {status} {said[:200]!r}")


def strays(folder: Path) -> Iterator[str]:
    """Contents that no row names, after what is older than now was swept; and contents that are not there."""
    from hege.attachments import store
    from hege.attachments.models import Attachment
    from hege.attachments.queries import named

    swept = store.sweep(before=int(time.time()) + 1, wanted=named)
    print(f"swept: {swept} contents of forms that were refused")
    there = {path.parent.name + path.name for path in (folder / "attachments").glob("??/*")}
    rows = Attachment.objects.values_list("sha256", "small_sha256", "original_sha256")
    wanted = {content for row in rows for content in row if content}
    yield from (f"a stray: {content}" for content in there - wanted)
    yield from (f"gone: {content}" for content in wanted - there)


def main() -> int:
    """Exit status 1 where something is wrong."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="hege-hostile-") as named:
        folder = Path(named)
        os.environ.update(
            DJANGO_SETTINGS_MODULE="hege.settings",
            HEGE_DATABASE_URL=f"sqlite:///{folder}/street.sqlite3",
            HEGE_DATA_DIR=named,
        )
        django.setup()
        return _sent(folder, given.files, given.seed)


def _sent(folder: Path, files: int, seed: int) -> int:
    from hege.attachments.models import Attachment
    from hege.billing.models import Payment
    from hege.kernel import clock
    from tests.browser.site import PASSWORD, STREET, hege, play, served

    database, today = folder / "street.sqlite3", clock.today()
    play(database)
    payments = Payment.objects.filter(street__code=STREET, transaction__reversed_by__isnull=True).order_by("pk")
    paid = payments.values_list("point__code", "transaction_id")
    targets = [f"/{STREET}/meters/{code}/money/{transaction}/evidence/" for code, transaction in paid]
    before, wrong = Attachment.objects.count(), list[str]()
    with served(database, workers=WORKERS) as site:
        sending, processes, began = Sending(site.address, targets, PASSWORD), children(site.pid), time.monotonic()
        with ThreadPoolExecutor(SENDERS) as senders:
            under_way = deque[Future[None]](maxlen=3 * SENDERS)
            for n, file in enumerate(hostile(seed, files)):
                if len(under_way) == under_way.maxlen:
                    under_way.popleft().result()
                under_way.append(senders.submit(sending.send, n, file, today))
            for last in under_way:
                last.result()
        seconds = time.monotonic() - began
        memory = most_memory(children(site.pid) | {site.pid})
        if children(site.pid) != processes:
            wrong.append(f"the server had the processes {processes}, and has {children(site.pid)}")
    wrong += sending.wrong
    kept = Attachment.objects.count() - before
    if kept != sending.taken:
        wrong.append(f"{sending.taken} files were taken, {kept} rows came")
    wrong += strays(folder)
    try:
        hege("verify", database=database)
    except AssertionError as found:
        wrong.append(str(found))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    _told(sending, files, kept, seconds, used.ru_utime + used.ru_stime, memory)
    print(*wrong[:50], sep="\n")
    return 1 if wrong else 0


def _told(sending: Sending, files: int, kept: int, seconds: float, processor: float, memory: float) -> None:
    statuses = Counter[int]()
    for (_kind, status), times in sending.answers.items():
        statuses[status] += times
    for kind in sorted({kind for kind, _status in sending.answers}):
        mine = {status: times for (one, status), times in sorted(sending.answers.items()) if one == kind}
        print(f"{kind:28}" + "  ".join(f"{status}: {times}" for status, times in mine.items()))
    print(f"{files} files in {seconds:.0f} s, {processor:.0f} s of processor; answers {dict(sorted(statuses.items()))}")
    print(f"{kept} rows; a process of the server held {memory:.0f} MB at most")


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
