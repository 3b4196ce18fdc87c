"""Freezing the lists of a month, what shops answer, and what is paid: each booked in the street's book of settlements.

Locks come in this order: the street (freezing alone), lists by key, payments, the book, the head of the trail last. No
redemption waits for any of it: what is redeemed meanwhile waits for the next month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.grouped import grouped
from hege.kernel.money import yuan
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.ledger.actions import Draft, Posting, lock_books, post_transactions, reverse_transaction
from hege.ledger.models import Book
from hege.ledger.rules import Line as Entry
from hege.people.models import Party, Street, User
from hege.people.queries import locked_street
from hege.programme.settlements.chart import SETTLEMENTS, EntryKind, shop_of, unit_of
from hege.programme.settlements.models import (
    Settlement,
    SettlementLine,
    SettlementMonth,
    SettlementPart,
    SettlementPayment,
    SettlementStep,
)
from hege.programme.settlements.queries import (
    Waits,
    Whose,
    digest_of,
    latest_month,
    owed_between,
    serial_taken,
    waiting,
)
from hege.programme.settlements.rules import (
    LONGEST_WORDS,
    Owing,
    PaymentKind,
    SettlementState,
    check_dispute,
    check_month,
    check_repayment,
    check_step,
    check_taken_back,
    is_listed,
    read_serial,
    shared_out,
    total_of,
)
from hege.trail import actions as trail
from hege.vouchers.models import Merchant, Till

S, K = SettlementState, EntryKind

# -- freezing ------------------------------------------------------------------------------------------------------------


@atomic
def freeze_month(street: Street, *, month_on: dt.date, by: User | None, at: dt.datetime) -> SettlementMonth:
    """Freeze the lists of a month (冻结月度名单): for each shop and payer all that is on no list yet and was before its end.

    Again, it answers what was frozen and changes nothing. What comes later, or is taken back later, is a line of the next
    month's list; where more was taken back than taken, all of it waits until the shop has taken as much.
    """
    locked_street(street.pk)
    frozen: SettlementMonth | None = SettlementMonth.objects.filter(street=street, month_on=month_on).first()
    if frozen is not None:
        return frozen
    ended_at = check_month(month_on, latest_on=latest_month(street), at=at)
    month = SettlementMonth.objects.create(street=street, month_on=month_on, by=by, at=at)
    waits = grouped((one.whose, one) for one in waiting(street, before=ended_at))
    listed = {whose: some for whose, some in waits.items() if is_listed([one.line for one in some])}
    lists, posting = _freeze(month, listed, by=by, at=at)
    trail.record(
        "freeze_settlements", month, street=street, by=by, at=at, month_on=month_on, lists=len(lists),
        lines=sum(row.lines_count for row in lists), total_fen=sum(row.total_fen for row in lists),
        **(posting.proof if posting else {}),
    )  # fmt: skip
    return month


def _freeze(
    month: SettlementMonth, listed: dict[Whose, list[Waits]], *, by: User | None, at: dt.datetime
) -> tuple[list[Settlement], Posting | None]:
    street = month.street
    rows = Merchant.objects.filter(street=street, pk__in={whose.merchant for whose in listed})
    shops = {shop.pk: shop for shop in rows}
    payers = {unit.pk: unit for unit in Party.objects.filter(street=street, pk__in={whose.payer for whose in listed})}
    lists = [_list(month, shops[whose.merchant], payers[whose.payer], some) for whose, some in listed.items()]
    drafts = [
        _entry(street, K.SETTLE, Entry(unit_of(row.payer_id), shop_of(row.payee_id), row.total_fen), at, row.digest)
        for row in lists
        if row.total_fen
    ]
    posting = _post(street, drafts, by=by, at=at) if drafts else None
    booked = iter(posting.transaction_ids if posting else [])
    for row, some in zip(lists, listed.values(), strict=True):
        row.transaction_id = next(booked) if row.total_fen else None
        row.save()
        SettlementLine.objects.bulk_create(
            SettlementLine(street=street, settlement=row, used_at=one.used_at, fen=one.fen, **{one.column: one.pk})
            for one in some
        )
    return lists, posting


def _list(month: SettlementMonth, shop: Merchant, payer: Party, some: Sequence[Waits]) -> Settlement:
    lines = [one.line for one in some]
    row = Settlement(
        street=month.street, month=month, merchant=shop, payee_id=shop.party_id, payer=payer,
        paid_by_id=shop.host_id or payer.pk, lines_count=len(lines), total_fen=total_of(lines),
    )  # fmt: skip
    row.digest = digest_of(row, lines, street=month.street)
    return row


def _entry(
    street: Street, kind: EntryKind, line: Entry, at: dt.datetime, digest: str = "", on: dt.date | None = None
) -> Draft:
    book, _made = Book.objects.get_or_create(street=street, chart=SETTLEMENTS.name)
    return Draft(book.pk, kind, on or day_of(at), [line], document_digest=digest)


def _post(street: Street, drafts: Sequence[Draft], *, by: User | None, at: dt.datetime) -> Posting:
    lock_books(street, {draft.book_id for draft in drafts})
    return post_transactions(street, drafts, chart=SETTLEMENTS, by=by, at=at)


# -- what shops answer ---------------------------------------------------------------------------------------------------


@atomic
def confirm_list(
    settlement: Settlement, *, till: Till | None = None, words: str = "", by: User | None, at: dt.datetime
) -> Settlement:
    """A shop says that its list is right (确认名单): on its till, or on paper, which the office writes down in ``words``.

    A list of nothing to pay is paid by that.
    """
    said = (
        words.strip()
        if till is not None
        else check_words(words, _("请写明凭什么确认，例如：店主签字的名单。"), field="words")
    )
    locked = _answered(settlement, till)
    check_step(S(locked.state), S.CONFIRMED)
    return _step(locked, S.CONFIRMED if locked.open_fen else S.PAID, said, till=till, by=by, at=at)


@atomic
def dispute_list(
    settlement: Settlement, *, till: Till | None = None, words: str, by: User | None, at: dt.datetime
) -> Settlement:
    """A shop says what is wrong with its list (提出异议), on its till or to the office: nothing of it is paid until it is answered."""
    said = check_dispute(words)
    return _step(_answered(settlement, till), S.DISPUTED, said, till=till, by=by, at=at)


@atomic
def answer_dispute(settlement: Settlement, *, words: str, by: User | None, at: dt.datetime) -> Settlement:
    """Answer what a shop says is wrong (答复异议): the list stays as it was frozen, and the shop confirms it or disputes again.

    What was missing is written down or taken back at the tills, and is a line of the next list.
    """
    said = check_words(words, _("请写明查到了什么，少的哪天补，多的哪天扣。"), field="words")
    return _step(lock(settlement), S.FROZEN, said, by=by, at=at)


def _answered(settlement: Settlement, till: Till | None) -> Settlement:
    check_same_street(settlement.street_id, till)
    if till is not None and till.merchant_id != settlement.merchant_id:
        raise ValueError("a till of another shop")
    return lock(settlement)


def _step(
    locked: Settlement, to: SettlementState, words: str, *, till: Till | None = None, by: User | None, at: dt.datetime
) -> Settlement:
    """Bring a locked list on, with its words, and tell the trail."""
    check_step(S(locked.state), S.CONFIRMED if to is S.PAID else to)
    locked.state = to
    locked.save(update_fields=["state"])
    SettlementStep.objects.create(
        street=locked.street, settlement=locked, to=to, words=words[:LONGEST_WORDS], till=till, by=by, at=at
    )
    trail.record(
        _VERBS[to], locked, by=by, at=at, words=words, till=till.public_id if till else "", digest=locked.digest,
        total_fen=locked.total_fen,
    )  # fmt: skip
    return locked


_VERBS = {
    S.CONFIRMED: "confirm_settlement",
    S.PAID: "confirm_settlement",
    S.DISPUTED: "dispute_settlement",
    S.FROZEN: "answer_settlement",
}

# -- paying --------------------------------------------------------------------------------------------------------------


@atomic
def pay_shop(
    street: Street,
    *,
    lists: Collection[Settlement],
    fen: int,
    bank_serial: str,
    paid_on: dt.date,
    by: User | None,
    at: dt.datetime,
) -> SettlementPayment:
    """Write down a payment to a shop for confirmed lists of its own (登记付款), the oldest first; a part may stay open.

    Never more than is open, and a bank's serial number counts once.
    """
    check_same_street(street.pk, *lists)
    rows = Settlement.objects.select_for_update(of=("self",)).select_related("month")
    locked = list(rows.filter(street=street, pk__in=[row.pk for row in lists]).order_by("pk"))
    owing = [Owing(S(row.state), row.payee_id, row.paid_by_id, row.open_fen, day_of(row.month.at)) for row in locked]
    parts = shared_out(owing, fen, paid_on=paid_on, today=day_of(at))
    first = locked[0]
    payment, posting = _pay(
        PaymentKind.SHOP, first.paid_by, first.payee, fen, bank_serial, paid_on, street=street, by=by, at=at
    )
    for row, part in zip(locked, parts, strict=True):
        _add(row, part)
    SettlementPart.objects.bulk_create(
        SettlementPart(street=street, payment=payment, settlement=row, fen=part)
        for row, part in zip(locked, parts, strict=True)
        if part
    )
    trail.record(
        "pay_settlement", payment, street=street, by=by, at=at, fen=fen, serial=payment.bank_serial, payer=payment.payer.name,
        payee=payment.payee.name, lists=[row.public_id for row in locked], **posting.proof,
    )  # fmt: skip
    return payment


def _add(row: Settlement, fen: int) -> None:
    """So much more (below zero: less) of a locked list is paid; where nothing is open it is paid, else it waits."""
    if not fen:
        return
    row.paid_fen += fen
    row.state = S.CONFIRMED if row.open_fen else S.PAID
    row.save(update_fields=["paid_fen", "state"])


@atomic
def repay_unit(
    street: Street,
    debtor: Party,
    *,
    creditor: Party,
    fen: int,
    bank_serial: str,
    paid_on: dt.date,
    by: User | None,
    at: dt.datetime,
) -> SettlementPayment:
    """Write down that one unit paid another what the other had paid in its place (登记还款), never more than is owed."""
    check_same_street(street.pk, debtor, creditor)
    book, _made = Book.objects.get_or_create(street=street, chart=SETTLEMENTS.name)
    lock_books(street, [book.pk])
    owed = owed_between(street, debtor, creditor)
    check_repayment(owed_fen=owed, fen=fen, paid_on=paid_on, today=day_of(at))
    payment, posting = _pay(PaymentKind.UNIT, debtor, creditor, fen, bank_serial, paid_on, street=street, by=by, at=at)
    trail.record(
        "repay_unit", payment, street=street, by=by, at=at, fen=fen, serial=payment.bank_serial, payer=debtor.name,
        payee=creditor.name, **posting.proof,
    )  # fmt: skip
    return payment


def _pay(
    kind: PaymentKind,
    payer: Party,
    payee: Party,
    fen: int,
    bank_serial: str,
    paid_on: dt.date,
    *,
    street: Street,
    by: User | None,
    at: dt.datetime,
) -> tuple[SettlementPayment, Posting]:
    """A payment and its entry in the book, under the book's lock; its serial number is free."""
    serial = read_serial(bank_serial)
    if kind is PaymentKind.SHOP:
        draft = _entry(street, K.PAY, Entry(shop_of(payee.pk), unit_of(payer.pk), fen), at, on=paid_on)
    else:
        draft = _entry(street, K.REPAY, Entry(unit_of(payee.pk), unit_of(payer.pk), fen), at, on=paid_on)
    lock_books(street, [draft.book_id])
    there = serial_taken(street, serial)
    if there is not None:
        raise Refused(
            _("流水号 %(serial)s 已经登记过：%(day)s 付给%(payee)s %(sum)s 元。一个流水号只算一次。"),
            serial=serial, day=there.paid_on.isoformat(), payee=there.payee.name, sum=yuan(there.amount_fen),
            field="bank_serial",
        )  # fmt: skip
    posting = _post(street, [draft], by=by, at=at)
    payment = SettlementPayment.objects.create(
        street=street, kind=kind, payer=payer, payee=payee, amount_fen=fen, bank_serial=serial, paid_on=paid_on,
        transaction_id=posting.transaction_ids[0], by=by, at=at,
    )  # fmt: skip
    return payment, posting


@atomic
def reverse_payment(payment: SettlementPayment, *, reason: str, by: User | None, at: dt.datetime) -> SettlementPayment:
    """Take a payment back that was written down wrong (撤销付款), once, for a reason: its lists are open again, and its serial
    number is free for what is right."""
    street = payment.street
    parts = dict(SettlementPart.objects.filter(street=street, payment=payment).values_list("settlement", "fen"))
    rows = Settlement.objects.select_for_update().filter(street=street, pk__in=parts).order_by("pk")
    lists, locked = list(rows), lock(payment)
    said = check_taken_back(is_reversed=locked.reversed_at is not None, reason=reason)[:LONGEST_WORDS]
    for row in lists:
        _add(row, -parts[row.pk])
    locked.reversed_at, locked.reason = at, said
    locked.save(update_fields=["reversed_at", "reason"])
    trail.record(
        "reverse_settlement_payment",
        locked,
        by=by,
        at=at,
        reason=said,
        fen=locked.amount_fen,
        serial=locked.bank_serial,
    )
    payment.transaction.street = street
    reverse_transaction(payment.transaction, reason=said, by=by, at=at)
    return locked
