"""Who gets which answer from which address: every role, every route, every foreign id, from the table of addresses.

Expected answers come from ``hege.web.access.MAY`` alone: may not see -> 404, may see but not do -> 403, else the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import override_settings

from hege.cases.models import Report
from hege.cases.queries import READS_REPORTER
from hege.kernel import clock
from hege.members.actions import end_device
from hege.members.queries import devices_of
from hege.people.models import Membership, Role, User
from hege.vouchers.tills.actions import end_till
from hege.web.access import FACTOR_PAGES, MAY, OWN_PAGE, WHOLE_STREET
from hege.web.account.second_factor import halfway
from hege.web.bearers import MEMBER, TILL
from tests.routes import FOR_THE_MACHINE, Route, routes
from tests.web.streets import (
    ELSEWHERE,
    OF_MEMBERS,
    OF_TILLS,
    OFFICE,
    OTHER_AGENT,
    Reader,
    Streets,
    each,
    found,
    marks_of,
    opening,
    tabs,
    told,
    typical,
    undone,
    verb_of,
)
from tests.web.things import Things

pytestmark = pytest.mark.slow

#: Pages that are shown whichever things are in their address: nothing of the street's is behind these parameters.
#: A line of the trail is counted within its own street, and the trail is one for the whole street. The ticket of a
#: password is bound to its person and to the administrator who made it; tests/web/people holds it.
NO_THING = {
    "street_code", "imports:template kind", "trail:line seq", "people:handover ticket", "settings:threshold kind",
    "settings:threshold_history kind", "settings:confirm_year year", "gateways:change channel",
}  # fmt: skip

#: Things of the whole street that lie in no part of it: files and what one has asked for oneself are held to their owner,
#: an office serves all parts, a member rides through all, the year is one, what files taught holds for the street, a message is
#: told to its person.
PLACELESS = {
    "pile_id", "staged_id", "own_request_id", "office_id", "ally_id", "name_id", "mapping_id", "message_id", "job_id", "rider_id",
    "season_id", "activity_id", "batch_id", "claim_id", "merchant_id", "till_id", "redemption_id", "conflict_id",
    "list_ticket", "view_id",
}  # fmt: skip

#: The year of a street is one: whoever sees a part of the grid reads of the activities and stations of all, and of no more.
OF_ONE_YEAR = frozenset({"programme:index", "programme:copy", "programme:new"})

#: Things of one member that no other member finds.
OF_ONE_MEMBER = frozenset({"own_device_id", "own_evening_id", "offer_id", "claim_id"})

#: (route, method) -> what those who may open it get instead of a page, and why.
OTHER_ANSWERS: dict[tuple[str, str], tuple[int, str]] = {
    ("lists:save", "get"): (422, "which list is said by where one comes from"),
    ("imports:done", "get"): (422, "a pile that is not booked yet has nothing to tell"),
}

#: Routes that answer a thing that is not there with words (422), the same words as one of another street.
WORDED = {
    "places:confirm": "a file that was confirmed or has expired meanwhile deserves an explanation",
    **{
        f"imports:{step}": "the same of a pile"
        for step in [
            *("pile", "add", "look", "accept", "confirm", "drop", "done"),
            *("say", "columns", "read_as", "forget", "original", "lines", "marked", "drop_one"),
        ]
    },
}


#: Where a second factor is set up.
SET_UP = "/me/second-factor/"
FORTY_DIGITS = "9" * 40

#: What differs from one answer to the next by itself: the tokens of forms, the minute of printing, which disk has the least room.
FRESH = re.compile(
    r'name="(csrfmiddlewaretoken|request_key)" value="[^"]*"|<footer class="hg-printed">.*?</footer>'
    r"|<code[^>]*>[^<]*</code>\s*还有 [\d,]+ MB 空间"
)

#: Route -> what its page may be asked for in the address.
QUESTIONS = {
    "search:index": ["q"],
    "units:index": ["q", "meter"],
    "units:posters": ["unit"],
    "meters:index": ["q"],
    "meters:money": ["shop"],
    "reports:index": ["case"],
    "reports:new": ["about"],
    "reports:merge": ["case"],
}


def names_of(things: Things) -> list[str]:
    """What a thing may be asked for by: code, public id, number, row number."""
    case, point = things.case, things.row.point
    return [point.code, things.unit.code, case.public_id, case.number, str(case.pk), str(point.pk), str(things.unit.pk)]


def called(things: Things) -> set[str]:
    """Names that a page which only says back what was asked for does not hold."""
    return {things.row.point.name, things.unit.name, things.case.title}


def expected(verb: str, role: Role) -> int | None:
    """404, 403, or ``None`` where the person is let in."""
    if role not in MAY[f"{verb.split('.')[0]}.see"]:
        return 404
    return None if role in MAY[verb] else 403


def test_every_route_says_who_may_open_it_and_has_a_name():
    for route in routes():
        found = opening(route)
        ways = [found.verb is not None, found.signed_in, found.member, found.till, bool(found.public_because)]
        assert sum(ways) == 1, route.route
        assert route.name.split(":")[-1], f"{route.route} has no name: nobody can link to it"


def things_in(route: Route) -> list[str]:
    """The parameters of a route that name a thing of a street."""
    names = [name for name, _converter in route.parameters]
    return [n for n in names if n not in NO_THING and f"{route.name} {n}" not in NO_THING]


@pytest.mark.once
@each(OFFICE, parts=4)
class InTheStreet(Streets):
    """The addresses of a street: role by role."""

    def each_role(self, route: Route) -> Iterator[str]:
        """Every role gets what the table says, to look and to do, and nothing of another street or another agent.

        Looked at and sent is by one role of each that gets the same answer, and by the agent. Another that is let in knocks
        with a method no page has, which is refused after them; what pages show to each role is read by ``EveryLink``.
        Whether a page changes with the shop that reported is asked by the first who may not learn it, and by the agent:
        all others read as they do.
        """
        verb, sent, compared = verb_of(route), set[tuple[int | None, bool]](), set[bool]()
        for role in Role:
            user, is_agent, refused = self.near.cast.of(role), role is Role.AGENT, expected(verb, role)
            path = route.path(**self.near.arguments(route, user))
            unaware = refused is None and role not in READS_REPORTER and is_agent not in compared
            again = ("put",) if refused is None and not unaware else ("get",)
            for method in ("get", "post") if (refused, is_agent) not in sent else again:
                answer = self.ask(method, path, user)
                theirs = self.foreign_marks | (self.far_marks | {OTHER_AGENT} if is_agent else set())
                said = f"{role.value} {method.upper()} {path}"
                yield from (f"{said} tells of {mark}" for mark in found(theirs, answer))
                if not self.fits(route, method, refused, answer.status_code):
                    yield f"{said}: {answer.status_code}, expected {refused or 'a page'}"
                if method == "get" and unaware:
                    compared.add(is_agent)
                    yield from self.told_of_the_reporter(said, path, user, answer)
            sent.add((refused, is_agent))

    def told_of_the_reporter(self, said: str, path: str, user: User, answer: HttpResponse) -> Iterator[str]:
        """Which shop reported is who reported: no page of those who may not learn it changes with the shop."""
        if answer.headers.get("Content-Type", "").startswith("text/"):
            with undone():
                Report.objects.filter(pk=self.near.report.pk).update(unit=self.near.row.units[1])
                other = self.client_of(user).get(path)
            if FRESH.sub("", answer.content.decode()) != FRESH.sub("", other.content.decode()):
                yield f"{said} changes with the shop that reported"

    def fits(self, route: Route, method: str, refused: int | None, status: int) -> bool:
        if refused is not None:
            return status == refused
        if method == "put":
            return status == 405
        if (route.name, method) in OTHER_ANSWERS:
            return status == OTHER_ANSWERS[route.name, method][0]
        if method == "get":
            return status == 200 or (status == 405 and not verb_of(route).endswith(".see"))
        return status == 405 if verb_of(route).endswith(".see") else status in (200, 302, 409, 422)

    def each_stranger(self, route: Route) -> None:
        """Who is not signed in is sent to sign in; the other street's people find nothing here, to look or to send."""
        path = route.path(**self.near.arguments(route))
        for method, role in (("get", Role.COORDINATOR), ("post", Role.ADMINISTRATOR)):
            answer = self.ask(method, path, None)
            assert (answer.status_code, answer.headers.get("Location", "").split("?")[0]) == (302, "/sign-in/")
            assert self.ask(method, path, self.foreign.cast.of(role)).status_code == 404, (method, role)

    def each_foreign_thing(self, route: Route) -> None:
        """The other street's things are not there below my street's address, nor mine below its."""
        if not things_in(route):
            return
        for role in typical(verb_of(route)):
            mine, theirs = self.near.cast.of(role), self.foreign.cast.of(role)
            smuggled = {**self.foreign.arguments(route, theirs), "street_code": self.near.cast.street.code}
            taken_away = {**self.near.arguments(route, mine), "street_code": self.foreign.cast.street.code}
            for method in ("get", "post"):
                assert self.ask(method, route.path(**taken_away), mine).status_code == 404
                self.assert_nothing_there(route, method, mine, smuggled)
                self.assert_nothing_there(route, method, theirs, taken_away)

    def each_thing_of_another_meter(self, route: Route) -> None:
        """A thing of one meter is not found below the address of another one of the same street."""
        names = things_in(route)
        for name in names[1:]:
            mixed = {**self.near.arguments(route), name: self.far.arguments(route)[name]}
            for method in ("get", "post"):
                self.assert_nothing_there(route, method, self.near.cast.of(typical(verb_of(route))[0]), mixed)

    def each_agent(self, route: Route) -> None:
        """A collecting agent finds their own meters and what hangs on them, never another agent's."""
        if expected(verb_of(route), Role.AGENT) is not None or not things_in(route):
            return
        agent = self.near.cast.agent
        own = {"message_id", "list_ticket", "view_id"}  # what is told to the agent, or shown to them, is the agent's
        whose = None if own & {*things_in(route)} else agent
        for method in ("get", "post"):
            self.assert_nothing_there(route, method, agent, self.far.arguments(route, whose))

    def each_part_of_the_grid(self, route: Route) -> None:
        """Who works in one part of the grid finds nothing of another part, whatever the role; what is only whole is shut."""
        whole = verb_of(route) in WHOLE_STREET
        if not whole and (not things_in(route) or PLACELESS & {*things_in(route)}):
            return
        for role in (role for role in typical(verb_of(route)) if role is not Role.AGENT):
            user = self.near.cast.of(role)
            Membership.objects.filter(user=user).update(path=self.near.place.path)
            if whole:
                for method in ("get", "post"):
                    assert self.ask(method, route.path(**self.near.arguments(route, user)), user).status_code == 403
                continue
            far, near = self.far.arguments(route, user), self.near.arguments(route, user)
            for method in ("get", "post"):
                self.assert_nothing_there(route, method, user, far)
            answer = self.ask("get", route.path(**near), user)
            assert self.fits(route, "get", None, answer.status_code), f"{role.value} in their own part"
            assert found(self.far_marks, answer) == [], f"{role.value} in their own part"

    def each_part_is_the_verbs_own(self, route: Route) -> None:
        """A role that only looks, held for the whole street, does not widen the part in which another role may act."""
        verb = verb_of(route)
        if verb.endswith(".see") or not things_in(route) or PLACELESS & {*things_in(route)}:
            return
        looking = next((r for r in Role if r in MAY[f"{verb.split('.')[0]}.see"] and r not in MAY[verb]), None)
        if looking is None:
            return
        user = self.near.cast.of(next(r for r in Role if r in MAY[verb]))
        Membership.objects.filter(user=user).update(path=self.near.place.path)
        Membership.objects.create(street=self.near.cast.street, user=user, role=looking, from_on="2026-01-01")
        for method in ("get", "post"):
            status = self.ask(method, route.path(**self.far.arguments(route, user)), user).status_code
            assert status in (403, 404, 405), f"{method.upper()}: {status}, out of their part"

    def assert_nothing_there(self, route: Route, method: str, user: User, arguments: dict[str, str]) -> None:
        """The answer is that of a thing that never was: 404, or for a few routes the same words (422)."""
        status = self.ask(method, route.path(**arguments), user).status_code
        wanted = (405, 422 if route.name in WORDED else 404)  # 405: this method is nobody's, whatever the thing
        assert status in wanted, f"{method.upper()} {route.path(**arguments)}: {status}"


