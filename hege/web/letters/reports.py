"""What happened at an activity, for everybody: no names but of whom the street thanked and who agreed to be named."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hege.attachments.models import Attachment
from hege.attachments.queries import files_of
from hege.kernel.seal import known_as
from hege.programme.seasons.models import Activity
from hege.programme.thanks.ceremonies.queries import Thanked, came_of, parts_of, shown_report, thanked_on
from hege.programme.thanks.models import RunSheet
from hege.programme.thanks.rules import named_in_public
from hege.web.access import public
from hege.web.pages import or_404, page
from hege.web.shared.hours import clock_time
from hege.web.shared.kept_files import handed_out

BECAUSE = (
    "what happened is told to everybody, once a second person has looked at it; names and pictures of who agreed alone"
)


class ReportPage:
    """The report of one activity."""

    def __init__(self, sheet: RunSheet) -> None:
        self.sheet = sheet
        self.activity: Activity = sheet.activity

    @property
    def parts(self) -> list[tuple[str, str]]:
        """When, and what; who spoke is not told here."""
        return [(clock_time(part.minute), part.title) for part in parts_of(self.sheet)]

    @property
    def came(self) -> int | None:
        return came_of(self.sheet)

    @property
    def thanked(self) -> list[tuple[Thanked, str]]:
        """Whom the street thanked on that day, in the order of their letters, by number; by name where they agreed."""
        return [(one, _who(one)) for one in thanked_on(self.activity)]

    @cached_property
    def pictures(self) -> list[Attachment]:
        """Those that everybody may see."""
        if not self.sheet.pictures_agreed:
            return []
        return [
            file
            for file in files_of(self.sheet.street, known_as(RunSheet), [self.sheet.pk])[self.sheet.pk]
            if file.is_picture
        ]


def _who(one: Thanked) -> str:
    member = one.thanks.member
    number = _("成员 %(number)s") % {"number": member.shown_number}
    return named_in_public(number=number, called=member.called, agreed=one.named)


def report_or_404(code: str, menu_id: str) -> ReportPage:
    """The report of an activity that was shown to everybody."""
    return ReportPage(or_404(shown_report(code, menu_id)))


@public(BECAUSE)
@require_safe
def report(request: HttpRequest, roll_code: str, menu_id: str) -> HttpResponse:
    """What happened, how many came, whom the street thanked."""
    return page(request, "letters/report.html", {"r": report_or_404(roll_code, menu_id)})


@public(BECAUSE)
@require_safe
def picture(_request: HttpRequest, roll_code: str, menu_id: str, kept_id: str) -> HttpResponse:
    """One of its pictures, as black bars left it."""
    pictures = report_or_404(roll_code, menu_id).pictures
    file = or_404(next((file for file in pictures if file.public_id == kept_id), None))
    return handed_out(file.sha256, file.media_type, file.name, shown=True)
