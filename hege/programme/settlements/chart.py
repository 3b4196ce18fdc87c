"""The chart of what vouchers come to (能量券结算科目表): what shops are owed, and what units have to pay for it; fen."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.ledger.rules import REVERSAL, Chart, Owner, Ref


class AccountKind(TextChoices):
    """The accounts of a street's book of settlements (科目). All of them sum to zero."""

    SHOP = "voucher_shop", _("商户应收")
    UNIT = "voucher_unit", _("单位应付")


class EntryKind(TextChoices):
    """What can happen (记录)."""

    SETTLE = "voucher_settle", _("名单冻结")
    PAY = "voucher_pay", _("付商户")
    REPAY = "voucher_repay", _("单位之间还款")
    REVERSAL = REVERSAL, _("冲正")


A, K = AccountKind, EntryKind

#: Whose vouchers they were owes the shop; who pays the shop in their place gets it back from them.
SETTLEMENTS = Chart(
    name="settlements",
    pairs={
        K.SETTLE: frozenset({(A.UNIT, A.SHOP)}),
        K.PAY: frozenset({(A.SHOP, A.UNIT)}),
        K.REPAY: frozenset({(A.UNIT, A.UNIT)}),
    },
    needs_evidence=frozenset(),
    owners={A.SHOP: Owner.PARTY, A.UNIT: Owner.PARTY},
)


def shop_of(party_id: int) -> Ref:
    """The account of who is paid for a shop."""
    return Ref(A.SHOP, party_id=party_id)


def unit_of(party_id: int) -> Ref:
    """The account of a unit that pays for vouchers."""
    return Ref(A.UNIT, party_id=party_id)
