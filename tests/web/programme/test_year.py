"""全年计划 in the office: planned by one, published by another, moved, called off, and copied by festival."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from hege.kernel.calendar import DAY
from hege.people.models import Role
from hege.programme.seasons.almanac import Festival, days_of, months_of, suggested_season
from hege.programme.seasons.models import Activity, Season
from hege.programme.seasons.rules import ActivityState
from tests.cast import FRAME_QUERIES
from tests.web.office import Office, in_days

pytestmark = pytest.mark.django_db
CO, CLERK, AUDIT, GRID = Role.COORDINATOR, Role.CLERK, Role.AUDITOR, Role.GRID_WORKER


def form(office: Office, **said: object) -> dict[str, object]:
    """An activity as somebody fills it in."""
    topic = office.things.year["published"].topic
    return {
        "topic": topic.pk,
        "title": "磨刀修伞",
        "board": "warm_pack",
        "starts_at": f"{in_days(9)} 10:00",
        "ends_at": f"{in_days(9)} 12:00",
        "ally": office.things.year["published"].unit_id,
        "where": "驿站门口",
        "capacity": "20",
        "party_max": "1",
        "waiting_list": "on",
        "budget_fen": "600",
        **said,
    }


def made() -> Activity:
    return Activity.objects.get(title="磨刀修伞")


def test_one_plans_another_publishes_and_everybody_reads_it(office: Office):
    office.done(CLERK, "programme:new", **form(office))
    activity = made()
    assert (activity.budget_fen, activity.capacity, activity.planned_by) == (600_00, 20, office.cast.clerk)
    assert "磨刀修伞" in office.get(AUDIT, "programme:index")
    menu = office.path("menu:menu")
    assert "磨刀修伞" not in office.client(GRID).get(menu).content.decode()
    assert activity.where in office.get(CO, "programme:publish", activity.public_id)
    office.done(CO, "programme:publish", activity.public_id)
    assert "磨刀修伞" in office.client(GRID).get(menu).content.decode()


def test_who_planned_it_finds_no_button_and_is_told_why(office: Office):
    office.done(CO, "programme:new", **form(office))
    page = office.get(CO, "programme:detail", made().public_id)
    assert "排活动的人不能自己发布" in page
    assert office.path("programme:publish", made().public_id) not in page
    assert "排活动的人不能自己发布" in office.refused(CO, "programme:publish", made().public_id)


def test_an_activity_without_a_unit_is_counted_and_cannot_be_published(office: Office):
    office.done(CLERK, "programme:new", **form(office, ally=""))
    assert "1 项还缺牵头单位" in office.get(CO, "programme:index")
    assert "还缺牵头单位" in office.refused(CO, "programme:publish", made().public_id)


def test_every_fault_of_a_form_is_told_beside_its_field(office: Office):
    said = office.refused(
        CLERK, "programme:new", **form(office, ends_at=f"{in_days(9)} 09:00", capacity="1", party_max="2", where=" ")
    )
    assert "请填写这一项" in said
    said = office.refused(
        CLERK, "programme:new", **form(office, ends_at=f"{in_days(9)} 09:00", capacity="1", party_max="2")
    )
    assert "结束时间要在开始时间之后" in said
    assert "名额比一人报名能带的人数还少" in said
    assert not Activity.objects.filter(title="磨刀修伞").exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("2026-01-26", "请写日期和时间"), ("2026-01-26 25:00", "没有这个时间"), ("2026-02-30 10:00", "没有这一天"),
        ("明天 10:00", "请写一个日期"), ("9" * 40, "请写日期和时间"),
    ],
)  # fmt: skip
def test_an_hour_that_is_none_is_said_so(office: Office, typed: str, words: str):
    assert words in office.refused(CLERK, "programme:new", **form(office, starts_at=typed))


def test_what_is_published_is_rescheduled_and_not_rewritten(office: Office):
    activity = office.things.year["published"]
    assert "已经发布，内容不能再改" in office.refused(CLERK, "programme:amend", activity.public_id, **form(office))
    office.done(
        CO, "programme:reschedule", activity.public_id, starts_at=f"{in_days(11)} 09:00", ends_at=f"{in_days(11)} 10:00",
        where="搬到二楼", capacity="40", reason="人太多",
    )  # fmt: skip
    activity.refresh_from_db()
    assert (activity.where, activity.capacity, activity.ics_sequence) == ("搬到二楼", 40, 1)


def test_calling_off_asks_why(office: Office):
    activity = office.things.year["published"]
    assert "请填写这一项" in office.refused(CO, "programme:cancel", activity.public_id, reason="")
    office.done(CO, "programme:cancel", activity.public_id, reason="大雪")
    activity.refresh_from_db()
    assert activity.state == ActivityState.CANCELLED
    assert "大雪" in office.get(CO, "programme:detail", activity.public_id)


def test_a_page_that_is_behind_changes_nothing(office: Office):
    activity = office.things.year["planned"]
    answer = office.post(CO, "programme:publish", activity.public_id, version="99")
    assert answer.status_code == 409
    activity.refresh_from_db()
    assert activity.state == ActivityState.PLANNED


def test_spending_is_shown_against_the_budget(office: Office):
    activity = office.things.year["published"]
    office.done(CLERK, "programme:spending", activity.public_id, spent_fen="123.45")
    page = office.get(CO, "programme:index")
    assert "已用 123.45" in page
    assert "超出 123.45 元" in page  # the season was given no budget


def test_a_season_is_proposed_after_the_last_one_and_by_its_terms(office: Office):
    last = Season.objects.get(street=office.cast.street)
    from_on, until_on = suggested_season(last.until_on)
    page = office.get(CLERK, "programme:new_season")
    assert f'value="{from_on}"' in page
    assert f'value="{until_on - dt.timedelta(days=1)}"' in page
    assert page.count("selected") >= len(months_of(from_on, until_on))


def test_a_season_that_overlaps_another_is_refused_with_its_days(office: Office):
    there = office.things.year["published"].topic.season.from_on
    said = office.refused(
        CLERK, "programme:new_season", name="又一季", from_on=str(there + DAY), last_on=str(there + 2 * DAY)
    )  # fmt: skip
    assert "的日子重叠" in said
    assert Season.objects.filter(street=office.cast.street).count() == 1


def test_a_new_activity_begins_on_a_festival_of_its_month(office: Office):
    topic = office.things.year["published"].topic
    month = [(on, names) for on, names in days_of(topic.month_on.year).items() if on.month == topic.month_on.month]
    on, names = next((on, names) for on, names in month if on >= topic.season.from_on)
    page = office.get(CLERK, "programme:new", topic=topic.pk, on=str(on), festival=names[0].value)
    assert f'value="{on} 10:00"' in page
    assert f'<option value="{names[0].value}" selected>' in page
    asked = office.get(CLERK, "programme:new", topic="9" * 30, on="not a day", festival=Festival.LABA.value)
    assert '<option value="laba" selected>' not in asked


def test_a_copy_is_looked_at_before_anything_is_written(office: Office):
    page = office.get(CLERK, "programme:copy")
    assert Season.objects.filter(street=office.cast.street).count() == 1
    chosen = re.findall(r'name="chosen" value="(\w+)"', page)
    digest = re.search(r'name="digest" value="(\w+)"', page)
    assert digest is not None
    assert len(chosen) == Activity.objects.filter(street=office.cast.street).count()
    office.done(CLERK, "programme:copy", chosen=chosen, digest=digest[1])
    assert Season.objects.filter(street=office.cast.street).count() == 2
    assert Activity.objects.filter(street=office.cast.street, state=ActivityState.PLANNED).count() == 1 + len(chosen)
    again = office.post(CLERK, "programme:copy", chosen=chosen, digest=digest[1])
    assert again.status_code in (409, 422)


def test_the_year_asks_little(office: Office, django_assert_max_num_queries):
    for n in range(12):
        office.done(CLERK, "programme:new", **form(office, title=f"第 {n} 项"))
    with django_assert_max_num_queries(FRAME_QUERIES + 5):
        office.get(CO, "programme:index")


@pytest.mark.parametrize("asked", ["0", "2", "99", "9" * 40, "abc", "²"])
def test_a_year_that_is_not_there_is_the_present_one(office: Office, asked: str):
    assert "待发布的 ZB-NEAR" in office.get(CO, "programme:index", year=asked)
