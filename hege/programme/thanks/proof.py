"""Proof that a street's thanks are whole (核验): each state follows from the steps, by whom they may be, and each badge is good."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hege.credentials.queries import verdict_on
from hege.credentials.rules import Verdict
from hege.credentials.status import list_of
from hege.kernel.grouped import grouped
from hege.people.models import Street
from hege.programme.thanks.models import ServiceCertificate, Thanks, ThanksBadge, ThanksStep
from hege.programme.thanks.queries import revoked_places
from hege.programme.thanks.rules import NEXT_STATE, ThanksState

CHUNK = 2000
#: Steps that nobody takes with what they proposed themselves.
_OF_ANOTHER = (ThanksState.REVIEWED, ThanksState.GIVEN)


def thanks_faults(street: Street) -> Iterator[str]:
    """Each state told again from the steps, and who took them; the badge of what was given; the sums of certificates."""
    steps = grouped(
        (step.thanks_id, step) for step in ThanksStep.objects.filter(street=street).order_by("pk").iterator(CHUNK)
    )
    for thanks in Thanks.objects.filter(street=street).order_by("pk").iterator(CHUNK):
        yield from _faults_of(thanks, steps[thanks.pk])
    yield from _badge_faults(street)
    for made in ServiceCertificate.objects.filter(street=street).order_by("pk").iterator(CHUNK):
        if made.minutes != sum(line[2] for line in made.lines):
            yield f"certificate {made.number}: its lines do not add up to its minutes"


def _faults_of(thanks: Thanks, steps: list[ThanksStep]) -> Iterator[str]:
    name = f"thanks {thanks.public_id} ({thanks.pk})"
    if not steps or steps[0].to != ThanksState.PROPOSED:
        yield f"{name}: nobody proposed it"
        return
    state = ThanksState.PROPOSED
    for step in steps[1:]:
        to = ThanksState(step.to)
        if to not in NEXT_STATE[state]:
            yield f"{name}: step {step.pk} from {state} to {to} is not allowed"
        if to in _OF_ANOTHER and step.by_id is not None and step.by_id == steps[0].by_id:
            yield f"{name}: step {step.pk} was taken by who proposed it"
        state = to
    if thanks.state != state:
        yield f"{name}: is {thanks.state}, its steps say {state}"


def _badge_faults(street: Street) -> Iterator[str]:
    given = [ThanksState.GIVEN, ThanksState.REVOKED]
    for pk in Thanks.objects.in_state(*given).filter(street=street, badge__isnull=True).values_list("pk", flat=True):
        yield f"thanks {pk}: given, and nothing was signed"
    revoked = frozenset(revoked_places(street))
    rows = ThanksBadge.objects.filter(street=street).select_related("thanks").order_by("pk")
    for badge in rows.iterator(CHUNK):
        said, name = json.loads(badge.signed), f"badge {badge.pk} of thanks {badge.thanks.public_id}"
        if said["credentialStatus"]["statusListIndex"] != str(list_of(badge.place)[1]):
            yield f"{name}: stands at another place than it says"
        taken_back = {said["credentialStatus"]["id"]} if badge.place in revoked else set()
        verdict = verdict_on(said, street=street, at=badge.at, revoked=taken_back)
        if verdict is not (Verdict.REVOKED if badge.thanks.state == ThanksState.REVOKED else Verdict.GOOD):
            yield f"{name}: {verdict.value}, and it is {badge.thanks.state}"
