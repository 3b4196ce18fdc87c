"""Opening and ending tills; taking vouchers, now and from what was noted offline; taking back; deciding what failed.

Locks come in this order: till, batch, claim, the head of the trail last. A redemption locks no batch: what one comes to was
promised when it was claimed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.kernel import ids
from hege.kernel.checks import check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.committed_refusal import commit_refusals
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.people.models import Party, PartyKind, Street, User
from hege.places.actions import name_party
from hege.places.models import Place
from hege.trail import actions as trail
from hege.vouchers.actions import end_claims
from hege.vouchers.models import (
    Batch,
    Claim,
    Merchant,
    OfflineConflict,
    Redemption,
    Reversal,
    ScanFailure,
    Till,
    TillLink,
)
from hege.vouchers.rules import BatchState, ClaimEndKind, Worth, price
from hege.vouchers.tills.queries import (
    Facts,
    conflict_now,
    facts_of,
    locked_claims,
    moving_finding,
    paper_finding,
    use_finding,
)
from hege.vouchers.tills.rules import (
    LINK_LIFE,
    LONGEST_LABEL,
    OFFLINE_MOST,
    OFFLINE_MOST_FEN,
    SLACK_OFFLINE,
    ConflictState,
    Finding,
    NotTaken,
    Queued,
    ScanFault,
    check_decision,
    check_link,
    check_open,
    check_reversal_by_office,
    check_reversal_by_till,
    is_moving,
    kept_as,
    link_tokens,
    noted_at,
    queue_finding,
    shown_finding,
    till_tokens,
)

LONGEST_REASON = 300

# -- shops and tills -----------------------------------------------------------------------------------------------------


@atomic
def add_merchant(
    street: Street,
    *,
    name: str,
    payee: str = "",
    host: Party | None = None,
    address: str = "",
    place: Place | None = None,
    from_on: dt.date | None = None,
    by: User | None,
    at: dt.datetime,
) -> Merchant:
    """Write down a shop that takes vouchers (登记商户), under the name on its sign; ``payee``: who is paid, as on its licence,
    the same where it is not given. ``host``: the unit that pays it for all payers, from today where no day is given."""
    check_same_street(street.pk, host, place)
    said = check_words(name, _("请写明店名，跟招牌上一样。"), field="name")
    _check_name_is_free(street, said)
    party = name_party(street, name=payee.strip() or said, kind=PartyKind.ORGANISATION)
    made = Merchant.objects.create(
        street=street, party=party, host=host, name=said, address=address.strip(), place=place,
        from_on=from_on or day_of(at),
    )  # fmt: skip
    trail.record("add_merchant", made, by=by, at=at, name=said, payee=party.name, host=host.name if host else "")
    return made


def _check_name_is_free(street: Street, name: str, *, but: int = 0) -> None:
    if Merchant.objects.filter(street=street, name=name, until_on__isnull=True).exclude(pk=but).exists():
        raise Refused(_("已经有一家叫“%(name)s”的商户。同名的店请加上路名。"), name=name, field="name")


@atomic
def amend_merchant(
    merchant: Merchant,
    *,
    name: str,
    payee: str = "",
    host: Party | None = None,
    address: str = "",
    by: User | None,
    at: dt.datetime,
) -> Merchant:
    """Mend what is known of a shop (改商户资料); what was before stands on the trail."""
    check_same_street(merchant.street_id, host)
    locked = lock(merchant)
    said = check_words(name, _("请写明店名，跟招牌上一样。"), field="name")
    _check_name_is_free(merchant.street, said, but=locked.pk)
    party = name_party(merchant.street, name=payee.strip() or said, kind=PartyKind.ORGANISATION)
    wanted = {"name": said, "party_id": party.pk, "host_id": host and host.pk, "address": address.strip()}
    trail.amend("amend_merchant", locked, wanted, by=by, at=at)
    return locked


@atomic
def end_merchant(merchant: Merchant, *, reason: str, by: User | None, at: dt.datetime) -> Merchant:
    """A shop takes vouchers no more (停收), for a reason; its tills are ended with it, and what it took is still paid."""
    said, locked = check_words(reason)[:LONGEST_REASON], lock(merchant)
    if locked.until_on is not None:
        raise Refused(_("这家商户已经停收。"))
    locked.until_on = max(day_of(at), locked.from_on + dt.timedelta(days=1))
    locked.save(update_fields=["until_on"])
    open_ones = list(Till.objects.filter(street=merchant.street_id, merchant=locked, ended_at__isnull=True))
    for till in open_ones:
        _end_till(till, at=at)
    trail.record("end_merchant", locked, by=by, at=at, name=locked.name, reason=said, tills=len(open_ones))
    return locked


@atomic
def add_till(merchant: Merchant, *, label: str, by: User | None, at: dt.datetime) -> TillLink:
    """Give a shop a till (设收券台), and the link that opens it on a phone, once."""
    locked = lock(merchant)
    if locked.until_on is not None:
        raise Refused(_("这家商户已经停收。"))
    said = check_words(label, _("请给收券台起个名字，例如：前台手机。"), field="label")[:LONGEST_LABEL]
    if Till.objects.filter(street=merchant.street_id, merchant=locked, label=said, ended_at__isnull=True).exists():
        raise Refused(_("这家店已经有一台叫“%(label)s”的收券台。"), label=said, field="label")
    till = Till.objects.create(street=merchant.street, merchant=locked, label=said, made_at=at)
    link = _new_link(till, by=by, at=at)
    trail.record("add_till", till, by=by, at=at, merchant=locked.name, label=said)
    return link


@atomic
def link_till(till: Till, *, by: User | None, at: dt.datetime) -> TillLink:
    """Give another link that opens a till (重新给链接): on the next phone; the phone before is let in no more once it is used."""
    locked = lock(till)
    check_open(locked.ended_at)
    locked.links.filter(street=till.street_id, used_at__isnull=True, ended_at__isnull=True).update(ended_at=at)
    link = _new_link(locked, by=by, at=at)
    trail.record("link_till", locked, by=by, at=at, label=locked.label)
    return link


def _new_link(till: Till, *, by: User | None, at: dt.datetime) -> TillLink:
    name = ids.public_id()
    token = next(link_tokens(till.street_id, till.pk, name))
    return TillLink.objects.create(
        street=till.street, public_id=name, till=till, token_hash=next(kept_as(token)), made_by=by, made_at=at,
        until_at=at + LINK_LIFE,
    )  # fmt: skip


@atomic
def open_till(link: TillLink, *, secret: str, by: User | None, at: dt.datetime) -> str:
    """Open a till on the phone that followed its link (开通收券台), and use the link up; answers what its cookie is to hold.

    ``secret`` is what the phone brought: sent twice, it is opened once.
    """
    till, locked = lock(link.till), lock(link)
    for token in till_tokens(link.street_id, link.pk, secret):
        if till.token_hash and till.token_hash in kept_as(token):
            return token
    check_open(till.ended_at)
    check_link(until_at=locked.until_at, used_at=locked.used_at, ended_at=locked.ended_at, at=at)
    token = next(till_tokens(link.street_id, link.pk, secret))
    locked.used_at = at
    locked.save(update_fields=["used_at"])
    till.token_hash, till.opened_at = next(kept_as(token)), at
    till.save(update_fields=["token_hash", "opened_at"])
    trail.record("open_till", till, by=by, at=at, label=till.label)
    return token


@atomic
def end_till(till: Till, *, reason: str, by: User | None, at: dt.datetime) -> Till:
    """A till takes nothing any more (停用收券台): its phone was lost, or passed on."""
    said, locked = check_words(reason)[:LONGEST_REASON], lock(till)
    check_open(locked.ended_at)
    _end_till(locked, at=at)
    trail.record("end_till", locked, by=by, at=at, label=locked.label, reason=said)
    return locked


def _end_till(till: Till, *, at: dt.datetime) -> None:
    till.ended_at, till.token_hash = at, ""
    till.save(update_fields=["ended_at", "token_hash"])
    till.links.filter(street=till.street_id, used_at__isnull=True, ended_at__isnull=True).update(ended_at=at)


# -- taking --------------------------------------------------------------------------------------------------------------


@commit_refusals
def redeem(
    till: Till,
    *,
    number: str,
    code: str,
    shown_at: dt.datetime | None = None,
    nonce: str,
    bill_fen: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> Redemption:
    """Take a voucher (核销): its number and its moving code, or the code of its paper.

    ``shown_at``: when the page with the button was shown, whose code was right then. ``bill_fen``: what the customer's bill
    comes to, of a percentage. ``NotTaken``, with its reason kept, where it may not be taken.
    """
    check_open(till.ended_at)
    claim = locked_claims(till.street, [number]).get(number)
    if claim is None:
        raise _refused(till, Finding(ScanFault.UNKNOWN), number=number, nonce=nonce, by=by, at=at)
    facts = facts_of([claim], till=till, at=at)[claim.pk]
    shown, paper = shown_at or at, None
    finding = shown_finding(shown, at=at)
    if finding is None and is_moving(code):
        finding = moving_finding(claim, code, facts, at=shown)
    elif finding is None:
        paper, finding = paper_finding(claim, code, facts)
    finding = finding or use_finding(claim, facts, shop=till.merchant_id, at=at)
    if finding is not None:
        raise _refused(till, finding, claim=claim, number=number, nonce=nonce, by=by, at=at)
    owed = price(claim.batch.terms, bill_fen=bill_fen).owed_fen
    if paper is not None:
        paper.used_at = at
        paper.save(update_fields=["used_at"])
    made = Redemption.objects.create(
        street=till.street, claim=claim, merchant=till.merchant, till=till, nonce=nonce, used_at=at, at=at,
        owed_fen=owed, bill_fen=bill_fen, after=facts.last,
    )  # fmt: skip
    trail.record("redeem", made, by=by, at=at, voucher=claim.public_id, till=till.public_id, owed_fen=owed)
    return made


def _refused(
    till: Till,
    finding: Finding,
    *,
    claim: Claim | None = None,
    number: str,
    nonce: str,
    by: User | None,
    at: dt.datetime,
) -> NotTaken:
    """Keep why a till was refused, once for each sending."""
    kept = ScanFailure.objects.filter(street=till.street_id, till=till, nonce=nonce).first()
    if kept is None:
        kept = ScanFailure.objects.create(
            street=till.street, till=till, claim=claim, number=number, fault=finding.fault, facts=finding.facts,
            nonce=nonce, at=at,
        )  # fmt: skip
        trail.record("refuse_scan", kept, by=by, at=at, till=till.public_id, fault=finding.fault.value)
    return NotTaken(finding, kept.public_id)


@atomic
def note_failure(till: Till, *, finding: Finding, number: str, nonce: str, by: User | None, at: dt.datetime) -> str:
    """Keep that a page refused a scan to a till (记没收成的扫码), and answer under which name: looking writes nothing itself."""
    claim = Claim.objects.filter(street=till.street_id, number=number).first()
    return _refused(till, finding, claim=claim, number=number, nonce=nonce, by=by, at=at).failure


class Outcome(NamedTuple):
    """What became of one scan of a queue: taken, or an exception that somebody decides, with its reason."""

    nonce: str
    fault: ScanFault | None


@dataclass
class _Queue:
    """One sending of what a till noted offline."""

    till: Till
    ahead: dt.timedelta
    at: dt.datetime
    taken: int = 0
    owed_fen: int = 0
    failed: int = 0


@atomic
def redeem_offline(
    till: Till, *, scans: Sequence[Queued], ahead: dt.timedelta, by: User | None, at: dt.datetime
) -> list[Outcome]:
    """Take what a till noted without a network (补送离线记录), in the order it was noted; sent again, nothing changes.

    ``ahead``: by how much the phone's clock is. What fails is kept with its reason, as an exception that somebody decides.
    """
    locked = lock(till)
    check_open(locked.ended_at)
    locked.merchant = till.merchant
    outcomes, fresh = _known(locked, scans)
    claims = locked_claims(till.street, {scan.number for scan, _nonce in fresh})
    facts = facts_of(claims.values(), till=locked, at=at) if claims else {}
    queue = _Queue(locked, ahead, at)
    for scan, nonce in sorted(fresh, key=lambda pair: (pair[0].at_ms, pair[1])):
        claim = claims.get(scan.number)
        doubled = nonce != scan.nonce
        finding = _finding(queue, scan, claim, facts[claim.pk] if claim else None, doubled=doubled)
        if claim is not None and finding is None:
            facts[claim.pk] = facts[claim.pk].redeemed(_take(queue, scan, claim, facts[claim.pk]))
        else:
            _fail(queue, scan, nonce, claim, finding or Finding(ScanFault.UNKNOWN))
            if finding is not None and finding.fault is ScanFault.WRONG:
                facts = {pk: one.tried() for pk, one in facts.items()}
        outcomes[scan] = Outcome(scan.nonce, finding.fault if finding else None)
    if fresh:
        trail.record(
            "redeem_offline", locked, by=by, at=at, taken=queue.taken, owed_fen=queue.owed_fen, failed=queue.failed
        )
    return [outcomes[scan] for scan in scans]


def _known(till: Till, scans: Sequence[Queued]) -> tuple[dict[Queued, Outcome], list[tuple[Queued, str]]]:
    """What became of the scans that came before, and the new ones each with the nonce to keep it under: another content
    under a nonce that is taken gets one of its own."""
    nonces = {nonce for scan in scans for nonce in (scan.nonce, _another(scan))}
    mine = {"street": till.street_id, "till": till, "nonce__in": nonces}
    redeemed = Redemption.objects.filter(**mine).values_list("nonce", "content")
    failed = ScanFailure.objects.filter(**mine).values_list("nonce", "content", "fault")
    kept: dict[str, tuple[str, ScanFault | None]] = {nonce: (content, None) for nonce, content in redeemed}
    kept |= {nonce: (content, ScanFault(fault)) for nonce, content, fault in failed}
    outcomes: dict[Queued, Outcome] = {}
    fresh: dict[str, Queued] = {}
    for scan in scans:
        names = (scan.nonce, _another(scan))
        there = next((kept[name] for name in names if name in kept and kept[name][0] == scan.content), None)
        if there is not None:
            outcomes[scan] = Outcome(scan.nonce, there[1])
        else:
            fresh[names[scan.nonce in kept or scan.nonce in fresh]] = scan
    return outcomes, [(scan, nonce) for nonce, scan in fresh.items()]


def _another(scan: Queued) -> str:
    """The nonce under which a second content of a nonce is kept; no phone sends one like it."""
    return f"{scan.nonce}.{scan.content[:12]}"


def _finding(queue: _Queue, scan: Queued, claim: Claim | None, facts: Facts | None, *, doubled: bool) -> Finding | None:
    """Why a scan that was noted offline does not count: by its nonce, its time, the cap, its voucher, its code, its hour."""
    noted = noted_at(scan, ahead=queue.ahead)
    if doubled:
        return Finding(ScanFault.TWO_CONTENTS)
    if claim is None or facts is None:
        return Finding(ScanFault.UNKNOWN)
    opened_at = queue.till.opened_at or queue.at
    finding = queue_finding(noted, ahead=queue.ahead, opened_at=opened_at, now=queue.at)
    finding = finding or moving_finding(claim, scan.code, facts, at=noted, slack=SLACK_OFFLINE)
    finding = finding or use_finding(claim, facts, shop=queue.till.merchant_id, at=noted)
    if finding is None and scan.bill_fen is None and claim.batch.kind == Worth.PERCENT:
        finding = Finding(ScanFault.NO_BILL)
    if finding is None:
        owed = price(claim.batch.terms, bill_fen=scan.bill_fen).owed_fen
        if queue.taken >= OFFLINE_MOST or queue.owed_fen + owed > OFFLINE_MOST_FEN:
            finding = Finding(ScanFault.OVER_CAP)
    return finding


def _take(queue: _Queue, scan: Queued, claim: Claim, facts: Facts) -> Redemption:
    owed = price(claim.batch.terms, bill_fen=scan.bill_fen).owed_fen
    queue.taken += 1
    queue.owed_fen += owed
    return Redemption.objects.create(
        street=queue.till.street, claim=claim, merchant=queue.till.merchant, till=queue.till, nonce=scan.nonce,
        content=scan.content, offline=True, used_at=min(noted_at(scan, ahead=queue.ahead), queue.at), at=queue.at,
        owed_fen=owed, bill_fen=scan.bill_fen, after=facts.last,
    )  # fmt: skip


def _fail(queue: _Queue, scan: Queued, nonce: str, claim: Claim | None, finding: Finding) -> None:
    queue.failed += 1
    failure = ScanFailure.objects.create(
        street=queue.till.street, till=queue.till, claim=claim, number=scan.number, fault=finding.fault,
        facts=finding.facts, nonce=nonce, content=scan.content, offline=True, noted_at=noted_at(scan, ahead=queue.ahead), bill_fen=scan.bill_fen,
        at=queue.at,
    )  # fmt: skip
    OfflineConflict.objects.create(street=queue.till.street, failure=failure)


# -- taking back, deciding -----------------------------------------------------------------------------------------------


@atomic
def reverse_redemption(
    redemption: Redemption,
    *,
    till: Till | None = None,
    reason: str = "",
    withdraw: bool = False,
    by: User | None,
    at: dt.datetime,
) -> Reversal:
    """Take a redemption back (撤销核销), once: its till within fifteen minutes, later somebody of the office for a reason.

    Its voucher can be used again, and keeps the stock and the money that it took when it was claimed. Where its batch or its
    days are over by now, or it is taken back too (``withdraw``), it ends, and its money, and with ``withdraw`` its stock, are
    free again. What it cost in points is an act of ``procedures``.
    """
    batch = lock(redemption.claim.batch)
    claim = locked_claims(redemption.street, [redemption.claim.number])[redemption.claim.number]
    taken_back = Reversal.objects.filter(street=redemption.street_id, redemption=redemption).exists()
    if till is not None:
        same = redemption.till_id == till.pk
        check_reversal_by_till(redeemed_at=redemption.at, is_reversed=taken_back, same_till=same, at=at)
    else:
        reason = check_reversal_by_office(is_reversed=taken_back, reason=reason)[:LONGEST_REASON]
    made = Reversal.objects.create(
        street=redemption.street, redemption=redemption, till=till, by=by, reason=reason, at=at
    )
    expired = day_of(at) >= batch.use_until_on
    if withdraw or expired or batch.state == BatchState.CLOSED:
        over = ClaimEndKind.EXPIRED if expired else ClaimEndKind.CLOSED
        end_claims(batch, [claim], ClaimEndKind.WITHDRAWN if withdraw else over, at=at)
        batch.save(update_fields=["claimed", "committed_fen"])
    trail.record(
        "reverse_redemption", made, by=by, at=at, redemption=redemption.public_id, voucher=claim.public_id,
        reason=reason, withdrawn=withdraw, owed_fen=redemption.owed_fen,
    )  # fmt: skip
    return made


@atomic
def decide_conflict(
    conflict: OfflineConflict,
    *,
    to: ConflictState,
    reason: str,
    bill_fen: int | None = None,
    by: User | None,
    at: dt.datetime,
) -> OfflineConflict:
    """Decide what becomes of a scan that was noted offline and failed (定离线异常), for a reason: take its voucher now, pay the
    shop all the same, or neither. Paying takes money of its batch that was promised to nobody."""
    failure, bill_fen = conflict.failure, conflict.failure.bill_fen or bill_fen
    batch = lock(failure.claim.batch) if failure.claim else None
    claims = locked_claims(conflict.street, [failure.number]) if failure.claim else {}
    locked = lock(conflict)
    locked.failure = failure
    said = check_decision(conflict_now(locked), to, reason=reason)[:LONGEST_REASON]
    locked.state, locked.reason, locked.decided_by, locked.decided_at = to, said, by, at
    if batch is not None and to is not ConflictState.DECLINED:
        owed = price(batch.terms, bill_fen=bill_fen).owed_fen
        if to is ConflictState.PAID:
            locked.owed_fen = owed
            _pay_all_the_same(batch, owed)
        else:
            locked.redemption = _write_down(locked, claims[failure.number], (owed, bill_fen), at=at)
    locked.save()
    trail.record(
        "decide_conflict", locked, by=by, at=at, to=to.value, reason=said, owed_fen=locked.owed_fen,
        fault=failure.fault, shop=failure.till.merchant.name,
    )  # fmt: skip
    return locked


def _pay_all_the_same(batch: Batch, owed_fen: int) -> None:
    if batch.committed_fen + owed_fen > batch.budget_fen:
        raise Refused(_("这批券没有多余的预算付这一张；只能不付，或者请出钱单位另做一批。"), field="to")
    batch.committed_fen += owed_fen
    batch.save(update_fields=["committed_fen"])


def _write_down(
    conflict: OfflineConflict, claim: Claim, money: tuple[int, int | None], *, at: dt.datetime
) -> Redemption:
    failure, (owed_fen, bill_fen) = conflict.failure, money
    facts = facts_of([claim], at=at)[claim.pk]
    return Redemption.objects.create(
        street=conflict.street, claim=claim, merchant=failure.till.merchant, till=failure.till,
        nonce=f"conflict.{conflict.public_id}", content=failure.content, offline=True,
        used_at=min(failure.noted_at or at, at), at=at, owed_fen=owed_fen, bill_fen=bill_fen, after=facts.last,
    )  # fmt: skip
