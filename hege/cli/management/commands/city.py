"""``hege city who-holds DIR``: who holds the money of every master meter in the files of a city; asks no database of ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from hege.city.engines import Engine, who_holds
from hege.city.rules import Answer
from hege.cli.command import HegeCommand, option
from hege.kernel.money import yuan

SHOWN = ("payable", "owed", "held", "advances", "passed_over", "fronted", "difference")
HEADINGS = ("街道", "总表", "欠水务公司", "商户欠", "收了没交", "商户多付", "直缴待转认", "代收人垫付", "差额")


class Command(HegeCommand):
    help = "全市数据里每一块总表钱在谁手里，数与 hege money 一样，一分不差。读 hege export parquet 写出的文件夹，不连数据库。"
    minds_newer = False  # asks no database
    requires_system_checks = ()
    options = (
        option("what", choices=["who-holds"], help="who-holds：钱在谁手里"),
        option("folders", nargs="+", type=Path, metavar="DIR", help="导出的文件夹；几个数据库各导出的可以一起读"),
        option("--on", type=dt.date.fromisoformat, default=None, metavar="DATE", help="这一天结束时，默认导出那天"),
        option("--engine", choices=[e.value for e in Engine], default=Engine.DUCKDB.value, help="用什么算，默认 duckdb"),
        option("--master", default="", metavar="URL", help="与 --engine spark 同用：Spark 集群的地址"),
        option("--json", action="store_true", help="每块总表一行 JSON，金额为整数分"),
    )  # fmt: skip

    def handle(self, *, folders: list[Path], on: dt.date | None, engine: str, master: str, **options: Any) -> None:
        if master and engine != Engine.SPARK:
            raise CommandError(_("--master 只和 --engine spark 同用。"))
        day, answers = who_holds(folders, on=on, engine=Engine(engine), master=master)
        if options["json"]:
            for answer in answers:
                layers = {"confirmed": answer.confirmed._asdict(), "with_claims": answer.with_claims._asdict()}
                self.answer({"street": answer.street, "meter": answer.meter, "on": day.isoformat(), **layers})
            return
        self.say(f"截至 {day}（元，已证实）", "\t".join(HEADINGS))
        self._say_each(answers)

    def _say_each(self, answers: Iterable[Answer]) -> None:
        meters, sums, wrong = 0, dict.fromkeys(SHOWN, 0), 0
        for answer in answers:
            meters += 1
            wrong += bool(answer.confirmed.difference or answer.with_claims.difference)
            for name in SHOWN:
                sums[name] += getattr(answer.confirmed, name)
            self.say(
                "\t".join([answer.street, answer.meter, *(yuan(getattr(answer.confirmed, name)) for name in SHOWN)])
            )
        self.say("\t".join(["合计", f"{meters:,} 块", *map(yuan, sums.values())]))
        if wrong:
            raise CommandError(_("有 %(n)s 块总表的差额不是零：请在那个街道运行 hege verify。") % {"n": wrong})
