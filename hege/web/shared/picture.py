"""Who holds the money as a picture: which parts the bar has, what stands under it, what the sentence says.

The bar always sums to the payable. Solid is confirmed; hatched is one side's word, cut out of what nobody has
shown anything about; dotted is that rest. Credits (advances, fronted, passed over) are taken off and named beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from hege.arrears.rules import Holding, Money, standings

#: What each stretch is called, everywhere.
NAMES = {
    "held": _("收了没交"),
    "unpaid": _("商户没付"),
    "unproven": _("还没人说得清"),
    "loss": _("未分摊、公摊和损耗"),
}


def squares(holding: Holding) -> list[dict[str, str]]:
    """One square a shop, by how its account stands."""
    return [{"state": state.value, "title": f"{u.code} {u.name} {state.label}"} for u, state in standings(holding)]


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the bar, in fen, after credits are taken off; ``gross`` is before."""

    kind: str
    claimed: bool
    fen: int
    gross: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The bar with its parts in drawing order; ``credits`` is what was taken off to make it sum to the payable."""

    payable: int
    parts: tuple[Part, ...]
    credits: int
    difference: int

    def fen(self, kind: str, *, claimed: bool = False) -> int:
        """The stretch of one kind, in fen."""
        return sum(p.fen for p in self.parts if p.kind == kind and p.claimed == claimed)

    @property
    def bar(self) -> list[dict[str, Any]]:
        """The parts as the bar component wants them."""
        return [{"kind": p.kind, "fen": p.fen, "claimed": p.claimed, "label": NAMES[p.kind]} for p in self.parts]

    @property
    def total(self) -> int:
        """What the stretches add up to: the payable, or nothing when the utility owes."""
        return sum(p.fen for p in self.parts)

    @property
    def biggest(self) -> str:
        """The kind of the longest confirmed stretch: the sentence begins with it. Empty when nothing is owed."""
        solid = [p for p in self.parts if not p.claimed and p.fen]
        return max(solid, key=lambda p: p.fen).kind if solid else ""

    @property
    def mostly_held(self) -> bool:
        return self.biggest == "held"

    @property
    def mostly_unpaid(self) -> bool:
        return self.biggest == "unpaid"

    @property
    def mostly_loss(self) -> bool:
        return self.biggest == "loss"


#: Whose money a credit offsets first: an advance lies in the agent's hands, the others were paid for the shops.
_OFF_HELD = ("held", "unproven", "unpaid", "loss")
_OFF_SHOPS = ("unproven", "unpaid", "loss", "held")


def picture(holding: Holding, said_unpaid: Mapping[int, int] | None = None) -> Picture:
    """Cut the payable (应付水司) into who holds it.

    ``said_unpaid``: tenancy key to fen that somebody other than the shop says it owes. A claimed receipt
    and such a word each take their part of what is unproven of that very shop, never more than it owes.
    """
    sure = holding.confirmed
    moved, blamed = _claims(holding, said_unpaid or {})
    parts = [
        _part("held", sure.held),
        _part("held", moved, claimed=True),
        _part("unpaid", sure.acknowledged),
        _part("unpaid", blamed, claimed=True),
        _part("unproven", sure.unproven - moved - blamed + max(0, sure.unexplained)),
        _part("loss", sum(max(0, fen) for fen in (sure.common, sure.loss, sure.unshared))),
    ]
    below = -sum(min(0, fen) for fen in (sure.common, sure.loss, sure.unshared, sure.unexplained))
    shops = sure.fronted + sure.passed_over + below
    parts = _take_off(_take_off(parts, sure.advances, _OFF_HELD), shops, _OFF_SHOPS)
    return Picture(sure.payable, tuple(parts), sure.advances + shops, sure.difference)


def _part(kind: str, fen: int, *, claimed: bool = False) -> Part:
    return Part(kind, claimed, fen, fen)


def _claims(holding: Holding, said_unpaid: Mapping[int, int]) -> tuple[int, int]:
    claims = {u.tenancy_id: u.paid - u.direct for u in holding.with_claims.units}
    moved = blamed = 0
    for unit in holding.confirmed.units:
        claimed = claims.get(unit.tenancy_id, 0) - (unit.paid - unit.direct)
        to_held = max(0, min(claimed, unit.unproven))
        said = said_unpaid.get(unit.tenancy_id, 0) - unit.acknowledged
        moved += to_held
        blamed += max(0, min(said, unit.unproven - to_held))
    return moved, blamed


def _take_off(parts: list[Part], fen: int, order: tuple[str, ...]) -> list[Part]:
    """Shorten the parts by ``fen`` in all, in the order of kinds, solid before hatched of the same kind."""
    out = list(parts)
    for kind in order:
        for i, part in enumerate(out):
            if fen > 0 and part.kind == kind:
                off = min(fen, part.fen)
                out[i], fen = replace(part, fen=part.fen - off), fen - off
    return out


@dataclass(frozen=True, slots=True)
class Claims:
    """What would change if every claim held, in fen: for the line under the bar."""

    remitted: int
    direct: int
    received: int
    payable: int
    held: int


def claims_of(sure: Money, told: Money) -> Claims:
    """What one side alone says, by kind: money passed on, paid straight to the utility, handed to the agent."""

    def direct(money: Money) -> int:
        return sum(u.direct for u in money.units)

    return Claims(
        remitted=told.remitted - sure.remitted,
        direct=direct(told) - direct(sure),
        received=told.collected - sure.collected,
        payable=told.payable,
        held=told.held,
    )
