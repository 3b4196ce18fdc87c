"""Many want few vouchers at once, over HTTP, at a site of its own: `make rush`, or `python -m tests.rush --members 200`.

``hege serve`` runs on loopback over a demo street; members, tills and vouchers come of ``hege demo --tickets``, and everything
else goes through the forms of the pages, each with its token and its idempotency key. Red where an answer is an error of
ours; where claims, counter and answers differ; where one voucher at eight tills at once is taken more or less than once;
where a queue that is sent twice, one after the other and at once, is not owed and settled to the fen; where `hege verify`
finds something.

It fills the empty database of HEGE_DATABASE_URL (``python -m tests.postgres -- python -m tests.rush``), else an SQLite file.
"""

from __future__ import annotations

import argparse
import datetime as dt
import html
import http.client
import json
import os
import random
import re
import resource
import secrets
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

import django

WORKERS, SENDERS = 2, 32  # processes of the server; how many send at once, as many as it has threads
QUEUED = 10  # vouchers that a till notes without a network
KEY, TOKEN = "request_key", "csrfmiddlewaretoken"
T = TypeVar("T")
S = TypeVar("S")


class Answer(NamedTuple):
    """What came back: status, body, where it sends the browser."""

    status: int
    body: str
    location: str


@dataclass
class Line(threading.local):
    """A connection of each thread to the site, kept open."""

    host: str
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(self.host, timeout=60)


def words(answer: Answer) -> str:
    """What an answer says, to be told where it is none of those that may be."""
    return " ".join(re.sub(r"<[^>]*>", " ", answer.body.partition("<main")[2]).split())[:200]


class Phone:
    """A browser of somebody: its cookies; it asks over the connection of the thread it is in."""

    def __init__(self, line: Line) -> None:
        self.line, self.cookies = line, dict[str, str]()

    def ask(self, path: str, said: dict[str, str] | None = None) -> Answer:
        """Open a page, or send a form to it; a redirect is not followed."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if said is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = None if said is None else urlencode(said)
        self.line.connection.request("GET" if said is None else "POST", path, body, headers)
        answer = self.line.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return Answer(answer.status, answer.read().decode(), answer.headers.get("Location", ""))

    def form(self, page: str, to: str = "") -> dict[str, str]:
        """The hidden fields of the form of a page that is sent ``to`` an address, else to the page itself."""
        answer, where = self.ask(page), f'[^>]* action="{to}"' if to else "(?![^>]* action=)"
        found = re.search(rf'<form method="post"{where}.*?</form>', answer.body, re.DOTALL)
        assert found, (answer.status, page, to)
        fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', found[0])
        return {name: html.unescape(value) for name, value in fields}

    def opened_by(self, link: str) -> Phone:
        """Follow a one-time link and press the button of its page."""
        path = urlsplit(link).path
        answer = self.ask(path, self.form(path))
        assert answer.status == 302, (answer.status, path, words(answer))
        return self


@dataclass
class Site:
    """Where the rush is, and what tickets it gave; ``wrong`` is what was found."""

    line: Line
    tickets: dict[str, Any]
    senders: int
    wrong: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def street(self) -> str:
        return str(self.tickets["street"])

    def at_once(self, do: Callable[[S], T], things: Iterable[S]) -> list[T]:
        """Do something to each of many, so many at a time."""
        with ThreadPoolExecutor(self.senders) as senders:
            return list(senders.map(do, things))

    def expect(self, what: str, found: object, wanted: object) -> None:
        """Note what is not as it has to be."""
        if found != wanted:
            self.wrong.append(f"{what}: {found}, not {wanted}")

    def heard(self, answers: Iterable[Answer], *, allowed: tuple[int, ...]) -> None:
        """Count answers; one that is of no kind that may be is wrong."""
        for answer in answers:
            self.statuses[answer.status] += 1
            if answer.status not in allowed:
                self.wrong.append(f"an answer is {answer.status}: {words(answer)}")


class Try(NamedTuple):
    """One press of the button by a member."""

    member: int
    said: dict[str, str]


def tries_of(forms: list[dict[str, str]], tries: int) -> list[Try]:
    """So many presses: each member's form twice, a double click, then as of pages loaded anew; in an order of chance."""
    out = []
    for n in range(tries):
        member, round_ = n % len(forms), n // len(forms)
        fresh = {} if round_ < 2 else {KEY: secrets.token_hex(13)}
        out.append(Try(member, forms[member] | fresh))
    random.Random(7).shuffle(out)
    return out


