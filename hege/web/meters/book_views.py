"""Each fen of a master meter: the list of transactions, the page of one, its evidence and its taking back; the bills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.billing import actions as billing
from hege.billing.chart import WATER, TransactionKind
from hege.billing.models import Bill
from hege.billing.queries import components_of, is_outdated, transactions_of
from hege.billing.rules import Method
from hege.kernel import clock
from hege.ledger import actions as ledger
from hege.ledger.rules import EvidenceKind, Side
from hege.metering.models import SupplyPoint
from hege.web.access import Desk, opens
from hege.web.action_page import action_page
from hege.web.jinja import daylong, query
from hege.web.marks import Tab
from hege.web.meters.acts import point_act
from hege.web.meters.bills import bills_of, doubts_about_bill, due_chip, priced, split_of, standing_of, why_unshared
from hege.web.meters.forms import EvidenceForm, OpeningForm, ReverseForm, ShareForm
from hege.web.meters.transactions import KIND_NAMES, LEVEL_NAMES, level_of, money_transactions, of_kind, row, rows
from hege.web.pages import form_page, page, refusals_to
from hege.web.shared.scope import point_or_404

PAGE_SIZE = 50


@opens("meters.see")
def money(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Everything that happened to a master meter's money, newest first; kind, level and shop are in the address."""
    point = point_or_404(desk, code)
    chosen = {name: request.GET.get(name, "") for name in ("kind", "level", "shop")}
    found = of_kind(money_transactions(point), chosen["kind"], chosen["level"], chosen["shop"])
    shown = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "point": point, "page": shown, "rows": rows(shown.object_list), "chosen": chosen,
        "kinds": _tabs(point, chosen, "kind", KIND_NAMES),
        "levels": _tabs(point, chosen, "level", LEVEL_NAMES, back=True),
    }  # fmt: skip
    return page(request, "meters/money.html", context)


def _tabs(
    point: SupplyPoint, chosen: dict[str, str], name: str, names: Mapping[str, str | Promise], *, back: bool = False
) -> list[Tab]:
    """The choices of one filter, the others kept; ``back``: what is chosen leads back to all."""
    here = reverse("meters:money", args=(point.street.code, point.code))
    return [
        Tab(label, here + query(chosen | {name: "" if back and chosen[name] == word else word}), chosen[name] == word)
        for word, label in names.items()
    ]


