"""The figures of a street as it stands now, counted by hand: plain loops over all rows, no query or rule of the house."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from hege.ledger.models import Transfer
from hege.people.models import Street
from hege.points.models import Balance
from hege.programme.activities.models import Signup
from hege.programme.seasons.models import Activity
from hege.programme.settlements.models import Settlement
from hege.vouchers.models import Batch, Claim, ClaimEnd, OfflineConflict, Redemption, Reversal

Counts = dict[str, Any]


def counted(street: Street) -> Counts:
    """What ``as_of`` has to say of today, each list by the ids of what it is about."""
    return {
        "activities": activities(street),
        "batches": batches(street),
        "money": money(street),
        "counters": {"points": counter(street, "points"), "minutes": counter(street, "minutes")},
    }


def keyed(figures: Counts) -> Counts:
    """What ``as_of`` says, by ids."""
    return {
        "activities": {one["id"]: one for one in figures["activities"]},
        "batches": {one["id"]: one for one in figures["batches"]},
        "money": {
            (one["merchant_name"], one["payer_name"]): (one["settled_fen"], one["paid_fen"], one["open_fen"])
            for one in figures["money"]
        },
        "counters": figures["counters"],
    }


def activities(street: Street) -> Counts:
    signups = defaultdict(list)
    for signup in Signup.objects.filter(street=street):
        signups[signup.activity_id].append(signup)
    found = {}
    for one in Activity.objects.filter(street=street):
        mine = signups[one.pk]
        if one.published_at is None:
            continue
        assert one.taken == sum(s.party for s in mine if s.state in ("confirmed", "offered"))
        came = Counter(s.presence for s in mine)
        found[one.public_id] = {
            "id": one.public_id, "title": one.title, "state": one.state, "capacity": one.capacity, "taken": one.taken,
            "waiting": len([s for s in mine if s.state == "waiting"]), "attended": came["attended"],
            "late": came["late"], "absent": came["absent"], "excused": came["excused"],
        }  # fmt: skip
    return found


def batches(street: Street) -> Counts:
    back = {one.redemption_id for one in Reversal.objects.filter(street=street)}
    used = [one.claim_id for one in Redemption.objects.filter(street=street) if one.pk not in back]
    assert len(used) == len(set(used))
    ends = {one.claim_id: one.kind for one in ClaimEnd.objects.filter(street=street)}
    claims = list(Claim.objects.filter(street=street))
    found: Counts = {}
    for one in Batch.objects.filter(street=street):
        if one.approved_at is None:
            continue
        mine = [claim.pk for claim in claims if claim.batch_id == one.pk]
        withdrawn = len([pk for pk in mine if ends.get(pk) == "withdrawn"])
        found[one.public_id] = {
            "id": one.public_id, "title": one.title, "stock": one.stock, "claimed": one.claimed,
            "redeemed": len([pk for pk in mine if pk in used]), "withdrawn": withdrawn,
            "expired": len([pk for pk in mine if pk in ends]) - withdrawn,
            "held": len([pk for pk in mine if pk not in ends and pk not in used]),
            "committed_fen": one.committed_fen, "budget_fen": one.budget_fen,
        }  # fmt: skip
        assert one.claimed == sum(found[one.public_id][name] for name in ("redeemed", "expired", "held"))
    return found


def money(street: Street) -> dict[tuple[str, str], tuple[int, int, int]]:
    back = {one.redemption_id for one in Reversal.objects.filter(street=street)}
    owed: Counter[tuple[str, str]] = Counter()
    for one in Redemption.objects.filter(street=street).select_related("merchant", "claim__batch__payer"):
        if one.pk not in back:
            owed[one.merchant.name, one.claim.batch.payer.name] += one.owed_fen
    for beside in OfflineConflict.objects.filter(street=street, state="paid"):
        assert beside.failure.claim is not None
        owed[beside.failure.till.merchant.name, beside.failure.claim.batch.payer.name] += beside.owed_fen
    settled: Counter[tuple[str, str]] = Counter()
    paid: Counter[tuple[str, str]] = Counter()
    for row in Settlement.objects.filter(street=street).select_related("merchant", "payer"):
        settled[row.merchant.name, row.payer.name] += row.total_fen
        paid[row.merchant.name, row.payer.name] += row.paid_fen
    return {key: (settled[key], paid[key], owed[key] - settled[key]) for key in {*owed, *settled}}


def counter(street: Street, name: str) -> Counts:
    moved: Counter[tuple[str, bool]] = Counter()
    for one in Transfer.objects.filter(street=street).select_related("transaction", "debit", "credit", "book"):
        if one.book.chart == name:
            moved[one.transaction.kind, one.debit.member_id is not None] += one.amount_fen
    return {
        "earned": moved["earn", True] + moved["minutes", True], "taken_back": moved["earn", False],
        "spent": moved["spend", False], "expired": moved["expire", False],
        "reversed": moved["reversal", True] - moved["reversal", False],
        "held": sum(getattr(one, name) for one in Balance.objects.filter(street=street)),
    }  # fmt: skip
