"""逾期: a case, its tasks and what was promised are late on the same day in every place."""

from __future__ import annotations

import datetime as dt
import re

import pytest
import time_machine
from django.test import Client

from hege.cases.models import Case, Task
from hege.conferences.models import Decision
from hege.kernel.clock import at_noon
from tests.web.office import Office, words

pytestmark = pytest.mark.django_db
FRIDAY, EVE = dt.date(2026, 12, 4), dt.date(2027, 2, 5)


def late_in(office: Office, day: dt.date) -> dict[str, bool]:
    """Where the matters of the office are called late on a day."""
    things, client = office.things, Client()
    with time_machine.travel(at_noon(day)):
        client.force_login(office.cast.coordinator)

        def page(name: str, *args: object, **query: str) -> str:
            return words(client.get(office.path(name, *args), query))

        return {
            "the list's tab": things.case.title in page("cases:index", show="late"),
            "the list's row": "逾期 " in page("cases:index"),
            "the case": bool(re.search("逾期 [0-9]+ 个工作日", page("cases:detail", things.case.public_id))),
            "the task": "逾期 " in page("cases:task", things.task.public_id),
            "the conference": "逾期 " in page("conferences:detail", things.conference.public_id),
            "the conferences": "逾期 " in page("conferences:index"),
        }


def due(office: Office, day: dt.date) -> None:
    """Everything of the case is due on a day."""
    things = office.things
    Case.objects.filter(pk=things.case.pk).update(due_on=day, state="handling")
    Task.objects.filter(case=things.case).update(due_on=day)
    Decision.objects.filter(conference__case=things.case).update(due_on=day, state="assigned")


@pytest.mark.parametrize(
    ("due_on", "on", "late"),
    [
        (FRIDAY, FRIDAY, False),
        (FRIDAY, FRIDAY + dt.timedelta(days=1), False),  # Saturday
        (FRIDAY, FRIDAY + dt.timedelta(days=2), False),
        (FRIDAY, FRIDAY + dt.timedelta(days=3), True),
        (FRIDAY + dt.timedelta(days=1), FRIDAY + dt.timedelta(days=3), False),  # due on Saturday: Monday is in time
        (EVE, EVE + dt.timedelta(days=2), False),  # in Spring Festival
        (EVE, EVE + dt.timedelta(days=5), False),  # a weekday that the notice of 2027 could still take
        (EVE, dt.date(2027, 2, 17), True),
    ],
)
def test_what_is_due_is_late_everywhere_or_nowhere(office: Office, due_on: dt.date, on: dt.date, late: bool):
    due(office, due_on)
    found = late_in(office, on)
    assert found == dict.fromkeys(found, late)
