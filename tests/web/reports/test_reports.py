"""来件: taken in once, looked at, joined to one case; and who reported stays hidden."""

from __future__ import annotations

import time

import pytest

from hege.cases import actions
from hege.cases.models import Case, Report, Reporter
from hege.cases.reports.actions import submit_report, verify_report
from hege.cases.rules import ReportKind, ReportState
from hege.kernel import clock
from hege.people.models import Membership, Role
from hege.places.models import Place
from hege.trail.models import TrailLine
from tests.web.office import Office, words

pytestmark = pytest.mark.django_db
CO, GRID, CLERK, CHECK, AUDIT = Role.COORDINATOR, Role.GRID_WORKER, Role.CLERK, Role.CHECKER, Role.AUDITOR
SECRET = "13900000000"


def filed(office: Office, kind: ReportKind = ReportKind.PATROL, text: str = "墙角漏水。") -> Report:
    return submit_report(office.cast.street, kind=kind, text=text, by=office.cast.grid_worker, at=clock.now())


def test_a_report_about_a_shop_finds_its_meter_and_place(office: Office):
    office.done(
        GRID, "reports:new", kind="patrol", text="水费交给二房东了。", about=office.things.unit.code.lower(), seen="1",
        reporter_name="店主", reporter_phone="13700000000",
    )  # fmt: skip
    made = Report.objects.get(street=office.cast.street, text="水费交给二房东了。")
    assert (made.unit, made.point, made.place) == (office.things.unit, office.things.row.point, office.things.place)
    assert Reporter.objects.get(street=office.cast.street, report=made).phone == "13700000000"


