"""The shop keeper's page behind the code on his poster: four questions, four answers, no account, no script."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hege.cases.reports.actions import submit_report
from hege.cases.rules import ReportKind
from hege.kernel import clock
from hege.ledger.rules import Level
from hege.places.models import Unit
from hege.web.access import public
from hege.web.pages import form_page, page, refusals_to
from hege.web.shop.forms import WrongForm, check_not_too_many
from hege.web.shop.standing import Standing, level_of, link_of, to_agent

BECAUSE = "a shop keeper has no account, only the unguessable code on his poster; it shows his own shop alone"


def unit_of(token: str) -> Unit | None:
    """The shop a code is for, ``None`` for a revoked one; 404 for one that never was."""
    link = link_of(token)
    if link is None:
        raise Http404
    return None if link.revoked_at else link.unit


def _revoked(request: HttpRequest, token: str) -> HttpResponse:
    link = link_of(token)
    return page(request, "shop/revoked.html", {"street": link.unit.street if link else None}, status=HTTPStatus.GONE)


@public(BECAUSE)
def shop(request: HttpRequest, token: str) -> HttpResponse:
    """Will my water be cut, do I still have to pay, did my money arrive, what is being done."""
    unit = unit_of(token)
    if unit is None:
        return _revoked(request, token)
    standing = Standing(unit, clock.today())
    levels = [(p, level_of(p)) for p in standing.payments]
    payments = [(p, level, to_agent(p), level == Level.CONFIRMED) for p, level in levels]
    context = {"unit": unit, "s": standing, "payments": payments, "token": token, "today": standing.today}
    return page(request, "shop/shop.html", context)


@public(BECAUSE)
def wrong(request: HttpRequest, token: str) -> HttpResponse:
    """Say that the account is wrong: becomes a report that somebody looks into."""
    unit = unit_of(token)
    if unit is None:
        return _revoked(request, token)
    form = WrongForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            check_not_too_many(unit, at=clock.now())
            submit_report(
                unit.street, kind=ReportKind.SHOP, text=form.cleaned_data["text"], unit=unit,
                point=Standing(unit, clock.today()).point, reporter_name=_("%(name)s 店主") % {"name": unit.name},
                reporter_phone=form.cleaned_data["phone"], by=None, at=clock.now(),
            )  # fmt: skip
            return redirect("../thanks/")  # relative: where it leads is kept for a repeat, the code must not be
    return form_page(request, "shop/wrong.html", {"unit": unit, "form": form, "token": token}, form)


@public(BECAUSE)
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    """What happens next with what was sent."""
    unit = unit_of(token)
    if unit is None:
        return _revoked(request, token)
    return page(request, "shop/thanks.html", {"unit": unit, "token": token})
