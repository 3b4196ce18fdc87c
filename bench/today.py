"""What the first page of the day and the list of cases cost where there is very much: half of it nobody has finished."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from html import unescape

from django.test import Client
from django.urls import reverse

from bench.measure import Figure, count_rows, milliseconds
from hege.cases.models import Case, CaseParty, Report, Task
from hege.cases.rules import CaseState, PartyRole, ReportKind, ReportState, TaskState
from hege.kernel import clock
from hege.kernel.ids import public_id
from hege.people.models import Membership, Organisation, Party, PartyKind, Role, Street, User

CODE, NAME = "310117998", "案件很多的街道"
STATES = (CaseState.DISPATCHED, CaseState.HANDLING, CaseState.FILED, CaseState.FEEDBACK)
HALF = 2  # of all cases are finished
DEEP = 40  # stretches of the list
PARTIES, DAYS, CHUNK = 20, 120, 5000


def figures(cases: int, *, runs: int) -> list[Figure]:
    """Today's page and the list of a street with a tenth of so many cases, and with all of them."""
    out = []
    for number, size in enumerate((cases // 10, cases)):
        street = street_of(f"{CODE[:-1]}{number}")
        fill(street, size)
        browser = Client()
        browser.force_login(User.objects.get(username=f"today-{street.code}"))
        path = reverse("today:index", args=(street.code,))
        out.append(
            milliseconds(
                f"page: today, {size:,} cases and tasks",
                [partial(opened, browser, path)] * runs,
                cpu_at_most=None if size < 200_000 else 100,
            )
        )
        here = reverse("cases:index", args=(street.code,))
        lists = {
            "unfinished": here,
            "closed": f"{here}?show=closed",
            "all": f"{here}?show=all",
            f"stretch {DEEP}": _deep(browser, here),
        }
        out += [
            milliseconds(f"list of {size:,} cases: {name}", [partial(opened, browser, path)] * runs, cpu_at_most=45)
            for name, path in lists.items()
        ]
    return out


def opened(browser: Client, path: str) -> str:
    answer = browser.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return str(answer.content.decode())


def _deep(browser: Client, path: str) -> str:
    """The address of a stretch far behind the first, by the links that lead there."""
    for _n in range(DEEP):
        found = re.search(r'rel="next" href="([^"]+)"', opened(browser, path))
        path = unescape(found[1]) if found else path
    return path


def street_of(code: str) -> Street:
    organisation, _made = Organisation.objects.get_or_create(name="bench")
    street = Street.objects.create(organisation=organisation, code=code, name=NAME)
    user = User.objects.create_user(f"today-{code}", "x")
    Membership.objects.create(street=street, user=user, role=Role.COORDINATOR, from_on=dt.date(2025, 1, 1))
    for n in range(PARTIES):
        Party.objects.create(street=street, kind=PartyKind.ORGANISATION, name=f"单位 {n}", inside=n % 2 == 0)
    return street


def _state(n: int) -> CaseState:
    return CaseState.CLOSED if n % HALF else STATES[n // HALF % len(STATES)]


def fill(street: Street, size: int) -> None:
    """Cases, every other one closed, each with its lead, a task and, every tenth, a report; due around today."""
    now, today = clock.now(), clock.today()
    parties = list(Party.objects.filter(street=street).order_by("pk"))
    for start in range(0, size, CHUNK):
        numbers = range(start, min(size, start + CHUNK))
        due = {n: today + dt.timedelta(days=n % DAYS - DAYS // 2) for n in numbers}
        cases = Case.objects.bulk_create(
            Case(
                street=street, number=f"T-{n}", title=f"第 {n} 件", state=_state(n), state_at=now, filed_at=now,
                due_on=None if _state(n) == CaseState.FILED else due[n], closed_at=now if n % HALF else None,
            )
            for n in numbers
        )  # fmt: skip
        led = zip(numbers, cases, strict=True)
        CaseParty.objects.bulk_create(
            CaseParty(street=street, case=case, party=parties[n % PARTIES], role=PartyRole.LEAD, from_on=today)
            for n, case in led
        )
        Task.objects.bulk_create(
            Task(
                street=street, case=case, party=parties[n % PARTIES], title=f"事 {n}", state=TaskState.DONE if n % HALF else TaskState.OPEN, due_on=due[n],
                days=5, dispatched_on=today,
            )
            for n, case in zip(numbers, cases, strict=True)
        )  # fmt: skip
        Report.objects.bulk_create(
            Report(
                street=street, public_id=public_id(), kind=ReportKind.PATROL, text="漏水。", submitted_at=now,
                state=ReportState.ACCEPTED, case=case,
            )
            for n, case in zip(numbers, cases, strict=True)
            if n % 10 == 0
        )  # fmt: skip
    count_rows("cases_case", "cases_task", "cases_report", "cases_caseparty")
