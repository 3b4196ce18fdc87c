"""Handing somebody a copy of what is held on them: never without a line on the trail."""

from __future__ import annotations

import datetime as dt

from hege.kernel.checks import check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.people.models import Party, User
from hege.people.queries import streets_told
from hege.privacy.queries import Held, held_on, rows_of
from hege.trail import actions as trail


@atomic
def take_copy(person: User, *, by: User | None, at: dt.datetime, reason: str = "") -> list[Held]:
    """Somebody who signs in takes a copy of what is held on them (本人查阅、复制; art. 45), on the trail of each street they work in,
    or of where they ever have. Who takes it for them gives a reason: who asked, and how it was made sure that it is they."""
    reason = reason if by == person else check_words(reason)
    held = held_on(person)
    for street in streets_told(person, on=day_of(at)):
        trail.record("take_copy", person, street=street, by=by, at=at, rows=rows_of(held), reason=reason)
    return held


@atomic
def hand_copy(party: Party, *, reason: str, by: User | None, at: dt.datetime) -> list[Held]:
    """A copy for a party that has no sign-in, for a reason: who asked, and how it was made sure that it is they."""
    held = held_on(party)
    trail.record("hand_copy", party, by=by, at=at, rows=rows_of(held), reason=check_words(reason))
    return held
