"""How the programme of a street stood at the end of a day, and what a season has come to: counted from rows and their
instants, never from counters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, Q, QuerySet, Sum

from hege.cases.models import Report
from hege.cases.rules import FINISHED, ReportKind
from hege.kernel.calendar import DAY
from hege.kernel.clock import start_of
from hege.kernel.grouped import summed
from hege.members.rules import MemberWork
from hege.people.models import Party, Street
from hege.points.chart import MINUTES, POINTS
from hege.points.queries import sums_of
from hege.programme.activities.models import HandEntry, Signup
from hege.programme.activities.queries import Stood, stood_before
from hege.programme.activities.rules import EntryState, Presence, SignupState
from hege.programme.deeds.models import Round
from hege.programme.deeds.rules import REFUSED, TRUE
from hege.programme.figures.rules import ANY, Masked, Shown, masked
from hege.programme.seasons.models import Activity, Season
from hege.programme.seasons.queries import steps_before
from hege.programme.seasons.rules import ActivityState
from hege.programme.settlements.queries import positions
from hege.vouchers.models import Batch, Claim, Merchant, Redemption
from hege.vouchers.queries import approved_before, figures_of


def as_of(street: Street, on: dt.date) -> dict[str, Any]:
    """Every figure of a street's programme at the end of a Shanghai day, in whole numbers; money is fen.

    ``activities``: those published by then; persons with a place are ``taken``, all other counts are sign-ups, and who came
    is known once the attendance was added up. ``batches``: those approved by then; ``claimed`` leaves out what was taken
    back and is ``redeemed`` + ``expired`` + ``held``; what the end of its batch cut short counts as expired. ``money``: what
    each shop is owed for the vouchers of each paying unit: on frozen lists (``settled``, whether paid or not) and on none yet
    (``open``, below zero where more was taken back since). ``counters``: what came and went up to that day, and what members ``hold``.
    """
    until = start_of(on + DAY)
    return {
        "activities": _activities(street, until),
        "batches": _batches(street, until),
        "money": _money(street, until),
        "counters": {chart.name: _counter(street, chart.name, on) for chart in (POINTS, MINUTES)},
    }


def _activities(street: Street, until: dt.datetime) -> list[dict[str, Any]]:
    stood = stood_before(street, until)
    return [
        {
            "id": step.activity.public_id, "title": step.activity.title, "state": step.state, "capacity": step.capacity,
            **stood.get(step.activity_id, Stood())._asdict(),
        }
        for step in steps_before(street, until)
    ]  # fmt: skip


def _batches(street: Street, until: dt.datetime) -> list[dict[str, Any]]:
    batches = list(approved_before(street, until))
    figures = figures_of(batches, until=until)
    rows = []
    for batch in batches:
        found = figures[batch.pk]
        rows.append({
            "id": batch.public_id, "title": batch.title, "stock": batch.stock, "claimed": found.claims - found.given_back,
            "redeemed": found.used, "expired": found.ended - found.given_back, "held": found.held,
            "withdrawn": found.given_back, "committed_fen": found.committed_fen(batch.cost_fen),
            "budget_fen": batch.budget_fen,
        })  # fmt: skip
    return rows


def _money(street: Street, until: dt.datetime) -> list[dict[str, Any]]:
    rows = Merchant.objects.filter(street=street).values_list("pk", "public_id", "name")
    shops = {pk: (public_id, name) for pk, public_id, name in rows}
    units = Party.objects.filter(street=street, voucher_batches__isnull=False).distinct()
    payers = {pk: (public_id, name) for pk, public_id, name in units.values_list("pk", "public_id", "name")}
    found = positions(street, at=until - dt.datetime.resolution)
    return [
        {
            **_named("merchant", shops[whose.merchant]), **_named("payer", payers[whose.payer]),
            "settled_fen": one.settled, "paid_fen": one.paid, "open_fen": one.open,
        }
        for whose, one in found.items()
    ]  # fmt: skip


def _named(who: str, row: tuple[str, str]) -> dict[str, str]:
    """A shop or a unit, by id and name."""
    return {who: row[0], f"{who}_name": row[1]}


def _counter(street: Street, chart_name: str, on: dt.date) -> dict[str, int]:
    sums = sums_of(street, chart_name, on=on)
    return {**sums._asdict(), "held": sums.held}


# -- a season ------------------------------------------------------------------------------------------------------------

CAME = (Presence.ATTENDED, Presence.LATE)


class Evening(NamedTuple):
    """An activity of a season that is over, and how many members came, as far as that is said."""

    activity: Activity
    came: Shown


class Given(NamedTuple):
    """What of a batch was claimed in a season and what was used in it; ``owed_fen`` is what its payer owes for those."""

    batch: Batch
    claimed: int
    used: int
    owed_fen: int


class Noticed(NamedTuple):
    """Reports that the public made in a season, members and others alike, by what became of them; and the rounds of points
    that were posted in it."""

    reported: int
    true: int
    done: int
    refused: int
    rounds: int
    points: int


@dataclass(frozen=True, slots=True)
class SeasonFigures:
    """What a season has come to. Nothing in it names a person, and no number of people under five can be had from it.

    ``reached``: members who came to anything, by their work. ``percent``: of those who had a place, how many in a hundred
    came; None where that is not said. ``late``: of those who came. ``hours``: whole hours that members gave.
    """

    season: Season
    reached: Masked[MemberWork]
    evenings: list[Evening]
    came: Shown
    late: Shown
    percent: int | None
    hours: int
    given: list[Given]
    spent_fen: int
    noticed: Noticed

    @property
    def owed_fen(self) -> int:
        """What vouchers of the season cost."""
        return sum(one.owed_fen for one in self.given)


class MonthOfProgramme(NamedTuple):
    """What the programme came to between two days, in sums: ``came`` is not said of fewer than five."""

    activities: int
    came: Shown
    redeemed: int
    owed_fen: int


def month_of_programme(street: Street, first: dt.date, last: dt.date) -> MonthOfProgramme:
    """Activities that ended between two days, both counted, and vouchers used in them; three queries."""
    since, until = start_of(first), start_of(last + DAY)
    over = Activity.objects.filter(
        street=street, state=ActivityState.PUBLISHED, ends_at__gte=since, ends_at__lt=until
    ).order_by()
    came = Signup.objects.filter(
        street=street, activity__in=over.values("pk"), state=SignupState.CONFIRMED, presence__in=CAME
    ).count()
    used = Redemption.objects.filter(street=street, used_at__gte=since, used_at__lt=until, reversal__isnull=True)
    spent = used.aggregate(n=Count("pk"), fen=Sum("owed_fen"))
    return MonthOfProgramme(over.count(), masked({"": came}).total, spent["n"], spent["fen"] or 0)


def of_season(season: Season, *, at: dt.datetime) -> SeasonFigures:
    """The figures of a season as far as it has come at an instant; ten statements, however much there is."""
    street = season.street
    activities = list(Activity.objects.filter(street=street, season=season).order_by("starts_at", "pk"))
    over = [one for one in activities if one.state == ActivityState.PUBLISHED and one.ends_at <= at]
    signups = Signup.objects.filter(street=street, activity__in=over, state=SignupState.CONFIRMED)
    came = signups.filter(presence__in=CAME).order_by()
    by_work = dict(came.values_list("member__work").annotate(n=Count("member", distinct=True)))
    settled = signups.exclude(presence="").order_by().values_list("activity", "presence").annotate(n=Count("pk"))
    counts = list(settled)
    by_activity = summed((activity, n) for activity, presence, n in counts if presence in CAME)
    by_presence = summed((presence, n) for _activity, presence, n in counts)
    held = masked({one.pk: by_activity[one.pk] for one in over}, {one.pk: _most(one) for one in over})
    punctual = masked({one: by_presence[one] for one in CAME})
    return SeasonFigures(
        season=season,
        reached=masked({work: by_work.get(work, 0) for work in MemberWork}),
        evenings=[Evening(one, held.parts[one.pk]) for one in over],
        came=held.total,
        late=punctual.parts[Presence.LATE] if isinstance(held.total, int) else held.total,
        percent=100 * held.total // sum(by_presence.values()) if isinstance(held.total, int) and counts else None,
        hours=_minutes(season, signups) // 60,
        given=_given(season),
        spent_fen=sum(one.spent_fen for one in activities),
        noticed=_noticed(season),
    )


def _most(activity: Activity) -> int:
    """How many can have come, as whoever reads the menu knows."""
    return activity.taken if activity.capacity is not None else ANY


def _minutes(season: Season, signups: QuerySet[Signup]) -> int:
    entries = HandEntry.objects.filter(street=season.street_id, activity__season=season, state=EntryState.AGREED)
    return sum(rows.aggregate(n=Sum("minutes"))["n"] or 0 for rows in (signups, entries))


def _days(season: Season, column: str) -> dict[str, dt.datetime]:
    return {f"{column}__gte": start_of(season.from_on), f"{column}__lt": start_of(season.until_on)}


def _given(season: Season) -> list[Given]:
    claims = Claim.objects.filter(**_days(season, "at"), street=season.street_id).order_by()
    claimed = dict(claims.values_list("batch").annotate(n=Count("pk")))
    rows = Redemption.objects.filter(**_days(season, "used_at"), street=season.street_id, reversal__isnull=True)
    used = {
        batch: (n, fen)
        for batch, n, fen in rows.order_by().values_list("claim__batch").annotate(n=Count("pk"), fen=Sum("owed_fen"))
    }
    batches = _batches_by(season, {*claimed, *used})
    return [Given(one, claimed.get(one.pk, 0), *used.get(one.pk, (0, 0))) for one in batches]


def _batches_by(season: Season, keys: Collection[int]) -> list[Batch]:
    rows = Batch.objects.filter(street=season.street_id, pk__in=keys).select_related("payer")
    return list(rows.order_by("releases_at", "pk"))


def _noticed(season: Season) -> Noticed:
    rows = Report.objects.filter(
        **_days(season, "submitted_at"), street=season.street_id, kind=ReportKind.PUBLIC
    ).aggregate(
        reported=Count("pk"),
        true=Count("pk", filter=Q(state__in=sorted(TRUE))),
        done=Count("pk", filter=Q(state__in=sorted(TRUE), case__state__in=sorted(FINISHED))),
        refused=Count("pk", filter=Q(state__in=sorted(REFUSED))),
    )
    posted = Round.objects.filter(
        street=season.street_id, number__isnull=False, week_on__gte=season.from_on, week_on__lt=season.until_on
    )
    rounds = posted.aggregate(rounds=Count("pk"), points=Sum("given", default=0))
    return Noticed(**rows, **rounds)
