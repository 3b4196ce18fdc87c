"""``hege rebuild``: what is kept beside the entries to be read quickly, made anew from them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from hege.cli.command import STREETS, HegeCommand, streets_in
from hege.kernel import clock
from hege.ledger.actions import rebuild_totals


class Command(HegeCommand):
    help = "Make the totals of accounts anew from the entries, where hege verify says that they are not their sum."
    options = (STREETS,)

    def handle(self, *args: Any, **options: Any) -> None:
        for street in streets_in(options):
            count = rebuild_totals(street, by=None, at=clock.now())
            self.say(_("%(street)s：按分录重建了 %(n)d 行发生额。") % {"street": street.name, "n": count})
