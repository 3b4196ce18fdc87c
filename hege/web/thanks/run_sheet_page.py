"""What the pages of a run sheet show: the parts, what happened, who agreed to pictures, what may be done now."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hege.kernel.refused import allows
from hege.programme.seasons.models import Activity
from hege.programme.thanks.ceremonies.queries import (
    Pictured,
    came_of,
    parts_of,
    pictured,
    reported,
    sheet_of,
)
from hege.programme.thanks.ceremonies.rules import Part, check_report
from hege.programme.thanks.models import RunSheet
from hege.web.access import Desk
from hege.web.jinja import dots, instant
from hege.web.links import where
from hege.web.marks import Button, Chip
from hege.web.shared.hours import clock_time
from hege.web.shared.kept_files import Shown, files_shown


class RunSheetPage:
    """The run sheet of one activity, for the office."""

    def __init__(self, activity: Activity, desk: Desk, *, at: dt.datetime) -> None:
        self.activity, self.desk, self.at = activity, desk, at
        self.sheet: RunSheet | None = sheet_of(activity)

    @property
    def crumbs(self) -> list[tuple[str, str]]:
        here = self.desk.to("activities:detail", self.activity.public_id)
        return [(_("活动与签到"), self.desk.to("activities:index")), (self.activity.title, here)]

    @property
    def lead(self) -> str:
        return str(dots([instant(self.activity.starts_at), self.activity.where]))

    @cached_property
    def parts(self) -> list[tuple[str, Part]]:
        """Each part with its time as people read it."""
        return [(clock_time(part.minute), part) for part in parts_of(self.sheet)] if self.sheet else []

    @property
    def chips(self) -> list[Chip]:
        if self.sheet is None or not self.sheet.words:
            return [Chip(_("还没有小结"))]
        return [Chip(_("小结已公开"), "green") if self.sheet.published_at else Chip(_("小结等另一个人公开"), "amber")]

    @property
    def buttons(self) -> list[Button]:
        """What may be done now, by the rules of the acts."""
        key, found = self.activity.public_id, []
        if self.desk.may("thanks.propose"):
            written = _("改流程单和小结") if self.sheet else _("写流程单")
            found.append(Button(written, self.desk.to("thanks:write_sheet", key), "pencil", main=self.sheet is None))
        if self.sheet is None:
            return found
        found.append(Button(_("打印流程单"), self.desk.to("thanks:print_sheet", key), "printer"))
        asked = {"report": reported(self.sheet), "by": self.desk.user.pk, "at": self.at}
        if self.desk.may("thanks.give") and allows(check_report, **asked):
            found.append(Button(_("公开小结"), self.desk.to("thanks:publish_report", key), "send", main=True))
        if self.sheet.published_at:
            found.append(Button(_("看公开的小结"), where("letters:report", self.desk.street.code, key), "eye"))
        return found

    @property
    def came(self) -> str:
        """How many came, and how that is known."""
        if self.sheet is None or (n := came_of(self.sheet)) is None:
            return ""
        counted = _("现场点数") if self.activity.capacity is None else _("签到")
        return str(dots([ngettext("%(n)d 人", "%(n)d 人", n) % {"n": n}, counted]))

    @cached_property
    def pictured(self) -> Pictured:
        return pictured(self.activity)

    @property
    def pictured_said(self) -> str:
        """What who takes the pictures has to know."""
        who = self.pictured
        if not who.unwilling:
            return ""
        said = ngettext(
            "报上名的 %(of)d 位里，%(n)d 位没有同意入镜。", "报上名的 %(of)d 位里，%(n)d 位没有同意入镜。", who.of
        )
        return said % {"of": who.of, "n": who.unwilling}

    @cached_property
    def files(self) -> list[Shown]:
        return files_shown(self.desk, "ceremonies", [self.sheet.pk])[self.sheet.pk] if self.sheet else []
