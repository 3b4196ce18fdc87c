"""One street with its people, and a second one that must never be seen from the first. Imported by conftest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import models
from django.test import override_settings

from hege.billing.actions import BillDraft, PaymentDraft, choose_method, issue_bills, take_payments
from hege.billing.chart import TransactionKind
from hege.billing.models import Bill
from hege.billing.rules import ComponentKind, Method, Rate, bill_components
from hege.kernel.calendar import Calendar
from hege.kernel.clock import at_noon
from hege.kernel.database import atomic
from hege.ledger.models import Transaction
from hege.metering import actions as metering
from hege.metering.actions import connect_unit, name_role, open_supply_point
from hege.metering.models import Meter, SupplyPoint
from hege.metering.rules import MeterKind, PointRoleKind
from hege.people.models import Membership, Organisation, Party, PartyKind, Role, Street, User
from hege.places.actions import TenancyDraft, move_in_all, name_party, register_units
from hege.places.models import CalendarDay, DayKind, Tenancy, Unit
from hege.search.actions import index_rows
from hege.trail import actions as trail
from hege.trail.actions import take_up_rows
from hege.trail.queries import walk_chain
from tests.standing import standing

PASSWORD = "a-street-of-47-shops"
SAMPLE_RATES = [
    Rate(ComponentKind.SUPPLY, Decimal("3.99")),
    Rate(ComponentKind.SEWAGE, Decimal("2.34"), Decimal("0.9")),
]
DAY = dt.date(2026, 1, 1)
NOW = at_noon(dt.date(2026, 11, 23))
#: Monday to Friday less the statutory holidays, with the notice of every year in.
CERTAIN = Calendar(confirmed=range(2000, 2100))
#: What every office page asks before its own questions: session; person, street and posts; counts of the menu and streets.
FRAME_QUERIES = 3


def forget(rows: models.QuerySet[Any]) -> None:
    """Take rows away that the house only ends: for a test that needs a street which never had them."""
    models.QuerySet._raw_delete(rows.order_by(), "default")  # Django's own short way


@contextmanager
def another_seal_key(name: str = "0123456789ab") -> Iterator[None]:
    """The trail goes on with another key, the former one at hand."""
    with override_settings(SEAL_KEY_NAME=name, SEAL_KEYS={**settings.SEAL_KEYS, name: b"laid aside"}):
        yield


@contextmanager
def both_seal_keys(name: str = "0123456789ab") -> Iterator[None]:
    """The trail goes on with today's key, that other one at hand."""
    with override_settings(SEAL_KEYS={**settings.SEAL_KEYS, name: b"laid aside"}):
        yield


@dataclass(frozen=True)
class Cast:
    """The people of one street, one for each role, all with ``PASSWORD``."""

    street: Street
    coordinator: User
    grid_worker: User
    clerk: User
    checker: User
    mediator: User
    agent: User
    auditor: User
    administrator: User
    leader: User
    office: Party
    agent_party: Party
    utility: Party

    def of(self, role: Role) -> User:
        """The member who holds a role."""
        user: User = getattr(self, role.value)
        return user


def make_cast(street: Street) -> Cast:
    """A user for every role of a street; the clerk acts for an office, the agent for a party."""
    office = Party.objects.create(street=street, kind=PartyKind.ORGANISATION, name="城建中心", inside=True)
    agent_party = Party.objects.create(street=street, kind=PartyKind.PERSON, name="二房东")
    utility = Party.objects.create(street=street, kind=PartyKind.ORGANISATION, name="水务公司")
    index_rows([office, agent_party, utility])
    users = {}
    for role in Role:
        user = User.objects.create_user(f"{role.value}-{street.code}", PASSWORD, full_name=f"{street.name}{role.label}")
        party = {Role.CLERK: office, Role.AGENT: agent_party}.get(role)
        Membership.objects.create(street=street, user=user, role=role, party=party, from_on=DAY)
        users[role.value] = user
    return Cast(street=street, office=office, agent_party=agent_party, utility=utility, **users)


def tell(street: Street) -> None:
    """Put on a street's trail what a test has written past all actions, so that its books verify."""
    with atomic():
        take_up_rows(street)
        trail.record("register_units", street, street=street, by=None, at=NOW)


def make_street() -> Street:
    """The street of the tests; its calendar of 2026 is confirmed and names New Year's Day alone."""
    organisation, _made = Organisation.objects.get_or_create(name="松江区城运中心")
    made = Street.objects.create(organisation=organisation, code="310117006", name="九里亭街道")
    CalendarDay.objects.create(street=made, day=DAY, kind=DayKind.REST, name="元旦", source="测试")
    return made


@standing
def street() -> Street:
    """The street of the tests."""
    return make_street()


@standing
def other_street() -> Street:
    """A street whose rows nobody of the first may see."""
    organisation, _made = Organisation.objects.get_or_create(name="青浦区城运中心")
    return Street.objects.create(organisation=organisation, code="310118107", name="华新镇")


