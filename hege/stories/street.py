"""A street to play on: its grid, its offices, its members, and files as a street office really has them. Sample data."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

from django.contrib.auth.hashers import make_password

from hege.billing.rules import ComponentKind, Rate, bill_components
from hege.billing.tariff.actions import adopt_tariff
from hege.imports.actions import import_file
from hege.imports.kinds import KINDS
from hege.imports.layouts import FileKind
from hege.imports.looking import Outcome
from hege.kernel.calendar import DAY
from hege.kernel.database import atomic
from hege.kernel.money import yuan
from hege.people.models import Membership, Organisation, Party, PartyKind, Role, Street, User
from hege.places.actions import add_place, seed_calendar
from hege.places.models import Place, PlaceLevel
from hege.search.actions import index_rows
from hege.stories.hours import at_noon

SAMPLE = "合格示例运行单位"  # who runs every street of ours
PASSWORD = "hege-demo-47"  # noqa: S105 -- printed by `make demo`; no such user exists outside a demo database
SAMPLE_RATES = [
    Rate(ComponentKind.SUPPLY, Decimal("3.99")),
    Rate(ComponentKind.SEWAGE, Decimal("2.34"), Decimal("0.9")),
]
OFFICES = ["平安办", "信访办", "司法所", "派出所", "城建中心", "城运中心"]
ROLE_NAMES = {
    Role.COORDINATOR: "街区书记（召集人）",
    Role.GRID_WORKER: "网格员",
    Role.CLERK: "城建中心经办人",
    Role.CHECKER: "核查员",
    Role.MEDIATOR: "调解员",
    Role.AGENT: "二房东（代收人）",
    Role.AUDITOR: "审计员",
    Role.ADMINISTRATOR: "管理员",
    Role.LEADER: "街道领导",
}


class Acting(TypedDict):
    """Who acts, and when."""

    by: User
    at: dt.datetime


@dataclass(frozen=True)
class Stage:
    """A street with its people and offices, ready to play on."""

    street: Street
    users: dict[Role, User]
    parties: dict[str, Party]
    block: Place

    def acting(self, role: Role, on: dt.date) -> Acting:
        """Somebody of a role at noon of a day, as actions are told it."""
        return {"by": self.users[role], "at": at_noon(on)}


@dataclass
class Month:
    """One billing month of a meter: half-open period, its volume, its first index; its bill's number and days."""

    index: int
    from_on: dt.date
    until_on: dt.date
    volume_m3: int
    first_index_m3: int

    @property
    def number(self) -> str:
        return f"SW-{self.from_on:%Y%m}"

    @property
    def issued_on(self) -> dt.date:
        return self.until_on + 4 * DAY

    @property
    def due_on(self) -> dt.date:
        return self.until_on + 24 * DAY

    @property
    def components(self) -> dict[str, int]:
        return {kind.value: fen for kind, fen in bill_components(self.volume_m3 * 1000, SAMPLE_RATES).items()}

    @property
    def total_fen(self) -> int:
        return sum(self.components.values())

    def bill(self, number: str, meter: str) -> list[object]:
        """The bill as a row of the utility's file."""
        end, fen = self.first_index_m3 + self.volume_m3, self.components
        return [
            number, meter, self.from_on, self.until_on - DAY, self.first_index_m3, end, self.volume_m3, yuan(fen["supply"]),
            yuan(fen["sewage"]), "", yuan(self.total_fen), self.due_on, self.issued_on,
        ]  # fmt: skip


@atomic
def set_stage(
    *, code: str, name: str, grid: str, residence: str, block: str, premises: str, since: dt.date, years: Iterable[int],
    suffix: str = "", password: str | None = PASSWORD,
) -> Stage:  # fmt: skip
    """Make a street with one branch of the grid tree, its offices, the calendar of some years, and one member for each role.

    Without a password nobody signs in."""
    at = at_noon(since)
    organisation, _made = Organisation.objects.get_or_create(name=SAMPLE)
    street = Street.objects.create(organisation=organisation, code=code, name=name)
    parent: Place | None = None
    for level, place_code, place_name in (
        (PlaceLevel.STREET, code, name),
        (PlaceLevel.COMPREHENSIVE_GRID, "ZG01", grid),
        (PlaceLevel.RESIDENCE_GRID, "JC01", residence),
        (PlaceLevel.BLOCK, "JQ01", block),
        (PlaceLevel.PREMISES, "YJ01", premises),
    ):
        parent = add_place(
            street, level=level, code=place_code, name=place_name, parent=parent, from_on=since, by=None, at=at
        )
    assert parent is not None
    parties = {
        office: Party.objects.create(street=street, kind=PartyKind.ORGANISATION, name=office, inside=True)
        for office in OFFICES
    }
    for outside in ("水务公司", "物业", residence, "商户代表", "律师事务所"):
        parties[outside] = Party.objects.create(street=street, kind=PartyKind.ORGANISATION, name=outside)
    parties["二房东"] = Party.objects.create(street=street, kind=PartyKind.PERSON, name="二房东")
    index_rows(parties.values())
    secret = make_password(password)  # hashed once: hashing is meant to be slow
    users = {}
    for role, full_name in ROLE_NAMES.items():
        user = User.objects.create(username=f"{role.value}{suffix}", full_name=full_name, password=secret)
        acts_for = {Role.CLERK: parties["城建中心"], Role.AGENT: parties["二房东"], Role.MEDIATOR: parties["司法所"]}
        Membership.objects.create(street=street, user=user, role=role, party=acts_for.get(role), from_on=since)
        users[role] = user
    seed_calendar(street, years)
    adopt_tariff(
        street, name="示例水价（非正式）", from_on=since, rates=SAMPLE_RATES, decision="样例数据，不是正式价目", sample=True, by=None,
        at=at,
    )  # fmt: skip
    return Stage(street, users, parties, parent)


def take_in(stage: Stage, kind: FileKind, name: str, rows: Iterable[Sequence[object]], *, on: dt.date) -> Outcome:
    """Import a file as the coordinator would, and stop the story when a row is refused.

    It is a CSV as an office's spreadsheet program saves it, UTF-8 with a byte order mark; its rows have the first columns
    of their kind.
    """
    lines, out = list(rows), io.StringIO()
    heads = [column.name for column in KINDS[kind].layout.columns]
    csv.writer(out).writerows([heads[: len(lines[0])], *lines])
    content = "\ufeff".encode() + out.getvalue().encode()
    outcome = import_file(stage.street, kind, name, content, **stage.acting(Role.COORDINATOR, on), dry_run=False)
    if outcome.stopped:
        raise RuntimeError(f"{name}: {outcome.faults[:3]} {outcome.doubts[:3]}")
    return outcome


def month_start(day: dt.date, months: int = 0) -> dt.date:
    """The first day of the month ``months`` after the one ``day`` lies in."""
    index = day.year * 12 + day.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)
