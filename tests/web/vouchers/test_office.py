"""能量券 for the office: a batch is made, approved by another, ended with words its holders read; who holds one, and who sees that."""

from __future__ import annotations

import re
from typing import Any

import pytest

from hege.kernel import clock
from hege.kernel.clock import SHANGHAI
from hege.people.models import Role
from hege.vouchers.actions import claim_voucher, draft_batch, withdraw_claim
from hege.vouchers.models import Batch, ClaimEnd
from hege.vouchers.rules import BatchState
from tests.cast import Cast
from tests.vouchers.samples import a_member, a_shop
from tests.vouchers.tills import take
from tests.web.office import Office, in_days

pytestmark = pytest.mark.django_db
CO, CLERK, CHECKER, AUDITOR, GRID = Role.COORDINATOR, Role.CLERK, Role.CHECKER, Role.AUDITOR, Role.GRID_WORKER


@pytest.fixture(autouse=True)
def set_clock() -> None:
    """The office's things are of today: no other clock."""


def filled(office: Office, **changes: Any) -> dict[str, Any]:
    """The form of a batch, filled in: 40 bowls of dumplings, 15 yuan each to the shop."""
    said = {
        "title": "饺子一份", "kind": "free", "stock": "40", "per_member": "1", "point_price": "0",
        "releases_at": f"{in_days(1)} 10:00:30", "claim_until_at": f"{in_days(9)} 18:00",
        "use_from_on": str(in_days(1)), "use_until_on": str(in_days(20)), "weekdays": list("0123456"),
        "hours": "10:00-14:00", "merchants": [office.things.shop.pk], "payer": office.cast.office.pk,
        "cost_fen": "15", "budget_fen": "600",
    }  # fmt: skip
    return said | changes


def new(office: Office, role: Role = CLERK, **changes: Any) -> Batch:
    office.done(role, "vouchers:new", **filled(office, **changes))
    return Batch.objects.latest("pk")


def left(batch: Batch) -> tuple[int, int]:
    batch.refresh_from_db()
    return batch.claimed, batch.committed_fen


# -- the list ------------------------------------------------------------------------------------------------------------


def test_the_list_says_what_became_of_vouchers_and_money(office: Office):
    things = office.things
    batch, at = things.voucher.batch, clock.now()
    withdraw_claim(things.voucher, reason="领错了", by=office.cast.coordinator, at=at)
    here = office.path("vouchers:detail", batch.public_id)
    row = office.get(AUDITOR, "vouchers:index").partition(f'href="{here}"')[2].partition("</tr>")[0]
    said = " ".join(re.sub(r"<[^>]+>", " ", row).split())
    assert "领了 2 / " in said  # one was used, one noted offline and failed, one taken back
    assert "已用 1" in said
    assert "在手里 1" in said
    assert "36.00 / " in said
    assert "已用 18.00 已承诺 18.00" in said
    assert row.count("<rect") == 4


def test_each_tab_holds_its_own_and_says_how_many_wait(office: Office):
    things = office.things
    running, waiting = (office.get(CO, "vouchers:index", show=show) for show in ("", "drafts"))
    assert "1 批等着批准" in running
    for page, batch, other in (
        (running, things.batch, things.draft_batch),
        (waiting, things.draft_batch, things.batch),
    ):
        assert office.path("vouchers:detail", batch.public_id) in page
        assert office.path("vouchers:detail", other.public_id) not in page
    assert "没有符合条件的" in office.get(CO, "vouchers:index", show="over")


def test_who_may_only_look_is_offered_nothing_to_do(office: Office):
    for role in (CHECKER, AUDITOR):
        assert "做一批券" not in office.get(role, "vouchers:index")
        assert office.status(role, "vouchers:new") == 403
        assert office.status(role, "vouchers:close", office.things.batch.public_id) == 403
    assert office.status(GRID, "vouchers:index") == 404
    assert office.status(CLERK, "vouchers:approve", office.things.draft_batch.public_id) == 403


def test_no_page_speaks_of_selling_but_to_say_that_there_is_none(office: Office):
    pages = [
        office.get(CO, "vouchers:index"), office.get(CO, "vouchers:new"),
        office.get(CO, "vouchers:detail", office.things.batch.public_id),
        office.get(CO, "vouchers:close", office.things.batch.public_id),
    ]  # fmt: skip
    for page in pages:
        said = page.replace("不卖、不充值、不退钱、不换钱", "")
        assert not re.search(r"充值|退款|退钱|提现|售|购买|换钱|余额", said)


# -- making one ----------------------------------------------------------------------------------------------------------


def test_a_batch_is_made_by_one_changed_and_approved_by_another(office: Office):
    batch = new(office)
    assert (batch.state, batch.stock, batch.cost_fen, batch.budget_fen) == (BatchState.DRAFT, 40, 1_500, 60_000)
    assert (batch.use_until_on, batch.hours) == (in_days(21), [[600, 840]])  # the last day is in
    assert f"{batch.releases_at.astimezone(SHANGHAI):%H:%M:%S}" == "10:00:30"
    form = office.get(CLERK, "vouchers:amend", batch.public_id)
    for typed in ('value="饺子一份"', f'value="{in_days(20)}"', 'value="10:00-14:00"', 'value="15.00"'):
        assert typed in form
    office.done(CLERK, "vouchers:amend", batch.public_id, **filled(office, stock="30"))
    looked_at = office.get(CO, "vouchers:approve", batch.public_id)
    assert [said in looked_at for said in ("600.00 元", ">30<", batch.payer.name)] == [True] * 3
    office.done(CO, "vouchers:approve", batch.public_id)
    batch.refresh_from_db()
    assert (batch.state, batch.stock, batch.approved_by) == (BatchState.APPROVED, 30, office.cast.coordinator)
    assert "条款不能再改" in office.refused(CLERK, "vouchers:amend", batch.public_id, **filled(office))


