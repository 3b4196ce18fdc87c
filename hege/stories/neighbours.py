"""Ordinary master meters beside the crisis: healthy and half-healthy ones, from files like everybody's. Sample data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from hege.billing.models import Share
from hege.billing.rules import bill_components
from hege.metering.actions import locate_point
from hege.metering.queries import the_point
from hege.people.models import Role
from hege.stories.hours import at_noon
from hege.stories.street import SAMPLE_RATES, Stage, money_text, month_start, take_in

DAY = dt.timedelta(days=1)
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
    take_in(
        stage, "meters", "总表登记-其他.csv",
        ["表号", "类别", "口径", "上级总表", "启用日期", "检定日期", "起码", "安装位置", "账户名", "代收人", "分摊方式"],
        [[n.code, "总表", "DN40", "", first, first, 1000, n.place, "物业", "物业", n.shared_by] for n in neighbours],
        on=today,
    )  # fmt: skip
    for n in neighbours:
        locate_point(
            the_point(stage.street, n.code), place=stage.block, by=stage.user(Role.COORDINATOR), at=at_noon(today)
        )
    take_in(
        stage, "units", "商铺花名册-其他.csv",
        ["商铺编号", "商铺名称", "经营者", "联系电话", "建筑面积", "分表表号", "用途", "入驻日期", "退租日期", "总表表号"],
        [
            [f"{n.code}-{i:02d}", f"{n.place} {i} 号铺", f"{n.place} {i} 号铺经营者", "", 20 + i * 3 % 17, "", "商铺", first, "", n.code]
            for n in neighbours
            for i in range(1, n.shops + 1)
        ],
        on=today,
    )  # fmt: skip


def _bills(
    stage: Stage, neighbours: Sequence[Neighbour], months: Sequence[tuple[dt.date, dt.date]], today: dt.date
) -> None:
    rows: list[list[object]] = []
    for n in neighbours:
        index = 1000
        for k, (start, end) in enumerate(months):
            m3 = n.m3 + 7 * k
            parts = {kind.value: fen for kind, fen in bill_components(m3 * 1000, SAMPLE_RATES).items()}
            rows.append(
                [f"SW-{n.code}-{start:%Y%m}", n.code, start, end - DAY, index, index + m3, m3, money_text(parts["supply"]),
                 money_text(parts["sewage"]), "", money_text(sum(parts.values())), end + 24 * DAY, end + 4 * DAY]
            )  # fmt: skip
            index += m3
    take_in(
        stage, "bills", "水务公司账单-其他.csv",
        ["账单号", "总表表号", "账期起", "账期止", "上期行度", "本期行度", "用水量", "供水费", "污水处理费", "其他费用",
         "应缴金额", "应缴日期", "出账日期"],
        rows,
        on=today,
    )  # fmt: skip


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
                [end + 8 * DAY, code, money_text(fen), "微信", f"SJ-{code}-{start:%Y%m}", "物业", "已证实", ""]
                for code, fen in paying
            ]
            passed = sum(fen for _code, fen in paying) * (n.passed_on if late else 100) // 100
            if passed:
                remittances.append(
                    [
                        end + 15 * DAY,
                        n.code,
                        money_text(passed),
                        "银行转账",
                        f"HK-{n.code}-{start:%Y%m}",
                        "物业",
                        "已证实",
                        "",
                    ]
                )
    take_in(
        stage, "receipts", "收据-其他.csv",
        ["日期", "商铺编号", "金额", "方式", "凭证号", "收款人", "证据", "备注"], receipts, on=today,
    )  # fmt: skip
    take_in(
        stage, "remittances", "水务公司收款记录-其他.csv",
        ["日期", "总表表号", "金额", "方式", "凭证号", "缴款人", "证据", "备注"], remittances, on=today,
    )  # fmt: skip
