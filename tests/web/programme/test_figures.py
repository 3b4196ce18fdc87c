"""The page of a season's figures: the answer, tables beneath charts, no small number of people anywhere, a workbook."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from hege.people.models import Role
from hege.programme.seasons.models import Season
from hege.trail.models import TrailLine
from tests.web.office import Office

pytestmark = pytest.mark.django_db
CO, CLERK, AUDIT, GRID = Role.COORDINATOR, Role.CLERK, Role.AUDITOR, Role.GRID_WORKER


@pytest.fixture
def season(office: Office) -> Season:
    """The season of the office, one of whose activities is over."""
    found: Season = office.things.year["season"]
    return found


def test_the_year_leads_to_each_season_and_the_page_answers(office: Office, season: Season):
    year = office.get(CLERK, "programme:index")
    address = office.path("programme:figures", season.public_id)
    assert address in year
    page = office.get(CLERK, "programme:figures", season.public_id)
    assert season.name in page
    assert "公众反映的都算" in page
    assert len(re.findall(r'<svg class="ch-columns" role="img" aria-label="[^"]+"', page)) >= 2
    assert office.path("programme:export", season.public_id) not in page
    assert address not in office.get(GRID, "programme:index")


def test_a_column_of_what_is_not_said_has_no_height(office: Office, season: Season):
    page = office.get(CO, "programme:figures", season.public_id)
    drawn = re.findall(r'height="([\d.]+)%" class="ch-column"\s*>\s*<title>([^<]*)</title>', page)
    assert drawn
    assert all(height == "0.00" for height, title in drawn if title.endswith(("<5", "&lt;5", "—")))


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
    assert len(people) == 5
    assert not {1, 2, 3, 4} & set(people)
    assert "少于5人" in people
