"""``hege thresholds [KIND VALUE --from DATE --source TEXT]``: what an office judges by, since when and by what; or another value."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from hege.arrears.actions import set_threshold
from hege.arrears.models import Threshold
from hege.arrears.queries import thresholds_of
from hege.arrears.rules import DEFAULT_THRESHOLDS, GROUNDS, ThresholdKind
from hege.cli.command import DAY, ON, STREET, HegeCommand, option
from hege.kernel import clock
from hege.kernel.grouped import grouped
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.people.queries import the_street


class Command(HegeCommand):
    help = "参数：某一天按什么数判，从哪天起、凭什么；或者登记一个新的数（旧的留着）。"
    options = (
        option("kind", nargs="?", choices=ThresholdKind.values, metavar="KIND", help=" ".join(ThresholdKind.values)),
        option("value", nargs="?", type=int, metavar="VALUE", help="新的数"),
        option("--from", dest="from_on", default=None, **DAY),
        option("--source", default="", metavar="TEXT", help="依据：文号或哪次会议"),
        option("--reason", default="", metavar="TEXT", help="从过去的日子起算的理由"),
        ON,
        option("--json", action="store_true", help="打印 JSON"),
        STREET,
    )

    def handle(self, *args: Any, kind: str | None, value: int | None, **options: Any) -> None:
        street, on = the_street(options["street"]), options["on"] or clock.today()
        if value is not None and kind is not None:
            from_on, at = options["from_on"] or clock.today(), clock.now()
            said = {"source": options["source"], "reason": options["reason"], "by": None, "at": at}
            row = set_threshold(street, kind=ThresholdKind(kind), value=value, from_on=from_on, **said)
            self.say(
                _("%(kind)s：%(day)s 起按 %(value)s。")
                % {"kind": ThresholdKind(kind).label, "day": row.from_on, "value": row.value}
            )
            return
        if options["from_on"] or options["source"]:
            raise Refused(_("要登记新的数，请写明是哪一项、改成多少。"))
        wanted = [ThresholdKind(kind)] if kind else list(ThresholdKind)
        found = list(self._told(street, wanted, on))
        if options["json"]:
            self.answer(found)
            return
        for row in found:
            self.say(f"{row['label']}　{row['value']}")
            for had in row["history"]:
                self.say(f"  {had['from_on'] or _('从有记录起')}　{had['value']}　{had['source']}")

    def _told(self, street: Street, wanted: list[ThresholdKind], on: dt.date) -> Any:
        held = thresholds_of(street, on=on)
        rows = grouped((row.kind, row) for row in Threshold.objects.filter(street=street).order_by("from_on", "pk"))
        for kind in wanted:
            always = {"from_on": None, "value": DEFAULT_THRESHOLDS[kind], "source": str(GROUNDS[kind].source)}
            own = [
                {
                    "from_on": None if r.from_on == dt.date.min else r.from_on.isoformat(),
                    "value": r.value,
                    "source": r.source,
                }
                for r in rows.get(kind.value, [])
            ]
            yield {"kind": kind.value, "label": str(kind.label), "value": held[kind], "history": [always, *own]}
