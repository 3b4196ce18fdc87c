"""What the pages of 荣誉榜 show: the list with one verb a row, a clipping cell by cell, one honour with all its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.honours import queries
from hege.honours.intake.reading import Cell, Doubt
from hege.honours.models import Clipping, Firm, Honour, HonourItem, HonourVersion, Objection
from hege.honours.numbers import sentences
from hege.honours.numbers.rules import Verdict, check
from hege.honours.queries import FirmMatch, History
from hege.honours.rules import (
    Act,
    FirmDraft,
    HonourDraft,
    HonourState,
    Stands,
    asks_for_approval,
    likeness,
    open_acts,
)
from hege.kernel.clock import day_of
from hege.kernel.grouped import grouped
from hege.kernel.several import several
from hege.web.access import Desk
from hege.web.jinja import day, dots
from hege.web.links import where
from hege.web.marks import Button, Chip, Line, Step, Tab, state, tabs
from hege.web.shared.kept_files import Shown, files_shown
from hege.web.shared.numbers import LOOKS, numbers_said, parts_in_words

#: What is done to an honour: what it is called, whose it is, the page, the icon.
ACTS: Mapping[Act, tuple[str | Promise, str, str, str]] = {
    Act.CHECK: (gettext_lazy("核对"), "honours.check", "honours:check", "circle-check"),
    Act.BEGIN_PUBLICITY: (gettext_lazy("开始公示"), "honours.publish", "honours:publicity", "hourglass"),
    Act.PUBLISH: (gettext_lazy("上榜"), "honours.publish", "honours:publish", "send"),
    Act.CORRECT: (gettext_lazy("更正"), "honours.take_in", "honours:correct", "pencil"),
    Act.DROP: (gettext_lazy("不予采用"), "honours.publish", "honours:drop", ""),
    Act.WITHDRAW: (gettext_lazy("撤下"), "honours.publish", "honours:withdraw", ""),
}
#: What leads on; the others end an honour or begin it anew.
FORWARD = (Act.CHECK, Act.BEGIN_PUBLICITY, Act.PUBLISH)
#: Tab -> states. What is over is hidden unless asked for.
TABS: Mapping[str, tuple[str | Promise, tuple[HonourState, ...]]] = {
    "": (gettext_lazy("在办"), (HonourState.DRAFTED, HonourState.CHECKED, HonourState.IN_PUBLICITY)),
    "published": (gettext_lazy("在榜上"), (HonourState.PUBLISHED,)),
    "over": (gettext_lazy("到期、撤下和不采用"), (HonourState.EXPIRED, HonourState.WITHDRAWN, HonourState.DROPPED)),
    "all": (gettext_lazy("全部"), tuple(HonourState)),
}
#: The steps to the roll, as its way names them.
WAY: Mapping[HonourState, str | Promise] = {
    HonourState.CHECKED: gettext_lazy("第二个人核对"),
    HonourState.IN_PUBLICITY: gettext_lazy("公示"),
    HonourState.PUBLISHED: gettext_lazy("上榜"),
}


def buttons_for(honour: Honour, stands: Stands, desk: Desk) -> list[Button]:
    """What this person may do to an honour now: what leads on is the page's own button."""
    acts = open_acts(stands, by=desk.user.pk)
    some = [(act, *ACTS[act]) for act in ACTS if act in acts and desk.may(ACTS[act][1])]
    return [
        Button(label, desk.to(name, honour.public_id), icon, main=act in FORWARD)
        for act, label, _verb, name, icon in some
    ]


class HonourRow(NamedTuple):
    """One line of the list: what it says, what is asked of it, and the one thing to do."""

    version: HonourVersion
    chip: Chip
    note: str
    button: Button


