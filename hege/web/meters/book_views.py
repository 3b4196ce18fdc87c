"""Each fen of a master meter: the list of transactions, the page of one, its evidence and its taking back; the bills."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.billing import actions as billing
from hege.billing.agent.queries import words_on
from hege.billing.applying.queries import met_of
from hege.billing.chart import TransactionKind
from hege.billing.queries import bills_of, confirmed_payments_of, graded, transactions_of
from hege.billing.rules import Method
from hege.exports.rules import Wanted, What
from hege.kernel import clock
from hege.metering.models import SupplyPoint
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform
from hege.web.agent.page import WordPage
from hege.web.files import takes_files
from hege.web.jinja import daylong, query
from hege.web.links import where
from hege.web.marks import Tab, Text
from hege.web.meters.book_page import KINDS, LEVEL_NAMES, BillPage, TransactionRow, chosen_of, money_transactions
from hege.web.meters.forms import EvidenceForm, OpeningForm, ReverseForm, ShareForm
from hege.web.meters.views import point_act
from hege.web.pages import or_404, page, part
from hege.web.shared.exporting import take
from hege.web.shared.kept_files import files_shown
from hege.web.shared.scope import point_or_404


@opens("meters.see")
def money(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Everything that happened to a master meter's money, newest first; kind, level and shop are in the address."""
    point = point_or_404(desk, code)
    chosen = {name: request.GET.get(name, "") for name in ("kind", "level", "shop")}
    shown = part(request, chosen_of(money_transactions(point), chosen))
    here = where("meters:money", desk.street.code, point.code)
    context = {
        "point": point, "page": shown, "chosen": chosen, "graded": graded(confirmed_payments_of(desk.street).filter(point=point)),
        "rows": [TransactionRow(row) for row in shown.object_list],
        "files": files_shown(desk, "transactions", [row.pk for row in shown.object_list]),
        "kinds": _tabs(here, chosen, "kind", {word: label for word, (label, _kinds) in KINDS.items()}),
        "levels": _tabs(here, chosen, "level", LEVEL_NAMES, back=True),
    }  # fmt: skip
    return page(request, "meters/money.html", context)


def _tabs(here: str, chosen: dict[str, str], name: str, names: Mapping[str, Text], *, back: bool = False) -> list[Tab]:
    """The choices of one filter, the others kept; ``back``: what is chosen leads back to all."""
    return [
        Tab(label, here + query(chosen | {name: "" if back and chosen[name] == word else word}), chosen[name] == word)
        for word, label in names.items()
    ]


