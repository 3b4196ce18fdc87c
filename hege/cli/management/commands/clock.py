"""``hege clock``: whether the clock has fallen behind the trail, and going on after one that ran ahead."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from hege.cli.command import STREETS, HegeCommand, option, streets_in
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.people.models import User
from hege.people.queries import the_street
from hege.trail.actions import accept_clock
from hege.trail.models import TrailHead
from hege.trail.rules import instant_after


class Command(HegeCommand):
    help = "时钟：看本机时钟有没有落在留痕后面；先前的时钟走快了，由管理员写明原因接着办。"
    options = (
        STREETS,
        option("--accept", action="store_true", help="时钟现在是对的，从现在接着记"),
        option("--by", metavar="LOGIN", help="哪位管理员这样办（登录名）"),
        option("--reason", default="", metavar="TEXT", help="原因，记在留痕上"),
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accept"]:
            self._accept(options)
            return
        for head in TrailHead.objects.filter(street__in=streets_in(options)).select_related("street"):
            instant_after(head.recorded_at, clock.now())
        self.say(_("时钟没有落在留痕后面。"))

    def _accept(self, options: dict[str, Any]) -> None:
        street, by = the_street(options["street"]), User.objects.filter(username=options["by"] or "").first()
        if by is None:
            raise Refused(_("请用 --by 写明是哪位管理员（登录名）。"))
        line = accept_clock(street, reason=options["reason"], by=by, at=clock.now())
        self.say(_("已记在 %(name)s 留痕第 %(n)s 行，从现在接着办。") % {"name": street.name, "n": line.seq})
