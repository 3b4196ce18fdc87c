"""The auditor's morning: what is proven, what is contested, what the trail wrote down last."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.queries import warnings_of_street
from hege.arrears.early_warning.rules import WarningKind
from hege.arrears.queries import MoneyTotals, money_totals
from hege.billing.models import Payment
from hege.ledger.rules import Level
from hege.trail.models import TrailLine
from hege.web.access import Desk
from hege.web.watched import Watched

LINES_SHOWN = 12


class ProofDesk:
    """What an auditor asks first. The whole proof is ``hege verify``: too dear for a page."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.street = desk, desk.street

    @cached_property
    def totals(self) -> MoneyTotals:
        return money_totals(self.street, on=self.desk.today, worst=5)

    @cached_property
    def levels(self) -> dict[str, int]:
        """How many standing payments are at each level; one query."""
        rows = Payment.objects.filter(street=self.street, transaction__reversed_by__isnull=True).order_by()
        counted = rows.values_list("transaction__open_claim__level").annotate(n=Count("pk"))
        return {level or Level.CONFIRMED.value: n for level, n in counted}

    @property
    def tiles(self) -> list[dict[str, Any]]:
        """Four figures, each a link."""
        meters = reverse("meters:index", args=(self.street.code,))
        failed = len(self.failed)
        levels = (
            (Level.CONTESTED, _("有争议的收付"), _("有人否认")),
            (Level.CLAIMED, _("单方主张的收付"), _("等证据，不算进总数")),
            (Level.CONFIRMED, _("已证实的收付"), _("有独立证据或签字")),
        )
        note = self.failed[0].point.name if failed else self.watched.when
        first = {"n": failed, "label": _("余额核对不符"), "note": note, "href": "#failed", "late": failed > 0}
        return [
            first,
            *(
                {"n": self.levels.get(level.value, 0), "label": label, "note": note, "href": meters, "late": False}
                for level, label, note in levels
            ),
        ]

    @cached_property
    def failed(self) -> list[EarlyWarning]:
        """Balances that a third record contradicts (余额核对不符)."""
        rows = warnings_of_street(self.street).filter(ended_on__isnull=True, kind=WarningKind.ASSERTION_FAILED)
        return list(rows)

    @cached_property
    def watched(self) -> Watched:
        """As of when the balances were held against the records."""
        return Watched(self.street)

    @cached_property
    def lines(self) -> list[TrailLine]:
        """The last lines of the trail."""
        rows = TrailLine.objects.filter(street=self.street).select_related("by").order_by("-seq")
        return list(rows[:LINES_SHOWN])
