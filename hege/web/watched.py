"""When the warnings were last looked for (核对时间): a calm figure says so beside itself."""

from __future__ import annotations

from django.utils.translation import gettext as _

from hege.arrears.queries import watch_kept
from hege.people.models import Street
from hege.web.jinja import instant


class Watched:
    """As of when the warnings of a street are known. One query."""

    def __init__(self, street: Street) -> None:
        self.kept = watch_kept(street)

    @property
    def when(self) -> str:
        """The last watch in words; where there never was one, how to have it kept."""
        if self.kept is None:
            return _("还没有核对过：网站启动以后每天自动核对，也可请管理员现在核对一遍")
        return _("截至 %(when)s 的核对") % {"when": instant(self.kept)}

    def calm(self, said: str) -> str:
        """What is said where no warning holds, with its time; where nobody ever looked, only that."""
        if self.kept is None:
            return _("%(when)s。") % {"when": self.when}
        return _("%(said)s，%(when)s。") % {"said": said, "when": self.when}