def test_who_made_it_is_not_offered_to_approve_it_and_is_refused(office: Office):
    batch = new(office, CO)
    assert office.path("vouchers:approve", batch.public_id) not in office.get(CO, "vouchers:detail", batch.public_id)
    assert "不能自己批准" in office.refused(CO, "vouchers:approve", batch.public_id)
    batch.refresh_from_db()
    assert batch.state == BatchState.DRAFT


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"title": ""}, "title", "请填写这一项"),
        ({"title": "现金红包"}, "title", "券不能是钱"),
        ({"words": "可以提现"}, "words", "券不能是钱"),
        ({"kind": "amount"}, "value_fen", "写明减多少元"),
        ({"kind": "percent", "value_fen": "20"}, "percent", "打八折就写 20"),
        ({"stock": "0"}, "stock", ""),
        ({"per_member": "41"}, "per_member", "不能多于总张数"),
        ({"budget_fen": "14.99"}, "budget_fen", "一张要付给商户 15.00 元"),
        ({"weekdays": []}, "weekdays", ""),
        ({"hours": "14-10"}, "hours", ""),
        ({"releases_at": "明天"}, "releases_at", ""),
        ({"claim_until_at": f"{in_days(1)} 9:00"}, "claim_until_at", "在开始领取之后"),
        ({"use_until_on": str(in_days(5))}, "claim_until_at", "不能晚于券能用的最后一天"),
        ({"merchants": []}, "merchants", ""),
        ({"payer": ""}, "payer", "请选择一项"),
    ],
)
def test_what_cannot_be_promised_is_told_at_its_field_and_everything_typed_is_still_there(
    office: Office, changes: dict[str, Any], field: str, words: str
):
    before = Batch.objects.count()
    page = office.refused(CLERK, "vouchers:new", **filled(office, **changes))
    assert f'id="id_{field}_error"' in page
    assert words in page
    assert 'value="10:00-14:00"' in page or field == "hours"
    assert Batch.objects.count() == before


# -- its end -------------------------------------------------------------------------------------------------------------


def test_a_batch_is_ended_for_a_reason_that_its_holders_read(office: Office):
    things = office.things
    assert office.status(CLERK, "vouchers:close", things.batch.public_id) == 403
    assert "请填写这一项" in office.refused(CO, "vouchers:close", things.batch.public_id, reason=" ")
    office.done(CO, "vouchers:close", things.batch.public_id, reason="面馆歇业")
    assert left(things.batch) == (1, 0)
    assert ClaimEnd.objects.get(claim=things.claim).kind == "closed"
    page = office.get(CO, "vouchers:detail", things.batch.public_id)
    assert "面馆歇业" in page
    assert "已作废" in page
    assert "提前结束</a>" not in page


# -- who holds one -------------------------------------------------------------------------------------------------------


def test_who_holds_one_is_told_to_who_may_see_members_alone(office: Office):
    things = office.things
    for role, sees in ((CO, True), (AUDITOR, True), (CHECKER, False)):
        page = office.get(role, "vouchers:detail", things.batch.public_id)
        assert (things.claim.number in page) == sees
        assert (things.rider.called in page) == sees
        assert (office.path("members:detail", things.rider.public_id) in page) == sees


def test_one_voucher_is_taken_back_and_is_free_for_another(office: Office):
    things = office.things
    assert office.status(CLERK, "vouchers:withdraw", things.claim.public_id) == 403
    office.done(CO, "vouchers:withdraw", things.claim.public_id, reason="领错了")
    assert left(things.batch) == (0, 0)
    assert "已收回" in office.get(CO, "vouchers:detail", things.batch.public_id)
    assert "已收回" in office.refused(CO, "vouchers:withdraw", things.claim.public_id, reason="再收")


def test_one_that_was_used_says_when_and_where_and_is_not_taken_back(office: Office):
    things = office.things
    batch, member = things.voucher.batch, a_member(office.cast.street, 4270)
    used = claim_voucher(Batch.objects.get(pk=batch.pk), member=member, by=None, at=clock.now())
    take(things.till, used, nonce="office", at=clock.now())
    row = office.get(CO, "vouchers:detail", batch.public_id).partition(used.number)[2].partition("</tr>")[0]
    assert "已用" in row
    assert things.shop.name in row
    assert "收回" not in row


def test_a_batch_of_another_street_is_not_there(office: Office, other_cast: Cast):
    terms = office.things.batch.terms
    theirs = draft_batch(
        other_cast.street,
        terms=terms,
        merchants=[a_shop(other_cast.street, other_cast.agent_party)],
        payer=other_cast.office,
        by=None,
        at=clock.now(),
    )
    for name in ("vouchers:detail", "vouchers:amend", "vouchers:approve", "vouchers:close"):
        assert office.status(CO, name, theirs.public_id) == 404
    assert theirs.public_id not in office.get(CO, "vouchers:index")
