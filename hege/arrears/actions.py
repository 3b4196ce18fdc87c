"""What only the package above all others can do: the daily watch, the office's thresholds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction

from hege.arrears.cutoff.actions import Watched, watch_deferrals
from hege.arrears.early_warning.actions import Recorded, record_warnings
from hege.arrears.models import Threshold
from hege.arrears.rules import ThresholdKind, check_threshold
from hege.people.models import Street, User
from hege.trail import actions as trail


@transaction.atomic
def set_threshold(street: Street, *, kind: ThresholdKind, value: int, by: User | None, at: dt.datetime) -> Threshold:
    """Set one of the office's own figures (阈值); refused where the law would lose its term."""
    check_threshold(kind, value)
    row, _made = Threshold.objects.update_or_create(street=street, kind=kind, defaults={"value": value})
    trail.record("set_threshold", row, street=street, by=by, at=at, kind=kind.value, value=value)
    return row


@dataclass(frozen=True, slots=True)
class Watch:
    """What a daily run changed in a street."""

    deferrals: Watched
    warnings: Recorded


@transaction.atomic
def keep_watch(street: Street, *, on: dt.date, by: User | None, at: dt.datetime) -> Watch:
    """The daily run over a street (每日核对): deferrals first, because a lapse changes what is to be warned of.

    One run at a time: the street's row is the lock. Run twice on one day it changes nothing the second time.
    """
    Street.objects.select_for_update().get(pk=street.pk)
    deferrals = watch_deferrals(street, on=on, by=by, at=at)
    warnings = record_warnings(street, on=on, by=by, at=at)
    return Watch(deferrals, warnings)