@opens("meters.book")
def opening(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Book what the utility says was owed before the first bill here: unexplained until somebody explains it."""
    point = point_or_404(desk, code, "meters.book")
    form = OpeningForm(request.POST or None)
    standing = transactions_of(point).filter(kind=TransactionKind.OPENING, reversed_by__isnull=True).first()
    lead = _("开始用这本账以前就欠的数。没人说明以前，它记作“尚无说明”，不算在哪一户头上。")
    if standing is not None:
        lead = _("已经有一笔期初（%(day)s）。再登记会加上去；登错的请先打开那一笔冲正。") % {
            "day": daylong(standing.effective_on)
        }
    act = point_act(point, (_("每一笔"), "meters:money"), _("登记期初欠费"), _("期初已入账。"), lead=lead)
    return action_page(request, act, form, lambda said: billing.open_book(point, **said, by=desk.user, at=clock.now()))


def transaction_or_404(point: SupplyPoint, transaction_id: int) -> Any:
    """One transaction of a supply point, with its particulars; 404 for another's."""
    found = transactions_of(point).select_related("depends_on__bill").defer("source_row__file__content")
    return get_object_or_404(found, street=point.street_id, pk=transaction_id)


def _transaction_page(
    request: HttpRequest, desk: Desk, point: SupplyPoint, transaction: Any, form: Any = None
) -> HttpResponse:
    proof = form if isinstance(form, EvidenceForm) else EvidenceForm(initial={"stated_on": desk.today})
    back = form if isinstance(form, ReverseForm) else ReverseForm()
    context = {
        "point": point, "transaction": transaction, "row": row(transaction), "level": level_of(transaction), "proof": proof, "back": back,
        "transfers": transaction.transfers.select_related(
            "debit__tenancy__unit", "debit__party", "credit__tenancy__unit", "credit__party"
        ).order_by("pk"),
        "words": transaction.evidence.select_related("by").order_by("pk"),
        "dependents": transaction.dependents.select_related("allocation__bill", "reversed_by").order_by("pk"),
    }  # fmt: skip
    return form_page(request, "meters/transaction.html", context, proof, back)


@opens("meters.see")
def transaction(request: HttpRequest, desk: Desk, code: str, transaction_id: int) -> HttpResponse:
    """One transaction: its pair rows, what proves it, the line of the file it came from, and what can be done about it."""
    point = point_or_404(desk, code)
    return _transaction_page(request, desk, point, transaction_or_404(point, transaction_id))


@opens("imports.see")
def source(request: HttpRequest, desk: Desk, code: str, transaction_id: int) -> HttpResponse:
    """The file a transaction was booked from, byte for byte as it came in: only for those who may see imports."""
    point = point_or_404(desk, code)
    transaction = get_object_or_404(transactions_of(point), street=desk.street, pk=transaction_id)
    file = transaction.source_row.file if transaction.source_row else None
    if file is None:
        raise Http404
    response = HttpResponse(bytes(file.content), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    return response


@opens("meters.visit")
@require_POST
def evidence(request: HttpRequest, desk: Desk, code: str, transaction_id: int) -> HttpResponse:
    """State what speaks for or against a transaction."""
    point = point_or_404(desk, code, "meters.visit")
    transaction = transaction_or_404(point, transaction_id)
    form = EvidenceForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        with refusals_to(form):
            level = ledger.state_evidence(
                transaction, side=Side(said["side"]), kind=EvidenceKind(said["kind"]), supports=form.supports,
                stated_on=said["stated_on"], document=said["document"], chart=WATER, by=desk.user, at=clock.now(),
            )  # fmt: skip
            messages.success(request, _("已记下。这一笔现在是：%(level)s。") % {"level": level.label})
            return redirect("meters:transaction", desk.street.code, point.code, transaction.pk)
    return _transaction_page(request, desk, point, transaction, form)


@opens("meters.book")
@require_POST
def reverse_transaction(request: HttpRequest, desk: Desk, code: str, transaction_id: int) -> HttpResponse:
    """Take a transaction back, with a reason."""
    point = point_or_404(desk, code, "meters.book")
    transaction = transaction_or_404(point, transaction_id)
    form = ReverseForm(request.POST)
    if form.is_valid():
        with refusals_to(form):
            ledger.reverse(transaction, reason=form.cleaned_data["reason"], by=desk.user, at=clock.now())
            messages.success(request, _("已冲正。原来的一笔和冲正都留在账上。"))
            return redirect("meters:transaction", desk.street.code, point.code, transaction.pk)
    return _transaction_page(request, desk, point, transaction, form)


@opens("meters.see")
def bills(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The utility's bills of a master meter, newest period first; those not shared yet say so."""
    point = point_or_404(desk, code)
    shown = Paginator(bills_of(point), PAGE_SIZE).get_page(request.GET.get("page"))
    return page(request, "meters/bills.html", {"point": point, "page": shown})


def bill_or_404(point: SupplyPoint, bill_id: int) -> Bill:
    """One bill of a supply point; 404 for another's."""
    found = bills_of(point).select_related("point", "street", "transaction")
    one: Bill = get_object_or_404(found, street=point.street_id, pk=bill_id)
    return one


def _bill_page(request: HttpRequest, desk: Desk, bill: Bill, form: ShareForm) -> HttpResponse:
    split = split_of(bill)
    outdated = split is not None and not bill.taken_back and is_outdated(bill, split.allocation)  # type: ignore[attr-defined]  # annotated
    context = {
        "point": bill.point, "bill": bill, "split": split, "form": form, "components": components_of(bill),
        "outdated": outdated, "missing": "" if split else why_unshared(bill), "methods": dict(Method.choices),
        "priced": priced(bill), "chips": [standing_of(bill, shared=split is not None), due_chip(bill, desk.today)],
        "doubts": [] if bill.taken_back else doubts_about_bill(bill),  # type: ignore[attr-defined]  # annotated
    }  # fmt: skip
    return form_page(request, "meters/bill.html", context, form)


@opens("meters.see")
def bill(request: HttpRequest, desk: Desk, code: str, bill_id: int) -> HttpResponse:
    """A bill beside our split of it: frozen inputs, each shop's part by component, and the proof of the sum."""
    return _bill_page(request, desk, bill_or_404(point_or_404(desk, code), bill_id), ShareForm())


@opens("meters.share")
@require_POST
def share_bill(request: HttpRequest, desk: Desk, code: str, bill_id: int) -> HttpResponse:
    """Share a bill: for the first time by its meter's method, or again by a decision."""
    bill = bill_or_404(point_or_404(desk, code, "meters.share"), bill_id)
    form = ShareForm(request.POST)
    back = redirect("meters:bill", desk.street.code, bill.point.code, bill.pk)
    if "first" in request.POST:
        made = billing.share_bills(desk.street, [bill], by=desk.user, at=clock.now())
        if made.allocations:
            messages.success(request, _("已分摊。"))
        for reason in made.unshared.values():
            messages.warning(request, reason)
        return back
    if form.is_valid():
        with refusals_to(form):
            method, decision = Method(form.cleaned_data["method"]), form.cleaned_data["decision"]
            billing.replace_allocation(bill, method=method, decision=decision, by=desk.user, at=clock.now())
            messages.success(request, _("已重新分摊；各户多退少补的差额已记账，原来的分摊单留存。"))
            return back
    return _bill_page(request, desk, bill, form)
