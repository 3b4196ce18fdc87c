"""What a shop is owed, on its till: the frozen list of each month, right or wrong."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hege.kernel import clock
from hege.kernel.refused import allows
from hege.programme.settlements.actions import confirm_list, dispute_list
from hege.programme.settlements.models import Settlement
from hege.programme.settlements.queries import lists_of, the_list_of_shop
from hege.programme.settlements.rules import SettlementState, check_step
from hege.web.action_page import sent
from hege.web.bearers import Counter, of_till
from hege.web.jinja import month_said
from hege.web.pages import form_page, or_404, page, refusals_to
from hege.web.shared.settled import ListPage, chip_of
from hege.web.till.forms import DisputeForm

LISTS_SHOWN = 24


def _list_or_404(counter: Counter, settlement_id: str) -> Settlement:
    return or_404(the_list_of_shop(counter.merchant, settlement_id))


@of_till
@require_safe
def lists(request: HttpRequest, counter: Counter) -> HttpResponse:
    """What the shop is owed for each month, the last first."""
    rows = lists_of(counter.street).filter(merchant=counter.merchant)[:LISTS_SHOWN]
    shown = [(row, month_said(row.month.month_on), chip_of(row, to_shop=True)) for row in rows]
    open_fen = sum(row.open_fen for row, _month, _chip in shown)
    return page(request, "till/settlements.html", {"counter": counter, "lists": shown, "open_fen": open_fen})


def _may_answer(row: Settlement) -> bool:
    return allows(check_step, state=SettlementState(row.state), to=SettlementState.DISPUTED)


@of_till
@require_safe
def the_list(request: HttpRequest, counter: Counter, settlement_id: str) -> HttpResponse:
    """One list, line by line, with the two answers."""
    row = _list_or_404(counter, settlement_id)
    context = {"counter": counter, "row": row, "s": ListPage(row), "may_answer": _may_answer(row)}
    return page(request, "till/settlement.html", context)


@require_POST
@of_till
def confirm(request: HttpRequest, counter: Counter, settlement_id: str) -> HttpResponse:
    """Say that a list is right."""
    row = _list_or_404(counter, settlement_id)
    confirm_list(row, till=counter.till, by=None, at=clock.now())
    messages.success(request, _("确认好了，街道会付给您。"))
    return redirect(counter.to("till:settlement", settlement_id))


@of_till
def dispute(request: HttpRequest, counter: Counter, settlement_id: str) -> HttpResponse:
    """Say what is wrong with a list."""
    row, form = _list_or_404(counter, settlement_id), DisputeForm(sent(request))
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            dispute_list(row, till=counter.till, **form.said, by=None, at=clock.now())
            messages.success(request, _("送到街道了。说清以前这份名单先不付，别的照付。"))
            return redirect(counter.to("till:settlement", settlement_id))
    context = {"counter": counter, "row": row, "month": month_said(row.month.month_on), "form": form}
    return form_page(request, "till/dispute.html", context, form)
