"""The office's own thresholds."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from hege.arrears.models import Threshold
from hege.arrears.rules import ThresholdKind, check_back_dating, check_threshold
from hege.kernel.checks import check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.people.models import Street, User
from hege.people.queries import locked_street
from hege.trail import actions as trail


@atomic
def set_threshold(
    street: Street,
    *,
    kind: ThresholdKind,
    value: int,
    from_on: dt.date,
    source: str,
    reason: str = "",
    by: User | None,
    at: dt.datetime,
) -> Threshold:
    """Let one of the office's own figures (阈值) be another from a day on, by a source; what held before stays.

    Refused where the law would lose its term, and from a day gone by without a reason. The same again is the first answer.
    """
    check_threshold(kind, value)
    source = check_words(source, _("请写明依据：哪个规定或哪次会议。"), field="source")
    check_back_dating(from_on, today=day_of(at), reason=reason)
    locked_street(street.pk)
    last = Threshold.objects.filter(street=street, kind=kind, from_on=from_on).order_by("pk").last()
    if last is not None and (last.value, last.source) == (value, source[:300]):
        return last
    row = Threshold.objects.create(
        street=street, kind=kind, value=value, from_on=from_on, source=source[:300], reason=reason.strip()[:300],
        recorded_at=at,
    )  # fmt: skip
    trail.record(
        "set_threshold", row, street=street, by=by, at=at, kind=kind.value, value=value, from_on=from_on,
        source=row.source, reason=row.reason,
    )  # fmt: skip
    return row
