"""Tills: opened once by a link, they take a voucher once, say why not, keep that they tried, and take back."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from hege.kernel.refused import Refused
from hege.trail.models import TrailLine
from hege.vouchers.actions import close_batch, expire_claims, issue_paper_code, withdraw_claim
from hege.vouchers.models import Batch, ClaimEnd, PaperCode, Redemption, Reversal, ScanFailure, Till, TillLink
from hege.vouchers.queries import counter_faults
from hege.vouchers.sealing import paper_code
from hege.vouchers.tills.actions import (
    add_merchant,
    add_till,
    amend_merchant,
    end_merchant,
    end_till,
    link_till,
    note_failure,
    open_till,
    reverse_redemption,
)
from hege.vouchers.tills.queries import finding_of, link_by_token, taken_by_shop, till_by_token, token_of
from hege.vouchers.tills.rules import LINK_LIFE, Finding, NotTaken, ScanFault, Taken
from tests.cast import first_broken
from tests.vouchers.conftest import Counter
from tests.vouchers.samples import TYRES, a_shop, local
from tests.vouchers.tills import LUNCH, OPENED, a_claim, an_open_till, digits, signs, take

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)
F = ScanFault


@pytest.fixture
def till(counter: Counter) -> Till:
    return an_open_till(counter.shop)


@pytest.fixture(autouse=True)
def _books_stay_whole(counter: Counter):
    yield
    assert [*counter_faults(counter.cast.street)] == []
    assert first_broken(counter.cast.street) is None


def not_taken(till: Till, *args: Any, **said: Any) -> ScanFault:
    """Why a till was refused; that it tried is kept, and nothing was taken."""
    before = Redemption.objects.count(), ScanFailure.objects.count()
    with pytest.raises(NotTaken) as no:
        take(till, *args, **said)
    assert (Redemption.objects.count(), ScanFailure.objects.count()) == (before[0], before[1] + 1)
    kept = ScanFailure.objects.latest("pk")
    assert (kept.till, kept.fault) == (till, no.value.finding.fault)
    return no.value.finding.fault


# -- shops, tills, links -------------------------------------------------------------------------------------------------


def test_a_till_is_opened_once_by_its_link_on_the_phone_that_follows_it(counter: Counter):
    link = add_till(counter.shop, label="前台", by=counter.cast.clerk, at=OPENED)
    token = token_of(link)
    assert token is not None
    found = link_by_token(counter.cast.street.code, token)
    assert found == link
    assert found.until_at == OPENED + LINK_LIFE
    cookie = open_till(found, secret="this phone", by=None, at=OPENED)
    assert open_till(found, secret="this phone", by=None, at=OPENED) == cookie  # sent twice
    with pytest.raises(Refused, match="已经用过一次"):
        open_till(found, secret="another phone", by=None, at=OPENED)
    till = till_by_token(cookie, counter.cast.street.code)
    assert till is not None
    assert (till.merchant, till.opened_at) == (counter.shop, OPENED)
    assert till_by_token("a" * 43, counter.cast.street.code) is None
    assert till_by_token(cookie, "310118107") is None


def test_no_table_holds_what_opens_a_till(counter: Counter):
    link = add_till(counter.shop, label="前台", by=None, at=OPENED)
    cookie = open_till(link, secret="this phone", by=None, at=OPENED)
    kept = [str(row) for model in (Till, TillLink, TrailLine) for row in model.objects.values_list()]
    assert not any(secret in row for row in kept for secret in (cookie, str(token_of(link)), "this phone"))


@pytest.mark.parametrize("later", [LINK_LIFE, 2 * LINK_LIFE])
def test_a_link_is_good_for_a_day(counter: Counter, later: dt.timedelta):
    link = add_till(counter.shop, label="前台", by=None, at=OPENED)
    with pytest.raises(Refused, match="过期"):
        open_till(link, secret="this phone", by=None, at=OPENED + later)


def test_another_link_moves_a_till_to_another_phone(counter: Counter, till: Till):
    first = till.token_hash
    link = link_till(till, by=counter.cast.clerk, at=LUNCH)
    again = link_till(till, by=counter.cast.clerk, at=LUNCH)
    with pytest.raises(Refused, match="作废"):
        open_till(link, secret="new phone", by=None, at=LUNCH)
    open_till(again, secret="new phone", by=None, at=LUNCH)
    till.refresh_from_db()
    assert till.token_hash != first


def test_a_till_that_was_ended_is_let_in_no_more(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    ended = end_till(till, reason="手机丢了", by=counter.cast.clerk, at=LUNCH)
    with pytest.raises(Refused, match="停用"):
        take(ended, claim)
    assert Till.objects.get(pk=till.pk).token_hash == ""
    with pytest.raises(Refused, match="停用"):
        end_till(till, reason="再停", by=counter.cast.clerk, at=LUNCH)


def test_a_shop_that_stops_ends_its_tills_and_is_a_shop_no_more(counter: Counter, till: Till):
    end_merchant(counter.shop, reason="歇业", by=counter.cast.clerk, at=LUNCH)
    till.refresh_from_db()
    assert till.ended_at == LUNCH
    with pytest.raises(Refused, match="停收"):
        add_till(counter.shop, label="后厨", by=counter.cast.clerk, at=LUNCH)


def test_a_shop_has_a_name_of_its_own_and_is_mended(counter: Counter):
    made = add_merchant(counter.cast.street, name=" 3 号影城 ", payee="影城有限公司", by=counter.cast.clerk, at=LUNCH)
    assert (made.name, made.party.name, made.from_on) == ("3 号影城", "影城有限公司", dt.date(2025, 12, 18))
    with pytest.raises(Refused, match="已经有一家"):
        add_merchant(counter.cast.street, name="3 号影城", by=counter.cast.clerk, at=LUNCH)
    with pytest.raises(Refused, match="已经有一家"):
        amend_merchant(made, name=counter.shop.name, by=counter.cast.clerk, at=LUNCH)
    amend_merchant(made, name="3 号影院", host=counter.cast.office, by=counter.cast.clerk, at=LUNCH)
    made.refresh_from_db()
    assert (made.name, made.party.name, made.host) == ("3 号影院", "3 号影院", counter.cast.office)
    with pytest.raises(Refused, match="已经有一台"):
        add_till(made, label=add_till(made, label="前台", by=None, at=LUNCH).till.label, by=None, at=LUNCH)


# -- taking --------------------------------------------------------------------------------------------------------------


def test_a_voucher_is_taken_once(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    made = take(till, claim)
    assert (made.claim, made.till, made.merchant, made.owed_fen) == (claim, till, counter.shop, 1200)
    assert (made.used_at, made.at, made.offline, made.after) == (LUNCH, LUNCH, False, None)
    assert not_taken(till, claim, nonce="another") is F.USED
    assert taken_by_shop(counter.shop, from_at=LUNCH, until_at=LUNCH + MINUTE) == Taken(1, 1200)


def test_digits_are_taken_as_well_as_a_scan(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    assert take(till, claim, code=digits(claim)).claim == claim


def test_another_till_of_another_shop_is_told_where_it_was_used(counter: Counter, till: Till):
    other = an_open_till(a_shop(counter.cast.street, counter.cast.office, "6 号早餐铺"))
    claim = a_claim(counter.batch)
    take(till, claim)
    with pytest.raises(NotTaken) as no:
        take(other, claim, nonce="b", at=LUNCH + MINUTE)
    finding = no.value.finding
    assert (finding.fault, finding.at, finding.shops, finding.here) == (F.USED, LUNCH, (counter.shop.name,), False)


def test_each_fault_is_told_and_kept(counter: Counter, till: Till):
    claim, hour = a_claim(counter.batch), dt.timedelta(hours=1)
    stranger = an_open_till(a_shop(counter.cast.street, counter.cast.office, "6 号早餐铺"))
    assert not_taken(till, claim, number="00000000", nonce="1") is F.UNKNOWN
    assert not_taken(till, claim, code=signs(claim, LUNCH - 2 * MINUTE), nonce="2") is F.OLD
    assert not_taken(till, claim, code=signs(claim, LUNCH + 4 * MINUTE), nonce="3") is F.CLOCK
    assert not_taken(till, claim, code=signs(claim, LUNCH + hour), nonce="4") is F.WRONG
    assert not_taken(stranger, claim, nonce="5") is F.OTHER_SHOP
    assert not_taken(till, claim, at=local(2025, 12, 18, 15), nonce="6") is F.OTHER_HOUR
    assert not_taken(till, claim, at=local(2026, 1, 1, 12), nonce="7") is F.OVER
    later = a_claim(counter.another(use_from_on=dt.date(2025, 12, 28)))
    assert not_taken(till, later, nonce="8") is F.NOT_YET
    withdraw_claim(later, reason="领错", by=counter.cast.coordinator, at=LUNCH)
    assert not_taken(till, later, nonce="9") is F.WITHDRAWN
    close_batch(counter.batch, reason="钱用完了", by=counter.cast.coordinator, at=LUNCH)
    assert not_taken(till, claim, nonce="10") is F.STOPPED


def test_the_button_of_a_page_is_good_for_five_minutes_whatever_the_code_is_by_then(counter: Counter, till: Till):
    claim, code = a_claim(counter.batch), ""
    code = signs(claim)
    assert not_taken(till, claim, code=code, shown_at=LUNCH, at=LUNCH + 6 * MINUTE) is F.OLD
    assert take(till, claim, code=code, shown_at=LUNCH, at=LUNCH + 5 * MINUTE, nonce="b").used_at == LUNCH + 5 * MINUTE


def test_who_tries_out_digits_is_stopped_for_an_hour(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    wrong = f"{(int(digits(claim)) + 1) % 10**6:06d}"
    faults = [not_taken(till, claim, code=wrong, nonce=f"n{n}") for n in range(21)]
    assert faults == [F.WRONG] * 20 + [F.TRIED]
    assert not_taken(till, claim, nonce="right") is F.TRIED
    hour = LUNCH + dt.timedelta(hours=1)
    assert take(till, claim, nonce="later", at=hour).at == hour


def test_a_till_that_tries_out_many_vouchers_is_stopped_too(counter: Counter, till: Till):
    claims = [a_claim(counter.batch) for _ in range(4)]
    for n in range(60):
        claim = claims[n % 4]
        code = f"{(int(digits(claim)) + 1) % 10**6:06d}"
        assert not_taken(till, claim, code=code, nonce=f"n{n}") is F.WRONG
    assert not_taken(till, a_claim(counter.batch), nonce="right") is F.TRIED


def test_a_refusal_is_kept_once_for_each_sending(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    for _ in range(2):
        note_failure(till, finding=Finding(F.OLD, at=LUNCH), number=claim.number, nonce="n", by=None, at=LUNCH)
    kept = ScanFailure.objects.get()
    assert (kept.claim, finding_of(kept)) == (claim, Finding(F.OLD, at=LUNCH, terms=counter.batch.terms))


def test_paper_is_taken_once_and_not_after_another_was_printed(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    first, second = (issue_paper_code(claim, by=None, at=LUNCH) for _ in range(2))
    assert not_taken(till, claim, code=paper_code(first.pk), nonce="1") is F.WRONG
    assert not_taken(till, claim, code="aaaaaaaaaa", nonce="2") is F.WRONG
    made = take(till, claim, code=paper_code(second.pk), nonce="3")
    assert PaperCode.objects.get(pk=second.pk).used_at == LUNCH
    assert not_taken(till, claim, code=paper_code(second.pk), nonce="4") is F.USED
    reverse_redemption(made, till=till, by=None, at=LUNCH)
    assert not_taken(till, claim, code=paper_code(second.pk), nonce="5") is F.WRONG
    assert take(till, claim, nonce="6").after == made


def test_a_percentage_asks_what_the_bill_comes_to(counter: Counter, till: Till):
    changes = {
        name: getattr(TYRES, name) for name in ("kind", "value_fen", "percent", "cost_fen", "budget_fen", "stock")
    }
    claim = a_claim(counter.another(title="换轮胎", hours=(), **changes))
    with pytest.raises(Refused, match="这一单多少元"):
        take(till, claim)
    made = take(till, claim, bill_fen=8_800)
    assert (made.owed_fen, made.bill_fen) == (1_760, 8_800)


def test_the_database_itself_lets_one_redemption_stand(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    made = take(till, claim)
    row: dict[str, Any] = {
        "street": till.street, "claim": claim, "merchant": counter.shop, "till": till, "used_at": LUNCH, "at": LUNCH,
        "owed_fen": 0,
    }  # fmt: skip
    with pytest.raises(IntegrityError), atomic():
        Redemption.objects.create(**row, nonce="b")
    reverse_redemption(made, till=till, by=None, at=LUNCH)
    take(till, claim, nonce="c")
    for more in ({"nonce": "d", "after": made}, {"nonce": "c", "claim": a_claim(counter.batch)}):
        with pytest.raises(IntegrityError), atomic():
            Redemption.objects.create(**row | more)


# -- taking back ---------------------------------------------------------------------------------------------------------


def test_a_till_takes_back_within_fifteen_minutes_and_the_voucher_is_free_again(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    made = take(till, claim)
    late = LUNCH + 15 * MINUTE
    with pytest.raises(Refused, match="15 分钟"):
        reverse_redemption(made, till=till, by=None, at=late)
    reverse_redemption(made, till=till, by=None, at=late - dt.timedelta(seconds=1))
    with pytest.raises(Refused, match="已经撤销过"):
        reverse_redemption(made, till=till, by=None, at=late - dt.timedelta(seconds=1))
    assert taken_by_shop(counter.shop, from_at=LUNCH, until_at=late) == Taken()
    again = take(till, claim, nonce="b", at=late)
    assert again.after == made


def test_another_till_takes_back_nothing(counter: Counter, till: Till):
    other = an_open_till(counter.shop, "后厨")
    made = take(till, a_claim(counter.batch))
    with pytest.raises(Refused, match="另一台"):
        reverse_redemption(made, till=other, by=None, at=LUNCH)


def test_a_coordinator_takes_back_later_for_a_reason_and_may_end_the_voucher(counter: Counter, till: Till):
    batch, days = counter.batch, dt.timedelta(days=3)
    made = take(till, a_claim(batch))
    with pytest.raises(Refused, match="理由"):
        reverse_redemption(made, reason=" ", by=counter.cast.coordinator, at=LUNCH + days)
    reverse_redemption(made, reason="不是本人", withdraw=True, by=counter.cast.coordinator, at=LUNCH + days)
    batch.refresh_from_db()
    assert (batch.claimed, batch.committed_fen, ClaimEnd.objects.get().kind) == (0, 0, "withdrawn")
    assert Reversal.objects.get().reason == "不是本人"


def test_what_is_taken_back_after_its_batch_was_closed_is_worth_nothing_and_frees_its_money(
    counter: Counter, till: Till
):
    batch = counter.batch
    made, held = take(till, a_claim(batch)), a_claim(batch)
    closed = close_batch(Batch.objects.get(pk=batch.pk), reason="钱用完了", by=counter.cast.coordinator, at=LUNCH)
    assert (closed.claimed, closed.committed_fen) == (2, 1200)
    assert ClaimEnd.objects.get().claim == held
    reverse_redemption(made, till=till, by=None, at=LUNCH)
    closed.refresh_from_db()
    assert (closed.claimed, closed.committed_fen) == (2, 0)
    assert not_taken(till, made.claim, nonce="b") is F.STOPPED


def test_what_was_used_neither_expires_nor_is_withdrawn_nor_printed(counter: Counter, till: Till):
    claim = a_claim(counter.batch)
    take(till, claim)
    for act in (
        lambda: withdraw_claim(claim, reason="领错", by=counter.cast.coordinator, at=LUNCH),
        lambda: issue_paper_code(claim, by=None, at=LUNCH),
    ):
        with pytest.raises(Refused, match="已用"):
            act()
    assert expire_claims(counter.cast.street, by=None, at=local(2026, 1, 1, 1)) == 0
    counter.batch.refresh_from_db()
    assert (counter.batch.committed_fen, ClaimEnd.objects.count()) == (1200, 0)


def test_what_was_taken_back_expires_like_what_was_never_used(counter: Counter, till: Till):
    made = take(till, a_claim(counter.batch))
    reverse_redemption(made, till=till, by=None, at=LUNCH)
    assert expire_claims(counter.cast.street, by=None, at=local(2026, 1, 1, 1)) == 1
    counter.batch.refresh_from_db()
    assert counter.batch.committed_fen == 0


def test_a_street_takes_nothing_of_another(counter: Counter, other_street: Any, till: Till):
    claim = a_claim(counter.batch)
    theirs = an_open_till(
        a_shop(
            other_street,
            till.merchant.party.__class__.objects.create(street=other_street, kind="organisation", name="面馆"),
        )
    )
    assert not_taken(theirs, claim) is F.UNKNOWN
    assert first_broken(other_street) is None


def test_a_redemption_of_a_voucher_is_told_on_the_trail_without_the_member(counter: Counter, till: Till):
    take(till, a_claim(counter.batch))
    line = TrailLine.objects.latest("seq")
    assert (line.verb, line.data["till"], line.data["owed_fen"]) == ("redeem", till.public_id, 1200)
    assert set(line.data) == {"voucher", "till", "owed_fen", "sealed"}


def test_a_call_with_the_other_terms_is_of_its_own_batch(counter: Counter, till: Till):
    """Two batches of one shop have their own hours."""
    night = counter.another(hours=((21 * 60, 24 * 60),))
    assert replace(night.terms, hours=()) == replace(counter.batch.terms, hours=())
    at = local(2025, 12, 18, 23, 59)
    assert take(till, a_claim(night), at=at).used_at == at
    assert not_taken(till, a_claim(counter.batch), nonce="b", at=at) is F.OTHER_HOUR
