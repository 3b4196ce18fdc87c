"""`hege agent METER NAME --from DATE`: who collects the shops' money behind a master meter from a day on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.transaction import atomic, set_rollback
from django.utils.translation import gettext as _

from hege.imports.cells import BadCell, text_of
from hege.imports.kinds.meters import party_named
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.metering.actions import name_role
from hege.metering.queries import the_point
from hege.metering.rules import PointRoleKind
from hege.people.queries import the_street


class Command(BaseCommand):
    help = "Name the collecting agent (代收人) of a master meter from a day on; the one before ends that day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("meter", metavar="METER", help="the number of the master meter")
        parser.add_argument("name", metavar="NAME", help="who collects")
        parser.add_argument("--from", dest="from_on", type=dt.date.fromisoformat, required=True, metavar="DATE")
        parser.add_argument(
            "--until", dest="until_on", type=dt.date.fromisoformat, metavar="DATE", help="first day not"
        )
        parser.add_argument("--account-holder", action="store_true", help="name the account holder (账户名) instead")
        parser.add_argument("--street", metavar="CODE", help="may be left out where there is one street")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen; store nothing")

    def handle(self, *, meter: str, name: str, from_on: dt.date, until_on: dt.date | None, **options: Any) -> None:
        kind = PointRoleKind.ACCOUNT_HOLDER if options["account_holder"] else PointRoleKind.AGENT
        try:
            point = the_point(the_street(options["street"]), meter)
            if not (name := text_of(120)(name)):
                raise Refused(_("请写明是谁。"))
            with atomic():
                name_role(
                    point, kind=kind, party=party_named(point.street, name), from_on=from_on, until_on=until_on,
                    by=None, at=clock.now(),
                )  # fmt: skip
                set_rollback(options["dry_run"])
        except (Refused, BadCell) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            _("总表 %(meter)s 自 %(day)s 起的%(role)s是%(name)s。")
            % {"meter": point.code, "day": from_on, "role": kind.label, "name": name}
        )
        if options["dry_run"]:
            self.stdout.write(_("现在什么都没有存。"))
