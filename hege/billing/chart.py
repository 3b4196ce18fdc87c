"""The chart of water money (水费科目表): its accounts, what can happen, which pairs each may use, what needs evidence."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.ledger.rules import REVERSAL, Chart, Owner


class AccountKind(TextChoices):
    """The accounts of one supply point (科目)."""

    PAYABLE = "payable", _("应付水司·本金")
    PAYABLE_LATE_FEE = "payable_late_fee", _("应付水司·违约金")
    PAYABLE_COSTS = "payable_costs", _("应付水司·费用")
    UNSHARED = "unshared", _("未分摊")
    TENANCY = "tenancy", _("商铺往来")
    AGENT = "agent", _("代收人往来")
    COMMON = "common", _("公摊未定")
    LOSS = "loss", _("损耗未定")
    UNEXPLAINED = "unexplained", _("尚无说明")
    LATE_FEE_NOBODY = "late_fee_nobody", _("违约金未定")
    LATE_FEE_AGENT = "late_fee_agent", _("违约金由代收人承担")
    LATE_FEE_TENANCY = "late_fee_tenancy", _("违约金由商铺承担")
    DEPOSIT = "deposit", _("押金")
    REFUND_DUE = "refund_due", _("多收待退")
    UNIDENTIFIED = "unidentified", _("代收人不明来款")


class TransactionKind(TextChoices):
    """What can happen to money; the account pairs each may use are one table in ``WATER``."""

    OPENING = "opening", _("期初")
    BILL = "bill", _("水费账单")
    SHARE = "share", _("分摊")
    RECEIPT = "receipt", _("商铺交代收人")
    REMITTANCE = "remittance", _("代收人交水司")
    DIRECT_PAYMENT = "direct_payment", _("商铺直接交水司")
    LATE_FEE = "late_fee", _("违约金")
    REVERSAL = REVERSAL, _("冲正")


A = AccountKind

# transaction kind -> the (debit, credit) pairs it may use; a credit bill and a correction run the other way round.
WATER = Chart(
    pairs={
        TransactionKind.OPENING: frozenset(
            {
                (A.UNEXPLAINED, A.PAYABLE),
                (A.LATE_FEE_NOBODY, A.PAYABLE_LATE_FEE),
                (A.TENANCY, A.UNEXPLAINED),
                (A.UNEXPLAINED, A.TENANCY),
                (A.AGENT, A.UNEXPLAINED),
                (A.UNEXPLAINED, A.AGENT),
            }
        ),
        TransactionKind.BILL: frozenset({(A.UNSHARED, A.PAYABLE), (A.PAYABLE, A.UNSHARED)}),
        TransactionKind.SHARE: frozenset(
            {
                (A.TENANCY, A.UNSHARED),
                (A.UNSHARED, A.TENANCY),
                (A.COMMON, A.UNSHARED),
                (A.UNSHARED, A.COMMON),
                (A.LOSS, A.UNSHARED),
                (A.UNSHARED, A.LOSS),
                (A.TENANCY, A.COMMON),
                (A.TENANCY, A.LOSS),
            }
        ),
        TransactionKind.RECEIPT: frozenset({(A.AGENT, A.TENANCY)}),
        TransactionKind.REMITTANCE: frozenset({(A.PAYABLE, A.AGENT), (A.PAYABLE_LATE_FEE, A.LATE_FEE_AGENT)}),
        TransactionKind.DIRECT_PAYMENT: frozenset({(A.PAYABLE, A.TENANCY)}),
        TransactionKind.LATE_FEE: frozenset(
            {
                (A.LATE_FEE_NOBODY, A.PAYABLE_LATE_FEE),
                (A.LATE_FEE_AGENT, A.LATE_FEE_NOBODY),
                (A.LATE_FEE_TENANCY, A.LATE_FEE_NOBODY),
            }
        ),
    },
    needs_evidence=frozenset({TransactionKind.RECEIPT, TransactionKind.REMITTANCE, TransactionKind.DIRECT_PAYMENT}),
    owners={
        A.TENANCY: Owner.TENANCY,
        A.LATE_FEE_TENANCY: Owner.TENANCY,
        A.AGENT: Owner.PARTY,
        A.LATE_FEE_AGENT: Owner.PARTY,
        A.UNIDENTIFIED: Owner.PARTY,
    },
)

#: What such a transaction moves has reached the utility, or is with the utility from the first.
REACHES_THE_UTILITY = (TransactionKind.REMITTANCE, TransactionKind.DIRECT_PAYMENT)
