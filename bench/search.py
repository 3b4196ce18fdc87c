"""What a search costs: what all have, what a few have, what one has, what none has; in two streets, one ten times the other."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.test import Client
from django.urls import reverse

from bench.measure import Figure, count_rows, milliseconds
from bench.today import CHUNK, CODE, fill, opened, street_of
from hege.ledger.models import Book
from hege.metering.models import Connection, Meter, SupplyPoint
from hege.metering.rules import MeterKind
from hege.people.models import Party, PartyKind, Street, User
from hege.places.models import Tenancy, Unit
from hege.search.actions import put_right

SHOPS, METERS = 4, 200  # so many cases to a shop, to a master meter
WORDS = (
    ("what all shops have", "号铺"), ("a tenant", "店主 4711"), ("a master meter", "ZB-77"), ("four digits of a phone", "4711"),
    ("what all cases have", "件"), ("what one in some hundreds has", "377"), ("a number", "T-1234"), ("nothing", "没有"),
)  # fmt: skip
AIM = 30  # ms of program and database


def figures(cases: int, *, runs: int) -> list[Figure]:
    """The search page in a street with a tenth of so many cases, and with all of them."""
    out = []
    for number, size in enumerate((cases // 10, cases)):
        code = f"{CODE[:-1]}{number}"
        street = Street.objects.filter(code=code).first()  # of the page of today, where that was measured before
        if street is None:
            street = street_of(code)
            fill(street, size)
        if not Unit.objects.filter(street=street).exists():
            _fill_shops(street, size)
        put_right(street)
        count_rows()
        browser = Client()
        browser.force_login(User.objects.get(username=f"today-{street.code}"))
        here = reverse("search:index", args=(street.code,))
        out += [
            milliseconds(
                f"search of {size:,} cases: {name}",
                [partial(opened, browser, f"{here}?q={words}")] * runs,
                cpu_at_most=AIM,
            )
            for name, words in WORDS
        ]
    return out


def _fill_shops(street: Street, size: int) -> None:
    """Shops behind master meters, each with a tenant who has a telephone."""
    on = dt.date(2026, 1, 1)
    books = Book.objects.bulk_create(Book(street=street) for _ in range(max(1, size // METERS)))
    points = SupplyPoint.objects.bulk_create(
        SupplyPoint(street=street, code=f"ZB-{n}", name=f"总表 {n}", book=book) for n, book in enumerate(books)
    )
    Meter.objects.bulk_create(
        Meter(street=street, number=f"ZB-{n}", kind=MeterKind.MASTER, point=point, started_on=on)
        for n, point in enumerate(points)
    )
    for start in range(0, size // SHOPS, CHUNK):
        numbers = range(start, min(size // SHOPS, start + CHUNK))
        parties = Party.objects.bulk_create(
            Party(street=street, kind=PartyKind.PERSON, name=f"店主 {n}", phone=f"139{n:08}") for n in numbers
        )
        units = Unit.objects.bulk_create(Unit(street=street, code=f"P-{n}", name=f"{n} 号铺") for n in numbers)
        pairs = list(zip(numbers, parties, units, strict=True))
        Tenancy.objects.bulk_create(Tenancy(street=street, unit=u, party=p, from_on=on) for _n, p, u in pairs)
        Connection.objects.bulk_create(
            Connection(street=street, unit=u, point=points[n % len(points)], from_on=on) for n, _p, u in pairs
        )
