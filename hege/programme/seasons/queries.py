"""The year as the office plans it, the menu as the public reads it, and what a copy of last year would come to."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet

from hege.kernel.clock import SHANGHAI, day_of
from hege.people.models import Street
from hege.programme.alliance.models import AllianceUnit, Station
from hege.programme.seasons.almanac import Festival, a_year_later, moved, moved_bound
from hege.programme.seasons.models import Activity, ActivityStep, Season, Topic
from hege.programme.seasons.rules import ActivityState, Places, SeasonDraft, TopicDraft, topic_for, years

#: What the public may read: what is published, and what was and is called off.
SHOWN = Q(state=ActivityState.PUBLISHED) | Q(state=ActivityState.CANCELLED, published_at__isnull=False)
_WITH = ("topic", "unit__party", "station")
_TOPICS = Prefetch("topics", Topic.objects.order_by("month_on"))


def the_season(street: Street, season_id: str) -> Season | None:
    """A season of a street with its topics; two statements."""
    found = Season.objects.filter(street=street, public_id=season_id).prefetch_related(_TOPICS).first()
    if found is not None:
        found.street = street
    return found


def seasons_until(street: Street, on: dt.date) -> QuerySet[Season]:
    """The seasons of a street that have begun by a day, the latest first."""
    return Season.objects.filter(street=street, from_on__lte=on).order_by("-from_on")


def last_season(street: Street) -> Season | None:
    """The season of a street that begins last, with its topics."""
    return Season.objects.filter(street=street).order_by("-from_on").prefetch_related(_TOPICS).first()


def topics_from(street: Street, on: dt.date) -> list[Topic]:
    """The topics of the seasons that are not over on a day, by month, with their seasons."""
    topics = Topic.objects.filter(street=street, season__until_on__gt=on)
    return list(topics.select_related("season").order_by("month_on", "pk"))


def the_activity(street: Street, activity_id: str) -> Activity | None:
    """An activity of a street, with what it belongs to and who planned and published it."""
    rows = Activity.objects.filter(street=street, public_id=activity_id)
    found = rows.select_related("season", "topic", "unit__party", "station", "planned_by", "published_by").first()
    if found is not None:
        found.street = found.season.street = found.topic.street = street
    return found


def places_of(activity: Activity) -> Places:
    """What decides whether one can still sign up for an activity."""
    return Places(
        ActivityState(activity.state), activity.starts_at, activity.ends_at, activity.capacity, activity.taken,
        activity.waiting_list, activity.signup_opens_at, activity.signup_closes_at,
    )  # fmt: skip


# -- the year ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Year:
    """The seasons of one year of the programme with their topics, in order, and the years beside it."""

    seasons: Sequence[Season]
    number: int
    of: int

    @property
    def from_on(self) -> dt.date:
        return self.seasons[0].from_on

    @property
    def last_on(self) -> dt.date:
        return self.seasons[-1].last_on


def the_year(street: Street, on: dt.date, *, number: int | None = None) -> Year | None:
    """The year of the programme a day lies in, or that of a number, counted from 1; two statements.

    A day between two years or after the last is in the year that begins next, else in the last. None without seasons.
    """
    seasons = list(Season.objects.filter(street=street).order_by("from_on").prefetch_related(_TOPICS))
    parts = years([season.from_on for season in seasons])
    if not parts:
        return None
    if number is None or not 1 <= number <= len(parts):
        ends = [seasons[part[-1]].until_on for part in parts]
        number = next((n for n, until_on in enumerate(ends, 1) if on < until_on), len(parts))
    return Year([seasons[n] for n in parts[number - 1]], number, len(parts))


def activities_of(street: Street, seasons: Collection[Season]) -> list[Activity]:
    """The activities of some seasons by their beginnings, those called off too; one statement."""
    rows = Activity.objects.filter(street=street, season__in=seasons)
    return list(rows.select_related(*_WITH).order_by("starts_at", "pk"))


def steps_before(street: Street, until: dt.datetime) -> list[ActivityStep]:
    """How each activity that had been published stood just before an instant, by its beginning; one statement."""
    rows = ActivityStep.objects.filter(street=street, at__lt=until)
    last = rows.order_by().values("activity").annotate(last=Max("pk")).values("last")
    found = ActivityStep.objects.filter(street=street, pk__in=last).select_related("activity")
    return list(found.order_by("activity__starts_at", "activity_id"))


# -- the menu ------------------------------------------------------------------------------------------------------------


def streets_with_a_menu() -> list[Street]:
    """The streets that have published something, by code."""
    shown = Activity.objects.filter(SHOWN, street=OuterRef("pk"))
    return list(Street.objects.filter(Exists(shown)).order_by("code"))


#: More than that stands on no menu: a telephone reads it in one piece.
MOST_SHOWN = 48


@dataclass(frozen=True, slots=True)
class Menu:
    """What a street offers at an instant: the season of the day (else the next, else the last), its year, and what is
    not over yet, that of later seasons too."""

    street: Street
    year: Year | None
    season: Season | None
    activities: Sequence[Activity]
    is_cut: bool = False


def the_menu(code: str, *, at: dt.datetime) -> Menu | None:
    """The menu of the street with a code, None without one; four statements."""
    street = Street.objects.filter(code=code).first()
    if street is None:
        return None
    year = the_year(street, day_of(at))
    if year is None:
        return Menu(street, None, None, [])
    season = next((one for one in year.seasons if day_of(at) < one.until_on), year.seasons[-1])
    shown = Activity.objects.filter(SHOWN, street=street, ends_at__gt=at).select_related(*_WITH)
    activities = list(shown.order_by("starts_at", "pk")[: MOST_SHOWN + 1])
    for activity in activities:
        activity.street = street
    return Menu(street, year, season, activities[:MOST_SHOWN], is_cut=len(activities) > MOST_SHOWN)


def shown_activity(code: str, activity_id: str) -> Activity | None:
    """An activity as the public may read it."""
    shown = Activity.objects.filter(SHOWN, street__code=code, public_id=activity_id)
    return shown.select_related("street", "season", *_WITH).first()


# -- a year after the other --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeasonCopy:
    """What becomes of a season next year: what is to be planned, or the season that is there already."""

    source: Season
    draft: SeasonDraft
    there: Season | None


@dataclass(frozen=True, slots=True)
class ActivityCopy:
    """What becomes of an activity next year. ``to`` is its day; ``season`` and ``topic`` None: no season has that day.

    ``there``: next year has one of this title on that day already.
    """

    source: Activity
    to: dt.date
    festival: Festival | None
    season: SeasonCopy | None
    topic: TopicDraft | None
    there: bool

    @property
    def can(self) -> bool:
        """Whether it can be planned again: some season has the day, and nobody has planned it yet."""
        return self.topic is not None and not self.there

    @property
    def unit(self) -> AllianceUnit | None:
        """Who was in charge, if still in the alliance on the day; else somebody has to be found."""
        unit = self.source.unit
        return unit if unit and (unit.until_on is None or self.to < unit.until_on) else None

    @property
    def station(self) -> Station | None:
        """Where it was, if that is still open."""
        station = self.source.station
        return station if station and station.closed_at is None else None

    @property
    def day(self) -> dt.date:
        """Last year's."""
        return day_of(self.source.starts_at)

    def shifted(self, instant: dt.datetime | None) -> dt.datetime | None:
        """An instant of last year's as many days later, at the same time of day in Shanghai."""
        if instant is None:
            return None
        local = instant.astimezone(SHANGHAI) + (self.to - self.day)
        return local.astimezone(dt.UTC)


