"""搜索 over two streets in which there is one of everything: what is found, by whom, and that each may open it."""

from __future__ import annotations

import re

import pytest
from django.db.models import Model

from hege.kernel.seal import known_as
from hege.people.models import Membership, Role
from hege.search.actions import put_right
from hege.search.models import Entry, found_models, said_of
from hege.search.queries import index_faults
from tests.web.streets import Streets, found

pytestmark = pytest.mark.slow


class Everything(Streets):
    def hits(self, role: Role, words: str) -> tuple[list[str], object]:
        user, code = self.near.cast.of(role), self.near.cast.street.code
        answer = self.client_of(user).get(f"/{code}/search/", {"q": words})
        assert answer.status_code == 200
        shown = answer.content.decode().partition('id="hits"')[2].partition("</main>")[0]
        return re.findall(rf'href="(/{code}/[^"]+)"', shown), answer

    def test_whoever_writes_a_thing_tells_the_index(self) -> None:
        assert list(index_faults(self.near.cast.street)) == []

    def test_everything_is_found_by_its_words_and_opened_by_whoever_finds_it(self) -> None:
        put_right(self.near.cast.street)
        words = {said_of(row)[:20] for model in found_models() for row in self.of_each(model)}
        opened = dict[Role, set[str]]()
        for role in (Role.COORDINATOR, Role.GRID_WORKER, Role.MEDIATOR):
            if role is Role.GRID_WORKER:
                Membership.objects.filter(user=self.near.cast.of(role)).update(path=self.near.place.path)
            opened[role] = set()
            for one in sorted(words):
                hrefs, answer = self.hits(role, one)
                opened[role] |= set(hrefs)
                assert role is not Role.COORDINATOR or hrefs, one
                if role is Role.GRID_WORKER:
                    assert not found({m for m in self.far_marks if m not in one}, answer), one
                assert not found({m for m in self.foreign_marks if m not in one}, answer), one
            ways = {re.sub(r"/[^/]+/$", "/", href): href for href in sorted(opened[role])}
            for href in ways.values():
                assert self.client_of(self.near.cast.of(role)).get(href).status_code == 200, (role, href)
        assert not [href for href in opened[Role.MEDIATOR] if "/reports/" in href or "/vouchers/" in href]
        assert (
            len({href.split("/")[2] for href in opened[Role.COORDINATOR]}) == 7
        )  # two of nine sorts are of meters; so are shops

    def of_each(self, model: type[Model]) -> list[Model]:
        """One of a model in the part of the street where everything is, as far as it lies in any: the first that was made."""
        return list(model._base_manager.filter(street=self.near.cast.street).order_by("pk")[:1])

    def test_a_row_that_the_index_tells_otherwise_is_named_and_put_right(self) -> None:
        street, case = self.near.cast.street, self.near.case
        put_right(street)
        thing = known_as(type(case))
        Entry.objects.filter(thing=thing, about_id=case.pk).update(text="别的")
        Entry.objects.create(street=street, thing=thing, about_id=10**9, text="没有", grams="没 有 没有")
        assert [fault.split()[2] for fault in index_faults(street)] == [str(case.pk), str(10**9)]
        assert put_right(street) == 2
        assert list(index_faults(street)) == []
