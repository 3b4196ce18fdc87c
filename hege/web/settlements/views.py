"""结算: a month's lists and who owes whom; freezing, answering, paying, taking a payment back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.exports.rules import Wanted, What
from hege.kernel import clock
from hege.kernel.money import yuan
from hege.kernel.several import several
from hege.people.models import Party
from hege.programme.settlements import actions
from hege.programme.settlements.models import Settlement, SettlementPayment
from hege.programme.settlements.queries import payments_of, the_list, the_payment
from hege.web.access import Desk, opens
from hege.web.action_page import Act, perform, sent
from hege.web.jinja import month_said
from hege.web.pages import or_404, page, part
from hege.web.settlements.forms import FreezeForm, PayForm, ReasonForm, RepayForm, WordsForm
from hege.web.settlements.page import DetailPage, SettlementsPage, months_to_freeze
from hege.web.shared.exporting import take


def _crumbs(desk: Desk, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("结算"), desk.to("settlements:index")), *more]


def _list_or_404(desk: Desk, settlement_id: str) -> Settlement:
    return or_404(the_list(desk.street, settlement_id))


def _of_list(desk: Desk, row: Settlement) -> list[tuple[str, str]]:
    return _crumbs(desk, (row.merchant.name, desk.to("settlements:detail", row.public_id)))


def _lead(row: Settlement) -> str:
    said = {
        "month": month_said(row.month.month_on),
        "payer": row.payer.name,
        "n": row.lines_count,
        "sum": yuan(row.total_fen),
    }
    return several("%(month)s，%(payer)s的券，%(n)d 行，%(sum)s 元") % said


@opens("settlements.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A month by state, its lists, what is on none yet, and who owes whom."""
    shown = SettlementsPage(desk, clock.now(), request.GET.get("month", ""))
    return page(request, "settlements/index.html", {"s": shown, "part": part(request, shown.lists)})


@opens("settlements.freeze")
def freeze(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Freeze the lists of a month."""
    now = clock.now()
    lead = _("每家商户、每家出钱单位一份。冻结以后名单不再变：晚送到的、后来撤销的，都进下一份。再按一次不会多出一份。")
    act = Act(
        _("冻结月度名单"), _("名单冻结好了，商户在收券台上能看到，等他们确认。"), _crumbs(desk), lead, _("冻结"),
        onward=lambda month: f"{desk.to('settlements:index')}?month={month}",
    )  # fmt: skip
    form = FreezeForm(sent(request), months=months_to_freeze(desk, now))
    return perform(request, act, form, actions.freeze_month, desk.street)


@opens("settlements.see")
def detail(request: HttpRequest, desk: Desk, settlement_id: str) -> HttpResponse:
    """One list, line by line; to be printed and signed."""
    shown = DetailPage(desk, _list_or_404(desk, settlement_id))
    return page(request, "settlements/detail.html", {"d": shown, "s": shown.shown, "row": shown.settlement})


@opens("settlements.freeze")
def confirm(request: HttpRequest, desk: Desk, settlement_id: str) -> HttpResponse:
    """Write down that a shop confirmed its list on paper."""
    row = _list_or_404(desk, settlement_id)
    act = Act(_("登记书面确认"), _("已登记商户确认，可以付款了。"), _of_list(desk, row), _lead(row))
    form = WordsForm(sent(request), label=_("凭什么确认"))
    return perform(request, act, form, actions.confirm_list, row)


@opens("settlements.freeze")
def dispute(request: HttpRequest, desk: Desk, settlement_id: str) -> HttpResponse:
    """Write down what a shop says is wrong."""
    row = _list_or_404(desk, settlement_id)
    act = Act(_("替店家登记异议"), _("异议已登记，答复以前不付。"), _of_list(desk, row), _lead(row))
    form = WordsForm(sent(request), label=_("店家说哪里不对"))
    return perform(request, act, form, actions.dispute_list, row)


@opens("settlements.freeze")
def answer(request: HttpRequest, desk: Desk, settlement_id: str) -> HttpResponse:
    """Answer what a shop says is wrong."""
    row = _list_or_404(desk, settlement_id)
    lead = _("名单已经冻结，不改。少算的补记核销，多算的撤销核销，都进下一份名单；答复会给店家看，等他再确认。")
    act = Act(_("答复异议"), _("已答复，等商户再确认。"), _of_list(desk, row), lead)
    form = WordsForm(sent(request), label=_("怎么答复"))
    return perform(request, act, form, actions.answer_dispute, row)


@opens("settlements.pay")
def pay(request: HttpRequest, desk: Desk, settlement_id: str) -> HttpResponse:
    """Write down a payment to a shop, for one list or several."""
    row = _list_or_404(desk, settlement_id)
    said = {"payer": row.paid_by.name, "payee": row.payee.name}
    lead = _("%(payer)s付给%(payee)s。可以付一部分，不能多付；几份名单一起付的，先付早的。") % said
    act = Act(_("登记付款"), _("付款已登记。"), _of_list(desk, row), lead)
    return perform(request, act, PayForm(sent(request), thing=row, desk=desk), actions.pay_shop, desk.street)


@opens("settlements.pay")
def repay(request: HttpRequest, desk: Desk, debtor_id: str) -> HttpResponse:
    """Write down that one unit paid another what the other had paid in its place."""
    debtor = get_object_or_404(Party, street=desk.street, public_id=debtor_id)
    lead = _("%(debtor)s还给替它付过的单位，抵完各家往来以后的数。") % {"debtor": debtor.name}
    act = Act(_("登记单位之间还款"), _("还款已登记。"), _crumbs(desk), lead)
    owes = {one.creditor: one.fen for one in SettlementsPage(desk, clock.now()).owes if one.debtor == debtor}
    form = RepayForm(sent(request), desk=desk, owes=owes, to=request.GET.get("to", ""))
    return perform(request, act, form, actions.repay_unit, desk.street, debtor)


@opens("settlements.see")
def payments(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every payment, the last first, also those that were taken back."""
    context = {"page": part(request, payments_of(desk.street)), "crumbs": _crumbs(desk)}
    return page(request, "settlements/payments.html", context)


@opens("settlements.pay")
def reverse(request: HttpRequest, desk: Desk, payment_id: str) -> HttpResponse:
    """Take back a payment that was written down wrong."""
    payment: SettlementPayment = or_404(the_payment(desk.street, payment_id))
    crumbs = _crumbs(desk, (_("付款"), desk.to("settlements:payments")))
    said = {"serial": payment.bank_serial, "payee": payment.payee.name, "sum": yuan(payment.amount_fen)}
    lead = _("流水号 %(serial)s，付给%(payee)s %(sum)s 元。撤销的是登记，不是银行的钱；流水号可以重新登记。") % said
    act = Act(_("撤销付款"), _("已撤销，名单又等着付。"), crumbs, lead, danger=True)
    return perform(request, act, ReasonForm(sent(request)), actions.reverse_payment, payment)


@opens("settlements.export")
@require_POST
def export(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The lines of a month's lists, or of one list, as a workbook."""
    of = {name: request.POST.get(name, "")[:20] for name in ("month", "list")}
    return take(desk, Wanted(What.SETTLEMENTS, of))
