"""Forms of 联盟单位: who joins, what it brings, when either ends."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.people.models import Party, PartyKind
from hege.programme.alliance.rules import LONGEST_REASON, LONGEST_WORDS, OfferingKind
from hege.web.access import Desk
from hege.web.forms import DayField, Form, YuanField, last_day, long_text, one_of

CONTACT: dict[str, Any] = {
    "label": _("联系人"), "help_text": _("姓名和电话，只在办公页面里看得到。"), "max_length": LONGEST_WORDS,
    "required": False,
}  # fmt: skip


class JoinForm(Form):
    """Which party joins, from when until when."""

    party = forms.ModelChoiceField(
        label=_("单位"), queryset=Party.objects.none(), help_text=_("名单里没有的，先到“单位”里登记。")
    )
    from_on = DayField(label=_("从哪天起"))
    until_on = last_day(required=False)
    contact = forms.CharField(**CONTACT)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parties = Party.objects.filter(street=desk.street, kind=PartyKind.ORGANISATION)
        self.offer(party=parties.order_by("-inside", "name"))


class AmendForm(Form):
    """Whom the office rings, and until when the unit has agreed to stay."""

    contact = forms.CharField(**CONTACT)
    until_on = last_day(required=False)


class EndForm(Form):
    """The last day, and why."""

    until_on = last_day()
    reason = long_text(_("理由"), most=LONGEST_REASON, rows=2)


class BringForm(Form):
    """What a unit brings; a sum where it is money."""

    kind = one_of(_("带来什么"), OfferingKind, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("说明"),
        max_length=LONGEST_WORDS,
        help_text=_("例如：二楼会议室，周末能坐 40 人；理发八折，凭成员页面。"),
    )
    amount_fen = YuanField(label=_("金额"), required=False, help_text=_("只有资金写金额。"))
    from_on = DayField(label=_("从哪天起"))
    until_on = last_day(required=False)
