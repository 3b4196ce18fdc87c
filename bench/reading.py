"""What reading the money costs: one supply point, the page of the worst, the whole street."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from functools import partial

from django.test import Client
from django.urls import reverse

from bench.measure import Figure, milliseconds
from bench.street import Size
from hege.arrears.cutoff.models import Deferral
from hege.arrears.cutoff.rules import DeferralState
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.rules import WarningState
from hege.arrears.queries import holdings, money_by_point, monthly, points_by_payable, who_holds_the_money
from hege.kernel.clock import at_noon
from hege.metering.models import SupplyPoint
from hege.people.models import Street, User

LIST_OF_METERS_MS = 130
PAGE = 10


def figures(street: Street, size: Size, *, runs: int) -> list[Figure]:
    """The queries of the pages, each run on different supply points, so that no one point's rows are just warm."""
    on = size.last_day
    points = list(SupplyPoint.objects.filter(street=street).select_related("street", "book").order_by("code"))
    drawn = random.Random("points").choices(points, k=runs)
    whole = max(1, runs // 10)
    return [
        milliseconds(
            "one meter: who holds the money",
            [partial(who_holds_the_money, point, on=on) for point in drawn],
            at_most=15,
            queries_at_most=6,
        ),
        milliseconds(
            "one meter: as known a year ago",
            [
                partial(who_holds_the_money, point, on=on, known_at=at_noon(on.replace(year=on.year - 1)))
                for point in drawn
            ],
        ),
        milliseconds("one meter: twelve months", [partial(monthly, point, on=on) for point in drawn]),
        milliseconds("street: what each meter owes", [partial(points_by_payable, street, on=on)] * whole),
        milliseconds(
            f"street: who holds it on the page of {PAGE}", _pages(street, points, on, whole), note=f"{whole} runs"
        ),
        milliseconds("street: the whole board", [partial(board, street, on)] * whole, at_most=300, queries_at_most=12),
        milliseconds("street: what is owed and held", [partial(money_by_point, street, on=on)] * whole),
        milliseconds(
            f"street: who holds it for all {len(points):,}", [partial(holdings, street, points, on=on)] * min(3, whole)
        ),
        *pages(street, drawn, whole),
    ]


def pages(street: Street, drawn: list[SupplyPoint], whole: int) -> list[Figure]:
    """Whole pages as a coordinator gets them: sign-in, rights, queries, template; asked through Django's test client."""
    browser = Client()
    browser.force_login(User.objects.get(username="bench"))
    meters = [reverse("meters:detail", args=(street.code, point.code)) for point in drawn[: whole * 3]]
    return [
        milliseconds("page: one meter", [partial(_open, browser, path) for path in meters]),
        milliseconds(
            "page: list of meters",
            [partial(_open, browser, reverse("meters:index", args=(street.code,)))] * whole,
            cpu_at_most=LIST_OF_METERS_MS,
        ),
        milliseconds("page: today", [partial(_open, browser, reverse("today:index", args=(street.code,)))] * whole),
    ]


def _open(browser: Client, path: str) -> None:
    answer = browser.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")


def _pages(street: Street, points: list[SupplyPoint], on: dt.date, whole: int) -> list[Callable[[], object]]:
    starts = random.Random("pages").choices(range(max(1, len(points) - PAGE)), k=whole)
    return [partial(holdings, street, points[a : a + PAGE], on=on) for a in starts]


def board(street: Street, on: dt.date) -> object:
    """What a street's board asks: what all points owe, worst first, who holds it there, warnings, deferrals that end soon."""
    rows = points_by_payable(street, on=on)
    worst = list(SupplyPoint.objects.filter(street=street, pk__in=[row.point_id for row in rows[:PAGE]]))
    held = holdings(street, worst, on=on)
    warnings = EarlyWarning.objects.filter(street=street, state=WarningState.OPEN).select_related("point")
    ending = Deferral.objects.filter(
        street=street, state=DeferralState.RUNNING, until_on__lte=on + dt.timedelta(days=7)
    ).select_related("notice__point")
    return (
        sum(row.payable for row in rows),
        held,
        list(warnings.order_by("-fired_on")[:20]),
        list(ending.order_by("until_on")[:20]),
    )