@each(OFFICE, parts=2)
class AskedForMore(Streets):
    """What a page is asked for behind its address, and numbers beyond all: on both databases."""

    def each_list_of_a_part(self, route: Route) -> Iterator[str]:
        """A list opened in one part of the grid holds nothing of another part under any tab, whatever the role; but messages
        stay with whom they were sent to while all of it was theirs."""
        if things_in(route) or route.name == "messages:index":
            return
        theirs = self.far_marks - (named(self.far) if route.name in OF_ONE_YEAR else set())
        may = [role for role in Role if role in MAY[verb_of(route)] and role is not Role.AGENT]
        for role in may if connection.vendor == "sqlite" else may[:1]:  # whoever asks, the statements are the same
            user, path = self.near.cast.of(role), route.path(street_code=self.near.cast.street.code)
            Membership.objects.filter(user=user).update(path=self.near.place.path)
            first = self.ask("get", path, user)
            for answer in [first, *(self.ask("get", path + query, user) for query in tabs(path, first))]:
                yield from (f"{role.value} is told of {mark}" for mark in found(theirs, answer))

    def each_question(self, route: Route) -> None:
        """Whoever asks a page for a thing of another street, or of a part that is not theirs, is told nothing of it."""
        wrong, may = [], typical(verb_of(route))
        for name in QUESTIONS.get(route.name, ()):
            for role in may if connection.vendor == "sqlite" else may[:1]:
                user = self.near.cast.of(role)
                if role is not Role.AGENT:
                    Membership.objects.filter(user=user).update(path=self.near.place.path)
                path = route.path(**self.near.arguments(route, user))
                for things, marks in ((self.foreign, self.foreign_marks), (self.far, self.far_marks)):
                    for asked in names_of(things):
                        answer = self.ask("get", path, user, {name: asked})
                        whole = {*marks, *called(things)}
                        wrong += [
                            f"{role.value} asks {name}={asked} and is told of {mark}"
                            for mark in found({mark for mark in whole if mark not in asked}, answer)
                        ]
        assert wrong == []

    def each_number_that_no_row_can_have(self, route: Route) -> None:
        """Forty digits name nothing: neither in what a page is asked for nor, on SQLite, whose driver takes none of them,
        in the address: PostgreSQL would look for such a number, and find no row.
        """
        user = self.near.cast.of(typical(verb_of(route))[0])
        given = self.near.arguments(route, user)
        for name in things_in(route) if connection.vendor == "sqlite" else ():
            path = route.path(**{**given, name: FORTY_DIGITS})
            assert self.ask("get", path, user).status_code in (404, 405, *([422] if route.name in WORDED else [])), path
        asked = dict.fromkeys([*QUESTIONS.get(route.name, ()), "page", "show", "on", "who"], FORTY_DIGITS)
        answer = self.ask("get", route.path(**given), user, asked)
        assert answer.status_code in (200, 404, 405, 422), answer.status_code


