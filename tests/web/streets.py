"""Two small streets with everything in them, played once by each process; and nets over all routes."""

from __future__ import annotations

import io
import pickle
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, NamedTuple, cast
from unittest.mock import patch

from django.conf import settings
from django.db.models import F, Model, Value
from django.db.models.functions import Concat
from django.db.transaction import atomic, set_rollback
from django.http import HttpResponse
from django.test import Client, TestCase

from hege.members.models import Member
from hege.people.models import Organisation, Party, PartyKind, Role, Street, User
from hege.places.actions import name_party
from hege.places.models import Place
from hege.vouchers.models import Till
from hege.web.access import MAY, Opening, opening_of
from hege.web.bearers import JOINING, MEMBER, OPENING, TILL
from tests.cast import make_cast
from tests.routes import Route, routes
from tests.template import Databases
from tests.web.html import Page
from tests.web.office import browser, signed_in
from tests.web.things import JOINED_BY, Things, make_places, make_things

OFFICE = [r for r in routes() if r.route.startswith("<str:street_code>/")]
#: A member's own pages (``hege.web.bearers``).
OF_MEMBERS = [r for r in routes() if getattr(opening_of(r.view), "member", False)]
#: The pages of a shop's till.
OF_TILLS = [r for r in routes() if getattr(opening_of(r.view), "till", False)]
ELSEWHERE = [r for r in routes() if r not in [*OFFICE, *OF_MEMBERS, *OF_TILLS]]

#: Who asks: somebody who signs in, a member or a till whose browser is let in, or nobody known.
Reader = User | Member | Till | None


#: Collects for ``far``. Parties are the whole street's: in one part of it one may choose those of another part.
OTHER_AGENT = "另一位代收人"


def marks_of(things: Things) -> set[str]:
    """What gives somebody's things away on a page: their code, in every name and text, and their unguessable ids."""
    rows = [row for row in vars(things).values() if isinstance(row, Model)]
    ids = {row.public_id for row in rows if hasattr(row, "public_id") and row != things.cast.office}
    return {things.row.point.code, things.link_token, things.rider_token, things.till_token, *ids}


def told(answer: Any) -> str:
    """All that an answer tells: its body, a workbook's sheets, where it leads."""
    body: bytes = answer.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    return body.decode("utf-8", "replace") + answer.headers.get("Location", "")


def found(marks: set[str], answer: Any) -> list[str]:
    """The marks an answer tells of."""
    text = told(answer)
    return sorted(mark for mark in marks if mark in text)


