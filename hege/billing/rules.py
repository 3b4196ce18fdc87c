"""What a volume costs, how a bill is split, what a payment may look like."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import overlap_days
from hege.kernel.money import split, to_fen
from hege.kernel.refused import Refused
from hege.ledger.rules import AccountKind as A
from hege.ledger.rules import EventKind, Line, Ref, line
from hege.metering.rules import MOST_DAYS_BETWEEN


class Method(TextChoices):
    """How a bill is shared (分摊方式)."""

    EQUAL = "equal", _("等额")
    AREA = "area", _("面积")
    SUB_METER = "sub_meter", _("分表")
    MIXED = "mixed", _("混合")


class ComponentKind(TextChoices):
    """The parts of a water bill."""

    SUPPLY = "supply", _("供水费")
    SEWAGE = "sewage", _("污水处理费")
    OTHER = "other", _("其他费用")


@dataclass(frozen=True, slots=True)
class Rate:
    """One tariff component: yuan per cubic metre, and the part of the volume it counts (sewage: 0.9 in Shanghai)."""

    kind: ComponentKind
    yuan_per_m3: Decimal
    factor: Decimal = Decimal(1)


def bill_components(volume_litres: int, rates: Sequence[Rate]) -> dict[ComponentKind, int]:
    """What a volume costs in fen by component (水价构成), each component rounded once.

    16,393 m³ at 3.99 and 2.34 × 0.9 is 65,408.07 + 34,523.66 = 99,931.73 yuan, not 16,393 × 6.10.
    """
    cubic = Decimal(volume_litres) / 1000
    return {rate.kind: to_fen(cubic * rate.yuan_per_m3 * rate.factor) for rate in rates}


def off_tariff(
    volume_litres: int, printed_fen: Mapping[ComponentKind, int], rates: Sequence[Rate]
) -> dict[ComponentKind, int]:
    """Where a bill differs from the tariff: printed less computed, in fen, by component; empty where it agrees.

    Only what the tariff prices is compared; other charges of a bill are the utility's to explain in the bill itself.
    A difference is a question to the utility, never "rounding".
    """
    computed = bill_components(volume_litres, rates)
    gaps = {kind: printed_fen.get(kind, 0) - fen for kind, fen in computed.items()}
    return {kind: gap for kind, gap in gaps.items() if gap}


def check_bill(
    *, from_on: dt.date, until_on: dt.date, components_fen: Mapping[ComponentKind, int], amount_fen: int
) -> None:
    """A bill's period has days and its printed components add up to its printed total."""
    if until_on <= from_on:
        raise Refused(_("账期止在账期起之前。"), field="账期止")
    total = sum(components_fen.values())
    if total != amount_fen:
        raise Refused(
            _("各项费用合计 %(total)s 元，与应缴金额 %(amount)s 元不符。")
            % {"total": Decimal(total) / 100, "amount": Decimal(amount_fen) / 100},
            field="应缴金额",
        )


@dataclass(frozen=True, slots=True)
class Occupant:
    """A tenancy as the sharing rule sees it; ``litres`` is what its own meter measured in its days, None without one.

    ``tenancy_id`` None stands for the days a unit was not let: its part stays common. ``unread`` are the meters
    and days whose readings are missing, ``estimated`` says that some are guessed or drawn between two others.
    """

    tenancy_id: int | None
    unit_code: str
    from_on: dt.date
    until_on: dt.date | None
    area_sqm: Decimal | None
    litres: int | None = None
    estimated: bool = False
    unread: tuple[tuple[str, dt.date], ...] = ()


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One tenancy's part of a bill: a share is the sum of its component shares, in fen."""

    tenancy_id: int | None
    unit_code: str
    weight: Fraction
    parts_fen: dict[ComponentKind, int]
    estimated: bool = False

    @property
    def amount_fen(self) -> int:
        return sum(self.parts_fen.values())


class Basis(NamedTuple):
    """What a bill is weighed by (分摊依据): half-open days, and the master's litres in them."""

    from_on: dt.date
    until_on: dt.date
    volume_litres: int


def weights(
    method: Method, occupants: Sequence[Occupant], *, from_on: dt.date, until_on: dt.date, volume_litres: int
) -> list[Fraction]:
    """What each occupant weighs in a half-open period (分摊权重); exact.

    Equal: days in. Area: square metres × days in. Sub-meter: litres, so that loss falls pro rata on
    them. Mixed: who has a meter weighs its litres, the rest of the master's volume falls by area × days on
    who has none; with nobody without a meter it falls pro rata. Raises ``Refused`` naming all that is missing.
    """
    days = [overlap_days(o.from_on, o.until_on, from_on, until_on) for o in occupants]
    _check_complete(method, [o for o, d in zip(occupants, days, strict=True) if d])
    if method is Method.EQUAL:
        return [Fraction(d) for d in days]
    if method is Method.AREA:
        return [_area(o) * d for o, d in zip(occupants, days, strict=True)]
    if method is Method.SUB_METER:
        return [Fraction(o.litres or 0) if d else Fraction(0) for o, d in zip(occupants, days, strict=True)]
    metered = sum(o.litres for o, d in zip(occupants, days, strict=True) if d and o.litres is not None)
    rest = volume_litres - metered
    area = [_area(o) * d if o.litres is None else Fraction(0) for o, d in zip(occupants, days, strict=True)]
    whole = sum(area)
    if whole and rest < 0:
        raise Refused(_("分表用水量合计超过总表用水量，不能按混合方式分摊。"))
    return [
        Fraction(0)
        if not d
        else Fraction(o.litres)
        if o.litres is not None
        else rest * a / whole
        if whole
        else Fraction(0)
        for o, d, a in zip(occupants, days, area, strict=True)
    ]


