"""What a street's books know, and what is still missing to say who holds the money. Nothing here reads the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from hege.imports.layouts import FileKind
from hege.imports.rules import few
from hege.kernel.calendar import DAY


@dataclass(frozen=True, slots=True)
class Knowledge:
    """How much of each there is; ``agentless`` are meters nobody is named to collect for, ``gaps`` days without a bill
    between two bills of a meter (its number, the first day and the day after the last). Money in fen, confirmed.
    """

    meters: int = 0
    units: int = 0
    bills: int = 0
    receipts: int = 0
    remittances: int = 0
    assertions: int = 0
    agentless: Sequence[str] = ()
    gaps: Sequence[tuple[str, dt.date, dt.date]] = field(default_factory=tuple)
    held: int = 0
    fronted: int = 0
    owed: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """A thing that is missing, what it leaves unknown, and the kinds of file that would tell it, the likeliest first."""

    what: str
    unknown: str
    kinds: tuple[FileKind, ...]


def missing(known: Knowledge) -> list[Gap]:
    """What is missing to say who holds the money, in the order in which an office would bring it."""
    k = FileKind
    gaps = [
        Gap(
            _("%(meter)s 缺 %(first)s 到 %(last)s 的账单") % {"meter": meter, "first": first, "last": until - DAY},
            _("这几天的水费没有算进来。"),
            (k.BILLS,),
        )
        for meter, first, until in known.gaps
    ]
    more = _(" 等 %(n)d 块")
    nobody = _("总表 %(meters)s 没有写代收人") % {"meters": few(known.agentless, more)}
    asked = [
        (not known.meters, Gap(_("没有水表名册"), _("不知道有哪几块总表，谁在代收。"), (k.METERS,))),
        (not known.units, Gap(_("没有商铺名册"), _("不知道水费由哪几户分摊。"), (k.UNITS,))),
        (bool(known.agentless), Gap(nobody, _("不知道钱交到了谁手里。"), (k.METERS,))),
        (not known.bills, Gap(_("没有水费账单"), _("不知道要交给水司多少。"), (k.BILLS,))),
        (not known.receipts, Gap(_("没有收款本，也没有钱包账单"), _("不知道商铺交了多少。"), (k.RECEIPTS, k.WALLET))),
        (not known.remittances, Gap(_("没有水司缴费记录"), _("不知道多少已交到水司。"), (k.UTILITY_PAYMENTS, k.BANK))),
        (not known.assertions, Gap(_("没有水司对账单"), _("算出来的数没有别人的数可以对。"), (k.ASSERTIONS,))),
    ]
    found = [gap for is_missing, gap in asked if is_missing]
    at = next(
        (i for i, gap in enumerate(found) if gap.kinds[0] in (k.RECEIPTS, k.UTILITY_PAYMENTS, k.ASSERTIONS)), len(found)
    )
    return [*found[:at], *gaps, *found[at:]]