def tabs(path: str, answer: HttpResponse) -> list[str]:
    """The queries under which a page shows more of its own: its tabs, filters and next pages."""
    if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
        return []
    queries = [link.removeprefix(path) for link in Page(answer.content.decode()).links if link.startswith(f"{path}?")]
    return sorted(set(queries))


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back at the end."""
    with atomic():
        yield
        set_rollback(True)


class TwoStreets(NamedTuple):
    """Two streets; in the first, two parts of the grid with everything in each. ``far`` has three times the shops."""

    near: Things
    far: Things
    foreign: Things
    sessions: dict[int, str]
    #: What no page holds that is not for those of the other street; of the other part of this one.
    foreign_marks: set[str]
    far_marks: set[str]


def two_streets() -> TwoStreets:
    """Play them."""
    organisation = Organisation.objects.create(name="区城运中心")
    streets = [
        Street.objects.create(organisation=organisation, code=code, name=name)
        for code, name in (("310117006", "九里亭街道"), ("310118107", "华新镇"))
    ]
    here, there = (make_cast(street) for street in streets)
    first, second = make_places(here)
    other_agent = name_party(here.street, name=OTHER_AGENT, kind=PartyKind.PERSON)
    near = make_things(here, first, here.agent_party, code="ZB-NEAR")
    far = make_things(here, second, other_agent, code="ZB-FAR", shops=9)
    foreign = make_things(there, make_places(there)[0], there.agent_party, code="ZB-FOREIGN")
    for user in map(here.of, Role):  # what belongs to one person and takes long is made here once, not for each page
        near.pile(user)
    foreign.pile(there.coordinator)
    for model in (Party, Place):  # called as in the first street, until now
        model._default_manager.filter(street=there.street).update(name=Concat(F("name"), Value(" ZB-FOREIGN")))
    return TwoStreets(
        near,
        far,
        foreign,
        sessions={user.pk: signed_in(user) for cast in (here, there) for user in map(cast.of, Role)},
        foreign_marks={*marks_of(foreign), there.street.name, there.street.code},
        far_marks={*marks_of(far), second.name},
    )


class Afresh:
    """One street's things: of a class those that it was set up with; of a test those again, whatever was done to them.

    A test copies them when it first asks: most ask for the things of one street alone.
    """

    def __set_name__(self, owner: type[Streets], name: str) -> None:
        self.name = name

    def __get__(self, test: Streets | None, owner: type[Streets]) -> Things:
        if test is None:
            return cast(Things, getattr(owner.made, self.name))
        things: Things = pickle.loads(owner.kept[self.name])
        vars(test)[self.name] = things
        return things


class Streets(TestCase):
    """Stands on the two streets."""

    made: ClassVar[TwoStreets]
    kept: ClassVar[dict[str, bytes]]
    near, far, foreign = Afresh(), Afresh(), Afresh()
    sessions: dict[int, str]
    foreign_marks: set[str]
    far_marks: set[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.made = cls.enterClassContext(Databases.of_this_process.standing("two streets", two_streets))[0]
        cls.sessions, cls.foreign_marks, cls.far_marks = cls.made[3:]
        # Two looks at one page are compared: what others write meanwhile takes room on the disk, and a page says how much.
        cls.enterClassContext(patch.object(shutil, "disk_usage", return_value=shutil.disk_usage(settings.BASE_DIR)))
        super().setUpClass()
        cls.kept = {name: pickle.dumps(getattr(cls, name)) for name in ("near", "far", "foreign")}

    def forget(self) -> None:
        """Take the street's things as they were at first: the rows of what was done to them are gone."""
        for name in self.kept:
            vars(self).pop(name, None)

    def client_of(self, user: Reader, **cookies: str) -> Client:
        """A browser that has opened our pages before, signed in or let in unless ``user`` is ``None``."""
        client = browser(self.sessions[user.pk] if isinstance(user, User) else "")
        client.cookies[JOINING] = JOINED_BY
        if isinstance(user, Member):
            tokens = {things.rider.pk: things.rider_token for things in (self.near, self.far, self.foreign)}
            client.cookies[MEMBER] = tokens[user.pk]
        client.cookies[OPENING] = JOINED_BY
        if isinstance(user, Till):
            client.cookies[TILL] = next(
                t.till_token for t in (self.near, self.far, self.foreign) if t.till.pk == user.pk
            )
        for name, value in cookies.items():
            client.cookies[name] = value
        return client

    def ask(self, method: str, path: str, user: Reader, data: dict[str, Any] | None = None) -> HttpResponse:
        """One request; what it wrote is taken back."""
        with undone():
            answer: HttpResponse = getattr(self.client_of(user), method)(path, data or {})
        return answer


def opening(route: Route) -> Opening:
    """How a route is marked."""
    found = opening_of(route.view)
    assert found is not None, f"{route.route} says nowhere who may open it: put @opens, @signed_in or @public on it"
    return found


def verb_of(route: Route) -> str:
    """The verb a street's page needs."""
    verb = opening(route).verb
    assert verb is not None, f"{route.route} lies in a street but is not marked with @opens(verb)"
    return verb


def typical(verb: str) -> list[Role]:
    """One role that may, and the agent where one may: scope is cut by street, place and party, and only an agent's by party."""
    may = [role for role in Role if role in MAY[verb]]
    first = next((role for role in may if role is not Role.AGENT), None)
    return [role for role in may if role in (first, Role.AGENT)]


def each(routes: list[Route], *, parts: int = 1) -> Callable[[type[Streets]], type[Streets]]:
    """Give a class one test over all routes from each of its methods named ``each_…``; a failure lists the routes.

    A method tells what is wrong by what it yields, or by an assertion. What it does to the street ends with its route.
    Long nets come in ``parts`` of every so-many-th route, so that the processes of a run can share them.
    """

    def add(cls: type[Streets]) -> type[Streets]:
        for name, check in [(n, f) for n, f in vars(cls).items() if n.startswith("each_")]:
            for part in range(parts):
                test = _over(routes[part::parts], check)
                setattr(cls, f"test_{name}" + (f"_part_{part + 1}" if parts > 1 else ""), test)
        return cls

    return add


def _over(routes: list[Route], check: Callable[[Any, Route], Iterable[str] | None]) -> Callable[[Streets], None]:
    def test(self: Streets) -> None:
        wrong = []
        for route in routes:
            with undone():
                try:
                    wrong += [f"{route.name}: {told}" for told in check(self, route) or ()]
                except Exception as no:  # noqa: BLE001  # a page that breaks is listed with its route, and the net goes on
                    wrong.append(f"{route.name}: {no!r}")
            self.forget()
        assert not wrong, "\n".join(wrong)

    return test
