"""Every list of the office can be taken along as a table: all its rows, under its filter, and nothing that its reader may not see."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from typing import Any

import openpyxl
import pytest
from django.urls import reverse

from hege.cli.work import do_jobs
from hege.jobs.models import Job
from hege.kernel import clock
from hege.people.models import Role
from hege.places.models import Unit
from hege.search.actions import index_rows
from hege.trail.models import TrailLine
from hege.web.lists.reading import sheets_of
from hege.web.shell import NO_LISTS
from tests.routes import Route
from tests.web.html import Page
from tests.web.office import Office, words
from tests.web.streets import Streets, each, told, typical, verb_of
from tests.web.test_lists import LISTS, rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

COUNTED = re.compile(r'class="hg-pager[^>]*>.*?(?:共|·)\s*(\d+) 条', re.S)


def sheets(content: bytes) -> list[list[tuple[Any, ...]]]:
    """The rows of each sheet, its headings first."""
    return [list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets]


@pytest.mark.slow
@each([r for r in LISTS if r.name not in NO_LISTS])
class EveryListTaken(Streets):
    """One list at a time, by the first role that sees it."""

    def each_list_is_a_table_of_as_many_rows(self, route: Route) -> Iterator[str]:
        user = self.near.cast.of(typical(verb_of(route))[0])
        path, take = (
            route.path(street_code=self.near.cast.street.code),
            reverse("lists:take", args=[self.near.cast.street.code]),
        )
        page = told(self.ask("get", path, user))
        if not any(form.action == take and form.values["address"] == [path] for form in Page(page).forms):
            if rows_of(page):
                yield "cannot be taken along"
            return
        client = self.client_of(user)
        table = client.get(client.post(take, {"address": path}).headers["Location"])
        taken = sheets(table.content)
        if sum(len(rows) - 1 for rows in taken) != len(rows_of(page)):
            yield f"has {len(rows_of(page))} rows, and {[len(rows) - 1 for rows in taken]} in its table"
        counted = [int(n) for n in COUNTED.findall(page)]
        if len(counted) == 1 and counted[0] not in [len(rows) - 1 for rows in taken]:
            yield f"counts {counted[0]}"


@pytest.mark.pages
def test_a_long_list_is_taken_whole_under_its_filter_and_stands_on_the_trail(office: Office):
    place, street = office.things.place, office.cast.street
    index_rows(
        Unit.objects.bulk_create([Unit(street=street, place=place, code=f"QA{n:03}", name="=1+1") for n in range(61)])
    )
    client, path = office.client(Role.COORDINATOR), office.path("units:index") + "?q=QA&page=2"
    assert len(rows_of(words(client.get(path)))) == 11
    taken = client.post(office.path("lists:take"), {"address": path})
    table = client.get(taken.headers["Location"])
    (rows,) = sheets(table.content)
    assert len(rows) == 62
    assert all(any("=1+1" in str(cell) for cell in row) for row in rows[1:])
    kinds = {cell.data_type for row in openpyxl.load_workbook(io.BytesIO(table.content)).worksheets[0] for cell in row}
    assert "f" not in kinds  # none is a formula
    line = TrailLine.objects.latest("seq")
    assert (line.verb, line.data["rows"], line.data["asked"]) == ("export_list", 61, {"list": path})
    assert office.client(Role.CLERK).get(taken.headers["Location"]).status_code == 404


@pytest.mark.pages
def test_what_is_too_long_to_wait_for_is_the_workers_and_is_as_its_reader_sees_it(
    office: Office, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.AT_ONCE_ROWS = 5
    monkeypatch.setattr("hege.web.lists.drawing.EACH", 7)
    index_rows(
        Unit.objects.bulk_create(
            Unit(street=office.cast.street, place=office.things.place, code=f"QA{n:03}", name=f"铺 {n}")
            for n in range(61)
        )
    )
    client, path = office.client(Role.COORDINATOR), office.path("units:index") + "?q=QA&page=2"
    answer = client.post(office.path("lists:take"), {"address": path})
    job = Job.objects.get(by=office.cast.coordinator)
    assert answer.headers["Location"] == office.path("jobs:job", job.public_id)
    do_jobs(me="one", now=clock.now)
    handed = client.post(office.path("jobs:fetch", job.public_id))
    (rows,) = sheets(client.get(handed.headers["Location"]).content)
    assert len(rows) == 62
    assert len({row[0] for row in rows}) == 62
    line = TrailLine.objects.latest("seq")
    assert (line.verb, line.data["rows"], line.data["asked"]) == ("export_list", 61, {"list": path})
    assert office.client(Role.CLERK).get(handed.headers["Location"]).status_code == 404


@pytest.mark.pages
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/310117999/cases/", 404),
        ("/me/", 404),
        ("trail:index", 404),
        ("cases:new", 404),
        ("jobs:index", 404),
    ],
)
def test_a_page_of_another_street_one_not_theirs_and_a_form_are_not_there(office: Office, address: str, status: int):
    said = office.path(address) if ":" in address else address
    answer = office.client(Role.CLERK).post(office.path("lists:take"), {"address": said})
    assert answer.status_code == status


def test_amounts_counts_and_days_are_what_they_are_and_pictures_and_verbs_are_left_out():
    title, (sheet,) = sheets_of(
        """<h1>总表 <small>3 块</small></h1><table class="hg-table has-verb"><caption>账</caption><thead><tr><th></th>
        <th>表号</th><th>欠</th><th>户</th><th>哪天</th><th>何时</th><th><span>操作</span></th></tr></thead><tbody><tr>
        <td><input type="checkbox"></td><td><a href="x">0012</a><small>面馆</small></td><td class="r num">−1,234.50</td>
        <td class="num">47</td><td>2026-03-04</td><td>2026-03-04 09:30</td><td><form><button>催</button></form></td>
        </tr></tbody></table>"""
    )
    assert (title, sheet.title) == ("总表 3 块", "账")
    assert [said for said, _width in sheet.headings] == ["表号", "欠", "户", "哪天", "何时"]
    ((number, owed, shops, day, at),) = sheet.rows
    assert (number, owed, shops, day) == ("0012 面馆", -123450, 47, dt.date(2026, 3, 4))
    assert at.isoformat() == "2026-03-04T09:30:00+08:00"
