"""A shop's till: the page its phone's scanner opens, the digits, taking and taking back, what was noted without a network."""

from __future__ import annotations

import secrets
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.procedures.actions import reverse_redemption
from hege.vouchers.tills.actions import note_failure, open_till, redeem, redeem_offline
from hege.vouchers.tills.queries import (
    claim_of_number,
    finding_of,
    link_by_token,
    scan_finding,
    the_failure,
    the_redemption,
)
from hege.vouchers.tills.rules import Finding, NotTaken, ScanFault, clock_ahead, is_read_out, read_queue
from hege.web.access import public
from hege.web.action_page import sent
from hege.web.bearers import Counter, begin_opening, of_till, opening_secret, till_opened, with_camera
from hege.web.form_key import FIELD
from hege.web.idempotency import idempotent
from hege.web.pages import form_page, or_404, page, refusals_to
from hege.web.till.forms import BillForm, DigitsForm
from hege.web.till.page import FAILED, Failed, TakenPage, TillPage, VoucherPage, shown_at
from hege.web.till.words import card_of

OPENS = "a till is no user: its phone holds only the unguessable link that opens it once"


def _nonce(request: HttpRequest) -> str:
    """What tells one sending from another."""
    return request.POST.get(FIELD, "")[:64] or secrets.token_urlsafe(16)


