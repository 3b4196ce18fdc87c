"""The number on a paper, asked for; what somebody says against thanks."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.people.models import Street
from hege.programme.thanks.rules import LONGEST_WORDS
from hege.web.forms import Form, long_text


class NumberForm(Form):
    """Which street, and which number."""

    street = forms.ModelChoiceField(Street.objects.order_by("code"), label=_("哪个街道"), empty_label=None)
    number = forms.CharField(label=_("纸上的编号"), max_length=30, help_text=_("例如：2026-0007。"))


class ObjectForm(Form):
    """What is wrong with it."""

    words = long_text(_("哪里不对"), most=LONGEST_WORDS, help_text=_("不用写您是谁。身份证号和电话会自动隐去。"))
