"""One shop behind a master meter as the office sees it: its account, and what a visit writes down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.transaction import atomic
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hege.billing.actions import AcknowledgementDraft, PaymentDraft, take_payments
from hege.billing.actions import acknowledge as write_down
from hege.billing.chart import TransactionKind
from hege.cases.models import Report
from hege.cases.queries import cases_of
from hege.cases.reports.actions import merge_report, record_visit, submit_report
from hege.cases.rules import PaysHow, ReceiptsHeld, ReportKind
from hege.imports.doubts import look_alike
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.web.access import Desk, opens
from hege.web.meters.account import ShopAccount, account_or_none
from hege.web.meters.forms import AcknowledgementForm, PaymentForm, VisitForm
from hege.web.pages import form_page, page, refusals_to
from hege.web.shared.scope import point_or_404


def account_or_404(desk: Desk, code: str, unit_code: str, verb: str = "meters.see") -> ShopAccount:
    """A shop behind a master meter, as far as the person may see it for a verb; 404 otherwise."""
    account = account_or_none(point_or_404(desk, code, verb), unit_code, on=desk.today)
    if account is None:
        raise Http404
    return account


def _back(desk: Desk, account: ShopAccount) -> HttpResponse:
    return redirect("meters:shop", desk.street.code, account.point.code, account.unit.code)


def _form_page(request: HttpRequest, account: ShopAccount, form: Any, title: str, button: str) -> HttpResponse:
    context = {"account": account, "form": form, "title": title, "button": button}
    return form_page(request, "meters/shop_form.html", context, form)


@opens("meters.see")
def shop(request: HttpRequest, desk: Desk, code: str, unit_code: str) -> HttpResponse:
    """One shop's account with its tenancies, shares, payments, admissions and visits."""
    return page(request, "meters/shop.html", {"account": account_or_404(desk, code, unit_code)})


@opens("meters.visit")
def visit(request: HttpRequest, desk: Desk, code: str, unit_code: str) -> HttpResponse:
    """Write down what a visit found."""
    account = account_or_404(desk, code, unit_code, "meters.visit")
    running = cases_of(desk.street, paths=desk.paths("cases.see")).unfinished().filter(point=account.point)
    form = VisitForm(request.POST or None, open_cases=running, initial={"visited_on": desk.today})
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            report = _write_down_visit(desk, account, form.cleaned_data)
            if report is not None:
                messages.success(request, _("走访已登记，也登记为来件。"))
                return redirect("reports:detail", desk.street.code, report.public_id)
            messages.success(request, _("走访已登记。"))
            return _back(desk, account)
    return _form_page(request, account, form, _("登记走访"), _("登记走访"))


@atomic
def _write_down_visit(desk: Desk, account: ShopAccount, said: Mapping[str, Any]) -> Report | None:
    """The visit and, where wanted, the report it makes and the case it belongs to: all or nothing."""
    at, case, report = clock.now(), said["case"], None
    pays_how, receipts_held = PaysHow(said["pays_how"]), ReceiptsHeld(said["receipts_held"])
    if said["as_report"]:
        text = _("走访 %(shop)s：水费%(how)s，收据%(receipts)s。%(note)s") % {
            "shop": account.unit.code, "how": pays_how.label, "receipts": receipts_held.label, "note": said["note"],
        }  # fmt: skip
        report = submit_report(
            desk.street, kind=ReportKind.VISIT, text=text, unit=account.unit, point=account.point, by=desk.user, at=at
        )
        if case is not None:
            report = merge_report(report, case, by=desk.user, at=at)
    record_visit(
        account.unit, visited_on=said["visited_on"], pays_how=pays_how, receipts_held=receipts_held,
        receipts_fen=said["receipts_fen"], unpaid_fen=said["unpaid_fen"], note=said["note"], case=case, report=report,
        by=desk.user, at=at,
    )  # fmt: skip
    return report


@opens("meters.visit")
def acknowledge(request: HttpRequest, desk: Desk, code: str, unit_code: str) -> HttpResponse:
    """Write down what the present tenant admits in writing that it has not paid."""
    account = account_or_404(desk, code, unit_code, "meters.visit")
    form = AcknowledgementForm(request.POST or None, initial={"on": desk.today})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with refusals_to(form):
            draft = AcknowledgementDraft(
                point=account.point, tenancy=account.tenancy_on(said["on"]), on=said["on"],
                amount_fen=said["amount_fen"], voucher=said["voucher"], note=said["note"],
            )  # fmt: skip
            write_down(desk.street, [draft], by=desk.user, at=clock.now())
            messages.success(request, _("已记下店主的书面承认。"))
            return _back(desk, account)
    return _form_page(request, account, form, _("登记承认欠费"), _("登记承认"))


def check_another(draft: PaymentDraft, street: Street, *, said_so: bool) -> None:
    """Refuse a payment that may stand already, until somebody says that it is another one: money is booked once,
    whatever the paper."""
    alike = None if said_so else look_alike(draft, street=street)
    if alike:
        raise Refused(
            _("可能就是这一笔：%(alike)s。是同一笔，不用再登记，可到那一笔添证据；确是另一笔，请勾选后再入账。")
            % {"alike": alike},
            field="another",
        )


@opens("meters.visit")
def pay(request: HttpRequest, desk: Desk, code: str, unit_code: str) -> HttpResponse:
    """Book a payment of the shop, with the receipt that was seen or on its word alone."""
    account = account_or_404(desk, code, unit_code, "meters.visit")
    form = PaymentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        with refusals_to(form):
            draft = PaymentDraft(
                kind=TransactionKind(said["kind"]), point=account.point, on=said["on"], amount_fen=said["amount_fen"],
                confirmed=said["proven"] == "yes", tenancy=account.tenancy_on(said["on"]), means=said["means"],
                voucher=said["voucher"], note=said["note"],
            )  # fmt: skip
            check_another(draft, desk.street, said_so=said["another"])
            take_payments(desk.street, [draft], by=desk.user, at=clock.now())
            messages.success(request, _("已入账。"))
            return _back(desk, account)
    return _form_page(request, account, form, _("登记付款"), _("入账"))
