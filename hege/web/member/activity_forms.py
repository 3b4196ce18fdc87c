"""What a member says to an activity: with how many, and whether they want a place that was offered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hege.web.forms import Form


class PartyForm(Form):
    """How many come together, oneself counted; ``most`` of them."""

    party = forms.TypedChoiceField(label=_("几个人来（连您自己）"), coerce=int, initial=1)

    def __init__(self, *args: Any, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(party=[(n, ngettext("%(n)s 个人", "%(n)s 个人", n) % {"n": n}) for n in range(1, most + 1)])


class AnswerForm(Form):
    """Yes or no to an offer: the one the page showed."""

    offer = forms.IntegerField(  # type: ignore[assignment]  # a field of this name; the form offers no choices
        min_value=0, max_value=10**6, widget=forms.HiddenInput
    )  # fmt: skip
    wants = forms.ChoiceField(choices=[("yes", _("要")), ("no", _("不要"))])

    @property
    def wants_it(self) -> bool:
        return bool(self.cleaned_data["wants"] == "yes")

    @property
    def said(self) -> dict[str, Any]:
        return {"offer": self.cleaned_data["offer"]}
