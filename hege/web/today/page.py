"""今天: what a coordinator wants to know in the morning, in at most twenty-eight queries of its own, however much is open;
what an auditor asks first; and what a new street still lacks.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hege.arrears.cutoff.queries import RunningDeferral, running_deferrals
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.queries import holding_in, warnings_of_street
from hege.arrears.early_warning.rules import WarningKind, WarningState
from hege.arrears.queries import PointTotal, owed_and_held, points_by_payable, who_holds_the_money
from hege.billing.models import Payment
from hege.billing.queries import standing_bills
from hege.cases.models import Case, CaseRequest
from hege.cases.queries import (
    CaseDay,
    CaseDue,
    TaskDay,
    case_days,
    due_on_day,
    open_cases,
    reports_waiting,
    requests_to_decide,
    roots,
    standing,
    task_days,
    tasks_due,
)
from hege.conferences.queries import commitments_due
from hege.installation.queries import last_runs
from hege.installation.rules import Ran
from hege.kernel import clock
from hege.kernel.calendar import Calendar
from hege.kernel.clock import day_of
from hege.kernel.counted import COUNTED, Counted
from hege.kernel.several import several
from hege.ledger.rules import Level
from hege.mediation.queries import agreements_due
from hege.metering.models import Connection
from hege.people.models import Membership, Party, Role, Street
from hege.people.queries import requests_waiting
from hege.people.rules import SignIn
from hege.places.queries import unconfirmed_years, workday_calendar
from hege.privacy.trail_words import THINGS, VERBS
from hege.trail.models import TrailLine, UpkeepKind
from hege.web.access import Desk
from hege.web.jinja import day, dots, instant
from hege.web.links import where
from hege.web.marks import Button, Tab
from hege.web.shared.picture import one_sentence, squares
from hege.web.shared.requests import asks_for, who_asks
from hege.web.shared.urging import Thing, Urges
from hege.web.today import due
from hege.web.today.due import Due
from hege.web.watched import Watched

EVER = 10_000
#: Working days left of the lines under a tab; the others show all.
MOST = {"": 3, "week": 5}
SHOWN, LONGEST, ROOTS_SHOWN, SILENT_SHOWN, REQUESTS_SHOWN = 6, 200, 3, 3, 6
LINES_SHOWN = 9


@dataclass(frozen=True, slots=True)
class Silent:
    """A party that owes answers: how many, the most pressing, and the working days left of that, below zero when late."""

    party: Party
    count: Counted
    first: TaskDay
    worst: int

    @property
    def late(self) -> bool:
        return self.worst < 0


class Request(NamedTuple):
    """What somebody asks for: what, about which thing, who and when, and where one says yes or no."""

    asks: str
    title: str
    note: str
    href: str


class Term(NamedTuple):
    """How far an open line is: working days left, and its due day."""

    days_left: int
    due_on: dt.date


class Source(NamedTuple):
    """One kind of open line, most pressing first and no more of it than are counted: how many have which term."""

    terms: Counter[Term]
    cut_at: Term | None = None

    @classmethod
    def of(cls, terms: list[Term]) -> Source:
        """Where more are open than are counted, it is cut at the last that was looked at."""
        return cls(Counter(terms), terms[-1] if len(terms) > COUNTED else None)


class Board:
    """One person's morning. Parts they may not see are empty and ask the database nothing."""

    def __init__(self, desk: Desk, tab: str = "") -> None:
        self.desk, self.street, self.today, self.code = desk, desk.street, desk.today, desk.street.code
        #: Working days left; many things are due on few days.
        self._left = cache(lambda last: self.calendar.days_left(last, self.today))
        self.tab = tab if tab in ("week", "outside", "all") else ""
        self.shows_all = self.tab == "all"

    @cached_property
    def calendar(self) -> Calendar:
        return workday_calendar(self.street)

    @property
    def _mine_only(self) -> tuple[int, ...] | None:
        """A clerk sees the tasks of their own office, everybody else those of their part of the street."""
        if any(m.role != Role.CLERK for m in self.desk.memberships):
            return None
        return tuple(m.party_id for m in self.desk.memberships if m.party_id is not None)

    @cached_property
    def _sees(self) -> dict[str, Any]:
        """Which cases and tasks are theirs to see."""
        return {"paths": self.desk.paths("cases.see"), "party_ids": self._mine_only}

    @cached_property
    def _cases(self) -> list[list[CaseDay]]:
        """The open cases, in the parts the database keeps in order."""
        return case_days(self.street, most=COUNTED + 1, **self._sees) if self.desk.may("cases.see") else []

    @cached_property
    def _tasks(self) -> list[TaskDay]:
        return task_days(self.street, most=COUNTED + 1, **self._sees) if self.desk.may("cases.see") else []

    def _of_case(self, runs: bool, due_on: dt.date | None) -> Term:  # noqa: FBT001  # a column
        left = 0 if due_on is None else self._left(due_on)
        return Term(left if runs else max(0, left), due_on or self.today)

    @cached_property
    def _outside_tasks(self) -> list[TaskDay]:
        """Those of parties that are no office of the street: asked for by themselves where there are too many of all."""
        if len(self._tasks) > COUNTED:
            return task_days(self.street, outside=True, most=COUNTED + 1, **self._sees)
        return [t for t in self._tasks if not self._parties[t.party].inside]

    @property
    def asked_outside(self) -> Counted:
        """How many tasks parties outside have."""
        return Counted.of(len(self._outside_tasks))

    @cached_property
    def _parties(self) -> dict[int, Party]:
        """Those that have tasks."""
        wanted = {t.party for t in self._tasks}
        return Party.objects.filter(street=self.street).in_bulk(wanted) if wanted else {}

    def _worst_cases(self, most: int) -> list[Due]:
        heads = [case for part in self._cases for case in part[:most]]
        if not heads:
            return []
        heads.sort(key=lambda c: (self._of_case(c.runs, c.due_on), c.pk))
        only = [case.pk for case in heads[:most]]
        found = open_cases(self.street, on=self.today, is_workday=self.calendar, only=only, **self._sees)
        return [due.of_case(row, self.code, self.today) for row in found]

    def _worst_tasks(self, most: int, tasks: list[TaskDay]) -> list[Due]:
        if not tasks:
            return []
        found = tasks_due(
            self.street, on=self.today, is_workday=self.calendar, within=EVER,
            only=[t.pk for t in tasks[:most]], **self._sees,
        )  # fmt: skip
        return [due.of_task(row, self.code) for row in found]

    @cached_property
    def deferrals(self) -> list[RunningDeferral]:
        """The cut-offs put off (暂缓停水): those whose conditions were broken on top, then the one that ends first."""
        paths = self.desk.paths("cutoffs.see")
        return running_deferrals(self.street, on=self.today, calendar=self.calendar, paths=paths) if paths else []

    @cached_property
    def warnings(self) -> list[EarlyWarning]:
        """The warnings that hold, most pressing kind first."""
        paths = self.desk.paths("warnings.see")
        return holding_in(self.street, paths) if paths else []

    @property
    def waiting(self) -> list[EarlyWarning]:
        """Those nobody has taken up."""
        return [w for w in self.warnings if w.state == WarningState.OPEN]

    @property
    def waiting_beside(self) -> list[EarlyWarning]:
        """Those that are not among the lines of what is due: nothing stands on the page twice."""
        return [w for w in self.waiting if w.kind != WarningKind.BILL_OVERDUE or self._mine_only is not None]

    # -- 要办 -----------------------------------------------------------------------------------------------------------

    @cached_property
    def _few(self) -> list[Due]:
        """Promises, conditions, instalments, overdue bills: never so many that they cannot be read one by one."""
        code, today, calendar, paths = self.code, self.today, self.calendar, self.desk.paths
        promises = commitments_due(
            self.street, today, calendar, within=EVER, paths=paths("conferences.see"), party_ids=self._mine_only
        ) if paths("conferences.see") else []  # fmt: skip
        agreed = agreements_due(self.street, today, paths=paths("mediation.see")) if paths("mediation.see") else []
        bills = [w for w in self.waiting if w.kind == WarningKind.BILL_OVERDUE] if self._mine_only is None else []
        parts = [(row, row.following) for row in agreed if row.following is not None]
        return [
            *(due.of_commitment(row, code) for row in promises),
            *(line for d in self.deferrals for line in due.of_conditions(d, code, today, calendar)),
            *(due.of_instalment(row, p, code, calendar.days_left(p.due_on, today)) for row, p in parts),
            *(due.of_bill_warning(w, code, today, calendar) for w in bills),
        ]

    @cached_property
    def _sources(self) -> list[Source]:
        """All that is open, by where it comes from."""
        cases = [[self._of_case(case.runs, case.due_on) for case in part] for part in self._cases]
        tasks = [Term(self._left(task.due_on), task.due_on) for task in self._tasks]
        few = Counter(Term(line.days_left, line.due_on) for line in self._few)
        return [*map(Source.of, [*cases, tasks]), Source(few)]

    def _count(self, fits: Callable[[Term], bool]) -> Counted:
        """How many fit; where the last one that was looked at fits too, there may be more of its source."""
        n = sum(n for source in self._sources for term, n in source.terms.items() if fits(term))
        return Counted(n, any(source.cut_at is not None and fits(source.cut_at) for source in self._sources))

    def count(self, tab: str) -> Counted:
        """How many lines a tab holds: late and soon, this week, waiting for others, or all."""
        if tab == "outside":
            few, tasks = sum(r.outside for r in self._few), self.asked_outside
            return Counted(few + tasks.n, tasks.or_more)
        return self._count(lambda t: t.days_left <= MOST.get(tab, EVER))

    @property
    def tabs(self) -> list[Tab]:
        here = where("today:index", self.code)
        names = {"": _("急的在前"), "week": _("本周"), "outside": _("等别人")}
        return [
            Tab(label, f"{here}?show={tab}#due" if tab else f"{here}#due", self.tab == tab, self.count(tab))
            for tab, label in names.items()
        ]

    @cached_property
    def rows(self) -> list[Due]:
        """The worst lines of the tab: no more than one look takes in, or, asked for all, than one page."""
        shown, outside = (LONGEST if self.tab == "all" else SHOWN), self.tab == "outside"
        lines = [
            *([] if outside else self._worst_cases(shown)),
            *self._worst_tasks(shown, self._outside_tasks if outside else self._tasks),
            *(r for r in self._few if r.outside or not outside),
        ]
        found = [r for r in lines if r.days_left <= MOST.get(self.tab, EVER)]
        return sorted(found, key=lambda r: (r.days_left, r.due_on, r.title))[:shown]

    @cached_property
    def urges(self) -> Urges:
        """Who may be urged about which of the lines, and how often they were."""
        here = where("today:index", self.code)
        back = f"{here}?show={self.tab}#due" if self.tab else f"{here}#due"
        return Urges(self.desk, [r.urges for r in self.rows if r.urges], back)

    def verb(self, line: Due) -> Button:
        """The one likely verb of a line: to urge where it is late with somebody else, one click from here."""
        urge = self.urges.button(line.urges, at_once=True) if line.urges else None
        return urge or Button(line.verb, line.href)

    @property
    def more(self) -> Counted:
        """How many lines stand under the tab beyond those shown."""
        under = self.count(self.tab)
        return Counted(under.n - len(self.rows), under.or_more)

    @cached_property
    def late(self) -> Counted:
        """How many are late."""
        return self._count(lambda t: t.days_left < 0)

    @cached_property
    def for_today(self) -> Counted:
        """How many are due today; asked for by themselves where so many are late that today was not reached."""
        if not any(source.cut_at is not None and source.cut_at.due_on <= self.today for source in self._sources):
            return self._count(lambda t: t.due_on == self.today)
        *_dated, undated, _tasks, few = self._sources
        cases, tasks, _title = self._due_today
        known = sum(n for source in (undated, few) for term, n in source.terms.items() if term.due_on == self.today)
        return Counted(known + cases + tasks, undated.cut_at is not None or max(cases, tasks) > COUNTED)

    @cached_property
    def _due_today(self) -> tuple[int, int, str]:
        return due_on_day(self.street, self.today, most=COUNTED + 1, **self._sees)

    @property
    def first_for_today(self) -> str:
        """One of those that are due today, by its title."""
        few = [r.title for r in self._few if r.due_on == self.today]
        return min(few) if few else self._due_today[2]

    # -- 谁还没答 -------------------------------------------------------------------------------------------------------

    @cached_property
    def silent(self) -> list[Silent]:
        """Parties with tasks they have not answered, the longest late first."""
        cut = len(self._tasks) > COUNTED
        counts = Counter(t.party for t in self._tasks)
        first = {t.party: t for t in reversed(self._tasks)}
        found = [
            Silent(self._parties[p], Counted(n, cut), first[p], self._left(first[p].due_on)) for p, n in counts.items()
        ]
        return sorted(found, key=lambda s: (s.worst, -s.count.n, s.party.name))

    @cached_property
    def silent_shown(self) -> list[tuple[Silent, Button, int]]:
        """The first of them, each with what one may do about it and how often its worst task came back."""
        return [(s, self._ask(s), s.first.bounces) for s in self.silent[:SILENT_SHOWN]]

    def _ask(self, silent: Silent) -> Button:
        """Urges a party about all it is late with; where it is not, or not theirs to urge, leads to its worst task."""
        if silent.late and self.desk.may("cases.ask"):
            return Button(_("催办"), f"{where('cases:urge_all', self.code)}?party={silent.party.public_id}")
        return Button(_("看任务"), where("cases:task", self.code, silent.first.public_id))

    # -- 等您审批 -------------------------------------------------------------------------------------------------------

    @cached_property
    def requests(self) -> list[Request]:
        """What others ask for that this person may decide on (申请), the oldest first."""
        if not self.desk.may("cases.dispatch"):
            return []
        acts_for, paths = standing(self.desk.memberships).acts_for, self.desk.paths("cases.dispatch")
        rows = requests_to_decide(self.street, by=self.desk.user, acts_for=acts_for, paths=paths, most=REQUESTS_SHOWN)
        return [self._request(row, row.thing) for row in rows if row.thing is not None]

    def _request(self, row: CaseRequest, thing: Thing) -> Request:
        case, name = (thing, "cases:detail") if isinstance(thing, Case) else (thing.case, "cases:task")
        note = dots([_("案 %(number)s") % {"number": case.number}, who_asks(row), instant(row.asked_at)])
        return Request(asks_for(row), thing.title, note, f"{where(name, self.code, thing.public_id)}#request")

    # -- 同一个根 -------------------------------------------------------------------------------------------------------

    @cached_property
    def roots(self) -> list[CaseDue]:
        """Open cases that several reports came down to, the most reports first."""
        if self._mine_only is not None or not any(source.terms for source in self._sources):
            return []
        return roots(self.street, paths=self.desk.paths("cases.see"), most=ROOTS_SHOWN)

    @cached_property
    def squares(self) -> list[dict[str, str]]:
        """The shops behind the first root's meter, each by how its account stands."""
        point = self.roots[0].case.point if self.roots else None
        return [] if point is None else squares(who_holds_the_money(point, on=self.today))

    # -- tiles ----------------------------------------------------------------------------------------------------------

    @cached_property
    def _reports(self) -> tuple[int, dt.date | None]:
        if not self.desk.may("reports.see"):
            return 0, None
        n, oldest = reports_waiting(self.street, paths=self.desk.paths("reports.see"))
        return n, day_of(oldest) if oldest else None

    @cached_property
    def tiles(self) -> list[dict[str, Any]]:
        """Five figures, each a link, each with the worst of its group under it."""
        here = where("today:index", self.code)
        late, today, (reports, oldest) = self.late, self.for_today, self._reports
        silent = [s for s in self.silent if not s.party.inside]
        kinds = Counter(str(WarningKind(w.kind).label) for w in self.waiting)
        return [
            {"n": late, "label": _("已逾期"), "href": f"{here}#due", "late": bool(late),
             "note": several("最久 %(n)d 个工作日") % {"n": -min(t.days_left for source in self._sources for t in source.terms)} if late else _("没有拖下的事")},
            {"n": today, "label": _("今天到期"), "href": f"{here}?show=week#due", "late": False,
             "note": self.first_for_today if today else _("今天没有到期的")},
            {"n": reports, "label": _("来件待核实"), "late": False,
             "href": where("reports:index", self.code) if self.desk.may("reports.see") else here,
             "note": _("最早 %(day)s") % {"day": day(oldest)} if oldest else _("没有待核实的")},
            {"n": self.asked_outside, "label": _("等单位回话"), "href": f"{here}?show=outside#due", "late": False,
             "note": _("%(who)s 最久") % {"who": silent[0].party.name} if silent else _("没有等外单位的")},
            {"n": len(self.waiting), "label": _("水费预警"), "href": where("warnings:index", self.code), "late": False,
             "note": " · ".join(f"{name} {n}" for name, n in kinds.most_common(2)) or self.calm},
        ]  # fmt: skip

    @property
    def lead(self) -> str:
        """The day in one sentence."""
        said = []
        if self.late:
            said.append(ngettext("先办逾期的 %(n)s 件", "先办逾期的 %(n)s 件", self.late.n) % {"n": self.late})
        if self.deferrals:
            first = self.deferrals[0]
            text = _("%(meter)s的暂缓停水还剩 %(n)d 个工作日")
            if first.broken_on:
                text = _("%(meter)s的暂缓条件没有做到，不再暂缓停水")
            said.append(text % {"meter": first.point.name, "n": first.working_days_left})
        if self.for_today:
            said.append(_("今天有 %(n)s 件到期") % {"n": self.for_today})
        if said:
            return _("；").join(said) + _("。")
        if self.desk.may("warnings.see"):
            return _("今天没有逾期和到期的事；水费预警%(when)s。") % {"when": self.watched.when}
        return _("今天没有逾期和到期的事。")

    @cached_property
    def money_says(self) -> str:
        """Who holds the money behind the meters one sees that owe any, in one sentence; to those who see sums. Three queries."""
        paths = self.desk.paths("meters.see") if self.desk.may("month.see") else ()
        if not paths:
            return ""
        return one_sentence(*owed_and_held(self.street, on=self.today, paths=paths))

    @cached_property
    def watched(self) -> Watched:
        """As of when the warnings are known."""
        return Watched(self.street)

    @property
    def calm(self) -> str:
        """That no warning waits, and as of when; nothing where warnings are not theirs to see."""
        return self.watched.calm(_("没有待处理的预警")) if self.desk.may("warnings.see") else ""

    @cached_property
    def guessed_years(self) -> list[int]:
        """Years without a confirmed calendar into which an open term falls, told to those who see to it."""
        open_terms = [term.due_on for source in self._sources for term in source.terms]
        days = [*open_terms, *(d.last_day for d in self.deferrals)]
        return unconfirmed_years(self.street, days) if self.desk.may("settings.see") else []

    def conditions(self, deferral: RunningDeferral) -> list[due.ConditionLine]:
        """The conditions of a deferral with how each stands."""
        return due.conditions_of(deferral, self.calendar, self.today)


