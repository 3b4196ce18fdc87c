"""What a random street is made of: what can happen on it, and each supply point on both sides, product and model."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st

from hege.arrears.rules import Money
from hege.billing.actions import (
    choose_method,
)
from hege.billing.rules import Method
from hege.ledger.rules import EvidenceKind, Side
from hege.metering.actions import connect_unit, name_role, open_supply_point
from hege.metering.models import Meter, SupplyPoint
from hege.metering.rules import MeterKind, PointRoleKind
from hege.people.models import Party, Street
from hege.places.actions import name_party
from hege.places.models import Tenancy, Unit
from tests.cast import NOW, install_meter, move_in, register_unit
from tests.properties.model import Point, Shop, Stay

START = dt.date(2026, 1, 1)
MONTHS = [dt.date(2026, m, 1) for m in range(1, 6)]
DAYS = [dt.date(2026, 1, 15), dt.date(2026, 1, 31), dt.date(2026, 2, 14), dt.date(2026, 2, 28), dt.date(2026, 3, 31)]
TODAY = dt.date(2026, 11, 23)
DAY = dt.timedelta(days=1)
F = TypeVar("F", bound=Callable[..., None])
fens = st.one_of(st.integers(1, 300), st.integers(1, 60_000))
parts = st.one_of(st.just(0), st.integers(-2_000, -1), st.integers(1, 99), st.integers(1, 80_000))
which = st.integers(0, 9)
small = st.integers(0, 2_000)
litres = st.one_of(st.integers(0, 20_000), st.integers(9_000, 20_000))
words = st.tuples(st.sampled_from(Side), st.sampled_from(EvidenceKind), st.booleans())
kinds = st.sampled_from(["receipt", "receipt", "remittance", "direct_payment"])
some_method = st.sampled_from([Method.EQUAL, Method.EQUAL, Method.AREA, Method.SUB_METER, Method.MIXED, Method.MIXED])
payments = st.tuples(kinds, which, fens, st.booleans())
HAPPENINGS: list[st.SearchStrategy[tuple[str, dict[str, Any]]]] = []


def may_happen(times: int = 1, **wishes: st.SearchStrategy[Any]) -> Callable[[F], F]:
    """Put a method among the things that can happen on a street, with a weight."""

    def mark(act: F) -> F:
        # a fresh strategy each time: the same one twice would count once
        HAPPENINGS.extend(st.tuples(st.just(act.__name__), st.fixed_dictionaries(wishes)) for _time in range(times))
        return act

    return mark


class BothSides:
    """One supply point on both sides: the product's rows, and the model's."""

    def __init__(self, street: Street, code: str, areas: list[int | None], metered: list[bool]) -> None:
        by: Any = {"by": None, "at": NOW - dt.timedelta(days=1)}
        self.point: SupplyPoint = open_supply_point(street, code=code, **by)
        agent = name_party(street, name=f"代收人 {code}")
        name_role(self.point, kind=PointRoleKind.AGENT, party=agent, from_on=START, **by)
        choose_method(self.point, method=Method.EQUAL, from_on=START, decision="测试", **by)
        self.units: dict[str, Unit] = {}
        self.meters: dict[str, Meter] = {}
        self.agents: dict[str, Party] = {agent.name: agent}
        self.people: dict[str, Tenancy] = {}
        shops = {}
        for n, (area, has_meter) in enumerate(zip(areas, metered, strict=True), 1):
            unit = register_unit(
                street, code=f"{code}-{n}", name="铺", area_sqm=None if area is None else Decimal(area), **by
            )
            connect_unit(unit, point=self.point, from_on=START, **by)
            shop = Shop(unit.code, area)
            self.units[unit.code] = unit
            if has_meter:
                self.install(unit, shop, **by)
            self.people[unit.code] = move_in(unit, operator=unit.code, from_on=START, **by)
            shop.stays.append(Stay(unit.code, START))
            shops[unit.code] = shop
        self.model = Point(shops, [(START, "equal")], [(START, agent.name)])

    def afresh(self) -> BothSides:
        """The same rows with books of its own to write in."""
        other = copy.copy(self)
        other.meters, other.agents, other.people = dict(self.meters), dict(self.agents), dict(self.people)
        other.model = copy.deepcopy(self.model)
        return other

    def install(self, unit: Unit, shop: Shop, **by: Any) -> None:
        self.meters[unit.code] = install_meter(
            self.point, number=f"FB-{unit.code}", kind=MeterKind.SUB, unit=unit, started_on=START, **by
        )
        shop.read = {START: 0}


def clean(plain: dict[str, int]) -> dict[str, int]:
    return {name: fen for name, fen in plain.items() if fen}


def figures(side: BothSides, money: Money) -> dict[str, int]:
    """What the product says, in the model's words; names without money are left out."""
    names = ("payable", "owed", "acknowledged", "unproven", "advances", "passed_over", "held", "fronted", "unshared",
             "common", "loss", "unexplained", "late_fees")  # fmt: skip
    who = {tenancy.pk: name for name, tenancy in side.people.items()}
    out = {name: getattr(money, name) for name in names}
    for unit in money.units:
        out |= {f"{who[unit.tenancy_id]} charged": unit.charged, f"{who[unit.tenancy_id]} paid": unit.paid}
    return clean(out)
