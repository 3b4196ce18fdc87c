"""What an office says of shops, tills, redemptions and what was noted offline."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import allows
from hege.people.models import Party, PartyKind
from hege.vouchers.models import Merchant, OfflineConflict
from hege.vouchers.rules import Worth
from hege.vouchers.tills.queries import conflict_now
from hege.vouchers.tills.rules import LONGEST_LABEL, ConflictState, check_decision
from hege.web.access import Desk
from hege.web.forms import Form, YuanField, long_text, one_of, yes_or_no


class MerchantForm(Form):
    """A shop that takes vouchers."""

    name = forms.CharField(label=_("店名"), max_length=60, help_text=_("跟招牌上一样，顾客和店家都看这个名字。"))
    payee = forms.CharField(
        label=_("收款方"), max_length=120, required=False, help_text=_("营业执照上的全称；不填就跟店名一样。")
    )
    address = forms.CharField(label=_("地址"), max_length=120, required=False)
    host = forms.ModelChoiceField(
        Party.objects.none(), label=_("谁先付给它"), required=False, empty_label=_("谁的券谁付"),
        help_text=_("所在地的单位可以替各家一次付清，别家再还给它。"),
    )  # fmt: skip

    def __init__(self, *args: Any, thing: Merchant | None = None, desk: Desk, **kwargs: Any) -> None:
        if thing is not None:
            known = {"name": thing.name, "payee": thing.party.name, "address": thing.address, "host": thing.host_id}
            kwargs["initial"] = known | (kwargs.get("initial") or {})
        super().__init__(*args, thing=thing, desk=desk, **kwargs)
        units = Party.objects.filter(street=desk.street, kind=PartyKind.ORGANISATION)
        self.offer(host=units.order_by("-inside", "name"))


class TillForm(Form):
    """A till of a shop."""

    label = forms.CharField(
        label=_("叫什么"), max_length=LONGEST_LABEL, help_text=_("一台手机一个名字，例如：前台手机。")
    )


class ReasonForm(Form):
    """Why."""

    reason = long_text(_("理由"), most=300)


class ReverseForm(ReasonForm):
    """Why a redemption is taken back, and what becomes of its voucher."""

    withdraw = yes_or_no(_("这张券"), _("一起收回，张数、预算和积分放回去"), _("还给成员，期限内还能用"), initial="no")


class DecideForm(ReasonForm):
    """What becomes of a scan that was noted offline and failed."""

    to = one_of(_("怎么办"), [s for s in ConflictState if s is not ConflictState.OPEN], widget=forms.RadioSelect)
    bill_fen = YuanField(label=_("这一单多少元"), required=False)
    field_order = ("to", "bill_fen", "reason")

    def __init__(self, *args: Any, thing: OfflineConflict, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, thing=thing, desk=desk, **kwargs)
        stands = conflict_now(thing)
        open_to = [to for to in ConflictState if allows(check_decision, conflict=stands, to=to, reason="?")]
        self.offer(to=[(to.value, to.label) for to in open_to])
        claim = thing.failure.claim
        if claim is None or claim.batch.kind != Worth.PERCENT or thing.failure.bill_fen is not None:
            del self.fields["bill_fen"]
