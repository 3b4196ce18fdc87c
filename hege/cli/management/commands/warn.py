"""``hege warn --on DATE``: what the books warn of on a day. Reads only."""

from __future__ import annotations

import datetime as dt
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from hege.arrears.early_warning.queries import findings
from hege.arrears.early_warning.sentences import says, waiting
from hege.cli.streets import add_street, streets_in
from hege.kernel.clock import today


class Command(BaseCommand):
    help = "预警：某一天结束时，每块总表有什么不对、凭什么说、拖下去的代价。只读，不登记。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--on", type=dt.date.fromisoformat, default=None, help="日期 YYYY-MM-DD，默认今天")
        add_street(parser)
        parser.add_argument("--json", action="store_true", help="打印 JSON，金额为整数分")

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["on"] or today()
        rows = [(street, row) for street in streets_in(options) for row in findings(street, on=on)]
        if options["json"]:
            answer = [
                {
                    "street": street.code,
                    "meter": row.point.code,
                    **row.finding.as_json(),
                    "says": says(row.finding),
                    "waiting": waiting(row.finding),
                }
                for street, row in rows
            ]
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        for street, row in rows:
            self.stdout.write(f"{street.name} {row.point.code} 〔{row.finding.kind.label}〕{says(row.finding)}")
            self.stdout.write(f"  {waiting(row.finding)}")
        self.stdout.write(f"截至 {on}，共 {len(rows)} 条预警。")
