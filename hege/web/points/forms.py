"""What the coordinator says of how points are given."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.points.rules import Rule
from hege.web.forms import DayField, Form


class RuleForm(Form):
    """One value for every deed, two caps, how long points last, and from when on."""

    per_deed = forms.IntegerField(label=_("查实一件几分"), help_text=_("每一件都一样多，不分大小。"))
    day_cap = forms.IntegerField(label=_("一个人一天最多几分"))
    season_cap = forms.IntegerField(label=_("一个人一季最多几分"))
    life_days = forms.IntegerField(label=_("得到后几天内有效"))
    from_on = DayField(label=_("从哪天起"), help_text=_("最早从明天起；已经发的不变。"))

    @property
    def said(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        from_on = said.pop("from_on")
        return {"rule": Rule(**said), "from_on": from_on}
