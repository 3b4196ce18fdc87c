"""What a member sees of vouchers: what there is to claim, what they have, one of them at the counter, one on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.kernel.clock import SHANGHAI
from hege.kernel.refused import Refused, refusal_of
from hege.kernel.several import several
from hege.points.queries import points_on
from hege.points.rules import LotLeft, eaten
from hege.vouchers import queries
from hege.vouchers.models import Batch, Claim, Merchant, PaperCode, Redemption
from hege.vouchers.moving import ends_at, moving_code, scanned_code
from hege.vouchers.rules import BatchState, ClaimState, check_claim, worth_said
from hege.vouchers.sealing import paper_code, unsealed
from hege.vouchers.sentences import when_said
from hege.web.bearers import Rider
from hege.web.jinja import day, dots
from hege.web.links import in_full
from hege.web.marks import Button
from hege.web.member.part import Part
from hege.web.shared.printed_code import CodePath, code_path

#: So many of what is over are shown: it is a memory, no account.
PAST = 20
#: For so long the list says what was claimed.
JUST_NOW = dt.timedelta(minutes=10)
#: So many stand on the member's first page, so many shops by name.
FIRST, NAMED = 3, 3
USABLE = (ClaimState.HELD, ClaimState.NOT_YET)


def shops_said(shops: Sequence[Merchant]) -> str:
    """Where it may be used, by name; of many the first and how many."""
    names = [shop.name for shop in shops]
    if len(names) <= NAMED:
        return _("、").join(names)
    return _("%(some)s等 %(n)d 家") % {"some": _("、").join(names[:NAMED]), "n": len(names)}


def number_said(number: str) -> str:
    """A claim's number as it is read out: two groups of four."""
    return f"{number[:4]} {number[4:]}"


def state_of(claim: Any, rider: Rider) -> ClaimState:
    """How a voucher of a member, read by ``queries.claims_of``, stands today."""
    return queries.state_of(claim, used=claim.used, on=rider.today)


class Held(NamedTuple):
    """A voucher in a list."""

    claim: Claim
    state: ClaimState
    shops: list[Merchant]

    @property
    def worth(self) -> str:
        return worth_said(self.claim.batch.terms)

    @property
    def note(self) -> str:
        batch = self.claim.batch
        begins = _("%(day)s 起") % {"day": day(batch.use_from_on)} if self.state is ClaimState.NOT_YET else ""
        until = _("到 %(day)s") % {"day": day(batch.use_until_on - DAY)}
        return dots([shops_said(self.shops), when_said(batch.weekdays, batch.hours), begins, until])


class Offer(NamedTuple):
    """A batch in the list of what can be claimed; ``no``: why not, asked by the rule that refuses the act."""

    batch: Batch
    shops: list[Merchant]
    no: Refused | None

    @property
    def worth(self) -> str:
        return worth_said(self.batch.terms)

    @property
    def note(self) -> str:
        batch = self.batch
        points = several("%(n)d 积分") % {"n": batch.point_price} if batch.point_price else ""
        until = _("用到 %(day)s") % {"day": day(batch.use_until_on - DAY)}
        return dots([points, shops_said(self.shops), when_said(batch.weekdays, batch.hours), until])

    @property
    def left(self) -> str:
        """How many are left, where that may make somebody hurry."""
        n = self.batch.stock - self.batch.claimed
        return ngettext("还有 %(n)d 张", "还有 %(n)d 张", n) % {"n": n} if self.no is None else ""


class VoucherList:
    """A member's vouchers, and what there is to claim; the same few statements however many there are."""

    def __init__(self, rider: Rider, *, new: str = "") -> None:
        self.rider, at = rider, clock.now()
        unused = list(queries.unused_claims(rider.member, on=rider.today))
        past = list(queries.past_claims(rider.member, on=rider.today)[:PAST])
        batches = list(queries.claimable(rider.street, at=at))
        mine = queries.counts_of(rider.member, batches)
        shops = queries.shops_of([*batches, *(claim.batch for claim in (*unused, *past))])
        self.held, self.past = [
            [Held(claim, state_of(claim, rider), shops[claim.batch_id]) for claim in some] for some in (unused, past)
        ]
        points = points_on(rider.street, [rider.member.pk], on=rider.today).get(rider.member.pk, 0)
        offers = [
            Offer(batch, shops[batch.pk], refusal(batch, rider, mine=mine[batch.pk], points=points, at=at))
            for batch in batches
        ]
        self.offers = sorted(offers, key=lambda offer: offer.no is not None)
        fresh = (claim for claim in unused if claim.number == new and claim.at > at - JUST_NOW)
        self.claimed_now = next((claim.batch.title for claim in fresh), "")

    @property
    def usable(self) -> str:
        """How many can be used, as an answer."""
        return count_said(len(self.held))

    @property
    def claimable(self) -> str:
        """How many batches give one now, as an answer."""
        n = sum(offer.no is None for offer in self.offers)
        return ngettext("%(n)d 种能领", "%(n)d 种能领", n) % {"n": n} if n else _("现在没有")


