"""What a member, or who becomes one, fills in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.members.rules import LONGEST_CALLED, WORDING, ConsentKind, MemberWork
from hege.web.forms import Form, one_of


class PhoneForm(Form):
    """To which telephone a code is sent."""

    phone = forms.CharField(
        label=_("手机号"), max_length=20,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )  # fmt: skip


class DigitsForm(Form):
    """The six digits that came by SMS."""

    digits = forms.CharField(
        label=_("短信里的 6 位数字"), max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )  # fmt: skip


class AboutForm(Form):
    """How one is called, and the kind of work."""

    called = forms.CharField(
        label=_("怎么称呼您"), max_length=LONGEST_CALLED, help_text=_("绰号、姓加师傅都可以，不用写全名。"),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )  # fmt: skip
    work = one_of(_("您做什么"), MemberWork, widget=forms.RadioSelect)


class ConsentsForm(Form):
    """Each consent apart, none ticked beforehand; all may be left out."""

    consents = forms.MultipleChoiceField(
        label=_("愿意的打勾，不勾也能参加"), choices=[(kind.value, WORDING[kind]) for kind in ConsentKind],
        required=False, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    @property
    def said(self) -> dict[str, Any]:
        ticked = self.cleaned_data["consents"]
        return {**self.cleaned_data, "consents": {kind: kind.value in ticked for kind in ConsentKind}}


class JoinForm(ConsentsForm, AboutForm):
    """Both, in one go."""

    field_order = ("called", "work", "consents")


class PressForm(Form):
    """A press of the button."""


class LeaveForm(Form):
    """Leaving cannot be taken back: it takes a tick."""

    sure = forms.BooleanField(label=_("我知道退出以后找不回来"))
