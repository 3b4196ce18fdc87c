"""Ten papers of one street end at the true figures, in whatever order the money papers come."""

from __future__ import annotations

import datetime as dt
import random
import re
from typing import Any

import pytest
from django.db.transaction import atomic, set_rollback

from hege.arrears.queries import who_holds_the_money
from hege.billing.chart import WATER
from hege.billing.models import Payment
from hege.imports.actions import import_file
from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.imports.looking import Outcome
from hege.ledger.models import Evidence
from hege.ledger.queries import faults
from hege.metering.models import SupplyPoint
from hege.people.models import Street
from tests.imports.files import NOW
from tests.imports.office import expected, paper
from tests.standing import standing

pytestmark = pytest.mark.once

TRUTH = expected()
FILES = {file["file"]: file for file in TRUTH["files"]}
REGISTERS, MONEY = (
    ("units", "meters", "readings", "bills"),
    ("receipts", "wallet", "bank", "utility-payments", "assertions"),
)
ACCEPT = Answers(accept=True, new=frozenset(range(1, 60)))
#: Why a line is aside in the papers' own words, and in ours.
ASIDE = {
    "自己账户之间": {"own-transfer"},
    "私人支出": {"private-spending"},
    "私人往来": {"private", "red-envelope"},
    "房租，不是水费": {"rent"},
    "交房东的租金": {"rent"},
    "电费，不是水费": {"electricity"},
    "当天退回，没有收成": {"returned"},
    "退款": {"returned"},
    "交易已关闭，没有付": {"closed"},
    "收益，不是水费": {"interest"},
    "利息": {"interest"},
    "同一水司，另一个户号": {"other-account"},
}


def come(street: Street, name: str) -> Outcome:
    kind = FileKind(FILES[name]["kind"])
    return import_file(street, kind, name, paper(name), by=None, at=NOW, dry_run=False, answers=ACCEPT)


def of_kinds(*kinds: str) -> list[str]:
    return [name for kind in kinds for name, file in FILES.items() if file["kind"] == kind]


@standing
def registered(street: Street) -> Street:
    """The street after its roster, meters, readings and bills."""
    for name in of_kinds(*REGISTERS):
        outcome = come(street, name)
        assert (outcome.faults, outcome.doubts) == ([], [])
    return street


@standing
def told(registered: Street) -> dict[str, Outcome]:
    """What became of the money papers, in the order of their kinds."""
    return {name: come(registered, name) for name in of_kinds(*MONEY)}


def figures(street: Street) -> dict[str, Any]:
    """Who holds the money at the end of each day of the truth, confirmed and with claims."""
    point = SupplyPoint.objects.get(street=street)
    found = {}
    for day in TRUTH["money"]:
        holding = who_holds_the_money(point, on=dt.date.fromisoformat(day["on"]))
        found[day["on"]] = {layer: getattr(holding, layer).as_json() for layer in ("confirmed", "with_claims")}
    return found


def payments(street: Street) -> list[tuple[Any, ...]]:
    """Every payment: kind, month, whose, how much, how well it is proven, on how many papers. A day may be another paper's."""
    rows = Payment.objects.filter(street=street).select_related(
        "transaction__open_claim", "tenancy__unit", "tenancy__party"
    )
    papers = [pk for (pk,) in Evidence.objects.filter(street=street).values_list("transaction_id")]
    return sorted(
        (
            p.transaction.kind, p.tenancy.unit.code if p.tenancy else "", p.tenancy.party.name if p.tenancy else "",
            p.amount_fen, f"{p.transaction.effective_on:%Y-%m}", p.transaction.level, papers.count(p.transaction_id),
        )
        for p in rows
    )  # fmt: skip


def true_payments() -> list[tuple[Any, ...]]:
    kinds = {"receipts": "receipt", "remittances": "remittance", "direct-payments": "direct_payment"}
    return sorted(
        (kinds[p["kind"]], p["unit"] or "", p["operator"] or "", p["fen"], p["on"][:7], p["level"], len(p["papers"]))
        for p in TRUTH["payments"]
    )


def test_nothing_of_the_papers_is_refused_or_asked(told: dict[str, Outcome]):
    assert {name: (o.faults, o.doubts) for name, o in told.items() if o.stopped} == {}


