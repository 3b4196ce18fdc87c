"""Which accounts an event may move money between, how well an event is proven, and how it is sealed."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel import seal


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


class EventKind(TextChoices):
    """What can happen to money; the account pairs each may use are one table in ``rules.PAIRS``."""

    OPENING = "opening", _("期初")
    BILL = "bill", _("水费账单")
    SHARE = "share", _("分摊")
    RECEIPT = "receipt", _("商铺交代收人")
    REMITTANCE = "remittance", _("代收人交水司")
    DIRECT_PAYMENT = "direct_payment", _("商铺直接交水司")
    LATE_FEE = "late_fee", _("违约金")
    REVERSAL = "reversal", _("冲销")


class Level(TextChoices):
    """How well an event is proven; computed by ``rules.level`` and nowhere else."""

    CONFIRMED = "confirmed", _("已证实")
    CLAIMED = "claimed", _("单方主张")
    CONTESTED = "contested", _("有争议")


class EvidenceKind(TextChoices):
    """What a statement of evidence rests on."""

    UTILITY_RECORD = "utility_record", _("水司记录")
    BANK_LINE = "bank_line", _("银行流水")
    WALLET_LINE = "wallet_line", _("微信/支付宝流水")
    SIGNED_RECEIPT = "signed_receipt", _("签字收据")
    ORAL_WORD = "oral_word", _("口述")


class Side(TextChoices):
    """Whose word a statement is."""

    PAYER = "payer", _("付款方")
    PAYEE = "payee", _("收款方")
    THIRD = "third", _("第三方")


A = AccountKind

# event kind -> the (debit, credit) pairs it may use; a credit bill and a correction run the other way round.
PAIRS: dict[EventKind, frozenset[tuple[A, A]]] = {
    EventKind.OPENING: frozenset(
        {
            (A.UNEXPLAINED, A.PAYABLE),
            (A.LATE_FEE_NOBODY, A.PAYABLE_LATE_FEE),
            (A.TENANCY, A.UNEXPLAINED),
            (A.UNEXPLAINED, A.TENANCY),
            (A.AGENT, A.UNEXPLAINED),
            (A.UNEXPLAINED, A.AGENT),
        }
    ),
    EventKind.BILL: frozenset({(A.UNSHARED, A.PAYABLE), (A.PAYABLE, A.UNSHARED)}),
    EventKind.SHARE: frozenset(
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
    EventKind.RECEIPT: frozenset({(A.AGENT, A.TENANCY)}),
    EventKind.REMITTANCE: frozenset({(A.PAYABLE, A.AGENT), (A.PAYABLE_LATE_FEE, A.LATE_FEE_AGENT)}),
    EventKind.DIRECT_PAYMENT: frozenset({(A.PAYABLE, A.TENANCY)}),
    EventKind.LATE_FEE: frozenset(
        {
            (A.LATE_FEE_NOBODY, A.PAYABLE_LATE_FEE),
            (A.LATE_FEE_AGENT, A.LATE_FEE_NOBODY),
            (A.LATE_FEE_TENANCY, A.LATE_FEE_NOBODY),
        }
    ),
}

INDEPENDENT = frozenset({EvidenceKind.UTILITY_RECORD, EvidenceKind.BANK_LINE, EvidenceKind.WALLET_LINE})
NEEDS_EVIDENCE = frozenset({EventKind.RECEIPT, EventKind.REMITTANCE, EventKind.DIRECT_PAYMENT})


class Ref(NamedTuple):
    """An account of a book by what it is, not by its key."""

    kind: A
    tenancy_id: int | None = None
    party_id: int | None = None


class Line(NamedTuple):
    """One pair row to be: whole fen above zero, from ``credit`` to ``debit``."""

    debit: Ref
    credit: Ref
    fen: int


@dataclass(frozen=True, slots=True)
class Word:
    """A statement of evidence as the rule sees it."""

    side: Side
    kind: EvidenceKind
    supports: bool


def line(debit: Ref, credit: Ref, fen: int) -> Line:
    """A pair row for a signed amount: a negative one runs the other way round."""
    return Line(debit, credit, fen) if fen > 0 else Line(credit, debit, -fen)


def check_lines(kind: EventKind, lines: Iterable[Line]) -> None:
    """Refuse, as a bug, a pair that this kind of event may not use, or an amount that is not above zero."""
    allowed = PAIRS[kind]
    for row in lines:
        if row.fen <= 0:
            raise ValueError(f"{kind}: amount {row.fen} is not above zero")
        if (row.debit.kind, row.credit.kind) not in allowed:
            raise ValueError(f"{kind}: {row.debit.kind} / {row.credit.kind} is not a pair it may use")


def level(kind: EventKind, words: Sequence[Word]) -> Level:
    """How well an event is proven, from its statements in the order they were made. The only place that says so.

    An independent record (utility, bank, wallet) decides, the latest one if there are several. Without
    one, the last word of each side counts: a denial makes it contested; a signed receipt or both sides
    confirm it, and more words for it never weaken it; one side alone is a claim. Bills, shares and
    openings rest on the utility's own papers.
    """
    if kind not in NEEDS_EVIDENCE:
        return Level.CONFIRMED
    records = [w for w in words if w.kind in INDEPENDENT]
    if records:
        return Level.CONFIRMED if records[-1].supports else Level.CONTESTED
    last = {w.side: w for w in words}
    if any(not w.supports for w in last.values()):
        return Level.CONTESTED
    signed = any(w.kind == EvidenceKind.SIGNED_RECEIPT and w.supports for w in words)
    if signed or {Side.PAYER, Side.PAYEE} <= set(last):
        return Level.CONFIRMED
    return Level.CLAIMED


def event_digest(
    *,
    street: str,
    book_id: int,
    kind: str,
    effective_on: dt.date,
    recorded_at: dt.datetime,
    by_id: int | None,
    source_row_id: int | None,
    depends_on_id: int | None,
    reverses_id: int | None,
    reason: str,
    particulars: str,
    entries: Sequence[tuple[Sequence[Any], Sequence[Any], int]],
    words: Sequence[Sequence[Any]],
) -> str:
    """SHA-256 over an event, its entries and its first words, as hex.

    Entries are ``(debit, credit, fen)`` in the order they were made, each account by what it is (as ``Ref``); words
    are ``(side, kind, supports, document, stated on, recorded at, by)``; ``particulars`` the digest of its paper.
    """
    return seal.digest(
        street, book_id, kind, effective_on, recorded_at, by_id, source_row_id, depends_on_id, reverses_id, reason,
        particulars, entries, words,
    )  # fmt: skip


def first_event_digest(
    *,
    street: str,
    book_id: int,
    kind: str,
    effective_on: dt.date,
    recorded_at: dt.datetime,
    source_digest: str,
    depends_on_id: int | None,
    reverses_id: int | None,
    reason: str,
    entries: Iterable[tuple[int, int, int]],
) -> str:
    """The digest by which the first release sealed an event; it says nothing of who booked it, its words and its paper.

    Only to check events of that release: entries are ``(debit id, credit id, fen)``.
    """
    return seal.digest(
        street, book_id, kind, effective_on, recorded_at, source_digest, depends_on_id, reverses_id, reason,
        sorted(entries),
    )  # fmt: skip


def batch_digest(digests: Iterable[str]) -> str:
    """One SHA-256 over the digests of a batch of events in the order of their ids."""
    whole = hashlib.sha256()
    for digest in digests:
        whole.update(digest.encode())
    return whole.hexdigest()
