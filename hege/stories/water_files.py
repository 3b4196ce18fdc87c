"""The street's own files in the water story: roster, meter, bills, payments. All figures are sample data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db.models import QuerySet

from hege.billing.models import Share
from hege.imports.layouts import FileKind
from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.kernel.prepared import prepared
from hege.metering.models import SupplyPoint
from hege.metering.queries import the_point
from hege.metering.rules import m3
from hege.people.models import Street
from hege.stories.street import Month, Stage, month_start, take_in

METER = "ZB-0317"
DEBT_FEN = 9_993_173  # just under CNY 100,000, as in the newspaper: what is owed on the worst day
MONTHS = 18
VOLUMES_M3 = [
    1318, 1262, 1305, 1351, 1388, 1402, 1376, 1333, 1297,
    1284, 1246, 1198, 1271, 1309, 1342, 1367, 1355, 1321,
]  # fmt: skip
LATER_M3 = [1290, 1254, 1236, 1219, 1275, 1302, 1330, 1311, 1298, 1287]
PASSED_ON = [Decimal(r) for r in ("1", "1", "1", "0.8", "0.6", "0.4", "0.3", "0.2")]  # then nothing more
TRADES = ["面馆", "五金", "理发", "馄饨", "水果", "药房", "烟酒", "洗衣", "文具", "修鞋", "包子", "奶茶", "花店", "便利店", "宠物", "裁缝", "粮油", "熟食", "眼镜", "手机维修", "家纺", "茶叶", "干洗", "早点", "蔬菜", "水产", "豆制品", "面包", "烧烤", "火锅", "快餐", "麻辣烫", "美甲", "童装", "鞋店", "图文", "彩票", "快递站", "电动车", "建材", "灯具", "窗帘", "炒货", "酱菜", "米线", "生煎", "杂货"]  # fmt: skip
CATERING = {"面馆", "馄饨", "熟食", "包子", "早点", "烧烤", "火锅", "快餐", "麻辣烫", "米线", "生煎"}

#: (shop code, bill number) -> (first day in, first day out, fen) of each tenancy that carries a share.
Shares = dict[tuple[str, str], list[tuple[dt.date, dt.date | None, int]]]


class Habit(Enum):
    """What a visit finds in a shop's drawer."""

    RECEIPTS = "有收据"
    WALLET = "有微信流水"
    ORAL = "最近半年只有口头说法"
    UNPAID = "最近九个月没付，书面承认"
    DIRECT = "有三个月直接交水务公司"
    SHUT = "走访时关门"


HABITS: dict[int, Habit] = {
    **dict.fromkeys(range(28, 34), Habit.WALLET),
    **dict.fromkeys(range(34, 38), Habit.ORAL),
    **dict.fromkeys(range(38, 45), Habit.UNPAID),
    46: Habit.DIRECT,
    47: Habit.SHUT,
}
MOVED = 45  # this shop changed hands half way: the new tenant inherits nothing


def shop_code(number: int) -> str:
    return f"PL-{number:02d}"


