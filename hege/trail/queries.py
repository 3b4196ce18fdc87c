"""Reading the trail and proving that it is whole."""

from __future__ import annotations

from django.db import models

from hege.people.models import Street
from hege.trail.models import TrailHead, TrailLine


def of(thing: models.Model, *, street: Street) -> models.QuerySet[TrailLine]:
    """The lines about one thing, newest first."""
    return (
        TrailLine.objects.filter(street=street, thing=thing._meta.label_lower, thing_id=str(thing.pk))
        .select_related("by")
        .order_by("-seq")
    )


def last_proof(street: Street) -> TrailLine | None:
    """The line of the last time somebody had the whole chain recomputed, with what was found in its data."""
    return of(street, street=street).filter(verb="prove_trail").first()


def first_broken(street: Street) -> str | None:
    """The first broken link of a street's chain in words, or None. Recomputes every hash."""
    previous, seq = "", 0
    for line in TrailLine.objects.filter(street=street).select_related("by", "street").order_by("seq").iterator(2000):
        seq += 1
        if line.seq != seq:
            return f"trail {street.code}: line {seq} is missing"
        if line.previous != previous or line.hash != line.expected_hash():
            return f"trail {street.code}: line {seq} was changed"
        previous = line.hash
    head = TrailHead.objects.filter(street=street).first()
    if (head.seq, head.hash) != (seq, previous) if head else seq:
        return f"trail {street.code}: its end does not match its head (line {seq})"
    return None