#: Public pages that tell of all parts of a street alike, and what one did oneself in whatever part: beside names, the
#: things whose ids they lead to.
TOLD_OF_THE_WHOLE_STREET: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("nearby:stations", "nearby:gates", "menu:menu", "menu:poster", "menu:calendar", "account:held"), ()
    ),
    **dict.fromkeys(("roll:roll", "roll:print", "roll:text"), ("on_the_roll",)),
    "letters:publicity": ("thanks",),
}


def named(things: Things) -> set[str]:
    """What every name and text of somebody's things holds, and what their part is called."""
    return {things.row.point.code, things.place.name}


@pytest.mark.once
@each(ELSEWHERE)
class OutsideTheStreets(Streets):
    """Sign-in, a person's own things, and what the public may open."""

    def each_page(self, route: Route) -> None:
        """Public pages open for everybody and tell of nobody else; a person's own need a sign-in."""
        if route.name.startswith(FOR_THE_MACHINE):
            return  # answers this machine alone, of all its streets: tests/web/wellness
        path = route.path(**self.near.arguments(route))
        for user in (None, self.near.cast.coordinator, self.foreign.cast.agent):
            answer = self.ask("get", path, user)
            theirs = self.foreign_marks if user is not self.foreign.cast.agent else set()
            assert found((theirs | self.far_marks | {OTHER_AGENT}) - self.everybodys(route), answer) == []
            if opening(route).public_because or user is not None:
                assert answer.status_code in (200, 302, 403, 404, 405), answer.status_code
            else:
                assert answer.headers["Location"].split("?")[0] == "/sign-in/"
        if opening(route).public_because:
            assert self.ask("get", path, None).status_code in (200, 302, 405)

    def everybodys(self, route: Route) -> set[str]:
        """What the honour roll, the menu and letters tell everybody: which streets have one, and what is on the roll of one street."""
        street = self.foreign.cast.street
        if route.name in ("roll:index", "menu:index", "letters:find"):
            return {street.name, street.code}
        if route.name not in TOLD_OF_THE_WHOLE_STREET:
            return set()
        return named(self.far) | {getattr(self.far, thing).public_id for thing in TOLD_OF_THE_WHOLE_STREET[route.name]}

    def each_made_up_secret(self, route: Route) -> None:
        """A secret nobody gave out opens nothing, to look or to send."""
        if "token" not in [name for name, _converter in route.parameters]:
            return
        path = route.path(street_code=self.near.cast.street.code, token="a" * 26)
        assert self.ask("get", path, None).status_code == 404
        assert self.ask("post", path, None).status_code in (404, 405)