@dataclass
class Files:
    """What the street's drawers hold, cut to what is known by a day. ``worst`` is the crisis's worst day."""

    stage: Stage
    worst: dt.date
    months: list[Month] = field(default_factory=list)

    def __post_init__(self) -> None:
        last = month_start(self.worst, -1)
        if (month_start(last, 1) + 4 * DAY) > self.worst - 8 * DAY:
            last = month_start(last, -1)
        index_m3 = 20_000
        for n, volume in enumerate(VOLUMES_M3 + LATER_M3):
            start = month_start(last, n - MONTHS + 1)
            self.months.append(Month(n, start, month_start(start, 1), volume, index_m3))
            index_m3 += volume

    @property
    def before(self) -> list[Month]:
        return self.months[:MONTHS]

    @property
    def after(self) -> list[Month]:
        return self.months[MONTHS:]

    def take_in(self, kind: FileKind, name: str, rows: Sequence[Sequence[object]], on: dt.date) -> None:
        """Import a file, where it has a row."""
        if rows:
            take_in(self.stage, kind, name, rows, on=on)

    def import_roster(self, on: dt.date) -> None:
        """The meter with its holder and agent, then the 47 units behind it."""
        begin = self.months[0].from_on
        row = [METER, "总表", "DN50", "", begin, begin, 20_000, "中大九里德苑沿街", "二房东", "二房东", "等额"]
        self.take_in(FileKind.METERS, "总表登记.csv", [row], on)
        self.import_units(on)

    def import_units(self, on: dt.date, *, sub_meters: bool = False) -> None:
        """The 47 units, one of which changed hands half way; later with the numbers of their own meters."""
        begin = self.months[0].from_on
        middle = self.months[8].from_on + 14 * DAY
        rows: list[list[object]] = []
        for number, trade in enumerate(TRADES, 1):
            use = "餐饮" if trade in CATERING else "商铺"
            area, sub = f"{18 + number * 7 % 40}.{number % 10}0", f"FB-{number:02d}" if sub_meters else ""
            row = [shop_code(number), f"{number} 号铺 {trade}", f"{number} 号铺经营者", "", area, sub, use]
            if number == MOVED:
                rows.append([*row, begin, middle, METER])
                row[2] = f"{number} 号铺新经营者"
                rows.append([*row, middle, "", METER])
            else:
                rows.append([*row, begin, "", METER])
        self.take_in(FileKind.UNITS, "商铺花名册.csv", rows, on)

    def passed_on(self) -> list[tuple[Month, int]]:
        """What the agent passed on, less and less, so that exactly ``DEBT_FEN`` is owed when all 18 bills are out."""
        direct = sum(self.direct_fen().values())
        wanted = sum(m.total_fen for m in self.before) - DEBT_FEN - direct
        parts = [(m, int(m.total_fen * ratio)) for m, ratio in zip(self.before, PASSED_ON, strict=False)]
        month, _last = parts[-1]
        rest = wanted - sum(fen for _m, fen in parts[:-1])
        return [*parts[:-1], (month, rest)]

    def direct_fen(self) -> dict[str, int]:
        """What shop 46 paid the utility itself for three months: its share of each."""
        shares = self.shares(the_point(self.stage.street, METER))
        months = self.before[-6:-3]
        return {m.number: fen for m in months for _from, _until, fen in shares.get((shop_code(46), m.number), [])}

    def import_remittances(self, payments: Sequence[tuple[str, dt.date, int]], on: dt.date, *, named: str = "") -> None:
        """Payments of the agent that the utility's own record shows, ``named`` for what the agent wrote, where it wrote anything."""
        rows = [
            [day, METER, yuan(fen), "银行转账", voucher, "二房东", "已证实", "", named]
            for voucher, day, fen in payments
        ]
        self.take_in(FileKind.REMITTANCES, f"水务公司收款记录-{on:%Y%m%d}.csv", rows, on)

    def shares(self, point: SupplyPoint) -> Shares:
        """Each shop's share by (shop code, bill number): what the agent asked and the shop paid."""
        found: Shares = {}
        for code, number, from_on, until_on, fen in _shares(self.stage.street, point):
            found.setdefault((code, number), []).append((from_on, until_on, fen))
        return found

    def drawer(self, number: int, shares: Shares, months: list[Month], on: dt.date) -> tuple[list[list[object]], int]:
        """The receipts one shop can show on a day for some months, and what it admits not to have paid."""
        habit, owed, rows = HABITS.get(number, Habit.RECEIPTS), 0, []
        direct = self.direct_fen() if habit is Habit.DIRECT else {}
        for m in months:
            for from_on, until_on, fen in shares.get((shop_code(number), m.number), []):
                paid_on = m.issued_on + (2 + number % 5) * DAY
                if until_on is not None and paid_on >= until_on:
                    paid_on = until_on - DAY
                if paid_on > on:
                    continue
                means, evidence = "现金", "已证实"
                if habit is Habit.UNPAID and m.index >= MONTHS - 9 and m.index < MONTHS:
                    owed += fen
                    continue
                if habit is Habit.DIRECT and m.number in direct:
                    continue
                if habit is Habit.WALLET:
                    means = "微信"
                if habit is Habit.ORAL and MONTHS - 6 <= m.index < MONTHS:
                    evidence = "单方主张"
                code = f"SJ-{number:02d}-{m.from_on:%Y%m}-{from_on:%y%m}"
                rows.append([paid_on, shop_code(number), yuan(fen), means, code, "二房东", evidence, ""])
        return rows, owed

    def import_receipts(self, rows: list[list[object]], on: dt.date) -> None:
        """What the shops could show."""
        self.take_in(FileKind.RECEIPTS, f"走访收据-{on:%Y%m%d}.csv", rows, on)

    def import_admissions(self, admitted: dict[str, int], on: dt.date) -> None:
        """What shops admit in writing."""
        rows = [[on, code, yuan(fen), f"QR-{code}-{on:%m%d}", ""] for code, fen in admitted.items()]
        self.take_in(FileKind.ACKNOWLEDGEMENTS, f"欠费确认单-{on:%Y%m%d}.csv", rows, on)

    def import_direct(self, on: dt.date) -> None:
        """What shop 46 paid the utility itself, from the utility's record."""
        rows = [
            [m.issued_on + 3 * DAY, METER, shop_code(46), yuan(self.direct_fen()[m.number]), "营业厅", f"YYT-{m.from_on:%Y%m}",
             "46 号铺经营者", "已证实", ""]
            for m in self.before[-6:-3]
        ]  # fmt: skip
        self.take_in(FileKind.DIRECT_PAYMENTS, f"水务公司代缴记录-{on:%Y%m%d}.csv", rows, on)

    def import_sub_meters(self, started_on: dt.date, on: dt.date) -> None:
        """One meter a unit: the root-cause remedy."""
        rows = [
            [f"FB-{n:02d}", "分表", "DN15", METER, started_on, started_on, 0, f"{n} 号铺", "", "", ""]
            for n in range(1, len(TRADES) + 1)
        ]
        self.take_in(FileKind.METERS, "分表登记.csv", rows, on)
        self.import_units(on, sub_meters=True)

    def import_readings(self, months: list[Month], on: dt.date) -> None:
        """Sub-meter indexes at each month's end; three per cent of the master's water is lost on the way."""
        rows: list[list[object]] = []
        litres = dict.fromkeys(range(1, len(TRADES) + 1), 0)
        for m in months:
            weights = {n: 10 + n * 13 % 29 for n in litres}
            for n, w in weights.items():
                litres[n] += m.volume_m3 * 970 * w // sum(weights.values())
                rows.append([f"FB-{n:02d}", m.until_on - DAY, m3(litres[n]), "远传", "", ""])
        self.take_in(FileKind.READINGS, f"分表抄表-{on:%Y%m%d}.csv", rows, on)


@prepared
def _shares(street: Street, point: SupplyPoint) -> QuerySet[Share, tuple[Any, ...]]:
    rows = Share.objects.filter(street=street, allocation__bill__point=point, tenancy__isnull=False)
    return rows.order_by("allocation__bill__from_on", "tenancy__unit__code", "tenancy__from_on").values_list(
        "tenancy__unit__code", "allocation__bill__number", "tenancy__from_on", "tenancy__until_on", "amount_fen"
    )
