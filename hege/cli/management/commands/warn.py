"""``hege warn --on DATE``: what the books warn of on a day; or of one meter, when each signal fired first, and what is expected. Reads only."""

from __future__ import annotations

import datetime as dt
import sys
import time
from typing import Any

from django.utils.translation import gettext as _

from hege.arrears.backtest.queries import View, backtest
from hege.arrears.backtest.rules import Progress
from hege.arrears.early_warning.queries import each_finding
from hege.arrears.early_warning.sentences import says, waiting
from hege.arrears.forecast.queries import forecast_of
from hege.arrears.forecast.rules import LEAST
from hege.cli.command import ON, STREETS, HegeCommand, option, streets_in
from hege.kernel.clock import today
from hege.kernel.money import yuan
from hege.kernel.refused import Refused
from hege.metering.models import SupplyPoint
from hege.metering.queries import the_point
from hege.people.queries import the_street

#: In nanoseconds.
SECOND = 1_000_000_000
VIEWS = {
    View.KNOWN_THEN: "按当天已登记的情况",
    View.AS_IF_KNOWN: "按今天知道的全部情况往回看，当天不一定已经登记",
}


class Command(HegeCommand):
    requires_system_checks = ()  # they read every page there is, for half the memory of a run; hege check asks them
    help = "预警：某一天结束时，每块总表有什么不对、凭什么说、拖下去的代价。只读，不登记。"
    options = (
        ON,
        STREETS,
        option("--json", action="store_true", help="打印 JSON，金额为整数分"),
        option(
            "--backtest", metavar="METER", default=None, help="回看一块总表：每类预警最早哪一天会响、那天欠水司多少"
        ),
        option("--forecast", metavar="METER", default=None, help="一块总表往后三期期末欠水司多少，以及以往预测差多少"),
        option("--as-if-known", action="store_true", help="按今天知道的全部情况往回看，而不是当天已登记的"),
    )

    def handle(self, *args: Any, **options: Any) -> None:
        on = options["on"] or today()
        if options["backtest"] and options["forecast"]:
            raise Refused(_("回看和预测请分开问。"))
        asked = options["backtest"] or options["forecast"]
        if options["as_if_known"] and not asked:
            raise Refused(_("“--as-if-known”只和“--backtest”或“--forecast”一起用。"))
        if asked:
            point = the_point(the_street(options["street"]), asked)
            (self._backtest if options["backtest"] else self._forecast)(point, on, options)
        else:
            self._warn(on, options)

    def _warn(self, on: dt.date, options: dict[str, Any]) -> None:
        count = 0
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

    def _backtest(self, point: SupplyPoint, on: dt.date, options: dict[str, Any]) -> None:
        view = View.AS_IF_KNOWN if options["as_if_known"] else View.KNOWN_THEN
        found = backtest(point, on=on, view=view, progress=_progress())
        if options["json"]:
            self.answer([fired.as_json() for fired in found.fired])
            return
        self.say(f"{point.street.name} {point.code} 截至 {on}，{VIEWS[view]}：")
        for fired in found.fired:
            kind, owed = fired.finding.kind.label, yuan(fired.payable_fen)
            self.say(f"  {fired.on}　〔{kind}〕那天欠水司 {owed} 元。{says(fired.finding)}")
        if not found.fired:
            self.say("  没有一类预警会响。" if found.began_on else "  这块总表还没有登记过账单、收付和读数。")

    def _forecast(self, point: SupplyPoint, on: dt.date, options: dict[str, Any]) -> None:
        view, found = forecast_of(point, on=on, view=View.AS_IF_KNOWN if options["as_if_known"] else None)
        few = {"least": LEAST, "n": len(found.ends)}
        why_not = "" if found.has_enough else _("不满 %(least)s 期（只有 %(n)s 期结束），说不出往后会怎样。") % few
        if options["json"]:
            last = found.ends[-1] if found.ends else None
            self.answer(
                {
                    "street": point.street.code,
                    "meter": point.code,
                    "periods": len(found.ends),
                    "from_on": last and last.on.isoformat(),
                    "payable_fen": last and last.payable_fen,
                    "tried_by": view.value,
                    "forecast": [expected.as_json() for expected in found.expected],
                    "why_not": why_not,
                }
            )
            return
        self.say(f"{point.street.name} {point.code} 截至 {on}：{why_not}")
        for e in found.expected:
            between = "" if e.low_fen is None or e.high_fen is None else f"（{yuan(e.low_fen)} 至 {yuan(e.high_fen)}）"
            tried = (
                "没有以往的预测可对"
                if e.mean_error_fen is None
                else f"以往 {e.tried} 次平均差 {yuan(e.mean_error_fen)} 元"
            )
            self.say(f"  {e.on}　欠水司约 {yuan(e.payable_fen)} 元{between}，{tried}（{VIEWS[view]}）。")


def _progress() -> Progress:
    """How many days have been walked, on a terminal and from a second on."""
    began_at = time.monotonic_ns()

    def tell(done: int, total: int) -> None:
        if sys.stderr.isatty() and time.monotonic_ns() - began_at > SECOND and (done % 16 == 0 or done == total):
            sys.stderr.write("\r\x1b[K" if done == total else f"\r\x1b[K{done}/{total}")

    return tell