def refusal(batch: Batch, rider: Rider, *, mine: int, points: int, at: dt.datetime) -> Refused | None:
    """Why a member who has so many of a batch, and so many points, cannot claim one more."""
    no = refusal_of(
        check_claim, terms=batch.terms, state=BatchState(batch.state), claimed=batch.claimed,
        committed_fen=batch.committed_fen, mine=mine, at=at,
    )  # fmt: skip
    if no is not None or not batch.point_price:
        return no
    purse = [LotLeft(0, points, rider.today + DAY)]
    return refusal_of(eaten, lots=purse, points=batch.point_price, on=rider.today)


def count_said(n: int) -> str:
    """How many vouchers can be used."""
    return ngettext("%(n)d 张能用", "%(n)d 张能用", n) % {"n": n} if n else _("现在没有")


def vouchers_part(rider: Rider) -> Part:
    """What can I use: the first few, and the way to all."""
    held = list(queries.unused_claims(rider.member, on=rider.today)[: FIRST + 1])
    shops = queries.shops_of([claim.batch for claim in held])
    some = [Held(claim, state_of(claim, rider), shops[claim.batch_id]) for claim in held]
    answer = count_said(len(some)) if len(some) <= FIRST else _("%(n)d 张以上能用") % {"n": FIRST}
    href = rider.to("member:vouchers")
    told = {"answer": answer, "held": some[:FIRST], "href": href}
    return Part("member/vouchers_part.html", told, Button(_("出示券"), href, "qrcode", main=True))


class Shown:
    """One voucher at the counter. What moves on the phone begins with what the house computes now."""

    def __init__(self, claim: Claim, rider: Rider, request: HttpRequest) -> None:
        self.claim, self.rider, self.batch = claim, rider, claim.batch
        self.state = state_of(claim, rider)
        self.at = clock.now()
        self.address = in_full(f"/t/{rider.street.code}/s/{claim.number}/")

    @cached_property
    def shops(self) -> list[Merchant]:
        return queries.shops_of([self.batch])[self.batch.pk]

    @property
    def shops_said(self) -> str:
        return shops_said(self.shops)

    @property
    def worth(self) -> str:
        return worth_said(self.batch.terms)

    @property
    def number(self) -> str:
        return number_said(self.claim.number)

    @property
    def when(self) -> str:
        return when_said(self.batch.weekdays, self.batch.hours)

    @property
    def last_on(self) -> dt.date:
        return self.batch.use_until_on - DAY

    @cached_property
    def use(self) -> Redemption | None:
        """When and where it was used."""
        return queries.use_of(self.claim) if self.state is ClaimState.REDEEMED else None

    @property
    def over_where(self) -> str:
        """More of it: the day and the shop, or why its batch was closed."""
        if self.use is not None:
            return dots([day(clock.day_of(self.use.used_at)), self.use.merchant.name])
        return self.batch.closed_reason

    @property
    def over_said(self) -> str:
        """Why it is not shown: since when, or from when on."""
        if self.state is ClaimState.HELD:
            return _("现在打不开，请打街道电话")
        if self.state is ClaimState.NOT_YET:
            return _("%(day)s 起能用") % {"day": day(self.batch.use_from_on)}
        if self.use is not None:
            return _("%(time)s 已用") % {"time": f"{self.use.used_at.astimezone(SHANGHAI):%H:%M}"}
        end = getattr(self.claim, "end", None)
        on = clock.day_of(end.at) if end else self.batch.use_until_on
        return _("%(day)s %(state)s") % {"day": day(on), "state": self.state.label}

    @property
    def can_be_printed(self) -> bool:
        return self.state in USABLE

    @cached_property
    def secret(self) -> str | None:
        """What the phone makes codes of; None where none may be shown today, and where no key at hand opens it."""
        if self.state is not ClaimState.HELD:
            return None
        return unsealed(self.claim.secret, street=self.claim.street_id, number=self.claim.number)

    @property
    def code(self) -> str:
        said = moving_code(self.secret or "", self.at)
        return f"{said[:3]} {said[3:]}"

    @property
    def drawn(self) -> CodePath:
        """The code to scan; of one that is over its address alone, which no shop takes."""
        return code_path(f"{self.address}{scanned_code(self.secret, self.at)}/" if self.secret else self.address)

    @property
    def until(self) -> str:
        return f"{ends_at(self.at).astimezone(SHANGHAI):%H:%M:%S}"

    @property
    def now_ms(self) -> int:
        """The house's clock in milliseconds since 1970, for a phone whose clock is wrong."""
        return int(self.at.timestamp() * 1000)


class Paper(Shown):
    """One voucher on paper; without one in force the page says what printing does."""

    def __init__(self, claim: Claim, rider: Rider, request: HttpRequest) -> None:
        super().__init__(claim, rider, request)
        self.paper: PaperCode | None = queries.live_paper(claim) if self.can_be_printed else None

    @property
    def code(self) -> str:
        said = paper_code(self.paper.pk) if self.paper else ""
        return f"{said[:5]} {said[5:]}"

    @property
    def drawn(self) -> CodePath:
        return code_path(f"{self.address}{self.code.replace(' ', '')}/")
