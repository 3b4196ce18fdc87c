"""What staff fill in at an activity: who, how many, for how long, why."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hege.members.models import Member
from hege.programme.activities.queries import member_by_number
from hege.programme.activities.rules import LONGEST_REASON
from hege.web.forms import Form, long_text

_NUMBER = re.compile(r"\d{1,6}\Z", re.ASCII)


class NumberForm(Form):
    """A member, by the number on their card or page."""

    number = forms.CharField(
        label=_("成员编号"), max_length=40, help_text=_("在本人手机的成员页上，或者成员卡上，例如 0427。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, *args: Any, desk: Any, **kwargs: Any) -> None:
        super().__init__(*args, desk=desk, **kwargs)
        self.street = desk.street

    def clean_number(self) -> Member:
        said = unicodedata.normalize("NFKC", self.cleaned_data["number"]).strip()
        found = member_by_number(self.street, int(said)) if _NUMBER.match(said) else None
        if found is None:
            raise ValidationError(_("没有编号是 %(said)s 的成员，请再看一下卡。") % {"said": said[:12]})
        found.street = self.street
        return found

    @property
    def said(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        return {"member": said.pop("number"), **said}


class SignUpForm(NumberForm):
    """How many come together."""

    party = forms.IntegerField(label=_("几个人来（连本人）"), min_value=1, max_value=99, initial=1)


class EntryForm(NumberForm):
    """For how long, and why no scan shows it."""

    minutes = forms.IntegerField(label=_("补多少分钟"), min_value=1, max_value=100_000)
    reason = long_text(
        _("为什么扫码没有记上"), _("例如：手机没电，签到处老张看着他进来的。"), most=LONGEST_REASON, rows=2
    )


class ReasonForm(Form):
    """Why."""

    reason = long_text(_("理由"), most=LONGEST_REASON, rows=2)


class ExcuseForm(Form):
    """Why somebody does not come."""

    reason = long_text(_("为什么请假"), _("写一句就行，不用写病情。"), most=LONGEST_REASON, rows=2)


class PressForm(Form):
    """A press of the button."""
