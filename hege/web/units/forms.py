"""Forms of the roster."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Stale
from hege.places.models import Unit
from hege.web.forms import Form


class RenewForm(Form):
    """Which code is revoked: the page says which one it showed."""

    serial = forms.IntegerField(widget=forms.HiddenInput)

    def check_serial(self, unit: Unit) -> None:
        """Refuse when somebody else has renewed the code since the page was opened."""
        if self.cleaned_data["serial"] != unit.link_serial:
            raise Stale(_("这家店刚才已经换过码了，不用再换。"))
