"""今天: what is due, worst first; each role's first page answers its own question."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hege.arrears.cutoff.actions import defer_cutoff, demand_payment, give_notice
from hege.arrears.cutoff.rules import ConditionDraft, ConditionKind, Delivery
from hege.arrears.early_warning.actions import record_warnings
from hege.billing.actions import AcknowledgementDraft, acknowledge_debts
from hege.billing.chart import TransactionKind
from hege.cases.actions import add_party, dispatch_case, file_case
from hege.cases.models import Case
from hege.cases.reports.actions import merge_report, submit_report
from hege.cases.rules import PartyRole, ReportKind
from hege.cases.tasks.actions import add_task
from hege.conferences.actions import call_conference, record_decision, record_meeting
from hege.kernel import clock, counted
from hege.kernel.clock import at_noon
from hege.people.models import Membership, Role, Street, User
from hege.places.actions import seed_calendar, take_notice
from hege.places.models import CalendarDay, DayKind
from hege.places.queries import workday_calendar
from hege.procedures.actions import keep_watch
from hege.trail.actions import record_upkeep
from hege.trail.models import UpkeepKind
from hege.web.access import Desk
from hege.web.today import page as today_page
from hege.web.today.page import Board
from tests.cast import FRAME_QUERIES, NOW, PASSWORD, Cast, Row, forget
from tests.places.notices import NOTICE_2027

pytestmark = pytest.mark.django_db
HERE = "/310117006/"
DAY = dt.timedelta(days=1)


def desk_of(cast: Cast, today: dt.date) -> Desk:
    return Desk(cast.coordinator, cast.street, tuple(cast.coordinator.memberships.all()), today)


def the_case(cast: Cast, row: Row, *, on: dt.date) -> Case:
    """A dispatched case about the meter, led by the street's own office, with the utility beside it."""
    at = at_noon(on)
    case = file_case(row.street, title="蟠龙路总表欠费", point=row.point, by=cast.coordinator, at=at)
    case = dispatch_case(case, lead=cast.office, days=5, by=cast.coordinator, at=at)
    add_party(case, party=cast.utility, role=PartyRole.UTILITY, by=cast.coordinator, at=at)
    return case


def task(cast: Cast, case: Case, *, title: str, days: int, on: dt.date, outside: bool = True) -> None:
    party = cast.utility if outside else cast.office
    add_task(case, party=party, title=title, days=days, by=cast.coordinator, at=at_noon(on))


def text(client: Client, address: str = HERE) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_an_empty_day_says_so(client: Client, cast: Cast):
    client.force_login(cast.coordinator)
    page = text(client)
    assert "今天没有逾期和到期的事；水费预警还没有核对过：网站启动以后每天自动核对" in page
    assert "没有待处理的预警" not in page
    assert "手上没有要办的事" in page


def test_a_calm_street_says_when_it_was_watched_over(client: Client, cast: Cast):
    keep_watch(cast.street, on=dt.date(2026, 3, 2), by=None, at=at_noon(dt.date(2026, 3, 2)))
    client.force_login(cast.coordinator)
    page = text(client)
    assert "没有待处理的预警，截至 3月2日 12:00 的核对。" in page
    assert "今天没有逾期和到期的事；水费预警截至 3月2日 12:00 的核对。" in page


def test_the_latest_stands_first_whatever_kind_it_is(client: Client, cast: Cast, row: Row):
    today = clock.today()
    case = the_case(cast, row, on=today - 30 * DAY)
    task(cast, case, title="早该答复的", days=1, on=today - 30 * DAY)
    task(cast, case, title="刚刚交办的", days=1, on=today)
    conference = call_conference(
        case,
        meets_on=today - 9 * DAY,
        parties=[cast.utility, cast.office],
        by=cast.coordinator,
        at=at_noon(today - 10 * DAY),
    )
    conference = record_meeting(
        conference,
        held_on=today - 9 * DAY,
        attended=[(cast.utility, ""), (cast.office, "")],
        by=cast.coordinator,
        at=at_noon(today - 9 * DAY),
    )
    record_decision(
        conference,
        lead=cast.utility,
        measure="公示收缴明细",
        due_on=today - 7 * DAY,
        by=cast.coordinator,
        at=at_noon(today - 9 * DAY),
    )
    client.force_login(cast.coordinator)
    page = text(client, f"{HERE}?show=all").split("要办 ")[1]
    due = ["早该答复的", "公示收缴明细", "刚刚交办的"]
    assert sorted(due, key=page.index) == due


