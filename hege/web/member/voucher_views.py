"""A member's vouchers: the list, claiming, one at the counter, one on paper."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.procedures.actions import claim_for_points
from hege.vouchers import queries
from hege.vouchers.actions import issue_paper_code
from hege.vouchers.models import Claim
from hege.web.bearers import Rider, of_member
from hege.web.member.vouchers import Paper, Shown, VoucherList
from hege.web.pages import or_404, page


@of_member
@require_safe
def vouchers(request: HttpRequest, rider: Rider) -> HttpResponse:
    """What I have, and what I can claim; ``?new=`` what was claimed just now."""
    shown = VoucherList(rider, new=request.GET.get("new", ""))
    return page(request, "member/vouchers.html", {"rider": rider, "list": shown})


@of_member
@require_POST
def claim(request: HttpRequest, rider: Rider, batch_id: str) -> HttpResponse:
    """Claim one; a refusal says why in a page of its own, which asks nothing more of a hurried database.

    Its number says on the next page that it was claimed: no cookie is signed while many press the button.
    """
    batch = or_404(queries.batch_to_claim(rider.street, batch_id))
    try:
        claimed = claim_for_points(batch, member=rider.member, by=None, at=clock.now())
    except Refused as no:
        context = {"rider": rider, "batch": batch, "reason": no.reason}
        return page(request, "member/voucher_refused.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return HttpResponseRedirect(f"{rider.to('member:vouchers')}?new={claimed.number}#v{claimed.number}")


def _claim(rider: Rider, claim_id: str) -> Claim:
    return or_404(queries.the_claim(rider.member, claim_id))


@of_member
@require_safe
def voucher(request: HttpRequest, rider: Rider, claim_id: str) -> HttpResponse:
    """One at the counter."""
    return page(request, "member/voucher.html", {"v": Shown(_claim(rider, claim_id), rider, request), "rider": rider})


@of_member
def paper(request: HttpRequest, rider: Rider, claim_id: str) -> HttpResponse:
    """One on paper; printing another makes the one before worthless."""
    found, status, reason = _claim(rider, claim_id), HTTPStatus.OK, ""
    if request.method == "POST":
        try:
            issue_paper_code(found, by=None, at=clock.now())
            return redirect("member:paper_voucher", rider.street.code, claim_id)
        except Refused as no:
            status, reason = HTTPStatus.UNPROCESSABLE_ENTITY, str(no.reason)
    context = {"v": Paper(found, rider, request), "rider": rider, "reason": reason}
    return page(request, "member/voucher_paper.html", context, status=status)
