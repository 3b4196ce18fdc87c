"""What is known of thanks: how each stands, what anybody finds by its number, which badges were taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet, Sum, Value

from hege.kernel.clock import day_of, start_of
from hege.members.models import Member
from hege.members.queries import consents_of
from hege.members.rules import ConsentKind
from hege.people.models import Street
from hege.programme.activities.models import HandEntry, Signup
from hege.programme.activities.rules import EntryState, Presence
from hege.programme.deeds.queries import deed_counts
from hege.programme.seasons.models import Season
from hege.programme.thanks.models import (
    ServiceCertificate,
    Thanks,
    ThanksBadge,
    ThanksObjection,
    ThanksStep,
)
from hege.programme.thanks.rules import SHOWN, Decision, Facts, Stands, ThanksKind, ThanksState

#: Who was there, in time or not.
CAME = (Presence.ATTENDED, Presence.LATE)


def the_thanks(street: Street, public_id: str) -> Thanks | None:
    """Thanks of a street by their public id, with member and season."""
    found = Thanks.objects.filter(street=street, public_id=public_id).select_related("member", "season").first()
    if found is not None:
        found.street = street
    return found


def thanks_of(street: Street, *states: ThanksState) -> QuerySet[Thanks]:
    """Those of a street that have come so far, the oldest first; with member and season."""
    return Thanks.objects.in_state(*states).filter(street=street).select_related("member", "season").order_by("pk")


def counts_of(street: Street) -> Mapping[str, int]:
    """How many there are in each state."""
    return dict(Thanks.objects.filter(street=street).values_list("state").annotate(n=Count("pk")).order_by())


def steps_of(thanks: Thanks) -> list[ThanksStep]:
    """Its steps in their order, each with who took it."""
    rows = ThanksStep.objects.filter(street=thanks.street_id, thanks=thanks)
    return list(rows.select_related("by").order_by("pk"))


def stands(thanks: Thanks, *, on: dt.date) -> Stands:
    """How thanks stand on a day: what the rules of their steps ask."""
    return stands_of(thanks.street, [thanks], on=on)[thanks.pk]


def stands_of(street: Street, rows: Collection[Thanks], *, on: dt.date) -> dict[int, Stands]:
    """How some thanks stand on a day, by their keys; two statements. Members are read along."""
    keys = [row.pk for row in rows]
    first = ThanksStep.objects.filter(street=street, thanks__in=keys, to=ThanksState.PROPOSED)
    proposed_by = dict(first.values_list("thanks_id", "by_id"))
    objections = ThanksObjection.objects.filter(street=street, thanks__in=keys).order_by().values_list("thanks_id")
    counted = {
        pk: (waiting, upheld)
        for pk, waiting, upheld in objections.annotate(
            waiting=Count("pk", filter=Q(decided__isnull=True)),
            upheld=Count("pk", filter=Q(decided__decision=Decision.UPHELD)),
        )
    }
    return {
        row.pk: Stands(
            ThanksState(row.state), on, proposed_by.get(row.pk), row.shown_until_on,
            *counted.get(row.pk, (0, 0)), active=row.member.left_at is None,
        )
        for row in rows
    }  # fmt: skip


def objections_of(thanks: Thanks) -> list[ThanksObjection]:
    """What was said against it, each with what became of it."""
    rows = ThanksObjection.objects.filter(street=thanks.street_id, thanks=thanks)
    return list(rows.select_related("decided__by").order_by("pk"))


def the_objection(street: Street, public_id: str) -> ThanksObjection | None:
    """One objection of a street, with its thanks."""
    rows = ThanksObjection.objects.filter(street=street, public_id=public_id)
    return rows.select_related("thanks__member", "thanks__street", "decided").first()


def objections_since(thanks: Thanks, since: dt.datetime) -> int:
    """How many objections came since an instant."""
    return ThanksObjection.objects.filter(street=thanks.street_id, thanks=thanks, at__gte=since).count()


def facts_of(member: Member, season: Season) -> Facts:
    """What a member gave in a season, as it stands now: verified deeds, minutes that count, activities; three statements."""
    within = {"street": member.street_id, "member": member, "activity__season": season}
    came = Signup.objects.filter(**within, presence__in=CAME).aggregate(n=Count("pk"), minutes=Sum("minutes"))
    entered = HandEntry.objects.filter(**within, state=EntryState.AGREED).aggregate(minutes=Sum("minutes"))
    deeds = deed_counts(member.street, [member.pk], season=season).get(member.pk, 0)
    return Facts(deeds, (came["minutes"] or 0) + (entered["minutes"] or 0), came["n"])


def hours_of(member: Member, *, from_on: dt.date, until_on: dt.date) -> list[tuple[dt.date, str, int]]:
    """The minutes of a member that count, of activities that began within half-open days: the day, what it was called."""
    within = {
        "street": member.street_id, "member": member, "activity__starts_at__gte": start_of(from_on),
        "activity__starts_at__lt": start_of(until_on),
    }  # fmt: skip
    columns = ("activity__starts_at", "activity__title", "minutes")
    scanned = Signup.objects.filter(**within, settled_at__isnull=False, minutes__gt=0).values_list(*columns)
    entered = HandEntry.objects.filter(**within, state=EntryState.AGREED).values_list(*columns)
    return sorted((day_of(at), title, minutes) for at, title, minutes in (*scanned.order_by(), *entered.order_by()))


def standing(street: Street, member: Member, season: Season) -> list[Thanks]:
    """What the member has been thanked with for a season, or may still be."""
    ended = [ThanksState.REVOKED, ThanksState.DROPPED]
    return list(Thanks.objects.filter(street=street, member=member, season=season).exclude(state__in=ended))


class Mine(NamedTuple):
    """What a member sees of their own: thanks that are shown, were given or taken back; or a certificate, which has a
    number and an instant, and neither kind nor state."""

    pk: int
    public_id: str
    number: str
    at: dt.datetime | None
    kind: str
    state: str
    title: str
    season: str

    @property
    def kind_said(self) -> str:
        return str(ThanksKind(self.kind).label)

    @property
    def state_said(self) -> str:
        return str(ThanksState(self.state).label)


def mine_of(member: Member) -> tuple[list[Mine], list[Mine]]:
    """The thanks and the certificates of a member, each the newest first; one statement, for their own page asks many."""
    mine, empty = {"street": member.street_id, "member": member}, Value("")
    thanks = Thanks.objects.filter(**mine, state__in=sorted(SHOWN)).order_by()
    hours = ServiceCertificate.objects.filter(**mine).order_by()
    hours = hours.annotate(kind=empty, state=empty, title=empty, of_season=empty)
    rows = thanks.values_list("pk", "public_id", "number", "given_at", "kind", "state", "title", "season__name").union(
        hours.values_list("pk", "public_id", "number", "at", "kind", "state", "title", "of_season"), all=True
    )
    found = sorted((Mine(*row) for row in rows), key=lambda one: -one.pk)
    return [one for one in found if one.kind], [one for one in found if not one.kind]


def thanks_in_publicity(street: Street) -> list[Thanks]:
    """What is being shown, the one that ends first on top."""
    rows = Thanks.objects.filter(street=street, state=ThanksState.IN_PUBLICITY).select_related("member", "season")
    return list(rows.order_by("shown_until_on", "pk"))


def shown_long_enough(street: Street, *, on: dt.date) -> list[Thanks]:
    """What may be given from a day on, were there no objection."""
    rows = Thanks.objects.filter(street=street, state=ThanksState.IN_PUBLICITY, shown_until_on__lte=on)
    return list(rows.select_related("member").order_by("pk"))


# -- what anybody finds by number ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """What anybody is told of thanks: themselves, their steps, whether the member agreed to be named."""

    thanks: Thanks
    steps: list[ThanksStep]
    named: bool

    def step(self, to: ThanksState) -> ThanksStep | None:
        """The step to a state, where it was taken."""
        return next((step for step in self.steps if step.to == to), None)


def shown_thanks(public_id: str) -> Shown | None:
    """Thanks by the id in their printed code, once they were shown; three statements."""
    rows = Thanks.objects.filter(public_id=public_id, state__in=sorted(SHOWN))
    found = rows.select_related("street", "member", "season", "badge").first()
    if found is None:
        return None
    return Shown(found, steps_of(found), consents_of(found.member)[ConsentKind.NAME_PUBLIC])


def shown_certificate(public_id: str) -> ServiceCertificate | None:
    """A certificate of hours by the id in its printed code."""
    rows = ServiceCertificate.objects.filter(public_id=public_id)
    return rows.select_related("street", "member").first()


def revoked_places(street: Street) -> list[int]:
    """The places in the status list of what was taken back."""
    rows = ThanksBadge.objects.filter(street=street, thanks__state=ThanksState.REVOKED)
    return list(rows.order_by("place").values_list("place", flat=True))


def last_place(street: Street) -> int | None:
    """The highest place in the street's status list; None where nothing was signed."""
    return ThanksBadge.objects.filter(street=street).order_by("-place").values_list("place", flat=True).first()


def shown_by_number(street: Street, number: str) -> str:
    """The public id of what bears a number, thanks or a certificate; empty where nothing does."""
    said = number.strip()
    thanks = Thanks.objects.filter(street=street, number=said, state__in=sorted(SHOWN)).values_list(
        "public_id", flat=True
    )
    hours = ServiceCertificate.objects.filter(street=street, number=said).values_list("public_id", flat=True)
    return str((said and (thanks.first() or hours.first())) or "")
