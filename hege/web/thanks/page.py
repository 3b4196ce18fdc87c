"""What the pages of 致谢 show: the list with one verb a row, one of them with its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.kernel.calendar import DAY
from hege.kernel.several import several
from hege.programme.thanks import queries
from hege.programme.thanks.models import Thanks, ThanksObjection, ThanksStep
from hege.programme.thanks.rules import SHOWN, Act, Stands, ThanksState, named_in_public, open_acts
from hege.web.access import Desk
from hege.web.jinja import day, dots, lines
from hege.web.marks import Button, Chip, Line, Step, Tab, state, tabs
from hege.web.shared.served import facts_said

#: What is done to thanks: what it is called, whose it is, the page, the icon.
ACTS: Mapping[Act, tuple[str | Promise, str, str, str]] = {
    Act.REVIEW: (gettext_lazy("复核"), "thanks.review", "thanks:review", "circle-check"),
    Act.SHOW: (gettext_lazy("开始公示"), "thanks.give", "thanks:show", "hourglass"),
    Act.GIVE: (gettext_lazy("送达"), "thanks.give", "thanks:give", "send"),
    Act.REVOKE: (gettext_lazy("撤回"), "thanks.give", "thanks:revoke", ""),
    Act.DROP: (gettext_lazy("不再办这份"), "thanks.give", "thanks:drop", ""),
}
#: What leads on; the others end it.
FORWARD = (Act.REVIEW, Act.SHOW, Act.GIVE)
#: Tab -> states. What is over is hidden unless asked for.
TABS: Mapping[str, tuple[str | Promise, tuple[ThanksState, ...]]] = {
    "": (gettext_lazy("在办"), (ThanksState.PROPOSED, ThanksState.REVIEWED, ThanksState.IN_PUBLICITY)),
    "given": (gettext_lazy("已送达"), (ThanksState.GIVEN,)),
    "over": (gettext_lazy("撤回和不再办"), (ThanksState.REVOKED, ThanksState.DROPPED)),
    "all": (gettext_lazy("全部"), tuple(ThanksState)),
}
#: The steps to a letter, as its way names them.
WAY: Mapping[ThanksState, str | Promise] = {
    ThanksState.PROPOSED: gettext_lazy("提出"),
    ThanksState.REVIEWED: gettext_lazy("另一个人复核"),
    ThanksState.IN_PUBLICITY: gettext_lazy("公示"),
    ThanksState.GIVEN: gettext_lazy("送达"),
}


def buttons_for(thanks: Thanks, stands: Stands, desk: Desk) -> list[Button]:
    """What this person may do now: what leads on is the page's own button."""
    acts = open_acts(stands, by=desk.user.pk)
    some = [(act, *ACTS[act]) for act in ACTS if act in acts and desk.may(ACTS[act][1])]
    return [
        Button(label, desk.to(name, thanks.public_id), icon, main=act in FORWARD)
        for act, label, _verb, name, icon in some
    ]


def waits(stands: Stands) -> str:
    """What it waits for, in words."""
    if stands.state is ThanksState.PROPOSED:
        return _("等另一个人复核")
    if stands.state is ThanksState.REVIEWED:
        return _("等召集人公示")
    if stands.state is not ThanksState.IN_PUBLICITY or stands.shown_until_on is None:
        return ""
    if stands.open_objections:
        return several("%(n)d 条异议等着处理") % {"n": stands.open_objections}
    if stands.today < stands.shown_until_on:
        return _("公示到 %(day)s") % {"day": day(stands.shown_until_on - DAY)}
    return _("公示期满，等送达")


class ThanksRow(NamedTuple):
    """One line of the list: what it is, what it waits for, the one thing to do."""

    thanks: Thanks
    chip: Chip
    note: str
    button: Button


class ThanksList:
    """The thanks of a street; what is under way by default."""

    def __init__(self, desk: Desk, tab: str) -> None:
        self.desk, self.tab = desk, tab if tab in TABS else ""
        self.states = TABS[self.tab][1]

    @cached_property
    def counts(self) -> dict[str, int]:
        found = queries.counts_of(self.desk.street)
        return {tab: sum(found.get(one, 0) for one in states) for tab, (_label, states) in TABS.items()}

    @property
    def tabs(self) -> list[Tab]:
        return tabs(self.desk.to("thanks:index"), {tab: t[0] for tab, t in TABS.items()}, self.tab, self.counts)

    def rows(self, some: Sequence[Thanks]) -> list[ThanksRow]:
        """The lines of a part of the list; what may be done is asked for all of them at once."""
        stands = queries.stands_of(self.desk.street, some, on=self.desk.today)
        return [self._row(one, stands[one.pk]) for one in some]

    def _row(self, thanks: Thanks, stands: Stands) -> ThanksRow:
        found = [b for b in buttons_for(thanks, stands, self.desk) if b.main]
        see = Button(_("看"), self.desk.to("thanks:detail", thanks.public_id))
        return ThanksRow(thanks, state(thanks), waits(stands), found[0] if found else see)


def looked_at(thanks: Thanks, _desk: Desk) -> list[tuple[str, object]]:
    """What a second person looks at before they say yes: whom it is to, its words, the facts it rests on."""
    return [
        (_("感谢谁"), thanks.member.shown_number),
        (_("形式"), dots([str(thanks.get_kind_display()), thanks.season.name])),
        (_("标题"), thanks.title),
        (_("正文"), lines(thanks.words)),
        (_("批准文号"), thanks.approval_no or None),
        *facts_said(thanks.facts),
    ]


class ThanksPage:
    """One of them: its facts, its words, its way, what was said against it."""

    def __init__(self, thanks: Thanks, desk: Desk) -> None:
        self.thanks, self.desk = thanks, desk
        self.stands = queries.stands(thanks, on=desk.today)
        self.taken = queries.steps_of(thanks)

    @property
    def chips(self) -> list[Chip]:
        return [state(self.thanks), Chip(self.thanks.get_kind_display())]

    @property
    def buttons(self) -> list[Button]:
        return buttons_for(self.thanks, self.stands, self.desk)

    @property
    def waits(self) -> str:
        return waits(self.stands)

    @property
    def facts(self) -> list[tuple[str, str]]:
        return facts_said(self.thanks.facts)

    @property
    def steps(self) -> list[Step]:
        """The way to a letter, as far as it has come."""
        done = {step.to for step in self.taken}
        left = [to for to in WAY if to not in done]
        ended = self.thanks.state in (ThanksState.REVOKED, ThanksState.DROPPED)
        return [Step.of(WAY[to], done=to in done, now=not ended and left[:1] == [to]) for to in WAY]

    @property
    def lines(self) -> list[Line]:
        """Each step that was taken, the last one first."""
        return [Line(self._said(step), self._by(step)) for step in reversed(self.taken)]

    @staticmethod
    def _said(step: ThanksStep) -> str:
        return dots([str(ThanksState(step.to).label), step.words]) if step.words else str(ThanksState(step.to).label)

    @staticmethod
    def _by(step: ThanksStep) -> str:
        return dots([day(step.at), step.by.full_name if step.by else _("系统")])

    @cached_property
    def objections(self) -> list[ThanksObjection]:
        return queries.objections_of(self.thanks)

    @property
    def is_shown(self) -> bool:
        """Whether anybody finds it by its number."""
        return self.thanks.state in SHOWN

    @property
    def member_said(self) -> str:
        """Whom it is to, as the office names them."""
        member = self.thanks.member
        return named_in_public(number=member.shown_number, called=member.called, agreed=True)
