"""What a month came to, in sums. Nothing here is told that has the name of a person, a shop or a unit in it."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from hege.arrears.cutoff.queries import threatened_between
from hege.arrears.queries import StreetMoney, money_of_street
from hege.billing.queries import moved_between
from hege.cases.queries import MonthOfCases, month_of_cases
from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.kernel.several import several
from hege.programme.figures.queries import MonthOfProgramme, month_of_programme
from hege.programme.figures.rules import Hidden
from hege.web.access import Desk
from hege.web.jinja import day, daylong, month_said
from hege.web.links import where
from hege.web.shared.picture import NAMES, one_sentence


class Figure(NamedTuple):
    """One figure of the strip: this month's, and last month's beside it; ``before`` is empty where it stands for today."""

    label: str
    n: str
    before: str


class Threat(NamedTuple):
    """One place where water was threatened, in sums."""

    place: str
    payable: int
    shops: int
    came_to: str


class MonthPage:
    """One month of a street, up to today where it is not over."""

    def __init__(self, desk: Desk, first: dt.date) -> None:
        self.desk, self.street, self.first = desk, desk.street, first
        self.next_first = (first + 32 * DAY).replace(day=1)
        self.before_first = (first - DAY).replace(day=1)
        self.on = min(desk.today, self.next_first - DAY)

    @property
    def title(self) -> str:
        return _("%(month)s一页纸") % {"month": month_said(self.first)}

    @property
    def as_of(self) -> str:
        return daylong(self.on)

    def _href(self, first: dt.date) -> str:
        return f"{where('month:index', self.street.code)}?month={first:%Y-%m}"

    @property
    def before_href(self) -> str:
        return self._href(self.before_first)

    @property
    def next_href(self) -> str:
        """The month after; empty where that has not begun."""
        return self._href(self.next_first) if self.next_first <= self.desk.today else ""

    # -- money ---------------------------------------------------------------------------------------------------------

    @cached_property
    def money(self) -> StreetMoney:
        return money_of_street(self.street, on=self.on)

    @property
    def says(self) -> str:
        return one_sentence(self.money.payable, self.money.held)

    @property
    def moved(self) -> str:
        """What agents took and passed on in the month."""
        taken, passed, direct = moved_between(self.street, self.first, self.on)
        said = {"taken": yuan(taken), "passed": yuan(passed), "direct": yuan(direct)}
        if taken and not passed:
            text = _("本月又收 %(taken)s 元，一分没交上去；商户直接交水务公司 %(direct)s 元。")
        else:
            text = _("本月收 %(taken)s 元，交上去 %(passed)s 元；商户直接交水务公司 %(direct)s 元。")
        return text % said

    @property
    def bar(self) -> list[dict[str, Any]]:
        """Who holds what is owed, as far as sums tell; empty where nothing is owed."""
        money = self.money
        if money.payable <= 0:
            return []
        held = min(money.held, money.payable)
        unpaid = min(money.acknowledged, money.payable - held)
        rest = money.payable - held - unpaid
        parts = (("held", held), ("unpaid", unpaid), ("unproven", rest))
        return [{"kind": kind, "fen": fen, "claimed": False, "label": NAMES[kind]} for kind, fen in parts]

    # -- cases ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _cases(self) -> tuple[MonthOfCases, MonthOfCases]:
        """This month's and last month's."""
        before = month_of_cases(self.street, self.before_first, self.first - DAY)
        return month_of_cases(self.street, self.first, self.on), before

    @property
    def figures(self) -> list[Figure]:
        now, before = self._cases
        return [
            Figure(_("来件"), str(now.reports), str(before.reports)),
            Figure(_("新立案件"), str(now.filed), str(before.filed)),
            Figure(_("办结"), str(now.closed), str(before.closed)),
            Figure(_("到月底逾期没办的"), str(now.late), str(before.late)),
        ]

    # -- water ---------------------------------------------------------------------------------------------------------

    @cached_property
    def threats(self) -> list[Threat]:
        """Where water was threatened in the month, the most owed first."""
        return [
            Threat(
                one.place or _("没有落格的总表"), one.payable, one.shops, self._came_to(one.state_label, one.last_on)
            )
            for one in threatened_between(self.street, self.first, self.on)
        ]

    @staticmethod
    def _came_to(state: str, last_on: dt.date | None) -> str:
        return _("%(state)s，到 %(day)s") % {"state": state, "day": day(last_on)} if last_on else state

    # -- programme -----------------------------------------------------------------------------------------------------

    @cached_property
    def programme(self) -> MonthOfProgramme:
        return month_of_programme(self.street, self.first, self.on)

    @property
    def programme_facts(self) -> list[tuple[str, str]]:
        found = self.programme
        came = several("%(n)s 人次") % {"n": found.came} if isinstance(found.came, int) else str(Hidden.FEW.label)
        return [
            (_("活动场次"), str(found.activities)),
            (_("到场"), came),
            (_("券用掉"), several("%(n)s 张") % {"n": found.redeemed}),
            (_("应付商户"), _("%(sum)s 元") % {"sum": yuan(found.owed_fen)}),
        ]
