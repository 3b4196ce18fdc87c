"""Which price list holds, and its rates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import QuerySet

from hege.billing.models import Tariff, TariffComponent
from hege.billing.rules import ComponentKind, Price, Rate
from hege.kernel.grouped import grouped
from hege.kernel.prepared import hang, prepared
from hege.people.models import Street


def tariffs_of(street: Street) -> list[Tariff]:
    """The price lists of a street with their components, the newest first day first; two queries."""
    tariffs, parts = _tariffs(street), grouped((part.tariff_id, part) for part in _components(street))
    for tariff in tariffs:
        hang(tariff, "components", parts[tariff.pk])
    return tariffs


@prepared
def _tariffs(street: Street) -> QuerySet[Tariff]:
    return Tariff.objects.filter(street=street).order_by("-from_on", "-pk")


@prepared
def _components(street: Street) -> QuerySet[TariffComponent]:
    return TariffComponent.objects.filter(street=street).order_by("pk")


def tariff_on(tariffs: Sequence[Tariff], day: dt.date) -> Tariff | None:
    """The price list in force for periods that begin on a day, out of ``tariffs_of``; ``None`` where none is known."""
    return next((t for t in tariffs if t.from_on <= day and (t.until_on is None or day < t.until_on)), None)


def rates_of(tariff: Tariff) -> list[Rate]:
    """The rates of a tariff as the rule wants them."""
    return [Rate(ComponentKind(c.kind), c.yuan_per_m3, c.factor) for c in tariff.components.all()]


def price_of(tariff: Tariff) -> Price:
    """A tariff as the rules want it."""
    return Price(tariff.name, tariff.from_on, tariff.until_on, tuple(rates_of(tariff)))


def prices_of(street: Street) -> list[Price]:
    """The price lists of a street as the rules want them, the newest first day first; two queries."""
    return [price_of(tariff) for tariff in tariffs_of(street)]
