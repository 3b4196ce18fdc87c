"""预警: worst first, each with its figures and rows; taken note of with a reason, or made a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from hege.arrears.early_warning.actions import raise_report, record_warnings
from hege.arrears.early_warning.models import EarlyWarning
from hege.billing.chart import TransactionKind
from hege.cases.models import Case, Report
from hege.cases.reports.actions import submit_report, verify_report
from hege.cases.rules import ReportKind
from hege.kernel import clock
from hege.kernel.clock import at_noon
from hege.procedures.actions import keep_watch
from tests.cast import FRAME_QUERIES, Cast, Row, make_row
from tests.web.html import Page

pytestmark = pytest.mark.django_db
HERE = "/310117006/warnings/"


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.coordinator)
    return client


@pytest.fixture
def warned(row: Row) -> Row:
    """A meter with an overdue bill, and money its agent has held for months."""
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 30_000, on=dt.date(2026, 2, 3), unit=0)
    record_warnings(row.street, on=clock.today(), by=None, at=clock.now())
    return row


def overdue() -> EarlyWarning:
    return EarlyWarning.objects.get(kind="bill_overdue")


def test_the_most_pressing_kind_stands_first(at_desk: Client, warned: Row):
    html = at_desk.get(HERE).content.decode()
    assert html.index("账单逾期</a>") < html.index("收了久未交</a>")


def test_a_warning_says_what_is_wrong_what_waiting_costs_and_on_which_rows_it_rests(at_desk: Client, warned: Row):
    html = at_desk.get(f"{HERE}{overdue().public_id}/").content.decode()
    assert "再等下去" in html
    bill = warned.point.bills.get()
    assert f"/310117006/meters/ZB-1/bills/{bill.pk}/" in html


def test_taking_note_needs_a_reason_and_takes_it_off_the_list(at_desk: Client, warned: Row):
    where = f"{HERE}{overdue().public_id}/acknowledge/"
    assert at_desk.post(where, {"note": ""}).status_code == 422
    assert at_desk.post(where, {"note": "代收人答应周五交"}).status_code == 302
    assert "账单逾期</a>" not in at_desk.get(HERE).content.decode()
    assert "账单逾期</a>" in at_desk.get(HERE, {"show": "acknowledged"}).content.decode()
    assert "代收人答应周五交" in at_desk.get(f"{HERE}{overdue().public_id}/").content.decode()


def test_a_warning_becomes_a_report_once(at_desk: Client, warned: Row):
    where = f"{HERE}{overdue().public_id}/report/"
    assert at_desk.post(where).status_code == 302
    assert Report.objects.get().point == warned.point
    assert at_desk.post(where).status_code == 422
    assert Report.objects.count() == 1


def test_an_auditor_looks_but_does_not_take_note(client: Client, cast: Cast, warned: Row):
    client.force_login(cast.auditor)
    where = f"{HERE}{overdue().public_id}/"
    assert "记为已知悉" not in client.get(where).content.decode()
    assert client.post(f"{where}acknowledge/", {"note": "x"}).status_code == 403


def test_an_agent_does_not_learn_that_there_are_warnings(client: Client, cast: Cast, warned: Row):
    client.force_login(cast.agent)
    assert client.get(HERE).status_code == 404


def test_another_streets_warning_is_not_there(at_desk: Client, other_cast: Cast):
    make_row(other_cast.street, code="ZB-FAR").bill(fen=90_000)
    record_warnings(other_cast.street, on=clock.today(), by=None, at=clock.now())
    assert "ZB-FAR" not in at_desk.get(HERE).content.decode()
    assert at_desk.get(f"{HERE}{overdue().public_id}/").status_code == 404


def test_a_quiet_street_is_told_so(at_desk: Client, row: Row):
    assert "没有待处理的预警" not in at_desk.get(HERE).content.decode()
    keep_watch(row.street, on=dt.date(2026, 1, 5), by=None, at=at_noon(dt.date(2026, 1, 5)))
    assert "没有待处理的预警，截至 1月5日 12:00 的核对。" in at_desk.get(HERE).content.decode()


def test_the_list_asks_as_often_for_many_warnings_as_for_one(
    at_desk: Client, make_shops: Callable[..., Row], django_assert_max_num_queries: Any
):
    for number in range(6):
        shops = make_shops(code=f"ZB-{number}")
        shops.bill(f"B-{number}", fen=90_000)
    record_warnings(shops.street, on=clock.today(), by=None, at=clock.now())
    with django_assert_max_num_queries(3 + FRAME_QUERIES):
        at_desk.get(HERE)
    with django_assert_max_num_queries(4 + FRAME_QUERIES):
        at_desk.get(f"{HERE}{EarlyWarning.objects.filter(kind='bill_overdue')[0].public_id}/")


def sent(client: Client, address: str) -> str:
    """Send the form of a page untouched, as a browser does; where it leads."""
    page = Page(client.get(address).content.decode())
    form = next(form for form in page.forms if form.method == "post" and "title" in form.values)
    answer = client.post(address, form.values)
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


def test_a_case_is_filed_from_a_warning_with_nothing_typed_again(at_desk: Client, warned: Row):
    page = Page(at_desk.get(f"{HERE}{overdue().public_id}/").content.decode())
    (address,) = {link for link in page.links if "cases/new" in link}
    where = sent(at_desk, address)
    case = Case.objects.get()
    assert where == f"/310117006/cases/{case.public_id}/"
    assert (case.title, case.point) == (f"{warned.point.name}：账单逾期", warned.point)
    report = Report.objects.get()
    assert (report.case, report.kind, overdue().report) == (case, ReportKind.WARNING, report)


def test_a_warning_that_is_a_report_already_ticks_it(at_desk: Client, cast: Cast, warned: Row):
    who: Any = {"by": cast.coordinator, "at": clock.now()}
    report = verify_report(raise_report(overdue(), **who), finding="看过账。", **who)
    sent(at_desk, f"/310117006/cases/new/?warning={overdue().public_id}")
    report.refresh_from_db()
    assert report.case == Case.objects.get()
    assert Report.objects.count() == 1


def test_a_case_is_filed_from_a_report_with_its_words_its_meter_and_its_tick(at_desk: Client, cast: Cast, row: Row):
    who: Any = {"by": cast.coordinator, "at": clock.now()}
    made = submit_report(row.street, kind=ReportKind.PATROL, text="要停水了。商户都很急。", point=row.point, **who)
    verify_report(made, finding="属实。", **who)
    sent(at_desk, f"/310117006/cases/new/?report={made.public_id}")
    case = Case.objects.get()
    assert (case.title, case.summary, case.point) == ("要停水了", "要停水了。商户都很急。", row.point)
    assert Report.objects.get().case == case


def test_a_warning_of_another_street_fills_in_nothing(at_desk: Client, other_cast: Cast, row: Row):
    make_row(other_cast.street, code="ZB-FAR").bill(fen=90_000)
    record_warnings(other_cast.street, on=clock.today(), by=None, at=clock.now())
    far = EarlyWarning.objects.filter(street=other_cast.street)[0].public_id
    assert "ZB-FAR" not in at_desk.get(f"/310117006/cases/new/?warning={far}").content.decode()
