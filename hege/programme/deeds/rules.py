"""When a round is posted and what is in it, how far a report has come for whoever made it, and who may not verify it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.cases.rules import FINISHED, CaseState, ReportState
from hege.kernel.refused import Refused
from hege.kernel.several import several
from hege.points.rules import Rule, worth

#: A round names at least so many members, or all wait for the next.
LEAST_MEMBERS = 3
#: Pictures of one report, and reports of one member within a day; a telephone is at hand.
MOST_PICTURES, MOST_A_DAY = 3, 10
MOST_BYTES = 8 << 20
LONGEST_WHERE, LONGEST_TEXT = 60, 1000
#: How often one verifier has to have met one member before an auditor is told the number.
LEAST_MET = 3

#: Somebody looked, and it was true.
TRUE = frozenset({ReportState.ACCEPTED, ReportState.DUPLICATE})
REFUSED = frozenset({ReportState.REJECTED, ReportState.WITHDRAWN})


class DeedStep(TextChoices):
    """How far a report has come, for whoever made it (报事进度)."""

    RECEIVED = "received", _("已收到")
    VERIFIED = "verified", _("查实")
    DONE = "done", _("办完")
    REFUSED = "refused", _("没有受理")


class PointsStep(TextChoices):
    """What became of the points of a report (积分进度)."""

    NONE = "none", _("还没有查实")
    WAITING = "waiting", _("积分待入账")
    POSTED = "posted", _("积分已入账")
    CAPPED = "capped", _("到了上限，不计分")
    TO_TAKE_BACK = "to_take_back", _("核实撤回，积分待收回")
    TAKEN_BACK = "taken_back", _("积分已收回")


def deed_step(report: str, case: str | None) -> DeedStep:
    """How far a report has come, by its state and that of the case it is in."""
    if report in REFUSED:
        return DeedStep.REFUSED
    if report not in TRUE:
        return DeedStep.RECEIVED
    return DeedStep.DONE if case is not None and CaseState(case) in FINISHED else DeedStep.VERIFIED


def points_step(report: str, *, posted: bool, points: int, taken_back: bool) -> PointsStep:
    """What became of the points of a report, by its state and the rounds that gave them and took them back."""
    if report in TRUE:
        if not posted or taken_back:
            return PointsStep.WAITING
        return PointsStep.POSTED if points else PointsStep.CAPPED
    if not posted or not points:
        return PointsStep.NONE
    return PointsStep.TAKEN_BACK if taken_back else PointsStep.TO_TAKE_BACK


def week_of(day: dt.date) -> dt.date:
    """The Monday of a day's week: a week has one round, on the first watch that is kept in it."""
    return day - dt.timedelta(days=day.weekday())


class Waiting(NamedTuple):
    """A verified deed that waits for its points; ``season`` None: reported between seasons, which count as one."""

    pk: int
    member: int
    reported_on: dt.date
    season: int | None


class ToTakeBack(NamedTuple):
    """A deed that got points and is verified no more."""

    pk: int
    member: int
    points: int


class RoundPlan(NamedTuple):
    """What a round gives: points by deed (0: a cap is reached), the deeds whose points go back, and both by member."""

    given: Mapping[int, int]
    taken_back: list[int]
    net: Mapping[int, int]

    @property
    def enough(self) -> bool:
        """Whether so many get points that none of them can be told by it."""
        return sum(points > 0 for points in self.net.values()) >= LEAST_MEMBERS


def plan_round(
    waiting: Iterable[Waiting],
    to_take_back: Iterable[ToTakeBack],
    *,
    rules: Mapping[dt.date, Rule],
    got: Mapping[tuple[int, dt.date], int],
    got_in_season: Mapping[tuple[int, int | None], int],
    there: Mapping[int, int],
) -> RoundPlan:
    """What a round would give and take back; no deed is worth more than another.

    ``rules`` by the day of the report; ``got`` and ``got_in_season`` are the points of a member's standing deeds of that
    day and season; ``there`` is what each member has, for nobody gives back more than that: the deed waits then.
    """
    days, seasons = dict(got), dict(got_in_season)
    given: dict[int, int] = {}
    net: dict[int, int] = {}
    for deed in sorted(waiting):
        day, season = (deed.member, deed.reported_on), (deed.member, deed.season)
        that_day, that_season = days.get(day, 0), seasons.get(season, 0)
        points = worth(rules[deed.reported_on], that_day=that_day, that_season=that_season)
        given[deed.pk] = points
        days[day], seasons[season] = that_day + points, that_season + points
        net[deed.member] = net.get(deed.member, 0) + points
    back = []
    for gone in sorted(to_take_back):
        if there.get(gone.member, 0) + net.get(gone.member, 0) >= gone.points:
            back.append(gone.pk)
            net[gone.member] = net.get(gone.member, 0) - gone.points
    return RoundPlan(given, back, {member: points for member, points in sorted(net.items()) if points})


def check_not_own(*, same_person: bool) -> None:
    """Nobody verifies what they reported themselves, as a member."""
    if same_person:
        raise Refused(_("这一件和您本人有关，请由另一个人核实。"))


def check_not_too_many(sent: int) -> None:
    """Refuse one more report of a member within a day."""
    if sent >= MOST_A_DAY:
        raise Refused(several("今天已经报了 %(n)d 件，我们都收到了。急的话请直接打电话。"), n=sent)


def check_said(text: str, *, pictures: int) -> None:
    """A picture is enough, and so are some words; nothing at all is not."""
    if not text.strip() and not pictures:
        raise Refused(_("请拍一张照片，或者写几个字。"), field="text")
    if len(text) > LONGEST_TEXT:
        raise Refused(_("最多写 %(n)d 个字。"), n=LONGEST_TEXT, field="text")


def check_pictures(count: int) -> None:
    """Three pictures tell enough."""
    if count > MOST_PICTURES:
        raise Refused(_("一件最多 %(n)d 张照片。"), n=MOST_PICTURES, field="photos")


def check_weight(name: str, size: int) -> None:
    """Refuse a picture of more than ``MOST_BYTES``; ``size`` in bytes."""
    if size > MOST_BYTES:
        raise Refused(_("“%(name)s”太大，一张照片最多 %(most)d MB。"), name=name, most=MOST_BYTES >> 20, field="photos")


def check_new_pictures(*, repeated: bool) -> None:
    """The same picture again is the same trouble again."""
    if repeated:
        raise Refused(_("这张照片已经报过了。还没好的话，请重新拍一张。"), field="photos")
