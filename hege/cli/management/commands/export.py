"""``hege export parquet DIR``: ledger, bills, shares and cases as files that a city's own machines can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from hege.city.actions import export_parquet
from hege.cli.command import STREETS, HegeCommand, option, streets_in
from hege.kernel import clock


class Command(HegeCommand):
    help = (
        "导出全市数据：把账、账单、分摊、收付和案件按街道和月份写成 Parquet 文件，各列见 docs/city.md。"
        "不含姓名和电话；每个街道各留痕一行。"
    )
    options = (
        option("form", choices=["parquet"], help="写成什么"),
        option("to", type=Path, metavar="DIR", help="新文件夹，写完整了才出现；已有的不会被覆盖"),
        STREETS,
    )

    def handle(self, *, to: Path, **options: Any) -> None:
        streets = streets_in(options)
        if not streets:
            raise CommandError(_("库里还没有街道，请先 hege setup。"))
        for code, rows in export_parquet(streets, to, by=None, at=clock.now(), tell=self._tell).items():
            self.say(f"{code}　" + "　".join(f"{table} {n:,}" for table, n in rows.items()))
        self.say(_("写在 %(to)s，已留痕。") % {"to": to})

    def _tell(self, street: str, table: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"{street} {table}")
