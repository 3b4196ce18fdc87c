"""The check code of a paper, copied off it."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.web.forms import Form


class CodeForm(Form):
    """Twelve signs, in whatever way they were copied."""

    code = forms.CharField(
        label=_("纸上的查验码"), max_length=30, help_text=_("12 位，横线和大小写随意。例如：K7Q4-2M9X-5TBN。")
    )