def test_a_case_waits_on_the_board_for_its_next_step(client: Client, cast: Cast, row: Row):
    today = clock.today()
    the_case(cast, row, on=today - 30 * DAY)
    file_case(row.street, title="下水倒灌", by=cast.coordinator, at=clock.now())
    board = Board(desk_of(cast, today), "all")
    lines = [(r.title, board.verb(r).label, r.late) for r in board.rows]
    assert lines == [("蟠龙路总表欠费", "催办", True), ("下水倒灌", "派遣", False)]


def test_only_the_worst_are_shown_and_the_rest_is_one_click_away(client: Client, cast: Cast, row: Row):
    confirm_the_years(row.street)
    today = clock.today()
    case = the_case(cast, row, on=today)
    for number in range(7):
        task(cast, case, title=f"事 {number}", days=1, on=today - 9 * DAY)
    client.force_login(cast.coordinator)
    assert "还有 1 件，看全部" in text(client)
    # and once for the party that has not answered, once for all that are late
    assert text(client, f"{HERE}?show=all").count("催办") == 7 + 2


def test_every_tile_says_the_worst_of_its_group(cast: Cast, row: Row):
    today = clock.today()
    case = the_case(cast, row, on=today - 30 * DAY)
    task(cast, case, title="早该答复的", days=1, on=today - 30 * DAY)
    tiles = {str(tile["label"]): tile for tile in Board(desk_of(cast, today)).tiles}
    calendar = workday_calendar(cast.street)
    late = max(-calendar.days_left(t.due_on, today) for t in case.tasks.all())
    assert (str(tiles["已逾期"]["n"]), tiles["已逾期"]["late"]) == ("2", True)  # the task, and the case itself
    assert tiles["已逾期"]["note"] == f"最久 {late} 个工作日"
    assert tiles["等单位回话"]["note"] == "水务公司 最久"


@pytest.mark.both
def test_beyond_what_is_counted_there_may_be_more(cast: Cast, row: Row, monkeypatch: pytest.MonkeyPatch):
    today = clock.today()
    case = the_case(cast, row, on=today - 30 * DAY)
    for number in range(4):
        task(cast, case, title=f"事 {number}", days=1, on=today - 30 * DAY)
    for module in (today_page, counted):
        monkeypatch.setattr(module, "COUNTED", 2)
    many = Board(desk_of(cast, today))
    assert (many.late, many.count("outside").or_more, many.for_today) == (
        counted.Counted(4, or_more=True),
        True,
        (0, False),
    )
    assert (str(counted.Counted(1012, or_more=True)), str(counted.Counted(1012))) == ("1000+", "1012")
    monkeypatch.setattr(today_page, "COUNTED", 4)
    assert Board(desk_of(cast, today)).late == (5, False)  # the four, and the case itself


def test_who_has_not_answered_is_counted_by_party_the_longest_first(cast: Cast, row: Row):
    today = clock.today()
    case = the_case(cast, row, on=today - 30 * DAY)
    task(cast, case, title="甲", days=20, on=today - 2 * DAY)
    task(cast, case, title="乙", days=1, on=today - 30 * DAY, outside=False)
    assert [(s.party.name, s.count.n) for s in Board(desk_of(cast, today)).silent] == [("城建中心", 1), ("水务公司", 1)]


def test_the_squares_show_how_each_shop_stands(cast: Cast, row: Row):
    row.bill(fen=300)
    case = the_case(cast, row, on=clock.today())
    for unit in row.units[:2]:
        report = submit_report(row.street, kind=ReportKind.VISIT, text="欠费", unit=unit, by=cast.grid_worker, at=NOW)
        merge_report(report, case, by=cast.coordinator, at=NOW)
    row.pay(TransactionKind.RECEIPT, 100, on=dt.date(2026, 3, 1), unit=0)
    row.pay(TransactionKind.RECEIPT, 100, on=dt.date(2026, 3, 1), unit=1, confirmed=False)
    board = Board(desk_of(cast, clock.today()))
    assert [s["state"] for s in board.squares] == ["paid", "claimed", "unknown"]
    draft = AcknowledgementDraft(point=row.point, tenancy=row.tenancies[2], on=dt.date(2026, 3, 1), amount_fen=50)
    acknowledge_debts(row.street, [draft], by=None, at=NOW)
    assert [s["state"] for s in Board(desk_of(cast, clock.today())).squares] == ["paid", "claimed", "unpaid"]
    assert board.roots[0].reported == 2


