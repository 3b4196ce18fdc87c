"""What is asked of a number, and what is said against an honour."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.honours.numbers.rules import Kind
from hege.web.forms import Form, long_text


class NumberForm(Form):
    """A number, and what it is to be read as: "" leaves that to how it looks."""

    number = forms.CharField(
        label=_("号码，照着抄就行"),
        help_text=_("空格、横线、全角、小写都认得。"),
        max_length=200,
        widget=forms.TextInput(
            attrs={"class": "ph-code", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    kind = forms.ChoiceField(label=_("按哪一种来看"), choices=[("", _("看它像哪一种")), *Kind.choices], required=False)

    @property
    def said(self) -> dict[str, Any]:
        """As ``check`` takes it."""
        kind = self.cleaned_data["kind"]
        return {"text": self.cleaned_data["number"], "kind": Kind(kind) if kind else None}


class ObjectionForm(Form):
    """What is wrong with an honour, and how to reach whoever says so if they like."""

    words = long_text(_("哪里不对"), _("例如：这张证书去年就注销了。说一句就行。"), most=2000)
    contact = forms.CharField(
        label=_("怎么找到您"),
        help_text=_("要我们回话就留电话或邮箱。不公开，企业也看不到。"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