def claims(site: Site, members: list[Phone], tries: int) -> tuple[list[int], float]:
    """All try to claim; which members got one, and how long it took."""
    from hege.vouchers.models import Batch, Claim

    claim, vouchers = (urlsplit(site.tickets[name]).path for name in ("claim", "vouchers"))
    forms = site.at_once(lambda phone: phone.form(vouchers, claim), members)
    todo, began = tries_of(forms, tries), time.monotonic()
    answers = site.at_once(lambda one: members[one.member].ask(claim, one.said), todo)
    seconds = time.monotonic() - began
    site.heard(answers, allowed=(302, 422))
    got: dict[int, set[str]] = {}
    for one, answer in zip(todo, answers, strict=True):
        if answer.status == 302:
            got.setdefault(one.member, set()).add(answer.location.partition("#v")[2])
    rows = Claim.objects.filter(street__code=site.street, batch__public_id=site.tickets["batch"])
    numbers = dict(rows.values_list("number", "member"))
    batch = Batch.objects.get(street__code=site.street, public_id=site.tickets["batch"])
    stock = min(site.tickets["stock"], len(members))
    site.expect("rows of claims", len(numbers), stock)
    site.expect("members with a claim", len(set(numbers.values())), stock)
    site.expect("the counter", (batch.claimed, batch.committed_fen), (stock, stock * batch.cost_fen))
    site.expect("members told of several claims", [n for n, told in got.items() if len(told) > 1], [])
    site.expect("claims that members were told of", {n for told in got.values() for n in told}, set(numbers))
    return sorted(got), seconds


class Shown(NamedTuple):
    """A voucher as its member's phone shows it: its number, and the code of an instant."""

    number: str
    secret: str
    at: dt.datetime


def shown_by(site: Site, member: Phone) -> Shown:
    """What the page of a member's one voucher hands to the phone."""
    vouchers = urlsplit(site.tickets["vouchers"]).path
    held = re.search(rf'href="({vouchers}[^"/]+/)"', member.ask(vouchers).body)
    assert held
    page = member.ask(held[1]).body
    secret, now_ms = re.search(r'data-secret="(\w+)"', page), re.search(r'data-now="(\d+)"', page)
    number = re.search(r'<b class="num">(\d{4} \d{4})</b>', page)
    assert secret
    assert now_ms
    assert number
    at = dt.datetime.fromtimestamp(int(now_ms[1]) / 1000, dt.UTC)
    return Shown(number[1].replace(" ", ""), secret[1], at)


def eight_tills(site: Site, tills: list[Phone], voucher: Shown) -> None:
    """One voucher under all scanners at the same moment."""
    from hege.vouchers.models import Redemption, ScanFailure
    from hege.vouchers.moving import scanned_code
    from hege.vouchers.tills.rules import ScanFault

    page = f"/t/{site.street}/s/{voucher.number}/{scanned_code(voucher.secret, voucher.at)}/"
    forms, together = [till.form(page, page) for till in tills], threading.Barrier(len(tills))

    def press(n: int) -> Answer:
        together.wait(30)
        return tills[n].ask(page, forms[n])

    with ThreadPoolExecutor(len(tills)) as hands:
        answers = list(hands.map(press, range(len(tills))))
    site.heard(answers, allowed=(302,))
    site.expect("tills that took one voucher", sum("/taken/" in answer.location for answer in answers), 1)
    rows = {"street__code": site.street, "claim__number": voucher.number}
    site.expect("redemptions of one voucher", Redemption.objects.filter(**rows).count(), 1)
    used = ScanFailure.objects.filter(**rows, fault=ScanFault.USED)
    site.expect("tills that were told it is used", used.count(), len(tills) - 1)


def queue_twice(site: Site, till: Phone, vouchers: list[Shown]) -> int:
    """What a till noted without a network, sent at the same moment twice and once more afterwards; fen it is owed."""
    from django.db.models import Sum

    from hege.vouchers.models import OfflineConflict, Redemption
    from hege.vouchers.moving import moving_code

    def ms(at: dt.datetime) -> int:
        return int(at.timestamp() * 1000)

    rows = [
        {"nonce": secrets.token_hex(15), "number": one.number, "code": moving_code(one.secret, one.at), "at_ms": ms(one.at)}
        for one in vouchers
    ]  # fmt: skip
    index, queue = f"/t/{site.street}/", f"/t/{site.street}/queue/"
    said = {TOKEN: till.form(index)[TOKEN], "scans": json.dumps(rows), "sent_ms": str(ms(vouchers[-1].at))}
    answers = [*site.at_once(lambda _n: till.ask(queue, said), range(2)), till.ask(queue, said)]
    site.heard(answers, allowed=(200,))
    told = [json.loads(answer.body) for answer in answers if answer.status == 200]
    site.expect("what a queue is told that is sent again", [one == told[0] for one in told], [True] * 3)
    site.expect("faults of a queue", {row["fault"] for one in told for row in one["scans"]}, {""})
    taken = Redemption.objects.filter(street__code=site.street, claim__number__in=[one.number for one in vouchers])
    site.expect("redemptions of a queue", taken.count(), len(vouchers))
    site.expect(
        "exceptions of a queue", OfflineConflict.objects.filter(failure__claim__in=taken.values("claim")).count(), 0
    )
    fen: int = taken.aggregate(fen=Sum("owed_fen"))["fen"] or 0
    site.expect("what a queue is owed in fen", fen, sum(taken.values_list("claim__batch__cost_fen", flat=True)))
    return fen


