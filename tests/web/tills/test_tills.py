"""收券台: an office registers shops, hands out links, sees what was refused, and decides what failed offline."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.kernel import clock
from hege.people.models import Role
from hege.trail.models import TrailLine
from hege.vouchers.models import Merchant, OfflineConflict, Redemption, Reversal, Till
from hege.vouchers.tills.rules import ConflictState
from tests.cast import Cast
from tests.vouchers.tills import a_claim, signs, take
from tests.web.office import Office

pytestmark = pytest.mark.django_db
CO, CLERK, CHECKER, AUDITOR, GRID = Role.COORDINATOR, Role.CLERK, Role.CHECKER, Role.AUDITOR, Role.GRID_WORKER


def test_the_list_says_how_many_each_shop_took_and_what_waits(office: Office):
    page = office.get(CO, "tills:index")
    assert office.things.shop.name in page
    assert "18.00" in page
    assert "有 1 张离线记的券没有核对成" in page
    assert "登记商户" in page
    assert "登记商户" not in office.get(AUDITOR, "tills:index")
    assert office.status(GRID, "tills:index") == 404


def test_a_shop_is_registered_gets_a_till_and_a_link_that_only_those_who_run_them_see(office: Office):
    office.done(
        CLERK, "tills:add", name="3 号影城", payee="影城有限公司", address="新府中路 3 号", host=office.cast.office.pk
    )
    shop = Merchant.objects.get(name="3 号影城")
    assert (shop.party.name, shop.host) == ("影城有限公司", office.cast.office)
    assert "已经有一家叫" in office.refused(CLERK, "tills:add", name="3 号影城")
    office.done(CLERK, "tills:add_till", shop.public_id, label="前台手机")
    till = Till.objects.get(merchant=shop)
    page = office.get(CLERK, "tills:link", till.public_id)
    assert f"/t/{office.cast.street.code}/open/" in page
    assert office.status(CHECKER, "tills:link", till.public_id) == 403
    assert office.status(CHECKER, "tills:code", till.public_id) == 403
    assert b"<svg" in office.client(CLERK).get(office.path("tills:code", till.public_id)).content


def test_another_link_takes_the_place_of_the_one_before(office: Office):
    till = office.things.new_till()
    before = office.get(CO, "tills:link", till.public_id)
    office.done(CO, "tills:link", till.public_id)
    assert office.get(CO, "tills:link", till.public_id) != before
    assert till.links.filter(ended_at__isnull=True).count() == 1


def test_a_till_and_a_shop_are_ended_for_a_reason(office: Office):
    things = office.things
    assert "请填写这一项" in office.refused(CLERK, "tills:end_till", things.till.public_id, reason="")
    office.done(CLERK, "tills:end_till", things.till.public_id, reason="手机丢了")
    assert Till.objects.get(pk=things.till.pk).ended_at
    office.done(CLERK, "tills:end_shop", things.shop.public_id, reason="歇业")
    page = office.get(CLERK, "tills:shop", things.shop.public_id)
    assert "已停收" in page
    assert "设收券台" not in page
    assert "已经停收" in office.refused(CLERK, "tills:add_till", things.shop.public_id, label="后门")


def test_a_redemption_is_taken_back_by_a_coordinator_alone_for_a_reason(office: Office):
    made = office.things.redemption
    assert office.status(CLERK, "tills:reverse", made.public_id) == 403
    assert "撤销" in office.get(CO, "tills:shop", office.things.shop.public_id)
    office.done(CO, "tills:reverse", made.public_id, withdraw="no", reason="不是本人")
    assert Reversal.objects.get().by == office.cast.coordinator
    assert "已撤销" in office.get(CO, "tills:shop", office.things.shop.public_id)
    assert "已经撤销过" in office.refused(CO, "tills:reverse", made.public_id, withdraw="no", reason="再撤")


def test_a_conflict_offers_only_what_can_be_decided_and_is_decided_once(office: Office):
    conflict = office.things.conflict
    page = office.get(CO, "tills:decide", conflict.public_id)
    assert "补记核销" in page
    assert "照付给商户" not in page  # its voucher is free: it would be used once more
    assert office.status(CLERK, "tills:decide", conflict.public_id) == 403
    office.done(CO, "tills:decide", conflict.public_id, to="redeemed", reason="看过录像")
    conflict.refresh_from_db()
    assert (conflict.state, conflict.redemption) == (ConflictState.REDEEMED, Redemption.objects.latest("pk"))
    listed = office.get(CO, "tills:conflicts")
    assert "没有等着决定的" in listed
    assert "看过录像" in listed
    assert office.post(CO, "tills:decide", conflict.public_id, to="declined", reason="再看").status_code == 422


def test_a_used_voucher_is_paid_all_the_same_or_not(office: Office):
    conflict = office.things.conflict
    claim = conflict.failure.claim
    assert claim is not None
    take(office.things.till, claim, code=signs(claim, clock.now()), at=clock.now())
    page = office.get(CO, "tills:decide", conflict.public_id)
    assert "照付给商户" in page
    assert "补记核销" not in page
    office.done(CO, "tills:decide", conflict.public_id, to="paid", reason="店家没有错")
    assert OfflineConflict.objects.get(pk=conflict.pk).owed_fen == 1_800
    assert TrailLine.objects.filter(verb="decide_conflict").count() == 1


def test_what_was_refused_is_listed_with_its_reason(office: Office):
    page = office.get(AUDITOR, "tills:failures")
    assert "数字不对" in page
    assert "离线记的" in page


def test_an_hour_that_stands_out_is_shown(office: Office):
    batch = office.things.voucher.batch
    type(batch).objects.filter(pk=batch.pk).update(stock=200, budget_fen=200 * 1_800)
    now = clock.now()
    for hour, taken in ((3, 3), (2, 3), (1, 12)):
        for n in range(taken):
            at = now.replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=hour)
            claim = a_claim(batch, at=now)
            take(office.things.till, claim, nonce=f"{hour} {n}", at=at)
    assert "的一个钟头收了 12 张，平常 3 张" in office.get(CO, "tills:index")


def test_another_streets_shop_is_not_there(office: Office, other_cast: Cast):
    theirs = Merchant.objects.create(
        street=other_cast.street, party=other_cast.agent_party, name="别处", from_on=clock.today()
    )
    for name in ("tills:shop", "tills:amend", "tills:add_till", "tills:end_shop"):
        assert office.status(CO, name, theirs.public_id) == 404