@pytest.mark.once
@each(OF_MEMBERS)
class OfMembers(Streets):
    """A member's own pages: theirs alone, for the browser that holds the cookie of that street."""

    def each_browser_that_is_not_let_in(self, route: Route) -> Iterator[str]:
        """No cookie, a made-up one, one of another street, one that was ended, who signs in as a user: all are sent to join."""
        path, street = route.path(**self.near.arguments(route, self.near.rider)), self.near.cast.street
        strangers: dict[str, tuple[Reader, str]] = {
            "a stranger": (None, ""), "a made-up cookie": (None, "a" * 43),
            "a cookie of another street": (None, self.foreign.rider_token),
            "a user": (self.near.cast.administrator, ""), "an ended browser": (None, self.near.rider_token),
        }  # fmt: skip
        for who, (reader, token) in strangers.items():
            for method in ("get", "post"):
                with undone():
                    if who == "an ended browser":
                        end_device(devices_of(self.near.rider).get(), by=None, at=clock.now())
                    answer = getattr(self.client_of(reader, **({MEMBER: token} if token else {})), method)(path)
                if answer.headers.get("Location", "").split("?")[0] != f"/m/{street.code}/join/":
                    yield f"{method.upper()} by {who}: {answer.status_code}"
                if told_of := found({mark for mark in marks_of(self.near) if mark not in path}, answer):
                    yield f"{method.upper()} by {who} tells of {told_of}"

    def each_member(self, route: Route) -> Iterator[str]:
        """They get a page or its worded refusal, and nothing of another street or of another member."""
        path = route.path(**self.near.arguments(route, self.near.rider))
        others = self.foreign_marks | {self.far.rider.public_id, self.far.rider.called, self.far.rider_token}
        others -= {self.far.rider.called} if route.name == "member:board" else set()  # they agreed to stand there
        for method in ("get", "post"):
            answer = self.ask(method, path, self.near.rider)
            yield from (f"{method.upper()} tells of {mark}" for mark in found(others, answer))
            if answer.status_code not in (200, 302, 405, 409, 422):
                yield f"{method.upper()}: {answer.status_code}"

    def each_foreign_thing(self, route: Route) -> Iterator[str]:
        """Things of another street are not there, nor are those of another member of one's own."""
        street, theirs = self.near.cast.street, {**self.foreign.arguments(route, self.foreign.rider)}
        away = [{**theirs, "street_code": street.code}]
        if OF_ONE_MEMBER & {*things_in(route)}:
            away.append({**self.far.arguments(route, self.far.rider), "street_code": street.code})
        for arguments in away if things_in(route) else []:
            for method in ("get", "post"):
                answer = self.ask(method, route.path(**arguments), self.near.rider)
                if answer.status_code not in (404, 405):
                    yield f"{method.upper()} {arguments}: {answer.status_code}"


