"""`hege exchange OLD NEW --on DATE --last M3 --first M3`: a meter goes, another comes, no water is lost between."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from hege.cli.command import DAY, DRY_RUN, STREET, HegeCommand, option, undone
from hege.imports.cells import code_of, index_of
from hege.kernel import clock
from hege.metering.actions import exchange_meter
from hege.metering.queries import the_meter
from hege.metering.rules import m3
from hege.people.queries import the_street


class Command(HegeCommand):
    help = "Exchange a meter: the last index of the old one and the first of the new one on one day, in cubic metres."
    options = (
        option("old", metavar="OLD", help="the number of the meter that goes"),
        option("new", metavar="NEW", help="the number of the meter that comes"),
        option("--on", required=True, help="first day of NEW", **DAY),
        option("--last", required=True, metavar="M3", help="what OLD showed when it went"),
        option("--first", required=True, metavar="M3", help="what NEW showed when it came"),
        STREET,
        DRY_RUN,
    )

    def handle(self, *, old: str, new: str, on: dt.date, last: str, first: str, dry_run: bool, **options: Any) -> None:
        meter = the_meter(the_street(options["street"]), old)
        with undone(when=dry_run):
            made = exchange_meter(
                meter, on=on, last_litres=index_of(last), number=code_of(40)(new), first_litres=index_of(first),
                by=None, at=clock.now(),
            )  # fmt: skip
        ends = {"last": m3(index_of(last)), "first": m3(made.started_litres)}
        told = _("%(day)s 换表：%(old)s 止于 %(last)s，%(new)s 起于 %(first)s（立方米）。")
        self.say(told % {"day": on, "old": old, "new": made.number, **ends})
        self.say(_("现在什么都没有存。") if dry_run else _("缺这次读数的账单用 hege share 补分摊。"))