def settled(site: Site) -> int:
    """Freeze the month that shops are paid for, as if it were over; the fen on the lists of the shop of the rush."""
    from django.db.models import Max, Sum

    from hege.kernel.clock import day_of, start_of
    from hege.programme.settlements.actions import freeze_month
    from hege.programme.settlements.models import Settlement
    from hege.programme.settlements.rules import month_of, next_month
    from hege.vouchers.models import Batch, Redemption

    batch = Batch.objects.get(street__code=site.street, public_id=site.tickets["batch"])
    taken = Redemption.objects.filter(claim__batch=batch, reversal__isnull=True)
    told = taken.aggregate(fen=Sum("owed_fen"), last=Max("used_at"))
    month_on = month_of(day_of(told["last"]))
    for _again in range(2):
        freeze_month(batch.street, month_on=month_on, by=None, at=start_of(next_month(month_on)))
    lists = Settlement.objects.filter(street=batch.street, merchant__in=batch.shops.values("merchant"))
    fen: int = lists.aggregate(fen=Sum("total_fen"))["fen"] or 0
    site.expect("fen on the lists of the shop", fen, told["fen"])
    return fen


@contextmanager
def a_site(folder: Path, url: str, given: Any) -> Iterator[Site]:
    """The server over the street, with tickets; on a stage alone where not the whole demo is wanted."""
    from tests.browser.site import hege, served

    database = folder / "street.sqlite3"
    if given.stage:
        _set_stage(url, database)
    words = ["demo", "--tickets", str(given.members), "--stock", str(given.stock), "--json"]
    began = time.monotonic()
    tickets = json.loads(hege(*words, database=database, url=url))
    print(
        f"{len(tickets['members'])} members, {len(tickets['tills'])} tills: {time.monotonic() - began:.1f} s",
        flush=True,
    )
    with served(database, url=url, workers=WORKERS) as running:
        yield Site(Line(urlsplit(running.address).netloc), tickets, given.senders)


def _set_stage(url: str, database: Path) -> None:
    """A demo's street with its people and nothing that has happened."""
    from hege.kernel import clock
    from hege.kernel.calendar import DAY
    from hege.procedures.actions import keep_watch
    from hege.stories.demo import HUAXIN
    from hege.stories.street import set_stage
    from tests.browser.site import hege

    hege("migrate", database=database, url=url)
    today = clock.today()
    stage = set_stage(
        code=HUAXIN, name="华新镇", grid="华新综合网格", residence="华强居委", block="第一街区", premises="沿街", since=today - DAY,
        years=[today.year],
    )  # fmt: skip
    keep_watch(stage.street, on=today, by=None, at=clock.now())


def rush(folder: Path, url: str, given: Any) -> int:
    """Exit status 1 where something is wrong."""
    from tests.browser.site import hege

    with a_site(folder, url, given) as site:
        began = time.monotonic()
        tills = site.at_once(lambda link: Phone(site.line).opened_by(link), site.tickets["tills"])
        members = site.at_once(lambda link: Phone(site.line).opened_by(link), site.tickets["members"])
        print(f"let in: {time.monotonic() - began:.1f} s", flush=True)
        lucky, seconds = claims(site, members, given.tries)
        print(
            f"{given.tries} tries on {given.stock} vouchers: {seconds:.1f} s, {given.tries / seconds:.0f} a second",
            flush=True,
        )
        eight_tills(site, tills, shown_by(site, members[lucky[0]]))
        fen = queue_twice(site, tills[0], [shown_by(site, members[n]) for n in lucky[1 : QUEUED + 1]])
        print(f"one voucher at {len(tills)} tills; a queue of {QUEUED} sent three times: {fen} fen", flush=True)
    print(f"settled: {settled(site)} fen", flush=True)
    try:
        hege("verify", database=folder / "street.sqlite3", url=url)
    except AssertionError as found:
        site.wrong.append(str(found))
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"answers {dict(sorted(site.statuses.items()))}; {used.ru_utime + used.ru_stime:.0f} s of processor")
    print(*site.wrong[:50], sep="\n")
    return 1 if site.wrong else 0


def main() -> int:
    """Set the database before anything reads the settings."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="hege-rush-", ignore_cleanup_errors=True) as named:
        url = given.database or os.environ.get("HEGE_DATABASE_URL") or f"sqlite:///{named}/street.sqlite3"
        os.environ.update(DJANGO_SETTINGS_MODULE="hege.settings", HEGE_DATABASE_URL=url, HEGE_DATA_DIR=named)
        django.setup()
        return rush(Path(named), url, given)


def _arguments() -> Any:
    parser = argparse.ArgumentParser(prog="python -m tests.rush", description=__doc__)
    parser.add_argument("--members", type=int, default=2000)
    parser.add_argument("--tries", type=int, default=10_000)
    parser.add_argument("--stock", type=int, default=500)
    parser.add_argument("--senders", type=int, default=SENDERS)
    parser.add_argument("--stage", action="store_true", help="on an empty street, not on the whole demo")
    parser.add_argument("--database", default="", help="the address of an empty one, else HEGE_DATABASE_URL")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
