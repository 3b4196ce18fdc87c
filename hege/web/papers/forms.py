"""Forms of 文书: for which days, and what was looked at before it is issued."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY
from hege.papers.rules import LONGEST_REASON
from hege.web.forms import DayField, Form


class WantedForm(Form):
    """What is asked of a paper before it is looked at: nothing, of most."""

    def __init__(self, data: Mapping[str, str], *, today: dt.date, about: Mapping[str, Any]) -> None:
        """``data``: of the address or of what was sent; without any the paper's own beginning."""
        given = any(name in data for name in self.base_fields)
        super().__init__(data if given else self.begins(today, about))

    @staticmethod
    def begins(today: dt.date, about: Mapping[str, Any]) -> Mapping[str, str]:
        """What stands in it at first."""
        return {}

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What was asked, to be sent along with the press of the button."""
        return [(bound.name, str(bound.value() or "")) for bound in self]


class PeriodForm(WantedForm):
    """The days of a statement."""

    from_on = DayField(label=_("从哪天起"))
    last_on = DayField(label=_("到哪天止（含当天）"))

    @staticmethod
    def begins(today: dt.date, about: Mapping[str, Any]) -> Mapping[str, str]:
        """A year up to today."""
        first = (today.replace(day=1) - dt.timedelta(days=335)).replace(day=1)
        return {"from_on": first.isoformat(), "last_on": today.isoformat()}


class WeekForm(PeriodForm):
    """The days of a public notice."""

    @staticmethod
    def begins(today: dt.date, about: Mapping[str, Any]) -> Mapping[str, str]:
        """The last whole week, from Monday to Sunday."""
        sunday = today - (today.weekday() + 1) * DAY
        return {"from_on": (sunday - 6 * DAY).isoformat(), "last_on": sunday.isoformat()}


class FilingForm(WantedForm):
    """The filing with the regulator, which some of those whom a cut affects ask for."""

    filing = forms.CharField(
        label=_("主管部门备案文号"),
        help_text=_("受影响的有餐饮、医院、学校或居民时必须写。"),
        max_length=200,
        required=False,
    )

    @staticmethod
    def begins(today: dt.date, about: Mapping[str, Any]) -> Mapping[str, str]:
        """What the last notice was filed under."""
        return {"filing": about["notice"].filing}


class IssueForm(Form):
    """The digest of what was looked at."""

    digest = forms.CharField(max_length=64, widget=forms.HiddenInput, label=_("预览"))


class VoidForm(Form):
    """Why a paper counts no more."""

    reason = forms.CharField(label=_("为什么作废"), max_length=LONGEST_REASON, help_text=_("只在街道内部看得到。"))