@pytest.mark.once
@each(OF_TILLS)
class OfTills(Streets):
    """The pages of a shop's till: for the phone that holds its cookie alone, of that shop and street alone."""

    def each_browser_that_is_not_let_in(self, route: Route) -> Iterator[str]:
        """No cookie, a made-up one, one of another street, one that was ended, a user, a member: all are told what it is for."""
        arguments = self.near.arguments(route, self.near.till)
        path = route.path(**arguments)
        strangers: dict[str, tuple[Reader, str]] = {
            "a stranger": (None, ""), "a made-up cookie": (None, "a" * 43),
            "a cookie of another street": (None, self.foreign.till_token),
            "a user": (self.near.cast.administrator, ""), "a member": (self.near.rider, ""),
            "an ended till": (None, self.near.till_token),
        }  # fmt: skip
        for who, (reader, token) in strangers.items():
            for method in ("get", "post"):
                with undone():
                    if who == "an ended till":
                        end_till(self.near.till, reason="丢了", by=None, at=clock.now())
                    answer = getattr(self.client_of(reader, **({TILL: token} if token else {})), method)(path)
                if answer.status_code not in (403, 405) or (
                    answer.status_code == 403 and "没有开通收券台" not in told(answer)
                ):
                    yield f"{method.upper()} by {who}: {answer.status_code}"
                if told_of := found(marks_of(self.near) - {*arguments.values()}, answer):
                    yield f"{method.upper()} by {who} tells of {told_of}"

    def each_till(self, route: Route) -> Iterator[str]:
        """It gets a page or its worded refusal, and nothing of another street or of another shop."""
        path = route.path(**self.near.arguments(route, self.near.till))
        others = self.foreign_marks | {self.far.shop.public_id, self.far.shop.name, self.far.till_token}
        for method in ("get", "post"):
            answer = self.ask(method, path, self.near.till)
            yield from (f"{method.upper()} tells of {mark}" for mark in found(others, answer))
            if answer.status_code not in (200, 302, 405, 422):
                yield f"{method.upper()}: {answer.status_code}"

    def each_foreign_thing(self, route: Route) -> Iterator[str]:
        """What another shop took is not there; another street's voucher is not known, another shop's is not taken."""
        street = self.near.cast.street
        for theirs in (self.foreign, self.far) if things_in(route) else ():
            arguments = {**theirs.arguments(route, theirs.till), "street_code": street.code}
            for method in ("get", "post"):
                answer = self.ask(method, route.path(**arguments), self.near.till)
                told_why = answer.status_code == 422 or "/refused/" in answer.headers.get("Location", "")
                refused = told_why and route.name == "till:scan"
                if answer.status_code not in (404, 405) and not refused:
                    yield f"{method.upper()} {arguments}: {answer.status_code}"
                allowed = (
                    {theirs.row.point.code} if refused and theirs is self.far else set()
                )  # in which shop it is used
                if told_of := found(marks_of(theirs) - allowed - {*arguments.values()}, answer):
                    yield f"{method.upper()} tells of {told_of}"


