"""参数与日历: the office's own figures, each with its reason; the working days of a year, each with its document."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import Any

import pytest

from hege.arrears.queries import thresholds_of
from hege.arrears.rules import DEFAULT_THRESHOLDS, ThresholdKind
from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.people.models import Role
from hege.places.queries import unconfirmed_years, workday_calendar
from hege.trail.models import TrailLine
from tests.cast import FRAME_QUERIES, Cast
from tests.places.notices import NOTICE_2026, NOTICE_2027
from tests.web.office import Office, complaints, words

pytestmark = pytest.mark.django_db
ADMIN, CO = Role.ADMINISTRATOR, Role.COORDINATOR
KIND = ThresholdKind.HELD_DAYS
SPRING = dt.date(2027, 2, 8)  # a Monday of a year that was not published when this was written


def test_every_figure_stands_beside_its_default_and_who_changed_it_from_when_by_what(office: Office):
    page = office.get(CO, "settings:index")
    assert [k.label for k in DEFAULT_THRESHOLDS if str(k.label) not in page] == []
    assert "国家计量检定规程 162-2019" in page
    today = clock.today()
    office.done(ADMIN, "settings:threshold", KIND.value, value=20, from_on=str(today), source="区里 11 号文")
    office.done(ADMIN, "settings:threshold", KIND.value, value=25, from_on=str(today + 30 * DAY), source="区里 12 号文")
    page = office.get(CO, "settings:index")
    assert "区里 11 号文" in page
    assert "起改成 25" in page
    assert office.cast.administrator.full_name in page
    assert thresholds_of(office.cast.street, on=today)[KIND] == 20
    said = TrailLine.objects.filter(street=office.cast.street, verb="set_threshold").order_by("seq")[0].data
    assert (said["value"], said["from_on"], said["source"]) == (20, today.isoformat(), "区里 11 号文")
    history = office.get(CO, "settings:threshold_history", KIND.value)
    assert [word for word in ("区里 11 号文", "区里 12 号文", "没有规定，合格的默认值") if word not in history] == []
    assert office.status(Role.GRID_WORKER, "settings:threshold_history", KIND.value) == 404


def test_a_day_gone_by_asks_why_and_shows_what_it_would_move_before_it_is_set(office: Office):
    row = office.things.row
    row.bill("B-9", fen=30_000)
    past = clock.today() - 40 * DAY
    said = {"value": 4000, "from_on": str(past), "source": "区里 11 号文"}
    kind = ThresholdKind.OVERDUE_WORKING_DAYS.value
    answer = office.post(ADMIN, "settings:threshold", kind, **said)
    assert (answer.status_code, complaints(answer)) == (
        422, [f"为什么从过去的日子起：{past} 已经过去，那天起已按原来的数判过；请写明为什么要从那天起按新的算。"],
    )  # fmt: skip
    shown = office.post(ADMIN, "settings:threshold", kind, **said, reason="当时就定了，没有登记")
    assert shown.status_code == 200
    assert [
        word
        for word in ("会动什么", "会没有", "账单逾期", "张账单逾期未缴清", "看过了，照改")
        if word not in words(shown)
    ] == []
    assert thresholds_of(office.cast.street, on=past)[ThresholdKind(kind)] == 0  # looking writes nothing
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', words(shown))
    assert seen
    office.done(ADMIN, "settings:threshold", kind, **said, reason="当时就定了，没有登记", seen=seen[1])
    assert thresholds_of(office.cast.street, on=past)[ThresholdKind(kind)] == 4000
    assert thresholds_of(office.cast.street, on=past - DAY)[ThresholdKind(kind)] == 0


def test_a_figure_of_another_street_stays(office: Office, other_cast: Cast):
    today = clock.today()
    office.done(ADMIN, "settings:threshold", KIND.value, value=20, from_on=str(today), source="区里 11 号文")
    assert thresholds_of(other_cast.street, on=today)[KIND] == DEFAULT_THRESHOLDS[KIND]


@pytest.mark.parametrize(
    ("kind", "value", "source", "said"),
    [
        ("notice_hours", 1, "快一点", "改成：“停水前书面通知（小时）”不能小于 24。"),
        ("held_days", 20, "", "依据：请填写这一项。"),
        ("held_days", -1, "少一点", "改成：确保该值大于或等于0。"),
    ],
)
def test_a_legal_term_is_not_set_away_and_a_source_is_asked(
    office: Office, kind: str, value: int, source: str, said: str
):
    today = str(clock.today())
    answer = office.post(ADMIN, "settings:threshold", kind, value=value, from_on=today, source=source)
    assert (answer.status_code, complaints(answer)) == (422, [said])


def test_a_price_list_is_written_down_with_its_document_and_stands_in_the_list(office: Office):
    assert "还没有登记水价" in office.get(CO, "settings:index")
    office.done(
        ADMIN, "settings:tariff", name="非居民水价", from_on="2026-01-01", supply="1", sewage="2.34", factor="0.9",
        decision="沪发改价管〔2026〕1号",
    )  # fmt: skip
    page = office.get(CO, "settings:index")
    shown = (
        "非居民水价",
        "现行",
        "供水费 1<",
        "污水处理费 2.34 × 0.9",
        "沪发改价管〔2026〕1号",
        office.cast.administrator.full_name,
    )
    assert [word for word in shown if word not in page] == []
    assert office.status(CO, "settings:tariff") == 403


def test_an_unknown_figure_is_not_found_and_a_coordinator_only_looks(office: Office):
    assert office.status(ADMIN, "settings:threshold", "luck") == 404
    assert office.status(CO, "settings:threshold", KIND.value) == 403
    assert 'settings/held_days/"' not in office.get(CO, "settings:index")
    assert office.status(Role.GRID_WORKER, "settings:index") == 404


def test_who_looks_after_a_part_does_not_set_what_holds_for_all(office: Office):
    office.cast.administrator.memberships.update(path=office.things.place.path)
    for name, args in (
        ("settings:threshold", (KIND.value,)),
        ("settings:mark_day", ()),
        ("settings:confirm_year", (2027,)),
    ):
        assert office.status(ADMIN, name, *args) == 403


def test_the_calendar_shows_what_differs_from_monday_to_friday(office: Office):
    page = office.get(CO, "settings:calendar", year="2026")
    assert "10月1日 – 10月7日" in page
    assert "国庆节" in page
    assert "2月14日" in page  # a Saturday that is made up
    assert "11月23日" not in page


def test_a_year_waits_until_its_notice_is_entered_and_the_days_read_from_it_were_seen(office: Office):
    street = office.cast.street
    assert "2027 年还没有确认" in office.get(CO, "settings:calendar", year="2027")
    typed = {"text": NOTICE_2027, "source": "国办发明电〔2026〕8号"}
    shown = office.post(ADMIN, "settings:confirm_year", 2027, **typed)
    assert shown.status_code == 200
    assert "2月5日" in words(shown)
    assert unconfirmed_years(street, [SPRING]) == [SPRING.year]  # looking writes nothing
    seen = re.search(r'name="seen" value="([0-9a-f]+)"', words(shown))
    assert seen
    office.done(ADMIN, "settings:confirm_year", 2027, **typed, seen=seen[1])
    page = office.get(CO, "settings:calendar", year="2027")
    assert "2027 年还没有确认" not in page
    assert "国办发明电〔2026〕8号" in page
    assert unconfirmed_years(street, [SPRING]) == []
    verbs = TrailLine.objects.filter(street=street, thing="places.calendarday").order_by("seq")
    assert list(verbs.values_list("verb", flat=True)) == ["confirm_year"]


def test_another_text_than_the_one_whose_days_were_seen_is_shown_first(office: Office):
    seen = hashlib.sha256("别的".encode()).hexdigest()
    said = office.post(ADMIN, "settings:confirm_year", 2027, text=NOTICE_2027, source="放假通知", seen=seen)
    assert (said.status_code, unconfirmed_years(office.cast.street, [SPRING])) == (200, [SPRING.year])


def test_a_text_that_is_no_notice_of_the_year_is_refused_in_words(office: Office):
    page = office.refused(ADMIN, "settings:confirm_year", 2027, text=NOTICE_2026, source="放假通知")
    assert "请核对是不是 2027 年的通知" in page


def test_a_day_is_marked_by_a_document_and_the_law_is_not_moved(office: Office):
    office.done(ADMIN, "settings:mark_day", day="2027-03-03", kind="rest", name="区里放假", source="区府办〔2027〕1号")
    assert not workday_calendar(office.cast.street)(dt.date(2027, 3, 3))
    said = office.refused(
        ADMIN, "settings:mark_day", day="2027-10-01", kind="work", name="", source="区府办〔2027〕1号"
    )
    assert "法定节假日（国庆节）" in said


@pytest.mark.parametrize("year", ["1999", "2101", "soon", "", "²"])
def test_a_year_that_cannot_be_is_read_as_this_one(office: Office, year: str):
    assert "不一样的日子" in office.get(CO, "settings:calendar", year=year)


def test_the_pages_ask_a_constant_number_of_times(office: Office, django_assert_max_num_queries: Any):
    for number in range(3):
        rates = {"supply": "3.99", "sewage": "2.34", "factor": "0.9", "from_on": "2026-01-01", "decision": "1 号"}
        office.done(ADMIN, "settings:tariff", name=f"价目 {number}", **rates)
    for name, query, most in (("settings:index", {}, 6), ("settings:calendar", {"year": "2026"}, 2)):
        with django_assert_max_num_queries(FRAME_QUERIES + most):
            office.get(CO, name, **query)
