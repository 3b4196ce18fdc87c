"""`hege unlock NAME`: who has lost every second factor is let in with the password alone, once, to set up a new one."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandError
from django.utils.translation import gettext as _

from hege.cli.command import HegeCommand, option
from hege.kernel import clock
from hege.people.models import User
from hege.places.second_factor.actions import void_second_factors


class Command(HegeCommand):
    help = (
        "End somebody's second factors and recovery codes and sign them out everywhere, with a reason on the trail; wrong "
        "passwords and codes until now are forgotten. It does not open a sign-in that an administrator has locked (停用登录)."
    )
    options = (
        option("name", metavar="NAME", help="the user name they sign in with"),
        option("--reason", required=True, help="why, and how you know it is they; stays on the trail"),
    )

    def handle(self, *, name: str, reason: str, **options: Any) -> None:
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(_("没有叫 %(name)s 的登录名。") % {"name": name})
        ended = void_second_factors(user, reason=reason, by=None, at=clock.now())
        self.say(
            _("%(who)s（%(name)s）的 %(n)d 个第二重验证和备用码已作废，开着的都已退出。")
            % {"who": user.full_name, "name": name, "n": ended}
        )
        self.say(_("他下次只凭密码登录；岗位要求有的，登录后先设新的。"))
        if not user.is_active:
            self.say(_("他的登录还停用着：要恢复，请管理员在“人员与岗位”里办。"))
