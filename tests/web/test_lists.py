"""Every list: a thing stands in it once, however many things hang on it. Generated from the table of addresses."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

import pytest

from hege.cases.models import CaseParty
from hege.cases.reports.actions import record_visit
from hege.cases.rules import PartyRole, PaysHow, ReceiptsHeld
from hege.cases.tasks.actions import add_task
from hege.conferences import actions as conferences
from hege.kernel import clock
from hege.people.models import Membership, Role
from hege.places.staff.actions import ask_for_role
from hege.web.access import MAY
from tests.cast import DAY
from tests.routes import Route
from tests.web.streets import OFFICE, Streets, each, tabs, told, verb_of

#: Pages of the whole street that show rows: they take no thing in their address.
LISTS = [
    r
    for r in OFFICE
    if verb_of(r).endswith(".see")
    and [name for name, _ in r.parameters] == ["street_code"]
    and r.name != "search:index"  # shows nothing before it is asked
    and r.name != "programme:index"  # is no table: an activity stands in the month of its one topic
    and r.name != "points:index"  # sums and rounds: a round is of three members, and leads to none of them
]

#: Lists that may name a thing twice, and why.
ONE_THING_IN_SEVERAL_ROWS = {
    "today:index": "each row is something that is due; two may be about one thing",
    "trail:index": "each row is an act; two may be done to one thing",
    "people:index": "each row is a post; one person may hold two",
    "people:requests": "each row is a request; two may be about one person",
}

#: Whose first page is no table: meters of their own, stops of a round.
NO_TABLE = {Role.AGENT, Role.GRID_WORKER, Role.CHECKER, Role.MEDIATOR, Role.ADMINISTRATOR}

pytestmark = [pytest.mark.slow, pytest.mark.once]

TABLE = re.compile(r"<tbody.*?</tbody>", re.S)
ROW = re.compile(r"<tr\b.*?</tr>", re.S)
LINK = re.compile(r'<a\b[^>]*\bhref="([^"]+)"')


def rows_of(html: str) -> list[str]:
    """The rows of a page's tables."""
    return [row for table in TABLE.findall(html) for row in ROW.findall(table)]


def main_links(html: str) -> list[str]:
    """Where each row leads first."""
    return [found[1] for row in rows_of(html) if (found := LINK.search(row))]


@each(LISTS)
class EveryList(Streets):
    """One list at a time, over things on which several others hang."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cast, case, now, today = cls.near.cast, cls.near.case, clock.now(), clock.today()
        CaseParty.objects.create(
            street=cast.street, case=case, party=cast.office, role=PartyRole.SHOP, from_on=today
        )  # the clerk's own office twice in one case
        for days in (3, 9):
            add_task(case, party=cast.office, title=f"再查 {days}", days=days, by=cast.coordinator, at=now)
        for role in Role:
            cls.near.told(cast.of(role))
        for role in MAY["lists.see"]:
            cls.near.saved_view(cast.of(role))
        for role in MAY["jobs.see"]:
            cls.near.job(cast.of(role))
        for receipts in (ReceiptsHeld.SOME, ReceiptsHeld.NONE):
            record_visit(
                cls.near.unit, visited_on=today, pays_how=PaysHow.TO_AGENT, receipts_held=receipts, unpaid_fen=100,
                by=cast.grid_worker, at=now,
            )  # fmt: skip
        for _round in range(2):
            met = conferences.call_conference(
                case, meets_on=today, place="综合网格", agenda="再谈", parties=[cast.office, cast.utility],
                by=cast.coordinator, at=now,
            )  # fmt: skip
            met = conferences.record_meeting(
                met, held_on=today, attended=[(cast.office, "王"), (cast.utility, "李")], by=cast.coordinator, at=now
            )
            for days in (5, 6):
                conferences.record_decision(
                    met, lead=cast.office, assisting=[cast.utility], measure=f"办法 {days}",
                    due_on=today + dt.timedelta(days=days), evidence_required="文本", by=cast.coordinator, at=now,
                )  # fmt: skip
            conferences.sign_minutes(met, text="各方同意。", by=cast.coordinator, at=now)
        for role in (Role.AUDITOR, Role.GRID_WORKER):  # several posts, one of them in a part of the street
            Membership.objects.create(
                street=cast.street, user=cast.clerk, role=role, path=cls.near.place.path, from_on=DAY
            )
        for role in (Role.CHECKER, Role.GRID_WORKER):  # two requests about one person
            ask_for_role(
                cast.street, cast.mediator, role=role, place=cls.near.place, from_on=today, reason="人手不够",
                by=cast.administrator, at=now,
            )  # fmt: skip

    def each_thing_stands_once(self, route: Route) -> None:
        what = rows_of if route.name in ONE_THING_IN_SEVERAL_ROWS else main_links
        path, twice = route.path(street_code=self.near.cast.street.code), []
        for role in MAY[verb_of(route)]:
            user = self.near.cast.of(role)
            first = self.ask("get", path, user)
            is_first = route.name == "today:index" and role in NO_TABLE
            assert rows_of(told(first)) or role is Role.AGENT or is_first, f"nothing for {role.value} to see"
            for answer in [first, *(self.ask("get", path + query, user) for query in tabs(path, first))]:
                rows = Counter(what(told(answer)))
                twice += [f"{role.value}: {row} {times} times" for row, times in rows.items() if times > 1]
        assert twice == []


@pytest.mark.parametrize(
    ("rows", "links"), [('<td><a href="/a/">A</a><a href="/b/">B</a></td>', ["/a/"]), ("<td>nothing</td>", [])]
)
def test_the_first_link_of_a_row_is_its_own(rows: str, links: list[str]):
    assert main_links(f"<table><tbody><tr>{rows}</tr></tbody></table>") == links
