"""Reads at the counter: whose till asks, which voucher a number names, what stands against taking it; and what an office looks at."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from hege.kernel.prepared import prepared
from hege.people.models import Street
from hege.vouchers.models import (
    BatchMerchant,
    Claim,
    ClaimEnd,
    Merchant,
    OfflineConflict,
    PaperCode,
    Redemption,
    ScanFailure,
    Till,
    TillLink,
)
from hege.vouchers.moving import steps_off
from hege.vouchers.rules import ClaimEndKind, price
from hege.vouchers.sealing import is_paper_code, unsealed
from hege.vouchers.tills.rules import (
    GUESSING,
    SLACK,
    Conflict,
    ConflictState,
    End,
    Finding,
    ScanFault,
    Taken,
    Use,
    code_finding,
    is_guessed,
    is_moving,
    kept_as,
    link_tokens,
    voucher_finding,
)

# -- whose till ------------------------------------------------------------------------------------------------------------


def till_by_token(token: str, street_code: str) -> Till | None:
    """The till whose phone holds a cookie, with its shop and street; None where it is not let in there (any more)."""
    found = next(iter(_tills(list(kept_as(token)), street_code)), None)
    if found is not None:
        found.merchant.street = found.street
    return found


@prepared
def _tills(hashes: Sequence[str], street_code: str) -> QuerySet[Till]:
    rows = Till.objects.filter(token_hash__in=hashes, street__code=street_code, ended_at__isnull=True)
    return rows.select_related("street", "merchant")[:1]  # tills act many at once: a head read here would have moved on


def link_by_token(street_code: str, token: str) -> TillLink | None:
    """The link that bears a secret, whatever became of it; with its till, shop and street."""
    rows = TillLink.objects.filter(street__code=street_code, token_hash__in=list(kept_as(token)))
    found = rows.select_related("street__trail_head", "till__merchant").first()
    if found is not None:
        found.till.street = found.till.merchant.street = found.street
    return found


def token_of(link: TillLink) -> str | None:
    """The secret of a link; None where the key it was made with is not at hand."""
    for token in link_tokens(link.street_id, link.till_id, link.public_id):
        if link.token_hash in kept_as(token):
            return token
    return None


# -- one voucher at the counter --------------------------------------------------------------------------------------------


def claim_of_number(street: Street, number: str) -> Claim | None:
    """The voucher of a number in a street, with its batch and who holds it."""
    found = next(iter(_claims_of_number(street, number)), None)
    return _with_street(found, street) if found else None


@prepared
def _claims_of_number(street: Street, number: str) -> QuerySet[Claim]:
    return Claim.objects.filter(street=street, number=number).select_related("batch", "member")[:1]


def _with_street(claim: Claim, street: Street) -> Claim:
    claim.street = claim.batch.street = street
    return claim


def locked_claims(street: Street, numbers: Collection[str]) -> dict[str, Claim]:
    """The vouchers of some numbers with their batches, locked in the order of their keys."""
    return {claim.number: _with_street(claim, street) for claim in _locked_claims(street, list(numbers))}


@prepared
def _locked_claims(street: Street, numbers: Sequence[str]) -> QuerySet[Claim]:
    rows = Claim.objects.filter(street=street, number__in=numbers).select_related("batch")
    return rows.select_for_update(of=("self",)).order_by("pk")


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands for and against taking a voucher: where it may be used, its last redemption, whether that was taken back,
    how it ended, how many wrong codes were tried lately, for it and by the till."""

    shops: dict[int, str] = field(default_factory=dict)
    last: Redemption | None = None
    is_reversed: bool = False
    ended: End | None = None
    wrong: int = 0
    wrong_by_till: int = 0

    @property
    def is_used(self) -> bool:
        """Whether its last redemption stands."""
        return self.last is not None and not self.is_reversed

    def used(self, shop: int) -> Use | None:
        """Its redemption that stands, as a shop is told of it."""
        if self.last is None or self.is_reversed:
            return None
        return Use(self.last.used_at, self.last.merchant.name, here=self.last.merchant_id == shop)

    def redeemed(self, by: Redemption) -> Facts:
        """The same after one more redemption."""
        return replace(self, last=by, is_reversed=False)

    def tried(self) -> Facts:
        """The same after one more wrong code."""
        return replace(self, wrong=self.wrong + 1, wrong_by_till=self.wrong_by_till + 1)


