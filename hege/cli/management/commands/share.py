"""`hege share`: try again to share the bills whose data was missing."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from hege.billing.actions import share_bills
from hege.billing.queries import unshared_bills
from hege.cli.command import STREET, HegeCommand, option
from hege.kernel import clock
from hege.kernel.money import yuan
from hege.people.queries import the_street


class Command(HegeCommand):
    help = "Share every bill that is still unshared, where its data has come meanwhile; say what is still missing."
    options = (STREET, option("--json", action="store_true", help="answer as JSON, money in fen"))

    def handle(self, **options: Any) -> None:
        street = the_street(options["street"])
        bills = {bill.number: bill for bill in unshared_bills(street)}
        shared = share_bills(street, bills.values(), by=None, at=clock.now())
        done = [made.bill.number for made in shared.allocations]
        if options["json"]:
            told = {n: {"bill": n, "meter": bill.point.code, "amount": bill.amount_fen} for n, bill in bills.items()}
            answer = {
                "street": street.code,
                "shared": [{**told[n], "estimated": shared.estimated.get(n, 0)} for n in done],
                "unshared": [{**told[n], "reason": why} for n, why in shared.unshared.items()],
            }
            self.answer(answer, indent=1)
            return
        for number in done:
            self.say(_("已分摊 %(bill)s（%(sum)s 元）") % {"bill": number, "sum": yuan(bills[number].amount_fen)})
        for number, shares in shared.estimated.items():
            self.say(_("账单 %(number)s 有 %(n)d 户按估抄或推算的读数分摊") % {"number": number, "n": shares})
        for number, why in shared.unshared.items():
            self.say(_("仍未分摊 %(bill)s：%(why)s") % {"bill": number, "why": why})
        self.say(_("分摊 %(n)d 张，仍缺数据 %(m)d 张。") % {"n": len(done), "m": len(shared.unshared)})