@opens("meters.export")
@require_POST
def export(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """All of it as a workbook."""
    return take(desk, Wanted(What.MONEY, {"point": point_or_404(desk, code, "meters.export").code}))


@opens("meters.book")
def opening(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """Book what the utility says was owed before the first bill here: unexplained until somebody explains it."""
    point = point_or_404(desk, code, "meters.book")
    standing = transactions_of(point).filter(kind=TransactionKind.OPENING, reversed_by__isnull=True).first()
    lead = _("开始用这本账以前就欠的数。没人说明以前，它记作“尚无说明”，不算在哪一户头上。")
    if standing is not None:
        lead = _("已经有一笔期初（%(day)s）。再登记会加上去；登错的请先打开那一笔冲正。") % {
            "day": daylong(standing.effective_on)
        }
    act = point_act(point, _("每一笔"), "money", _("登记期初欠费"), _("期初已入账。"), lead)
    return perform(request, act, OpeningForm(request.POST or None), billing.open_book, point)


def transaction_or_404(point: SupplyPoint, transaction_id: int) -> Any:
    """One transaction of a supply point, with its document; 404 for another's."""
    found = transactions_of(point).select_related("depends_on__bill").defer("source_row__file__content")
    return get_object_or_404(found, street=point.street_id, pk=transaction_id)


def told_of(desk: Desk, transaction_id: int) -> list[WordPage]:
    """What the agent said of a line, for those who see what agents say."""
    words = words_on(desk.street, [transaction_id]) if desk.may("agent.see") else []
    return [WordPage(word, desk) for word in words]


def _shown(desk: Desk, point: SupplyPoint, transaction: Any) -> dict[str, Any]:
    return {
        "point": point, "transaction": transaction, "row": TransactionRow(transaction),
        "proof": EvidenceForm(initial={"stated_on": desk.today}), "back": ReverseForm(),
        "transfers": transaction.transfers.select_related(
            "debit__tenancy__unit", "debit__party", "credit__tenancy__unit", "credit__party"
        ).order_by("pk"),
        "files": files_shown(desk, "transactions", [transaction.pk])[transaction.pk],
        "told": told_of(desk, transaction.pk),
        "met": met_of(transaction),
        "words": transaction.evidence.select_related("by").order_by("pk"),
        "dependents": transaction.dependents.select_related("allocation__bill", "reversed_by").order_by("pk"),
    }  # fmt: skip


@opens("meters.see")
def transaction(request: HttpRequest, desk: Desk, code: str, transaction_id: int) -> HttpResponse:
    """One transaction: its pair rows, what proves it, the line of the file it came from, and what can be done about it."""
    point = point_or_404(desk, code)
    return page(request, "meters/transaction.html", _shown(desk, point, transaction_or_404(point, transaction_id)))


@opens("imports.see")
def source(request: HttpRequest, desk: Desk, code: str, transaction_id: int) -> HttpResponse:
    """The file a transaction was booked from, byte for byte as it came in: only for those who may see imports."""
    point = point_or_404(desk, code)
    transaction = get_object_or_404(transactions_of(point), street=desk.street, pk=transaction_id)
    file = or_404(transaction.source_row.file if transaction.source_row else None)
    response = HttpResponse(bytes(file.content), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    return response


@takes_files(EvidenceForm)
@opens("meters.visit")
@require_POST
def evidence(request: HttpRequest, desk: Desk, code: str, transaction_id: int) -> HttpResponse:
    """State what speaks for or against a transaction."""
    point = point_or_404(desk, code, "meters.visit")
    transaction = transaction_or_404(point, transaction_id)
    here = where("meters:transaction", desk.street.code, point.code, transaction.pk)
    act = Act("", lambda level: _("已记下。这一笔现在是：%(level)s。") % {"level": level.label}, back=here)
    form = EvidenceForm(request.POST, request.FILES)
    context = _shown(desk, point, transaction) | {"proof": form}
    return perform(
        request, act, form, billing.state_evidence, transaction, template="meters/transaction.html", **context
    )


@opens("meters.book")
@require_POST
def reverse_transaction(request: HttpRequest, desk: Desk, code: str, transaction_id: int) -> HttpResponse:
    """Take a transaction back, with a reason."""
    point = point_or_404(desk, code, "meters.book")
    transaction = transaction_or_404(point, transaction_id)
    here = where("meters:transaction", desk.street.code, point.code, transaction.pk)
    act = Act("", _("已冲正。原来的一笔和冲正都留在账上。"), back=here)
    form = ReverseForm(request.POST)
    context = _shown(desk, point, transaction) | {"back": form}
    return perform(
        request, act, form, billing.reverse_transaction, transaction, template="meters/transaction.html", **context
    )


@opens("meters.see")
def bills(request: HttpRequest, desk: Desk, code: str) -> HttpResponse:
    """The utility's bills of a master meter, newest period first; those not shared yet say so."""
    point = point_or_404(desk, code)
    return page(request, "meters/bills.html", {"point": point, "page": part(request, bills_of(point))})


def bill_or_404(point: SupplyPoint, bill_id: int) -> Any:
    """One bill of a supply point; 404 for another's."""
    found = bills_of(point).select_related("point", "street", "transaction")
    return get_object_or_404(found, street=point.street_id, pk=bill_id)


def _bill_context(desk: Desk, bill: Any) -> dict[str, Any]:
    return {"point": bill.point, "bill": bill, "b": BillPage(bill, desk.today), "methods": dict(Method.choices)}


@opens("meters.see")
def bill(request: HttpRequest, desk: Desk, code: str, bill_id: int) -> HttpResponse:
    """A bill beside our split of it: frozen inputs, each shop's part by component, and the proof of the sum."""
    bill = bill_or_404(point_or_404(desk, code), bill_id)
    return page(request, "meters/bill.html", _bill_context(desk, bill) | {"form": ShareForm()})


@opens("meters.share")
@require_POST
def share_bill(request: HttpRequest, desk: Desk, code: str, bill_id: int) -> HttpResponse:
    """Share a bill: for the first time by its meter's method, or again by a decision."""
    bill = bill_or_404(point_or_404(desk, code, "meters.share"), bill_id)
    here = where("meters:bill", desk.street.code, bill.point.code, bill.pk)
    if "first" in request.POST:
        made = billing.share_bills(desk.street, [bill], by=desk.user, at=clock.now())
        if made.allocations:
            messages.success(request, _("已分摊。"))
        for reason in made.unshared.values():
            messages.warning(request, reason)
        return redirect(here)
    act = Act("", _("已重新分摊；各户多退少补的差额已记账，原来的分摊单留存。"), back=here)
    form, context = ShareForm(request.POST), _bill_context(desk, bill)
    return perform(request, act, form, billing.replace_allocation, bill, template="meters/bill.html", **context)
