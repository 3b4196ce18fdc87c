"""What a volume costs, how a bill is split, what a payment may look like."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple, Protocol, TypeVar

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.billing.chart import AccountKind as A
from hege.billing.chart import TransactionKind
from hege.kernel.calendar import overlap_days
from hege.kernel.money import split, to_fen, yuan
from hege.kernel.refused import Refused
from hege.ledger.rules import Line, Ref, line
from hege.metering.rules import MOST_DAYS_BETWEEN, Measured, m3, most_behind, reads_otherwise


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


class Price(NamedTuple):
    """A price list (水价) as the rules see it: in force from a day on, until another begins."""

    name: str
    from_on: dt.date
    until_on: dt.date | None
    rates: Sequence[Rate]


def in_force(prices: Sequence[Price], from_on: dt.date, until_on: dt.date) -> list[tuple[Price, int]] | None:
    """The price lists of a half-open period and the days of each, the first first; None where a day has none.

    ``prices`` are the newest first: of two that begin on one day the first of them holds.
    """
    out: list[tuple[Price, int]] = []
    day = from_on
    while day < until_on:
        price = next((p for p in prices if p.from_on <= day and (p.until_on is None or day < p.until_on)), None)
        if price is None:
            return None
        ends = [p.from_on for p in prices if p.from_on > day] + [price.until_on or until_on, until_on]
        out.append((price, (min(ends) - day).days))
        day = min(ends)
    return out


def cost(volume_litres: int | Fraction, spans: Sequence[tuple[Price, int]]) -> dict[ComponentKind, Fraction]:
    """What a volume costs in yuan by component, exact: where the price changed within the period, by days (按天分段).

    100 m³ over 15 days at 3.99 and 16 days at 4.59 is 100 × (15 × 3.99 + 16 × 4.59) / 31 = 429.9677… yuan.
    """
    days = sum(n for _price, n in spans)
    exact: dict[ComponentKind, Fraction] = defaultdict(Fraction)
    for price, n in spans:
        for rate in price.rates:
            exact[rate.kind] += volume_litres * Fraction(n, 1000 * days) * Fraction(rate.yuan_per_m3 * rate.factor)
    return dict(exact)


def expected_fen(volume_litres: int, spans: Sequence[tuple[Price, int]]) -> dict[ComponentKind, int]:
    """What a bill ought to ask by the price lists of its days, in fen by component, each rounded once."""
    return {kind: to_fen(exact) for kind, exact in cost(volume_litres, spans).items()}


def off_tariff(
    printed_fen: Mapping[ComponentKind, int], computed_fen: Mapping[ComponentKind, int]
) -> dict[ComponentKind, int]:
    """Where a bill differs from the tariff: printed less computed, in fen, by component; empty where it agrees.

    Only what the tariff prices is compared; other charges of a bill are the utility's to explain in the bill itself.
    A difference is a question to the utility, never "rounding".
    """
    gaps = {kind: printed_fen.get(kind, 0) - fen for kind, fen in computed_fen.items()}
    return {kind: gap for kind, gap in gaps.items() if gap}


class Printed(NamedTuple):
    """A bill as it is printed: half-open period, litres, fen."""

    number: str
    from_on: dt.date
    until_on: dt.date
    volume_litres: int
    components_fen: Mapping[ComponentKind, int]
    amount_fen: int
    previous_litres: int | None = None
    current_litres: int | None = None


class DoubtKind(TextChoices):
    """What may be asked about a bill that adds up in itself (账单疑点)."""

    PRICE = "price", _("与水价不符")
    SUBS_ABOVE_MASTER = "subs_above_master", _("分表合计高于总表")
    OWN_READINGS = "own_readings", _("与自抄读数不符")
    DAYS_MISSING = "days_missing", _("账期缺天")
    DAYS_TWICE = "days_twice", _("账期重叠")
    INDEX_JUMP = "index_jump", _("行度不接")
    SIGNS = "signs", _("水量与金额正负相反")
    SUM_UNUSUAL = "sum_unusual", _("金额远超平常")
    VOLUME_UNUSUAL = "volume_unusual", _("水量远超平常")


#: Those that our own readings raise.
BY_READINGS = frozenset({DoubtKind.SUBS_ABOVE_MASTER, DoubtKind.OWN_READINGS})


@dataclass(frozen=True, slots=True)
class Doubt:
    """One question about one bill, with its figures (fen, litres, days by their names); ``other`` is what it was
    held against: another bill, a price list.
    """

    kind: DoubtKind
    number: str
    on: dt.date
    figures: Mapping[str, int]
    other: str = ""


class Beside(NamedTuple):
    """What a bill is held against (核对依据): the bills before it of its meter in order, the price lists, what our
    own readings of the sub-meters and of the master say, whether the master was exchanged between it and the bill before.
    """

    earlier: Sequence[Printed] = ()
    prices: Sequence[Price] = ()
    subs: Measured | None = None
    own: Measured | None = None
    exchanged: bool = False


class Tolerance(NamedTuple):
    """What is let pass: the error of a meter in use in percent, how many times the usual is unusual."""

    error_percent: int
    times: int


LEAST_FOR_USUAL = 3  # of fewer bills nobody can tell what is usual


def usual(amounts: Sequence[int]) -> int | None:
    """The median (平常数) of at least three; between two in the middle, half way, rounded down."""
    rows = sorted(amounts)
    n = len(rows)
    return None if n < LEAST_FOR_USUAL else (rows[(n - 1) // 2] + rows[n // 2]) // 2


def doubts_about(bill: Printed, beside: Beside, tolerance: Tolerance) -> list[Doubt]:
    """All that is to be asked about a bill (账单疑点); it is booked as it is printed all the same."""
    found = list(_by_itself(bill))
    if bill.amount_fen >= 0:
        found += [*_by_price(bill, beside), *_by_meters(bill, beside, tolerance)]
        found += [*_by_the_one_before(bill, beside), *_by_the_usual(bill, beside, tolerance)]
    return [Doubt(kind, bill.number, bill.from_on, figures, other) for kind, figures, other in found]


_Found = Iterator[tuple[DoubtKind, dict[str, int], str]]


def _by_itself(bill: Printed) -> _Found:
    if bill.volume_litres * bill.amount_fen < 0:
        yield DoubtKind.SIGNS, {"volume_litres": bill.volume_litres, "printed_fen": bill.amount_fen}, ""


def _by_price(bill: Printed, beside: Beside) -> _Found:
    spans = in_force(beside.prices, bill.from_on, bill.until_on)
    if spans is None:
        return
    computed = expected_fen(bill.volume_litres, spans)
    gaps = off_tariff(bill.components_fen, computed)
    if gaps:
        printed = sum(bill.components_fen.get(kind, 0) for kind in computed)
        figures = {"printed_fen": printed, "expected_fen": sum(computed.values()), "spans": len(spans)}
        yield DoubtKind.PRICE, figures, named_prices([price for price, _days in spans])


def named_prices(prices: Iterable[Price]) -> str:
    """The names of some price lists in quotation marks."""
    return str(_("、")).join(str(_("“%(name)s”")) % {"name": p.name} for p in prices)


def _by_meters(bill: Printed, beside: Beside, tolerance: Tolerance) -> _Found:
    if beside.subs is not None:
        most = most_behind(bill.volume_litres, beside.subs.gap_litres, tolerance.error_percent)
        if beside.subs.litres > most:
            yield DoubtKind.SUBS_ABOVE_MASTER, {
                "measured_litres": beside.subs.litres, "volume_litres": bill.volume_litres, "most_litres": most,
                "gap_litres": beside.subs.gap_litres, "error_percent": tolerance.error_percent,
            }, ""  # fmt: skip
    if beside.own is not None and beside.own.whole and reads_otherwise(bill.volume_litres, beside.own):
        figures = {"measured_litres": beside.own.litres, "volume_litres": bill.volume_litres}
        yield DoubtKind.OWN_READINGS, figures | {"gap_litres": beside.own.gap_litres}, ""


def _by_the_one_before(bill: Printed, beside: Beside) -> _Found:
    if not beside.earlier:
        return
    before = beside.earlier[-1]
    reached = max(b.until_on for b in beside.earlier)
    if reached < bill.from_on:
        yield DoubtKind.DAYS_MISSING, {"days": (bill.from_on - reached).days}, before.number
    elif reached > bill.from_on:
        yield DoubtKind.DAYS_TWICE, {"days": (min(reached, bill.until_on) - bill.from_on).days}, before.number
    last, first = before.current_litres, bill.previous_litres
    if last is not None and first is not None and last != first and not beside.exchanged:
        yield DoubtKind.INDEX_JUMP, {"last_litres": last, "first_litres": first}, before.number


def _by_the_usual(bill: Printed, beside: Beside, tolerance: Tolerance) -> _Found:
    sums, volumes = [b.amount_fen for b in beside.earlier], [b.volume_litres for b in beside.earlier]
    for kind, rows, value, unit in (
        (DoubtKind.SUM_UNUSUAL, sums, bill.amount_fen, "fen"),
        (DoubtKind.VOLUME_UNUSUAL, volumes, bill.volume_litres, "litres"),
    ):
        middle = usual(rows)
        if middle and value >= tolerance.times * middle:
            figures = {f"printed_{unit}": value, f"usual_{unit}": middle}
            yield kind, figures | {"bills": len(rows), "times": tolerance.times}, ""


SAYS: Mapping[DoubtKind, Any] = {
    DoubtKind.PRICE: _("账单 %(number)s 的 %(printed)s 元，%(more)s；照账单登记，请向水司问明"),
    DoubtKind.SUBS_ABOVE_MASTER: _(
        "账单 %(number)s 的账期里，分表合计 %(measured)s 立方米，高于总表 %(volume)s 立方米；计入使用中允差 "
        "%(error_percent)s%% 和抄表日期差 %(gap)s 立方米，最多应为 %(most)s 立方米；请核对总表、分表读数"
    ),
    DoubtKind.OWN_READINGS: _(
        "账单 %(number)s 的用水量 %(volume)s 立方米，按我们自抄的总表读数是 %(measured)s 立方米"
        "（抄表日期差 %(gap)s 立方米以内）；照账单登记，请向水司问明"
    ),
    DoubtKind.DAYS_MISSING: _("账单 %(number)s 之前缺 %(days)s 天没有账单（上一张 %(other)s）；请核对是否漏了一张"),
    DoubtKind.DAYS_TWICE: _("账单 %(number)s 与 %(other)s 的账期重叠 %(days)s 天；请向水司问明"),
    DoubtKind.INDEX_JUMP: _(
        "账单 %(number)s 的上期行度 %(first)s 接不上上一张 %(other)s 的本期行度 %(last)s；照账单登记，请向水司问明"
    ),
    DoubtKind.SIGNS: _("账单 %(number)s 用水量 %(volume)s 立方米而金额 %(printed)s 元，正负相反；照账单登记，请核对"),
    DoubtKind.SUM_UNUSUAL: _(
        "账单 %(number)s 的金额 %(printed)s 元，是平常（前 %(bills)s 张的中位数 %(usual)s 元）的 %(times)s 倍以上；请核对"
    ),
    DoubtKind.VOLUME_UNUSUAL: _(
        "账单 %(number)s 的用水量 %(printed)s 立方米，是平常（前 %(bills)s 张的中位数 %(usual)s 立方米）的 %(times)s 倍以上；请核对"
    ),
}


def says(doubt: Doubt) -> str:
    """A question about a bill in one sentence with its figures (疑点说明)."""
    shown = {"_fen": yuan, "_litres": m3}
    values = {"number": doubt.number, "other": doubt.other}
    for name, value in doubt.figures.items():
        unit = next((u for u in shown if name.endswith(u)), "")
        values[name.removesuffix(unit)] = shown[unit](value) if unit else str(value)
    if doubt.kind is DoubtKind.PRICE:
        values["more"] = _more(doubt.figures["printed_fen"] - doubt.figures["expected_fen"], values)
    return str(SAYS[doubt.kind]) % values


def _more(gap_fen: int, values: Mapping[str, str]) -> str:
    if not gap_fen:
        return str(_("合计与按%(other)s算的一样，各项不同")) % values
    text = _("比按%(other)s算的 %(expected)s 元多 %(gap)s 元")
    if gap_fen < 0:
        text = _("比按%(other)s算的 %(expected)s 元少 %(gap)s 元")
    return str(text) % {**values, "gap": yuan(abs(gap_fen))}


def check_bill(
    *, from_on: dt.date, until_on: dt.date, components_fen: Mapping[ComponentKind, int], amount_fen: int
) -> None:
    """A bill's period has days and its printed components add up to its printed total."""
    if until_on <= from_on:
        raise Refused(_("账期止在账期起之前。"), field="账期止")
    total = sum(components_fen.values())
    if total != amount_fen:
        raise Refused(
            _("各项费用合计 %(total)s 元，与应缴金额 %(amount)s 元不符。"),
            total=Decimal(total) / 100, amount=Decimal(amount_fen) / 100, field="应缴金额",
        )  # fmt: skip


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
        raise Refused(_("%(missing)s。"), missing=str(_("；")).join(map(str, missing)))


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


