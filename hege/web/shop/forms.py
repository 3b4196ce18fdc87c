"""What a shop keeper may say without an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.web.files import photos
from hege.web.forms import Form, long_text


class WrongForm(Form):
    """The account is wrong (账不对): a few words, and a number if one wants to be called."""

    text = long_text(_("哪里不对"), _("例如：9月的 320 元我付过，微信有记录。"), most=1000)
    photos = photos()
    phone = forms.CharField(
        label=_("您的电话"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_("只给受理的网格员看，不会给代收人。"),
    )
    follow = forms.BooleanField(
        label=_("有进展发短信告诉我"), help_text=_("要填电话；随时可以在查询页上停掉。"), required=False
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("follow") and not data.get("phone"):
            self.add_error("phone", _("要发短信，请填电话。"))
        return data


class NumberForm(Form):
    """Which report of this shop."""

    number = forms.CharField(label=_("查询号"), max_length=20, help_text=_("您报的时候给的 12 位数字和字母。"))

    @property
    def public_id(self) -> str:
        """As it is kept, however it was copied."""
        return "".join(sign for sign in self.cleaned_data["number"].lower() if sign.isalnum())
