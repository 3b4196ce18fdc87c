"""``hege programme --on DATE``: how the programme of a street stood at the end of a day."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from typing import Any

from hege.cli.command import ON, HegeCommand, option
from hege.kernel.clock import today
from hege.kernel.money import yuan
from hege.people.queries import the_street
from hege.programme.figures.queries import as_of


class Command(HegeCommand):
    help = "四季暖蜂行动：某一天结束时的数字，从一行行记录数出来。金额单位为分（--json）或元。"

    options = (
        ON,
        option("--street", default=None, help="街道代码；只有一个街道时可省略"),
        option("--json", action="store_true", help="打印 JSON，全是整数，金额为整数分"),
        option("--database", default=None, help="另一个数据库的地址；不写就用设置里的"),
    )

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Another database is asked in a process of its own, whose settings see it from the start."""
        if options["database"] is None:
            return super().execute(*args, **options)
        said = {"--on": options["on"], "--street": options["street"]}
        command = [sys.executable, "-m", "hege.cli.main", "programme"]
        command += [f"{name}={value}" for name, value in said.items() if value is not None]
        command += ["--json"] if options["json"] else []
        environment = {**os.environ, "HEGE_DATABASE_URL": options["database"]}
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)

    def handle(self, *, on: dt.date | None, street: str | None, json: bool, **_options: Any) -> None:
        found, day = the_street(street), on or today()
        figures = as_of(found, day)
        if json:
            self.answer({"street": found.code, "on": day.isoformat(), **figures})
            return
        self.say(f"{found.name} 截至 {day}")
        for one in figures["activities"]:
            places = f"{one['taken']}/{one['capacity']}" if one["capacity"] is not None else "不用报名"
            self.say(
                f"  活动　{one['title']}　名额 {places}　候补 {one['waiting']}　到 {one['attended']}"
                f"　迟到 {one['late']}　缺席 {one['absent']}"
            )
        for one in figures["batches"]:
            self.say(
                f"  券　{one['title']}　{one['stock']} 张：领 {one['claimed']}　用 {one['redeemed']}　过期 {one['expired']}"
                f"　在手 {one['held']}　占用 {yuan(one['committed_fen'])} / {yuan(one['budget_fen'])} 元"
            )
        for one in figures["money"]:
            self.say(
                f"  结算　{one['merchant_name']} ← {one['payer_name']}　已结 {yuan(one['settled_fen'])} 元"
                f"（已付 {yuan(one['paid_fen'])}）　未结 {yuan(one['open_fen'])} 元"
            )
        for name, label in (("points", "积分"), ("minutes", "荣誉时长（分钟）")):
            one = figures["counters"][name]
            self.say(
                f"  {label}　得 {one['earned']}　收回 {one['taken_back']}　用 {one['spent']}　到期 {one['expired']}"
                f"　退还 {one['reversed']}　现有 {one['held']}"
            )