class Spanned(Protocol):
    """Something for a half-open period: a bill, a charge of one."""

    @property
    def from_on(self) -> dt.date: ...
    @property
    def until_on(self) -> dt.date: ...


Charge = TypeVar("Charge", bound=Spanned)


def corrected_by(credit: Spanned, charges: Sequence[Charge]) -> list[Charge]:
    """What a credit (红字) corrects among the charges there are, the earliest first: all whose days it shares, else the latest before it."""
    before = [charge for charge in charges if charge.from_on < credit.until_on]
    return [charge for charge in before if charge.until_on > credit.from_on] or before[-1:]


def check_payment(amount_fen: int) -> None:
    """A payment is above zero; what was booked wrongly is reversed, never paid back by a minus."""
    if amount_fen <= 0:
        raise Refused(_("金额要大于 0；登记错的请冲正。"), field="金额")


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


def payment_lines(kind: TransactionKind, fen: int, *, tenancy_id: int | None, agent_id: int | None) -> list[Line]:
    """What a payment posts: a receipt takes a debt into the agent's hands, a remittance pays the utility out of them, a
    direct payment pays it from the shop."""
    giver = Ref(A.AGENT, party_id=agent_id) if kind is TransactionKind.REMITTANCE else owner(tenancy_id)
    taker = Ref(A.AGENT, party_id=agent_id) if kind is TransactionKind.RECEIPT else PAYABLE
    return [Line(taker, giver, fen)]
