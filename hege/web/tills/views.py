"""收券台: shops that take vouchers, their tills and the links that open them, what was refused, what somebody has to decide."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from hege.kernel import clock
from hege.procedures.actions import reverse_redemption
from hege.vouchers.models import Merchant, Redemption, Till
from hege.vouchers.tills import actions
from hege.vouchers.tills.queries import conflicts_of, failures_of, the_conflict, the_till, token_of
from hege.vouchers.tills.rules import ConflictState
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent
from hege.web.links import in_full, site_host, where
from hege.web.pages import or_404, page, part
from hege.web.shared.printed_code import SVG, drawn_code
from hege.web.tills.forms import DecideForm, MerchantForm, ReasonForm, ReverseForm, TillForm
from hege.web.tills.page import LinkPage, ShopPage, TillsPage

ERROR_LEVEL, QUIET = "q", 4

#: How many conflicts are listed to be decided; the next come when those are.
AT_ONCE = 50


def _crumbs(desk: Desk, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("收券台"), desk.to("tills:index")), *more]


def _merchant_or_404(desk: Desk, merchant_id: str) -> Merchant:
    rows = Merchant.objects.select_related("street__trail_head", "party", "host")
    return get_object_or_404(rows, street=desk.street, public_id=merchant_id)


def _till_or_404(desk: Desk, till_id: str) -> Till:
    return or_404(the_till(desk.street, till_id))


def _of_shop(desk: Desk, merchant: Merchant) -> list[tuple[str, str]]:
    return _crumbs(desk, (merchant.name, desk.to("tills:shop", merchant.public_id)))


@opens("tills.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every shop with its tills, what waits to be decided, which hours stand out."""
    found = TillsPage(desk, clock.now())
    shown = part(request, found.merchants)
    return page(request, "tills/index.html", {"t": found, "part": shown, "shops": found.shops(shown)})


