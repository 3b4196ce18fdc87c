"""Which account the utility has named."""

from __future__ import annotations

from django.db.models import QuerySet

from hege.billing.models import UtilityAccount
from hege.people.models import Street


def accounts_of(street: Street) -> QuerySet[UtilityAccount]:
    """All that were ever entered, the latest first."""
    rows = UtilityAccount.objects.filter(street=street).select_related("named_by", "confirmed_by")
    return rows.order_by("-pk")


def account_to_pay(street: Street) -> UtilityAccount | None:
    """The one that shops are told: checked by a second person and not ended, the latest of several."""
    return accounts_of(street).filter(confirmed_at__isnull=False, ended_at__isnull=True).first()
