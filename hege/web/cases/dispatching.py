"""一起派遣: several cases handed to one party at once; what of them is left, and why."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.cases.actions import Dispatchings, dispatch_all
from hege.cases.models import Case
from hege.cases.queries import cases_to_dispatch, things_among
from hege.cases.rules import HANDLING_DAYS
from hege.kernel.several import several
from hege.people.models import Party
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent
from hege.web.cases.forms import PartiesForm, days_field
from hege.web.cases.urging import MOST_AT_ONCE, several_done
from hege.web.forms import long_text

#: A case, and the version of it that was seen.
SEEN = re.compile(r"([a-z0-9]{12})\.([0-9]{1,9})", re.ASCII)


def dispatched(made: Dispatchings) -> str:
    """What came of it, and why the rest was left."""
    return several_done(made, several("已派遣 %(n)s 件。"))


class DispatchAllForm(PartiesForm):
    """Which of those that wait, who leads them, how long each may take."""

    party_fields = ("lead",)
    cases = forms.MultipleChoiceField(label=gettext_lazy("派遣哪些"), widget=forms.CheckboxSelectMultiple)
    lead = forms.ModelChoiceField(label=gettext_lazy("牵头单位"), queryset=Party.objects.none())
    days = days_field(
        gettext_lazy("办理期限（工作日）"), 250, initial=HANDLING_DAYS,
        help_text=gettext_lazy("从派遣当天算起，签收晚也不延长；退单以后再派的，期限不变。"),
    )  # fmt: skip
    text = long_text(gettext_lazy("交办要求"), required=False)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, desk=desk, **kwargs)
        self.desk = desk
        self.offer(cases=[(f"{case.public_id}.{case.version}", self._line(case)) for case in self.waiting])
        self.fields["cases"].valid_value = lambda _value: True  # type: ignore[attr-defined]  # looked for in clean_cases

    @cached_property
    def waiting(self) -> list[Case]:
        """Those that wait, in the part of the street where this person may dispatch."""
        return cases_to_dispatch(self.desk.street, paths=self.desk.paths("cases.see"), most=MOST_AT_ONCE)

    def _line(self, case: Case) -> str:
        said = {"number": case.number, "title": case.title, "state": case.get_state_display()}
        return _("案 %(number)s：%(title)s（%(state)s）") % said

    def clean_cases(self) -> list[tuple[Case, int]]:
        """The cases ticked, as they stand now, each with the version that was seen."""
        found = filter(None, map(SEEN.fullmatch, self.cleaned_data["cases"]))
        seen = {match[1]: int(match[2]) for match in found}
        among = things_among(self.desk.street, [*seen][:MOST_AT_ONCE], paths=self.desk.paths("cases.see"))
        cases = [(case, seen[case.public_id]) for case in among if isinstance(case, Case)]
        if len(cases) < len(set(self.cleaned_data["cases"])):
            raise ValidationError(_("勾选的有几件已经不在您这里，请刷新后再勾。"))
        return cases


@opens("cases.dispatch")
def dispatch_several(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Hand several cases that wait to one party."""
    form = DispatchAllForm(sent(request), desk=desk)
    n = len(form.waiting)
    lead = several("等着派遣的 %(n)s 件，勾选的一次派给同一个单位。") % {"n": n}
    act = Act(_("一起派遣"), dispatched, [(_("案件"), desk.to("cases:index"))], lead, _("派遣勾选的"))
    return perform(request, act, form, _dispatch)


def _dispatch(*, cases: list[tuple[Case, int]], **said: Any) -> Dispatchings:
    return dispatch_all(cases, **said)
