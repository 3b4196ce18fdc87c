"""荣誉榜: from a pasted table to the roll, by two people and a coordinator; who objected is asked for with a reason."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from hege.honours.actions import object_to_honour
from hege.honours.models import Clipping, Honour
from hege.kernel import clock
from hege.people.models import User
from hege.trail.models import TrailLine
from tests.cast import Cast
from tests.honours.intake.test_reading import PAGE
from tests.honours.roll import a_draft, drafted, in_publicity
from tests.web.html import Page

pytestmark = pytest.mark.django_db
HERE = "/310117006/honours/"
TAKEN = dt.timedelta(days=8)


def desk(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, url: str, **said: object) -> str:
    """Send a form; the text of the page it leads to."""
    answer = client.post(url, said, follow=True)
    assert answer.status_code == 200, Page(answer.content.decode()).text
    return Page(answer.content.decode()).text


@pytest.fixture
def clerk(cast: Cast) -> Client:
    return desk(cast.clerk)


@pytest.fixture
def pasted(clerk: Client) -> str:
    """The address of the newspaper's table, read."""
    send(clerk, f"{HERE}clippings/new/", text=PAGE, source="青浦报", source_page="", source_on="2025-11-25")
    return f"{HERE}clippings/{Clipping.objects.get().public_id}/"


def test_a_pasted_table_is_shown_beside_its_text_with_the_open_questions_first(clerk: Client, pasted: str):
    text = Page(clerk.get(pasted).content.decode()).text
    assert "读出 12 格，2 处要您定" in text
    assert text.index("“松江大米”是什么？") < text.index("题目断成两行，接成一行？")


def test_what_is_decided_and_ticked_becomes_drafts_and_the_rest_waits(clerk: Client, pasted: str):
    send(clerk, f"{pasted}decide/", cell="10", doubt="what1", choice="product")
    said = send(clerk, pasted, take_10="on", take_5="on")
    assert "存成 2 份草稿，等另一个人核对。" in said
    assert sorted(h.firm.name for h in Honour.objects.all()) == ["上海持灏水产养殖专业合作社", "上海松林米业有限公司"]
    assert "1 处要您定" in Page(clerk.get(pasted).content.decode()).text


def test_all_proposals_are_agreed_to_at_once(clerk: Client, pasted: str):
    assert "5 处接成一行。" in send(clerk, f"{pasted}confirm/")
    assert "照这样读的" not in clerk.get(pasted).content.decode()


@pytest.mark.parametrize(
    "said", [{}, {"cell": "9", "doubt": "what1", "choice": "nonsense"}, {"cell": "x", "doubt": "what1"}]
)
def test_an_answer_nobody_offered_is_refused_in_words(clerk: Client, pasted: str, said: dict[str, str]):
    answer = clerk.post(f"{pasted}decide/", said)
    assert answer.status_code == 409 or answer.status_code == 422
    assert "没有这个疑点" in answer.content.decode()


def test_nothing_ticked_says_so(clerk: Client, pasted: str):
    answer = clerk.post(pasted, {})
    assert answer.status_code == 422
    assert "一格也没有勾选" in answer.content.decode()


def test_the_same_table_again_offers_the_firms_and_says_what_is_there(clerk: Client, pasted: str):
    send(clerk, pasted, take_5="on")
    send(clerk, f"{HERE}clippings/new/", text=PAGE, source="青浦报", source_page="", source_on="")
    again = f"{HERE}clippings/{Clipping.objects.latest('pk').public_id}/"
    text = Page(clerk.get(again).content.decode()).text
    assert "“上海持灏水产养殖专业合作社”已经登记过，是它吗？" in text
    assert "同一家企业的这项荣誉已经登记过，现在是“待核对”。" in text
    refused = clerk.post(again, {"take_5": "on"})
    assert refused.status_code == 422
    assert "第 5 格请选定是哪一家。" in refused.content.decode()


def test_an_honour_goes_from_a_draft_to_the_roll_through_three_people(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    (honour,) = drafted(cast)
    here = f"{HERE}{honour.public_id}/"
    own = desk(cast.clerk).post(f"{here}check/", {"seen": "source", "words": "青浦报", "version": "1"})
    assert "是您自己录入的" in own.content.decode()
    looked_at = Page(desk(cast.checker).get(f"{here}check/").content.decode()).text
    item = a_draft().items[0]
    assert [said in looked_at for said in (a_draft().title, item.name, item.number)] == [True] * 3
    send(desk(cast.checker), f"{here}check/", seen="source", words="青浦报第 3 版", version="1")
    coordinator = desk(cast.coordinator)
    everybody = f'href="/h/{honour.public_id}/"'
    assert everybody not in coordinator.get(here).content.decode()
    send(coordinator, f"{here}publicity/", consent="public_source", words="青浦报", version="1")
    assert everybody in coordinator.get(here).content.decode()
    early = coordinator.post(f"{here}publish/", {"version": "1"})
    assert "期满才能上榜" in early.content.decode()
    later = clock.now() + TAKEN
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "已上榜，并已签名。" in send(desk(cast.coordinator), f"{here}publish/", version="1")


def test_a_number_that_does_not_fit_keeps_its_honour_from_being_checked_and_says_why(cast: Cast):
    (honour,) = drafted(cast, a_draft(items=[a_draft().items[0].__class__(name="稻谷", number="LB-23-25130904867A")]))
    page = Page(desk(cast.checker).get(f"{HERE}{honour.public_id}/").content.decode())
    assert "号码写法对不上，先更正号码" in page.text
    assert not any(link.endswith("/check/") for link in page.links)


def test_who_objected_is_shown_to_whoever_gave_a_reason_and_stands_on_no_other_page(cast: Cast):
    honour = in_publicity(cast)
    made = object_to_honour(honour, words="没有这回事", contact="某人 sentinel-57", by=None, at=clock.now())
    coordinator = desk(cast.coordinator)
    pages = [HERE, f"{HERE}{honour.public_id}/", f"{HERE}objections/{made.public_id}/"]
    assert all("sentinel-57" not in coordinator.get(page).content.decode() for page in pages)
    assert "sentinel-57" in send(coordinator, f"{HERE}objections/{made.public_id}/who/", reason="要回访")
    assert TrailLine.objects.filter(verb="look_up_objector").count() == 1
    assert desk(cast.clerk).get(f"{HERE}objections/{made.public_id}/who/").status_code == 403


def test_a_list_of_honours_asks_as_much_for_many_as_for_few(cast: Cast, django_assert_max_num_queries):
    drafted(cast, *[a_draft(f"荣誉 {n}", firm=f"企业 {n}") for n in range(30)])
    client = desk(cast.checker)
    client.get(HERE)
    with django_assert_max_num_queries(16):
        client.get(HERE)
