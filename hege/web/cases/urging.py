"""Urging from the pages of 案件 (催办): what is said before and after, and what of one's part of the street is late."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Protocol

from django.utils.translation import gettext as _

from hege.cases.models import Case, Urging
from hege.cases.queries import late_cases, late_tasks, things_among
from hege.cases.tasks.actions import Urgings
from hege.kernel.calendar import Calendar
from hege.kernel.refused import Refused
from hege.kernel.several import several
from hege.people.models import Party
from hege.places.queries import workday_calendar
from hege.web.access import Desk
from hege.web.jinja import dots
from hege.web.marks import Text
from hege.web.shared.urging import Thing, Urges

MOST_AT_ONCE = 100
REASONS_SHOWN = 5


def who_is_told(urges: Urges, thing: Thing) -> str:
    """What happens when the button is pressed, or why it may not be; and what happened before."""
    if refused := urges.refusal(thing):
        return str(refused)
    party = urges.party(thing)
    n, name = urges.people(thing), party.name if party else ""
    told: Text = several("提醒发给“%(party)s”的 %(n)s 人，期限不变。")
    if not urges.arrives(thing):
        told = _("“%(party)s”没有人用本系统，提醒发不到：先打电话、当面催或发链接，再在这里记一笔。")
    now, before = str(told % {"party": name, "n": n}), urges.said(thing)
    return f"{now}{before}{_('。')}" if before else now


def urging_done(made: Urging) -> str:
    """What came of one."""
    said = several("已催办“%(party)s”，提醒发给了 %(n)s 人。") if made.told else _("已记下：催办过“%(party)s”。")
    return str(said % {"party": made.party.name, "n": made.told})


def urgings_done(made: Urgings) -> str:
    """What came of several, and why the rest was left."""
    return several_done(made, several("已催办 %(n)s 件。"))


class Several(Protocol):
    """What came of an act on several things: those that were done, and each that was left with why."""

    @property
    def done(self) -> Sequence[object]: ...
    @property
    def left(self) -> Sequence[tuple[Thing, Refused]]: ...


def several_done(made: Several, all_done: Text) -> str:
    """What came of it in words: the sentence ``all_done``, which counts ``n``, or how many were left and why."""
    done, left = len(made.done), made.left
    if not left:
        return str(all_done % {"n": done})
    why = _("；").join(f"{thing.title}{_('：')}{no}" for thing, no in left[:REASONS_SHOWN])
    return _("办好 %(done)s 件，没办成 %(left)s 件：%(why)s") % {"done": done, "left": len(left), "why": why}


class LateThings:
    """The late tasks, and cases their lead is late with, longest late first; of one ``party`` its tasks alone."""

    def __init__(self, desk: Desk, party: Party | None = None) -> None:
        self.desk, self._party = desk, party
        self._paths = desk.paths("cases.see")

    @cached_property
    def calendar(self) -> Calendar:
        return workday_calendar(self.desk.street)

    @cached_property
    def _all(self) -> list[Thing]:
        street, before = self.desk.street, self.calendar.first_in_time(self.desk.today)
        things: list[Thing] = [
            *late_tasks(street, before=before, paths=self._paths, party=self._party, most=MOST_AT_ONCE)
        ]
        if self._party is None:
            things += late_cases(street, before=before, paths=self._paths, most=MOST_AT_ONCE)
        return sorted(things, key=lambda thing: (self._left(thing), thing.title))[:MOST_AT_ONCE]

    def _left(self, thing: Thing) -> int:
        return self.calendar.days_left(thing.due_on, self.desk.today) if thing.due_on else 0

    @cached_property
    def urges(self) -> Urges:
        """Who may be urged about which."""
        return Urges(self.desk, self._all)

    @cached_property
    def things(self) -> list[Thing]:
        """Those that may be urged about today."""
        return [thing for thing in self._all if self.urges.may(thing)]

    @property
    def lead(self) -> str:
        """How many there are, and how many were urged about today already."""
        waits = len(self._all) - len(self.things)
        said = str(several("逾期没有办的 %(n)s 件，勾选的一次催办，期限不变。") % {"n": len(self.things)})
        return said + _("另有 %(n)s 件今天催过了。") % {"n": waits} if waits else said

    @property
    def ticked(self) -> list[str]:
        """Those that reach somebody."""
        return [thing.public_id for thing in self.things if self.urges.arrives(thing)]

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Each by whose it is and its title."""
        parties = {thing: self.urges.party(thing) for thing in self.things}
        return [
            (thing.public_id, f"{whose.name if whose else ''}{_('：')}{thing.title}")
            for thing, whose in parties.items()
        ]

    @property
    def notes(self) -> dict[str, str]:
        """What is said under each: its case, how late it is, how often it was urged about, and that it would reach nobody."""
        return {thing.public_id: self._note(thing) for thing in self.things}

    def _note(self, thing: Thing) -> str:
        number = thing.number if isinstance(thing, Case) else thing.case.number
        late = several("逾期 %(n)s 个工作日") % {"n": -self._left(thing)}
        nobody = "" if self.urges.arrives(thing) else _("没有人用本系统")
        return dots([_("案 %(number)s") % {"number": number}, late, self.urges.said(thing), nobody])

    def among(self, public_ids: Collection[str]) -> list[Thing]:
        """Those of some tasks and cases that this person sees, late or not."""
        return things_among(self.desk.street, list(public_ids)[:MOST_AT_ONCE], paths=self._paths)
