"""What a shop keeper may say without an account."""

from __future__ import annotations

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
