"""Making batches, approving and closing them; claiming a voucher, and the end of one that nobody used.

Locks come in this order: batch, claim, then whatever is paid with, the head of the trail last. Whoever redeems locks the
claim, and the batch before it where a percentage changes what is promised.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any

from django.utils.translation import gettext_lazy as _

from hege.kernel.calendar import DAY
from hege.kernel.checks import check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock, save_locked
from hege.kernel.refused import Stale
from hege.members.actions import tell_members
from hege.members.models import Member
from hege.outbox.rules import Event, Telling
from hege.people.models import Party, Street, User
from hege.search.actions import index_rows
from hege.trail import actions as trail
from hege.vouchers.models import Batch, BatchMerchant, Claim, ClaimEnd, Merchant, PaperCode
from hege.vouchers.moving import new_secret
from hege.vouchers.queries import claims_beside, state_of, unused_of, used_among
from hege.vouchers.rules import (
    GIVES_STOCK_BACK,
    LONGEST_REASON,
    REMIND_BEFORE,
    BatchState,
    ClaimEndKind,
    Terms,
    check_amendable,
    check_approval,
    check_claim,
    check_close,
    check_held,
    check_price,
    check_terms,
)
from hege.vouchers.sealing import seal

NUMBERS = 10**8

# -- batches -------------------------------------------------------------------------------------------------------------


def _lock(batch: Batch, version: int | None) -> Batch:
    locked = lock(batch)
    if version is not None and version != locked.version:
        raise Stale(_("这批券刚被别人改动，请刷新后再办。"))
    return locked


@atomic
def draft_batch(
    street: Street, *, terms: Terms, merchants: Collection[Merchant], payer: Party, by: User | None, at: dt.datetime
) -> Batch:
    """Make a batch of vouchers (做一批券); another has to approve it before anybody can claim one."""
    check_same_street(street.pk, payer, *merchants)
    check_terms(terms, merchants=len(merchants))
    batch = Batch.objects.create(street=street, payer=payer, made_by=by, made_at=at, **_columns(terms))
    _set_shops(batch, merchants, at=at)
    index_rows([batch])
    trail.record("draft_batch", batch, by=by, at=at, **_said(batch, merchants))
    return batch


@atomic
def amend_batch(
    batch: Batch,
    *,
    terms: Terms,
    merchants: Collection[Merchant],
    payer: Party,
    version: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> Batch:
    """Say a draft otherwise (修改草稿); who changed it last has made it, and does not approve it."""
    locked = _lock(batch, version)
    check_same_street(locked.street_id, payer, *merchants)
    check_amendable(BatchState(locked.state))
    check_terms(terms, merchants=len(merchants))
    for name, value in _columns(terms).items():
        setattr(locked, name, value)
    locked.payer, locked.made_by, locked.made_at, locked.version = payer, by, at, locked.version + 1
    locked.save()
    _set_shops(locked, merchants, at=at)
    index_rows([locked])
    trail.record("amend_batch", locked, by=by, at=at, **_said(locked, merchants))
    return locked


def _columns(terms: Terms) -> dict[str, object]:
    said = {name: getattr(terms, name) for name in Terms.__dataclass_fields__}
    return said | {
        "title": terms.title.strip(), "words": terms.words.strip(), "weekdays": sorted(set(terms.weekdays)),
        "hours": [list(pair) for pair in terms.hours],
    }  # fmt: skip


def _said(batch: Batch, merchants: Collection[Merchant]) -> dict[str, Any]:
    """What the line of the trail tells of the terms."""
    return {
        "title": batch.title, "kind": batch.kind, "stock": batch.stock, "cost_fen": batch.cost_fen,
        "budget_fen": batch.budget_fen, "points": batch.point_price, "payer": batch.payer.name,
        "merchants": sorted(merchant.name for merchant in merchants),
    }  # fmt: skip


def _set_shops(batch: Batch, merchants: Collection[Merchant], *, at: dt.datetime) -> None:
    wanted = {merchant.pk for merchant in merchants}
    there = BatchMerchant.objects.filter(street=batch.street, batch=batch, ended_at__isnull=True)
    kept = set(there.filter(merchant__in=wanted).values_list("merchant", flat=True))
    there.exclude(merchant__in=wanted).update(ended_at=at)
    BatchMerchant.objects.bulk_create(
        BatchMerchant(street=batch.street, batch=batch, merchant_id=pk) for pk in sorted(wanted - kept)
    )


@atomic
def approve_batch(batch: Batch, *, version: int | None = None, by: User, at: dt.datetime) -> Batch:
    """Let a batch be claimed from its hour on (批准); never by who made it."""
    locked = _lock(batch, version)
    check_approval(
        BatchState(locked.state), made_by=locked.made_by_id, by=by.pk, claim_until_at=locked.claim_until_at, at=at
    )
    locked.state, locked.approved_by, locked.approved_at = BatchState.APPROVED, by, at
    locked.version += 1
    locked.save(update_fields=["state", "approved_by", "approved_at", "version"])
    trail.record("approve_batch", locked, by=by, at=at, title=locked.title, budget_fen=locked.budget_fen)
    return locked


@atomic
def close_batch(batch: Batch, *, reason: str, version: int | None = None, by: User | None, at: dt.datetime) -> Batch:
    """End a batch before its time (结束这批券), for a reason: what nobody used is worth nothing from now on, and its holders hear of it."""
    locked = _lock(batch, version)
    check_close(BatchState(locked.state))
    said = check_words(reason)[:LONGEST_REASON]
    held = _end_held(locked, ClaimEndKind.CLOSED, at=at)
    _close(locked, said, at=at)
    _tell_holders(Event.VOUCHERS_CLOSED, held, at=at)
    trail.record("close_batch", locked, by=by, at=at, title=locked.title, reason=said, ended=len(held))
    return locked


def _close(batch: Batch, reason: str, *, at: dt.datetime) -> None:
    batch.state, batch.closed_at, batch.closed_reason = BatchState.CLOSED, at, reason
    batch.version += 1
    batch.save(update_fields=["state", "closed_at", "closed_reason", "version", "claimed", "committed_fen"])


def _tell_holders(event: Event, claims: Iterable[Claim], *, day: dt.date | None = None, at: dt.datetime) -> None:
    """Tell who holds some vouchers of one street what becomes of them; each once, however often it is said."""
    some = list(claims)
    if some:
        street, told = some[0].street, []
        for claim in some:
            link = f"/m/{street.code}/vouchers/{claim.public_id}/"
            told.append((claim.member, Telling(event, ("vouchers.claim", claim.pk), claim.number, link, day=day)))
        tell_members(street, told, at=at)


def _end_held(batch: Batch, kind: ClaimEndKind, *, at: dt.datetime) -> list[Claim]:
    """End every voucher of a locked batch that can still be used; its counters are changed, not saved."""
    open_ones = Claim.objects.filter(street=batch.street, batch=batch, end__isnull=True).order_by("pk")
    locked = list(open_ones.select_for_update(of=("self",)).select_related("member"))
    used = used_among(locked)
    held = [claim for claim in locked if claim.pk not in used]
    for claim in held:
        claim.street = batch.street
    end_claims(batch, held, kind, at=at)
    return held


def end_claims(batch: Batch, claims: Sequence[Claim], kind: ClaimEndKind, *, at: dt.datetime) -> None:
    """End vouchers of a locked batch; its counters are changed, not saved."""
    ClaimEnd.objects.bulk_create(ClaimEnd(street=batch.street, claim=claim, kind=kind, at=at) for claim in claims)
    batch.committed_fen -= batch.cost_fen * len(claims)
    if kind in GIVES_STOCK_BACK:
        batch.claimed -= len(claims)


# -- claims --------------------------------------------------------------------------------------------------------------


@atomic
def claim_voucher(batch: Batch, *, member: Member, by: User | None, at: dt.datetime) -> Claim:
    """Claim a voucher that costs no points (领券)."""
    claim = take_claim(batch, member=member, paid=0, at=at)
    record_claim(claim, points=0, by=by, at=at)
    return claim


def take_claim(batch: Batch, *, member: Member, paid: int, at: dt.datetime) -> Claim:
    """One more claim and the counters of its batch, under its lock, without the line of the trail (``record_claim``): what
    is ``paid`` for it, in points, is locked in between."""
    check_same_street(batch.street_id, member)
    locked = lock(batch)
    terms = locked.terms
    check_price(terms, paid=paid)
    before, mine, number = _next_claim(locked, member)
    check_claim(
        terms,
        BatchState(locked.state),
        claimed=locked.claimed,
        committed_fen=locked.committed_fen,
        mine=mine,
        at=at,
    )
    claim = Claim.objects.create(
        street=batch.street, batch=locked, member=member, seq=before + 1, number=number, at=at,
        secret=seal(new_secret(), street=batch.street_id, number=number),
    )  # fmt: skip
    locked.claimed += 1
    locked.committed_fen += locked.cost_fen
    save_locked(locked, "claimed", "committed_fen")
    return claim


def _next_claim(batch: Batch, member: Member) -> tuple[int, int, str]:
    """How many of a locked batch a member has claimed, how many of those count, and a number that nobody has."""
    while True:
        number = f"{secrets.randbelow(NUMBERS):08d}"
        found = claims_beside(batch.street_id, batch, member, number)
        if all(taken != number for _batch, _member, taken, _end in found):
            counting = sum(end not in GIVES_STOCK_BACK for _batch, _member, _number, end in found)
            return len(found), counting, number


def record_claim(claim: Claim, *, points: int, by: User | None, at: dt.datetime, **proof: Any) -> None:
    """The line of a claim; it seals all that was written since the line before. ``proof`` is of the points it cost."""
    trail.record(
        "claim_voucher",
        claim,
        by=by,
        at=at,
        member=claim.member.shown_number,
        batch=claim.batch.public_id,
        points=points,
        **proof,
    )


@atomic
def withdraw_claim(claim: Claim, *, reason: str, by: User | None, at: dt.datetime) -> Claim:
    """Take an unused voucher back (收回), for a reason: its stock and its money are free again, once."""
    said = check_words(reason)[:LONGEST_REASON]
    batch = lock(claim.batch)
    locked = _lock_claim(claim, at=at)
    end_claims(batch, [locked], ClaimEndKind.WITHDRAWN, at=at)
    batch.save(update_fields=["claimed", "committed_fen"])
    trail.record("withdraw_claim", locked, by=by, at=at, member=locked.member.shown_number, reason=said)
    return locked


def _lock_claim(claim: Claim, *, at: dt.datetime) -> Claim:
    """The claim, locked, which can still be used."""
    rows = Claim.objects.select_for_update(of=("self",)).select_related("batch", "member", "end")
    locked: Claim = rows.get(street=claim.street_id, pk=claim.pk)
    locked.street = claim.street
    check_held(state_of(locked, used=bool(used_among([locked])), on=day_of(at)))
    return locked


@atomic
def issue_paper_code(claim: Claim, *, by: User | None, at: dt.datetime) -> PaperCode:
    """Print a voucher with a code that is taken once and online (印纸券); the one printed before is worth nothing now."""
    locked = _lock_claim(claim, at=at)
    PaperCode.objects.filter(street=claim.street_id, claim=locked, ended_at__isnull=True).update(ended_at=at)
    paper = PaperCode.objects.create(street=claim.street, claim=locked, made_at=at)
    trail.record("issue_paper_code", paper, by=by, at=at, member=locked.member.shown_number)
    return paper


def expire_claims(street: Street, *, by: User | None, at: dt.datetime) -> int:
    """Close every batch whose days are over, and end what nobody used of it (过期); how many vouchers. Again: none."""
    over = Batch.objects.filter(street=street, state=BatchState.APPROVED, use_until_on__lte=day_of(at)).order_by("pk")
    return sum(_expire(batch, street, by=by, at=at) for batch in over)


def remind_of_claims(street: Street, *, by: User | None, at: dt.datetime) -> None:
    """Tell who holds a voucher that its days end soon (券快到期), each once."""
    today = day_of(at)
    ending = unused_of(street, until_from=today + DAY, until_to=today + REMIND_BEFORE)
    for until_on, claims in groupby(ending, key=lambda claim: claim.batch.use_until_on):
        _tell_holders(Event.VOUCHER_EXPIRING, claims, day=until_on - DAY, at=at)


@atomic
def _expire(batch: Batch, street: Street, *, by: User | None, at: dt.datetime) -> int:
    batch.street = street
    locked = lock(batch)
    if locked.state != BatchState.APPROVED:
        return 0
    held = _end_held(locked, ClaimEndKind.EXPIRED, at=at)
    _close(locked, "", at=at)
    trail.record("expire_claims", locked, by=by, at=at, title=locked.title, ended=len(held))
    return len(held)
