"""What is asked of a number."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.honours.numbers.rules import Kind
from hege.web.forms import Form


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
