"""What the honour roll costs with 50,000 honours of 20,000 firms: ``python -m bench --roll`` on an empty database of either kind."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from django.db.models.sql import compiler
from django.db.transaction import atomic
from django.test import Client
from django.urls import reverse

from bench.measure import Figure, count_rows, database_seconds, milliseconds
from hege.honours.actions import begin_publicity, check_honour, draft_honours, publish_honour
from hege.honours.models import Honour, HonourStep, HonourVersion
from hege.honours.queries import entries
from hege.honours.roll import ON_THE_ROLL, found_by
from hege.honours.rules import (
    Consent,
    FirmDraft,
    HonourDraft,
    HonourKind,
    HonourState,
    ItemDraft,
    ItemKind,
    Level,
    Seen,
)
from hege.imports.actions import import_file
from hege.imports.layouts import FileKind
from hege.kernel import clock
from hege.kernel.bulk import append, reserve_ids
from hege.kernel.calendar import DAY
from hege.people.models import Organisation, Street
from hege.search.actions import index_things
from hege.trail.actions import record

CODE, NAME = "31011798", "荣誉很多的街道"
PER_FIRM = 2.5
SOUGHT = 7  # the firm that a search asks for
LOT = 5_000
SIGNS = "霖裕韵松林益朗言数安青浦练塘金泽朱家角赵巷徐泾华新重固白鹤香花桥夏阳盈中嘉定宝山崇明奉贤南汇川沙周浦航头新场"
PRODUCTS = ("青菜", "结球甘蓝", "番茄", "黄瓜", "稻谷", "大米", "茭白", "草莓", "葡萄", "鸡蛋", "生菜", "芹菜")
TITLES = (
    ("绿色食品证书", HonourKind.PRODUCT_CERTIFICATE), ("优质农产品示范单位", HonourKind.DEMONSTRATION),
    ("市场监督抽查合格", HonourKind.SPOT_CHECK), ("诚信单位", HonourKind.RATING), ("优秀案例", HonourKind.CASE),
)  # fmt: skip
BODIES = tuple(f"示例颁发单位{n}" for n in range(40))


def firm_name(n: int) -> str:
    """The name of the nth firm; none stands within another."""
    signs = sorted(set(SIGNS))
    return "上海" + "".join(signs[n // len(signs) ** k % len(signs)] for k in range(3)) + "蔬菜种植专业合作社"


def number(n: int) -> str:
    """A green food number that fits and nobody else has."""
    return f"LB-15-25{n // 100_000 % 10 + 1:02}09{n % 100_000:05}A"


def draft(n: int, firms: int) -> HonourDraft:
    """The nth honour, of three products at most."""
    title, kind = TITLES[n % len(TITLES)]
    items = [
        ItemDraft(ItemKind.PRODUCT, PRODUCTS[(n + k) % len(PRODUCTS)], number(3 * n + k)) for k in range(n % 3 + 1)
    ]
    return HonourDraft(
        FirmDraft(firm_name(n % firms), another=True), f"{title} {2020 + n // firms}", kind, "示例报", items=items,
        level=Level.DISTRICT, body=BODIES[n % len(BODIES)], issued_on=dt.date(2025, 3, 5), expires_on=dt.date(2099, 3, 4),
        source_page=f"第 {n % 8 + 1} 版",
    )  # fmt: skip


def figures(honours: int, *, rows: int, runs: int) -> list[Figure]:
    """Searches and the page that a printed code opens, on a tenth and on all; then a file comes in beside them."""
    out: list[Figure] = []
    sizes: list[dict[str, tuple[int, int]]] = []
    for place, size in enumerate((honours // 10, honours)):
        street = _street(f"{CODE}{place}")
        signed = fill(street, size, signed=min(runs, 100))
        count_rows()
        asked = [(f"search {name}", reverse("roll:roll", args=(street.code,)) + query) for name, query in SEARCHES]
        asked += [("what a code opens", reverse("roll:honour", args=(one,))) for one in signed[:1]]
        sizes.append({name: weight(address) for name, address in asked})
        if place:
            out += [
                _page(f"roll: {name}, {size:,}", [address] * runs, queries=6, cpu=40) for name, address in asked[:-1]
            ]
            pages = [reverse("roll:honour", args=(one,)) for one in signed]
            out.append(_page(f"roll: what a code opens, {size:,}", (pages * runs)[:runs], queries=4, cpu=5))
    out += _growth(*sizes)
    return [*out, imported(_street(f"{CODE}2"), rows), imported(street, rows)]


#: What a search asks: the one firm, the one number, what all have, and nothing.
SEARCHES = (
    ("a firm", f"?q={firm_name(SOUGHT)}"), ("a number", f"?q={number(3 * SOUGHT)}"), ("what all have", "?q=蔬菜种植"),
    ("a sort", "?kind=rating"), ("nothing", ""), ("what is not there", "?q=没有这家"),
)  # fmt: skip


def _page(name: str, addresses: Sequence[str], *, queries: int, cpu: int) -> Figure:
    browser = Client()
    calls = [partial(_open, browser, address) for address in addresses]
    for call in calls[:5]:
        call()
    figure = milliseconds(name, calls, queries_at_most=queries, cpu_at_most=cpu)
    note = f"{1000 / figure.cpu:,.0f} req/s of one processor" if figure.cpu else ""
    return Figure(**{f: getattr(figure, f) for f in figure.__slots__} | {"note": note})


def _open(browser: Client, address: str) -> bytes:
    answer = browser.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return bytes(answer.content)


def weight(address: str) -> tuple[int, int]:
    """How many rows a page reads through models, and how many bytes it is."""
    with rows_fetched() as count:
        size = len(_open(Client(), address))
    return count[0], size


@contextmanager
def rows_fetched() -> Iterator[list[int]]:
    """Counts the rows that models read."""
    count, plain = [0], compiler.cursor_iter

    def counted(*args: Any, **named: Any) -> Iterator[Any]:
        for some in plain(*args, **named):
            count[0] += len(some)
            yield some

    compiler.cursor_iter = counted
    try:
        yield count
    finally:
        compiler.cursor_iter = plain


def _growth(few: dict[str, tuple[int, int]], many: dict[str, tuple[int, int]]) -> list[Figure]:
    """Rows and bytes of each page with ten times the honours, to those with a tenth."""
    out = []
    for name, (rows, size) in many.items():
        before_rows, before_size = few[name]
        most = max(rows / max(before_rows, 1), size / before_size)
        note = f"{before_rows} -> {rows} rows, {before_size:,} -> {size:,} bytes"
        out.append(Figure(f"ten times the honours: {name}", most, "times", note, at_most=1.05))
    return out


def imported(street: Street, rows: int) -> Figure:
    """So many rows of a file, booked: two of three honours have one product, a third of them two."""
    there = Honour.objects.filter(street=street).count()
    content = file_of(rows)
    begun, busy = time.perf_counter(), time.process_time() + database_seconds()
    done = import_file(street, FileKind.HONOURS, "荣誉.csv", content, by=None, at=clock.now(), dry_run=False)
    took, busy = time.perf_counter() - begun, time.process_time() + database_seconds() - busy
    if done.booked != rows:
        raise RuntimeError(f"{done.booked} of {rows} rows were booked: {done.faults[:3]} {done.doubts[:3]}")
    name = f"{rows:,} rows imported beside {there:,} honours"
    return Figure(name, took, "s", f"{rows / took:,.0f} rows/s", cpu=busy, at_most=60)


def file_of(rows: int) -> bytes:
    """A file of honours; every fourth row is a further product of the one before."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(
        ["企业名称", "荣誉名称", "荣誉种类", "颁发单位", "产品名称", "证书编号", "颁发日期", "有效期至", "出处", "版面"]
    )
    for n in range(rows):
        one = n - 1 if n % 4 == 3 else n
        firm = f"江苏{firm_name(one // 2)}"
        title, kind = f"绿色食品证书 {one % 2}", "产品证书"
        writer.writerow(
            [firm, title, kind, BODIES[one % 40], PRODUCTS[n % 12], number(500_000 + n), "2025-03-05", "2099-03-04", "示例报", "第 1 版"]
        )  # fmt: skip
    return out.getvalue().encode()


