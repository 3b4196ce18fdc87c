"""What was just done is offered to be taken back, beside the words that say it was done (撤回)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from hege.cases.actions import dispatch_case, file_case
from hege.cases.models import Case, Report, Task
from hege.cases.reports.actions import begin_verifying, submit_report
from hege.cases.rules import ReportKind, ReportState, TaskState
from hege.kernel import clock
from hege.procedures.actions import verify_report
from tests.cast import Cast, Row

pytestmark = pytest.mark.django_db
HERE = "/310117006/"


@pytest.fixture
def case(cast: Cast, row: Row) -> Case:
    """A case that the office leads."""
    at = clock.now()
    made = file_case(row.street, title="总表欠费", point=row.point, by=cast.coordinator, at=at)
    return dispatch_case(made, lead=cast.office, days=5, by=cast.coordinator, at=at)


def undone(client: Client, path: str, said: dict[str, object]) -> Client:
    """Send a form, take back by the link beside the words on the next page, with a reason."""
    shown = client.post(path, said, follow=True).content.decode()
    found = re.search(r'<a href="([^"]+)">办错了，撤回</a>', shown)
    assert found, shown[-3000:]
    form = client.get(found[1]).content.decode()
    version = re.search(r'name="version" value="(\d+)"', form)
    given = {"reason": "点错了。", **({"version": version[1]} if version else {})}
    assert client.post(found[1], given).status_code == 302
    return client


def test_a_task_that_was_given_by_a_slip_is_taken_back_from_the_next_page(client: Client, cast: Cast, case: Case):
    client.force_login(cast.coordinator)
    said = {"party": cast.office.pk, "title": "装分表", "days": 5, "version": case.version}
    undone(client, f"{HERE}cases/{case.public_id}/tasks/", said)
    assert Task.objects.get().state == TaskState.CANCELLED


def test_a_report_that_was_joined_to_the_wrong_case_comes_out_again(client: Client, cast: Cast, case: Case, row: Row):
    at = clock.now()
    report = submit_report(
        row.street, kind=ReportKind.PATROL, text="没水。", place=row.point.place, by=cast.clerk, at=at
    )
    verify_report(begin_verifying(report, by=cast.coordinator, at=at), finding="属实。", by=cast.coordinator, at=at)
    client.force_login(cast.coordinator)
    undone(client, f"{HERE}reports/{report.public_id}/merge/", {"case": case.pk})
    report.refresh_from_db()
    assert (report.case, report.state) == (None, ReportState.VERIFYING)
    assert Report.objects.count() == 1
