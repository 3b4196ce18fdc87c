"""The utility names an account; one person enters it from the letter, another checks it; only then shops read it."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from hege.billing.models import UtilityAccount
from hege.billing.payee.rules import account_number, check_not_ended, check_open, check_second
from hege.kernel.checks import check_words
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.people.models import Street, User
from hege.trail import actions as trail


@atomic
def name_account(
    street: Street,
    *,
    holder: str,
    bank: str,
    number: str,
    words: str = "",
    document: str,
    by: User | None,
    at: dt.datetime,
) -> UtilityAccount:
    """Enter an account as the utility's letter says it (登记收款账户). Nobody is told it before another has checked it."""
    account = UtilityAccount.objects.create(
        street=street, holder=check_words(holder, field="holder"), bank=check_words(bank, field="bank"),
        number=account_number(number), words=words.strip(), named_by=by, named_at=at,
        document=check_words(document, _("请写明水务公司哪一份函。"), field="document"),
    )  # fmt: skip
    trail.record("name_account", account, by=by, at=at, document=account.document)
    return account


@atomic
def confirm_account(account: UtilityAccount, *, by: User | None, at: dt.datetime) -> UtilityAccount:
    """Say that it is as the letter has it (核对收款账户): from now on shops read it, in place of the one before."""
    locked = lock(account)
    check_open(confirmed=locked.confirmed_at is not None, ended=locked.ended_at is not None)
    check_second(by=by.pk if by else None, named_by=locked.named_by_id)
    locked.confirmed_by, locked.confirmed_at = by, at
    locked.save(update_fields=["confirmed_by", "confirmed_at"])
    trail.record("confirm_account", locked, by=by, at=at, document=locked.document)
    return locked


@atomic
def end_account(account: UtilityAccount, *, reason: str, by: User | None, at: dt.datetime) -> UtilityAccount:
    """Show it no more (停用收款账户), at once and by one person: to stop is never to wait for a second."""
    locked = lock(account)
    check_not_ended(ended=locked.ended_at is not None)
    locked.ended_at = at
    locked.save(update_fields=["ended_at"])
    trail.record("end_account", locked, by=by, at=at, reason=check_words(reason))
    return locked
