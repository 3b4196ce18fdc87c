"""能量券 for the office: the list, one batch, making, approving and ending it, taking one voucher back."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.procedures.actions import close_batch, withdraw_claim
from hege.vouchers import actions, queries
from hege.vouchers.models import Batch, Claim
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent, verb
from hege.web.pages import or_404, page, part
from hege.web.vouchers.forms import BatchForm, CloseForm, PressForm, WithdrawForm
from hege.web.vouchers.page import BatchList, BatchPage


def batch_or_404(desk: Desk, batch_id: str) -> Batch:
    """A batch of this street."""
    return or_404(queries.the_batch(desk.street, batch_id))


@opens("vouchers.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The batches that are given out; those that wait for approval and those that are over by tab."""
    found = BatchList(desk, request.GET.get("show", ""))
    shown = part(request, found.shown, 30)
    context = {"list": found, "part": shown, "rows": found.rows_of(list(shown))}
    return page(request, "vouchers/index.html", context)


@opens("vouchers.see")
def detail(request: HttpRequest, desk: Desk, batch_id: str) -> HttpResponse:
    """One batch: what it says, what is left of it, who holds one."""
    found = BatchPage(batch_or_404(desk, batch_id), desk)
    shown = part(request, queries.holders_of(found.batch) if found.may_see_holders else Claim.objects.none())
    return page(request, "vouchers/detail.html", {"b": found, "part": shown, "holders": found.holders(list(shown))})


def _act(batch: Batch, desk: Desk, title: Text, done: Text, **more: Any) -> Act:
    """The page of one verb of a batch."""
    here = batch.title, desk.to("vouchers:detail", batch.public_id)
    return Act(title, done, [(_("能量券"), desk.to("vouchers:index")), here], **more)


@opens("vouchers.make")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Make a batch; another approves it."""
    lead = _("做好以后由另一位召集人批准，到点才能领。券是送的：不卖、不充值、不退钱、不换钱。")
    act = Act(_("做一批券"), _("做好了，等另一位召集人批准。"), [(_("能量券"), desk.to("vouchers:index"))], lead)
    act.onward = lambda batch: desk.to("vouchers:detail", batch.public_id)
    form = BatchForm(sent(request), desk=desk)
    return perform(request, act, form, actions.draft_batch, desk.street, template="vouchers/form.html")


@opens("vouchers.make")
def amend(request: HttpRequest, desk: Desk, batch_id: str) -> HttpResponse:
    """Say a draft otherwise."""
    batch = batch_or_404(desk, batch_id)
    act = _act(batch, desk, _("改草稿"), _("改好了，等另一位召集人批准。"), lead=_("谁最后改的，就由另一个人批准。"))
    form = BatchForm(sent(request), desk=desk, thing=batch)
    return perform(request, act, form, actions.amend_batch, batch, template="vouchers/form.html")


batch_verb = partial(verb, _act, batch_or_404)
approve = batch_verb(
    "vouchers.approve", actions.approve_batch, PressForm, _("批准"), _("已批准，到点就能领。"),
    lead=_("批准以后条款不能再改。请看清楚张数、预算、日期和付钱的单位。"),
    looks=lambda batch, desk: BatchPage(batch, desk).looked_at,
)  # fmt: skip
close = batch_verb(
    "vouchers.approve", close_batch, CloseForm, _("提前结束"), _("已结束，没用的券作废，持券人会收到消息。"),
    lead=_("没用掉的券马上作废，用积分换的退还积分，预算里没用的钱放出来。用过的照样结算。"), danger=True,
)  # fmt: skip


def _claim(desk: Desk, claim_id: str) -> Claim:
    return or_404(queries.claim_of_street(desk.street, claim_id))


@opens("vouchers.approve")
def withdraw(request: HttpRequest, desk: Desk, claim_id: str) -> HttpResponse:
    """Take one voucher back that was not used."""
    claim = _claim(desk, claim_id)
    lead = _("成员 %(member)s 的券 %(number)s 马上作废，用积分换的退还积分，张数和钱放回这一批。") % {
        "member": claim.member.shown_number, "number": claim.number,
    }  # fmt: skip
    act = _act(claim.batch, desk, _("收回一张券"), _("已收回。"), lead=lead, danger=True)
    return perform(request, act, WithdrawForm(sent(request)), withdraw_claim, claim)