class HonourList:
    """The honours of a street; what is under way by default, the oldest first."""

    def __init__(self, desk: Desk, tab: str) -> None:
        self.desk, self.tab = desk, tab if tab in TABS else ""
        self.states = TABS[self.tab][1]

    @cached_property
    def counts(self) -> dict[str, int]:
        found = queries.counts_of(self.desk.street)
        return {tab: sum(found[one] for one in states) for tab, (_label, states) in TABS.items()}

    @property
    def tabs(self) -> list[Tab]:
        return tabs(self.desk.to("honours:index"), {tab: t[0] for tab, t in TABS.items()}, self.tab, self.counts)

    @property
    def ordered(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = HonourVersion.objects.that_count()
        rows = rows.filter(street=self.desk.street, honour__state__in=self.states).select_related(
            "honour__firm", "body", "by"
        )
        return rows.order_by("honour_id" if self.tab == "" else "-honour_id")

    def rows(self, versions: Sequence[HonourVersion]) -> list[HonourRow]:
        """The lines of a part of the list; what may be done is asked for all of them at once."""
        stands = queries.stands_of(self.desk.street, versions, on=self.desk.today)
        return [self._row(version, stands[version.honour_id]) for version in versions]

    def _row(self, version: HonourVersion, stands: Stands) -> HonourRow:
        found = [b for b in buttons_for(version.honour, stands, self.desk) if b.main]
        see = Button(_("看"), self.desk.to("honours:detail", version.honour.public_id))
        return HonourRow(version, state(version.honour), waits(stands), found[0] if found else see)


def waits(stands: Stands) -> str:
    """What an honour waits for, in words."""
    said = []
    if stands.misfits:
        said.append(_("号码写法对不上"))
    if stands.taken:
        said.append(_("资格证书编号另一家也有"))
    if stands.open_objections:
        said.append(several("有 %(n)s 条异议没有处理") % {"n": stands.open_objections})
    if stands.state is HonourState.IN_PUBLICITY and stands.shown_until_on and stands.today < stands.shown_until_on:
        said.append(_("公示到 %(day)s 前") % {"day": day(stands.shown_until_on)})
    return dots(said)


# -- one honour ----------------------------------------------------------------------------------------------------------


class NumberLine(NamedTuple):
    """A number of an honour, what can be said of it, and in which colour."""

    item: HonourItem
    verdict: Verdict
    tone: str
    icon: str

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        return parts_in_words(self.verdict)

    @property
    def decided_by(self) -> str:
        return sentences.decided_by(self.verdict)

    @property
    def how_much(self) -> str:
        return sentences.how_much(self.verdict)


class HonourPage:
    """One honour as its page needs it."""

    def __init__(self, honour: Honour, desk: Desk) -> None:
        self.honour, self.desk = honour, desk
        self.history: History = queries.history_of(honour)
        self.now = self.history.now
        self.version = self.now.version
        self.stands = queries.stands_of(desk.street, [self.version], on=desk.today)[honour.pk]

    @property
    def buttons(self) -> list[Button]:
        return buttons_for(self.honour, self.stands, self.desk)

    @property
    def chips(self) -> list[Chip]:
        note = waits(self.stands)
        return [state(self.honour), *([Chip(note, "amber")] if note else [])]

    @cached_property
    def numbers(self) -> list[NumberLine]:
        patterns = queries.patterns_for(self.desk.street)
        found = queries.checks_of(self.now, on=self.desk.today, patterns=patterns)
        return [NumberLine(item, verdict, *LOOKS[verdict.answer]) for item, verdict in found]

    @property
    def lines(self) -> list[HonourItem]:
        """What it names without a number."""
        return [item for item in self.now.items if not item.number_as_printed]

    @property
    def public_href(self) -> str:
        """The page that everybody reads, once there is one."""
        return where("roll:honour", self.honour.public_id) if queries.was_shown(self.history) else ""

    @property
    def looked_at(self) -> list[tuple[str, object]]:
        """What a second person looks at before they say yes: whose it is, what it is called, its numbers, its source."""
        version = self.version
        named = [
            (str(n.item.get_kind_display()), dots([n.item.name, n.item.number_as_printed, n.verdict.answer.label]))
            for n in self.numbers
        ]
        return [
            (_("企业"), self.honour.firm.name),
            (_("荣誉名称"), version.title),
            *((str(item.get_kind_display()), item.name) for item in self.lines),
            *named,
            (_("批准文号"), version.approval_no or (_("未向我们出示") if self.lacks_approval else None)),
            (_("有效期到"), day(version.expires_on) if version.expires_on else _("未写明")),
            (
                _("出处"),
                dots([version.source, version.source_page, day(version.source_on) if version.source_on else ""]),
            ),
        ]

    @property
    def lacks_approval(self) -> bool:
        return asks_for_approval(self.version.title) and not self.version.approval_no

    @cached_property
    def twins(self) -> list[tuple[str, HonourVersion]]:
        """The honours of other firms that have one of these numbers."""
        found = queries.twins_of(self.desk.street, [self.now])[self.honour.pk]
        return [(number, other) for number, others in found.items() for other in others]

    @cached_property
    def objections(self) -> list[Objection]:
        return queries.objections_of(self.honour)

    @property
    def files(self) -> list[Shown]:
        return files_shown(self.desk, "honours", [self.honour.pk])[self.honour.pk]

    @property
    def steps(self) -> list[Step]:
        """The way to the roll, with the day of each step of the version that counts."""
        taken = {HonourState(s.to): s for s in self.history.steps if s.version_id == self.version.pk}
        now = HonourState(self.honour.state)
        begun = now is HonourState.DRAFTED
        out = [Step.of(_("录入"), day(day_of(self.version.at)), done=not begun, now=begun)]
        for one, label in WAY.items():
            step = taken.get(one)
            over = (step is not None and one is not now) or one is now is HonourState.PUBLISHED
            out.append(Step.of(label, day(day_of(step.at)) if step else "", done=over, now=one is now))
        return out

    @property
    def timeline(self) -> list[Line]:
        """Everything that happened, the latest first."""
        happened = [(v.version.at, v.version.pk, self._drafted(v.version)) for v in self.history.versions]
        for step in self.history.steps:
            shown = HonourState(step.to)
            tone = "red" if shown in (HonourState.WITHDRAWN, HonourState.DROPPED) else ""
            said = [step.get_seen_display(), step.get_consent_display(), step.words]
            who = step.by.full_name if step.by else _("系统")
            happened.append(
                (step.at, step.pk, Line(shown.label, dots([day(day_of(step.at)), who, *filter(None, said)]), tone))
            )
        return [line for _at, _pk, line in sorted(happened, key=lambda one: (one[0], one[1]), reverse=True)]

    @staticmethod
    def _drafted(version: HonourVersion) -> Line:
        words = _("录入") if version.number == 1 else _("更正，第 %(n)s 版") % {"n": version.number}
        who = version.by.full_name if version.by else _("系统")
        return Line(words, dots([day(day_of(version.at)), who, *filter(None, [version.reason])]))


# -- a clipping ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CellRow:
    """A cell as its page shows it: as printed, as read, what is asked, and what its draft would be."""

    cell: Cell
    drafts: Sequence[HonourDraft]
    match: FirmMatch | None
    again: str
    done: Sequence[Honour]
    numbers: Chip | None

    @property
    def number(self) -> int:
        return self.cell.number

    @property
    def firm(self) -> FirmDraft:
        return self.drafts[0].firm

    @property
    def same_name(self) -> Sequence[Firm]:
        return self.match.same_name if self.match and self.match.sure is None else ()

    @property
    def doubtful(self) -> frozenset[str]:
        """The printed lines that a doubt is about."""
        return frozenset(word for doubt in self.cell.doubts for word in doubt.words)

    @property
    def rank(self) -> int:
        """Open first, then what is only proposed, then what nobody asks about."""
        if self.cell.is_open:
            return 0
        return 1 if any(not doubt.decided for doubt in self.cell.doubts) else 2 if self.cell.doubts else 3


class ClippingPage:
    """A clipping read with what persons have said of its doubts."""

    def __init__(self, clipping: Clipping, desk: Desk) -> None:
        self.clipping, self.desk = clipping, desk
        self.read = queries.read(clipping)
        done = queries.drafted_cells(clipping)
        drafts = grouped((d.cell, d) for d in queries.drafts_of(clipping, code_on=desk.today))
        matches = queries.match_firms(desk.street, {d.firm for some in drafts.values() for d in some})
        verdicts = {cell: [self._verdicts(draft) for draft in some] for cell, some in drafts.items()}
        there = self._there(drafts, matches, verdicts)
        self.rows = [
            CellRow(
                cell, drafts[cell.number], matches.get(drafts[cell.number][0].firm) if drafts[cell.number] else None,
                there.get(cell.number, ""), done[cell.number], _numbers(chain(*verdicts.get(cell.number, ()))),
            )
            for cell in self.read.cells
        ]  # fmt: skip

    def _there(
        self,
        drafts: Mapping[Any, Sequence[HonourDraft]],
        matches: Mapping[FirmDraft, FirmMatch],
        verdicts: Mapping[Any, Sequence[Sequence[Verdict]]],
    ) -> dict[int, str]:
        """Of cells whose honour stands there already, what is there."""
        likes = {}
        for cell, some in drafts.items():
            for draft, said in zip(some, verdicts[cell], strict=True):
                match = matches[draft.firm]
                for firm in [match.sure] if match.sure else match.same_name:
                    numbers = [verdict.read_as for verdict in said]
                    likes[likeness(firm.pk, draft.title, numbers)] = cell
        found = queries.entries_like(self.desk.street, list(likes))
        return {
            likes[like]: _("同一家企业的这项荣誉已经登记过，现在是“%(state)s”。") % {"state": h.get_state_display()}
            for like, h in found.items()
        }

    def _verdicts(self, draft: HonourDraft) -> list[Verdict]:
        code, on, patterns = draft.firm.code, self.desk.today, self._patterns
        return [check(i.number, firm_code=code, on=on, patterns=patterns) for i in draft.items if i.number]

    @cached_property
    def _patterns(self) -> list[Any]:
        return queries.patterns_for(self.desk.street)

    @property
    def asked(self) -> list[CellRow]:
        """The cells with a question, the open ones first."""
        return sorted(
            (row for row in self.rows if row.cell.doubts and not row.done), key=lambda row: (row.rank, row.number)
        )

    @property
    def plain(self) -> list[CellRow]:
        """The cells about which nothing is asked."""
        return [row for row in self.rows if not row.cell.doubts and not row.done]

    @property
    def taken(self) -> list[CellRow]:
        """The cells that are drafted already."""
        return [row for row in self.rows if row.done]

    @property
    def takeable(self) -> list[CellRow]:
        return [row for row in self.rows if row.drafts]

    @property
    def proposed(self) -> list[Doubt]:
        """What was proposed and nobody has decided."""
        return [d for row in self.asked for d in row.cell.doubts if not d.decided and not d.is_open]


def _numbers(verdicts: Iterable[Verdict]) -> Chip | None:
    """How the numbers of a cell are written, in one mark: the worst of them."""
    answers = [verdict.answer for verdict in verdicts]
    worst = next((one for one in LOOKS if one in answers), None)
    return Chip(numbers_said(worst, answers.count(worst)), *LOOKS[worst]) if worst else None
