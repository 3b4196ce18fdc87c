"""What a rush for vouchers costs over HTTP, and what a street of many riders costs to read and to prove.

`python -m bench --vouchers` on an empty database of either kind, and a part of `make bench`. Claims, refusals of what is given out and redemptions go
over HTTP to a server of its own, beside one bare statement each (`bench/bare.py`). The street is the story's in the middle
of its winter, with so many members and entries more past the pages; a tenth of it stands beside it.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import Any

from django.db import connection
from django.db.transaction import atomic
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from bench import bare, points, proof
from bench.honours import rows_fetched
from bench.load import SENDERS, WARMING, Cost, Running, Sent, served
from bench.measure import OF_TRANSACTIONS, Figure, count_rows, milliseconds
from bench.peer import Peer, beside
from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.members.actions import join_many_with_cards
from hege.members.models import Member, MemberDevice
from hege.members.rules import JoinedHow, MemberWork, kept_as
from hege.people.models import Role, Street
from hege.points.actions import Served, add_minutes, earn
from hege.stories.programme import play_winter
from hege.stories.street import Stage, set_stage
from hege.stories.tickets import make_tickets
from hege.trail.actions import record
from hege.vouchers.models import Batch, Claim
from hege.vouchers.moving import new_secret, scanned_code
from hege.vouchers.sealing import seal, unsealed
from hege.vouchers.tills.actions import open_till
from hege.vouchers.tills.queries import link_by_token
from hege.web.bearers import MEMBER, TILL
from hege.web.form_key import FIELD
from hege.web.member.points import MOST_ENTRIES

#: Codes of streets begin so; each run takes the next ones.
CODES = "3101189"
MOST_SECONDS, MOST_STATEMENTS, MOST_MS = 60, 12, 5
PAGE_STATEMENTS, PAGE_KB, LIST_STATEMENTS = 8, 50, 12
#: Of all entries: spendings go one by one through the act, and are what takes long to make.
SPENT = 0.005
COUNTED = 2  # of each act within this process: one to warm, one whose statements are counted


def _stage(today: dt.date) -> Stage:
    number = Street.objects.filter(code__startswith=CODES).count()
    return set_stage(
        code=f"{CODES}{number:02}", name=f"骑手很多的街道{number}", grid="综合网格", residence="居委", block="第一街区", premises="沿街",
        since=today - 400 * DAY, years=range(today.year - 1, today.year + 2), suffix=f"-bench{number}",
    )  # fmt: skip


@atomic
def let_in(street: Street, members: Sequence[Member]) -> list[str]:
    """A browser of each of some members, past its card: what their cookies hold."""
    tokens, at = [secrets.token_urlsafe(32) for _member in members], clock.now()
    made = MemberDevice.objects.bulk_create(
        MemberDevice(
            street=street, member=member, token_hash=next(kept_as(token)), how=JoinedHow.CARD, opened_at=at
        )
        for member, token in zip(members, tokens, strict=True)
    )  # fmt: skip
    record("open_device", made[0], street=street, by=None, at=at, devices=len(made))
    return tokens


# -- over HTTP -----------------------------------------------------------------------------------------------------------


@dataclass
class Rush:
    """A street before a rush: whom it lets in, what there is to claim, who takes it."""

    street: Street
    batch: Batch
    riders: list[str]
    tills: list[str]

    def claim(self, rider: str) -> Sent:
        """The press of a member's button."""
        path = reverse("member:claim_voucher", args=(self.street.code, self.batch.public_id))
        return Sent(path, {MEMBER: rider}, {FIELD: secrets.token_hex(13)})

    def redeem(self, till: str, number: str, secret: str) -> Sent:
        """The press of a till's button, with the code of this instant."""
        path = reverse("till:scan", args=(self.street.code, number, scanned_code(secret, clock.now())))
        return Sent(path, {TILL: till}, {FIELD: secrets.token_hex(13)})

    def vouchers(self) -> list[tuple[str, str]]:
        """Number and secret of each claim."""
        rows = Claim.objects.filter(street=self.street, batch=self.batch).order_by("pk").values_list("number", "secret")
        found = [(number, unsealed(sealed, street=self.street.pk, number=number)) for number, sealed in rows]
        return [(number, secret) for number, secret in found if secret is not None]


