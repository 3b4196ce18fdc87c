"""What the boards are told, in how many queries, and never of another street or another grid."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest

from hege.cases import actions as cases
from hege.cases.models import Case
from hege.cases.queries import (
    case_days,
    cases_of,
    due_on_day,
    open_cases,
    roots,
    task_days,
    tasks_due,
    the_case,
)
from hege.cases.reports.actions import merge_report, submit_report
from hege.cases.rules import BEING_HANDLED, CaseState, ReportKind
from hege.places.actions import add_place
from hege.places.models import PlaceLevel
from hege.places.queries import workday_calendar
from tests.cases.conftest import AT, ON, Desk
from tests.cast import DAY, Cast, Row

pytestmark = pytest.mark.once

FRIDAY = dt.date(2026, 3, 6)


@pytest.mark.both
def test_a_case_is_due_late_and_done(desk: Desk):
    handled, waiting = desk.case(CaseState.HANDLING), desk.case(CaseState.FEEDBACK)
    works = workday_calendar(desk.street)
    left = [
        {d.case: d.days_left for d in open_cases(desk.street, on=day, is_workday=works)} for day in days(4, 6, 9, 10)
    ]
    assert [row[handled] for row in left] == [3, 1, 0, -1]
    assert [row[waiting] for row in left] == [3, 1, 0, 0]  # what was handled in time does not become late by waiting
    assert [cases_of(desk.street).late(day, works).count() for day in days(4, 9, 10)] == [0, 0, 1]


def test_open_cases_name_who_leads_and_leave_out_what_hangs_or_is_done(desk: Desk):
    filed, dispatched = desk.case(CaseState.FILED), desk.case(CaseState.DISPATCHED)
    desk.case(CaseState.SUSPENDED)
    desk.case(CaseState.CLOSED)
    found = open_cases(desk.street, on=ON, is_workday=workday_calendar(desk.street))
    assert [(d.case, d.lead) for d in found] == [(filed, ""), (dispatched, "城建中心")]


def days(*of_march: int) -> list[dt.date]:
    return [dt.date(2026, 3, day) for day in of_march]


@pytest.mark.both
def test_tasks_are_due_for_their_party(desk: Desk):
    case = desk.case(CaseState.HANDLING)
    mine, theirs = desk.task(case), desk.task(case, party=desk.cast.utility, days=30)
    works = workday_calendar(desk.street)
    assert [d.task for d in tasks_due(desk.street, on=FRIDAY, is_workday=works)] == [mine]
    assert [d.task for d in tasks_due(desk.street, on=FRIDAY, is_workday=works, within=99)] == [mine, theirs]
    party = [desk.cast.utility.pk]
    assert tasks_due(desk.street, on=FRIDAY, is_workday=works, party_ids=party) == []


def test_a_task_of_a_case_on_hold_is_not_called_for(desk: Desk):
    case = desk.case(CaseState.HANDLING)
    desk.task(case)
    desk._hold(case)
    assert tasks_due(desk.street, on=dt.date(2026, 4, 1), is_workday=workday_calendar(desk.street)) == []


def test_boards_take_a_fixed_number_of_queries(desk: Desk, django_assert_num_queries):
    works = workday_calendar(desk.street)
    for _more in range(3):
        desk.task()
    with django_assert_num_queries(1):
        assert len({d.task.case.number for d in tasks_due(desk.street, on=FRIDAY, is_workday=works)}) == 3
    with django_assert_num_queries(1):
        assert len(open_cases(desk.street, on=FRIDAY, is_workday=works)) == 3


def test_the_days_to_count_by_are_those_of_what_is_listed(desk: Desk):
    works = workday_calendar(desk.street)
    for state in (CaseState.FILED, CaseState.DISPATCHED, CaseState.HANDLING, CaseState.FEEDBACK):
        case = desk.case(state)
    desk.task(case)
    hangs = desk.case(CaseState.HANDLING)
    desk.task(hangs)
    desk._hold(hangs)
    listed = open_cases(desk.street, on=FRIDAY, is_workday=works)
    days = [day for part in case_days(desk.street, most=99) for day in part]
    assert Counter((d.case.pk, d.case.state in BEING_HANDLED, d.case.due_on) for d in listed) == Counter(days)
    tasks = tasks_due(desk.street, on=FRIDAY, is_workday=works, within=999)
    rows = [(t.pk, t.party_id, t.due_on, t.public_id, t.bounces) for t in (d.task for d in tasks)]
    assert rows == task_days(desk.street, most=99)
    assert len(tasks) == 1


def test_only_those_asked_for_are_listed(desk: Desk):
    works = workday_calendar(desk.street)
    one, _other = desk.case(CaseState.HANDLING), desk.case(CaseState.FEEDBACK)
    first, _second = desk.task(one), desk.task(one)
    assert [d.case for d in open_cases(desk.street, on=FRIDAY, is_workday=works, only=[one.pk])] == [one]
    assert [d.task for d in tasks_due(desk.street, on=FRIDAY, is_workday=works, only=[first.pk])] == [first]


def test_what_is_due_on_a_day_is_counted_to_a_limit_and_one_is_named(desk: Desk):
    undated = desk.case(CaseState.FILED)
    assert due_on_day(desk.street, FRIDAY, most=9) == (0, 0, undated.title)
    case = desk.case(CaseState.HANDLING)
    tasks = [desk.task(case), desk.task(case)]
    day, other = tasks[0].due_on, Case.objects.exclude(due_on=None).values_list("due_on", flat=True).get()
    assert other is not None
    assert due_on_day(desk.street, day, most=9)[1:] == (2, case.title if day == other else tasks[0].title)
    assert due_on_day(desk.street, day, most=1)[1] == 1
    assert due_on_day(desk.street, other, most=9)[0] == 1
    desk._hold(case)
    assert due_on_day(desk.street, day, most=9) == (0, 0, undated.title)


@pytest.mark.both
def test_roots_are_cases_of_several_reports_then_those_of_a_meter(desk: Desk, row: Row):
    who: dict[str, Any] = {"by": desk.cast.coordinator, "at": AT}
    desk.case()  # nobody reported it, and it is about no meter
    about = cases.file_case(desk.street, title="一块表", point=row.point, **who)
    many = cases.file_case(desk.street, title="许多人说", **who)
    for n in range(2):
        report = submit_report(desk.street, kind=ReportKind.PATROL, text=f"第 {n} 件", **who)
        merge_report(report, many, **who)
    assert [(r.case, r.reported) for r in roots(desk.street, most=3)] == [(many, 2), (about, 0)]
    assert [r.case for r in roots(desk.street, most=1)] == [many]


@pytest.fixture
def in_a_grid(desk: Desk) -> Case:
    top = add_place(desk.street, level=PlaceLevel.STREET, code="JLT", name="九里亭", from_on=DAY, by=None, at=AT)
    grid = add_place(
        desk.street,
        level=PlaceLevel.COMPREHENSIVE_GRID,
        code="PL",
        name="蟠龙",
        parent=top,
        from_on=DAY,
        by=None,
        at=AT,
    )
    return cases.file_case(desk.street, title="蟠龙的", place=grid, by=desk.cast.coordinator, at=AT)


@pytest.mark.both
def test_people_see_the_cases_of_their_part_of_the_grid(desk: Desk, in_a_grid: Case):
    elsewhere = desk.case()
    assert set(cases_of(desk.street)) == {in_a_grid, elsewhere}
    assert list(cases_of(desk.street, paths=["JLT/PL/"])) == [in_a_grid]
    assert list(cases_of(desk.street, paths=["JLT/XX/"])) == []
    assert the_case(desk.street, in_a_grid.public_id, paths=["JLT/XX/"]) is None
    assert the_case(desk.street, in_a_grid.public_id, paths=["JLT/XX/", "JLT/"]) == in_a_grid


@pytest.mark.both
def test_a_party_sees_the_cases_it_has_a_part_in(desk: Desk):
    mine = desk.case(CaseState.DISPATCHED)
    desk.case()
    assert list(cases_of(desk.street, party_ids=[desk.cast.utility.pk])) == [mine]
    assert list(cases_of(desk.street, party_ids=[])) == []


@pytest.mark.both
def test_another_streets_cases_are_not_there(desk: Desk, other_cast: Cast):
    theirs = cases.file_case(other_cast.street, title="别处", by=None, at=AT)
    assert list(cases_of(desk.street)) == []
    assert the_case(desk.street, theirs.public_id) is None