@opens("tills.run")
def add(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Write down a shop."""
    act = Act(
        _("登记商户"), _("已登记。现在给它设一台收券台，做券的时候可以选它。"), _crumbs(desk),
        onward=lambda made: desk.to("tills:shop", made.public_id),
    )  # fmt: skip
    return perform(request, act, MerchantForm(sent(request), desk=desk), actions.add_merchant, desk.street)


@opens("tills.see")
def shop(request: HttpRequest, desk: Desk, merchant_id: str) -> HttpResponse:
    """One shop with its tills and what it took lately."""
    shown = ShopPage(desk, _merchant_or_404(desk, merchant_id), clock.now())
    return page(request, "tills/shop.html", {"s": shown})


@opens("tills.run")
def amend(request: HttpRequest, desk: Desk, merchant_id: str) -> HttpResponse:
    """Mend what is known of a shop."""
    merchant = _merchant_or_404(desk, merchant_id)
    act = Act(_("改商户资料"), _("已改好，原来的写法留在操作留痕里。"), _of_shop(desk, merchant))
    form = MerchantForm(sent(request), thing=merchant, desk=desk)
    return perform(request, act, form, actions.amend_merchant, merchant)


@opens("tills.run")
def end_shop(request: HttpRequest, desk: Desk, merchant_id: str) -> HttpResponse:
    """A shop takes no more vouchers."""
    merchant = _merchant_or_404(desk, merchant_id)
    lead = _("停收以后，它的收券台都不能再收券；已经收的照样结算。")
    act = Act(_("停收"), _("已停收，收券台都停了。"), _of_shop(desk, merchant), lead, danger=True)
    return perform(request, act, ReasonForm(sent(request)), actions.end_merchant, merchant)


@opens("tills.run")
def add_till(request: HttpRequest, desk: Desk, merchant_id: str) -> HttpResponse:
    """Give a shop a till."""
    merchant = _merchant_or_404(desk, merchant_id)
    act = Act(
        _("设收券台"), _("设好了。让店家用收券的手机扫下面的码，按一下就开通。"), _of_shop(desk, merchant),
        onward=lambda link: desk.to("tills:link", link.till.public_id),
    )  # fmt: skip
    return perform(request, act, TillForm(sent(request)), actions.add_till, merchant)


@opens("tills.run")
def link(request: HttpRequest, desk: Desk, till_id: str) -> HttpResponse:
    """The link that opens a till, as a code to scan; pressing the button makes another, and ends the one before."""
    till = _till_or_404(desk, till_id)
    if request.method == "POST":
        actions.link_till(till, by=desk.user, at=clock.now())
        return redirect(desk.to("tills:link", till_id))
    shown = LinkPage(till, clock.now())
    token = token_of(shown.link) if shown.link else None
    address = site_host() + where("till:open", desk.street.code, token) if token else ""
    context = {"till": till, "l": shown, "address": address, "crumbs": _of_shop(desk, till.merchant)}
    return page(request, "tills/link.html", context)


@opens("tills.run")
def code(request: HttpRequest, desk: Desk, till_id: str) -> HttpResponse:
    """That link as a picture."""
    found = or_404(LinkPage(_till_or_404(desk, till_id), clock.now()).link)
    address = in_full(where("till:open", desk.street.code, or_404(token_of(found))))
    return HttpResponse(drawn_code(address, error=ERROR_LEVEL, quiet=QUIET), content_type=SVG)


@opens("tills.run")
def end_till(request: HttpRequest, desk: Desk, till_id: str) -> HttpResponse:
    """A till takes nothing any more."""
    till = _till_or_404(desk, till_id)
    lead = _("这部手机马上不能再收券；它收过的照样结算。")
    act = Act(
        _("停用“%(label)s”") % {"label": till.label}, _("已停用。"), _of_shop(desk, till.merchant), lead, danger=True
    )
    return perform(request, act, ReasonForm(sent(request)), actions.end_till, till)


@opens("tills.see")
def failures(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The scans that were refused, the last first."""
    context = {"page": part(request, failures_of(desk.street)), "crumbs": _crumbs(desk)}
    return page(request, "tills/failures.html", context)


@opens("tills.see")
def conflicts(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What was noted offline and failed: what waits first, then what was decided."""
    waiting = conflicts_of(desk.street, ConflictState.OPEN)
    more = max(0, waiting.count() - AT_ONCE)
    decided = conflicts_of(desk.street).exclude(state=ConflictState.OPEN).order_by("-decided_at")
    context = {
        "waiting": waiting[:AT_ONCE], "more": more, "page": part(request, decided), "crumbs": _crumbs(desk),
    }  # fmt: skip
    return page(request, "tills/conflicts.html", context)


@opens("tills.decide")
def decide(request: HttpRequest, desk: Desk, conflict_id: str) -> HttpResponse:
    """Decide one, for a reason."""
    conflict = or_404(the_conflict(desk.street, conflict_id))
    crumbs = _crumbs(desk, (_("离线异常"), desk.to("tills:conflicts")))
    act = Act(_("定这一张"), _("已定，店家在收券台上看得到结果和理由。"), crumbs)
    form = DecideForm(sent(request), thing=conflict, desk=desk)
    return perform(
        request, act, form, actions.decide_conflict, conflict, template="tills/decide.html", conflict=conflict
    )


@opens("tills.decide")
def reverse(request: HttpRequest, desk: Desk, redemption_id: str) -> HttpResponse:
    """Take a redemption back, for a reason."""
    rows = Redemption.objects.select_related("street__trail_head", "claim__batch", "merchant")
    redemption = get_object_or_404(rows, street=desk.street, public_id=redemption_id)
    lead = f"{redemption.claim.batch.title} · {redemption.claim.number} · {redemption.merchant.name}"
    act = Act(_("撤销核销"), _("已撤销，不再算在商户的账上。"), _of_shop(desk, redemption.merchant), lead, danger=True)
    return perform(request, act, ReverseForm(sent(request)), reverse_redemption, redemption)
