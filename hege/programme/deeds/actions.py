"""Reporting as a member, and the round of a week.

The trail learns of a report what it learns of any other, by the same line; of a round its number and sums, and no report.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from hege.attachments.preparing import Prepared
from hege.cases.models import Report
from hege.cases.reports.actions import submit_report
from hege.cases.rules import ReportKind
from hege.kernel.checks import check_same_street
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.kernel.saying import Saying, written
from hege.members.models import Member
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.places.models import Place
from hege.points.actions import earn, lock_balances
from hege.points.queries import points_on, rule_on
from hege.programme.deeds.models import Deed, DeedPicture, Round
from hege.programme.deeds.queries import (
    deeds_to_take_back,
    got_by,
    own_verified,
    season_on,
    sent_since,
    waiting_deeds,
    were_sent,
)
from hege.programme.deeds.rules import (
    RoundPlan,
    check_new_pictures,
    check_not_too_many,
    check_pictures,
    check_said,
    plan_round,
    week_of,
)
from hege.trail import actions as trail


@atomic
def report_deed(
    member: Member,
    *,
    text: str,
    where: str = "",
    place: Place,
    photos: Sequence[Prepared] = (),
    by: User | None,
    at: dt.datetime,
) -> Deed:
    """A member reports what they noticed (随手报): a report by the public, like any other, and beside it who it was.

    ``where`` is the spot in words, within ``place``. Refused: nothing said, too many pictures or one that came before, too
    many reports of a day.
    """
    street, today = member.street, day_of(at)
    check_same_street(street.pk, place)
    locked = lock(member)
    if not locked.active:
        raise Refused(_("已经退出，不能再报。"))
    check_said(text, pictures=len(photos))
    check_pictures(len(photos))
    check_not_too_many(sent_since(locked, today))
    digests = [photo.sha256 for photo in photos]
    check_new_pictures(repeated=len(set(digests)) < len(digests) or were_sent(street, digests))
    said = "：".join(part for part in (where.strip(), text.strip() or str(_("见照片。"))) if part)
    deed = Deed(street=street, member=locked, reported_on=today, season=season_on(street, today))

    def keep(report: Report) -> None:
        deed.report = report
        deed.save()
        DeedPicture.objects.bulk_create(DeedPicture(street=street, deed=deed, sha256=digest) for digest in digests)

    submit_report(street, kind=ReportKind.PUBLIC, text=said, place=place, photos=photos, beside=keep, by=None, at=at)
    return deed


@atomic
def post_round(street: Street, *, by: User | None, at: dt.datetime) -> Round | None:
    """Give the points of a week in one round (每周一轮), or let all wait for the next where it would name too few.

    None where the week has been looked at. Deeds that are verified no more give their points back in it.
    """
    locked_street(street.pk)
    week = week_of(day_of(at))
    if Round.objects.filter(street=street, week_on__gte=week).exists():
        return None
    plan = _plan(street, at=at)
    made = Round(street=street, week_on=week, looked_at=at)
    if not plan.enough:
        made.save()
        trail.record("wait_for_round", made, by=by, at=at, week_on=week)
        return made
    number = (Round.objects.filter(street=street).aggregate(n=Max("number"))["n"] or 0) + 1
    words = written(Saying(_("第 %(number)d 轮"), number=number))
    entry = earn(street, plan.net, key=f"round {number}", words=words, by=by, at=at)
    back = {deed.pk: deed for deed in Deed.objects.filter(street=street, pk__in=plan.taken_back)}
    made.number, made.entry, made.members = number, entry, len(plan.net)
    made.given, made.taken_back = sum(plan.given.values()), sum(deed.points for deed in back.values())
    made.save()
    for deed in back.values():
        deed.taken_back_in = made
    Deed.objects.bulk_update(back.values(), ["taken_back_in"])
    given = list(Deed.objects.filter(street=street, pk__in=plan.given))
    for deed in given:
        deed.posted_in, deed.points, deed.taken_back_in = made, plan.given[deed.pk], None
    Deed.objects.bulk_update(given, ["posted_in", "points", "taken_back_in"])
    trail.record(
        "post_round", made, by=by, at=at, number=number, members=made.members, points=made.given,
        taken_back=made.taken_back,
    )  # fmt: skip
    return made


def _plan(street: Street, *, at: dt.datetime) -> RoundPlan:
    waiting, gone = waiting_deeds(street), deeds_to_take_back(street)
    own = own_verified(street, [deed.pk for deed in waiting])
    waiting = [deed for deed in waiting if deed.pk not in own]
    members = {deed.member for deed in waiting} | {deed.member for deed in gone}
    lock_balances(street, members)
    got, got_in_season = got_by(street, members)
    return plan_round(
        waiting, gone, rules={day: rule_on(street, day) for day in {deed.reported_on for deed in waiting}}, got=got,
        got_in_season=got_in_season, there=points_on(street, members, on=day_of(at)),
    )  # fmt: skip
