"""An office's own thresholds, and when a street was last watched over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import ClassVar

from django.db import models

from hege.arrears.cutoff import models as _cutoff  # noqa: F401  # so that Django finds their tables
from hege.arrears.early_warning import models as _early_warning  # noqa: F401
from hege.arrears.rules import ThresholdKind
from hege.kernel.mutability import Mutable
from hege.people.models import Street


class Threshold(Mutable):
    """A figure that an office has set itself (阈值), from a day on and by a source; what it has not set is ``rules.DEFAULT_THRESHOLDS``.

    Only added to: another value is another row, and of two from one day the later counts. Rows of before days were kept hold from
    the first day there is. Not ``AppendOnly``, because those rows are on the trail as rows that may change.
    """

    street = models.ForeignKey(Street, on_delete=models.PROTECT, related_name="thresholds")
    kind = models.CharField(max_length=24, choices=ThresholdKind.choices)
    value = models.PositiveIntegerField()
    from_on = models.DateField(default=dt.date.min)
    source = models.CharField(max_length=300, blank=True, default="")
    reason = models.CharField(max_length=300, blank=True, default="", help_text="Why from a day gone by.")
    recorded_at = models.DateTimeField(null=True, default=None)


class DailyWatch(Mutable):
    """When a street was last watched over as a whole (每日核对), and until when somebody has taken today's run on."""

    left_out: ClassVar[Mapping[str, str]] = {
        "lease_until": "a process has today's run upon it: ends by itself, gives no right"
    }

    street = models.OneToOneField(Street, on_delete=models.PROTECT, related_name="daily_watch")
    kept_on = models.DateField(null=True, blank=True)
    kept_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(
        null=True, blank=True, help_text="Not done by then, the run was cut off and anybody may take it over."
    )
