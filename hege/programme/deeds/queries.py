"""What a member reported and what became of it; who it was, by one query; the rounds; and who verifies whom how often."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from hege.attachments.models import Attachment
from hege.cases.models import Case, Report
from hege.cases.queries import reader_among
from hege.cases.rules import ReportKind
from hege.kernel.refused import Refused
from hege.kernel.seal import known_as
from hege.ledger.models import Transfer
from hege.members.models import Member
from hege.outbox.models import Wish
from hege.people.models import Membership, Street, User
from hege.places.models import Place
from hege.points.chart import AccountKind, EntryKind
from hege.programme.deeds.models import Deed, DeedPicture, Round
from hege.programme.deeds.rules import (
    LEAST_MEMBERS,
    LEAST_MET,
    TRUE,
    DeedStep,
    PointsStep,
    ToTakeBack,
    Waiting,
    deed_step,
    points_step,
)
from hege.programme.seasons.models import Season
from hege.trail.models import TrailLine

CHUNK = 5000
#: By these somebody says that a report is true.
VERIFYING = ("verify_report", "merge_report")


# -- for the member ------------------------------------------------------------------------------------------------------


class Mine(NamedTuple):
    """A report of one's own: what was said, where, when, how far it has come, and what became of its points."""

    public_id: str
    number: str
    text: str
    place: str
    reported_on: dt.date
    step: DeedStep
    points_step: PointsStep
    points: int
    round: int | None


def deeds_of(member: Member, *, most: int) -> list[Mine]:
    """The last reports of a member, newest first; one query."""
    rows = Deed.objects.filter(street=member.street_id, member=member).order_by("-pk")
    found = rows.values_list(
        "public_id", "report__public_id", "report__text", "report__place__name", "reported_on", "report__state",
        "report__case__state", "posted_in__number", "points", "taken_back_in",
    )  # fmt: skip
    return [
        Mine(
            public_id, number, text, place or "", on, deed_step(state, case),
            points_step(state, posted=posted is not None, points=points, taken_back=back is not None), points, posted,
        )
        for public_id, number, text, place, on, state, case, posted, points, back in found[:most]
    ]  # fmt: skip


def the_deed(member: Member, public_id: str) -> Deed | None:
    """One of a member's own reports."""
    rows = Deed.objects.filter(street=member.street_id, member=member, public_id=public_id)
    return rows.select_related("report__place").first()


def last_place(member: Member) -> int | None:
    """Where a member reported last, by key: what a form suggests."""
    rows = Deed.objects.filter(street=member.street_id, member=member).order_by("-pk")
    return rows.values_list("report__place", flat=True).first()


def sent_since(member: Member, day: dt.date) -> int:
    """How many reports a member has sent from a day on."""
    return Deed.objects.filter(street=member.street_id, member=member, reported_on__gte=day).count()


def were_sent(street: Street, sha256s: Collection[str]) -> bool:
    """Whether one of some pictures came before, with a member's report or any other."""
    if not sha256s:
        return False
    kept = Attachment.objects.filter(street=street, about=known_as(Report), sha256__in=list(sha256s))
    return DeedPicture.objects.filter(street=street, sha256__in=list(sha256s)).exists() or kept.exists()


class NearCase(NamedTuple):
    """What is open at a place already: what the office calls it, since when, and how it stands."""

    title: str
    filed_at: dt.datetime
    state: str


def near_cases(place: Place, *, most: int) -> list[NearCase]:
    """The open cases of a place that came of reports by the public and concern nobody's meter, newest first; one query.

    No report is shown to anybody but the office: what stands here was written by the office.
    """
    public = Report.objects.filter(street=place.street_id, kind=ReportKind.PUBLIC, case__isnull=False)
    rows = Case.objects.unfinished().filter(
        street=place.street_id, place__path__startswith=place.path, point__isnull=True, pk__in=public.values("case")
    )
    return [NearCase(case.title, case.filed_at, case.get_state_display()) for case in rows.order_by("-filed_at")[:most]]


def season_on(street: Street, day: dt.date) -> Season | None:
    """The season that runs on a day."""
    return Season.objects.filter(street=street, from_on__lte=day, until_on__gt=day).first()


# -- who it was ----------------------------------------------------------------------------------------------------------


def who_did(report: Report, *, for_member: Membership) -> Member | None:
    """Which member made a report, for one who takes reports in, in their own part of the grid; None where none did.

    The only query by which the office learns it. Pages go through ``cases.reports.actions.look_up_reporter``, which puts
    the look on the trail, the same whoever it was. Raises ``Refused``.
    """
    if for_member.street_id != report.street_id or reader_among([for_member], report.place) is None:
        raise Refused(_("反映人的身份只给受理上报的人看。"))
    deed = Deed.objects.filter(street=report.street_id, report=report).select_related("member").first()
    return deed.member if deed else None


def is_own(report: Report, user: User | None) -> bool:
    """Whether whoever works in the office made a report themselves, as a member: by the telephone both left."""
    if user is None:
        return False
    phones = Wish.objects.filter(user=user).exclude(phone="").values("phone")
    return Deed.objects.filter(street=report.street_id, report=report, member__phone__in=phones).exists()


# -- rounds --------------------------------------------------------------------------------------------------------------


