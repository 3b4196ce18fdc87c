"""``hege rebuild``: what is kept beside other rows to be read quickly, made anew from them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from hege.cli.command import STREETS, HegeCommand, streets_in
from hege.kernel import clock
from hege.ledger.actions import rebuild_totals
from hege.search.actions import put_right


class Command(HegeCommand):
    help = "重建：按分录重做账户的发生额，按原文重做检索用的字对。hege verify 指出它们不对时用。"
    options = (STREETS,)

    def handle(self, *args: Any, **options: Any) -> None:
        for street in streets_in(options):
            count = rebuild_totals(street, by=None, at=clock.now())
            self.say(_("%(street)s：按分录重建了 %(n)d 行发生额。") % {"street": street.name, "n": count})
            found = put_right(street)
            self.say(_("%(street)s：按原文重做了 %(n)d 条检索用的字对。") % {"street": street.name, "n": found})