def test_the_figures_of_three_days_are_the_true_ones(registered: Street, told: dict[str, Outcome]):
    found = figures(registered)
    for day in TRUTH["money"]:
        for layer in ("confirmed", "with_claims"):
            mine, true = found[day["on"]][layer], day[layer]
            names = [name for name in true if name in mine and name != "units"]
            assert {name: mine[name] for name in names} == {name: true[name] for name in names}
            assert {"payable", "held", "fronted", "advances", "passed_over", "unshared"} <= {*names}
            owed = {(u["code"], u["operator"]): u["owed"] for u in true["units"]}
            assert sum(owed.values()) == true["owed"] == mine["acknowledged"] + mine["unproven"]
    assert list(faults(registered, WATER)) == []


@pytest.mark.both
def test_every_payment_is_there_once_with_its_level_and_all_its_papers(registered: Street, told: dict[str, Outcome]):
    assert payments(registered) == true_payments()


def test_every_line_is_what_it_is_and_every_other_is_left_aside_for_its_reason(told: dict[str, Outcome]):
    statements = of_kinds("wallet", "bank", "utility-payments")
    for name in statements:
        file, outcome = FILES[name], told[name]
        aside = {seen.row: seen.reasons[0].why for lines in outcome.aside.values() for seen in lines}
        assert aside.keys() == {line["row"] for line in file["aside"]}
        assert all(aside[line["row"]] in ASIDE[line["why"]] for line in file["aside"])
        codes = {seen.row: seen.code.split(":") for seen in outcome.lines if seen.state == "taken"}
        assert codes.keys() == {line["row"] for line in file["lines"]}
        for line in file["lines"]:
            assert codes[line["row"]][0] == line["kind"]
            assert line["unit"] is None or codes[line["row"]][-2] == line["unit"]


def test_the_two_sides_of_a_transfer_are_aside_on_both_papers(told: dict[str, Outcome]):
    for transfer in TRUTH["own_transfers"]:
        for side in transfer["papers"]:
            assert side["row"] in {seen.row for seen in told[side["file"]].aside["own-transfer"]}


ALIPAY = "6支付宝交易明细.csv"


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("姓名：示例二房东", "姓名：路人甲", ["这份账单的主人是“路人甲”"]),
        (r"\r\n2026-07-12 19:03:10,[^\r]*", "", ["共 29 笔", "收入 14笔 4940.86元"]),
        ("支出：11笔 978.95元", "支出：11笔 987.95元", ["支出 11笔 987.95元"]),
    ],
    ids=["another person's", "a row deleted", "another sum above"],
)
def test_a_wallet_that_is_not_what_it_says_is_named_and_nothing_of_it_is_booked(
    registered: Street, was: str, now: str, told: list[str]
):
    text, changed = re.subn(was, now, paper(ALIPAY).decode("gb18030"))
    assert changed == 1
    content = text.encode("gb18030")
    outcome = import_file(registered, FileKind.WALLET, ALIPAY, content, by=None, at=NOW, dry_run=False, answers=ACCEPT)
    assert outcome.booked == 0
    assert [f.value for f in outcome.faults] + [d.shown for d in outcome.doubts if d.ask == "owner"] == told


def play(street: Street, order: list[str]) -> tuple[int, dict[str, Any], list[tuple[Any, ...]]]:
    """Bring papers in an order; one that asks comes again after the others. Answers what is still asked, and the books."""
    waiting, asked = order, 0
    while waiting:
        outcomes = {name: come(street, name) for name in waiting}
        later = [name for name, outcome in outcomes.items() if outcome.stopped]
        asked = sum(len(outcomes[name].doubts) for name in later)
        if later == waiting:
            break
        waiting = later
    return asked, figures(street), payments(street)


@pytest.mark.slow
def test_in_any_order_the_papers_make_the_same_books_and_ask_the_same(registered: Street):
    """Every paper before and after every other, and by chance beside it."""
    names = of_kinds(*MONEY)
    found = []
    for order in (names, names[::-1], *(random.Random(seed).sample(names, len(names)) for seed in range(6))):
        with atomic():
            found.append(play(registered, order))
            set_rollback(True)
    assert found[0][0] == 0
    assert found[0][2] == true_payments()
    assert all(books == found[0] for books in found)
