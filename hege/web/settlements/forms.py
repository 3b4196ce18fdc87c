"""What an office says of a month, of a list, and of what was paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.kernel.money import yuan
from hege.people.models import Party
from hege.programme.settlements.models import Settlement
from hege.programme.settlements.queries import lists_of, net_of_units
from hege.programme.settlements.rules import LONGEST_SERIAL, LONGEST_WORDS, SettlementState
from hege.web.access import Desk
from hege.web.forms import DayField, Form, SeveralField, YuanField, long_text
from hege.web.jinja import month_said


class FreezeForm(Form):
    """Which month: all that was left out of months before goes with it."""

    month_on = forms.TypedChoiceField(label=gettext_lazy("哪个月"), coerce=dt.date.fromisoformat)

    def __init__(self, *args: Any, months: list[dt.date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(month_on=[(on.isoformat(), month_said(on)) for on in months])


class WordsForm(Form):
    """Words about a list."""

    words = long_text(gettext_lazy("写什么"), most=LONGEST_WORDS)

    def __init__(self, *args: Any, label: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].label = label or self.fields["words"].label


class ReasonForm(Form):
    """Why."""

    reason = long_text(gettext_lazy("理由"), most=LONGEST_WORDS)


class _Money(Form):
    fen = YuanField(label=gettext_lazy("付了多少"))
    bank_serial = forms.CharField(
        label=gettext_lazy("银行流水号"),
        max_length=LONGEST_SERIAL,
        help_text=gettext_lazy("在银行回单上，一个流水号只算一次。"),
    )
    paid_on = DayField(label=gettext_lazy("哪天付的"))


class RepayForm(_Money):
    """What one unit paid another: among those that are to get something."""

    creditor = forms.ModelChoiceField(Party.objects.none(), label=gettext_lazy("还给哪家"), empty_label=None)
    field_order = ("creditor", "fen", "bank_serial", "paid_on")

    def __init__(self, *args: Any, desk: Desk, owes: Mapping[Party, int], to: str, **kwargs: Any) -> None:
        chosen = next((unit for unit in owes if unit.public_id == to), next(iter(owes), None))
        first = {"creditor": chosen and chosen.pk, "fen": owes[chosen] if chosen else None, "paid_on": desk.today}
        super().__init__(*args, desk=desk, initial=first, **kwargs)
        net = net_of_units(desk.street)
        getting = Party.objects.filter(street=desk.street, pk__in=[pk for pk, fen in net.items() if fen > 0])
        self.offer(creditor=getting.order_by("name"))


class _Lists(SeveralField):
    def label_from_instance(self, row: Any) -> str:
        said = {"month": month_said(row.month.month_on), "payer": row.payer.name, "sum": yuan(row.open_fen)}
        return _("%(month)s，%(payer)s的券，还要付 %(sum)s 元") % said


class PayForm(_Money):
    """What a shop was paid, for which of its lists."""

    lists = _Lists(Settlement.objects.none(), label=gettext_lazy("付的是哪几份名单"))
    field_order = ("lists", "fen", "bank_serial", "paid_on")

    def __init__(self, *args: Any, thing: Settlement, desk: Desk, **kwargs: Any) -> None:
        kwargs["initial"] = {"lists": [thing.pk], "fen": thing.open_fen, "paid_on": desk.today}
        super().__init__(*args, thing=thing, desk=desk, **kwargs)
        beside = lists_of(desk.street).filter(payee=thing.payee_id, paid_by=thing.paid_by_id)
        self.offer(lists=beside.filter(state=SettlementState.CONFIRMED).order_by("month__month_on", "pk"))
