"""一页纸: one month of a street in sums, on one sheet of A4."""

from __future__ import annotations

import datetime as dt
import re

from django.http import HttpRequest, HttpResponse

from hege.web.access import Desk, opens
from hege.web.month.page import MonthPage
from hege.web.pages import page

FIRST_YEAR = 2000


def month_asked(text: str, today: dt.date) -> dt.date:
    """The first day of the month in an address, not later than this one; this one for anything else."""
    this = today.replace(day=1)
    found = re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII)
    if not found or not (FIRST_YEAR <= int(found[1]) <= today.year and 1 <= int(found[2]) <= 12):
        return this
    return min(this, dt.date(int(found[1]), int(found[2]), 1))


@opens("month.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """One month: who holds the money, what came in and was closed, where water was threatened, what the programme did."""
    return page(
        request, "month/index.html", {"m": MonthPage(desk, month_asked(request.GET.get("month", ""), desk.today))}
    )
