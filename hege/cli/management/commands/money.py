"""``hege money METER --on DATE``: who holds the money of a master meter."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hege.arrears.queries import who_holds_the_money
from hege.cli.command import ON, HegeCommand, option
from hege.kernel.clock import start_of, today
from hege.kernel.money import yuan
from hege.metering.queries import the_point
from hege.people.queries import the_street

LABELS = {
    "payable": "欠水务公司",
    "held": "收了没交（代收人持有）",
    "fronted": "代收人垫付",
    "acknowledged": "商户承认未付",
    "unproven": "未付或已付都无证据",
    "advances": "商户多付",
    "passed_over": "商户直接缴给水司、待转认",
    "unshared": "未分摊",
    "common": "公摊未定",
    "loss": "损耗未定",
    "unexplained": "尚无说明",
    "late_fees": "违约金另计",
}


class Command(HegeCommand):
    help = "钱在谁手里：一块总表在某一天结束时的账。金额单位为分（--json）或元。"

    options = (
        option("meter", help="总表表号"),
        ON,
        option("--known", type=dt.date.fromisoformat, default=None, help="按这一天结束时已知的情况"),
        option("--street", default=None, help="街道代码；只有一个街道时可省略"),
        option("--json", action="store_true", help="打印 JSON，金额为整数分"),
    )

    def handle(self, *args: Any, **options: Any) -> None:
        street = the_street(options["street"])
        point = the_point(street, options["meter"])
        on = options["on"] or today()
        known = options["known"]
        known_at = start_of(known + dt.timedelta(days=1)) if known else None
        holding = who_holds_the_money(point, on=on, known_at=known_at)
        if options["json"]:
            layers = {"confirmed": holding.confirmed.as_json(), "with_claims": holding.with_claims.as_json()}
            self.answer({"street": street.code, "meter": point.code, "on": on.isoformat(), **layers})
            return
        self.say(f"{street.name} {point.code} 截至 {on}（元）：已证实 / 含单方主张")
        for name, label in LABELS.items():
            sure, claimed = getattr(holding.confirmed, name), getattr(holding.with_claims, name)
            self.say(f"  {label}　{yuan(sure)} / {yuan(claimed)}")
        self.say(f"  差额　{yuan(holding.confirmed.difference)} / {yuan(holding.with_claims.difference)}")