@standing
def cast(street: Street) -> Cast:
    """The people of the street."""
    return make_cast(street)


@standing
def other_cast(other_street: Street) -> Cast:
    """The people of the other street."""
    return make_cast(other_street)


@dataclass(frozen=True)
class Row:
    """A supply point with its shops: the smallest street that can owe water money."""

    street: Street
    point: SupplyPoint
    units: list[Unit]
    tenancies: list[Tenancy]
    agent: Party

    def bill(
        self,
        number: str = "B-1",
        *,
        fen: int | None = None,
        m3: int = 100,
        from_on: dt.date = dt.date(2026, 1, 1),
        until_on: dt.date = dt.date(2026, 2, 1),
    ) -> Bill:
        """Issue a bill on the period's last day and share it; ``fen`` sets one plain total instead of the sample rates."""
        components = {ComponentKind.OTHER: fen} if fen is not None else bill_components(m3 * 1000, SAMPLE_RATES)
        issued = issue_bills(
            self.street,
            [
                BillDraft(
                    point=self.point,
                    number=number,
                    from_on=from_on,
                    until_on=until_on,
                    volume_litres=m3 * 1000,
                    components_fen=components,
                    amount_fen=sum(components.values()),
                    due_on=until_on + dt.timedelta(days=5),  # a Friday in February and March, far from any holiday
                    issued_on=until_on - dt.timedelta(days=1),
                )
            ],
            by=None,
            at=NOW,
        )
        return issued.bills[0]

    def pay(
        self,
        kind: TransactionKind,
        fen: int,
        *,
        on: dt.date,
        unit: int | None = None,
        confirmed: bool = True,
        voucher: str = "",
        named: Sequence[str] = (),
    ) -> Transaction:
        """Book one payment; ``unit`` is the position of the shop that pays, ``named`` what it is for."""
        draft = PaymentDraft(
            kind=kind,
            point=self.point,
            on=on,
            amount_fen=fen,
            confirmed=confirmed,
            tenancy=None if unit is None else self.tenancies[unit],
            voucher=voucher,
            named=named,
        )
        return Transaction.objects.get(pk=take_payments(self.street, [draft], by=None, at=NOW)[0])


def first_broken(street: Street) -> str | None:
    """What is wrong with a street's chain in words, or None."""
    return next(iter(walk_chain(street).faults), None)


def install_meter(point: SupplyPoint, *, by: User | None, at: dt.datetime, **fields: Any) -> Meter:
    """A meter behind a point."""
    return metering.install_meter(Meter(street=point.street, point=point, **fields), by=by, at=at)


def register_unit(street: Street, *, by: User | None, at: dt.datetime, **fields: Any) -> Unit:
    """One shop on the roster."""
    return register_units([Unit(street=street, **fields)], by=by, at=at)[0]


def move_in(unit: Unit, *, by: User | None, at: dt.datetime, **fields: Any) -> Tenancy:
    """One tenant who moves in."""
    return move_in_all(unit.street, [TenancyDraft(unit, **fields)], by=by, at=at)[0]


def make_row(
    street: Street,
    *,
    code: str = "ZB-1",
    shops: int = 3,
    method: Method = Method.EQUAL,
    since: dt.date = DAY,
    mark: str = "",
) -> Row:
    """A supply point on one DN-50 master meter with ``shops`` shops of 20, 30, 40 … m², and its agent.

    ``mark`` is added to the names of shops and keepers, so that a page can be searched for them.
    """
    at = NOW
    point = open_supply_point(street, code=code, name=f"{code} 总表", by=None, at=at)
    install_meter(point, number=code, kind=MeterKind.MASTER, started_on=since, diameter_mm=50, by=None, at=at)
    agent = name_party(street, name="二房东")
    name_role(point, kind=PointRoleKind.AGENT, party=agent, from_on=since, by=None, at=at)
    name_role(point, kind=PointRoleKind.ACCOUNT_HOLDER, party=agent, from_on=since, by=None, at=at)
    choose_method(point, method=method, from_on=since, decision="测试", by=None, at=at)
    units, tenancies = [], []
    for number in range(1, shops + 1):
        unit = register_unit(
            street,
            code=f"{code}-{number:02d}",
            name=f"{number:02d} 号铺{mark}",
            area_sqm=Decimal(10 + 10 * number),
            by=None,
            at=at,
        )
        connect_unit(unit, point=point, from_on=since, by=None, at=at)
        units.append(unit)
        tenancies.append(move_in(unit, operator=f"店主{number:02d}{mark}", from_on=since, by=None, at=at))
    return Row(street, point, units, tenancies, agent)


@standing
def row(street: Street) -> Row:
    """Three shops behind one master meter, bills shared equally."""
    return make_row(street)


@pytest.fixture
def make_shops(street: Street) -> Callable[..., Row]:
    """Make a supply point with shops in the street: ``make_shops(shops=47, method=Method.AREA)``."""

    def make(**wishes: object) -> Row:
        return make_row(street, **wishes)  # type: ignore[arg-type]

    return make
