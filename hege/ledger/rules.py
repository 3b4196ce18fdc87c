"""How well a transaction is proven, how it is sealed, and that it keeps to the chart of its book."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hege.kernel import seal
from hege.kernel.refused import Refused


class Level(TextChoices):
    """How well a transaction is proven; computed by ``rules.level`` and nowhere else."""

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


INDEPENDENT = frozenset({EvidenceKind.UTILITY_RECORD, EvidenceKind.BANK_LINE, EvidenceKind.WALLET_LINE})


#: What the trail and the files that are kept call a transaction: its table.
TRANSACTIONS = "ledger.event"
REVERSAL = "reversal"  # of every chart: the exact mirror of what it takes back


class Owner(TextChoices):
    """Whose an account is, by the column that names them."""

    TENANCY = "tenancy_id", _("商铺")
    PARTY = "party_id", _("当事人")
    MEMBER = "member_id", pgettext_lazy("一位", "成员")


@dataclass(frozen=True, slots=True)
class Chart:
    """What books of one sort may hold (科目表): the pairs of accounts each kind of transaction may use, debit first, and the
    kinds that somebody's evidence has to prove. The packages that know what is counted hand it in.

    ``owners`` says of each kind of account whose it is; one that is not named is the book's own. ``name`` is what a book
    of this chart says of itself; those of the first chart there was say nothing.
    """

    pairs: Mapping[str, frozenset[tuple[str, str]]]
    needs_evidence: frozenset[str]
    owners: Mapping[str, Owner]
    name: str = ""


#: The charts, by name, of whose books the totals of months are kept: every posting to such a book locks it, so nobody waits
#: for a total who does not wait for its book. Accounts of members, who are locked in its place, have counters instead.
BY_MONTH = frozenset({""})

#: What takes back moves along the pairs of what it takes back, and needs no evidence of its own.
MIRRORS = Chart(pairs={}, needs_evidence=frozenset(), owners={})


class Ref(NamedTuple):
    """An account of a book by what it is, not by its key."""

    kind: str
    tenancy_id: int | None = None
    party_id: int | None = None
    member_id: int | None = None

    @property
    def says(self) -> tuple[str | int | None, ...]:
        """What seals say of it. An owner that came later is left out where there is none, as every seal before did."""
        return account_says(*self)

    @property
    def owners(self) -> frozenset[str]:
        """The columns that name an owner."""
        return frozenset(name for name, owner in zip(self._fields[1:], self[1:], strict=True) if owner is not None)


def account_says(
    kind: str, tenancy_id: int | None, party_id: int | None, member_id: int | None
) -> tuple[str | int | None, ...]:
    """``Ref.says``, of columns as the database has them."""
    return (kind, tenancy_id, party_id) if member_id is None else (kind, tenancy_id, party_id, member_id)


class Line(NamedTuple):
    """One pair row to be: a whole number above zero of what its book counts (fen, points, minutes), from ``credit`` to ``debit``."""

    debit: Ref
    credit: Ref
    fen: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of evidence as the rule sees it."""

    side: Side
    kind: EvidenceKind
    supports: bool


def line(debit: Ref, credit: Ref, fen: int) -> Line:
    """A pair row for a signed amount: a negative one runs the other way round."""
    return Line(debit, credit, fen) if fen > 0 else Line(credit, debit, -fen)


def check_lines(chart: Chart, kind: str, lines: Iterable[Line]) -> None:
    """Refuse, as a bug, a pair that this kind of transaction may not use, an account that is not whose the chart says, or
    an amount that is not above zero.
    """
    allowed = chart.pairs[kind]
    for row in lines:
        if row.fen <= 0:
            raise ValueError(f"{kind}: amount {row.fen} is not above zero")
        if (row.debit.kind, row.credit.kind) not in allowed:
            raise ValueError(f"{kind}: {row.debit.kind} / {row.credit.kind} is not a pair it may use")
        for account in (row.debit, row.credit):
            if not is_owned(chart, account):
                raise ValueError(f"{kind}: {account.kind} is not an account of {sorted(account.owners)}")


def is_owned(chart: Chart, account: Ref) -> bool:
    """Whether an account names the owner that the chart wants of its kind, and no other."""
    owner = chart.owners.get(account.kind)
    return account.owners == (frozenset() if owner is None else {owner.value})


