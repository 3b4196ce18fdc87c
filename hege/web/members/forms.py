"""What the office fills in about a member."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.members.rules import LONGEST_CALLED, WORDING, ConsentKind, MemberWork
from hege.web.forms import Form, one_of


class MemberForm(Form):
    """How they are called, a telephone if they want, the kind of work; each consent apart, none ticked beforehand."""

    called = forms.CharField(
        label=_("怎么称呼"), max_length=LONGEST_CALLED, help_text=_("绰号、姓加师傅都可以，不用写全名。")
    )
    work = one_of(_("工种"), MemberWork, widget=forms.RadioSelect)
    phone = forms.CharField(
        label=_("手机号"), max_length=20, required=False, help_text=_("用来收短信、换手机时找回。本人不愿意留可以不填。"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    consents = forms.MultipleChoiceField(
        label=_("逐项念给本人听，同意的打勾"), choices=[(kind.value, WORDING[kind]) for kind in ConsentKind], required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    @property
    def said(self) -> dict[str, Any]:
        ticked = self.cleaned_data["consents"]
        return {**self.cleaned_data, "consents": {kind: kind.value in ticked for kind in ConsentKind}}


class PressForm(Form):
    """A press of the button."""
