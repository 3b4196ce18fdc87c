"""What the first page of the day costs where very much is open: cases and tasks that nobody has finished."""

from __future__ import annotations

import datetime as dt
from functools import partial

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
PARTIES, DAYS, CHUNK = 20, 120, 5000


def figures(cases: int, *, runs: int) -> list[Figure]:
    """Today's page of a street with a tenth of so many unfinished cases, and with all of them."""
    out = []
    for number, size in enumerate((cases // 10, cases)):
        street = _street(f"{CODE[:-1]}{number}")
        _fill(street, size)
        browser = Client()
        browser.force_login(User.objects.get(username=f"today-{street.code}"))
        path = reverse("today:index", args=(street.code,))
        out.append(
            milliseconds(
                f"page: today, {size:,} unfinished cases and tasks",
                [partial(_open, browser, path)] * runs,
                cpu_at_most=None if size < 200_000 else 100,
            )
        )
    return out


def _open(browser: Client, path: str) -> None:
    answer = browser.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")


def _street(code: str) -> Street:
    organisation, _made = Organisation.objects.get_or_create(name="bench")
    street = Street.objects.create(organisation=organisation, code=code, name=NAME)
    user = User.objects.create_user(f"today-{code}", "x")
    Membership.objects.create(street=street, user=user, role=Role.COORDINATOR, from_on=dt.date(2025, 1, 1))
    for n in range(PARTIES):
        Party.objects.create(street=street, kind=PartyKind.ORGANISATION, name=f"单位 {n}", inside=n % 2 == 0)
    return street


def _fill(street: Street, size: int) -> None:
    """Cases of every state that is not finished, each with its lead, a task and, every tenth, a report; due around today."""
    now, today = clock.now(), clock.today()
    parties = list(Party.objects.filter(street=street).order_by("pk"))
    for start in range(0, size, CHUNK):
        numbers = range(start, min(size, start + CHUNK))
        due = {n: today + dt.timedelta(days=n % DAYS - DAYS // 2) for n in numbers}
        cases = Case.objects.bulk_create(
            Case(
                street=street, number=f"T-{n}", title=f"第 {n} 件", state=STATES[n % 4], state_at=now, filed_at=now,
                due_on=None if STATES[n % 4] == CaseState.FILED else due[n],
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
                street=street, case=case, party=parties[n % PARTIES], title=f"事 {n}", state=TaskState.OPEN, due_on=due[n],
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