def _card(request: HttpRequest, counter: Counter, finding: Finding, failed: Failed | None = None) -> HttpResponse:
    """Why a voucher is not taken; ``failed``: what the page has kept, for looking wrote nothing."""
    card = card_of(finding, street=counter.street.name)
    context = {"counter": counter, "card": card, "failed_scan": failed, "failed": True}
    return page(request, "till/not_taken.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)


@of_till
def index(request: HttpRequest, counter: Counter) -> HttpResponse:
    """The digits, what was taken today, what was noted offline; a scanner opens the voucher's own page."""
    form, now = DigitsForm(sent(request)), clock.now()
    if request.method == "POST" and form.is_valid():
        number, code = form.cleaned_data["number"], form.cleaned_data["code"]
        claim = claim_of_number(counter.street, number)
        finding = scan_finding(counter.till, claim, code, at=now)
        if claim is not None and finding is None:
            return _voucher(request, counter, VoucherPage(counter.till, claim, code, now), BillForm())
        found = finding or Finding(ScanFault.UNKNOWN)
        kept = note_failure(counter.till, finding=found, number=number, nonce=_nonce(request), by=None, at=now)
        return redirect(counter.to("till:refused", kept))
    context = {"counter": counter, "t": TillPage(counter.till, counter.today, now), "form": form}
    return form_page(request, "till/index.html", context, form)


def _voucher(request: HttpRequest, counter: Counter, voucher: VoucherPage, form: BillForm) -> HttpResponse:
    return form_page(request, "till/voucher.html", {"counter": counter, "v": voucher, "form": form}, form)


@of_till
def scan(request: HttpRequest, counter: Counter, number: str, code: str) -> HttpResponse:
    """What the voucher under the scanner is worth, and the button that takes it; or why it is not taken.

    Six digits are typed, not scanned: here they are looked at only with the button of a page that was shown for them.
    """
    now, form = clock.now(), BillForm(sent(request))
    shown = shown_at(request.POST.get("shown", ""), till=counter.till, number=number, code=code)
    if is_read_out(code) and shown is None:
        return redirect(counter.to("till:index"))
    if request.method == "POST" and form.is_valid():
        what = {"number": number, "code": code, "shown_at": shown, "bill_fen": form.cleaned_data["bill"]}
        with refusals_to(form):
            try:
                made = redeem(counter.till, **what, nonce=_nonce(request), by=None, at=now)
            except NotTaken as no:
                return HttpResponseRedirect(counter.to("till:refused", no.failure))
            return HttpResponseRedirect(counter.to("till:taken", made.public_id))
    claim = claim_of_number(counter.street, number)
    finding = scan_finding(counter.till, claim, code, at=shown or now)
    if claim is None or finding is not None:
        found = finding or Finding(ScanFault.UNKNOWN)
        return _card(request, counter, found, Failed(counter.till.pk, found, number[:8], secrets.token_urlsafe(16)))
    return _voucher(request, counter, VoucherPage(counter.till, claim, code, shown or now), form)


@of_till
@require_safe
def refused(request: HttpRequest, counter: Counter, failure_id: str) -> HttpResponse:
    """Why a voucher was not taken, as it was found when it was tried."""
    return _card(request, counter, finding_of(or_404(the_failure(counter.till, failure_id))))


@of_till
@require_safe
def taken(request: HttpRequest, counter: Counter, redemption_id: str) -> HttpResponse:
    """That it was taken, when, for how much; and the button that takes it back."""
    found = or_404(the_redemption(counter.till, redemption_id))
    return page(request, "till/taken.html", {"counter": counter, "r": TakenPage(found, counter.till, clock.now())})


@require_POST
@of_till
def reverse(request: HttpRequest, counter: Counter, redemption_id: str) -> HttpResponse:
    """Take it back, within fifteen minutes and by the till that took it."""
    found = or_404(the_redemption(counter.till, redemption_id))
    reverse_redemption(found, till=counter.till, by=None, at=clock.now())
    return redirect(counter.to("till:taken", redemption_id))


@of_till
@require_safe
def today(request: HttpRequest, counter: Counter) -> HttpResponse:
    """Each voucher that was taken today."""
    shown = TillPage(counter.till, counter.today, clock.now())
    return page(request, "till/today.html", {"counter": counter, "t": shown})


@with_camera
@of_till
@require_safe
def camera(request: HttpRequest, counter: Counter) -> HttpResponse:
    """The one page that may use the camera, for a browser that reads codes by itself."""
    shown = TillPage(counter.till, counter.today, clock.now())
    return page(request, "till/camera.html", {"counter": counter, "t": shown})


@require_POST
@of_till
def failed(request: HttpRequest, counter: Counter) -> HttpResponse:
    """Keep why a page refused a scan: opening it wrote nothing."""
    found = Failed.read(request.POST.get(FAILED, ""), till=counter.till)
    if found is None:
        raise Refused(_("这条记录不是这台收券台的，请重新扫一次。"))
    note_failure(counter.till, finding=found.finding, number=found.number, nonce=found.nonce, by=None, at=clock.now())
    return redirect(counter.to("till:index"))


@require_POST
@idempotent
@of_till
def queue(request: HttpRequest, counter: Counter) -> HttpResponse:
    """What the till noted without a network; sent again, nothing changes. Answers each with what became of it."""
    now, sent_ms = clock.now(), request.POST.get("sent_ms", "")
    try:
        scans = read_queue(request.POST.get("scans", ""))
        ahead = clock_ahead(int(sent_ms) if sent_ms.isdecimal() and len(sent_ms) < 16 else 0, now=now)
        outcomes = redeem_offline(counter.till, scans=scans, ahead=ahead, by=None, at=now)
    except Refused as no:
        return JsonResponse({"words": str(no)}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    told = [{"nonce": o.nonce, "fault": str(o.fault.label) if o.fault else ""} for o in outcomes]
    return JsonResponse({"scans": told})


@idempotent
@public(OPENS)
def opens(request: HttpRequest, street_code: str, token: str) -> HttpResponse:
    """A button, and whose till it is. Pressing it lets this phone in and uses the link up: messengers fetch every link."""
    link = or_404(link_by_token(street_code, token))
    secret, again = opening_secret(request), request.method == "POST"
    context = {"link": link, "street": link.street, "again": again}
    if again and secret:
        try:
            made = open_till(link, secret=secret, by=None, at=clock.now())
        except Refused as no:
            return page(request, "till/closed.html", {**context, "reason": str(no)}, status=HTTPStatus.GONE)
        return till_opened(redirect("till:index", street_code), link.street, made)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if again else HTTPStatus.OK
    return begin_opening(request, page(request, "till/open.html", context, status=status), link.street)
