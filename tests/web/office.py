"""One office at work: everybody's browser, and one thing of each kind. Imported by the conftest of each area."""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import dataclass, field
from typing import Any
from typing import cast as cast_to

from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from hege.kernel import clock
from hege.people.models import Role, User
from tests.cast import Cast, make_cast, make_street
from tests.standing import standing
from tests.web.things import Things, make_places, make_things


def browser(session: str = "") -> Client:
    """A browser of nobody, or of the one whose session it is."""
    client = Client()
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


def signed_in(user: User) -> str:
    """A session of somebody: signing in anew for each of thousands of requests would take minutes."""
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def in_days(days: int) -> dt.date:
    """A day some days from today."""
    return clock.today() + dt.timedelta(days=days)


def words(answer: Any) -> str:
    """What an answer says, with its entities read."""
    return html.unescape(answer.content.decode())


def complaints(answer: Any) -> list[str]:
    """What the box above a form says is wrong."""
    return re.findall(
        r"<li>(?:<a[^>]*>)?([^<]+)", words(answer).partition('class="hg-errors"')[2].partition("</ul>")[0]
    )


@dataclass
class Office:
    """A street with its people and one of everything; pages are asked for by role and name."""

    cast: Cast
    things: Things
    sessions: dict[Role, str]
    _clients: dict[Role, Client] = field(default_factory=dict)

    def client(self, role: Role) -> Client:
        """The browser of the one who holds a role."""
        if role not in self._clients:
            self._clients[role] = browser(self.sessions[role])
        return self._clients[role]

    def path(self, name: str, *args: object) -> str:
        """The address of a page of this street."""
        return reverse(name, args=(self.cast.street.code, *args))

    def get(self, role: Role, name: str, *args: object, **query: Any) -> str:
        """What a page says to a role that may open it."""
        answer = self.client(role).get(self.path(name, *args), query)
        assert answer.status_code == 200, answer.status_code
        return words(answer)

    def post(self, role: Role, name: str, /, *args: object, **data: object) -> HttpResponse:
        """A form sent by a role: with the version its page showed, as a browser sends it, unless another one is given."""
        return cast_to(
            HttpResponse, self.client(role).post(self.path(name, *args), {**self.shown(role, name, *args), **data})
        )

    def shown(self, role: Role, name: str, *args: object) -> dict[str, str]:
        """The version a form's page shows; nothing where it shows none."""
        found = re.search(r'name="version" value="(\d+)"', words(self.client(role).get(self.path(name, *args))))
        return {"version": found[1]} if found else {}

    def done(self, role: Role, name: str, /, *args: object, **data: object) -> None:
        """A form sent by a role, and taken."""
        answer = self.post(role, name, *args, **data)
        assert answer.status_code == 302, complaints(answer)

    def refused(self, role: Role, name: str, /, *args: object, **data: object) -> str:
        """A form sent by a role, and refused in words with everything typed still there."""
        answer = self.post(role, name, *args, **data)
        assert answer.status_code == 422, answer.status_code
        return words(answer)

    def status(self, role: Role, name: str, *args: object, method: str = "get") -> int:
        """The status a page answers a role with."""
        return int(getattr(self.client(role), method)(self.path(name, *args)).status_code)


@standing
def office() -> Office:
    """A street with its people, all signed in, and one of everything in its first block."""
    cast = make_cast(make_street())
    things = make_things(cast, make_places(cast)[0], cast.agent_party, code="ZB-NEAR")
    return Office(cast, things, {role: signed_in(cast.of(role)) for role in Role})
