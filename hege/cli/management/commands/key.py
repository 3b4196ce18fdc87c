"""``hege key``: whether the key of each street's trail is at hand, and going on after one that was lost."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from hege.cli.command import STREETS, HegeCommand, option
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.people.models import User
from hege.people.queries import the_street
from hege.trail.actions import accept_lost_key
from hege.trail.queries import check_keys_at_hand


class Command(HegeCommand):
    help = "密钥：看各街道留痕末行的密钥在不在；确实丢了的，由管理员写明原因，从现在的密钥接着办。"
    options = (
        STREETS,
        option("--lost", action="store_true", help="原来的密钥找不到了，用现在的密钥接着记"),
        option("--by", metavar="LOGIN", help="哪位管理员这样办（登录名）"),
        option("--reason", default="", metavar="TEXT", help="原因，记在留痕上"),
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["lost"]:
            check_keys_at_hand()
            self.say(_("留痕末行的密钥都在，现在用的是 %(key)s。") % {"key": settings.SEAL_KEY_NAME})
            return
        street, by = the_street(options["street"]), User.objects.filter(username=options["by"] or "").first()
        if by is None:
            raise Refused(_("请用 --by 写明是哪位管理员（登录名）。"))
        line = accept_lost_key(street, reason=options["reason"], by=by, at=clock.now())
        self.say(_("已记在 %(name)s 留痕第 %(n)s 行，从现在接着办。") % {"name": street.name, "n": line.seq})
