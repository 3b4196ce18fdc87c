"""水价: which price list holds for a bill, and how one is written down."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from hege.billing.models import Tariff
from hege.billing.rules import ComponentKind, Rate
from hege.billing.tariff.actions import adopt_tariff
from hege.billing.tariff.queries import rates_of, tariff_on, tariffs_of
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.trail.models import TrailLine
from tests.cast import NOW

JAN, JUL = dt.date(2026, 1, 1), dt.date(2026, 7, 1)


def adopt(street: Street, price: str, *, name: str = "价目", from_on: dt.date = JAN) -> Tariff:
    rates = [Rate(ComponentKind.SUPPLY, Decimal(price))]
    return adopt_tariff(street, name=name, from_on=from_on, rates=rates, decision="沪发改 1 号", by=None, at=NOW)


def test_a_price_list_holds_from_its_day_until_the_next_one(street: Street):
    old, new = adopt(street, "3.99"), adopt(street, "4.20", from_on=JUL)
    known = tariffs_of(street)
    days = [JAN - dt.timedelta(days=1), JAN, JUL - dt.timedelta(days=1), JUL]
    assert [tariff_on(known, day) for day in days] == [None, old, old, new]


def test_of_two_from_one_day_the_later_written_holds_and_the_slip_stays(street: Street):
    slip, mended = adopt(street, "39.9"), adopt(street, "3.99", name="价目（更正）")
    known = tariffs_of(street)
    assert (tariff_on(known, JAN), known) == (mended, [mended, slip])


def test_its_rates_come_back_exactly_and_stand_in_the_trail(street: Street):
    adopted = adopt(street, "3.9905")
    assert rates_of(adopted) == [Rate(ComponentKind.SUPPLY, Decimal("3.9905"))]
    assert TrailLine.objects.get(verb="adopt_tariff").data["rates"] == [["supply", "3.9905", "1"]]


def test_the_same_name_and_day_and_a_list_without_document_are_refused(street: Street):
    adopt(street, "3.99")
    with pytest.raises(Refused) as twice:
        adopt(street, "4.00")
    with pytest.raises(Refused) as undocumented:
        adopt_tariff(street, name="另一份", from_on=JAN, rates=[], decision=" ", by=None, at=NOW)
    assert (twice.value.field, undocumented.value.field) == ("name", "decision")


def test_another_streets_price_list_does_not_hold_here(street: Street, other_street: Street):
    adopt(other_street, "3.99")
    assert tariffs_of(street) == []
