"""An administrator's morning: is it well, who is there, where things are set."""

from __future__ import annotations

from functools import cached_property

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hege.installation.queries import first_findings
from hege.installation.rules import Finding, State
from hege.kernel import clock
from hege.kernel.several import several
from hege.people.models import Membership
from hege.web.access import Desk
from hege.web.shared.findings import Line, line_of, worst_first


class AdministratorDesk:
    """What an administrator of the whole street sees first."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.street = desk, desk.street

    @cached_property
    def found(self) -> list[Finding]:
        return worst_first(first_findings(self.street, at=clock.now()))

    @property
    def wrong(self) -> list[Line]:
        return [line_of(finding) for finding in self.found if not finding.ok]

    @property
    def fine(self) -> list[Line]:
        return [line_of(finding) for finding in self.found if finding.ok]

    @property
    def title(self) -> str:
        """The answer: whether it is well."""
        mend = sum(finding.state is State.MEND for finding in self.found)
        if mend:
            return ngettext("系统在跑，%(num)s 件事要您办", "系统在跑，%(num)s 件事要您办", mend) % {"num": mend}
        n = len(self.wrong)
        if n:
            return ngettext("系统在跑，%(num)s 件事请您留意", "系统在跑，%(num)s 件事请您留意", n) % {"num": n}
        return _("系统在跑，样样都好")

    @property
    def people_said(self) -> str:
        """How many people there are, who has not chosen a password yet, who may not sign in; one query."""
        posts = Membership.objects.filter(street=self.street).on(self.desk.today)
        found = posts.aggregate(
            people=Count("user", distinct=True),
            waiting=Count("user", distinct=True, filter=Q(user__must_change_password=True, user__is_active=True)),
            locked=Count("user", distinct=True, filter=Q(user__is_active=False)),
        )
        said = [several("%(n)s 人在岗") % {"n": found["people"]}]
        if found["waiting"]:
            said.append(_("%(n)s 人还没换一次性密码") % {"n": found["waiting"]})
        if found["locked"]:
            said.append(_("%(n)s 人停用了登录") % {"n": found["locked"]})
        return _("，").join(said) + _("。")

    @property
    def places(self) -> list[tuple[str, str, str]]:
        """Where things are set: an icon, a name, an address; those this person may see."""
        rows = (
            ("calendar-event", _("参数与日历"), "settings"), ("file-import", _("导入"), "imports"),
            ("qrcode", _("商铺与二维码"), "units"), ("send", _("发送通道"), "gateways"),
        )  # fmt: skip
        return [
            (icon, name, self.desk.to(f"{thing}:index")) for icon, name, thing in rows if self.desk.may(f"{thing}.see")
        ]
