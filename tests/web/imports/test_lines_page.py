"""The lines of a statement: what each is taken for and why, accepted, chosen otherwise, left aside, taken back."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hege.billing.models import Payment
from hege.imports.kind import Answers
from hege.imports.models import StagedFile
from hege.people.models import Street
from tests.cast import Cast
from tests.imports.office import HERE
from tests.web.office import words

pytestmark = pytest.mark.django_db
WALLET = "5微信支付账单明细.xlsx"


@pytest.fixture
def desk(street: Street, cast: Cast) -> Client:
    """Somebody who chose the ten papers of an office, together."""
    client = Client()
    client.force_login(cast.coordinator)
    files = [SimpleUploadedFile(path.name, path.read_bytes()) for path in sorted(HERE.glob("[0-9]*"))]
    assert client.post("/310117006/imports/choose/", {"file": files}).status_code == 302
    return client


def wallet() -> StagedFile:
    return StagedFile.objects.select_related("pile").get(name=WALLET)


def at(step: str = "lines/") -> str:
    file = wallet()
    assert file.pile
    return f"/310117006/imports/piles/{file.pile.public_id}/{file.public_id}/{step}"


def page(client: Client, tab: str = "water") -> str:
    return words(client.get(f"{at()}?tab={tab}"))


def answers() -> Answers:
    return Answers.of(wallet().answers)


def code_of(text: str, row: int) -> str:
    """What a line is taken for, as its form sends it."""
    line = text.partition(f'id="line-{row}"')[2].partition("</li>")[0]
    found = re.search(r'name="code" value="([^"]+)"', line)
    assert found, line
    return found[1]


def press(client: Client, do: str, row: int = 0, **more: str) -> str:
    answer = client.post(at(), {"do": do, "row": row, **more})
    assert answer.status_code == 302, words(answer)
    return answer.headers["Location"]


def test_the_title_is_the_answer_and_each_line_has_its_reasons(desk: Client):
    text = page(desk)
    assert re.search(r"<h1>58 笔里 \d+ 笔看着是水费，\d+ 笔一对一</h1>", text)
    line = text.partition('id="line-20"')[2].partition("</li>")[0]
    for said in (
        "馄饨店经营者",
        "153.42",
        "18-12 样例馄饨店",
        "付款人是经营者",
        "附言写了水费",
        "收下",
        "不是水费，放一边",
    ):
        assert said in line


def test_looking_writes_nothing(desk: Client):
    with CaptureQueriesContext(connection) as asked:
        page(desk)
    assert [q["sql"] for q in asked if not q["sql"].startswith(("SELECT", "PRAGMA"))] == []


def test_an_accepted_line_says_so_leads_to_the_next_and_goes_back_by_one_step(desk: Client):
    code = code_of(page(desk), 19)
    onward = press(desk, "take", 19, code=code)
    assert onward.endswith("row=20#line-20")
    assert answers().lines == {19: code}
    assert answers().same == {19}
    assert "已收下" in page(desk).partition('id="line-19"')[2].partition("</li>")[0]
    press(desk, "undo", 19)
    assert (answers().lines, answers().same) == ({}, frozenset())
    assert "已收下" not in page(desk)


@pytest.mark.both
def test_all_that_fit_are_accepted_at_once_and_one_of_them_taken_back(desk: Client):
    n = len(re.findall(r'id="line-\d+"', page(desk, "sure")))
    press(desk, "all")
    assert len(answers().lines) == n
    press(desk, "undo", 19)
    assert len(answers().lines) == n - 1
    assert Payment.objects.count() == 0


def test_a_line_taken_by_the_tick_for_the_whole_pile_can_be_taken_back_too(desk: Client):
    pile = at("").rsplit("/", 2)[0]
    desk.post(f"{pile}/accept/")
    assert answers().accept
    press(desk, "undo", 19)
    assert not answers().accept
    assert 19 not in answers().lines
    assert 20 in answers().lines


@pytest.mark.both
def test_a_line_is_left_aside_and_what_was_left_aside_is_taken_back(desk: Client):
    press(desk, "aside", 19)
    assert answers().lines == {19: "aside"}
    aside = page(desk, "aside")
    assert 'id="line-19"' in aside
    assert "您说不是水费 1 笔" in aside
    assert "房租 5 笔" in aside
    press(desk, "take", 30, code=code_of(page(desk), 20))
    assert 'id="line-30"' in page(desk)
    assert "房租 4 笔" in page(desk)


def test_a_choice_that_nobody_offered_is_refused_in_words(desk: Client):
    answer = desk.post(at(), {"do": "take", "row": 19, "code": "receipts:没有:2026-01-01"})
    assert (answer.status_code, answers().lines) == (422, {})
    assert "请选这一笔是哪一家的" in words(answer)
    assert desk.post(at(), {"do": "take", "row": 9999, "code": "aside"}).status_code == 422


def test_what_was_said_is_looked_at_again_before_anything_is_booked(desk: Client):
    press(desk, "all")
    pile = at("").rsplit("/", 2)[0] + "/"
    text = words(desk.get(pile))
    assert "您又说了些什么" in text
    assert "/confirm/" not in text
    text = words(desk.post(f"{pile}look/", follow=True))
    assert "您又说了些什么" not in text
    assert "已收下" in page(desk)
    assert "都认好了" in page(desk)


def test_a_payer_that_a_person_names_is_told_as_learnt(desk: Client):
    code = code_of(page(desk), 20)
    assert "付款人都认得" in page(desk)
    press(desk, "take", 41, code=code)
    learnt = page(desk).partition('id="lessons"')[2].partition("</section>")[0]
    assert "“牌友群” → 18-12 样例馄饨店" in learnt
    assert "登记时记住" in learnt
    press(desk, "undo", 41)
    assert "付款人都认得" in page(desk)
