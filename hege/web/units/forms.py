"""Forms of the roster."""

from __future__ import annotations

from django import forms

from hege.web.forms import Form


class RenewForm(Form):
    """Which code is revoked: the page says which one it showed."""

    serial = forms.IntegerField(widget=forms.HiddenInput)