def _area(occupant: Occupant) -> Fraction:
    return Fraction(occupant.area_sqm or 0)


MOST_NAMED = 12


def _check_complete(method: Method, occupants: Iterable[Occupant]) -> None:
    """Refuse a split for which data is missing, naming every meter and shop it is missing for, a dozen of each."""
    readings: dict[dt.date, list[str]] = defaultdict(list)
    litres: list[str] = []
    areas: list[str] = []
    for o in occupants:
        for number, day in o.unread:
            readings[day].append(number)
        unmetered = o.litres is None and not o.unread
        if method is Method.SUB_METER and unmetered:
            litres.append(o.unit_code)
        if not o.area_sqm and (method is Method.AREA or (method is Method.MIXED and unmetered)):
            areas.append(o.unit_code)
    missing = [
        _("分表 %(numbers)s 缺 %(day)s 前后（相隔 %(days)d 天以内）的读数")
        % {"numbers": _named(numbers), "day": day.isoformat(), "days": MOST_DAYS_BETWEEN}
        for day, numbers in sorted(readings.items())
    ]
    if litres:
        missing.append(_("商铺 %(codes)s 没有这一账期的分表用水量") % {"codes": _named(litres)})
    if areas:
        missing.append(_("商铺 %(codes)s 没有建筑面积") % {"codes": _named(areas)})
    if missing:
        raise Refused(_("%(missing)s。") % {"missing": str(_("；")).join(map(str, missing))})


def _named(names: Iterable[str]) -> str:
    every = sorted(set(names))
    shown = str(_("、")).join(every[:MOST_NAMED])
    more = _(" 等 %(n)d 户") % {"n": len(every)} if len(every) > MOST_NAMED else ""
    return f"{shown}{more}"


def share(
    method: Method,
    occupants: Sequence[Occupant],
    *,
    components_fen: Mapping[ComponentKind, int],
    from_on: dt.date,
    until_on: dt.date,
    volume_litres: int,
) -> list[ShareLine]:
    r"""Split each component of a bill exactly (分摊): largest remainder on \|total\|, sign restored, ties by unit code.

    Occupants with no weight get no line. Raises ``Refused`` when nobody weighs anything or data is missing.
    """
    order = sorted(occupants, key=lambda o: (o.unit_code, o.from_on))
    weighed = weights(method, order, from_on=from_on, until_on=until_on, volume_litres=volume_litres)
    if not any(weighed):
        raise Refused(_("这一账期没有可分摊的商铺或用水量。"))
    parts = {kind: split(fen, weighed) for kind, fen in components_fen.items()}
    return [
        ShareLine(o.tenancy_id, o.unit_code, w, {kind: fens[i] for kind, fens in parts.items()}, o.estimated)
        for i, (o, w) in enumerate(zip(order, weighed, strict=True))
        if w
    ]


def check_payment(amount_fen: int) -> None:
    """A payment is above zero; what was booked wrongly is reversed, never paid back by a minus."""
    if amount_fen <= 0:
        raise Refused(_("金额要大于 0；登记错的请冲销。"), field="金额")


# -- what is posted ----------------------------------------------------------------------------------------------------

PAYABLE, UNSHARED, COMMON = Ref(A.PAYABLE), Ref(A.UNSHARED), Ref(A.COMMON)


def owner(tenancy_id: int | None) -> Ref:
    """The account of who bears a share: a tenancy, else all together."""
    return Ref(A.TENANCY, tenancy_id=tenancy_id) if tenancy_id else COMMON


def bill_lines(fen: int) -> list[Line]:
    """What a bill posts before it is shared."""
    return [line(UNSHARED, PAYABLE, fen)] if fen else []


def allocation_lines(shares: Iterable[ShareLine]) -> list[Line]:
    """What a first allocation posts."""
    return [line(owner(s.tenancy_id), UNSHARED, s.amount_fen) for s in shares if s.amount_fen]


def payment_lines(kind: EventKind, fen: int, *, tenancy_id: int | None, agent_id: int | None) -> list[Line]:
    """What a payment posts: a receipt takes a debt into the agent's hands, a remittance pays the utility out of them, a
    direct payment pays it from the shop."""
    giver = Ref(A.AGENT, party_id=agent_id) if kind is EventKind.REMITTANCE else owner(tenancy_id)
    taker = Ref(A.AGENT, party_id=agent_id) if kind is EventKind.RECEIPT else PAYABLE
    return [Line(taker, giver, fen)]
