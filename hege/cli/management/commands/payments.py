"""``hege payments METER``: every payment behind a master meter, what it was named for and which debts it met."""

from __future__ import annotations

from typing import Any

from hege.billing.applying.queries import applied_payments, shop_codes
from hege.cli.command import STREET, HegeCommand, option
from hege.kernel.money import yuan
from hege.metering.queries import the_point
from hege.people.queries import the_street


class Command(HegeCommand):
    help = "付款抵充：一块总表后面的每一笔付款，指定付什么、抵了哪几笔债。商铺直接交水司的，两种关系各列一次。"
    options = (
        option("meter", help="总表表号"),
        STREET,
        option("--json", action="store_true", help="打印 JSON，金额为整数分"),
    )

    def handle(self, *args: Any, **options: Any) -> None:
        street = the_street(options["street"])
        point = the_point(street, options["meter"])
        codes = shop_codes(point)
        rows: list[dict[str, Any]] = [
            {
                "voucher": row.voucher,
                "on": row.on.isoformat(),
                "fen": row.fen,
                "kind": row.kind.value,
                "relation": f"shop:{codes[row.tenancy_id]}" if row.tenancy_id else "utility",
                "confirmed": row.confirmed,
                "named": list(row.named),
                "applications": [{"debt": debt, "fen": fen} for debt, fen in row.met.items()],
                "ahead_fen": row.left_fen,
            }
            for row in applied_payments(point)
        ]
        if options["json"]:
            self.answer(rows)
            return
        self.say(f"{street.name} {point.code}（元）：")
        for row in rows:
            met = "、".join(f"{one['debt']} {yuan(one['fen'])}" for one in row["applications"])
            named = f"　指定 {'、'.join(row['named'])}" if row["named"] else ""
            self.say(
                f"  {row['on']} {row['relation']} {row['voucher']}　{yuan(row['fen'])}{named}　→ {met or '没有抵债'}"
            )
