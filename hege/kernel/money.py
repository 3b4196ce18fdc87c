"""Money in whole fen (分): splitting, rounding, reading and writing it. No floats anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm

from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused

Weight = int | Fraction


def to_fen(amount: Decimal | Fraction) -> int:
    """Yuan to whole fen, half up, once: the only place where an amount is rounded."""
    size = abs(Fraction(amount)) * 100
    fen = (2 * size.numerator + size.denominator) // (2 * size.denominator)
    return -fen if amount < 0 else fen


def yuan(fen: int) -> str:
    """Fen as yuan with thousands and two decimals: 9993173 -> ``99,931.73``."""
    sign = "-" if fen < 0 else ""
    whole, part = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{part:02d}"


def split(total_fen: int, weights: Sequence[Weight]) -> list[int]:
    """Split a total by weights so that the parts sum to it exactly (最大余额法, largest remainder).

    Works on \\|total\\| and restores the sign, so a credit bill is shared with negative shares. Ties go to
    the earlier weight: callers order by unit code. Raises ``Refused`` when no weight is above zero.
    """
    # Over one denominator everything is whole numbers: the same result as with fractions, many times faster.
    common = lcm(*[w.denominator for w in weights])
    whole_weights = [w.numerator * (common // w.denominator) for w in weights]
    if any(w < 0 for w in whole_weights):
        raise ValueError("weights must not be negative")
    whole = sum(whole_weights)
    if not whole:
        raise Refused(_("没有可分摊的权重，账单留作未分摊。"))
    size = abs(total_fen)
    floors: list[int] = []
    remainders: list[tuple[int, int]] = []
    for position, weight in enumerate(whole_weights):
        floor, rest = divmod(size * weight, whole)
        floors.append(floor)
        remainders.append((-rest, position))
    for _remainder, position in sorted(remainders)[: size - sum(floors)]:
        floors[position] += 1
    return [-f for f in floors] if total_fen < 0 else floors
