"""搜索: everything a street calls by a number or a name, within one's own street."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from hege.cases.actions import file_case
from hege.places.actions import add_place, amend_unit, move_out
from hege.places.models import PlaceLevel
from tests.cast import FRAME_QUERIES, NOW, Cast, Row, make_row, move_in

pytestmark = pytest.mark.django_db
HERE = "/310117006/search/"


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    client.force_login(cast.coordinator)
    return client


def hits(client: Client, words: str) -> list[str]:
    answer = client.get(HERE, {"q": words})
    assert answer.status_code == 200
    found = answer.content.decode().split('id="hits"')
    return [] if len(found) == 1 else re.findall(r'href="(/310117006/[^"]+)"', found[1].split("</main>")[0])


def test_a_case_is_found_by_its_number_and_by_a_word_of_its_title(at_desk: Client, cast: Cast):
    case = file_case(cast.street, title="蟠龙路总表欠费", by=cast.coordinator, at=NOW)
    for words in (case.number, "蟠龙路"):
        assert hits(at_desk, words) == [f"/310117006/cases/{case.public_id}/"]


def test_a_meter_is_found_by_a_part_of_its_number(at_desk: Client, row: Row):
    assert "/310117006/meters/ZB-1/" in hits(at_desk, "zb-1")


def test_a_shop_is_found_by_code_name_and_tenant(at_desk: Client, row: Row):
    for words in ("ZB-1-02", "02 号铺", "店主02"):
        assert "/310117006/meters/ZB-1/shops/ZB-1-02/" in hits(at_desk, words)


def test_a_person_is_found_by_the_last_four_digits_and_shown_masked(at_desk: Client, row: Row):
    move_out(row.tenancies[0], until_on=NOW.date(), by=None, at=NOW)
    move_in(row.units[0], operator="阿娟", phone="13812345678", from_on=NOW.date(), by=None, at=NOW)
    html = at_desk.get(HERE, {"q": "5678"}).content.decode()
    assert "138****5678" in html
    assert "13812345678" not in html


def test_fewer_or_more_digits_are_no_telephone(at_desk: Client, row: Row):
    move_out(row.tenancies[0], until_on=NOW.date(), by=None, at=NOW)
    move_in(row.units[0], operator="阿娟", phone="13812345678", from_on=NOW.date(), by=None, at=NOW)
    assert hits(at_desk, "678") == []
    assert hits(at_desk, "12345678") == []


def test_nothing_of_another_street_is_found(at_desk: Client, other_cast: Cast):
    make_row(other_cast.street, code="ZB-FAR")
    file_case(other_cast.street, title="别处的事", by=other_cast.coordinator, at=NOW)
    assert hits(at_desk, "ZB-FAR") == hits(at_desk, "别处") == []


def test_a_grid_worker_does_not_find_shops_outside_their_part(client: Client, cast: Cast, row: Row):
    cast.grid_worker.memberships.update(path="S/B1/")
    client.force_login(cast.grid_worker)
    assert hits(client, "ZB-1") == []


@pytest.mark.parametrize(
    "words",
    ["'", '"', "\\", "%", "_", "<script>", "{{7*7}}", "' OR 1=1 --", "\u202e", "\ud83d\ude00" * 40, "a" * 5000, "१२३४"],
)
def test_hostile_words_break_nothing_and_come_back_as_text(at_desk: Client, row: Row, words: str):
    words = words.encode("utf-16", "surrogatepass").decode("utf-16")
    html = at_desk.get(HERE, {"q": words}).content.decode()
    assert "<script>" not in html.replace('<script src="', "").replace('<script type="', "")
    assert "49" not in html.split("<main")[1].split("</main>")[0]


def test_a_nul_is_refused_before_it_reaches_the_database(at_desk: Client):
    assert at_desk.get(HERE, {"q": "a\x00b"}).status_code == 400


def test_an_empty_search_asks_for_words(at_desk: Client):
    assert "写几个字再搜" in at_desk.get(HERE).content.decode()


def test_an_agent_has_no_search(client: Client, cast: Cast, row: Row):
    client.force_login(cast.agent)
    assert client.get(HERE, {"q": "ZB"}).status_code == 404


def test_a_search_asks_the_database_a_constant_number_of_times(
    at_desk: Client, row: Row, django_assert_max_num_queries: object
):
    with django_assert_max_num_queries(9 + FRAME_QUERIES):  # type: ignore[operator]
        at_desk.get(HERE, {"q": "0001"})


@pytest.mark.parametrize("words", ["蟠", "蟠龙", "ＺＢ—１", "蟠龙 总表", "zb 1"])
def test_one_character_two_and_other_widths_find_it(at_desk: Client, cast: Cast, words: str):
    case = file_case(cast.street, title="蟠龙路 ZB-1 总表欠费", by=cast.coordinator, at=NOW)
    assert hits(at_desk, words) == [f"/310117006/cases/{case.public_id}/"]


def test_a_meter_is_found_by_whoever_collects_and_a_shop_by_its_new_name(at_desk: Client, cast: Cast, row: Row):
    assert hits(at_desk, cast.agent_party.name) == ["/310117006/meters/ZB-1/"]
    amend_unit(row.units[0], name="阿娟理发", by=cast.coordinator, at=NOW)
    assert len(hits(at_desk, "阿娟")) == 1


def test_of_what_many_have_the_newest_fifty_are_listed(at_desk: Client, cast: Cast):
    cases = [file_case(cast.street, title="漏水", by=cast.coordinator, at=NOW) for _ in range(52)]
    assert hits(at_desk, "漏水") == [f"/310117006/cases/{case.public_id}/" for case in cases[:1:-1]]
    assert "只列最新的 50 条" in at_desk.get(HERE, {"q": "漏水"}).content.decode()


@pytest.mark.both
def test_who_sees_a_part_finds_theirs_behind_a_thousand_others(client: Client, cast: Cast, row: Row, monkeypatch):
    monkeypatch.setattr("hege.web.search.page.AMONG", 3)
    on, code = NOW.date(), cast.street.code
    place = add_place(cast.street, level=PlaceLevel.STREET, code=code, name="全街", from_on=on, by=None, at=NOW)
    mine = file_case(cast.street, title="漏水", place=place, by=cast.coordinator, at=NOW)
    for _ in range(4):
        file_case(cast.street, title="漏水", by=cast.coordinator, at=NOW)
    cast.grid_worker.memberships.update(path=place.path)
    client.force_login(cast.grid_worker)
    assert hits(client, "漏水") == [f"/310117006/cases/{mine.public_id}/"]
