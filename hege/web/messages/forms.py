"""Up to which message somebody has read."""

from __future__ import annotations

from django import forms

from hege.web.forms import Form


class ReadForm(Form):
    """The newest message that stood on the page."""

    until = forms.IntegerField(min_value=1, max_value=10**18 - 1, widget=forms.HiddenInput)
