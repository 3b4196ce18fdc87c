"""The benchmark runs, and the street it measures is a true one."""

from __future__ import annotations

import datetime as dt

import pytest

from bench import pictures
from bench.measure import Figure, count_rows, table
from bench.run import measure
from bench.street import FIRST_DAY, Size, build, month
from hege.arrears.queries import money_totals, who_holds_the_money
from hege.billing.models import Payment, Share
from hege.integrity.queries import faults
from hege.ledger.models import OpenClaim
from hege.metering.models import SupplyPoint
from hege.people.models import Street

SIZE = Size(points=3, units=12, periods=13)

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def street() -> Street:
    made = build(SIZE, workers=0)
    count_rows()
    return made


def test_the_street_is_as_large_as_asked_and_every_row_of_it_is_proven(street: Street):
    assert Share.objects.count() == SIZE.shares
    assert Payment.objects.filter(tenancy__isnull=False).count() == SIZE.shares
    assert 0 < OpenClaim.objects.count() < SIZE.shares // 10
    assert list(faults(street)) == []


def test_the_street_owes_what_its_agents_hold_and_its_shops_have_not_paid(street: Street):
    held = [who_holds_the_money(p, on=SIZE.last_day) for p in SupplyPoint.objects.filter(street=street)]
    assert all(h.confirmed.difference == 0 and h.with_claims.difference == 0 for h in held)
    assert sum(h.confirmed.payable for h in held) == money_totals(street, on=SIZE.last_day).payable > 0
    assert sum(h.with_claims.held for h in held) > 0
    assert sum(h.confirmed.acknowledged for h in held) > 0


def test_every_figure_is_measured(street: Street):
    figures = [
        f
        for block in measure(street, SIZE, receipts=20, lines=40, reads=2, writes=1, cases=40, honours=40)
        for f in block
    ]
    assert all(figure.median > 0 for figure in figures)
    assert [f.name for f in figures if f.queries_at_most is not None and (f.queries or 99) > f.queries_at_most] == []
    shown = table(figures)
    assert all(figure.name in shown for figure in figures)


def test_a_photograph_is_measured_in_its_child(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pictures, "ASKED", pictures.ASKED[:1])
    seconds, memory = pictures.figures(runs=1, shrunk=10)
    assert (seconds.met, memory.met) == (True, True)
    assert memory.median > 10  # no Python holds less


def test_a_missed_target_is_told():
    slow = Figure("board", 301.0, "ms", queries=12, at_most=300, queries_at_most=12)
    assert slow.met is False
    assert "MISSED" in table([slow])


def test_months_run_on_over_the_year():
    assert month(0) == FIRST_DAY
    assert month(13) == dt.date(FIRST_DAY.year + 1, 2, 1)
