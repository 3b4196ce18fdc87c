"""`hege agent METER NAME --from DATE`: who collects the shops' money behind a master meter from a day on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from hege.cli.command import DAY, DRY_RUN, STREET, HegeCommand, option, undone
from hege.imports.cells import text_of
from hege.imports.kinds.meters import party_named
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.metering.actions import name_role
from hege.metering.queries import the_point
from hege.metering.rules import PointRoleKind
from hege.people.queries import the_street


class Command(HegeCommand):
    help = "Name the collecting agent (代收人) of a master meter from a day on; the one before ends that day."
    options = (
        option("meter", metavar="METER", help="the number of the master meter"),
        option("name", metavar="NAME", help="who collects"),
        option("--from", dest="from_on", required=True, **DAY),
        option("--until", dest="until_on", help="first day not", **DAY),
        option("--account-holder", action="store_true", help="name the account holder (账户名) instead"),
        STREET,
        DRY_RUN,
    )

    def handle(self, *, meter: str, name: str, from_on: dt.date, until_on: dt.date | None, **options: Any) -> None:
        kind = PointRoleKind.ACCOUNT_HOLDER if options["account_holder"] else PointRoleKind.AGENT
        point = the_point(the_street(options["street"]), meter)
        if not (name := text_of(120)(name)):
            raise Refused(_("请写明是谁。"))
        with undone(when=options["dry_run"]):
            name_role(
                point, kind=kind, party=party_named(point.street, name), from_on=from_on, until_on=until_on,
                by=None, at=clock.now(),
            )  # fmt: skip
        told = {"meter": point.code, "day": from_on, "role": kind.label, "name": name}
        self.say(_("总表 %(meter)s 自 %(day)s 起的%(role)s是%(name)s。") % told)
        if options["dry_run"]:
            self.say(_("现在什么都没有存。"))
