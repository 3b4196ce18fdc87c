"""What somebody says about a warning."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.web.forms import Form


class AcknowledgeForm(Form):
    """Why a warning needs nothing more for now (知悉)."""

    note = forms.CharField(
        label=_("为什么先不转办"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("例如：代收人答应 11月27日 交清，到时再看。"),
    )
