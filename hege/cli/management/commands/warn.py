"""``hege warn --on DATE``: what the books warn of on a day. Reads only."""

from __future__ import annotations

from typing import Any

from hege.arrears.early_warning.queries import each_finding
from hege.arrears.early_warning.sentences import says, waiting
from hege.cli.command import ON, STREETS, HegeCommand, option, streets_in
from hege.kernel.clock import today


class Command(HegeCommand):
    requires_system_checks = ()  # they read every page there is, for half the memory of a run; hege check asks them
    help = "预警：某一天结束时，每块总表有什么不对、凭什么说、拖下去的代价。只读，不登记。"
    options = (
        ON,
        STREETS,
        option("--json", action="store_true", help="打印 JSON，金额为整数分"),
    )

    def handle(self, *args: Any, **options: Any) -> None:
        on, count = options["on"] or today(), 0
        found = ((street, row) for street in streets_in(options) for row in each_finding(street, on=on))
        if options["json"]:
            self.answer_each(
                {
                    "street": street.code,
                    "meter": row.point.code,
                    **row.finding.as_json(),
                    "says": says(row.finding),
                    "waiting": waiting(row.finding),
                }
                for street, row in found
            )
            return
        for count, (street, row) in enumerate(found, 1):  # noqa: B007
            self.say(f"{street.name} {row.point.code} 〔{row.finding.kind.label}〕{says(row.finding)}")
            self.say(f"  {waiting(row.finding)}")
        self.say(f"截至 {on}，共 {count} 条预警。")