def confirm_the_years(street: Street) -> None:
    """The notices of the run's year and of those beside it are in: what is overdue then does not wait for them."""
    for year in range(clock.today().year - 1, clock.today().year + 2):
        said = {"kind": DayKind.REST, "source": "测试"}
        CalendarDay.objects.get_or_create(street=street, day=dt.date(year, 1, 1), defaults=said)


def deferred(row: Row, today: dt.date) -> None:
    confirm_the_years(row.street)
    row.bill(fen=90_000)
    early, late = at_noon(today - 30 * DAY), at_noon(today - 5 * DAY)
    demand = demand_payment(
        row.point, how=Delivery.IN_PERSON, proof="签收", delivered_on=early.date(), by=None, at=early
    )
    notice = give_notice(demand.notice, how=Delivery.POSTED, proof="照片", served_at=late, by=None, at=late)
    conditions = [
        ConditionDraft(ConditionKind.REMIT_AT_LEAST, today + DAY, fen=30_000),
        ConditionDraft(ConditionKind.OTHER, today, text="每周公示收缴明细"),
    ]
    defer_cutoff(notice, until=today + 10 * DAY, conditions=conditions, by=None, at=at_noon(today))


def test_a_deferral_stands_with_its_conditions_and_they_are_due_like_anything_else(
    client: Client, cast: Cast, row: Row
):
    deferred(row, clock.today())
    client.force_login(cast.coordinator)
    page = text(client)
    assert "暂缓停水 · ZB-1 总表" in page
    assert page.count("每周公示收缴明细") >= 2  # in the list and under its deferral, on a working day in its tile too
    assert "未到账" in page


def test_a_deferral_whose_condition_was_broken_is_told_in_the_first_sentence(client: Client, cast: Cast, row: Row):
    deferred(row, clock.today() - 5 * DAY)
    client.force_login(cast.coordinator)
    page = text(client)
    assert "ZB-1 总表的暂缓条件没有做到，不再暂缓停水" in page
    assert "起不再暂缓" in page.partition("暂缓停水 · ZB-1 总表")[2]


def test_an_overdue_bill_is_due_until_somebody_takes_it_up(client: Client, cast: Cast, row: Row):
    row.bill(fen=90_000)
    record_warnings(row.street, on=clock.today(), by=None, at=clock.now())
    client.force_login(cast.coordinator)
    assert "ZB-1 总表账单逾期" in text(client)


@pytest.mark.both
def test_a_clerk_sees_the_tasks_of_their_own_office(client: Client, cast: Cast, row: Row):
    today = clock.today()
    case = the_case(cast, row, on=today)
    task(cast, case, title="城建中心的事", days=1, on=today, outside=False)
    task(cast, case, title="水务公司的事", days=1, on=today)
    client.force_login(cast.clerk)
    page = text(client)
    assert ("城建中心的事" in page, "水务公司的事" in page) == (True, False)


@pytest.mark.both
def test_the_agents_first_page_says_what_they_hold(client: Client, cast: Cast, row: Row):
    row.point.roles.update(party=cast.agent_party)
    row.bill(fen=90_000)
    row.pay(TransactionKind.RECEIPT, 12_345, on=dt.date(2026, 3, 1), unit=0)
    client.force_login(cast.agent)
    assert "您手里还有 123.45 元没交水司" in text(client)


def test_the_auditors_first_page_says_what_is_proven(client: Client, cast: Cast, row: Row):
    row.pay(TransactionKind.RECEIPT, 12_345, on=dt.date(2026, 3, 1), unit=0)
    client.force_login(cast.auditor)
    assert "还没有全面核对过" in text(client)
    keep_watch(cast.street, on=dt.date(2026, 3, 2), by=None, at=at_noon(dt.date(2026, 3, 2)))
    page = text(client)
    assert "没有对不上的余额，截至 3月2日 12:00 的核对。" in page
    assert "1 已证实的收付" in page
    assert "每日核对 街道" in page
    assert "keep_watch" not in page


