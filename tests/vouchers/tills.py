"""A till as tests hand it round: a shop's phone that was opened, and what a rider's phone shows at an instant."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

from hege.kernel.clock import at_noon
from hege.vouchers.actions import claim_voucher
from hege.vouchers.models import Batch, Claim, Merchant, Redemption, Till
from hege.vouchers.moving import moving_code, scanned_code
from hege.vouchers.sealing import unsealed
from hege.vouchers.tills.actions import add_till, open_till, redeem
from hege.vouchers.tills.queries import till_by_token
from hege.vouchers.tills.rules import Queued
from tests.vouchers.samples import a_member, local

#: In the hours of soup, a Thursday.
LUNCH = local(2025, 12, 18, 12, 3)
OPENED = at_noon(dt.date(2025, 11, 22))
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_numbers = count(5000)


def an_open_till(shop: Merchant, label: str = "前台手机", at: dt.datetime = OPENED) -> Till:
    """A till as a request finds it, by the cookie of its phone."""
    link = add_till(shop, label=label, by=None, at=at)
    token = open_till(link, secret=f"phone {label}", by=None, at=at)
    till = till_by_token(token, shop.street.code)
    assert till is not None
    return till


def a_claim(batch: Batch, at: dt.datetime = LUNCH) -> Claim:
    """A voucher of a member of its own."""
    member = a_member(batch.street, next(_numbers))
    return claim_voucher(Batch.objects.get(pk=batch.pk), member=member, by=None, at=at - dt.timedelta(days=1))


def _secret(claim: Claim) -> str:
    secret = unsealed(claim.secret, street=claim.street_id, number=claim.number)
    assert secret is not None
    return secret


def digits(claim: Claim, at: dt.datetime = LUNCH) -> str:
    """What the phone shows to be read out."""
    return moving_code(_secret(claim), at)


def signs(claim: Claim, at: dt.datetime = LUNCH) -> str:
    """What stands in the code to be scanned."""
    return scanned_code(_secret(claim), at)


def take(till: Till, claim: Claim, *, nonce: str = "a-nonce", at: dt.datetime = LUNCH, **more: Any) -> Redemption:
    """Take a voucher as the scanner reads it."""
    said = {"number": claim.number, "code": signs(claim, at), "nonce": nonce, "by": None, "at": at}
    return redeem(till, **said | more)


def noted(claim: Claim, *, nonce: str, at: dt.datetime = LUNCH, **more: Any) -> Queued:
    """A scan as a phone notes it without a network, its clock right."""
    ms = (at - _EPOCH) // dt.timedelta(milliseconds=1)
    return Queued(nonce, claim.number, digits(claim, at), ms)._replace(**more)
