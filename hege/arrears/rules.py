"""Who holds the money: pure arithmetic over what moved between accounts."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from hege.ledger.rules import AccountKind


@dataclass(frozen=True, slots=True)
class Owner:
    """What an account is and whose it is."""

    kind: AccountKind
    tenancy_id: int | None = None
    party_id: int | None = None
    code: str = ""
    name: str = ""
    from_on: dt.date | None = None
    until_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class UnitMoney:
    """One tenancy's account in fen: a new tenant never inherits, so a unit may have several."""

    tenancy_id: int
    code: str
    name: str
    from_on: dt.date | None
    until_on: dt.date | None
    charged: int
    paid: int
    direct: int
    owed: int
    advance: int
    passed_over: int
    acknowledged: int

    @property
    def unproven(self) -> int:
        """Owed, but nobody has shown whether it was paid."""
        return self.owed - self.acknowledged


@dataclass(frozen=True, slots=True)
class AgentMoney:
    """One collecting agent's account in fen."""

    party_id: int
    name: str
    collected: int
    remitted: int
    held: int
    fronted: int


@dataclass(frozen=True, slots=True)
class Money:
    """Who holds the money of one supply point, in fen, each term gross: no debtor's credit hides another's debt."""

    payable: int
    owed: int
    acknowledged: int
    unproven: int
    advances: int
    passed_over: int
    held: int
    fronted: int
    unshared: int
    common: int
    loss: int
    unexplained: int
    late_fees: int
    units: tuple[UnitMoney, ...]
    agents: tuple[AgentMoney, ...]

    @property
    def difference(self) -> int:
        """Payable less what explains it; zero as long as the account set is closed."""
        return self.payable - (
            self.owed
            - self.advances
            - self.passed_over
            + self.held
            - self.fronted
            + self.unshared
            + self.common
            + self.loss
            + self.unexplained
        )

    @property
    def collected(self) -> int:
        return sum(a.collected for a in self.agents)

    @property
    def remitted(self) -> int:
        return sum(a.remitted for a in self.agents)

    def as_json(self) -> dict[str, Any]:
        """The figures as ``hege money --json`` prints them."""
        plain: dict[str, Any] = {
            f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("units", "agents")
        }
        plain["units"] = [
            {
                "code": u.code,
                "charged": u.charged,
                "paid": u.paid,
                "owed": u.owed,
                "advance": u.advance,
                "passed_over": u.passed_over,
                "acknowledged": u.acknowledged,
                "from": u.from_on.isoformat() if u.from_on else None,
                "until": u.until_on.isoformat() if u.until_on else None,
            }
            for u in self.units
        ]
        return plain


@dataclass(frozen=True, slots=True)
class Holding:
    """The two layers: what is confirmed, and what would be if every claim held."""

    on: dt.date
    confirmed: Money
    with_claims: Money


def who_holds(
    owners: Mapping[int, Owner], moved: Iterable[tuple[int, int, int]], acknowledged: Mapping[int, int]
) -> Money:
    """Work out who holds the money (钱在谁手里) from what moved between accounts.

    ``moved`` are ``(debit account, credit account, fen)`` sums, ``acknowledged`` the latest written
    admission by tenancy. Holds for every date and every subset of whole events closed under dependence:
    payable = owed − advances − passed over + held − fronted + unshared + common + loss + unexplained.
    """
    balance: dict[int, int] = defaultdict(int)
    by_kind: dict[AccountKind, int] = defaultdict(int)
    receipts: dict[int, int] = defaultdict(int)
    direct: dict[int, int] = defaultdict(int)
    remitted: dict[int, int] = defaultdict(int)
    for debit, credit, fen in moved:
        for x, y, signed in ((debit, credit, fen), (credit, debit, -fen)):
            balance[x] += signed
            by_kind[owners[x].kind] += signed
            if owners[x].kind is AccountKind.PAYABLE and owners[y].kind is AccountKind.TENANCY:
                direct[y] += signed
            elif owners[x].kind is AccountKind.AGENT and owners[y].kind is AccountKind.TENANCY:
                receipts[y] += signed
            elif owners[x].kind is AccountKind.PAYABLE and owners[y].kind is AccountKind.AGENT:
                remitted[y] += signed
    units, agents = [], []
    for pk, owner in owners.items():
        if owner.kind is AccountKind.TENANCY and owner.tenancy_id is not None:
            paid = receipts[pk] + direct[pk]
            owed, over = max(0, balance[pk]), max(0, -balance[pk])
            passed_over = min(over, max(0, direct[pk]))
            units.append(
                UnitMoney(
                    tenancy_id=owner.tenancy_id,
                    code=owner.code,
                    name=owner.name,
                    from_on=owner.from_on,
                    until_on=owner.until_on,
                    charged=balance[pk] + paid,
                    paid=paid,
                    direct=direct[pk],
                    owed=owed,
                    advance=over - passed_over,
                    passed_over=passed_over,
                    acknowledged=min(owed, acknowledged.get(owner.tenancy_id, 0)),
                )
            )
        elif owner.kind is AccountKind.AGENT and owner.party_id is not None:
            agents.append(
                AgentMoney(
                    party_id=owner.party_id,
                    name=owner.name,
                    collected=balance[pk] + remitted[pk],
                    remitted=remitted[pk],
                    held=max(0, balance[pk]),
                    fronted=max(0, -balance[pk]),
                )
            )
    units.sort(key=lambda u: (u.code, u.from_on or dt.date.min))
    agents.sort(key=lambda a: (-a.held, a.party_id))
    owed_fen, known = sum(u.owed for u in units), sum(u.acknowledged for u in units)
    return Money(
        payable=-by_kind[AccountKind.PAYABLE],
        owed=owed_fen,
        acknowledged=known,
        unproven=owed_fen - known,
        advances=sum(u.advance for u in units),
        passed_over=sum(u.passed_over for u in units),
        held=sum(a.held for a in agents),
        fronted=sum(a.fronted for a in agents),
        unshared=by_kind[AccountKind.UNSHARED],
        common=by_kind[AccountKind.COMMON],
        loss=by_kind[AccountKind.LOSS],
        unexplained=by_kind[AccountKind.UNEXPLAINED],
        late_fees=-by_kind[AccountKind.PAYABLE_LATE_FEE],
        units=tuple(units),
        agents=tuple(agents),
    )