@pytest.mark.once
@each(routes(), parts=2)
class WithoutASecondFactor(Streets):
    """Who has to have a second factor, and has none yet or has not proven it yet, finds no page but those to set it up."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(override_settings(SECOND_FACTOR="required"))

    def each_page_of_who_has_none(self, route: Route) -> Iterator[str]:
        """To look and to send: the set-up, one's own page, signing out, and what is open to everybody."""
        if opening(route).public_because or opening(route).member or opening(route).till:
            return
        user = self.near.cast.coordinator
        own = route.name == OWN_PAGE or route.name.startswith(FACTOR_PAGES)
        for method in ("get", "post"):
            answer = self.ask(method, route.path(**self.near.arguments(route, user)), user)
            if (answer.headers.get("Location") == SET_UP and not own) or (own and answer.status_code < 500):
                continue
            yield f"{method.upper()}: {answer.status_code} {answer.headers.get('Location', '')}"

    def each_page_of_who_is_halfway(self, route: Route) -> Iterator[str]:
        """The password alone is no sign-in: the same as for a stranger, everywhere."""
        if opening(route).public_because or opening(route).member or opening(route).till:
            return
        path = route.path(**self.near.arguments(route))
        for method in ("get", "post"):
            with undone():
                browser = self.client_of(None)
                kept = browser.session
                user = self.near.cast.coordinator
                kept[halfway.HALFWAY] = {
                    "user": user.pk, "password": user.get_session_auth_hash(), "until": 9_999_999_999, "onward": "/",
                }  # fmt: skip
                kept.save()
                assert browser.get("/sign-in/second/").status_code == 200
                answer = getattr(browser, method)(path)
            if answer.headers.get("Location", "").split("?")[0] != "/sign-in/":
                yield f"{method.upper()}: {answer.status_code}"


def test_there_are_routes_to_ask():
    assert len(OFFICE) > 50
    assert {r.name for r in ELSEWHERE} >= {"account:sign_in", "shop:page"}


def test_a_route_nobody_taught_the_things_fails_in_words():
    route = Route("<str:street_code>/x/<slug:nobody_knows>/", "x:y", None, (("nobody_knows", "slug"),))
    with pytest.raises(AssertionError, match="add a line"):
        Things._argument(object.__new__(Things), route, "nobody_knows", User())