def test_what_may_be_the_same_trouble_is_shown_before_anything_is_done(office: Office):
    count = Report.objects.count()
    sent = {"kind": "patrol", "text": "又要停水。", "about": office.things.unit.code}
    answer = office.post(GRID, "reports:new", **sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "是不是同一件事" in page
    assert office.things.report.text[:10] in page
    assert office.things.case.number in page
    assert "又要停水。" in page
    assert Report.objects.count() == count
    office.done(GRID, "reports:new", **sent, seen="1")
    assert Report.objects.count() == count + 1


def test_the_same_trouble_is_taken_in_and_joined_at_once(office: Office):
    sent = {"kind": "patrol", "text": "又要停水。", "about": office.things.unit.code}
    office.done(GRID, "reports:new", **sent, join=office.things.case.public_id)
    made = Report.objects.get(street=office.cast.street, text="又要停水。")
    assert (made.case, made.state) == (office.things.case, ReportState.DUPLICATE)


def test_a_clerk_may_take_in_but_not_join(office: Office):
    sent = {"kind": "patrol", "text": "又要停水。", "about": office.things.unit.code, "seen": "1"}
    office.done(CLERK, "reports:new", **sent, join=office.things.case.public_id)
    assert Report.objects.get(street=office.cast.street, text="又要停水。").case is None
    assert office.status(CLERK, "reports:merge", office.things.report.public_id) == 403


def test_a_report_of_nowhere_in_particular_is_in_its_authors_part(office: Office):
    Membership.objects.filter(street=office.cast.street, user=office.cast.grid_worker).update(
        path=office.things.place.path
    )
    office.done(GRID, "reports:new", kind="patrol", text="路灯不亮。", seen="1")
    assert Report.objects.get(street=office.cast.street, text="路灯不亮。").place == office.things.place
    assert "路灯不亮。" in office.get(GRID, "reports:index")


def test_a_number_nobody_has_is_refused_in_words(office: Office):
    page = office.refused(GRID, "reports:new", kind="patrol", text="漏水。", about="PL-999")
    assert "没有这个编号的商铺或总表" in page
    assert "漏水。" in page


def test_what_the_public_says_is_looked_at_before_it_is_accepted(office: Office):
    report = office.things.report
    page = office.get(GRID, "reports:detail", report.public_id)
    assert office.path("reports:begin", report.public_id) in page
    assert office.path("reports:verify", report.public_id) not in page
    office.done(GRID, "reports:begin", report.public_id, now="1")
    office.done(GRID, "reports:verify", report.public_id, finding="收据属实。")
    page = office.get(CHECK, "reports:detail", report.public_id)
    assert "收据属实。" in page
    assert "等立案或并案" in office.get(CHECK, "reports:index")


def test_what_our_own_people_saw_is_accepted_at_once(office: Office):
    report = filed(office)
    office.done(GRID, "reports:verify", report.public_id, finding="看见了。")
    assert office.path("cases:new") in office.get(GRID, "reports:detail", report.public_id)


@pytest.mark.parametrize(("verb", "state"), [("reject", ReportState.REJECTED), ("withdraw", ReportState.WITHDRAWN)])
def test_a_report_is_not_taken_up_for_a_reason(office: Office, verb: str, state: ReportState):
    report = filed(office)
    office.refused(CO, f"reports:{verb}", report.public_id, reason=" ")
    office.done(CO, f"reports:{verb}", report.public_id, reason="不归街道管。")
    report.refresh_from_db()
    assert report.state == state
    assert "不归街道管。" in office.get(AUDIT, "reports:detail", report.public_id)
    assert report.public_id not in office.get(AUDIT, "reports:index")
    assert report.public_id in office.get(AUDIT, "reports:index", show="refused")


def test_many_reports_one_case_and_back_again(office: Office):
    report, case = filed(office), office.things.case
    assert f'<option value="{case.pk}" selected' in office.get(CO, "reports:merge", report.public_id, case=case.pk)
    office.done(CO, "reports:merge", report.public_id, case=case.pk)
    assert report.public_id in office.get(AUDIT, "reports:index", case=case.public_id)
    office.refused(CO, "reports:unmerge", report.public_id, reason="")
    office.done(CO, "reports:unmerge", report.public_id, reason="是另一户。")
    report.refresh_from_db()
    assert (report.case, report.state) == (None, ReportState.VERIFYING)


def test_a_report_that_stands_in_a_case_is_taken_out_before_it_joins_another(office: Office):
    cast, now = office.cast, clock.now()
    report = filed(office)
    report = verify_report(report, finding="属实。", by=cast.grid_worker, at=now)
    first = actions.file_case(cast.street, title="漏水案", reports=[report], by=cast.coordinator, at=now)
    page = office.refused(CO, "reports:merge", report.public_id, case=office.things.case.pk)
    assert f"这条来件已在案 {first.number} 里" in page
    assert office.path("reports:unmerge", report.public_id) in office.get(CO, "reports:detail", report.public_id)
    office.done(CO, "reports:unmerge", report.public_id, reason="另一件事。")
    office.done(CO, "reports:merge", report.public_id, case=office.things.case.pk)
    assert "拆分：另一件事。" in office.get(CO, "cases:detail", first.public_id)


def test_the_case_of_the_same_meter_is_offered_first(office: Office):
    other = actions.file_case(office.cast.street, title="别的事", by=office.cast.coordinator, at=clock.now())
    page = office.get(CO, "reports:merge", office.things.report.public_id)
    assert page.index(f'value="{office.things.case.pk}"') < page.index(f'value="{other.pk}"')


@pytest.mark.parametrize("role", [CO, GRID, CLERK, CHECK, AUDIT])
def test_nobody_reads_who_reported_on_the_way(office: Office, role: Role):
    for page in (office.get(role, "reports:index"), office.get(role, "reports:detail", office.things.report.public_id)):
        assert SECRET not in page


def test_who_reported_is_shown_for_a_reason_that_stays_on_the_trail(office: Office):
    report = office.things.report
    office.refused(GRID, "reports:reporter", report.public_id, reason="")
    answer = office.post(GRID, "reports:reporter", report.public_id, reason="回电话核实门牌。")
    line = TrailLine.objects.get(street=office.cast.street, verb="look_up_reporter")
    assert (line.by, line.data["reason"]) == (office.cast.grid_worker, "回电话核实门牌。")
    shown = office.client(GRID).get(answer.headers["Location"])
    assert SECRET in shown.content.decode()
    assert "查看反映人" in office.get(AUDIT, "reports:detail", report.public_id)
    assert office.client(CO).get(answer.headers["Location"]).status_code == 404


def test_the_whole_words_are_shown_to_who_looks_for_a_reason_alone(office: Office):
    report = filed(office, text="店主说，回电打 13912345678。")
    assert "13912345678" not in office.get(GRID, "reports:detail", report.public_id)
    answer = office.post(GRID, "reports:reporter", report.public_id, reason="回电话核实门牌。")
    assert "回电打 13912345678。" in words(office.client(GRID).get(answer.headers["Location"]))


def test_a_look_ends_after_some_minutes(office: Office, monkeypatch: pytest.MonkeyPatch):
    report = office.things.report
    answer = office.post(GRID, "reports:reporter", report.public_id, reason="回电话。")
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + 301)
    assert office.client(GRID).get(answer.headers["Location"]).status_code == 404


