"""What is said at a stop, in three taps."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.cases.rules import ShortlySaid
from hege.web.files import photos
from hege.web.forms import Form, one_of


class VisitedForm(Form):
    """How a shop pays, with the receipts it could show, and a picture of them."""

    found = one_of(_("水费交给代收人了吗？"), ShortlySaid, widget=forms.RadioSelect)
    photos = photos()
