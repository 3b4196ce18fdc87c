"""`hege correct METER DATE M3 --reason TEXT`: a reading that was wrong; both stay in the book."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.transaction import atomic, set_rollback
from django.utils.translation import gettext as _

from hege.imports.cells import BadCell, index_of
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.metering.actions import correct_reading
from hege.metering.queries import the_meter, the_reading
from hege.metering.rules import m3
from hege.people.queries import the_street


class Command(BaseCommand):
    help = "Correct what a meter was read at on a day, in cubic metres; the wrong reading stays, with the reason."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("meter", metavar="METER", help="the number of the meter")
        parser.add_argument("date", type=dt.date.fromisoformat, metavar="DATE", help="the day it was read")
        parser.add_argument("index", metavar="M3", help="what it truly showed")
        parser.add_argument("--reason", required=True, metavar="TEXT", help="why, for the record")
        parser.add_argument("--street", metavar="CODE", help="may be left out where there is one street")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen; store nothing")

    def handle(self, *, meter: str, date: dt.date, index: str, reason: str, dry_run: bool, **options: Any) -> None:
        try:
            wrong = the_reading(the_meter(the_street(options["street"]), meter), date)
            with atomic():
                right = correct_reading(wrong, litres=index_of(index), reason=reason, by=None, at=clock.now())
                set_rollback(dry_run)
        except (Refused, BadCell) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            _("表 %(number)s 在 %(day)s 的行度由 %(was)s 更正为 %(now)s。")
            % {"number": meter, "day": date, "was": m3(wrong.litres), "now": m3(right.litres)}
        )
        self.stdout.write(
            _("现在什么都没有存。") if dry_run else _("已按原读数分摊的账单不会自动改动，请在账单页“重新分摊”。")
        )
