"""The page of a season's figures: the answer, tables beneath charts, no small number of people anywhere, a workbook."""

from __future__ import annotations

import datetime as dt
import re
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from hege.kernel import clock
from hege.members.actions import join_with_card
from hege.members.rules import MemberWork
from hege.people.models import Role
from hege.programme.activities.actions import close_attendances, sign_up, staff_check_in
from hege.programme.seasons.actions import plan_activity, publish_activity
from hege.programme.seasons.models import Season
from hege.programme.seasons.rules import ActivityDraft, Board
from hege.trail.models import TrailLine
from tests.web.office import Office

pytestmark = pytest.mark.django_db
CO, CLERK, AUDIT, GRID = Role.COORDINATOR, Role.CLERK, Role.AUDITOR, Role.GRID_WORKER


@pytest.fixture
def season(office: Office) -> Season:
    """The season of the office, with an activity of yesterday that nine riders and two couriers came to."""
    found: Season = office.things.year["season"]
    cast, begins = office.cast, clock.now() - dt.timedelta(hours=22)
    draft = ActivityDraft("试骑", Board.VITAL, begins, begins + dt.timedelta(hours=1), "驿站门口", capacity=20)
    who: dict[str, Any] = {"at": begins - dt.timedelta(hours=1)}
    unit, topic = office.things.year["published"].unit, found.topics.get(street=cast.street)
    activity = publish_activity(
        plan_activity(topic, draft=draft, unit=unit, by=cast.clerk, **who), by=cast.coordinator, **who
    )
    for n in range(11):
        work = MemberWork.FOOD_RIDER if n > 1 else MemberWork.COURIER
        member = join_with_card(cast.street, called=f"骑手{n}", work=work, consents={}, by=cast.clerk, **who)
        sign_up(activity, member=member, by=None, **who)
        staff_check_in(activity, member=member, by=cast.clerk, at=begins)
    close_attendances(cast.street, by=None, at=begins + dt.timedelta(hours=2))
    return found


def test_the_year_leads_to_each_season_and_the_page_answers(office: Office, season: Season):
    year = office.get(CLERK, "programme:index")
    address = office.path("programme:figures", season.public_id)
    assert address in year
    page = office.get(CLERK, "programme:figures", season.public_id)
    assert f"{season.name}：11 个人来过，一共 11 人次" in page
    assert "公众反映的都算" in page
    assert len(re.findall(r'<svg class="ch-columns" role="img" aria-label="[^"]+"', page)) >= 2
    assert office.path("programme:export", season.public_id) not in page
    assert address not in office.get(GRID, "programme:index")


def test_a_column_of_what_is_not_said_has_no_height(office: Office, season: Season):
    page = office.get(CO, "programme:figures", season.public_id)
    drawn = re.findall(r'height="([\d.]+)%" class="ch-column"\s*>\s*<title>(.*?)</title>', page)
    assert ("0.00", "快递员 <5") in drawn
    assert all(height == "0.00" for height, title in drawn if title.endswith(("<5", "—")))


def test_the_workbook_says_what_the_page_says_and_is_on_the_trail(office: Office, season: Season):
    client = office.client(AUDIT)
    ticket = client.post(office.path("programme:export", season.public_id)).headers["Location"]
    line = TrailLine.objects.filter(verb="export_figures").get()
    assert line.data["asked"]["season"] == season.public_id
    answer = client.get(ticket)
    rows = list(load_workbook(BytesIO(answer.content)).worksheets[0].values)
    assert rows[0] == ("部分", "什么", "哪一天", "数的是什么", "数")
    assert len(rows) - 1 == line.data["rows"]
    people = [row[-1] for row in rows if row[0] == "来过的人"]
    assert people == ["少于5人", 9, "少于5人", "少于5人", 11]
