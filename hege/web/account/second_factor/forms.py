"""What is asked at the second step of the sign-in, and of who adds, names or ends a second factor."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.people.second_factor.passkeys import LONGEST_ANSWER
from hege.people.second_factor.rules import LONGEST_NAME
from hege.web.account.forms import PasswordAgainForm
from hege.web.forms import Form


def _code(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(
        attrs={"autocomplete": "one-time-code", "inputmode": "text", "autocapitalize": "none", "spellcheck": "false"}
    )
    return forms.CharField(label=label, max_length=40, widget=widget, help_text=help_text)


def _name() -> forms.CharField:
    return forms.CharField(
        label=_("起个名字"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("例如“我的手机”。有几个时认得出哪个是哪个。"),
    )


class PasskeyField(forms.CharField):
    """What a browser answered, as it was put into the form by the script of the page."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.HiddenInput, max_length=LONGEST_ANSWER, **kwargs)

    def clean(self, value: Any) -> Any:
        try:
            return json.loads(super().clean(value))
        except (ValueError, RecursionError):
            raise forms.ValidationError(_("浏览器没有交回通行密钥，请再试一次。")) from None


class CodeForm(Form):
    """The code of an app, or one from paper."""

    code = _code(_("验证码"), _("手机里应用现在显示的六位数；手机不在手边，就写一个备用码。"))


class PasskeyForm(Form):
    """What a passkey has signed."""

    passkey = PasskeyField()


class AddAppForm(PasswordAgainForm):
    """An app that shows one-time codes: its first code, and what it shares with the house."""

    sealed = forms.CharField(widget=forms.HiddenInput, max_length=1000)
    name = _name()
    code = _code(_("应用显示的六位数"), _("扫过以后，应用每半分钟换一个。"))
    field_order = ("sealed", "code", "name", "old")


class AddPasskeyForm(PasswordAgainForm):
    """A passkey, as the browser made it."""

    name = _name()
    passkey = PasskeyField()
    field_order = ("name", "old", "passkey")


class NameForm(Form):
    """Another name for a factor."""

    name = _name()