@dataclass(frozen=True, slots=True)
class YearCopy:
    """What a copy of a year comes to (照去年排)."""

    seasons: Sequence[SeasonCopy]
    activities: Sequence[ActivityCopy]

    @property
    def digest(self) -> str:
        """Another one for another outcome: a page that shows one and a copy that would come to another do not meet."""
        said = [
            [one.there.pk if one.there else [str(one.draft.from_on), str(one.draft.until_on)] for one in self.seasons],
            [[one.source.pk, one.source.version, str(one.to), one.there, bool(one.season)] for one in self.activities],
        ]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def year_copied(street: Street, year: Year) -> YearCopy:
    """What a copy of a year to the next would come to; it writes nothing. Four statements.

    Activities move by their festival and go to the season that then has the day, which may be another one than last
    year: 除夕 lies before 立春 in some years and after it in others. The others move by their weekday and stay in their
    season. What was called off is not copied.
    """
    later = Season.objects.filter(street=street, from_on__gt=year.from_on).prefetch_related(_TOPICS).order_by("from_on")
    beside = list(later)
    seasons = [_season_copied(season, beside) for season in year.seasons]
    taken = {(one.title, day_of(one.starts_at)) for one in activities_of(street, beside)}
    found = [_copied(one, seasons, taken) for one in activities_of(street, year.seasons) if not _is_off(one)]
    return YearCopy(seasons, sorted(found, key=lambda one: (one.to, one.source.pk)))


def _is_off(activity: Activity) -> bool:
    return activity.state == ActivityState.CANCELLED


def draft_of(season: Season) -> SeasonDraft:
    """A season as it was planned; its topics have been read with it."""
    topics = tuple(TopicDraft(topic.number, topic.month_on, topic.name) for topic in season.topics.all())
    return SeasonDraft(season.name, season.from_on, season.until_on, season.slogan, season.budget_fen, topics)


def _season_copied(season: Season, beside: Sequence[Season]) -> SeasonCopy:
    from_on, until_on = moved_bound(season.from_on), moved_bound(season.until_on)
    shared = [(min(until_on, one.until_on) - max(from_on, one.from_on), one) for one in beside]
    there = max((one for one in shared if one[0] > dt.timedelta()), key=lambda one: one[0], default=None)
    if there is not None:
        return SeasonCopy(season, draft_of(there[1]), there[1])
    draft = draft_of(season)
    topics = tuple(topic._replace(month_on=a_year_later(topic.month_on)) for topic in draft.topics)
    return SeasonCopy(season, SeasonDraft(draft.name, from_on, until_on, draft.slogan, draft.budget_fen, topics), None)


def _copied(activity: Activity, seasons: Sequence[SeasonCopy], taken: Collection[tuple[str, dt.date]]) -> ActivityCopy:
    festival = Festival(activity.festival) if activity.festival else None
    to = moved(day_of(activity.starts_at), festival)
    if festival is None:
        to = _kept_within(to, next(one.draft for one in seasons if one.source.pk == activity.season_id))
    season = next((one for one in seasons if one.draft.from_on <= to < one.draft.until_on), None)
    topic = topic_for(season.draft.topics, name=activity.topic.name, day=to) if season else None
    return ActivityCopy(activity, to, festival, season, topic, (activity.title, to) in taken)


def _kept_within(day: dt.date, season: SeasonDraft) -> dt.date:
    """The same weekday a week later or earlier, where a day has slipped over the edge of its season."""
    week = dt.timedelta(days=7)
    if day < season.from_on <= day + week:
        return day + week
    if day - week < season.until_on <= day:
        return day - week
    return day
