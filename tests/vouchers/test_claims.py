"""Claiming: what is refused and leaves nothing, what the rows and counters come to, how a claim ends, what paper is worth."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import F
from django.db.transaction import atomic

from hege.kernel.refused import Refused, Stale
from hege.procedures.actions import keep_programme
from hege.trail.models import TrailLine
from hege.vouchers import actions
from hege.vouchers.actions import (
    NUMBERS,
    amend_batch,
    approve_batch,
    claim_voucher,
    close_batch,
    draft_batch,
    expire_claims,
    issue_paper_code,
    record_claim,
    take_claim,
    withdraw_claim,
)
from hege.vouchers.models import Batch, BatchMerchant, Claim, ClaimEnd, PaperCode
from hege.vouchers.queries import claimable, claims_of, counter_faults, counts_of, figures_of, shops_of, the_claim
from hege.vouchers.rules import BatchState, ClaimEndKind
from hege.vouchers.sealing import is_paper_code, paper_code, unsealed
from tests.cast import Cast, first_broken
from tests.vouchers.conftest import Counter
from tests.vouchers.samples import NOW, SOUP, a_member, a_shop, local

pytestmark = pytest.mark.django_db


def counters(batch: Batch) -> tuple[int, int]:
    batch.refresh_from_db()
    return batch.claimed, batch.committed_fen


def refused(act: Any, *args: Any, **kwargs: Any) -> str:
    before = TrailLine.objects.count(), Claim.objects.count(), ClaimEnd.objects.count()
    with pytest.raises(Refused) as no:
        act(*args, **kwargs)
    assert (TrailLine.objects.count(), Claim.objects.count(), ClaimEnd.objects.count()) == before
    return str(no.value)


# -- batches -------------------------------------------------------------------------------------------------------------


def test_a_batch_is_made_by_one_and_approved_by_another(cast: Cast):
    shop = a_shop(cast.street, cast.agent_party)
    batch = draft_batch(cast.street, terms=SOUP, merchants=[shop], payer=cast.office, by=cast.coordinator, at=NOW)
    assert (batch.state, batch.terms) == (BatchState.DRAFT, SOUP)
    assert "不能自己批准" in refused(approve_batch, batch, by=cast.coordinator, at=NOW)
    approved = approve_batch(batch, version=1, by=cast.clerk, at=NOW)
    assert (approved.state, approved.approved_by, approved.approved_at) == (BatchState.APPROVED, cast.clerk, NOW)
    assert refused(approve_batch, batch, by=cast.clerk, at=NOW)


def test_the_database_itself_refuses_an_approval_by_the_maker_and_counters_beyond_their_limits(counter: Counter):
    rows = Batch.objects.filter(pk=counter.batch.pk)
    for change in (
        {"approved_by": F("made_by")}, {"claimed": F("stock") + 1}, {"committed_fen": F("budget_fen") + 1},
        {"use_until_on": F("use_from_on")},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), atomic():
            rows.update(**change)


def test_who_changed_a_draft_last_has_made_it(cast: Cast):
    shops = [a_shop(cast.street, cast.agent_party, name) for name in ("面馆", "粥铺")]
    batch = draft_batch(cast.street, terms=SOUP, merchants=shops[:1], payer=cast.office, by=cast.clerk, at=NOW)
    changed: dict[str, Any] = {
        "terms": replace(SOUP, stock=9),
        "merchants": shops[1:],
        "payer": cast.utility,
        "at": NOW,
    }
    with pytest.raises(Stale):
        amend_batch(batch, **changed, version=7, by=cast.coordinator)
    amended = amend_batch(batch, **changed, version=1, by=cast.coordinator)
    assert (amended.stock, amended.payer, shops_of([amended])[batch.pk]) == (9, cast.utility, shops[1:])
    assert "不能自己批准" in refused(approve_batch, batch, by=cast.coordinator, at=NOW)
    approve_batch(batch, by=cast.clerk, at=NOW)
    assert "条款不能再改" in refused(amend_batch, batch, **changed, by=cast.coordinator)
    assert BatchMerchant.objects.filter(batch=batch).count() == 2  # the shop taken off stays readable


def test_a_shop_or_payer_of_another_street_is_no_form_error(cast: Cast, other_cast: Cast):
    mine, theirs = a_shop(cast.street, cast.agent_party), a_shop(other_cast.street, other_cast.office)
    for merchants, payer in (([theirs], cast.office), ([mine], other_cast.office)):
        with pytest.raises(ValueError, match="another street"):
            draft_batch(cast.street, terms=SOUP, merchants=merchants, payer=payer, by=cast.clerk, at=NOW)


# -- claiming ------------------------------------------------------------------------------------------------------------


def test_a_claim_is_a_row_a_secret_and_both_counters(counter: Counter):
    claim = claim_voucher(counter.batch, member=counter.member, by=None, at=NOW)
    assert (claim.seq, len(claim.number), claim.number.isdigit()) == (1, 8, True)
    secret = unsealed(claim.secret, street=claim.street_id, number=claim.number)
    assert secret is not None
    assert secret not in claim.secret
    assert unsealed(claim.secret, street=claim.street_id, number="00000000") is None
    assert counters(counter.batch) == (1, 1200)
    assert the_claim(counter.member, claim.public_id) == claim
    assert counts_of(counter.member, [counter.batch]) == {counter.batch.pk: 1}
    assert [*counter_faults(counter.cast.street)] == []
    assert first_broken(counter.cast.street) is None


def test_the_trail_knows_the_number_and_neither_name_nor_secret(counter: Counter):
    claim_voucher(counter.batch, member=counter.member, by=None, at=NOW)
    line = TrailLine.objects.order_by("-seq")[0]
    assert (line.verb, line.by, line.data["member"]) == ("claim_voucher", None, "0427")
    assert counter.member.called not in str(line.data)


@pytest.mark.parametrize(
    ("changes", "at", "said"),
    [
        ({}, local(2025, 11, 22, 9, 59, 59), "还没开始：2025-11-22 10:00 起可以领"),
        ({}, SOUP.claim_until_at, "截止了"),
        ({"stock": 1, "claimed": 1}, NOW, "领完了，一共 1 张"),
        ({"budget_fen": 1200, "committed_fen": 1200}, NOW, "预算已经用完"),
        ({"state": BatchState.CLOSED}, NOW, "已经结束发放"),
        ({"point_price": 30}, NOW, "30 积分"),
    ],
)
def test_what_cannot_be_claimed_leaves_nothing(counter: Counter, changes: dict[str, Any], at: dt.datetime, said: str):
    Batch.objects.filter(pk=counter.batch.pk).update(**changes)
    counter.batch.refresh_from_db()
    assert said in refused(claim_voucher, counter.batch, member=counter.member, by=None, at=at)


def test_each_member_has_as_many_as_one_may_have(counter: Counter):
    batch = counter.another(title="两碗面", per_member=2)
    assert [claim_voucher(batch, member=counter.member, by=None, at=NOW).seq for _ in range(2)] == [1, 2]
    assert "每人最多 2 张" in refused(claim_voucher, batch, member=counter.member, by=None, at=NOW)
    other = a_member(counter.cast.street, 428)
    assert claim_voucher(batch, member=other, by=None, at=NOW).seq == 1


def test_the_last_one_is_the_last_one(counter: Counter):
    batch = counter.another(stock=2, per_member=1, budget_fen=2400)
    for number in (1, 2):
        claim_voucher(batch, member=a_member(counter.cast.street, number), by=None, at=NOW)
    assert "领完了" in refused(claim_voucher, batch, member=counter.member, by=None, at=NOW)
    assert counters(batch) == (2, 2400)


def test_money_may_run_out_before_vouchers_do(counter: Counter):
    batch = counter.another(budget_fen=1200)
    claim_voucher(batch, member=a_member(counter.cast.street, 1), by=None, at=NOW)
    assert "预算已经用完" in refused(claim_voucher, batch, member=counter.member, by=None, at=NOW)


def test_a_number_that_somebody_has_is_not_given_twice(counter: Counter, monkeypatch: pytest.MonkeyPatch):
    rolled, others = iter([7, 7, 8]), secrets.randbelow
    monkeypatch.setattr(secrets, "randbelow", lambda n: next(rolled) if n == NUMBERS else others(n))
    members = [counter.member, a_member(counter.cast.street, 428)]
    claims = [claim_voucher(counter.batch, member=one, by=None, at=NOW) for one in members]
    assert [claim.number for claim in claims] == ["00000007", "00000008"]


def test_what_costs_points_is_taken_and_told_in_two_steps(counter: Counter):
    batch = counter.another(point_price=30)
    claim = take_claim(batch, member=counter.member, paid=30, at=NOW)
    record_claim(claim, points=30, by=None, at=NOW)
    assert TrailLine.objects.order_by("-seq")[0].data["points"] == 30
    assert first_broken(counter.cast.street) is None


def test_what_can_be_claimed_is_approved_and_not_over(counter: Counter):
    street = counter.cast.street
    counter.another(title="明天的面", releases_at=NOW + dt.timedelta(days=1))
    draft_batch(street, terms=SOUP, merchants=[counter.shop], payer=counter.cast.office, by=None, at=NOW)
    assert [b.title for b in claimable(street, at=NOW)] == ["热汤面一碗", "明天的面"]
    assert [*claimable(street, at=SOUP.claim_until_at)] == []


# -- the end of a claim ----------------------------------------------------------------------------------------------------


def test_a_batch_that_is_closed_ends_what_nobody_used_and_frees_its_money(counter: Counter):
    claim = claim_voucher(counter.batch, member=counter.member, by=None, at=NOW)
    assert refused(close_batch, counter.batch, reason=" ", by=counter.cast.coordinator, at=NOW)
    closed = close_batch(counter.batch, reason="面馆歇业", by=counter.cast.coordinator, at=NOW)
    assert (closed.state, closed.closed_reason) == (BatchState.CLOSED, "面馆歇业")
    assert ClaimEnd.objects.get(claim=claim).kind == ClaimEndKind.CLOSED
    assert counters(counter.batch) == (1, 0)
    assert refused(close_batch, counter.batch, reason="再来", by=counter.cast.coordinator, at=NOW)
    assert [*counter_faults(counter.cast.street)] == []


def test_what_nobody_used_expires_once_however_often_the_job_runs(counter: Counter):
    street = counter.cast.street
    for number in range(3):
        claim_voucher(counter.batch, member=a_member(street, number), by=None, at=NOW)
    last_evening, next_day = local(2025, 12, 31, 23, 59), local(2026, 1, 1, 0, 0)
    assert expire_claims(street, by=None, at=last_evening) == 0
    assert counters(counter.batch) == (3, 3600)
    assert expire_claims(street, by=None, at=next_day) == 3
    lines = TrailLine.objects.count()
    assert expire_claims(street, by=None, at=next_day) == 0
    assert TrailLine.objects.count() == lines
    assert counters(counter.batch) == (3, 0)
    assert {end.kind for end in ClaimEnd.objects.all()} == {ClaimEndKind.EXPIRED}
    assert [*counter_faults(street)] == []
    assert first_broken(street) is None


def test_the_days_watch_lets_vouchers_expire_once(counter: Counter):
    street, at = counter.cast.street, local(2026, 1, 1, 6)
    claim_voucher(counter.batch, member=counter.member, by=None, at=NOW)
    for _ in range(2):
        keep_programme(street, on=at.date(), by=None, at=at)
    assert ClaimEnd.objects.count() == 1
    assert TrailLine.objects.filter(verb="expire_claims").count() == 1


def test_one_that_is_taken_back_gives_stock_and_money_back_once_and_does_not_count_for_its_member(counter: Counter):
    batch = counter.another(stock=1, budget_fen=1200)
    claim = claim_voucher(batch, member=counter.member, by=None, at=NOW)
    withdraw_claim(claim, reason="领错了", by=counter.cast.coordinator, at=NOW)
    assert counters(batch) == (0, 0)
    assert "已收回" in refused(withdraw_claim, claim, reason="再收", by=counter.cast.coordinator, at=NOW)
    assert claim_voucher(batch, member=counter.member, by=None, at=NOW).seq == 2
    assert counts_of(counter.member, [batch]) == {batch.pk: 1}
    assert figures_of([batch])[batch.pk][:3] == (2, 1, 1)
    assert [*counter_faults(counter.cast.street)] == []


def test_a_counter_that_is_not_what_the_rows_come_to_is_named(counter: Counter):
    claim_voucher(counter.batch, member=counter.member, by=None, at=NOW)
    Batch.objects.filter(pk=counter.batch.pk).update(claimed=2, committed_fen=2400)
    assert len([*counter_faults(counter.cast.street)]) == 2


# -- paper -----------------------------------------------------------------------------------------------------------------


def test_a_second_paper_ends_the_first(counter: Counter):
    claim = claim_voucher(counter.batch, member=counter.member, by=None, at=NOW)
    first, second = [issue_paper_code(claim, by=None, at=NOW) for _ in range(2)]
    assert PaperCode.objects.get(ended_at__isnull=True) == second
    codes = [paper_code(one.pk) for one in (first, second)]
    assert codes[0] != codes[1]
    assert len(codes[0]) == 10
    assert is_paper_code(first.pk, f" {codes[0][:5].upper()}-{codes[0][5:]} ")
    assert not is_paper_code(second.pk, codes[0])


def test_what_is_over_is_not_printed(counter: Counter):
    claim = claim_voucher(counter.batch, member=counter.member, by=None, at=NOW)
    assert "已过期" in refused(issue_paper_code, claim, by=None, at=local(2026, 1, 1, 0, 0))
    close_batch(counter.batch, reason="歇业", by=counter.cast.coordinator, at=NOW)
    assert "已作废" in refused(issue_paper_code, claim, by=None, at=NOW)
    assert [c.end.kind for c in claims_of(counter.member)] == [ClaimEndKind.CLOSED]


def test_no_act_sells_tops_up_refunds_or_cashes():
    """A voucher is no prepaid card (domain of law: Shanghai's rule of 2018, art. 2): what there is to do is this, and no more."""
    acts = {name for name, act in vars(actions).items() if getattr(act, "__module__", "") == actions.__name__}
    assert {name for name in acts if not name.startswith("_")} == {
        "draft_batch", "amend_batch", "approve_batch", "close_batch", "claim_voucher", "take_claim", "record_claim", "end_claims",
        "withdraw_claim", "issue_paper_code", "expire_claims", "remind_of_claims",
    }  # fmt: skip
