"""总表台账: worst first, filtered by the address, only what one may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from hege.billing.chart import TransactionKind
from hege.kernel import clock
from hege.people.models import Membership, Role
from hege.places.actions import add_place
from hege.places.models import PlaceLevel
from tests.cast import DAY, FRAME_QUERIES, NOW, Cast, Row, make_row

pytestmark = pytest.mark.django_db
HERE = "/310117006/meters/"


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.coordinator)
    return client


def order(html: str, *words: str) -> list[str]:
    """The words in the order they stand on the page."""
    return sorted(words, key=html.index)


def test_who_owes_most_stands_first(at_desk: Client, make_shops: Callable[..., Row]):
    make_shops(code="ZB-A").bill(fen=100)
    make_shops(code="ZB-B").bill(fen=900)
    make_shops(code="ZB-C").bill(fen=500)
    html = at_desk.get(HERE).content.decode()
    assert order(html, "ZB-A 总表", "ZB-B 总表", "ZB-C 总表") == ["ZB-B 总表", "ZB-C 总表", "ZB-A 总表"]


def test_the_totals_above_follow_the_filter(at_desk: Client, make_shops: Callable[..., Row]):
    make_shops(code="ZB-A").bill(fen=10_000)
    make_shops(code="ZB-B").bill(fen=20_000)
    assert "300.00 元" in at_desk.get(HERE).content.decode()
    html = at_desk.get(HERE, {"q": "ZB-A"}).content.decode()
    assert "100.00 元" in html
    assert "ZB-B" not in html


def test_the_tabs_part_those_who_owe_from_those_who_do_not(at_desk: Client, make_shops: Callable[..., Row]):
    make_shops(code="ZB-OWES").bill(fen=10_000)
    make_shops(code="ZB-CLEAR")
    owing = at_desk.get(HERE, {"show": "owing"}).content.decode()
    clear = at_desk.get(HERE, {"show": "clear"}).content.decode()
    assert ("ZB-OWES" in owing, "ZB-CLEAR" in owing) == (True, False)
    assert ("ZB-OWES" in clear, "ZB-CLEAR" in clear) == (False, True)


def test_a_claimed_remittance_does_not_move_a_meter_down(at_desk: Client, make_shops: Callable[..., Row]):
    first, second = make_shops(code="ZB-A"), make_shops(code="ZB-B")
    first.bill(fen=900)
    second.bill(fen=500)
    first.pay(TransactionKind.REMITTANCE, 800, on=dt.date(2026, 3, 1), confirmed=False)
    html = at_desk.get(HERE).content.decode()
    assert order(html, "ZB-A 总表", "ZB-B 总表")[0] == "ZB-A 总表"


def test_a_collecting_agent_sees_their_own_meters_only(
    client: Client, cast: Cast, row: Row, make_shops: Callable[..., Row]
):
    other = make_shops(code="ZB-OTHER")
    other.point.roles.update(party=cast.office)
    row.point.roles.update(party=cast.agent_party)
    client.force_login(cast.agent)
    html = client.get(HERE).content.decode()
    assert "ZB-1 总表" in html
    assert "ZB-OTHER" not in html
    assert client.get(f"{HERE}ZB-OTHER/").status_code == 404


@pytest.mark.both
def test_a_meter_is_not_seen_by_who_collected_for_it_until_today(client: Client, cast: Cast, row: Row):
    row.point.roles.update(party=cast.agent_party, until_on=clock.today())
    client.force_login(cast.agent)
    assert client.get(f"{HERE}ZB-1/").status_code == 404
    row.point.roles.update(until_on=clock.today() + dt.timedelta(days=1))
    assert client.get(f"{HERE}ZB-1/").status_code == 200


@pytest.mark.both
def test_a_grid_worker_sees_the_meters_of_their_part_of_the_grid_only(
    client: Client, cast: Cast, make_shops: Callable[..., Row]
):
    street = cast.street
    top = add_place(street, level=PlaceLevel.STREET, code="S", name="街", from_on=DAY, by=None, at=NOW)
    places = [
        add_place(street, level=PlaceLevel.BLOCK, code=code, name=code, parent=top, from_on=DAY, by=None, at=NOW)
        for code in ("B1", "B2")
    ]
    for place in places:
        point = make_shops(code=f"ZB-{place.code}").point
        point.place = place
        point.save()
    Membership.objects.filter(user=cast.grid_worker, role=Role.GRID_WORKER).update(path="S/B1/")
    client.force_login(cast.grid_worker)
    html = client.get(HERE).content.decode()
    assert ("ZB-B1" in html, "ZB-B2" in html) == (True, False)
    assert client.get(f"{HERE}ZB-B2/").status_code == 404


def test_another_streets_meter_is_not_there(at_desk: Client, other_cast: Cast):
    make_row(other_cast.street, code="ZB-FAR")
    assert "ZB-FAR" not in at_desk.get(HERE).content.decode()
    assert at_desk.get(f"{HERE}ZB-FAR/").status_code == 404


def test_a_list_without_meters_says_what_to_do_first(at_desk: Client):
    assert "还没有总表" in at_desk.get(HERE).content.decode()


def test_nothing_that_fits_is_told_from_nothing_at_all(at_desk: Client, row: Row):
    assert "没有符合条件的" in at_desk.get(HERE, {"q": "不存在"}).content.decode()


@pytest.mark.parametrize("words", ["%%", "__", "'; drop table", "<i>x</i>", "\\", "㊣" * 60])
def test_hostile_words_find_nothing_and_break_nothing(at_desk: Client, row: Row, words: str):
    answer = at_desk.get(HERE, {"q": words})
    assert answer.status_code == 200
    assert "没有符合条件的" in answer.content.decode()


def test_the_list_asks_the_database_as_often_for_many_meters_as_for_one(
    at_desk: Client, make_shops: Callable[..., Row], django_assert_max_num_queries: Any
):
    for number in range(8):
        make_shops(code=f"ZB-{number}").bill(fen=100 * number)
    with django_assert_max_num_queries(12 + FRAME_QUERIES):
        at_desk.get(HERE)
