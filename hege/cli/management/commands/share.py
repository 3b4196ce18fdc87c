"""`hege share`: try again to share the bills whose data was missing."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from hege.billing.actions import share_bills
from hege.billing.queries import unshared_bills
from hege.kernel import clock
from hege.kernel.money import yuan
from hege.kernel.refused import Refused
from hege.people.queries import the_street


class Command(BaseCommand):
    help = "Share every bill that is still unshared, where its data has come meanwhile; say what is still missing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--street", metavar="CODE", help="may be left out where there is one street")
        parser.add_argument("--json", action="store_true", help="answer as JSON, money in fen")

    def handle(self, **options: Any) -> None:
        try:
            street = the_street(options["street"])
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        bills = {bill.number: bill for bill in unshared_bills(street)}
        shared = share_bills(street, bills.values(), by=None, at=clock.now())
        done = [made.bill.number for made in shared.allocations]
        if options["json"]:
            answer = {
                "street": street.code,
                "shared": [
                    {
                        "bill": n,
                        "meter": bills[n].point.code,
                        "amount": bills[n].amount_fen,
                        "estimated": shared.estimated.get(n, 0),
                    }
                    for n in done
                ],
                "unshared": [
                    {"bill": n, "meter": bills[n].point.code, "amount": bills[n].amount_fen, "reason": why}
                    for n, why in shared.unshared.items()
                ],
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=1))
            return
        for number in done:
            self.stdout.write(
                _("已分摊 %(bill)s（%(sum)s 元）") % {"bill": number, "sum": yuan(bills[number].amount_fen)}
            )
        for number, shares in shared.estimated.items():
            self.stdout.write(_("账单 %(number)s 有 %(n)d 户按估抄或推算的读数分摊") % {"number": number, "n": shares})
        for number, why in shared.unshared.items():
            self.stdout.write(_("仍未分摊 %(bill)s：%(why)s") % {"bill": number, "why": why})
        self.stdout.write(_("分摊 %(n)d 张，仍缺数据 %(m)d 张。") % {"n": len(done), "m": len(shared.unshared)})
