"""`hege exchange OLD NEW --on DATE --last M3 --first M3`: a meter goes, another comes, no water is lost between."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.transaction import atomic, set_rollback
from django.utils.translation import gettext as _

from hege.imports.cells import BadCell, code_of, index_of
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.metering.actions import exchange_meter
from hege.metering.queries import the_meter
from hege.metering.rules import m3
from hege.people.queries import the_street


class Command(BaseCommand):
    help = "Exchange a meter: the last index of the old one and the first of the new one on one day, in cubic metres."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("old", metavar="OLD", help="the number of the meter that goes")
        parser.add_argument("new", metavar="NEW", help="the number of the meter that comes")
        parser.add_argument("--on", type=dt.date.fromisoformat, required=True, metavar="DATE", help="first day of NEW")
        parser.add_argument("--last", required=True, metavar="M3", help="what OLD showed when it went")
        parser.add_argument("--first", required=True, metavar="M3", help="what NEW showed when it came")
        parser.add_argument("--street", metavar="CODE", help="may be left out where there is one street")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen; store nothing")

    def handle(self, *, old: str, new: str, on: dt.date, last: str, first: str, dry_run: bool, **options: Any) -> None:
        try:
            meter = the_meter(the_street(options["street"]), old)
            with atomic():
                made = exchange_meter(
                    meter, on=on, last_litres=index_of(last), number=code_of(40)(new), first_litres=index_of(first),
                    by=None, at=clock.now(),
                )  # fmt: skip
                set_rollback(dry_run)
        except (Refused, BadCell) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            _("%(day)s 换表：%(old)s 止于 %(last)s，%(new)s 起于 %(first)s（立方米）。")
            % {"day": on, "old": old, "last": m3(index_of(last)), "new": made.number, "first": m3(made.started_litres)}
        )
        self.stdout.write(_("现在什么都没有存。") if dry_run else _("缺这次读数的账单用 hege share 补分摊。"))
