"""What is known of an activity with parts: its run sheet, who came, whom the street thanked on that day."""

from __future__ import annotations

from typing import NamedTuple

from hege.kernel.calendar import DAY
from hege.kernel.clock import day_of, start_of
from hege.members.queries import consents_among
from hege.members.rules import ConsentKind
from hege.programme.activities.models import Signup
from hege.programme.activities.queries import figures_of
from hege.programme.activities.rules import SignupState
from hege.programme.seasons.models import Activity
from hege.programme.seasons.rules import ActivityState
from hege.programme.thanks.ceremonies.rules import Part, Reported
from hege.programme.thanks.models import RunSheet, Thanks
from hege.programme.thanks.rules import ThanksState


def sheet_of(activity: Activity) -> RunSheet | None:
    """The run sheet of an activity, where somebody wrote one."""
    rows = RunSheet.objects.filter(street=activity.street_id, activity=activity)
    found = rows.select_related("written_by", "published_by").first()
    if found is not None:
        found.activity, found.street = activity, activity.street
    return found


def parts_of(sheet: RunSheet) -> list[Part]:
    """Its parts in their order."""
    return [Part(*part) for part in sheet.parts]


def reported(sheet: RunSheet) -> Reported:
    """How its report stands."""
    activity = sheet.activity
    return Reported(
        activity.ends_at, activity.state == ActivityState.PUBLISHED, sheet.words, sheet.written_by_id,
        sheet.published_at is not None,
    )  # fmt: skip


def shown_report(code: str, activity_id: str) -> RunSheet | None:
    """The run sheet of an activity whose report everybody may read."""
    rows = RunSheet.objects.filter(
        street__code=code, activity__public_id=activity_id, activity__state=ActivityState.PUBLISHED,
        published_at__isnull=False,
    )  # fmt: skip
    found = rows.select_related("street", "activity__season", "activity__topic", "activity__unit__party").first()
    if found is not None:
        found.activity.street = found.street
    return found


def came_of(sheet: RunSheet) -> int | None:
    """How many came: by scans where people signed up, else by counting heads; None where nobody counted."""
    activity = sheet.activity
    if activity.capacity is None:
        return sheet.came
    figures = figures_of(sheet.street, [activity.pk])[activity.pk]
    return figures.attended + figures.late


class Pictured(NamedTuple):
    """Of those who have a place: how many did not agree to pictures."""

    unwilling: int
    of: int


def pictured(activity: Activity) -> Pictured:
    """Who of those with a place did not agree to pictures (不同意入镜); two statements."""
    rows = Signup.objects.filter(street=activity.street_id, activity=activity, state=SignupState.CONFIRMED)
    agreed = consents_among([signup.member for signup in rows.select_related("member")])
    return Pictured(sum(not said[ConsentKind.PICTURES] for said in agreed.values()), len(agreed))


class Thanked(NamedTuple):
    """Thanks that were given, and whether the member agreed to be named."""

    thanks: Thanks
    named: bool


def thanked_on(activity: Activity) -> list[Thanked]:
    """Whom the street thanked on the day of an activity, in the order of the letters' numbers; two statements."""
    begins = start_of(day_of(activity.starts_at))
    rows = Thanks.objects.in_state(ThanksState.GIVEN).filter(
        street=activity.street_id, given_at__gte=begins, given_at__lt=begins + DAY
    )
    given = list(rows.select_related("member", "season").order_by("number"))
    agreed = consents_among({one.member_id: one.member for one in given}.values())
    return [Thanked(one, agreed[one.member_id][ConsentKind.NAME_PUBLIC]) for one in given]
