"""`hege exchange`, `hege correct`, `hege agent`: what no file may do to a meter, done by a command."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management.base import CommandError

from hege.billing.models import Share
from hege.imports.layouts import FileKind
from hege.metering.models import Meter, PointRole, Reading
from hege.metering.queries import role_holder, the_meter, the_point
from hege.metering.rules import PointRoleKind
from hege.people.models import Street
from hege.trail.models import TrailLine
from tests.cli.test_import import run
from tests.imports.files import Row, bill, bring, meter, taken, unit

pytestmark = [pytest.mark.django_db, pytest.mark.once]
K = FileKind
MARCH = bill("B-3", first="2026-03-01", last="2026-03-31", before="100", after="120", volume="20")


def reading(number: str, on: str, m3: str) -> Row:
    return [number, on, m3, "", "", ""]


@pytest.fixture
def metered(street: Street) -> Street:
    """Two shops with a sub-meter each, read at the end of February."""
    subs = [meter(f"F-{n}", master="ZB-1", diameter="DN15") for n in (1, 2)]
    taken(street, K.METERS, meter("ZB-1", "总表", agent="二房东", method="分表"), *subs)
    taken(street, K.UNITS, unit("001", sub="F-1"), unit("002", sub="F-2"))
    taken(street, K.READINGS, reading("F-1", "2026-02-28", "50"), reading("F-2", "2026-02-28", "50"))
    return street


def shares() -> dict[str, int]:
    """What each shop was charged, in fen."""
    rows = Share.objects.filter(tenancy__isnull=False).values_list("tenancy__unit__code", "amount_fen")
    return {code: sum(fen for c, fen in rows if c == code) for code, _fen in rows}


def exchange(*more: str, new: str = "F-1N") -> str:
    return run("exchange", "F-1", new, "--on", "2026-03-11", "--last", "56", "--first", "0", *more)


@pytest.mark.both
def test_after_an_exchange_the_next_bill_is_shared_by_both_meters(metered: Street):
    assert "F-1 止于 56" in exchange()
    taken(metered, K.READINGS, reading("F-1N", "2026-03-31", "9"), reading("F-2", "2026-03-31", "55"))
    outcome = taken(metered, K.BILLS, MARCH)
    assert [n for n in outcome.notices if "未分摊" in n] == []
    assert shares() == {"001": 45720, "002": 15240}


def test_an_exchange_that_was_only_looked_at_leaves_no_trace(metered: Street):
    lines = TrailLine.objects.count()
    assert "什么都没有存" in exchange("--dry-run")
    assert (Meter.objects.filter(number="F-1N").count(), TrailLine.objects.count()) == (0, lines)
    assert the_meter(metered, "F-1").ended_on is None


def test_a_new_meter_that_came_with_the_rosters_is_taken_into_the_exchange(metered: Street):
    taken(metered, K.METERS, meter("F-1N", master="ZB-1", since="2026-03-11"))
    outcome = taken(metered, K.UNITS, unit("001", sub="F-1N"))
    assert any("hege exchange F-1 F-1N" in notice for notice in outcome.notices)
    taken(metered, K.READINGS, reading("F-1N", "2026-03-31", "9"), reading("F-2", "2026-03-31", "55"))
    assert any("F-1 缺" in notice for notice in taken(metered, K.BILLS, MARCH).notices)
    exchange()
    assert "已分摊 B-3" in run("share")
    assert shares() == {"001": 45720, "002": 15240}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("F-9", "F-1N", "--on", "2026-03-11", "--last", "56", "--first", "0"), "没有 F-9 这块表"),
        (("F-1", "F-2", "--on", "2026-03-11", "--last", "56", "--first", "0"), "F-2 已登记"),
        (("F-1", "F-1", "--on", "2026-03-11", "--last", "56", "--first", "0"), "F-1 已登记"),
        (("F-1", "F-1N", "--on", "2026-02-11", "--last", "56", "--first", "0"), "还有抄表记录"),
        (("F-1", "F-1N", "--on", "2199-02-11", "--last", "56", "--first", "0"), "晚于今天"),
        (("F-1", "F-1N", "--on", "2026-03-11", "--last", "4", "--first", "0"), "还低"),
        (("F-1", "F-1N", "--on", "2026-03-11", "--last", "x", "--first", "0"), "立方米"),
    ],
)
def test_an_exchange_that_cannot_be_is_refused_in_words(metered: Street, words: tuple[str, ...], reason: str):
    with pytest.raises(CommandError, match=reason):
        run("exchange", *words)
    assert Meter.objects.filter(ended_on__isnull=False).count() == 0


@pytest.mark.both
def test_a_wrong_reading_is_corrected_and_stays_in_the_book(metered: Street):
    assert "由 50 更正为 48" in run("correct", "F-1", "2026-02-28", "48", "--reason", "看错", "--dry-run")
    assert Reading.objects.count() == 2
    run("correct", "F-1", "2026-02-28", "48", "--reason", "看错")
    run("correct", "F-1", "2026-02-28", "47.5", "--reason", "又看错")
    rows = Reading.objects.filter(meter__number="F-1").order_by("pk")
    assert [(r.litres, r.note) for r in rows] == [(50_000, ""), (48_000, "看错"), (47_500, "又看错")]
    for words, reason in ((("F-1", "2026-02-27", "48"), "没有抄表记录"), (("F-1", "2026-02-28", "-1"), "负数")):
        with pytest.raises(CommandError, match=reason):
            run("correct", *words, "--reason", "看错")


def test_the_refusal_of_a_roster_names_the_command_that_changes_the_agent(metered: Street):
    fault = bring(metered, K.METERS, meter("ZB-1", "总表", agent="新 代收人", method="分表")).faults[0]
    assert "hege agent ZB-1 '新 代收人' --from" in fault.reason


@pytest.mark.both
def test_another_agent_collects_from_a_day_on(metered: Street):
    point = the_point(metered, "ZB-1")
    said = run("agent", "ZB-1", "新代收人", "--from", "2026-06-01", "--until", "2026-09-01")
    assert "自 2026-06-01 起的代收人是新代收人" in said
    held = [role_holder(point, PointRoleKind.AGENT, on=dt.date(2026, month, 31)) for month in (5, 7)]
    assert [party.name for party in held if party] == ["二房东", "新代收人"]
    rows = PointRole.objects.filter(point=point, kind=PointRoleKind.AGENT).order_by("from_on")
    assert [str(r.until_on) for r in rows] == ["2026-06-01", "2026-09-01"]
    assert "账户名是某物业公司" in run("agent", "ZB-1", "某物业公司", "--from", "2026-01-01", "--account-holder")
    for name, until, reason in (("甲", "2026-06-01", "晚于上任"), (" ", "2027-01-01", "写明是谁")):
        with pytest.raises(CommandError, match=reason):
            run("agent", "ZB-1", name, "--from", "2026-06-01", "--until", until)
