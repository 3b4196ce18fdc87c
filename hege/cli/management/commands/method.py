"""`hege method METER METHOD --from DATE --decision TEXT`: how bills are shared from a day on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from hege.billing.actions import choose_method
from hege.imports.cells import BadCell, word_of
from hege.imports.kinds.meters import METHODS
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.metering.queries import the_point
from hege.people.queries import the_street


class Command(BaseCommand):
    help = "Choose how the bills of a master meter are shared from a day on, by a recorded decision."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("meter", metavar="METER", help="the number of the master meter")
        parser.add_argument("method", metavar="METHOD", help="等额 面积 分表 混合 (equal area sub_meter mixed)")
        parser.add_argument("--from", dest="from_on", type=dt.date.fromisoformat, required=True, metavar="DATE")
        parser.add_argument("--decision", required=True, metavar="TEXT", help="which meeting decided it")
        parser.add_argument("--street", metavar="CODE", help="may be left out where there is one street")

    def handle(self, *, meter: str, method: str, from_on: dt.date, decision: str, **options: Any) -> None:
        try:
            wanted = word_of(METHODS)(method)
            point = the_point(the_street(options["street"]), meter)
            choose_method(point, method=wanted, from_on=from_on, decision=decision, by=None, at=clock.now())
        except (Refused, BadCell) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            _("总表 %(meter)s 自 %(day)s 起的账期按%(method)s分摊。")
            % {"meter": point.code, "day": from_on, "method": wanted.label}
        )
