"""What a shop types: the digits of a voucher, and what a bill comes to."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hege.programme.settlements.rules import LONGEST_WORDS
from hege.web.forms import Form, YuanField, long_text

_NOT_DIGITS = re.compile(r"[\s\-–—·]")


class _Typed(forms.CharField):
    """Signs that were read out: blanks and dashes between them are nothing, wide digits are digits."""

    def to_python(self, value: Any) -> str:
        wide = str(value or "").translate({0xFF10 + n: 0x30 + n for n in range(10)})
        return _NOT_DIGITS.sub("", wide).lower()


class DigitsForm(Form):
    """The number of a voucher and the code beside it, for a code that does not scan."""

    number = _Typed(label=_("券号（8 位）"), max_length=20)
    code = _Typed(label=_("六位数字"), max_length=20)

    def clean_number(self) -> str:
        said: str = self.cleaned_data["number"]
        if re.fullmatch(r"[0-9]{8}", said) is None:
            raise ValidationError(_("券号是 8 位数字，在顾客手机上“券号”后面。"))
        return said

    def clean_code(self) -> str:
        said: str = self.cleaned_data["code"]
        if re.fullmatch(r"[0-9]{6}|[0-9a-z]{10}", said) is None:
            raise ValidationError(_("动态码是 6 位数字，看顾客手机上最大的那一行；纸券上的是 10 位。"))
        return said


class BillForm(Form):
    """What the customer's bill comes to, of a percentage."""

    bill = YuanField(label=_("这一单多少元"), required=False)


class DisputeForm(Form):
    """What a shop says is wrong with its list."""

    words = long_text(_("哪里不对"), _("少算还是多算，哪一天，几张；有券号就写上券号。"), most=LONGEST_WORDS, rows=5)