@pytest.mark.parametrize("role", [CLERK, CHECK, AUDIT])
def test_a_report_by_a_shop_names_the_meter_and_the_place_but_not_the_shop(office: Office, role: Role):
    shop, report = office.things.unit, office.things.report
    detail, index = office.get(role, "reports:detail", report.public_id), office.get(role, "reports:index")
    assert [word in detail + index for word in (shop.name, shop.code)] == [False, False]
    assert [office.things.row.point.name in page for page in (detail, index)] == [True, True]
    assert office.things.place.name in detail


@pytest.mark.parametrize("role", [CO, GRID])
def test_who_takes_reports_in_reads_which_shop_it_was(office: Office, role: Role):
    assert office.things.unit.code in office.get(role, "reports:detail", office.things.report.public_id)
    assert office.things.unit.name in office.get(role, "reports:index")


def test_what_others_report_about_a_shop_names_it(office: Office):
    report = submit_report(
        office.cast.street, kind=ReportKind.PATROL, text="在换表。", unit=office.things.unit, by=None, at=clock.now()
    )
    assert office.things.unit.code in office.get(AUDIT, "reports:detail", report.public_id)


def test_who_takes_reports_in_elsewhere_does_not_read_which_shop_it_was(office: Office):
    worker = Membership.objects.get(street=office.cast.street, user=office.cast.grid_worker)
    Membership.objects.filter(pk=worker.pk).update(path="S/B2/")
    worker.pk, worker.role = None, CLERK  # a clerk of the whole street besides
    worker.save()
    page = office.get(GRID, "reports:detail", office.things.report.public_id)
    assert office.things.unit.code not in page
    assert office.things.row.point.name in page


def test_asking_about_a_shop_does_not_tell_a_clerk_that_it_reported(office: Office):
    elsewhere = Place.objects.get(street=office.cast.street, code="B2")  # so that only the shop leads to it
    submit_report(
        office.cast.street, kind=ReportKind.SHOP, text="是我家报的。", unit=office.things.unit, place=elsewhere,
        by=None, at=clock.now(),
    )  # fmt: skip
    sent = {"kind": "patrol", "text": "又要停水。", "about": office.things.unit.code}
    assert "是我家报的。" not in words(office.post(CLERK, "reports:new", **sent))
    assert "是我家报的。" in words(office.post(CO, "reports:new", **sent))


@pytest.mark.parametrize("role", [CLERK, CHECK, AUDIT])
def test_others_may_not_ask_who_reported(office: Office, role: Role):
    assert office.status(role, "reports:reporter", office.things.report.public_id, method="post") == 403


@pytest.mark.parametrize("verb", ["begin", "verify", "reject", "merge"])
def test_an_auditor_may_look_but_not_do(office: Office, verb: str):
    report = office.things.report.public_id
    assert office.path(f"reports:{verb}", report) not in office.get(AUDIT, "reports:detail", report)
    assert office.status(AUDIT, f"reports:{verb}", report, method="post") == 403


def test_who_has_waited_longest_stands_on_top(office: Office):
    later = filed(office)
    page = office.get(CO, "reports:index")
    assert page.index(office.things.report.public_id) < page.index(later.public_id)


def test_more_reports_are_no_more_queries(office: Office, django_assert_max_num_queries):
    for number in range(8):
        filed(office, text=f"第 {number} 件。")
    with django_assert_max_num_queries(6):
        office.get(CO, "reports:index")
    with django_assert_max_num_queries(10):
        office.get(CO, "reports:detail", office.things.report.public_id)
    assert Case.objects.filter(street=office.cast.street).count() == 1
