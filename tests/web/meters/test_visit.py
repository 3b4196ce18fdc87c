"""走访: joined to an open case of the meter, or made a report of, from which a case may start."""

from __future__ import annotations

import pytest

from hege.cases.models import Case, Report, SurveyVisit
from hege.cases.rules import CaseState, ReportKind, ReportState
from hege.kernel import clock
from hege.people.models import Role
from tests.web.office import Office

pytestmark = pytest.mark.django_db
CO, GRID = Role.COORDINATOR, Role.GRID_WORKER


def a_visit(office: Office, **more: object) -> None:
    office.done(
        GRID, "meters:visit", office.things.row.point.code, office.things.unit.code,
        visited_on=clock.today().isoformat(), pays_how="to_agent", receipts_held="some", note="漏水。", **more,
    )  # fmt: skip


def test_a_visit_joins_an_open_case_of_its_meter(office: Office):
    a_visit(office, case=office.things.case.pk)
    visit = SurveyVisit.objects.filter(street=office.cast.street).latest("pk")
    assert (visit.case, visit.report) == (office.things.case, None)
    assert f"走访：{office.things.unit.code}" in office.get(CO, "cases:detail", office.things.case.public_id)


@pytest.mark.both
def test_a_visit_starts_a_case_by_the_report_it_makes(office: Office):
    a_visit(office, as_report="on")
    report = Report.objects.get(street=office.cast.street, kind=ReportKind.VISIT)
    assert SurveyVisit.objects.filter(street=office.cast.street).latest("pk").report == report
    assert (report.unit, report.point, report.state) == (
        office.things.unit, office.things.row.point, ReportState.SUBMITTED,
    )  # fmt: skip
    assert "漏水。" in report.text


def test_a_visit_may_be_report_and_part_of_a_case_at_once(office: Office):
    a_visit(office, as_report="on", case=office.things.case.pk)
    assert Report.objects.get(street=office.cast.street, kind=ReportKind.VISIT).case == office.things.case


@pytest.mark.both
def test_a_closed_case_takes_no_visit(office: Office):
    Case.objects.filter(pk=office.things.case.pk).update(state=CaseState.CLOSED)
    page = office.get(GRID, "meters:visit", office.things.row.point.code, office.things.unit.code)
    assert office.things.case.number not in page
