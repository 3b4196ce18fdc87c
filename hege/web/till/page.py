"""What a till shows: the voucher under its scanner, what was taken today, what was noted offline and is not decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from hege.kernel import signing
from hege.kernel.clock import EPOCH, day_of, start_of
from hege.kernel.money import yuan
from hege.kernel.refused import allows
from hege.vouchers.models import Claim, OfflineConflict, Redemption, Till
from hege.vouchers.rules import Price, Worth, price, worth_said
from hege.vouchers.sentences import amount_said
from hege.vouchers.tills.queries import conflicts_of, dearest_fen, redemptions_of_shop, taken_by_shop
from hege.vouchers.tills.rules import (
    OFFLINE_MOST,
    OFFLINE_MOST_FEN,
    Finding,
    ScanFault,
    Taken,
    check_reversal_by_till,
    reversible_until,
)
from hege.web.jinja import instant

SALT = "hege.web.till.shown"
CONFLICTS_SHOWN = 5


def short(value: dt.datetime, *, today: dt.date) -> str:
    """An instant as a shop reads it: the hour alone where it is today's."""
    said = instant(value)
    return said.rpartition(" ")[2] if day_of(value) == today else said


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page with the button was shown for: sent back with it, signed, so that the code need not be right by then."""

    till: int
    number: str
    code: str
    at: int

    def signed(self) -> str:
        """As it stands in the form."""
        return signing.dumps([self.till, self.number, self.code, self.at], salt=SALT)

    @classmethod
    def read(cls, text: str) -> Shown | None:
        """What a form sent back; None where we did not sign it."""
        try:
            return cls(*signing.loads(text, salt=SALT))
        except (signing.BadSignature, TypeError):
            return None


def shown_at(text: str, *, till: Till, number: str, code: str) -> dt.datetime | None:
    """When this till was shown the button for this voucher and code; None where it was not."""
    found = Shown.read(text)
    if found is None or (found.till, found.number, found.code) != (till.pk, number, code):
        return None
    return EPOCH + dt.timedelta(seconds=found.at)


#: The field in which a page sends back that it refused a scan.
FAILED, FAILED_SALT = "failed_scan", "hege.web.till.failed"


@dataclass(frozen=True, slots=True)
class Failed:
    """That a page refused a scan: sent back with it, signed, to be kept."""

    till: int
    finding: Finding
    number: str
    nonce: str

    def signed(self) -> str:
        """As it stands in the form."""
        said = [self.till, self.finding.fault.value, self.finding.facts, self.number, self.nonce]
        return signing.dumps(said, salt=FAILED_SALT)

    @classmethod
    def read(cls, text: str, *, till: Till) -> Failed | None:
        """What a form sent back; None where we did not sign it for this till."""
        try:
            pk, fault, facts, number, nonce = signing.loads(text, salt=FAILED_SALT)
        except (signing.BadSignature, TypeError, ValueError):
            return None
        return cls(pk, Finding.kept(ScanFault(fault), facts, None), number, nonce) if pk == till.pk else None


@dataclass
class VoucherPage:
    """A voucher that may be taken: its worth, what the customer pays, what the shop is owed, one character of a name."""

    till: Till
    claim: Claim
    code: str
    at: dt.datetime

    @property
    def title(self) -> str:
        return self.claim.batch.title

    @property
    def asks_bill(self) -> bool:
        """Whether what it is worth depends on the bill."""
        return self.claim.batch.kind == Worth.PERCENT

    @property
    def pays(self) -> str:
        """What the customer pays."""
        terms = self.claim.batch.terms
        if terms.kind is Worth.FREE:
            return _("顾客不付钱")
        if terms.kind is Worth.AMOUNT:
            return _("顾客少付 %(sum)s 元") % {"sum": yuan(terms.value_fen)}
        return _("%(worth)s，最多减 %(most)s 元") % {"worth": worth_said(terms), "most": amount_said(terms.value_fen)}

    @property
    def owed(self) -> str:
        """What the shop is owed for it, in yuan."""
        return yuan(self.claim.batch.cost_fen)

    @property
    def tail(self) -> str:
        """The last character of how the member is called; empty where nothing is kept of it."""
        return self.claim.member.called[-1:]

    @property
    def shown(self) -> str:
        """What the form sends back."""
        return Shown(self.till.pk, self.claim.number, self.code, int(self.at.timestamp())).signed()


@dataclass
class TakenPage:
    """A redemption, right after it and as long as the till may take it back."""

    redemption: Redemption
    till: Till
    at: dt.datetime

    @property
    def is_reversed(self) -> bool:
        return hasattr(self.redemption, "reversal")

    @property
    def may_reverse(self) -> bool:
        """Whether the till may take it back by itself."""
        same = self.redemption.till_id == self.till.pk
        return allows(
            check_reversal_by_till, redeemed_at=self.redemption.at, is_reversed=self.is_reversed, same_till=same,
            at=self.at,
        )  # fmt: skip

    @property
    def until(self) -> str:
        """Until when."""
        return short(reversible_until(self.redemption.at), today=day_of(self.at))

    @property
    def taken_at(self) -> str:
        return short(self.redemption.used_at, today=day_of(self.at))

    @property
    def reversed_at(self) -> str:
        return short(self.redemption.reversal.at, today=day_of(self.at))

    @property
    def price(self) -> Price:
        """What the customer saved."""
        return price(self.redemption.claim.batch.terms, bill_fen=self.redemption.bill_fen)

    @property
    def month_number(self) -> int:
        """1 to 12, in Shanghai."""
        return day_of(self.redemption.used_at).month

    @cached_property
    def month(self) -> Taken:
        """What the shop took in this month so far, with this one."""
        first = start_of(day_of(self.redemption.used_at).replace(day=1))
        return taken_by_shop(self.till.merchant, from_at=first, until_at=self.at)


@dataclass
class TillPage:
    """The till's own page."""

    till: Till
    today: dt.date
    at: dt.datetime

    @cached_property
    def taken(self) -> Taken:
        """What the shop took today."""
        return taken_by_shop(self.till.merchant, from_at=start_of(self.today), until_at=self.at)

    @cached_property
    def of_today(self) -> list[tuple[Redemption, str]]:
        """Each of it with its hour, also what was taken back."""
        rows = redemptions_of_shop(self.till.merchant, from_at=start_of(self.today))
        return [(row, short(row.used_at, today=self.today)) for row in rows]

    @cached_property
    def conflicts(self) -> Sequence[OfflineConflict]:
        """What this shop noted offline and failed, the last ones."""
        rows = conflicts_of(self.till.street).filter(failure__till__merchant=self.till.merchant_id)
        return list(rows.order_by("-pk")[:CONFLICTS_SHOWN])

    @cached_property
    def offline(self) -> dict[str, int]:
        """What the till may note without a network, for the script: how many, how much, how much one may cost; fen."""
        dearest = dearest_fen(self.till.merchant, on=self.today)
        return {"most": OFFLINE_MOST, "most_fen": OFFLINE_MOST_FEN, "each_fen": dearest}
