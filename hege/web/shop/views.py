"""The shop keeper's page behind the code on the poster: four questions, four answers, no account, no script."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hege.billing.chart import TransactionKind
from hege.cases.queries import sent_by_shop
from hege.cases.reports.actions import submit_report
from hege.cases.rules import ReportKind, check_not_too_many
from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.ledger.rules import Level
from hege.places.models import Unit
from hege.web.access import View, public
from hege.web.pages import form_page, or_404, page, refusals_to
from hege.web.shop.forms import WrongForm
from hege.web.shop.page import ShopPage, link_of

BECAUSE = "a shop keeper has no account, only the unguessable code on the poster; it shows their own shop alone"


def of_shop(view: Callable[[HttpRequest, Unit, str], HttpResponse]) -> View:
    """Mark a page of the shop whose code one has: 404 for a code that never was, a word (410) for a revoked one."""

    @wraps(view)
    def found(request: HttpRequest, token: str) -> HttpResponse:
        link = or_404(link_of(token))
        if link.revoked_at:
            return page(request, "shop/revoked.html", {"street": link.unit.street}, status=HTTPStatus.GONE)
        return view(request, link.unit, token)

    return public(BECAUSE)(found)


@of_shop
def shop(request: HttpRequest, unit: Unit, token: str) -> HttpResponse:
    """Will my water be cut, do I still have to pay, did my money arrive, what is being done."""
    shown = ShopPage(unit, clock.today())
    told = [(p, p.transaction.level, p.transaction.kind == TransactionKind.RECEIPT) for p in shown.payments]
    payments = [(p, level, to_agent, level == Level.CONFIRMED) for p, level, to_agent in told]
    context = {"unit": unit, "s": shown, "payments": payments, "token": token, "today": shown.today}
    return page(request, "shop/shop.html", context)


@of_shop
def wrong(request: HttpRequest, unit: Unit, token: str) -> HttpResponse:
    """Say that the account is wrong: becomes a report that somebody looks into."""
    form = WrongForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            at = clock.now()
            check_not_too_many(sent_by_shop(unit, since=at - DAY))
            submit_report(
                unit.street, kind=ReportKind.SHOP, text=form.cleaned_data["text"], unit=unit,
                point=ShopPage(unit, clock.today()).point, reporter_name=_("%(name)s 店主") % {"name": unit.name},
                reporter_phone=form.cleaned_data["phone"], by=None, at=at,
            )  # fmt: skip
            return redirect("../thanks/")  # relative: where it leads is kept for a repeat, the code must not be
    return form_page(request, "shop/wrong.html", {"unit": unit, "form": form, "token": token}, form)


@of_shop
def thanks(request: HttpRequest, unit: Unit, token: str) -> HttpResponse:
    """What happens next with what was sent."""
    return page(request, "shop/thanks.html", {"unit": unit, "token": token})
