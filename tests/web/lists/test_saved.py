"""A filter of a list under a name: one's own alone, above the list; what of it is no more is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from hege.kernel import clock
from hege.people.models import Role
from hege.web.saved_views import filter_of
from hege.workspace.models import SavedView
from hege.workspace.rules import MOST_VIEWS
from tests.routes import Route
from tests.web.office import Office, complaints, words
from tests.web.streets import Streets, each, tabs, told, typical, verb_of
from tests.web.test_lists import LISTS

pytestmark = [pytest.mark.django_db, pytest.mark.once]

BAR = re.compile(r'<nav class="hg-acts hg-saved hg-noprint".*?</nav>', re.S)
GONE = "个条件现在没有了，下面是按其余条件列的"


def saved(office: Office, name: str, query: str, role: Role = Role.COORDINATOR, page: str = "cases:index") -> SavedView:
    path = office.path(page)
    answer = office.client(role).post(office.path("lists:save") + f"?address={path}%3F{query}", {"name": name})
    assert answer.status_code == 302, complaints(answer)
    assert answer.headers["Location"].startswith(path)
    return SavedView.objects.latest("pk")


def bar(office: Office, query: str = "", role: Role = Role.COORDINATOR) -> str:
    page = words(office.client(role).get(office.path("cases:index") + query))
    return "".join(BAR.findall(page))


@pytest.mark.both
@pytest.mark.pages
def test_a_filter_is_saved_opened_renamed_and_deleted_by_whose_it_is(office: Office):
    assert "存下这个筛选" not in bar(office)
    assert "存下这个筛选" in bar(office, "?show=late")
    view = saved(office, "  逾期的 ", "show%3Dlate%26page%3D2")
    assert (view.name, view.address) == ("逾期的", office.path("cases:index") + "?show=late")
    shown = bar(office, "?page=1&show=late")
    assert re.search(r'href="[^"]*show=late" aria-current="true">.*逾期的', shown, re.S)
    assert "存下这个筛选" not in shown
    assert "逾期的" not in bar(office, role=Role.CLERK)
    for name, data in (("lists:rename", {"name": "急的"}), ("lists:drop", {})):
        assert office.client(Role.CLERK).post(office.path(name, view.public_id), data).status_code == 404
        office.done(Role.COORDINATOR, name, view.public_id, **data) if data else office.client(Role.COORDINATOR).post(
            office.path(name, view.public_id)
        )
        assert ("急的" in bar(office)) is bool(data)
    assert not SavedView.objects.exists()


@pytest.mark.pages
def test_a_condition_that_is_no_more_is_said_and_the_others_apply(office: Office):
    view = saved(office, "从前的", "show%3Dlate")
    for query in ("show=former", "former=1&show=late"):
        SavedView.objects.filter(pk=view.pk).update(query=query)
        page = office.client(Role.COORDINATOR).get(office.path("cases:index") + f"?{query}")
        assert f"1 {GONE}" in words(page)
    assert GONE not in words(office.client(Role.COORDINATOR).get(office.path("cases:index") + "?show=late"))


@pytest.mark.pages
def test_a_list_that_is_no_more_keeps_its_line_to_be_deleted(office: Office):
    view = saved(office, "从前的", "show%3Dlate")
    SavedView.objects.filter(pk=view.pk).update(path=office.path("cases:index") + "former/")
    page = office.get(Role.COORDINATOR, "lists:saved")
    assert "这张名单现在没有了" in page
    assert f'href="{office.path("cases:index")}former/' not in page


@pytest.mark.pages
@pytest.mark.parametrize(
    ("name", "query", "why"),
    [
        ("", "show%3Dlate", "请填写这一项"),
        ("逾期的", "show%3Dlate", "已经有一个叫这个名字的"),
        ("全部", "page%3D3", "现在没有筛选条件"),
        ("长的", "q%3D" + "a" * 1000, "筛选条件太长"),
    ],
)
def test_what_cannot_be_saved_is_told_in_words(office: Office, name: str, query: str, why: str):
    saved(office, "逾期的", "show%3Dlate")
    address = office.path("lists:save") + f"?address={office.path('cases:index')}%3F{query}"
    answer = office.client(Role.COORDINATOR).post(address, {"name": name})
    assert answer.status_code == 422
    assert why in words(answer)
    assert SavedView.objects.count() == 1


@pytest.mark.pages
def test_of_one_list_there_are_so_many_and_of_a_page_not_theirs_none(office: Office):
    for n in range(MOST_VIEWS):
        saved(office, f"第 {n} 个", f"q%3D{n}")
    address = office.path("lists:save") + f"?address={office.path('cases:index')}%3Fshow%3Dlate"
    assert "最多存" in words(office.client(Role.COORDINATOR).post(address, {"name": "再一个"}))
    for page in ("/me/", office.path("trail:index"), office.path("cases:new"), "/310117999/cases/"):
        address = office.path("lists:save") + f"?address={page}%3Fshow%3Dlate"
        assert office.client(Role.CLERK).get(address).status_code == 404


def test_a_filter_is_told_one_way():
    assert filter_of("show=late&page=3&q=&case=a%20b") == filter_of("case=a+b&show=late") == "case=a+b&show=late"


@pytest.mark.slow
@each(LISTS)
class EveryTabSaved(Streets):
    """Each filter that a list offers by itself, saved and opened: nothing of it is said to be no more."""

    def each_filter_that_is_offered_applies(self, route: Route) -> Iterator[str]:
        user, street = self.near.cast.of(typical(verb_of(route))[0]), self.near.cast.street
        path = route.path(street_code=street.code)
        for query in tabs(path, self.ask("get", path, user)):
            said = filter_of(unescape(query).removeprefix("?").partition("#")[0])
            SavedView.objects.filter(user=user).delete()
            if said:
                SavedView.objects.create(street=street, user=user, path=path, query=said, name="常看", at=clock.now())
                if GONE in told(self.ask("get", f"{path}?{said}", user)):
                    yield f"says of {said} that it is no more"
