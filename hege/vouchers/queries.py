"""Reads over vouchers: what a member can claim and has, what an office has given out, and whether the counters are right."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from hege.kernel.periods import holds_on
from hege.kernel.prepared import prepared
from hege.members.models import Member
from hege.people.models import Street
from hege.vouchers.models import Batch, BatchMerchant, Claim, Merchant, OfflineConflict, PaperCode, Redemption
from hege.vouchers.rules import GIVES_STOCK_BACK, BatchState, ClaimEndKind, ClaimState, claim_state

#: Later than everything that has been written.
FOR_EVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def batches_of(street: Street) -> QuerySet[Batch]:
    """The batches of a street, the newest first."""
    return Batch.objects.filter(street=street).select_related("payer").order_by("-pk")


def approved_before(street: Street, until: dt.datetime) -> QuerySet[Batch]:
    """The batches of a street that were approved before an instant, in the order they were made; their terms stay."""
    return Batch.objects.filter(street=street, approved_at__lt=until).order_by("pk")


def claim_of_street(street: Street, public_id: str) -> Claim | None:
    """A claim of a street, with its batch and whose it is."""
    found = Claim.objects.filter(street=street, public_id=public_id).select_related("batch", "member").first()
    if found is not None:
        found.street = found.batch.street = found.member.street = street
    return found


def the_batch(street: Street, public_id: str) -> Batch | None:
    """A batch of a street, which keeps the head of its trail."""
    found = (
        Batch.objects.filter(street=street, public_id=public_id)
        .select_related("payer", "made_by", "approved_by")
        .first()
    )
    if found is not None:
        found.street = street
    return found


def batch_to_claim(street: Street, public_id: str) -> Batch | None:
    """A batch of a street with what its claim asks for before it is locked and read whole."""
    found = next(iter(_to_claim(street, public_id)), None)
    if found is not None:
        found.street = street
    return found


@prepared
def _to_claim(street: Street, public_id: str) -> QuerySet[Batch]:
    rows = Batch.objects.filter(street=street, public_id=public_id)
    return rows.only("street", "public_id", "title", "point_price")[:1]


@prepared
def claims_beside(
    street: int, batch: Batch, member: Member, number: str
) -> QuerySet[Claim, tuple[int, int, str, ClaimEndKind | None]]:
    """What a claim of a batch depends on: those of the member, and the one that has its number (batch, member, number, end)."""
    rows = Claim.objects.filter(Q(batch=batch, member=member) | Q(number=number), street=street)
    return rows.values_list("batch_id", "member_id", "number", "end__kind")


def merchants_of(street: Street, *, on: dt.date) -> QuerySet[Merchant]:
    """The shops that take vouchers on a day, by name."""
    return Merchant.objects.filter(holds_on(on), street=street).order_by("name")


def shops_of(batches: Collection[Batch]) -> dict[int, list[Merchant]]:
    """Which shops take the vouchers of each batch; one query."""
    found: dict[int, list[Merchant]] = {batch.pk: [] for batch in batches}
    rows = BatchMerchant.objects.filter(batch__in=list(found), ended_at__isnull=True).select_related("merchant")
    for row in rows.order_by("merchant__name"):
        found[row.batch_id].append(row.merchant)
    return found


# -- a member's ----------------------------------------------------------------------------------------------------------


def claimable(street: Street, *, at: dt.datetime) -> QuerySet[Batch]:
    """The batches that can be claimed now or will be, the next to end first."""
    rows = Batch.objects.filter(street=street, state=BatchState.APPROVED, claim_until_at__gt=at)
    return rows.order_by("claim_until_at", "pk")


#: Whether a claim was used: a redemption of it was not taken back.
USED = Exists(Redemption.objects.filter(claim=OuterRef("pk"), reversal__isnull=True))


def claims_of(member: Member) -> QuerySet[Claim]:
    """What a member has claimed, with its batch, how it ended and whether it was ``used``, the next to end first."""
    rows: QuerySet[Claim] = Claim.objects.filter(street=member.street_id, member=member).annotate(used=USED)
    return rows.select_related("batch", "end").order_by("batch__use_until_on", "pk")


def unused_claims(member: Member, *, on: dt.date) -> QuerySet[Claim]:
    """Those that can be used on a day or later."""
    return claims_of(member).filter(~USED, end__isnull=True, batch__use_until_on__gt=on)


def past_claims(member: Member, *, on: dt.date) -> QuerySet[Claim]:
    """Those that were used or have ended, the latest first."""
    over = Q(end__isnull=False) | Q(batch__use_until_on__lte=on) | Q(USED)
    return claims_of(member).filter(over).order_by("-pk")


def the_claim(member: Member, public_id: str) -> Claim | None:
    """A voucher of a member."""
    found = claims_of(member).filter(public_id=public_id).first()
    if found is not None:
        found.street, found.member = member.street, member
        found.batch.street = member.street
    return found


def state_of(claim: Claim, *, used: bool, on: dt.date) -> ClaimState:
    """How a claim read with its batch and end stands on a day."""
    end = getattr(claim, "end", None)
    ended = ClaimEndKind(end.kind) if end is not None else None
    return claim_state(claim.batch.terms, redeemed=used, ended=ended, today=on)


def use_of(claim: Claim) -> Redemption | None:
    """When and where a voucher was used."""
    rows = Redemption.objects.filter(street=claim.street_id, claim=claim, reversal__isnull=True)
    return rows.select_related("merchant").first()


def live_paper(claim: Claim) -> PaperCode | None:
    """The paper of a claim that still counts."""
    return PaperCode.objects.filter(street=claim.street_id, claim=claim, ended_at__isnull=True).first()


def counts_of(member: Member, batches: Collection[Batch]) -> dict[int, int]:
    """How many of each batch a member has had, but for those taken back; one query."""
    rows = Claim.objects.filter(street=member.street_id, member=member, batch__in=[b.pk for b in batches])
    rows = rows.exclude(end__kind__in=GIVES_STOCK_BACK).values("batch").annotate(n=Count("pk"))
    return {b.pk: 0 for b in batches} | {row["batch"]: row["n"] for row in rows.order_by()}


def used_among(claims: Collection[Claim]) -> set[int]:
    """Which of some vouchers were used: those with a redemption that was not taken back."""
    rows = Redemption.objects.filter(claim__in=[claim.pk for claim in claims], reversal__isnull=True)
    return set(rows.values_list("claim", flat=True))


def unused_by(member: Member, *, on: dt.date) -> list[Claim]:
    """The vouchers of a member that can still be used, on a day or later; by batch."""
    return _with_street(
        unused_claims(member, on=on).order_by("batch", "pk").select_related("batch", "member"), member.street
    )


def held_by_left(street: Street, *, on: dt.date) -> list[Claim]:
    """The vouchers that can still be used of members who left; by batch."""
    rows = Claim.objects.filter(~USED, street=street, member__left_at__isnull=False, end__isnull=True)
    rows = rows.filter(batch__use_until_on__gt=on).order_by("batch", "pk").select_related("batch", "member")
    return _with_street(rows, street)


def _with_street(claims: Iterable[Claim], street: Street) -> list[Claim]:
    found = list(claims)
    for claim in found:
        claim.street = claim.batch.street = claim.member.street = street
    return found


# -- an office's ---------------------------------------------------------------------------------------------------------


def holders_of(batch: Batch) -> QuerySet[Claim]:
    """The claims of a batch with who holds them, the newest first."""
    rows = Claim.objects.filter(street=batch.street_id, batch=batch).select_related("member", "end", "batch")
    return rows.order_by("-pk")


def stood_before(redemptions: QuerySet[Redemption], until: dt.datetime) -> QuerySet[Redemption]:
    """Those that were known and not taken back just before an instant."""
    return redemptions.filter(Q(reversal__isnull=True) | Q(reversal__at__gte=until), at__lt=until)


def paid_before(conflicts: QuerySet[OfflineConflict], until: dt.datetime) -> QuerySet[OfflineConflict]:
    """Those that an office had decided to pay all the same before an instant."""
    return conflicts.filter(owed_fen__gt=0, decided_at__lt=until)


def uses_of(claims: Collection[Claim]) -> dict[int, Redemption]:
    """When and where each of some vouchers was used, of those that were; one query."""
    rows = Redemption.objects.filter(claim__in=[claim.pk for claim in claims], reversal__isnull=True)
    return {row.claim_id: row for row in rows.select_related("merchant")}


def unused_of(street: Street, *, until_from: dt.date, until_to: dt.date) -> list[Claim]:
    """The vouchers nobody has used whose first day of being worth nothing lies between two days, both in; by that day."""
    rows = Claim.objects.filter(~USED, street=street, end__isnull=True, batch__state=BatchState.APPROVED)
    rows = rows.filter(batch__use_until_on__range=(until_from, until_to)).select_related("batch", "member")
    return _with_street(rows.order_by("batch__use_until_on", "pk"), street)


class Figures(NamedTuple):
    """What the rows of a batch come to: claims, how many ended, were given back or used, what is paid beside; fen."""

    claims: int = 0
    ended: int = 0
    given_back: int = 0
    used: int = 0
    paid_beside_fen: int = 0

    @property
    def open(self) -> int:
        """Claims that have not ended."""
        return self.claims - self.ended

    @property
    def held(self) -> int:
        """Claims that can still be used, or could if it were their day."""
        return self.open - self.used

    def committed_fen(self, cost_fen: int) -> int:
        """What the payer owes or may come to owe, where one costs so much."""
        return self.open * cost_fen + self.paid_beside_fen


def figures_of(batches: Collection[Batch], *, until: dt.datetime = FOR_EVER) -> dict[int, Figures]:
    """The rows of each batch counted, as they were just before an instant; three queries."""
    found = {batch.pk: Figures() for batch in batches}
    ended = Count("end", filter=Q(end__at__lt=until))
    given_back = Count("end", filter=Q(end__at__lt=until, end__kind__in=GIVES_STOCK_BACK))
    claims = Claim.objects.filter(batch__in=list(found), at__lt=until).order_by().values_list("batch")
    for pk, *counts in claims.annotate(n=Count("pk"), ended=ended, back=given_back):
        found[pk] = Figures(*counts)
    used = stood_before(Redemption.objects.filter(claim__batch__in=list(found)), until).order_by()
    for pk, n in used.values_list("claim__batch").annotate(n=Count("pk")):
        found[pk] = found[pk]._replace(used=n)
    paid = paid_before(OfflineConflict.objects.filter(failure__claim__batch__in=list(found)), until).order_by()
    for pk, fen in paid.values_list("failure__claim__batch").annotate(fen=Sum("owed_fen")):
        found[pk] = found[pk]._replace(paid_beside_fen=fen)
    return found


def counter_faults(street: Street) -> Iterator[str]:
    """The batches whose counters are not what their rows come to, in words."""
    batches = list(Batch.objects.filter(street=street).order_by("pk"))
    figures = figures_of(batches)
    for batch in batches:
        found = figures[batch.pk]
        if batch.claimed != found.claims - found.given_back:
            yield f"vouchers.batch {batch.pk}: claimed is {batch.claimed}, its rows come to {found.claims - found.given_back}"
        committed = found.committed_fen(batch.cost_fen)
        if batch.committed_fen != committed:
            yield f"vouchers.batch {batch.pk}: committed_fen is {batch.committed_fen}, its rows come to {committed}"