def check_arguable(chart: Chart, *, kind: str, is_reversed: bool) -> None:
    """Refuse evidence for or against what was taken back or takes back, and what stands by the books' own papers."""
    if kind == REVERSAL or is_reversed:
        raise Refused(_("这一笔已冲正，不能再举证。"))
    if kind not in chart.needs_evidence:
        raise Refused(_("这一笔以自己的单据为准，不用举证；弄错了请冲正，再登记正确的一笔。"))


def check_reversible(*, kind: str, is_reversed: bool) -> None:
    """Refuse to take a transaction back twice, or to take back a taking back."""
    if kind == REVERSAL:
        raise Refused(_("冲正本身不能再冲正；请重新登记正确的一笔。"))
    if is_reversed:
        raise Refused(_("这一笔已经冲正过。"))


def level(chart: Chart, kind: str, statements: Sequence[Statement]) -> Level:
    """How well a transaction is proven: by its statements where its kind needs evidence, else by the books' own papers."""
    return proven(statements) if kind in chart.needs_evidence else Level.CONFIRMED


def proven(statements: Sequence[Statement]) -> Level:
    """How well something is proven, from its statements in the order they were made. The only place that says so.

    An independent record (utility, bank, wallet) decides, the latest one if there are several. Without
    one, the last word of each side counts: a denial makes it contested; a signed receipt or both sides
    confirm it, and more statements for it never weaken it; one side alone is a claim.
    """
    records = [w for w in statements if w.kind in INDEPENDENT]
    if records:
        return Level.CONFIRMED if records[-1].supports else Level.CONTESTED
    last = {w.side: w for w in statements}
    if any(not w.supports for w in last.values()):
        return Level.CONTESTED
    signed = any(w.kind == EvidenceKind.SIGNED_RECEIPT and w.supports for w in statements)
    if signed or {Side.PAYER, Side.PAYEE} <= set(last):
        return Level.CONFIRMED
    return Level.CLAIMED


class TransactionRow(NamedTuple):
    """What a transaction says of itself, in the order of its seal; the fields are columns of its table.

    One place names them for the insert, the digest and the proof. A column added later has a default, stands last, and
    is left out of the seal while it has that default, or every seal before it would break.
    """

    book_id: int
    kind: str
    effective_on: dt.date
    recorded_at: dt.datetime
    by_id: int | None
    source_row_id: int | None
    depends_on_id: int | None
    reverses_id: int | None
    reason: str
    document_digest: str


class TransferRow(NamedTuple):
    """What a transfer says beside its transaction, by the columns of its table; whole fen."""

    debit_id: int
    credit_id: int
    amount_fen: int


class EvidenceRow(NamedTuple):
    """What a statement of evidence says, in the order of the seal; the fields are columns of its table."""

    side: str
    kind: str
    supports: bool
    document: str
    stated_on: dt.date
    recorded_at: dt.datetime
    by_id: int | None


def transaction_digest(
    street: str,
    row: TransactionRow,
    transfers: Sequence[tuple[Sequence[Any], Sequence[Any], int]],
    statements: Sequence[Sequence[Any]],
) -> str:
    """SHA-256 over a transaction, its transfers and its first statements, as hex.

    Transfers are ``(debit, credit, fen)`` in the order they were made, each account by what it ``Ref.says``; statements
    are as ``EvidenceRow``.
    """
    return seal.digest(street, *row, transfers, statements)


def first_transaction_digest(
    street: str, row: TransactionRow, source_digest: str, transfers: Iterable[tuple[int, int, int]]
) -> str:
    """The digest by which the first release sealed a transaction; it says nothing of who booked it, its statements and its paper.

    Only to check transactions of that release: transfers are as ``TransferRow``.
    """
    return seal.digest(
        street, row.book_id, row.kind, row.effective_on, row.recorded_at, source_digest, row.depends_on_id,
        row.reverses_id, row.reason, sorted(transfers),
    )  # fmt: skip


def batch_digest(digests: Iterable[str]) -> str:
    """One SHA-256 over the digests of a batch of transactions in the order of their ids."""
    whole = hashlib.sha256()
    for digest in digests:
        whole.update(digest.encode())
    return whole.hexdigest()
