"""What a shop keeper may say without an account."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.cases.models import Report
from hege.cases.rules import ReportKind
from hege.kernel.refused import Refused
from hege.places.models import Unit
from hege.web.forms import Form

#: How many reports one shop may send in a day; a row of angry taps is one trouble, and a telephone is at hand.
MOST_A_DAY = 5


class WrongForm(Form):
    """The account is wrong (账不对): a few words, and a number if one wants to be called."""

    text = forms.CharField(
        label=_("哪里不对"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("例如：9月的 320 元我付过，微信有记录。"),
    )
    phone = forms.CharField(
        label=_("您的电话"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        help_text=_("只给受理的网格员看，不会给代收人。"),
    )


def check_not_too_many(unit: Unit, *, at: dt.datetime) -> None:
    """Refuse the sixth report of one shop within a day: the code hangs in public and anybody may scan it."""
    since = at - dt.timedelta(days=1)
    sent = Report.objects.filter(street=unit.street_id, unit=unit, kind=ReportKind.SHOP, submitted_at__gt=since).count()
    if sent >= MOST_A_DAY:
        raise Refused(_("这家店今天已经报过 %(n)d 次，我们都收到了。急的话请直接打电话。") % {"n": sent})