class ProofDesk:
    """What an auditor asks first. The whole proof is ``hege verify``: too dear for a page."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.street, self.watched = desk, desk.street, Watched(desk.street)

    @cached_property
    def owed(self) -> list[PointTotal]:
        """What each master meter owes the utility, the one that owes most first."""
        return points_by_payable(self.street, on=self.desk.today)

    @cached_property
    def verified(self) -> Ran | None:
        """The last time everything was verified (``hege verify``), by the worker at night or by hand."""
        return last_runs(kind=UpkeepKind.VERIFY).get(UpkeepKind.VERIFY)

    @property
    def title(self) -> str:
        """The answer: whether anything was changed, or does not add up."""
        if self.verified and not self.verified.well:
            return _("全面核对查出了问题，请先看")
        if self.failed:
            return _("有 %(n)s 处余额对不上") % {"n": len(self.failed)}
        if self.verified is None:
            return _("还没有全面核对过")
        return _("%(when)s 全面核对过，没有改动") % {"when": instant(self.verified.at)}

    @property
    def verified_said(self) -> str:
        """What the last verification found, in its own words; how to have one where there was none."""
        if self.verified is None:
            return _("每天夜里会自己全面核对一次；等不及，可以请管理员现在核对。")
        return self.verified.note or _("每一行都重算过：余额、分摊、留痕链和照片。")

    @cached_property
    def levels(self) -> dict[str, int]:
        """How many standing payments are at each level; one query."""
        rows = Payment.objects.filter(street=self.street, transaction__reversed_by__isnull=True).order_by()
        counted = rows.values_list("transaction__open_claim__level").annotate(n=Count("pk"))
        return {level or Level.CONFIRMED.value: n for level, n in counted}

    @property
    def tiles(self) -> list[dict[str, Any]]:
        """Four figures, each a link."""
        meters = where("meters:index", self.street.code)
        failed = len(self.failed)
        levels = (
            (Level.CONTESTED, _("有争议的收付"), _("有人否认")),
            (Level.CLAIMED, _("单方主张的收付"), _("等证据，不算进总数")),
            (Level.CONFIRMED, _("已证实的收付"), _("有独立证据或签字")),
        )
        note = self.failed[0].point.name if failed else self.watched.when
        first = {"n": failed, "label": _("余额核对不符"), "note": note, "href": "#failed", "late": failed > 0}
        return [first] + [
            {"n": self.levels.get(level.value, 0), "label": label, "note": note, "href": meters, "late": False}
            for level, label, note in levels
        ]

    @cached_property
    def failed(self) -> list[EarlyWarning]:
        """Balances that a third record contradicts (余额核对不符)."""
        return list(warnings_of_street(self.street).holding().filter(kind=WarningKind.ASSERTION_FAILED))

    @cached_property
    def lines(self) -> list[TrailLine]:
        """The last acts on the trail, without who came and went; ``word`` and ``about`` say one in words."""
        went = [SignIn.SIGNED_IN.value, SignIn.SIGNED_OUT.value]
        acts = TrailLine.objects.filter(street=self.street).exclude(verb__in=went)
        rows = acts.select_related("by").order_by("-seq")
        return list(rows[:LINES_SHOWN])

    def word(self, line: TrailLine) -> str:
        """What somebody did, in words."""
        return str(VERBS.get(line.verb, line.verb))

    def about(self, line: TrailLine) -> str:
        """To what sort of thing."""
        return str(THINGS.get(line.thing, line.thing))


def to_agree(desk: Desk) -> int:
    """How many requests wait for this administrator, where the street wants a second person; asks nothing elsewhere."""
    if not (desk.street.second_person and "" in (desk.paths("people.grant") or ())):
        return 0
    rows = requests_waiting(desk.street, at=clock.now())
    return rows.exclude(asked_by=desk.user).exclude(user=desk.user.pk).count()


class Step(NamedTuple):
    """One step: what, why, whether it is done, and the verb that leads there."""

    label: str
    note: str
    done: bool
    verb: str = ""
    href: str = ""


def steps_of(desk: Desk) -> list[Step]:
    """The five steps, for an administrator of the whole of a street that lacks one of them; else none. One query."""
    if not (desk.may("people.grant") and desk.may("imports.run")):
        return []
    street = desk.street
    mine = {"street": OuterRef("pk")}
    has = Street.objects.filter(code=street.code).values_list(
        Exists(Membership.objects.filter(**mine).exclude(role=Role.ADMINISTRATOR)),
        Exists(Connection.objects.filter(**mine)),
        Exists(standing_bills(street)),
        Exists(TrailLine.objects.filter(**mine, verb="hang_posters")),
    )
    people, roster, bill, posters = has.get()
    imports = where("imports:index", street.code)
    steps = [
        Step(_("建街道"), _("%(name)s，代码 %(code)s。") % {"name": street.name, "code": street.code}, done=True),
        Step(
            _("请人进来"), _("至少一名召集人；再加网格员、核查员、调解员和部门经办人。"), people, _("新增人员"),
            where("people:new", street.code),
        ),
        Step(_("导入总表和商铺名册"), _("先总表，再商铺；每种表都有模板。"), roster, _("去导入"), imports),
        Step(_("导入第一张水费账单"), _("分到各户以后，就看得出钱在谁手里。"), bill, _("去导入"), imports),
        Step(
            _("张贴二维码"), _("打印出来贴在各家店里，再回到打印页点“已经贴好”。"), posters, _("去打印"),
            where("units:index", street.code),
        ),
    ]  # fmt: skip
    return [] if all(step.done for step in steps) else steps