def stock_for(each: int) -> int:
    """How many of an act are sent where so many are measured, one at a time and then many at once."""
    return COUNTED + 2 * (WARMING + each // 2)


def prepared(each: int) -> Rush:
    """So many vouchers, and twice so many members; all with a browser."""
    stage, at, stock = _stage(clock.today()), clock.now(), stock_for(each)
    tickets = make_tickets(stage.street, 2 * stock, stock=stock, at=at)
    links = [link_by_token(stage.street.code, token) for token in tickets.tills]
    tills = [open_till(link, secret=secrets.token_hex(8), by=None, at=at) for link in links if link is not None]
    members = Member.objects.filter(street=stage.street).order_by("number")
    return Rush(stage.street, tickets.batch, let_in(stage.street, list(members)), tills)


def statements(requests: Sequence[Callable[[], Sent]], *, status: int) -> int:
    """How many statements the last of some requests sends, within this process."""
    count = 0
    for make in requests:
        path, cookies, said = make()
        browser = Client()
        browser.cookies.load(dict(cookies))
        with CaptureQueriesContext(connection) as asked:
            answer = browser.post(path, said)
        count = sum(not sql["sql"].startswith(OF_TRANSACTIONS) for sql in asked)
        if answer.status_code != status:
            raise RuntimeError(f"{path} answered {answer.status_code}, not {status}")
    return count


def over_http(each: int) -> tuple[list[Figure], dict[str, Cost]]:
    """What claims, refusals and redemptions cost, so many of each, half one at a time and half many at once, and one bare
    statement beside each."""
    rush = prepared(each)
    count_rows()
    stock = stock_for(each)
    acts: Mapping[str, tuple[int, Callable[[], list[Callable[[], Sent]]]]] = {
        "claim": (302, lambda: [partial(rush.claim, rider) for rider in rush.riders[:stock]]),
        "refuse": (422, lambda: [partial(rush.claim, rider) for rider in rush.riders[stock:]]),
        "redeem": (
            302,
            lambda: [
                partial(rush.redeem, till, *voucher)
                for till, voucher in zip(cycle(rush.tills), rush.vouchers(), strict=False)
            ],
        ),
    }
    costs, figures = dict[str, Cost](), list[Figure]()
    with served("hege.wsgi:application") as site:
        for act, (status, wanted) in acts.items():
            requests = wanted()
            count = statements(requests[:COUNTED], status=status)
            alone, together = requests[COUNTED : COUNTED + WARMING + each // 2], requests[-WARMING - each // 2 :]
            costs[act] = site.cost_of(alone, status=status, at_once=1)
            figures.append(_figure(f"{act} over HTTP", costs[act], count))
            figures.append(_figure(f"{act} over HTTP, {SENDERS} at once", site.cost_of(together, status=status)))
    url = os.environ[bare.URL]
    with bare.tables(url, stock=each + WARMING), served("bench.bare:application") as site:
        figures += [_figure(f"bare, one statement: {act}", cost) for act, cost in _bare(site, each)]
    return figures, costs


def _bare(site: Running, each: int) -> Iterator[tuple[str, Cost]]:
    for act, status in (("claim", 302), ("refuse", 422), ("redeem", 302)):
        requests = [partial(Sent, f"/{act}/{n}/") for n in range(each + WARMING)]
        yield act, site.cost_of(requests, status=status, at_once=1)


def _figure(name: str, cost: Cost, count: int | None = None) -> Figure:
    wanted = {"at_most": MOST_MS, "queries_at_most": MOST_STATEMENTS} if count is not None else {}
    within = "in the program" if connection.vendor == "sqlite" else f"{cost.database:.1f} ms"
    note = f"database {within}, {cost.per_second:,.0f} req/s"
    return Figure(name, cost.program, "ms of cpu", note, queries=count, **wanted)


# -- a grown street ------------------------------------------------------------------------------------------------------


@dataclass
class Grown:
    """A street with many riders, and browsers of who reads in it."""

    stage: Stage
    rider: Client
    office: Client

    def pages(self) -> dict[str, tuple[Client, str]]:
        """The pages that are measured, by name; those that there are."""
        code, out = self.stage.street.code, dict[str, tuple[Client, str]]()
        holders = Claim.objects.filter(street=self.stage.street).order_by("-pk").select_related("batch")[0].batch
        wanted: tuple[tuple[str, Client, str, tuple[str, ...]], ...] = (
            ("member: own page", self.rider, "member:index", (code,)),
            ("member: vouchers", self.rider, "member:vouchers", (code,)),
            ("member: points", self.rider, "member:points", (code,)),
            ("list: members", self.office, "members:index", (code,)),
            ("list: points", self.office, "points:index", (code,)),
            ("list: batches", self.office, "vouchers:index", (code,)),
            ("list: holders of a batch", self.office, "vouchers:detail", (code, holders.public_id)),
        )
        for name, browser, address, ids in wanted:
            try:
                out[name] = browser, reverse(address, args=ids)
            except NoReverseMatch:
                print(f"{name}: there is no such page")
        return out


def grown(members: int, entries: int) -> Grown:
    """The street of the story, with so many members and entries more; a quarter of the members hold one voucher of a batch."""
    begun, today = time.perf_counter(), clock.today()
    stage = _stage(today)
    with atomic():
        play_winter(stage, today, tell=lambda _step: None)
    street, by = stage.street, stage.users[Role.CLERK]
    people = [(f"示例{n % 10_000:04d}", MemberWork.FOOD_RIDER) for n in range(members)]
    join_many_with_cards(street, people=people, by=by, at=clock.now())
    rows = list(Member.objects.filter(street=street).order_by("number"))
    for row in rows:
        row.street = street
    points.fill(street, rows, entries, spent=SPENT)
    for n in range(MOST_ENTRIES):  # as many of both sorts as the page of one shows
        earn(street, {rows[0].pk: 10}, key=f"bench own {n}", by=None, at=clock.now() - n * DAY)
    own = [Served(rows[0].pk, 90, f"bench own {n}") for n in range(MOST_ENTRIES)]
    add_minutes(street, own, by=None, at=clock.now())
    _hand_out(street, rows[-(members // 4) :])
    (token,) = let_in(street, rows[:1])
    rider, office = Client(), Client()
    rider.cookies[MEMBER] = token
    office.force_login(stage.users[Role.COORDINATOR])
    print(f"{members:,} members, {entries:,} entries: {time.perf_counter() - begun:.0f} s", flush=True)
    return Grown(stage, rider, office)


@atomic
def _hand_out(street: Street, members: Sequence[Member]) -> None:
    """A batch of which each of some members has one, past the acts."""
    at = clock.now()
    batch = make_tickets(street, 1, stock=len(members), at=at).batch
    taken = set(Claim.objects.filter(street=street).values_list("number", flat=True))
    numbers = (number for n in range(10**8) if (number := f"{n:08d}") not in taken)
    made = Claim.objects.bulk_create(
        Claim(
            street=street, batch=batch, member=member, seq=1, number=number, at=at,
            secret=seal(new_secret(), street=street.pk, number=number),
        )
        for member, number in zip(members, numbers, strict=False)
    )  # fmt: skip
    batch.claimed, batch.committed_fen = len(made), len(made) * batch.cost_fen
    batch.save(update_fields=["claimed", "committed_fen"])
    record("claim_voucher", made[0], street=street, by=None, at=at, claims=len(made))


def reading(members: int, entries: int, *, runs: int) -> list[Figure]:
    """Pages on a tenth and on all, and the proof of all."""
    out, sizes = list[Figure](), list[dict[str, tuple[int, int, int]]]()
    for share in (10, 1):
        street = grown(members // share, entries // share)
        count_rows()
        sizes.append({name: _weight(*page) for name, page in street.pages().items()})
        if share == 1:
            out += [_page(name, *page, runs=runs) for name, page in street.pages().items()]
    out += _growth(*sizes)
    return [*out, *proof.figures(street.stage.street, most_seconds=MOST_SECONDS)]


def _open(browser: Client, address: str) -> bytes:
    answer = browser.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return bytes(answer.content)


def _weight(browser: Client, address: str) -> tuple[int, int, int]:
    """How many statements a page sends, how many rows it reads through models, and how many bytes it is."""
    _open(browser, address)
    with rows_fetched() as count, CaptureQueriesContext(connection) as asked:
        size = len(_open(browser, address))
    return len(asked), count[0], size


def _page(name: str, browser: Client, address: str, *, runs: int) -> Figure:
    most = PAGE_STATEMENTS if name == "member: own page" else LIST_STATEMENTS
    size = len(_open(browser, address)) / 1000
    figure = milliseconds(name, [partial(_open, browser, address)] * runs, note=f"{size:.1f} kB", queries_at_most=most)
    if name.startswith("member") and size > PAGE_KB:
        raise RuntimeError(f"{name} has {size:.1f} kB, more than {PAGE_KB}")
    return figure


def _growth(few: dict[str, tuple[int, int, int]], many: dict[str, tuple[int, int, int]]) -> list[Figure]:
    """Statements, rows and bytes of each page with ten times the rows, to those with a tenth."""
    out = []
    for name, after in many.items():
        before = few[name]
        most = max(now / max(then, 1) for then, now in zip(before, after, strict=True))
        told = [f"{then:,} -> {now:,} {what}" for then, now, what in zip(before, after, WEIGHED, strict=True)]
        out.append(Figure(f"ten times the rows: {name}", most, "times", ", ".join(told), at_most=1.1))
    return out


WEIGHED = ("statements", "rows", "bytes")


def tables(given: Any, peer: Peer | None) -> Iterator[list[Figure]]:
    """Each table as it is measured; beside another system's figures what goes over HTTP alone."""
    figures, costs = over_http(given.each)
    yield figures
    if peer is not None:
        yield beside(peer, costs)
    else:
        yield reading(given.members, given.entries, runs=given.reads)
