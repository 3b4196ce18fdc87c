"""What a preview says is what the booking does; and a preview writes nothing and locks nothing."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hege.imports.actions import import_file, preview_file
from hege.imports.kind import Answers
from hege.imports.layouts import TEMPLATES, FileKind
from hege.people.models import Street
from hege.trail.queries import last_seq
from tests.imports.files import (
    HEADERS,
    MASTER,
    NOW,
    RECEIPTS,
    Row,
    bill,
    bring,
    csv_of,
    honour,
    meter,
    receipt,
    taken,
    unit,
)

pytestmark = [pytest.mark.slow, pytest.mark.once]
K = FileKind
Chance = random.Random
SHOPS = ("001", "002", "003", "004", "005")


def metered(street: Street) -> Street:
    """A master shared equally and one shared by sub-meters, two of which were read."""
    taken(street, K.METERS, MASTER, meter("ZB-2", "总表", holder="某物业公司", agent="三房东", method="分表"),
          meter("F-4", master="ZB-2"), meter("F-5", master="ZB-2"))  # fmt: skip
    taken(street, K.UNITS, *(unit(code, operator=f"业主{code}") for code in SHOPS[:3]),
          *(unit(code, operator=f"业主{code}", master="ZB-2", sub=f"F-{code[-1]}") for code in SHOPS[3:]))  # fmt: skip
    taken(street, K.READINGS, ["F-4", "2026-01-31", "40", "现场", "", ""], ["F-5", "2026-01-31", "55", "估抄", "", ""])
    taken(street, K.BILLS, bill(), bill("B-2", master="ZB-2"))
    return street


def rows_of(kind: FileKind, n: int, dice: Chance) -> list[Row]:
    """Some rows of a kind in the ``n``-th month: mostly good, of shops and meters that are there or not yet."""
    day = f"2026-{n + 1:02}-{dice.randint(1, 28):02}"
    month = {"first": f"2026-{n + 1:02}-01", "last": f"2026-{n + 1:02}-28"}
    fen = f"{dice.randint(1, 90000) / 100:.2f}"
    makers: dict[FileKind, Callable[[], list[Row]]] = {
        K.METERS: lambda: [
            meter(f"ZB-N{n}", "总表", agent="新房东", holder="某物业公司", method="等额"),
            meter(f"F-N{n}", master=f"ZB-N{n}"),
            meter("F-4", master="ZB-2", place=f"门后 {n}"),
        ],
        K.UNITS: lambda: [
            unit(f"N{n}", operator=f"新户{n}", in_on=day, master=dice.choice(["ZB-1", "ZB-2"])),
            unit("001", operator="业主001", phone=f"1390000000{n}"),
            unit(f"V{n}", operator="", use="空置", in_on=""),
        ],
        K.READINGS: lambda: [
            [f"F-{s}", f"2026-{n + 1:02}-28", str(100 * n + dice.randint(60, 99)), dice.choice(["现场", "估抄"]), "", ""]
            for s in dice.sample(("4", "5"), dice.randint(1, 2))
        ],
        K.BILLS: lambda: [
            bill(f"B-{n}-1", **month),
            bill(f"B-{n}-2", master="ZB-2", **month),
            bill(f"B-{n}-R", master=dice.choice(["ZB-1", "ZB-2"]), before="", after="", volume="0", supply="-3.99",
                 sewage="-2.11", amount="-6.10", **month),
        ],
        K.RECEIPTS: lambda: [
            receipt(dice.choice([f"R-{n}", ""]), on=day, code=code, amount=fen, proof=dice.choice(["已证实", ""]))
            for code in dice.sample(SHOPS, 1)
        ],
        K.REMITTANCES: lambda: [[day, dice.choice(["ZB-1", "ZB-2"]), fen, "转账", f"M-{n}", "", "", ""]],
        K.DIRECT_PAYMENTS: lambda: [[day, "ZB-1", dice.choice(SHOPS[:3]), fen, "现金", f"D-{n}", "", "", ""]],
        K.ACKNOWLEDGEMENTS: lambda: [[day, dice.choice(SHOPS), fen, f"A-{n}", ""]],
        K.ASSERTIONS: lambda: [[day, "ZB-1", "应付水司", "", fen, f"S-{n}", ""]],
        K.HONOURS: lambda: [honour(f"合作社 {n}"), honour(f"合作社 {n}", product="青菜", number=""), honour(title=f"称号 {n}", code="749750217", product="", number="")],
    }  # fmt: skip
    return makers[kind]()


def said(outcome: Any) -> dict[str, Any]:
    kept = ("new", "changed", "same", "faults", "notices", "changes", "ignored_columns", "before", "after")
    return {name: value for name, value in asdict(outcome).items() if name in kept}


@pytest.mark.parametrize("seed", [1, 2])
def test_totals_notices_and_faults_of_a_preview_are_those_of_the_booking(street: Street, seed: int):
    dice = Chance(seed)
    metered(street)
    booked = set()
    for n in range(1, 4):
        for kind in dice.sample(TEMPLATES, len(TEMPLATES)):
            rows = rows_of(kind, n, dice)
            asked = bring(street, kind, *rows, dry_run=True).doubts
            said_so = {ask: frozenset(d.row for d in asked if d.ask == ask) for ask in ("new", "payment")}
            answers = Answers(new=said_so["new"], both=said_so["payment"])
            seen = bring(street, kind, *rows, dry_run=True, answers=answers)
            done = bring(street, kind, *rows, answers=answers)
            assert said(seen) == said(done), (kind, rows)
            booked |= {kind} if done.booked else set()
    assert booked == set(TEMPLATES)


@pytest.mark.both
@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_preview_sends_no_write_and_no_lock_to_the_database(street: Street, kind: FileKind):
    metered(street)
    content = csv_of(HEADERS[kind], rows_of(kind, 1, Chance(3)))
    with CaptureQueriesContext(connection) as queries:
        assert preview_file(street, kind, "x.csv", content, by=None, at=NOW).faults == []
    asked = [q["sql"] for q in queries.captured_queries]
    assert asked
    reading = re.compile(r"SELECT|DECLARE \S+ NO SCROLL CURSOR FOR SELECT|FETCH|CLOSE")
    assert [sql for sql in asked if not reading.match(sql) or "FOR UPDATE" in sql or "FOR NO KEY" in sql] == []


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_a_preview_answers_while_another_writes(street: Street):
    metered(street)
    other = connection.copy()
    found: list[int] = []
    with other.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE" if other.vendor == "sqlite" else "BEGIN")
        cursor.execute("UPDATE people_street SET name = name")
        look = threading.Thread(target=lambda: found.append(_looked_at(street)))
        look.start()
        look.join(timeout=15)
        cursor.execute("ROLLBACK")
    other.close()
    look.join()
    assert found == [1]


def _looked_at(street: Street) -> int:
    try:
        return preview_file(street, K.RECEIPTS, "x.csv", csv_of(RECEIPTS, [receipt()]), by=None, at=NOW).new
    finally:
        connection.close()


@pytest.mark.both
def test_what_was_written_between_the_check_and_the_lock_is_seen(street: Street, monkeypatch: pytest.MonkeyPatch):
    from hege.imports import actions, looking

    metered(street)
    content = csv_of(RECEIPTS, [receipt()])
    looked, plain = [], looking.look_at

    def look_and_be_overtaken(*args: Any, **named: Any) -> Any:
        look = plain(*args, **named)
        looked.append(last_seq(street))
        if len(looked) == 1:
            import_file(street, K.RECEIPTS, "other.csv", content + b"\n", by=None, at=NOW, dry_run=False)
        return look

    monkeypatch.setattr(actions, "look_at", look_and_be_overtaken)
    outcome = import_file(street, K.RECEIPTS, "x.csv", content, by=None, at=NOW, dry_run=False)
    assert (outcome.new, outcome.same, outcome.booked) == (0, 1, 0)
