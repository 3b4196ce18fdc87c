"""`hege method METER METHOD --from DATE --decision TEXT`: how bills are shared from a day on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from hege.billing.actions import choose_method
from hege.cli.command import DAY, STREET, HegeCommand, option
from hege.imports.cells import word_of
from hege.imports.kinds.meters import METHODS
from hege.kernel import clock
from hege.metering.queries import the_point
from hege.people.queries import the_street


class Command(HegeCommand):
    help = "Choose how the bills of a master meter are shared from a day on, by a recorded decision."
    options = (
        option("meter", metavar="METER", help="the number of the master meter"),
        option("method", metavar="METHOD", help="等额 面积 分表 混合 (equal area sub_meter mixed)"),
        option("--from", dest="from_on", required=True, **DAY),
        option("--decision", required=True, metavar="TEXT", help="which meeting decided it"),
        STREET,
    )

    def handle(self, *, meter: str, method: str, from_on: dt.date, decision: str, **options: Any) -> None:
        wanted = word_of(METHODS)(method)
        point = the_point(the_street(options["street"]), meter)
        choose_method(point, method=wanted, from_on=from_on, decision=decision, by=None, at=clock.now())
        told = {"meter": point.code, "day": from_on, "method": wanted.label}
        self.say(_("总表 %(meter)s 自 %(day)s 起的账期按%(method)s分摊。") % told)
