"""商铺与二维码: the roster, codes that can be revoked, posters for every shop of a master meter."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from hege.kernel import clock
from hege.places.actions import renew_unit_link, unit_token
from hege.places.models import Tenancy, Unit
from tests.cast import FRAME_QUERIES, NOW, Cast, Row, make_row

pytestmark = pytest.mark.django_db
HERE = "/310117006/units/"


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.coordinator)
    return client


def test_the_roster_says_who_rents_and_behind_which_meter(at_desk: Client, row: Row):
    html = at_desk.get(HERE).content.decode()
    for shown in ("ZB-1-01", "店主01", "ZB-1 总表"):
        assert shown in html


def test_the_roster_names_who_is_in_today(at_desk: Client, row: Row):
    Tenancy.objects.filter(pk=row.tenancies[0].pk).update(until_on=clock.today())
    assert "店主01" not in at_desk.get(HERE).content.decode()
    Tenancy.objects.filter(pk=row.tenancies[0].pk).update(until_on=clock.today() + dt.timedelta(days=1))
    assert "店主01" in at_desk.get(HERE).content.decode()


def test_words_and_meter_narrow_the_roster(at_desk: Client, row: Row, make_shops: Callable[..., Row]):
    make_shops(code="ZB-2")
    assert "ZB-2-01" not in at_desk.get(HERE, {"meter": "ZB-1"}).content.decode()
    html = at_desk.get(HERE, {"q": "店主02"}).content.decode()
    assert ("ZB-1-02" in html, "ZB-1-03" in html) == (True, False)


def test_another_streets_shops_are_not_there(at_desk: Client, other_cast: Cast):
    make_row(other_cast.street, code="ZB-FAR")
    assert "ZB-FAR-01" not in at_desk.get(HERE).content.decode()
    for tail in ("", "code.svg", "renew/"):
        assert at_desk.get(f"{HERE}ZB-FAR-01/{tail}").status_code == 404


def test_the_code_is_a_picture_of_the_shops_own_address(at_desk: Client, row: Row):
    answer = at_desk.get(f"{HERE}ZB-1-01/code.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")
    assert b"style" not in answer.content


def test_a_checker_may_look_at_the_roster_but_gets_no_code(client: Client, cast: Cast, row: Row):
    client.force_login(cast.checker)
    assert "code.svg" not in client.get(f"{HERE}ZB-1-01/").content.decode()
    assert client.get(f"{HERE}ZB-1-01/code.svg").status_code == 403


def test_a_clerk_does_not_learn_that_there_is_a_roster(client: Client, cast: Cast, row: Row):
    client.force_login(cast.clerk)
    assert client.get(HERE).status_code == 404


def test_there_is_a_poster_for_every_shop_behind_the_meter(at_desk: Client, row: Row):
    html = at_desk.get(f"{HERE}posters/ZB-1/").content.decode()
    assert re.findall(r"units/(ZB-1-\d\d)/code.svg", html) == ["ZB-1-01", "ZB-1-02", "ZB-1-03"]
    assert "扫一扫，看水费交到哪里了" in html


def test_one_poster_can_be_printed_alone(at_desk: Client, row: Row):
    html = at_desk.get(f"{HERE}posters/ZB-1/", {"unit": "ZB-1-02"}).content.decode()
    assert re.findall(r"units/(ZB-1-\d\d)/code.svg", html) == ["ZB-1-02"]


def test_that_posters_hang_is_written_down_and_said_on_the_sheet(at_desk: Client, row: Row, cast: Cast):
    assert "已经贴好。" not in at_desk.get(f"{HERE}posters/ZB-1/").content.decode()
    assert at_desk.post(f"{HERE}posters/ZB-1/hung/").status_code == 302
    assert f"{cast.coordinator.full_name}记下已经贴好" in at_desk.get(f"{HERE}posters/ZB-1/").content.decode()


def test_renewing_a_code_revokes_the_one_that_hangs_there(at_desk: Client, client: Client, row: Row):
    old = unit_token(row.units[0])
    assert at_desk.post(f"{HERE}ZB-1-01/renew/", {"serial": "1"}).status_code == 302
    fresh = Unit.objects.get(code="ZB-1-01")
    assert fresh.link_serial == 2
    assert client.get(f"/u/{old}/").status_code == 410
    assert client.get(f"/u/{unit_token(fresh)}/").status_code == 200


def test_a_code_somebody_else_has_just_renewed_is_not_renewed_again(at_desk: Client, row: Row):
    renew_unit_link(row.units[0], by=None, at=NOW)
    answer = at_desk.post(f"{HERE}ZB-1-01/renew/", {"serial": "1"})
    assert answer.status_code == 409
    assert Unit.objects.get(code="ZB-1-01").link_serial == 2


def test_the_roster_asks_as_often_for_many_shops_as_for_three(
    at_desk: Client, make_shops: Callable[..., Row], django_assert_max_num_queries: Any
):
    make_shops(code="ZB-1", shops=20)
    for address, most in ((HERE, 5), (f"{HERE}posters/ZB-1/", 5), (f"{HERE}ZB-1-01/", 5)):
        with django_assert_max_num_queries(most + FRAME_QUERIES):
            at_desk.get(address)