def facts_of(claims: Collection[Claim], *, till: Till | None = None, at: dt.datetime) -> dict[int, Facts]:
    """What stands for and against taking each of some vouchers of one street; three queries. Locked first where they are to be
    taken."""
    shops: dict[int, dict[int, str]] = defaultdict(dict)
    for of_batch, shop, name in _shops(list({claim.batch_id for claim in claims})):
        shops[of_batch][shop] = name
    by_pk, found = {claim.pk: claim for claim in claims}, {}
    wrong, by_till = _wrong_lately(claims, till, since=at - GUESSING)
    for pk, kind, ended_at, last, used_at, shop, name, reversal in _uses(list(by_pk)):  # of several the last counts
        batch = by_pk[pk].batch
        ended = End(ClaimEndKind(kind), ended_at, batch.closed_reason) if kind else None
        used = Redemption(pk=last, used_at=used_at, merchant=Merchant(pk=shop, name=name)) if last else None
        found[pk] = Facts(shops[batch.pk], used, reversal is not None, ended, wrong[pk], by_till)
    return found


@prepared
def _shops(batches: Sequence[int]) -> QuerySet[BatchMerchant, tuple[int, int, str]]:
    rows = BatchMerchant.objects.filter(batch__pk__in=batches, ended_at__isnull=True).order_by("merchant__name")
    return rows.values_list("batch", "merchant", "merchant__name")


@prepared
def _uses(claims: Sequence[int]) -> QuerySet[Claim, Any]:
    return Claim.objects.filter(pk__in=claims).order_by("pk", "redemptions").values_list(
        "pk", "end__kind", "end__at", "redemptions", "redemptions__used_at", "redemptions__merchant",
        "redemptions__merchant__name", "redemptions__reversal",
    )  # fmt: skip


@prepared
def _wrong(
    claims: Sequence[int], tills: Sequence[int], streets: Sequence[int], since: dt.datetime
) -> QuerySet[ScanFailure, tuple[int | None, int]]:
    rows = ScanFailure.objects.filter(
        Q(claim__pk__in=claims) | Q(till__pk__in=tills), street__pk__in=streets, fault=ScanFault.WRONG, at__gt=since
    )
    return rows.values_list("claim", "till")


def _wrong_lately(claims: Collection[Claim], till: Till | None, *, since: dt.datetime) -> tuple[Counter[int], int]:
    """How many wrong codes were tried since an instant, for each of some vouchers of one street and by a till."""
    tills, streets = [till.pk] if till is not None else [], {claim.street_id for claim in claims}
    tried = _wrong([claim.pk for claim in claims], tills, list(streets), since)
    by_till = sum(by == till.pk for _claim, by in tried) if till is not None else 0
    return Counter(claim for claim, _by in tried if claim is not None), by_till


def paper_of(claim: Claim, code: str) -> PaperCode | None:
    """The paper whose code this is, be it used up or printed anew since."""
    rows = PaperCode.objects.filter(street=claim.street_id, claim=claim).order_by("-pk")
    return next((paper for paper in rows if is_paper_code(paper.pk, code)), None)


def moving_finding(claim: Claim, code: str, facts: Facts, *, at: dt.datetime, slack: int = SLACK) -> Finding | None:
    """What is wrong with the moving code of a voucher at an instant."""
    if is_guessed(wrong=facts.wrong, by_till=facts.wrong_by_till):
        return Finding(ScanFault.TRIED)
    secret = unsealed(claim.secret, street=claim.street_id, number=claim.number)
    off = None if secret is None else steps_off(secret, code, at=at)
    return code_finding(off, at=at, slack=slack)


