"""驿站与门口图 in the office: opened, looked at, changed; what is known at a gate; the lines of the map."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hege.cases.reports.actions import submit_report, verify_report
from hege.cases.rules import ReportKind
from hege.kernel import clock
from hege.people.models import Role
from hege.programme.alliance.models import GateFact, Station, StreetMap
from tests.imports.outlines import lines
from tests.web.office import Office, in_days

pytestmark = pytest.mark.django_db
CO, GRID = Role.COORDINATOR, Role.GRID_WORKER


def told(office: Office, **said: Any) -> dict[str, Any]:
    """What the form of a station says."""
    return {
        "name": "凤溪驿站", "place": office.things.place.pk, "address": "凤溪路 1 号", "facilities": ["rest", "water"][:1],
        "d1": "8:00-20:00", "alike": "on", **said,
    }  # fmt: skip


def test_mondays_hours_stand_for_every_day_where_the_form_says_so(office: Office):
    office.done(GRID, "stations:new", **told(office))
    station = Station.objects.get(name="凤溪驿站")
    assert station.hours == {str(day): [[480, 1200]] for day in range(1, 8)}
    page = office.get(GRID, "stations:station", station.public_id)
    assert "每天" in page
    assert "08:00–20:00" in page
    assert "歇脚" in page


def test_days_that_differ_are_said_one_by_one_and_come_back_so(office: Office):
    office.done(GRID, "stations:new", **told(office, alike="", d6="9:00-16:00"))
    station = Station.objects.get(name="凤溪驿站")
    assert station.hours == {"1": [[480, 1200]], "6": [[540, 960]]}
    page = office.get(GRID, "stations:amend", station.public_id)
    assert 'value="09:00-16:00"' in page
    assert '<details class="st-days" open>' in page


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"d1": ""}, "d1", "至少写一天"), ({"d1": "白天"}, "d1", "从几点到几点"), ({"lon_e6": "121.26"}, "lat_e6", "都不写"),
        ({"lon_e6": "31.1", "lat_e6": "121.2"}, "lon_e6", "经度要在"), ({"name": "驿站 ZB-NEAR"}, "name", "换个名称"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(office: Office, said: dict[str, str], field: str, words: str):
    page = office.refused(GRID, "stations:new", **told(office, **said))
    assert words in page
    assert f'href="#id_{field}"' in page
    assert "凤溪路 1 号" in page


def test_a_station_that_nobody_looked_at_for_long_stands_first_and_wants_a_look(office: Office):
    office.done(GRID, "stations:new", **told(office))
    Station.objects.filter(name="凤溪驿站").update(looked_on=in_days(-31))
    page = office.get(GRID, "stations:index").partition("<main")[2]
    assert page.index("凤溪驿站") < page.index("驿站 ZB-NEAR")
    assert "该再看了" in page
    station = Station.objects.get(name="凤溪驿站")
    office.done(GRID, "stations:look", station.public_id, looked_on=in_days(0))
    assert "该再看了" not in office.get(GRID, "stations:index")


def test_a_closed_station_is_under_its_tab_and_offers_nothing(office: Office):
    station = office.things.station
    office.done(CO, "stations:close", station.public_id, reason="房子收回")
    assert f">{station.name}<" not in office.get(CO, "stations:index").partition("<main")[2]
    assert "房子收回" in office.get(CO, "stations:index", show="closed")
    page = office.get(CO, "stations:station", station.public_id)
    assert "/look/" not in page
    assert "该再看了" not in page


# -- gates ---------------------------------------------------------------------------------------------------------------


def fact(office: Office, **said: Any) -> dict[str, Any]:
    """What the form of a fact says."""
    return {
        "kind": "toilet", "words": "物业一侧的公共厕所", "report": office.things.gate_fact.report.pk,
        "looked_on": in_days(0), "next_look_on": in_days(90), **said,
    }  # fmt: skip


def test_a_fact_is_written_from_a_report_found_true(office: Office):
    place = office.things.place
    office.done(GRID, "stations:add_fact", place.pk, **fact(office))
    page = office.get(GRID, "stations:gate", place.pk)
    assert page.index("从哪个门进") < page.index("物业一侧的公共厕所")
    waiting = submit_report(
        office.cast.street,
        kind=ReportKind.PATROL,
        text="还没去看",
        place=place,
        by=office.cast.grid_worker,
        at=clock.now(),
    )
    assert "还没去看" not in office.get(GRID, "stations:add_fact", place.pk)
    assert office.post(GRID, "stations:add_fact", place.pk, **fact(office, report=waiting.pk)).status_code == 422
    verify_report(waiting, finding="看过", by=office.cast.grid_worker, at=clock.now())
    assert "还没去看" in office.get(GRID, "stations:add_fact", place.pk)


def test_what_leads_to_a_resident_is_refused_at_its_field(office: Office):
    page = office.refused(GRID, "stations:add_fact", office.things.place.pk, **fact(office, words="送到 302 室"))
    assert 'href="#id_words"' in page


def test_what_is_due_stands_first_in_the_list_and_is_looked_at_again(office: Office):
    known = office.things.gate_fact
    GateFact.objects.filter(pk=known.pk).update(looked_on=in_days(-90), next_look_on=in_days(0))
    assert "该去看了" in office.get(GRID, "stations:gates")
    again = {"looked_on": in_days(0), "next_look_on": in_days(60)}
    office.done(GRID, "stations:look_at_fact", known.place_id, known.public_id, **again)
    assert "该去看了" not in office.get(GRID, "stations:gates")
    office.done(GRID, "stations:end_fact", known.place_id, known.public_id, reason="北门封了")
    assert known.words not in office.get(GRID, "stations:gate", known.place_id)


def test_an_estate_is_found_by_its_name_and_the_whole_street_is_none(office: Office):
    place = office.things.place
    found = office.client(CO).get(office.path("stations:gates"), {"estate": place.pk})
    assert found.headers["Location"] == office.path("stations:gate", place.pk)
    assert office.status(CO, "stations:gate", place.parent_id) == 404


# -- the map -------------------------------------------------------------------------------------------------------------


def sent(*runs: list[tuple[float, float]], **said: Any) -> dict[str, Any]:
    return {"lines": SimpleUploadedFile("路.geojson", lines(*runs, **said)), "source": "区测绘中心"}


def test_lines_of_a_file_are_kept_with_who_drew_them(office: Office):
    road = [(121.26, 31.16), (121.265, 31.160001), (121.27, 31.16)]
    office.done(CO, "stations:draw", **sent(road, name="凤溪路"))
    kept = StreetMap.objects.get(street=office.cast.street)
    runs = [[121_260_000, 31_160_000], [121_270_000, 31_160_000]]  # the corner in between is on the way
    assert kept.lines == [{"kind": "road", "name": "凤溪路", "runs": runs}]
    assert "区测绘中心" in office.get(CO, "stations:station", office.things.station.public_id)


@pytest.mark.parametrize(
    ("said", "kind"), [({"kind": "river"}, "river"), ({"种类": "铁路"}, "rail"), ({"waterway": "canal"}, "river")]
)
def test_a_line_says_what_it_is_in_our_words_or_those_of_the_open_map(office: Office, said: dict[str, str], kind: str):
    office.done(CO, "stations:draw", **sent([(121.26, 31.16), (121.27, 31.16)], **said))
    assert StreetMap.objects.get().lines[0]["kind"] == kind


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ([], "一条线也没有"),
        ([[(31.1, 121.3), (31.2, 121.3)]], "经度和纬度写反了"),
        ([[(121.26, 31.16)]], "一条线也没有"),
    ],
)
def test_a_file_without_lines_or_of_elsewhere_is_refused_in_words(office: Office, runs: Any, words: str):
    assert words in office.refused(CO, "stations:draw", **sent(*runs))
    assert not StreetMap.objects.exists()
