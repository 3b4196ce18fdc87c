"""Ordinary master meters beside the crisis: healthy and half-healthy ones, from files like everybody's. Sample data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from hege.billing.models import Share
from hege.imports.layouts import FileKind
from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.metering.actions import locate_point
from hege.metering.queries import the_point
from hege.people.models import Role
from hege.stories.street import Month, Stage, month_start, take_in

MONTHS = 6


@dataclass(frozen=True)
class Neighbour:
    """One master meter: its shops, and how much of the last two months was collected and passed on, in per cent."""

    code: str
    place: str
    shops: int
    m3: int
    collected: int = 100
    passed_on: int = 100
    shared_by: str = "面积"


def add_neighbours(stage: Stage, neighbours: Sequence[Neighbour], *, today: dt.date) -> None:
    """Bring the files of several master meters in, up to ``today``."""
    first = month_start(today, -MONTHS - 1)
    months = [(month_start(first, n), month_start(first, n + 1)) for n in range(MONTHS)]
    _roster(stage, neighbours, first, today)
    _bills(stage, neighbours, months, today)
    _payments(stage, neighbours, months, today)


def _roster(stage: Stage, neighbours: Sequence[Neighbour], first: dt.date, today: dt.date) -> None:
    meters = [
        [n.code, "总表", "DN40", "", first, first, 1000, n.place, "物业", "物业", n.shared_by] for n in neighbours
    ]
    take_in(stage, FileKind.METERS, "总表登记-其他.csv", meters, on=today)
    for n in neighbours:
        locate_point(the_point(stage.street, n.code), place=stage.block, **stage.acting(Role.COORDINATOR, today))
    units = [
        [f"{n.code}-{i:02d}", f"{n.place} {i} 号铺", f"{n.place} {i} 号铺经营者", "", 20 + i * 3 % 17, "", "商铺", first, "", n.code]
        for n in neighbours
        for i in range(1, n.shops + 1)
    ]  # fmt: skip
    take_in(stage, FileKind.UNITS, "商铺花名册-其他.csv", units, on=today)


def _bills(
    stage: Stage, neighbours: Sequence[Neighbour], months: Sequence[tuple[dt.date, dt.date]], today: dt.date
) -> None:
    rows = []
    for n in neighbours:
        index = 1000
        for k, (start, end) in enumerate(months):
            month = Month(k, start, end, n.m3 + 7 * k, index)
            rows.append(month.bill(f"SW-{n.code}-{start:%Y%m}", n.code))
            index += month.volume_m3
    take_in(stage, FileKind.BILLS, "水务公司账单-其他.csv", rows, on=today)


def _payments(
    stage: Stage, neighbours: Sequence[Neighbour], months: Sequence[tuple[dt.date, dt.date]], today: dt.date
) -> None:
    receipts: list[list[object]] = []
    remittances: list[list[object]] = []
    for n in neighbours:
        shares = Share.objects.filter(street=stage.street, allocation__bill__point=the_point(stage.street, n.code))
        for k, (start, end) in enumerate(months):
            late = k >= MONTHS - 2
            rows = shares.filter(allocation__bill__from_on=start).order_by("tenancy__unit__code")
            found = list(rows.values_list("tenancy__unit__code", "amount_fen"))
            paying = found[: len(found) * (n.collected if late else 100) // 100]
            receipts += [
                [end + 8 * DAY, code, yuan(fen), "微信", f"SJ-{code}-{start:%Y%m}", "物业", "已证实", ""]
                for code, fen in paying
            ]
            passed = sum(fen for _code, fen in paying) * (n.passed_on if late else 100) // 100
            if passed:
                voucher = f"HK-{n.code}-{start:%Y%m}"
                remittances.append([end + 15 * DAY, n.code, yuan(passed), "银行转账", voucher, "物业", "已证实", ""])
    take_in(stage, FileKind.RECEIPTS, "收据-其他.csv", receipts, on=today)
    take_in(stage, FileKind.REMITTANCES, "水务公司收款记录-其他.csv", remittances, on=today)