def waiting_deeds(street: Street) -> list[Waiting]:
    """The verified deeds of members that wait for points, those again that got them, lost them and are verified anew."""
    rows = Deed.objects.filter(
        Q(posted_in__isnull=True) | Q(taken_back_in__isnull=False),
        street=street, report__state__in=sorted(TRUE), member__left_at__isnull=True,
    )  # fmt: skip
    return [Waiting(*row) for row in rows.order_by("pk").values_list("pk", "member_id", "reported_on", "season_id")]


def deeds_to_take_back(street: Street) -> list[ToTakeBack]:
    """The deeds that have points and are verified no more."""
    rows = Deed.objects.filter(street=street, posted_in__isnull=False, taken_back_in__isnull=True, points__gt=0)
    gone = rows.exclude(report__state__in=sorted(TRUE)).order_by("pk")
    return [ToTakeBack(*row) for row in gone.values_list("pk", "member_id", "points")]


def got_by(
    street: Street, members: Iterable[int]
) -> tuple[dict[tuple[int, dt.date], int], dict[tuple[int, int | None], int]]:
    """The points of some members' standing deeds by day of the report, and by season; two queries."""
    rows = Deed.objects.filter(street=street, member__in=list(members), taken_back_in__isnull=True, points__gt=0)
    days = rows.values_list("member_id", "reported_on").annotate(n=Sum("points")).order_by()
    seasons = rows.values_list("member_id", "season_id").annotate(n=Sum("points")).order_by()
    return {(m, day): n for m, day, n in days}, {(m, season): n for m, season, n in seasons}


def verifiers(street: Street, reports: Iterable[int]) -> dict[int, int | None]:
    """Who said last of each of some reports that it is true, by report; one query."""
    lines = TrailLine.objects.filter(
        street=street, thing=known_as(Report), thing_id__in=[str(pk) for pk in reports], verb__in=VERIFYING
    )
    return {int(thing): by for thing, by in lines.order_by("seq").values_list("thing_id", "by_id")}


def own_verified(street: Street, deeds: Iterable[int]) -> set[int]:
    """Those of some deeds that somebody verified who has the member's telephone: they wait for another look."""
    rows = Deed.objects.filter(street=street, pk__in=list(deeds)).values_list("pk", "report_id", "member__phone")
    found = list(rows)
    by = verifiers(street, [report for _pk, report, _phone in found])
    phones = dict(Wish.objects.filter(user__in={pk for pk in by.values() if pk}).values_list("user_id", "phone"))
    return {pk for pk, report, phone in found if phone and phones.get(by.get(report) or 0) == phone}


def rounds_of(street: Street) -> QuerySet[Round]:
    """The rounds of a street, the latest first."""
    return Round.objects.filter(street=street).order_by("-week_on")


def round_faults(street: Street) -> Iterator[str]:
    """What a round says it gave is what its entry moved, to at least three members."""
    gave = Transfer.objects.filter(street=street, transaction__kind=EntryKind.EARN)
    sums: dict[int, tuple[int, int, int]] = {}
    for entry, to, n in gave.order_by("pk").values_list("transaction_id", "debit__kind", "amount_fen").iterator(CHUNK):
        net, gained, named = sums.get(entry, (0, 0, 0))
        up = to == AccountKind.POINTS
        sums[entry] = (net + (n if up else -n), gained + up, named + 1)
    rounds = Round.objects.filter(street=street, entry__isnull=False).order_by("pk")
    for number, entry, members, given, back in rounds.values_list("number", "entry", "members", "given", "taken_back"):
        net, gained, named = sums.get(entry, (0, 0, 0))
        if (net, named) != (given - back, members) or gained < LEAST_MEMBERS:
            yield f"round {number}: is not what its entry gave"


class Met(NamedTuple):
    """How often somebody said that members' reports are true, and how often at most of one and the same member.

    Below ``LEAST_MET`` the second is 0: it would lead to a report.
    """

    verifier: str
    verified: int
    most_of_one: int


def meetings(street: Street, *, from_on: dt.date, until_on: dt.date) -> list[Met]:
    """How often each verifier met one member in a half-open period, for the auditor; no member is named. Three queries."""
    rows = Deed.objects.filter(street=street, reported_on__gte=from_on, reported_on__lt=until_on)
    whose = dict(rows.values_list("report_id", "member_id"))
    by = verifiers(street, whose)
    pairs = Counter((who, whose[report]) for report, who in by.items() if who is not None)
    names = dict(User.objects.filter(pk__in={who for who, _member in pairs}).values_list("pk", "full_name"))
    out = []
    for who, name in names.items():
        mine = [n for (verifier, _member), n in pairs.items() if verifier == who]
        out.append(Met(name, sum(mine), max(mine) if max(mine) >= LEAST_MET else 0))
    return sorted(out, key=lambda row: (-row.most_of_one, -row.verified, row.verifier))


def posted_deeds(street: Street, *, season: Season | None = None) -> int:
    """How many reports of members have points, of a season or of all. One query.

    What no round has posted yet is not counted for anybody: whoever saw the number grow as a report came in would know that
    a member had sent it.
    """
    rows = Deed.objects.filter(street=street, posted_in__isnull=False, taken_back_in__isnull=True, points__gt=0)
    return rows.filter(season=season).count() if season is not None else rows.count()


def deed_counts(street: Street, members: Iterable[int], *, season: Season) -> dict[int, int]:
    """How many deeds of a season were true, of some members: what their thanks rest on, never which. One query."""
    rows = Deed.objects.filter(
        street=street, member__in=list(members), season=season, posted_in__isnull=False, taken_back_in__isnull=True
    )
    return dict(rows.values_list("member_id").annotate(n=Count("pk")).order_by())
