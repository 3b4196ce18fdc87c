"""The shop keeper's page behind the code on the poster: four questions, four answers, no account, no script."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from hege.attachments.models import Attachment
from hege.attachments.queries import files_of
from hege.cases.models import Report
from hege.cases.queries import report_of_shop, sent_by_shop
from hege.cases.reports.actions import stop_following, submit_report
from hege.cases.rules import SHOP_MOST_A_DAY, ReportKind, check_not_too_many
from hege.kernel import clock, signing
from hege.kernel.calendar import DAY
from hege.kernel.seal import known_as
from hege.places.models import Unit
from hege.web.access import View, public
from hege.web.action_page import sent_with_files
from hege.web.files import takes_files
from hege.web.pages import form_page, or_404, page, refusals_to
from hege.web.shared.kept_files import small_of
from hege.web.shop.forms import NumberForm, WrongForm
from hege.web.shop.page import ReportedPage, ShopPage, grouped_number, link_of

SALT, SENT_SECONDS = "hege.web.shop.sent", 900
BECAUSE = "a shop keeper has no account, only the unguessable code on the poster; it shows their own shop alone"


def of_shop(view: Callable[..., HttpResponse]) -> View:
    """Mark a page of the shop whose code one has: 404 for a code that never was, a word (410) for a revoked one."""

    @wraps(view)
    def found(request: HttpRequest, token: str, **more: str) -> HttpResponse:
        link = or_404(link_of(token))
        if link.revoked_at:
            return page(request, "shop/revoked.html", {"street": link.unit.street}, status=HTTPStatus.GONE)
        return view(request, link.unit, token, **more)

    return public(BECAUSE)(found)


@of_shop
def shop(request: HttpRequest, unit: Unit, token: str) -> HttpResponse:
    """Will my water be cut, do I still have to pay, did my money arrive, what is being done."""
    shown = ShopPage(unit, clock.today())
    context = {"unit": unit, "s": shown, "payments": shown.told_payments, "token": token, "today": shown.today}
    return page(request, "shop/shop.html", context)


def _admits(_request: HttpRequest, token: str) -> bool:
    """Whether a shop may still report something today."""
    link = link_of(token)
    if link is None or link.revoked_at:
        return False
    return sent_by_shop(link.unit, since=clock.now() - DAY) < SHOP_MOST_A_DAY


@takes_files(WrongForm, _admits)
@of_shop
def wrong(request: HttpRequest, unit: Unit, token: str) -> HttpResponse:
    """Say that the account is wrong: becomes a report that somebody looks into."""
    form = WrongForm(*sent_with_files(request))
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            at = clock.now()
            check_not_too_many(sent_by_shop(unit, since=at - DAY))
            report = submit_report(
                unit.street, kind=ReportKind.SHOP, text=form.cleaned_data["text"], unit=unit,
                point=ShopPage(unit, clock.today()).point, reporter_name=_("%(name)s 店主") % {"name": unit.name},
                reporter_phone=form.cleaned_data["phone"], follows=form.cleaned_data["follow"], photos=form.cleaned_data["photos"], by=None, at=at,
            )  # fmt: skip
            ticket = signing.dumps(report.pk, salt=SALT)
            return redirect(
                f"../thanks/{ticket}/"
            )  # relative: where it leads is kept for a repeat, the code must not be
    return form_page(request, "shop/wrong.html", {"unit": unit, "form": form, "token": token}, form)


@of_shop
def thanks(request: HttpRequest, unit: Unit, token: str, ticket: str = "") -> HttpResponse:
    """What happens next with what was sent, and for some minutes its pictures to who sent it: the code hangs in public."""
    sent_now = _report_of(ticket, unit)
    number = grouped_number(sent_now.public_id) if sent_now else ""
    context = {"unit": unit, "token": token, "ticket": ticket, "files": _just_sent(unit, ticket), "number": number}
    return page(request, "shop/thanks.html", context)


@require_safe
@of_shop
def sent(request: HttpRequest, unit: Unit, token: str, ticket: str, kept_id: str) -> HttpResponse:
    """A small picture of what was just sent; 404 for anything else."""
    return small_of(file for file in _just_sent(unit, ticket) if file.public_id == kept_id)


def _report_of(ticket: str, unit: Unit) -> Report | None:
    """The report a ticket was given for, where it is this shop's and not too old."""
    try:
        pk = signing.loads(ticket, salt=SALT, max_age=SENT_SECONDS)
    except signing.BadSignature:
        return None
    return Report.objects.filter(street=unit.street_id, unit=unit, pk=pk).first()


def _just_sent(unit: Unit, ticket: str) -> list[Attachment]:
    """Its files."""
    report = _report_of(ticket, unit)
    return files_of(unit.street, known_as(Report), [report.pk])[report.pk] if report else []


@of_shop
def find(request: HttpRequest, unit: Unit, token: str) -> HttpResponse:
    """Ask by its number what became of a report."""
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if report_of_shop(unit, form.public_id):
            return redirect(f"{form.public_id}/")  # relative, as above
        form.add_error("number", _("这家店没有这个查询号，请核对。"))
    return form_page(request, "shop/find.html", {"unit": unit, "form": form, "token": token}, form)


@require_safe
@of_shop
def reported(request: HttpRequest, unit: Unit, token: str, report_no: str) -> HttpResponse:
    """What became of a report, for who has its number: the code hangs in public, the number does not."""
    report = or_404(report_of_shop(unit, report_no))
    return page(request, "shop/reported.html", {"unit": unit, "token": token, "r": ReportedPage(report)})


@of_shop
@require_POST
def stop(request: HttpRequest, unit: Unit, token: str, report_no: str) -> HttpResponse:
    """No more SMS about a report."""
    stop_following(or_404(report_of_shop(unit, report_no)), by=None, at=clock.now())
    return redirect("../")
