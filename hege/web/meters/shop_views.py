"""One shop behind a master meter as the office sees it: its account, and what a visit writes down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from hege.billing.actions import AcknowledgementDraft, PaymentDraft, take_payments
from hege.billing.actions import acknowledge_debts as write_down
from hege.billing.applying.queries import nameable
from hege.billing.applying.rules import called
from hege.cases.models import SurveyVisit
from hege.cases.reports.actions import write_down_visit
from hege.imports.keys import look_alike
from hege.kernel.money import yuan
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.places.models import Unit
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent_with_files
from hege.web.files import takes_files
from hege.web.links import where
from hege.web.meters.forms import AcknowledgementForm, PaymentForm, VisitForm
from hege.web.meters.shop_page import ShopAccount
from hege.web.pages import or_404, page
from hege.web.shared.kept_files import files_shown
from hege.web.shared.scope import point_or_404
from hege.web.shop.page import ShopPage


def account_or_404(desk: Desk, code: str, unit_code: str, verb: str = "meters.see") -> ShopAccount:
    """A shop that is or was behind a master meter, as far as the person may see it for a verb; 404 otherwise."""
    point = point_or_404(desk, code, verb)
    units = Unit.objects.filter(street=desk.street, code=unit_code, connections__point=point)
    return ShopAccount(point, or_404(units.select_related("street", "place").first()), desk.today)


def _act(account: ShopAccount, title: str, done: Text | Callable[[Any], Text], **more: Any) -> Act:
    back = where("meters:shop", account.unit.street.code, account.point.code, account.unit.code)
    return Act(title, done, back=back, **more)


_perform = partial(perform, template="meters/shop_form.html")


@opens("meters.see")
def shop(request: HttpRequest, desk: Desk, code: str, unit_code: str) -> HttpResponse:
    """One shop's account with its tenancies, shares, payments, admissions and visits."""
    account = account_or_404(desk, code, unit_code)
    files = files_shown(desk, "visits", [visit.pk for visit in account.visits])
    signed = files_shown(desk, "acknowledgements", [said.pk for said in account.acknowledgements])
    paid = files_shown(desk, "transactions", [payment.transaction_id for payment in account.payments])
    return page(request, "meters/shop.html", {"account": account, "files": files, "signed": signed, "paid": paid})


@opens("meters.see")
def keeper(request: HttpRequest, desk: Desk, code: str, unit_code: str) -> HttpResponse:
    """What the shop keeper sees behind the code on the poster: the same answers, by the same page object."""
    account = account_or_404(desk, code, unit_code)
    seen = ShopPage(account.unit, desk.today)
    context = {"point": account.point, "account": account, "s": seen, "payments": seen.told_payments, "token": ""}
    return page(request, "meters/keeper.html", context)


@takes_files(VisitForm)
@opens("meters.visit")
def visit(request: HttpRequest, desk: Desk, code: str, unit_code: str) -> HttpResponse:
    """Write down what a visit found."""
    account = account_or_404(desk, code, unit_code, "meters.visit")

    def said(visit: SurveyVisit) -> str:
        return _("走访已登记，也登记为来件。") if visit.report else _("走访已登记。")

    def onward(visit: SurveyVisit) -> str:
        return where("reports:detail", desk.street.code, visit.report.public_id) if visit.report else act.back

    act = _act(account, _("登记走访"), said, onward=onward)
    form = VisitForm(*sent_with_files(request), thing=account.point, desk=desk)
    action = partial(write_down_visit, point=account.point)
    return _perform(request, act, form, action, account.unit, account=account)


@takes_files(AcknowledgementForm)
@opens("meters.visit")
def acknowledge(request: HttpRequest, desk: Desk, code: str, unit_code: str) -> HttpResponse:
    """Write down what the present tenant admits in writing that it has not paid."""
    account = account_or_404(desk, code, unit_code, "meters.visit")

    def action(*, by: Any, at: Any, **said: Any) -> object:
        draft = AcknowledgementDraft(point=account.point, tenancy=account.tenancy_on(said["on"]), **said)
        return write_down(desk.street, [draft], by=by, at=at)

    act = _act(account, _("登记承认欠费"), _("已记下店主的书面承认。"), button=_("登记承认"))
    form = AcknowledgementForm(*sent_with_files(request), initial={"on": desk.today})
    return _perform(request, act, form, action, account=account)


def check_another(draft: PaymentDraft, street: Street) -> None:
    """Refuse a payment that may stand already, until somebody says that it is another one: money is booked once,
    whatever the paper."""
    alike = look_alike(draft, street=street)
    if alike:
        raise Refused(
            _("可能就是这一笔：%(alike)s。是同一笔，不用再登记，可到那一笔添证据；确是另一笔，请勾选后再入账。"),
            alike=alike, field="another",
        )  # fmt: skip


@takes_files(PaymentForm)
@opens("meters.visit")
def pay(request: HttpRequest, desk: Desk, code: str, unit_code: str) -> HttpResponse:
    """Book a payment of the shop, with the receipt that was seen or on its word alone."""
    account = account_or_404(desk, code, unit_code, "meters.visit")

    def action(*, proven: bool, another: bool, by: Any, at: Any, **said: Any) -> object:
        tenancy = account.tenancy_on(said["on"])
        draft = PaymentDraft(point=account.point, confirmed=proven, tenancy=tenancy, **said)
        if not another:
            check_another(draft, desk.street)
        return take_payments(desk.street, [draft], by=by, at=at)

    act = _act(account, _("登记付款"), _("已入账。"), button=_("入账"))
    form = PaymentForm(*sent_with_files(request), debts=_nameable(account, desk.today))
    return _perform(request, act, form, action, account=account)


def _nameable(account: ShopAccount, on: dt.date) -> list[tuple[str, str]]:
    """What the shop's payments may be named for today, the oldest first: code, and number with what is left."""
    if account.current is None:
        return []
    key = (account.point.book_id, account.current.pk)
    known = nameable(account.point.street, [key])[key]
    left = sorted((known.debts[debt.code].due_on, debt) for debt in known.on(on).values() if debt.left_fen > 0)
    words = _("%(number)s，还差 %(fen)s 元")
    return [(d.code, words % {"number": called([d.code]), "fen": yuan(d.left_fen)}) for _due_on, d in left]
