"""`hege correct METER DATE M3 --reason TEXT`: a reading that was wrong; both stay in the book."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from hege.cli.command import DAY, DRY_RUN, STREET, HegeCommand, option, undone
from hege.imports.cells import index_of
from hege.kernel import clock
from hege.metering.actions import correct_reading
from hege.metering.queries import the_meter, the_reading
from hege.metering.rules import m3
from hege.people.queries import the_street


class Command(HegeCommand):
    help = "Correct what a meter was read at on a day, in cubic metres; the wrong reading stays, with the reason."
    options = (
        option("meter", metavar="METER", help="the number of the meter"),
        option("date", help="the day it was read", **DAY),
        option("index", metavar="M3", help="what it truly showed"),
        option("--reason", required=True, metavar="TEXT", help="why, for the record"),
        STREET,
        DRY_RUN,
    )

    def handle(self, *, meter: str, date: dt.date, index: str, reason: str, dry_run: bool, **options: Any) -> None:
        wrong = the_reading(the_meter(the_street(options["street"]), meter), date)
        with undone(when=dry_run):
            right = correct_reading(wrong, litres=index_of(index), reason=reason, by=None, at=clock.now())
        told = {"number": meter, "day": date, "was": m3(wrong.litres), "now": m3(right.litres)}
        self.say(_("表 %(number)s 在 %(day)s 的行度由 %(was)s 更正为 %(now)s。") % told)
        self.say(_("现在什么都没有存。") if dry_run else _("已按原读数分摊的账单不会自动改动，请在账单页“重新分摊”。"))