# -- the street ----------------------------------------------------------------------------------------------------------


def _street(code: str) -> Street:
    organisation, _made = Organisation.objects.get_or_create(name="bench")
    street = Street.objects.create(organisation=organisation, code=code, name=NAME)
    record("begin", street, street=street, by=None, at=clock.now())
    return street


def fill(street: Street, size: int, *, signed: int) -> list[str]:
    """Honours that are on the roll, most of them put there past the acts; the public ids of those that went the whole way."""
    firms, at = max(1, round(size / PER_FIRM)), clock.now() - 30 * DAY
    known: dict[str, int] = {}
    for start in range(0, size, LOT):
        some = [draft(n, firms) for n in range(start, min(size, start + LOT))]
        some = [_known(one, known) for one in some]
        with atomic():
            made = draft_honours(street, some, by=None, at=at)
            known |= {honour.firm.name: honour.firm_id for honour in made}
            _put_up(street, [one.pk for one in made], at)
    later = range(size * 10, size * 11)
    alike = [n for n in later if n % 30 == 2 and n % firms != SOUGHT] or list(later)  # but for name and number
    drawn = random.Random("honours").sample(alike, k=min(signed, len(alike)))
    return [_whole_way(street, draft(n, firms), known, at) for n in drawn]


def _known(one: HonourDraft, known: dict[str, int]) -> HonourDraft:
    key = known.get(one.firm.name)
    return replace(one, firm=FirmDraft(one.firm.name, known=key)) if key else one