def paper_finding(claim: Claim, code: str, facts: Facts) -> tuple[PaperCode | None, Finding | None]:
    """The paper whose code this is, and what is wrong with it: none like it, printed anew, or used up."""
    if is_guessed(wrong=facts.wrong, by_till=facts.wrong_by_till):
        return None, Finding(ScanFault.TRIED)
    paper = paper_of(claim, code)
    stands = paper is not None and (facts.is_used or (paper.used_at is None and paper.ended_at is None))
    return paper, None if stands else Finding(ScanFault.WRONG)


def use_finding(claim: Claim, facts: Facts, *, shop: int, at: dt.datetime) -> Finding | None:
    """Why a shop may not take a voucher whose code was right."""
    return voucher_finding(
        terms=claim.batch.terms, shops=facts.shops, shop=shop, used=facts.used(shop), ended=facts.ended, at=at
    )


def scan_finding(till: Till, claim: Claim | None, code: str, *, at: dt.datetime) -> Finding | None:
    """Why a till may not take a voucher now, None where it may."""
    if claim is None:
        return Finding(ScanFault.UNKNOWN)
    facts = facts_of([claim], till=till, at=at)[claim.pk]
    finding = moving_finding(claim, code, facts, at=at) if is_moving(code) else paper_finding(claim, code, facts)[1]
    return finding or use_finding(claim, facts, shop=till.merchant_id, at=at)


# -- a shop's own ----------------------------------------------------------------------------------------------------------


def standing(street: Street) -> QuerySet[Redemption]:
    """The redemptions of a street that were not taken back."""
    rows: QuerySet[Redemption] = Redemption.objects.filter(street=street, reversal__isnull=True)
    return rows


def taken_by_shop(merchant: Merchant, *, from_at: dt.datetime, until_at: dt.datetime) -> Taken:
    """What a shop took from an instant until before another, but for what was taken back."""
    rows = standing(merchant.street).filter(merchant=merchant, used_at__gte=from_at, used_at__lt=until_at)
    found = rows.aggregate(n=Count("pk"), fen=Sum("owed_fen"))
    return Taken(found["n"], found["fen"] or 0)


def redemptions_of_shop(merchant: Merchant, *, from_at: dt.datetime) -> QuerySet[Redemption]:
    """What a shop took since an instant, also what was taken back, the last first."""
    rows: QuerySet[Redemption] = Redemption.objects.filter(
        street=merchant.street_id, merchant=merchant, used_at__gte=from_at
    )
    return rows.select_related("claim__batch", "till", "reversal").order_by("-used_at", "-pk")


def the_redemption(till: Till, public_id: str) -> Redemption | None:
    """A redemption of the shop of a till."""
    rows = Redemption.objects.filter(street=till.street_id, merchant=till.merchant_id, public_id=public_id)
    found = rows.select_related("claim__batch", "till", "reversal").first()
    if found is not None:
        found.street, found.merchant = till.street, till.merchant
        _with_street(found.claim, till.street)
    return found


def the_failure(till: Till, public_id: str) -> ScanFailure | None:
    """A scan that a till was refused."""
    rows = ScanFailure.objects.filter(street=till.street_id, till=till, public_id=public_id)
    return rows.select_related("claim__batch").first()


def finding_of(failure: ScanFailure) -> Finding:
    """Why a scan was refused, as it was found then."""
    terms = failure.claim.batch.terms if failure.claim is not None else None
    return Finding.kept(ScanFault(failure.fault), failure.facts, terms)


def dearest_fen(merchant: Merchant, *, on: dt.date) -> int:
    """What the payer would owe a shop for the dearest voucher that it takes on a day; zero where it takes none."""
    rows = BatchMerchant.objects.filter(
        street=merchant.street_id, merchant=merchant, ended_at__isnull=True, batch__use_from_on__lte=on,
        batch__use_until_on__gt=on,
    )  # fmt: skip
    return int(rows.aggregate(most=Max("batch__cost_fen"))["most"] or 0)


