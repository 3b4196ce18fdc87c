"""The page of a file's columns: its own sheet, a choice above each column, everything wrong at once."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hege.imports.kind import Answers
from hege.imports.models import RememberedMapping, StagedFile
from hege.kernel.clock import today
from hege.people.models import Street
from tests.cast import Cast
from tests.imports.files import xlsx_of
from tests.web.office import words

pytestmark = pytest.mark.django_db
ROSTER: list[list[Any]] = [
    ["南街商铺花名册"],
    ["填表单位：示例居委会"],
    ["序号", "店招", "门牌号", "租户", "面积（㎡）", "租期起", "租期止", "所属总表", "备注"],
    *[[n, f"样例店{n}", f"18-{n}", f"经营者{n}", 10, "2024-03-01", "", "ZB-0206", ""] for n in range(1, 8)],
    [8, "样例店8", "18-8", "经营者8", 20, "2024-03-01", "2026-04-15", "ZB-0206", "换租"],
    ["合计", "", "8户", "", 90, "", "", "", ""],
    ["制表人：网格员"],
]


@pytest.fixture
def desk(street: Street, cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.coordinator)
    return client


def choose(client: Client, rows: list[list[Any]] = ROSTER, name: str = "花名册.xlsx") -> None:
    file = SimpleUploadedFile(name, xlsx_of(rows[0], rows[1:]))
    assert client.post("/310117006/imports/choose/", {"file": file}).status_code == 302


def at(step: str = "columns/") -> str:
    file = StagedFile.objects.select_related("pile").latest("pk")
    assert file.pile
    return f"/310117006/imports/piles/{file.pile.public_id}/{file.public_id}/{step}"


def page(client: Client) -> str:
    return words(client.get(at()))


def form_of(client: Client) -> dict[str, str]:
    """What the form holds as the page shows it, as a browser sends it back."""
    text = client.get(at()).content.decode()
    said = {}
    for name, body in re.findall(r'<select name="([^"]+)"[^>]*id="column-[^>]*>(.*?)</select>', text, re.DOTALL):
        found = re.search(r'<option value="([^"]*)"[^>]* selected', body)
        said[html.unescape(name)] = html.unescape(found[1]) if found else ""
    for tag in re.findall(r'<input type="radio"[^>]*checked[^>]*>', text):
        name, value = (html.unescape(re.search(rf'{key}="([^"]*)"', tag)[1]) for key in ("name", "value"))  # type: ignore[index]
        said[name] = value
    return said


def answers() -> Answers:
    return Answers.of(StagedFile.objects.latest("pk").answers)


def test_the_sheet_stands_as_its_sender_knows_it_with_what_each_column_is_taken_for(desk: Client):
    choose(desk)
    text = page(desk)
    assert "8 行读得出，1 列请您看一眼" in text
    assert "南街商铺花名册" in text
    assert "标题，不读" in text
    assert "还有 3 行同样的" in text
    assert "第 4–11 行相加也是 90" in text
    assert "落款，不读" in text
    assert "“租期止”那天，店还在不在？" in text
    said = form_of(desk)
    assert (said["column-店招"], said["column-序号"]) == ("商铺名称", "")
    assert said["asked-租期止"] == "退租日期/last-day-in"


def test_looking_writes_nothing(desk: Client):
    choose(desk)
    with CaptureQueriesContext(connection) as asked:
        page(desk)
    assert [q["sql"] for q in asked if not q["sql"].startswith(("SELECT", "PRAGMA"))] == []


def test_sent_as_it_stands_only_what_was_asked_is_said_by_a_person(desk: Client):
    choose(desk)
    answer = desk.post(at(), form_of(desk))
    assert answer.headers["Location"].endswith(at().split("/")[4] + "/")
    assert answers().columns == {"租期止": "退租日期/last-day-in"}
    assert "每列都对好了" in page(desk)


def test_an_answer_to_a_question_changes_how_the_column_is_read(desk: Client):
    choose(desk)
    desk.post(at(), form_of(desk) | {"asked-租期止": "退租日期"})
    assert answers().columns == {"租期止": "退租日期"}
    assert form_of(desk)["column-租期止"] == "退租日期"


def test_a_column_that_was_chosen_tells_that_a_person_chose_it(desk: Client):
    choose(desk)
    desk.post(at(), form_of(desk) | {"column-备注": "联系电话"})
    assert answers().columns == {"租期止": "退租日期/last-day-in", "备注": "联系电话"}
    assert "您选的" in page(desk)


def test_all_that_is_wrong_is_told_at_once_and_nothing_said_is_lost(desk: Client):
    choose(desk)
    desk.post(at(), form_of(desk) | {"column-备注": "商铺名称", "column-门牌号": ""})
    text = page(desk)
    assert "有错：" in text
    assert "有 2 处要改" in text
    assert "“店招”、“备注”都认作“商铺名称”" in text
    assert "还没有哪一列是“商铺编号”" in text
    assert form_of(desk)["column-备注"] == "商铺名称"
    desk.post(at(), form_of(desk) | {"column-备注": "", "column-门牌号": "商铺编号"})
    assert "每列都对好了" in page(desk)


def test_a_field_without_a_column_is_said_once_for_every_row(desk: Client):
    choose(desk, [row[:-2] if len(row) > 2 else row for row in ROSTER])
    desk.post(at("columns/as/"), {"kind": "units"})
    assert "每行都一样的" in page(desk)
    desk.post(at(), form_of(desk) | {"constant-总表表号": "ZB-0206"})
    assert answers().constants == {"总表表号": "ZB-0206"}
    assert 'value="ZB-0206"' in page(desk)


@pytest.mark.both
def test_what_is_remembered_is_used_for_the_next_file_of_that_sender_and_can_be_forgotten(desk: Client):
    choose(desk)
    desk.post(at(), form_of(desk) | {"column-租户": "联系电话", "remember": "yes"})
    kept = RememberedMapping.objects.get()
    assert (kept.sender, kept.columns["租户"]) == ("示例居委会", "联系电话")
    choose(desk)
    text = page(desk)
    assert f"沿用 {today().month}月{today().day}日 那次" in " ".join(text.split())
    assert "上次这样认" in text
    desk.post(at("columns/forget/"))
    assert not RememberedMapping.objects.exists()
    assert form_of(desk)["column-租户"] == "经营者"


@pytest.mark.both
def test_a_layout_that_changed_is_looked_at_before_anything_is_booked(desk: Client):
    choose(desk)
    desk.post(at(), form_of(desk) | {"remember": "yes"})
    other = [[*row] for row in ROSTER]
    other[2][1] = "店名"
    choose(desk, other)
    text = page(desk)
    assert "这次的表头和上次不一样" in text
    assert "少了：店招；多了：店名" in text
    assert "登记这" not in words(desk.get(at().rsplit("/", 3)[0] + "/"))
    desk.post(at(), form_of(desk))
    assert "这次的表头和上次不一样" not in page(desk)
    assert answers().columns["店名"] == "商铺名称"


def test_a_file_is_read_as_another_kind(desk: Client):
    choose(desk)
    desk.post(at("columns/as/"), {"kind": "meters"})
    assert StagedFile.objects.latest("pk").kind == "meters"
    assert "水表名册" in page(desk)


def test_the_file_comes_back_as_it_came(desk: Client):
    choose(desk)
    assert desk.get(at("original/")).content == bytes(StagedFile.objects.latest("pk").content)


def test_personal_numbers_are_shown_by_their_ends_alone_also_in_columns_that_nobody_reads(desk: Client):
    rows = [list(row) for row in ROSTER]
    rows[1] = ["填表单位：示例居委会，电话 021-59761234"]
    rows[2][8] = "身份证"
    for number, row in enumerate(rows[3:11]):
        row[3], row[8] = f"1391234567{number}", "310117199003074518"
    choose(desk, rows)
    said = desk.get(at()).content.decode()
    assert "139****5670" in said
    assert "310****4518" in said
    assert [number for number in ("13912345670", "59761234", "310117199003074518") if number in said] == []
