"""What collecting agents said, by meter and by line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Case, QuerySet, Value, When

from hege.billing.agent.rules import AgentWordState
from hege.billing.models import AgentWord
from hege.metering.models import PointRole, SupplyPoint
from hege.metering.rules import PointRoleKind
from hege.people.models import Street
from hege.places.queries import path_filter


def agent_words(street: Street, points: QuerySet[SupplyPoint]) -> QuerySet[Any]:
    """What was said of some meters: what waits first, of that the oldest; then what was decided, the latest first."""
    waits = Case(When(state=AgentWordState.WAITING, then=Value(0)), default=Value(1))
    rows = AgentWord.objects.filter(street=street, point__in=points.order_by())
    named = rows.select_related("point", "agent", "tenancy__unit", "transaction", "by", "decided_by")
    return named.order_by(waits, "decided_at", "pk")


def words_waiting(
    street: Street, *, paths: Iterable[str], party_ids: Iterable[int] | None, on: dt.date
) -> QuerySet[AgentWord]:
    """Those nobody has looked at, of meters in parts of the grid; for who acts for parties, of those they collect for."""
    rows = AgentWord.objects.filter(
        path_filter("point__place__path", paths), street=street, state=AgentWordState.WAITING
    )
    if party_ids is None:
        return rows
    mine = PointRole.objects.filter(street=street, kind=PointRoleKind.AGENT, party_id__in=list(party_ids)).on(on)
    return rows.filter(point__in=mine.values("point_id"))


def words_on(street: Street, transaction_ids: Iterable[int]) -> list[AgentWord]:
    """What was said of some booked lines, in order; of what was booked from a word, that word."""
    rows = AgentWord.objects.filter(street=street, transaction__in=list(transaction_ids))
    return list(rows.select_related("point", "tenancy__unit", "agent", "by", "decided_by").order_by("pk"))
