"""A file of outlines on the page: looked at, confirmed, drawn."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hege.places.models import Place
from tests.cast import Cast
from tests.imports.outlines import outlines, square
from tests.web.office import complaints, words
from tests.web.things import make_places

pytestmark = pytest.mark.django_db
HERE = "/310117006/places/"
GOOD = square("W1", name="一号微网格", parent="B1")


@pytest.fixture
def at_desk(client: Client, cast: Cast) -> Client:
    make_places(cast)
    client.force_login(cast.administrator)
    return client


def looked_at(at_desk: Client, content: bytes) -> Any:
    return at_desk.post(f"{HERE}file/", {"file": SimpleUploadedFile("边界.geojson", content)})


def confirm_of(answer: Any) -> str:
    found = re.search(r'action="([^"]*/confirm/)"', words(answer))
    assert found
    return found[1]


def test_a_file_is_looked_at_confirmed_and_drawn(at_desk: Client):
    seen = looked_at(at_desk, outlines(GOOD))
    html = words(seen)
    assert ("新增" in html, "一号微网格" in html, "<path d=" in html) == (True, True, True)
    assert Place.objects.filter(code="W1").count() == 0
    answer = at_desk.post(confirm_of(seen), follow=True)
    html = words(answer)
    assert "已登记 1 个网格" in html
    assert "<path d=" in html
    assert Place.objects.get(code="W1").path == "S/B1/W1/"


def test_a_second_yes_books_nothing_more(at_desk: Client):
    address = confirm_of(looked_at(at_desk, outlines(GOOD)))
    at_desk.post(address)
    assert "已登记 0 个网格" in words(at_desk.post(address, follow=True))
    assert Place.objects.filter(code="W1").count() == 1


def test_a_file_with_a_fault_shows_it_in_its_row_and_no_button(at_desk: Client):
    answer = looked_at(at_desk, outlines(GOOD, square("W2", parent="没有")))
    html = words(answer)
    assert answer.status_code == 422
    assert "没有编码为 没有 的上级" in html
    assert "/confirm/" not in html


def test_what_is_no_grid_at_all_is_refused_beside_the_file(at_desk: Client):
    answer = looked_at(at_desk, b"PK\x03\x04")
    assert answer.status_code == 422
    assert "读不成 JSON" in complaints(answer)[0]
    assert "文件最大 5 MB" in complaints(looked_at(at_desk, b" " * (5 * 1024 * 1024 + 1)))[0]


def test_names_in_a_file_are_text_on_the_page(at_desk: Client):
    html = looked_at(at_desk, outlines(square("W1", name="<script>x</script>", parent="B1"))).content.decode()
    assert "<script>x" not in html
    assert "&lt;script&gt;x" in html


def test_somebody_elses_file_is_not_confirmed(at_desk: Client, cast: Cast):
    address = confirm_of(looked_at(at_desk, outlines(GOOD)))
    at_desk.force_login(cast.coordinator)
    assert at_desk.post(address).status_code == 422
    assert Place.objects.filter(code="W1").count() == 0


def test_without_outlines_nothing_is_drawn(at_desk: Client):
    assert "<path d=" not in words(at_desk.get(HERE))
