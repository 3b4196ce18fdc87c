"""Urging on the pages (催办): how often it was done about each of some tasks and cases, and the button that does it."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from hege.cases.models import Case, Task
from hege.cases.queries import Urged, leads_of, urged
from hege.cases.rules import CaseState, TaskState, check_urgeable, check_urging_arrives
from hege.kernel.refused import Refused, allows, refusal_of
from hege.kernel.several import several
from hege.people.models import Party, Role
from hege.people.queries import acting_for_each
from hege.web.access import Desk
from hege.web.jinja import day, daylong
from hege.web.marks import Button

Thing = Task | Case


class Urges:
    """What one person may do, and was done, about the things of one page; three queries at most.

    ``back``: the page to come back to, where it is another than the thing's own.
    """

    def __init__(self, desk: Desk, things: Collection[Thing], back: str = "") -> None:
        self.desk, self.things, self.back = desk, list(things), back

    @cached_property
    def _tasks(self) -> list[Task]:
        return [thing for thing in self.things if isinstance(thing, Task)]

    @cached_property
    def _cases(self) -> list[int]:
        return [thing.pk for thing in self.things if isinstance(thing, Case)]

    @cached_property
    def _urged(self) -> dict[tuple[int, int | None], Urged]:
        if not self.things:
            return {}
        of = {"tasks": [task.pk for task in self._tasks], "cases": self._cases}
        return urged(self.desk.street, **of, by=self.desk.user, on=self.desk.today)

    @cached_property
    def _leads(self) -> dict[int, Party]:
        return leads_of(self.desk.street, self._cases) if self._cases else {}

    @cached_property
    def _people(self) -> dict[int, set[int]]:
        parties = {task.party_id for task in self._tasks} | {party.pk for party in self._leads.values()}
        return acting_for_each(parties, self.desk.street, on=self.desk.today, but=[Role.AGENT]) if parties else {}

    def of(self, thing: Thing) -> Urged:
        """How it was urged."""
        key = (thing.case_id, thing.pk) if isinstance(thing, Task) else (thing.pk, None)
        return self._urged.get(key, Urged())

    def said(self, thing: Thing) -> str:
        """The same in words, empty where nobody was urged."""
        was = self.of(thing)
        if was.last_on is None:
            return ""
        last = day(was.last_on) if was.last_on.year == self.desk.today.year else daylong(was.last_on)
        return several("催办过 %(n)s 次，最近 %(day)s") % {"n": was.times, "day": last}

    def party(self, thing: Thing) -> Party | None:
        """Who is urged: who has the task, or who leads the case."""
        return thing.party if isinstance(thing, Task) else self._leads.get(thing.pk)

    def people(self, thing: Thing) -> int:
        """How many of theirs find it at their bell; who urges is not told of it."""
        party = self.party(thing)
        return len(self._people.get(party.pk, set()) - {self.desk.user.pk}) if party else 0

    def arrives(self, thing: Thing) -> bool:
        """Whether it reaches anybody without a word of how."""
        party = self.party(thing)
        return party is not None and allows(check_urging_arrives, party=party.name, people=self.people(thing), words="")

    def refusal(self, thing: Thing) -> Refused | None:
        """Why nobody is to be urged now, None where they may be."""
        case, task = (thing.case, TaskState(thing.state)) if isinstance(thing, Task) else (thing, None)
        held = isinstance(thing, Task) and thing.held_on is not None
        facts = {"task": task, "urged_today": self.of(thing).today, "held": held}
        return refusal_of(check_urgeable, case=CaseState(case.state), **facts)

    def may(self, thing: Thing) -> bool:
        """Whether this person may urge now."""
        return self.desk.may("cases.ask") and self.refusal(thing) is None

    def button(self, thing: Thing, *, at_once: bool) -> Button | None:
        """Sends it ``at_once``, where it reaches somebody; else leads to the page where one writes a word to it."""
        if not self.may(thing):
            return None
        name = "cases:urge_task" if isinstance(thing, Task) else "cases:urge"
        href, back = self.desk.to(name, thing.public_id), {"back": self.back} if self.back else {}
        if at_once and self.arrives(thing):
            return Button(_("催办"), href, hidden=back)
        return Button(_("催办"), f"{href}?{urlencode(back)}" if back else href)
