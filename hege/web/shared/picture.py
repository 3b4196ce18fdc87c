"""Who holds the money as a picture: which parts the bar has, what stands under it, what the sentence says.

The bar always sums to the payable. Solid is confirmed; hatched is one side's word, cut out of what nobody has
shown anything about; dotted is that rest. Credits (advances, fronted, passed over) are taken off and named beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hege.arrears.queries import PointMoney, holdings, money_by_point
from hege.arrears.rules import Holding, Money, standings
from hege.kernel.money import yuan
from hege.metering.models import SupplyPoint
from hege.web.access import Desk
from hege.web.jinja import share

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


def one_sentence(payable: int, held: int) -> str:
    """The street's one sentence (街道一句话): what is owed to the utility, and how much of it agents hold, in fen."""
    if payable <= 0:
        return gettext("不欠水务公司的水费。")
    owed = {"sum": yuan(payable)}
    if held <= 0:
        return gettext("欠水务公司 %(sum)s 元，代收人手里没有。") % owed
    return gettext("欠水务公司 %(sum)s 元，%(share)s 在代收人手里。") % {
        **owed,
        "share": share(min(held, payable), payable),
    }


class Part(NamedTuple):
    """One stretch of the bar, in fen; ``claimed``: one side's word."""

    kind: str
    fen: int
    claimed: bool = False


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
        Part("held", sure.held),
        Part("held", moved, claimed=True),
        Part("unpaid", sure.acknowledged),
        Part("unpaid", blamed, claimed=True),
        Part("unproven", sure.unproven - moved - blamed + max(0, sure.unexplained)),
        Part("loss", sum(max(0, fen) for fen in (sure.common, sure.loss, sure.unshared))),
    ]
    below = -sum(min(0, fen) for fen in (sure.common, sure.loss, sure.unshared, sure.unexplained))
    shops = sure.fronted + sure.passed_over + below
    parts = _take_off(_take_off(parts, sure.advances, _OFF_HELD), shops, _OFF_SHOPS)
    return Picture(sure.payable, tuple(parts), sure.advances + shops, sure.difference)


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
                out[i], fen = part._replace(fen=part.fen - off), fen - off
    return out


class Claims(NamedTuple):
    """What would change if every claim held, in fen: money passed on, and paid straight to the utility."""

    remitted: int
    direct: int


def claims_of(sure: Money, told: Money) -> Claims:
    """What one side alone says, for the lines under the bar."""
    direct, said = (sum(u.direct for u in money.units) for money in (sure, told))
    return Claims(told.remitted - sure.remitted, said - direct)


class MeterRow(NamedTuple):
    """One master meter with its money and the picture of it."""

    point: SupplyPoint
    holding: Holding
    picture: Picture


def worst_first(desk: Desk, points: QuerySet[SupplyPoint]) -> dict[int, PointMoney]:
    """The keys of master meters with the money of each, confirmed, who owes the utility most first; two queries."""
    money = money_by_point(desk.street, on=desk.today, paths=desk.paths("meters.see"))
    rows = [(money.get(pk, PointMoney()), code, pk) for pk, code in points.values_list("pk", "code")]
    return {pk: m for m, _code, pk in sorted(rows, key=lambda row: (-row[0].payable, row[1]))}


def pictured(desk: Desk, points: Collection[int]) -> list[MeterRow]:
    """Master meters, by their keys, with who holds the money of each today; five queries whatever their number."""
    found = SupplyPoint.objects.select_related("place", "book").in_bulk(points)
    shown = [found[pk] for pk in points]
    held = holdings(desk.street, shown, on=desk.today)
    return [MeterRow(p, held[p.pk], picture(held[p.pk])) for p in shown]
