"""The office's own thresholds."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from hege.arrears.models import Threshold
from hege.arrears.rules import ThresholdKind, check_threshold
from hege.kernel.checks import check_words
from hege.kernel.database import atomic
from hege.people.models import Street, User
from hege.trail import actions as trail


@atomic
def set_threshold(
    street: Street, *, kind: ThresholdKind, value: int, reason: str, by: User | None, at: dt.datetime
) -> Threshold:
    """Set one of the office's own figures (阈值), for a reason; refused where the law would lose its term."""
    check_threshold(kind, value)
    reason = check_words(reason, _("请写明改的理由。"))
    row, _made = Threshold.objects.update_or_create(street=street, kind=kind, defaults={"value": value})
    trail.record("set_threshold", row, street=street, by=by, at=at, kind=kind.value, value=value, reason=reason)
    return row
