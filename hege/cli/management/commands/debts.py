"""``hege debts METER --on DATE``: every debt behind a master meter, what met it, what is open and how late it is."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hege.billing.applying.queries import DebtNow, debts_of, shop_codes
from hege.cli.command import ON, STREET, HegeCommand, option
from hege.kernel.calendar import DAY
from hege.kernel.clock import start_of, today
from hege.kernel.money import yuan
from hege.metering.queries import the_point
from hege.people.queries import the_street
from hege.places.queries import workday_calendar


class Command(HegeCommand):
    help = "债务清单：一块总表后面的每一笔债，在某一天结束时付了多少、还差多少、迟了几天。金额单位为分（--json）或元。"
    options = (
        option("meter", help="总表表号"),
        ON,
        option("--known", type=dt.date.fromisoformat, default=None, help="按这一天结束时已知的情况"),
        STREET,
        option("--json", action="store_true", help="打印 JSON，金额为整数分"),
    )

    def handle(self, *args: Any, **options: Any) -> None:
        street = the_street(options["street"])
        point, on, known = the_point(street, options["meter"]), options["on"] or today(), options["known"]
        known_at = start_of(known + DAY) if known else None
        calendar, codes = workday_calendar(street), shop_codes(point)

        def told(row: DebtNow) -> dict[str, Any]:
            last_day = calendar.last_day_of(row.debt.due_on)
            late = (on - last_day).days if row.open_fen > 0 else 0
            return {
                "debt": row.debt.code,
                "relation": f"shop:{codes[row.tenancy_id]}" if row.tenancy_id else "utility",
                "due_on": row.debt.due_on.isoformat(),
                "last_day": last_day.isoformat(),
                "fen": row.debt.fen,
                "met_fen": row.met_fen,
                "moved_fen": row.moved_fen,
                "open_fen": row.open_fen,
                "late_days": max(0, late),
            }

        rows = [told(row) for row in debts_of(point, on=on, known_at=known_at)]
        if options["json"]:
            self.answer(rows)
            return
        self.say(f"{street.name} {point.code} 截至 {on}（元）：应付 / 已付 / 转分期 / 还差　最后一天　迟几天")
        for row in rows:
            sums = " / ".join(yuan(row[name]) for name in ("fen", "met_fen", "moved_fen", "open_fen"))
            self.say(f"  {row['relation']} {row['debt']}　{sums}　{row['last_day']}　{row['late_days']}")