# -- an office's -----------------------------------------------------------------------------------------------------------


def tills_of(street: Street) -> QuerySet[Till]:
    """The tills of a street that were not ended, with their shops, by the shop's name."""
    rows: QuerySet[Till] = Till.objects.filter(street=street, ended_at__isnull=True)
    return rows.select_related("merchant").order_by("merchant__name", "label")


def the_till(street: Street, public_id: str) -> Till | None:
    """A till of a street, also one that was ended, which keeps the head of its trail."""
    found = Till.objects.filter(street=street, public_id=public_id).select_related("merchant").first()
    if found is not None:
        found.street = found.merchant.street = street
    return found


def open_link_of(till: Till, *, at: dt.datetime) -> TillLink | None:
    """The link that still opens a till."""
    rows = TillLink.objects.filter(street=till.street_id, till=till, used_at__isnull=True, ended_at__isnull=True)
    return rows.filter(until_at__gt=at).first()


def failures_of(street: Street) -> QuerySet[ScanFailure]:
    """The scans that tills were refused, the last first."""
    rows: QuerySet[ScanFailure] = ScanFailure.objects.filter(street=street)
    return rows.select_related("till__merchant", "claim__batch").order_by("-at", "-pk")


def conflicts_of(street: Street, *states: ConflictState) -> QuerySet[OfflineConflict]:
    """What was noted offline and failed, the oldest first; of some states or of all."""
    rows: QuerySet[OfflineConflict] = OfflineConflict.objects.filter(street=street)
    if states:
        rows = rows.filter(state__in=states)
    return rows.select_related("failure__till__merchant", "failure__claim__batch", "decided_by").order_by("pk")


def the_conflict(street: Street, public_id: str) -> OfflineConflict | None:
    """A conflict of a street."""
    found = conflicts_of(street).filter(public_id=public_id).first()
    if found is not None:
        found.street = street
    return found


def conflict_now(conflict: OfflineConflict) -> Conflict:
    """What deciding a conflict depends on. Its voucher is locked first where it is to be decided."""
    claim = conflict.failure.claim
    found = facts_of([claim], at=conflict.failure.at)[claim.pk] if claim is not None else None
    free = found is not None and found.ended is None and not found.is_used
    return Conflict(ConflictState(conflict.state), known=found is not None, free=free)


def redeemed_since(street: Street, at: dt.datetime) -> Iterable[tuple[int, dt.datetime]]:
    """(shop, instant) of each redemption since an instant that stands: what ``rules.outstanding_hours`` looks through."""
    return standing(street).filter(used_at__gte=at).values_list("merchant", "used_at").iterator(5000)


def redemption_faults(street: Street) -> Iterator[str]:
    """What is wrong with the redemptions of a street, in words: two that stand, one of an ended voucher, a wrong sum."""
    rows = Redemption.objects.filter(street=street).select_related("claim__batch", "after__reversal", "reversal")
    standing_on: set[int] = set()
    ended = set(ClaimEnd.objects.filter(street=street).values_list("claim", flat=True))
    for row in rows.order_by("pk").iterator(2000):
        stands = not hasattr(row, "reversal")
        if stands and row.claim_id in standing_on:
            yield f"vouchers.redemption {row.pk}: another one of its voucher stands too"
        if stands and row.claim_id in ended:
            yield f"vouchers.redemption {row.pk}: its voucher has ended"
        if row.after is not None and (row.after.claim_id != row.claim_id or not hasattr(row.after, "reversal")):
            yield f"vouchers.redemption {row.pk}: follows one that was not taken back, or of another voucher"
        if row.owed_fen != price(row.claim.batch.terms, bill_fen=row.bill_fen).owed_fen:
            yield f"vouchers.redemption {row.pk}: owed_fen is {row.owed_fen}, its terms come to another sum"
        standing_on |= {row.claim_id} if stands else set()