def _put_up(street: Street, keys: Sequence[int], at: dt.datetime) -> None:
    """The steps and the index of what is drafted, without a signature."""
    versions = list(HonourVersion.objects.that_count().filter(street=street, honour__in=keys))
    shown = clock.day_of(at) + 8 * DAY
    steps = [
        (version, to, seen, consent, until)
        for version in versions
        for to, seen, consent, until in (
            (HonourState.CHECKED, Seen.SOURCE, "", None), (HonourState.IN_PUBLICITY, "", Consent.PUBLIC_SOURCE, shown),
            (HonourState.PUBLISHED, "", "", None),
        )
    ]  # fmt: skip
    append(
        HonourStep,
        (
            "id",
            "street_id",
            "honour_id",
            "version_id",
            "to",
            "words",
            "seen",
            "consent",
            "shown_until_on",
            "by_id",
            "at",
        ),
        [
            (pk, street.pk, v.honour_id, v.pk, to.value, "示例报", str(seen), str(consent), until, None, at)
            for pk, (v, to, seen, consent, until) in zip(reserve_ids(HonourStep, len(steps)), steps, strict=True)
        ],
    )
    Honour.objects.filter(street=street, pk__in=keys).update(
        state=HonourState.PUBLISHED, shown_until_on=shown, published_at=at
    )
    for version in versions:
        version.honour.state = HonourState.PUBLISHED
    index_things(street, ON_THE_ROLL, {entry.honour.pk: found_by(entry) for entry in entries(versions)})
    record("put_up", street, street=street, by=None, at=at)


def _whole_way(street: Street, one: HonourDraft, known: dict[str, int], at: dt.datetime) -> str:
    (honour,) = draft_honours(street, [_known(one, known)], by=None, at=at)
    check_honour(honour, seen=Seen.SOURCE, words="示例报第 1 版", by=None, at=at)
    begin_publicity(honour, consent=Consent.PUBLIC_SOURCE, words="示例报第 1 版", by=None, at=at)
    publish_honour(honour, by=None, at=at + 10 * DAY)
    return honour.public_id
