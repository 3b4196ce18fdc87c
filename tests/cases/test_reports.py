"""Reports: taken in, looked at, accepted or not, many to one case; and who made them stays hidden."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from hege.cases import actions as cases
from hege.cases.models import Report, Reporter, SurveyVisit, TimelineLine
from hege.cases.queries import reporter_of, reports_of, the_report, timeline, visits_to
from hege.cases.reports.actions import (
    begin_verifying,
    look_up_reporter,
    merge_report,
    record_visit,
    reject_report,
    submit_report,
    unmerge_report,
    verify_report,
    withdraw_report,
)
from hege.cases.rules import CaseState, LineKind, PaysHow, ReceiptsHeld, ReportKind, ReportState
from hege.kernel.mutability import Immutable
from hege.kernel.refused import Refused, Stale
from hege.people.models import Membership, Role
from hege.places.actions import add_place
from hege.places.models import PlaceLevel
from hege.trail import queries as trail
from hege.trail.models import TrailLine
from tests.cases.conftest import AT, ON, Desk
from tests.cast import DAY, Cast, Row, make_cast, make_row

pytestmark = pytest.mark.once

SECRET = "莫问我是谁"


@pytest.mark.both
def test_a_report_waits_with_a_random_name(desk: Desk):
    first, second = desk.report(), desk.report()
    assert first.state == ReportState.SUBMITTED
    assert len(first.public_id) == 12
    assert first.public_id != second.public_id
    assert {r.pk for r in reports_of(desk.street).waiting()} == {first.pk, second.pk}
    assert the_report(desk.street, first.public_id) == first


def test_a_report_without_words_is_refused(desk: Desk):
    with pytest.raises(Refused) as refusal:
        submit_report(desk.street, kind=ReportKind.SHOP, text=" ", by=None, at=AT)
    assert refusal.value.field == "text"


def test_our_own_report_is_accepted_at_once(desk: Desk):
    report = verify_report(desk.report(), finding="属实。", by=desk.cast.grid_worker, at=AT)
    assert (report.state, report.finding) == (ReportState.ACCEPTED, "属实。")


def test_the_publics_report_is_looked_at_first(desk: Desk):
    report = desk.report(ReportKind.HOTLINE, reference="12345-1")
    with pytest.raises(Refused, match="现场核实"):
        verify_report(report, finding="属实。", by=desk.cast.grid_worker, at=AT)
    report = begin_verifying(report, by=desk.cast.grid_worker, at=AT)
    assert report.state == ReportState.VERIFYING
    assert verify_report(report, finding="属实。", by=desk.cast.grid_worker, at=AT).state == ReportState.ACCEPTED


@pytest.mark.parametrize(
    ("act", "state"), [(reject_report, ReportState.REJECTED), (withdraw_report, ReportState.WITHDRAWN)]
)
def test_a_report_ends_with_a_reason(desk: Desk, act, state: ReportState):
    report = act(desk.report(), reason="重复投诉。", by=desk.cast.grid_worker, at=AT)
    assert (report.state, report.finding) == (state, "重复投诉。")
    with pytest.raises(Refused):
        begin_verifying(report, by=desk.cast.grid_worker, at=AT)
    with pytest.raises(Refused):
        act(desk.report(), reason="", by=desk.cast.grid_worker, at=AT)


def test_many_reports_have_one_root_case(desk: Desk):
    case = desk.case()
    for _shop in range(3):
        merge_report(desk.report(ReportKind.SHOP), case, by=desk.cast.coordinator, at=AT)
    assert case.reports.count() == 3
    assert set(case.reports.values_list("state", flat=True)) == {ReportState.DUPLICATE}
    assert timeline(case, internal=True).filter(kind=LineKind.MERGE).count() == 3
    assert not timeline(case, internal=False).filter(kind=LineKind.MERGE).exists()


def test_a_report_does_not_join_a_closed_case(desk: Desk):
    with pytest.raises(Refused, match="重新打开"):
        merge_report(desk.report(), desk.case(CaseState.CLOSED), by=desk.cast.coordinator, at=AT)


def test_a_report_does_not_join_another_streets_case(desk: Desk, other_cast: Cast):
    theirs = cases.file_case(other_cast.street, title="别处", by=other_cast.coordinator, at=AT)
    with pytest.raises(ValueError, match="another street"):
        merge_report(desk.report(), theirs, by=desk.cast.coordinator, at=AT)


@pytest.mark.both
def test_a_merged_report_can_be_taken_out_again(desk: Desk):
    case = desk.case()
    report = merge_report(desk.report(), case, by=desk.cast.coordinator, at=AT)
    report = unmerge_report(report, reason="另一块总表。", by=desk.cast.coordinator, at=AT)
    assert (report.state, report.case) == (ReportState.VERIFYING, None)
    assert timeline(case, internal=True)[0].text == "另一块总表。"
    with pytest.raises(Refused, match="没有并入"):
        unmerge_report(report, reason="再拆。", by=desk.cast.coordinator, at=AT)


def test_a_report_merged_elsewhere_meanwhile_is_stale(desk: Desk):
    report = merge_report(desk.report(), desk.case(), by=desk.cast.coordinator, at=AT)
    seen = Report.objects.get(pk=report.pk)
    assert seen.case
    unmerge_report(report, reason="另一块。", by=desk.cast.coordinator, at=AT)
    merge_report(Report.objects.get(pk=report.pk), desk.case(), by=desk.cast.coordinator, at=AT)
    with pytest.raises(Stale):
        unmerge_report(seen, reason="拆。", by=desk.cast.coordinator, at=AT)


@pytest.mark.both
def test_a_case_is_filed_from_accepted_reports(desk: Desk, row: Row):
    report = desk.report(point=row.point)
    report = verify_report(report, finding="属实。", by=desk.cast.grid_worker, at=AT)
    case = cases.file_case(desk.street, title="总表欠费", reports=[report], by=desk.cast.coordinator, at=AT)
    assert case.point == row.point
    assert list(case.reports.all()) == [report]
    assert not reports_of(desk.street).waiting().exists()
    with pytest.raises(Refused) as refusal:
        cases.file_case(desk.street, title="再立", reports=[report], by=desk.cast.coordinator, at=AT)
    assert refusal.value.field == "reports"


def test_a_case_is_not_filed_from_what_nobody_has_verified(desk: Desk):
    with pytest.raises(Refused):
        cases.file_case(desk.street, title="总表欠费", reports=[desk.report()], by=desk.cast.coordinator, at=AT)


# -- who reported ------------------------------------------------------------------------------------------------------


@pytest.mark.both
def test_who_takes_reports_in_may_learn_who_called_and_it_is_on_the_trail(desk: Desk):
    report = desk.report(ReportKind.HOTLINE, reporter_name=SECRET, reporter_phone="13800000000")
    found = look_up_reporter(
        report, member=desk.member(Role.GRID_WORKER), reason="回电核实", by=desk.cast.grid_worker, at=AT
    )
    assert found is not None
    assert (found.name, found.phone) == (SECRET, "13800000000")
    line = trail.of(report, street=desk.street).first()
    assert line is not None
    assert (line.verb, line.by, line.data) == ("look_up_reporter", desk.cast.grid_worker, {"reason": "回电核实"})


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COORDINATOR, Role.GRID_WORKER}))
def test_nobody_else_learns_who_reported(desk: Desk, role: Role):
    report = desk.report(reporter_name=SECRET)
    with pytest.raises(Refused, match="反映人"):
        reporter_of(report, for_member=desk.member(role))


def test_another_streets_coordinator_does_not_learn_who_reported(desk: Desk, other_cast: Cast):
    report = desk.report(reporter_name=SECRET)
    theirs = Membership.objects.get(street=other_cast.street, role=Role.COORDINATOR)
    with pytest.raises(Refused):
        reporter_of(report, for_member=theirs)


def test_a_grid_worker_of_another_grid_does_not_learn_who_reported(desk: Desk):
    top = add_place(desk.street, level=PlaceLevel.STREET, code="310117006", name="九里亭", from_on=DAY, by=None, at=AT)
    report = desk.report(place=top, reporter_name=SECRET)
    member = desk.member(Role.GRID_WORKER)
    member.path = "310117006/PL/"
    with pytest.raises(Refused):
        reporter_of(report, for_member=member)


def test_looking_up_the_reporter_needs_a_reason_and_ones_own_membership(desk: Desk):
    report = desk.report(reporter_name=SECRET)
    member = desk.member(Role.GRID_WORKER)
    with pytest.raises(Refused):
        look_up_reporter(report, member=member, reason="", by=desk.cast.grid_worker, at=AT)
    with pytest.raises(ValueError, match="somebody else"):
        look_up_reporter(report, member=member, reason="看看", by=desk.cast.auditor, at=AT)


def test_a_report_without_a_name_has_no_reporter(desk: Desk):
    report = desk.report()
    assert reporter_of(report, for_member=desk.member(Role.COORDINATOR)) is None
    assert not Reporter.objects.exists()


def test_the_reporter_is_in_no_other_table(desk: Desk):
    report = desk.report(ReportKind.SHOP, reporter_name=SECRET, reporter_phone=SECRET)
    case = desk.case()
    report = merge_report(report, case, by=desk.cast.coordinator, at=AT)
    unmerge_report(report, reason="另一块总表。", by=desk.cast.coordinator, at=AT)
    said = json.dumps([line.data for line in TrailLine.objects.all()], ensure_ascii=False)
    said += "".join(f"{line.text}{line.said}{line.on_behalf}" for line in TimelineLine.objects.all())
    said += "".join(str(value) for row in Report.objects.values() for value in row.values())
    assert SECRET not in said
    assert SECRET not in str(Reporter.objects.get())
    assert not [f.name for f in Report._meta.get_fields() if f.related_model is Reporter and not f.hidden]


# -- survey visits -----------------------------------------------------------------------------------------------------


def visit(desk: Desk, row: Row, **wishes: object) -> SurveyVisit:
    facts: dict[str, object] = {
        "visited_on": ON,
        "pays_how": PaysHow.TO_AGENT,
        "receipts_held": ReceiptsHeld.SOME,
        "receipts_fen": 12_000,
        "unpaid_fen": 3_000,
        "own_meter": False,
        "wish": "一户一表",
    }
    return record_visit(row.units[0], by=desk.cast.grid_worker, at=AT, **{**facts, **wishes})  # type: ignore[arg-type]


@pytest.mark.both
def test_a_visit_says_how_the_shop_pays(desk: Desk, row: Row):
    case = desk.case()
    made = visit(desk, row, case=case)
    assert list(visits_to(row.units[0])) == [made]
    assert timeline(case, internal=True).filter(kind=LineKind.VISIT).count() == 1
    assert not timeline(case, internal=False).filter(kind=LineKind.VISIT).exists()
    line = trail.of(made, street=desk.street).get()
    assert line.data["unpaid_fen"] == 3_000


def test_a_visit_is_not_of_tomorrow_nor_below_zero(desk: Desk, row: Row):
    with pytest.raises(Refused) as refusal:
        visit(desk, row, visited_on=ON + dt.timedelta(days=1))
    assert refusal.value.field == "visited_on"
    with pytest.raises(Refused):
        visit(desk, row, unpaid_fen=-1)


def test_a_visit_is_never_changed(desk: Desk, row: Row):
    made = visit(desk, row)
    made.unpaid_fen = 0
    with pytest.raises(Immutable):
        made.save()


def test_a_visit_does_not_cross_streets(desk: Desk, row: Row, other_cast: Cast):
    theirs = cases.file_case(other_cast.street, title="别处", by=other_cast.coordinator, at=AT)
    with pytest.raises(ValueError, match="another street"):
        visit(desk, row, case=theirs)


@pytest.mark.both
def test_a_report_takes_the_place_of_its_unit(desk: Desk, row: Row):
    place = add_place(desk.street, level=PlaceLevel.STREET, code="JLT", name="九里亭", from_on=DAY, by=None, at=AT)
    row.point.place = place
    row.point.save(update_fields=["place"])
    report = desk.report(point=row.point)
    assert report.place == place
    assert list(reports_of(desk.street, paths=["JLT/"])) == [report]
    assert list(reports_of(desk.street, paths=["JLT/X/"])) == []


@pytest.mark.both
def test_reports_of_another_street_are_not_seen(desk: Desk, other_street):
    desk.report()
    make_cast(other_street)
    make_row(other_street)
    assert list(reports_of(other_street)) == []
