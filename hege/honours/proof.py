"""Proof that a street's honours are whole (核验): each state follows from the steps, by whom they may be, and each badge is good."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

from django.db.models import F

from hege.credentials.rules import Verdict
from hege.credentials.status import list_of
from hege.honours.models import Badge, Honour, HonourStep, HonourVersion
from hege.honours.publishing import verdict_of
from hege.honours.queries import revoked_places
from hege.honours.rules import NEXT_STATE, HonourState
from hege.kernel.clock import day_of
from hege.kernel.grouped import grouped
from hege.people.models import Street

CHUNK = 2000
SOME = 20  # of one kind of fault are named; more would bury the others
#: Steps that nobody takes with a version of their own.
_OF_ANOTHER = (HonourState.CHECKED, HonourState.IN_PUBLICITY, HonourState.PUBLISHED)


def state_faults(street: Street) -> Iterator[str]:
    """Each honour's version, state and days, told again from its versions and their steps; and who took them."""
    rows = Honour.objects.filter(street=street).order_by("pk")
    last = 0
    while some := list(rows.filter(pk__gt=last)[:CHUNK]):
        last = some[-1].pk
        span = {"street": street, "honour__gte": some[0].pk, "honour__lte": last}
        versions = grouped(HonourVersion.objects.filter(**span).order_by("pk").values_list("honour_id", "number"))
        steps = grouped(
            (step.honour_id, step)
            for step in HonourStep.objects.filter(**span).select_related("version").order_by("pk")
        )
        for honour in some:
            yield from _faults_of(honour, versions[honour.pk], steps[honour.pk])
    own = HonourStep.objects.filter(street=street, to__in=_OF_ANOTHER, by=F("version__by"))
    for pk in own.order_by("pk").values_list("pk", flat=True)[:SOME]:
        yield f"honour step {pk}: taken by who drafted the version"


def _faults_of(honour: Honour, numbers: list[int], steps: list[HonourStep]) -> Iterator[str]:
    name = f"honour {honour.public_id} ({honour.pk})"
    if numbers != list(range(1, len(numbers) + 1)) or honour.version != len(numbers):
        yield f"{name}: counts version {honour.version}, and there are {numbers}"
    state = HonourState.DRAFTED
    shown_until_on: dt.date | None = None
    published_at: dt.datetime | None = None
    for step in steps:
        if step.version.number != honour.version:
            continue
        to = HonourState(step.to)
        if to not in NEXT_STATE[state]:
            yield f"{name}: step {step.pk} from {state} to {to} is not allowed"
        state, shown_until_on = to, step.shown_until_on or shown_until_on
        if to is HonourState.PUBLISHED:
            published_at = step.at
            if shown_until_on is not None and day_of(step.at) < shown_until_on:
                yield f"{name}: step {step.pk} published it before its publicity was over"
            if shown_until_on is None and honour.version == 1:
                yield f"{name}: step {step.pk} published it without publicity"
    if (honour.state, honour.shown_until_on, honour.published_at) != (state, shown_until_on, published_at):
        yield f"{name}: is {honour.state}, its steps say {state}"


def badge_faults(street: Street) -> Iterator[str]:
    """Each published version has its badge, signed by a key of its time, at its place; what counts no more is set there."""
    bare = HonourStep.objects.filter(street=street, to=HonourState.PUBLISHED, version__badge__isnull=True)
    for pk in bare.order_by("pk").values_list("pk", flat=True)[:SOME]:
        yield f"honour step {pk}: published, and nothing was signed"
    revoked = frozenset(revoked_places(street))
    for badge in Badge.objects.filter(street=street).select_related("version__honour").order_by("pk").iterator(CHUNK):
        badge.street, honour = street, badge.version.honour
        ended = honour.version != badge.version.number or honour.state == HonourState.WITHDRAWN
        name = f"badge {badge.pk} of honour {honour.public_id}"
        if json.loads(badge.signed)["credentialStatus"]["statusListIndex"] != str(list_of(badge.place)[1]):
            yield f"{name}: stands at another place than it says"
        verdict = verdict_of(badge, at=badge.at, revoked=revoked)
        if verdict is not (Verdict.REVOKED if ended else Verdict.GOOD):
            yield f"{name}: {verdict.value}, and its honour is {honour.state}"
