"""`hege alone`: a street goes on without a second person, where nobody is left who could agree to it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from hege.cli.command import STREET, HegeCommand, option
from hege.kernel import clock
from hege.people.queries import the_street
from hege.places.staff.actions import void_second_person


class Command(HegeCommand):
    help = (
        "Let one administrator grant roles and reset passwords alone again (双人复核 off), with a reason on the trail: for a "
        "street where the other administrator is gone or cannot sign in. Whoever can agree does so on the page."
    )
    options = (STREET, option("--reason", required=True, help="why nobody could agree to it; stays on the trail"))

    def handle(self, *, street: str | None, reason: str, **options: Any) -> None:
        named = void_second_person(the_street(street), reason=reason, by=None, at=clock.now())
        self.say(
            _("%(street)s的双人复核已停用。补好第二名管理员以后，请在“参数与日历”里再启用。") % {"street": named.name}
        )