def test_the_auditor_is_told_when_everything_was_last_verified(client: Client, cast: Cast):
    client.force_login(cast.auditor)
    at = dt.datetime(2026, 3, 1, 18, 30, tzinfo=dt.UTC)
    record_upkeep(UpkeepKind.VERIFY, well=True, note="核对了 400 行", at=at)
    with CaptureQueriesContext(connection) as asked:
        page = text(client)
    assert "3月2日 02:30 全面核对过，没有改动" in page
    assert "核对了 400 行" in page
    assert len(asked) <= 12, len(asked)
    record_upkeep(UpkeepKind.VERIFY, well=False, note="第 7 行改过", at=at + DAY)
    page = text(client)
    assert "全面核对查出了问题，请先看" in page
    assert "第 7 行改过" in page


def test_the_board_asks_at_most_twenty_eight_questions_of_its_own(
    client: Client, cast: Cast, row: Row, django_assert_max_num_queries: Any
):
    today = clock.today()
    deferred(row, today)
    case = the_case(cast, row, on=today - 9 * DAY)
    for number in range(6):
        task(cast, case, title=f"事 {number}", days=1, on=today - 9 * DAY)
    client.force_login(cast.coordinator)
    with django_assert_max_num_queries(28 + FRAME_QUERIES):
        client.get(HERE)


# -- the calendar and the first steps ----------------------------------------------------------------------------------


def test_a_term_in_a_year_nobody_confirmed_is_told_to_who_sees_to_it(client: Client, cast: Cast, row: Row):
    seed_calendar(cast.street, [2026, 2027])
    case = the_case(cast, row, on=dt.date(2026, 11, 2))
    client.force_login(cast.coordinator)
    assert "2027 年的工作日历还没有确认" not in text(client)
    task(cast, case, title="明年的事", days=60, on=dt.date(2026, 11, 23))
    assert "2027 年的工作日历还没有确认" in text(client)
    client.force_login(cast.administrator)
    assert "2027 年的放假通知尚未录入" in text(client)
    client.force_login(cast.checker)
    assert "2027 年" not in text(client)
    take_notice(cast.street, year=2027, text=NOTICE_2027, source="放假通知", by=cast.administrator, at=NOW)
    client.force_login(cast.coordinator)
    assert "2027 年的工作日历还没有确认" not in text(client)


@pytest.mark.both
def test_a_cases_own_term_counts_and_so_does_a_year_that_is_not_there(client: Client, cast: Cast, row: Row):
    seed_calendar(cast.street, [2026, 2027])
    Case.objects.filter(pk=the_case(cast, row, on=dt.date(2026, 11, 2)).pk).update(due_on=dt.date(2027, 1, 15))
    client.force_login(cast.coordinator)
    assert "2027 年的工作日历还没有确认" in text(client)
    forget(CalendarDay.objects.filter(day__year=2026))
    case = the_case(cast, row, on=dt.date(2026, 11, 3))
    task(cast, case, title="今年的事", days=2, on=dt.date(2026, 11, 3))
    assert "2026 年的工作日历还没有确认" in text(client)


@pytest.mark.both
def test_a_new_street_tells_its_administrator_five_steps(client: Client, street: Street):
    user = User.objects.create_user("first", PASSWORD)
    Membership.objects.create(street=street, user=user, role=Role.ADMINISTRATOR, from_on=dt.date(2026, 1, 1))
    client.force_login(user)
    page = text(client)
    assert "把街道用起来 办好了 1 / 5" in page
    assert "新增人员" in page


def test_the_steps_go_on_as_things_are_there_and_vanish(client: Client, cast: Cast, row: Row):
    client.force_login(cast.administrator)
    assert "办好了 3 / 5" in text(client)
    row.bill()
    assert "办好了 4 / 5" in text(client)
    assert client.post(f"{HERE}units/posters/ZB-1/hung/").status_code == 302
    assert "把街道用起来" not in text(client)


def test_nobody_else_is_told_the_steps(client: Client, cast: Cast):
    client.force_login(cast.coordinator)
    assert "把街道用起来" not in text(client)


@pytest.mark.both
def test_who_audits_a_part_of_the_street_does_not_open_with_the_proof_of_all_of_it(client: Client, cast: Cast):
    client.force_login(cast.auditor)
    assert "最近办了什么" in client.get("/310117006/").content.decode()
    cast.auditor.memberships.update(path="S/B1/")
    assert "最近办了什么" not in client.get("/310117006/").content.decode()


def test_who_looks_after_a_part_of_the_street_is_not_sent_to_import(client: Client, cast: Cast):
    client.force_login(cast.administrator)
    assert "去导入" in client.get("/310117006/").content.decode()
    cast.administrator.memberships.update(path="S/B1/")
    assert "去导入" not in client.get("/310117006/").content.decode()
