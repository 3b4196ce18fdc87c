"""For everybody: stations open now and nearest first, sheets for gates; about no person, and small enough for a phone."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from hege.cases.models import Report
from hege.kernel.clock import SHANGHAI
from hege.programme.alliance.actions import close_station, end_gate_fact
from hege.programme.alliance.models import GateFact
from hege.programme.alliance.rules import GateFactKind
from tests.programme.alliance.conftest import HOURS, ON, Town, town  # noqa: F401
from tests.web.html import Page

pytestmark = pytest.mark.django_db
BUDGET = 50_000
DAY = dt.timedelta(days=1)


def outline(west: int, south: int, size: int = 4_000) -> dict[str, Any]:
    """A square in degrees, from millionths of a degree."""
    corners = [(west, south), (west + size, south), (west + size, south + size), (west, south + size), (west, south)]
    return {"type": "Polygon", "coordinates": [[[x * 10**-6, y * 10**-6] for x, y in corners]]}


def shown(client: Client, town: Town, address: str, hour: int = 10, on: dt.date = ON) -> str:  # noqa: F811
    with time_machine.travel(dt.datetime.combine(on, dt.time(hour), SHANGHAI)):
        answer = client.get(address.format(street=town.cast.street.code))
    assert answer.status_code == 200
    assert len(answer.content) < BUDGET
    return re.sub(r"\s+", " ", Page(answer.content.decode()).text)


@pytest.fixture
def three(town: Town) -> Town:  # noqa: F811
    """Three stations: one near, one far, one near that is closed in the morning."""
    town.grid.polygon, town.estate.polygon = outline(121_260_000, 31_166_000), outline(121_261_000, 31_167_000, 1_000)
    town.grid.save()
    town.estate.save()
    town.station(name="近的", lon_e6=121_262_500, lat_e6=31_168_400)
    town.station(name="远的", lon_e6=121_290_000, lat_e6=31_180_000)
    evening = {str(day): [[1080, 1320]] for day in range(1, 8)}
    town.station(name="晚上开的", lon_e6=121_262_000, lat_e6=31_168_000, hours=evening)
    return town


def test_who_says_nothing_sees_what_is_open_first(client: Client, three: Town):
    page = shown(client, three, "/stations/{street}/")
    assert "现在有 2 个开着" in page
    assert page.index("近的") < page.index("远的") < page.index("晚上开的")
    assert "关着，18:00 开" in page
    assert "现在有 3 个开着" in shown(client, three, "/stations/{street}/", hour=19)
    assert "现在都关着" in shown(client, three, "/stations/{street}/", hour=3)


def test_who_says_where_they_are_sees_the_nearest_first(client: Client, three: Town):
    page = shown(client, three, "/stations/{street}/?near=G1", hour=19)
    assert "最近的是晚上开的，10 米" in page
    assert page.rindex("晚上开的") < page.rindex("近的") < page.rindex("远的")
    assert "距离是直线" in page


def test_a_closed_station_and_a_grid_that_is_not_there_change_nothing(client: Client, three: Town):
    close_station(three.station(name="撤掉的"), reason="房子收回", **three.who)
    page = shown(client, three, "/stations/{street}/?near=" + "9" * 40)
    assert "撤掉的" not in page
    assert "现在有 2 个开着" in page


def test_what_nobody_looked_at_for_long_says_so(client: Client, three: Town):
    assert "可能变了" not in shown(client, three, "/stations/{street}/")
    assert "可能变了" in shown(client, three, "/stations/{street}/", on=ON + 30 * DAY)


def test_the_position_of_the_phone_is_allowed_on_that_page_alone_and_never_asked_for_by_the_server(
    client: Client, three: Town
):
    street = three.cast.street.code
    answer = client.get(f"/stations/{street}/")
    assert "geolocation=(self)" in answer.headers["Permissions-Policy"]
    assert 'name="lon' not in answer.content.decode()
    assert "geolocation=()" in client.get(f"/gate/{street}/").headers["Permissions-Policy"]


def test_a_street_that_is_not_there_is_not_found(client: Client, town: Town):  # noqa: F811
    for address in ("/stations/999999999/", "/gate/999999999/", f"/gate/{town.cast.street.code}/NONE/"):
        assert client.get(address).status_code == 404


# -- sheets for gates ----------------------------------------------------------------------------------------------------


def test_a_sheet_goes_from_the_gate_to_the_building_and_says_when_somebody_looked(client: Client, town: Town):  # noqa: F811
    town.fact(kind=GateFactKind.CAUTION, words="地库坡陡")
    town.fact()
    page = shown(client, town, "/gate/{street}/E1/")
    assert page.index("走北门") < page.index("地库坡陡")
    assert "2026年3月2日 看过，2026年5月31日 以前再去看" in page
    assert "凤溪小区" in shown(client, town, "/gate/{street}/")
    assert "该再去看了，可能变了" in shown(client, town, "/gate/{street}/E1/", on=ON + 90 * DAY)


def test_what_its_report_no_longer_bears_out_is_told_to_nobody(client: Client, town: Town):  # noqa: F811
    fact = town.fact()
    Report.objects.filter(pk=fact.report_id).update(state="verifying")
    assert fact.words not in shown(client, town, "/gate/{street}/E1/")
    assert "凤溪小区" not in shown(client, town, "/gate/{street}/")


def test_what_was_taken_off_is_gone(client: Client, town: Town):  # noqa: F811
    fact = end_gate_fact(town.fact(), reason="北门封了", **town.who)
    page = shown(client, town, "/gate/{street}/E1/")
    assert fact.words not in page
    assert "北门封了" not in page


def test_no_page_tells_who_looked_or_from_which_report(client: Client, town: Town):  # noqa: F811
    """A token in each field that is not for everybody is on no page for everybody."""
    report = town.report()
    Report.objects.filter(pk=report.pk).update(text="TOKENTEXT", finding="TOKENFINDING")
    town.fact(report=Report.objects.get(pk=report.pk))
    town.station(unit=town.unit(contact="TOKENCONTACT"))
    street = town.cast.street.code
    for address in (f"/stations/{street}/", f"/gate/{street}/", f"/gate/{street}/E1/"):
        page = client.get(address).content.decode()
        for secret in ("TOKEN", report.public_id, town.cast.coordinator.full_name, town.cast.coordinator.username):
            assert secret not in page, f"{address}: {secret}"


def test_the_printed_code_leads_to_the_sheet(client: Client, town: Town):  # noqa: F811
    town.fact()
    answer = client.get(f"/gate/{town.cast.street.code}/E1/code.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in answer.content


def test_a_big_street_stays_small(client: Client, town: Town, django_assert_max_num_queries: Any):  # noqa: F811
    for n in range(30):
        town.station(name=f"驿站{n:02}", lon_e6=121_262_500 + 900 * n, lat_e6=31_168_400, hours=HOURS)
    with django_assert_max_num_queries(8):
        shown(client, town, "/stations/{street}/")
    assert GateFact.objects.count() == 0
