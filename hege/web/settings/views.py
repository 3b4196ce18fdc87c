"""参数与日历: the office's own figures and the working-day calendar, each change with its reason or document."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from hege.arrears.actions import set_threshold
from hege.arrears.queries import thresholds_of
from hege.arrears.rules import (
    DEFAULT_THRESHOLDS,
    LEAST_THRESHOLDS,
    ThresholdKind,
    ThresholdRow,
    check_back_dating,
    check_threshold,
)
from hege.billing.models import UtilityAccount
from hege.billing.payee.actions import confirm_account, end_account, name_account
from hege.billing.payee.queries import accounts_of
from hege.billing.tariff.actions import adopt_tariff
from hege.kernel import clock
from hege.places import actions
from hege.places.notice import NoticeDay, read_notice
from hege.places.queries import calendar_years
from hege.places.staff.actions import ask_to_turn_off, turn_on_second_person
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent
from hege.web.links import where
from hege.web.marks import Tab
from hege.web.pages import form_page, or_404, page, refusals_to
from hege.web.settings.forms import AccountForm, DayForm, NothingForm, NoticeForm, ReasonForm, TariffForm, ThresholdForm
from hege.web.settings.page import Moves, ShownAccount, Span, exceptional, figures, spans, tariffs

#: No office plans further than this; another year in the address is a mistake.
FIRST_YEAR, LAST_YEAR = 2000, 2100


@opens("settings.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Each figure: what holds, what held by default, who changed it when and why."""
    shown = {
        "accounts": [ShownAccount(a, desk) for a in accounts_of(desk.street)],
        "figures": figures(desk.street, on=desk.today),
        "tariffs": tariffs(desk.street, on=desk.today),
    }
    return page(request, "settings/index.html", shown)


def _act(desk: Desk, title: Text, done: str, lead: str, button: str) -> Act:
    return Act(title, done, [(_("参数与日历"), where("settings:index", desk.street.code))], lead, button)


def threshold_or_404(kind: str) -> ThresholdKind:
    """One of the figures there are."""
    if kind not in ThresholdKind.values:
        raise Http404
    return ThresholdKind(kind)


@opens("settings.see")
def threshold_history(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    """All values one figure was ever given: from which day, by what, by whom."""
    which = threshold_or_404(kind)
    shown = next(figure for figure in figures(desk.street, on=desk.today) if figure.kind is which)
    return page(request, "settings/history.html", {"figure": shown})


@opens("settings.change")
def threshold(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    """Set one figure from a day on, by a source; from a day gone by only after what it moves was shown."""
    which = threshold_or_404(kind)
    now, least = thresholds_of(desk.street, on=desk.today)[which], LEAST_THRESHOLDS.get(which, 0)
    lead = _("现在是 %(now)d，默认 %(default)d，最少 %(least)d。从您写的那天起按新的算，已经定下的期限不变。") % {
        "now": now, "default": DEFAULT_THRESHOLDS[which], "least": least,
    }  # fmt: skip
    act = _act(desk, which.label, _("已改，从哪天起和依据都记下了。"), lead, _("改参数"))
    form = ThresholdForm(request.POST or None, initial={"value": now, "from_on": desk.today})
    moves = what_it_moves(form, which, desk) if request.method == "POST" and form.is_valid() else None
    if moves is None:
        return perform(request, act, form, partial(set_threshold, kind=which), desk.street)
    form = ThresholdForm({**form.said, "seen": form.digest})
    act = replace(act, button=_("看过了，照改"), danger=True)
    return form_page(request, "settings/threshold.html", {"act": act, "form": form, "moves": moves}, form)


def what_it_moves(form: ThresholdForm, which: ThresholdKind, desk: Desk) -> Moves | None:
    """What a value from a day gone by would say otherwise, where that was not shown yet and nothing else is wrong with it."""
    said = form.said
    if said["from_on"] >= desk.today or form.cleaned_data["seen"] == form.digest:
        return None
    with refusals_to(form):
        check_threshold(which, said["value"])
        check_back_dating(said["from_on"], today=desk.today, reason=said["reason"])
        return Moves.of(desk, ThresholdRow(which, said["value"], said["from_on"]))
    return None


@opens("settings.change")
def second_person(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Ask for a second person from now on; to go on without one takes a second person too."""
    form = ReasonForm(request.POST or None)
    if desk.street.second_person:
        lead = _("停用也要双人复核：提出以后，由另一位管理员在“人员与岗位”里同意才算数。")
        act = _act(desk, _("停用双人复核"), _("已提出，等另一位管理员同意。"), lead, _("提出申请"))
        return perform(request, act, form, ask_to_turn_off, desk.street)
    lead = _("以后新增人员、授予岗位、重发密码、恢复登录，由一位管理员提出，另一位同意才算数；停用也是这样。")
    act = _act(desk, _("启用双人复核"), _("已启用。"), lead, _("启用双人复核"))
    return perform(request, act, form, turn_on_second_person, desk.street)


def account_or_404(desk: Desk, account_id: int) -> UtilityAccount:
    """One of this street's."""
    found = accounts_of(desk.street).select_related("street__trail_head", "named_by", "confirmed_by")
    account: UtilityAccount = or_404(found.filter(pk=account_id).first())
    return account


@opens("settings.pay_to")
def account(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Enter the utility's account from its letter; another person checks it before any shop reads it."""
    lead = _(
        "只登记水务公司来函写明的它自己的账户。另一个人照函核对以后，店主才看得到；街道和代收人的账户都不能写在这里。"
    )
    act = _act(desk, _("登记收款账户"), _("已登记，等另一个人核对。"), lead, _("登记"))
    return perform(request, act, AccountForm(request.POST or None), name_account, desk.street)


@opens("settings.pay_to")
def confirm(request: HttpRequest, desk: Desk, account_id: int) -> HttpResponse:
    """Say that it is as the letter has it."""
    found = account_or_404(desk, account_id)
    lead = _("请拿水务公司的函逐字对一遍：%(holder)s，%(bank)s，%(number)s，%(document)s。") % {
        "holder": found.holder, "bank": found.bank, "number": found.number, "document": found.document,
    }  # fmt: skip
    act = _act(desk, _("核对收款账户"), _("已核对，店主现在看得到。"), lead, _("和函一致"))
    return perform(request, act, NothingForm(sent(request)), confirm_account, found)


@opens("settings.pay_to")
def end(request: HttpRequest, desk: Desk, account_id: int) -> HttpResponse:
    """Show it no more."""
    lead = _("店主马上看不到它。要换新的，请另外登记。")
    act = _act(desk, _("停用收款账户"), _("已停用。"), lead, _("停用"))
    return perform(request, act, ReasonForm(request.POST or None), end_account, account_or_404(desk, account_id))


@opens("settings.change")
def tariff(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Write down the price list that holds from a day on, with its document."""
    lead = _(
        "账单总是照水司印的入账；登记水价只用来核对，不符的写明差多少，由你们向水司问。登记错了就再登记一份，后登记的算数。"
    )
    act = _act(desk, _("登记水价"), _("已登记，账单按它核对。"), lead, _("登记"))
    return perform(request, act, TariffForm(request.POST or None), adopt_tariff, desk.street)


def _year(text: str, today: int) -> int:
    return int(text) if text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR else today


@opens("settings.see")
def calendar(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The days of a year that differ from Monday to Friday, and which years nobody has confirmed."""
    years = calendar_years(desk.street)
    year = _year(request.GET.get("year", ""), desk.today.year)
    shown = sorted({*years, desk.today.year, desk.today.year + 1, year})
    here = where("settings:calendar", desk.street.code)
    unsure = {y: "" if years.get(y) else _("（未确认）") for y in shown}
    tabs = [Tab(_("%(year)s 年") % {"year": y} + unsure[y], f"{here}?year={y}", y == year) for y in shown]
    context = {
        "year": year, "confirmed": {y: years.get(y, False) for y in shown}, "tabs": tabs,
        "spans": exceptional(desk.street, year),
    }  # fmt: skip
    return page(request, "settings/calendar.html", context)


def _calendar_act(desk: Desk, year: int, title: str, done: str, lead: str = "", button: str = "") -> Act:
    act = _act(desk, title, done, lead, button)
    back = where("settings:calendar", desk.street.code) + f"?year={year}"
    return replace(act, crumbs=[*act.crumbs, (_("工作日历"), back)], back=back)


@opens("settings.change")
def mark(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Say of one day whether offices work, with the document that says so."""
    year = _year(request.GET.get("year", ""), desk.today.year)
    lead = _("以后算期限都按它算；已经定下的到期日不变，还剩几个工作日会跟着变。只改本街道的日历。")
    act = _calendar_act(desk, year, _("改一天"), _("已改，依据记在日历上。"), lead)
    return perform(request, act, DayForm(request.POST or None), actions.mark_day, desk.street)


@opens("settings.change")
def notice(request: HttpRequest, desk: Desk, year: int) -> HttpResponse:
    """Enter a year's holiday notice: paste it, look at the days read from it, and confirm the year by it."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Http404
    title = _("录入 %(year)d 年的放假通知") % {"year": year}
    act = _calendar_act(desk, year, title, _("已录入，这一年已经确认。"), button=_("看读出的日子"))
    form, days = NoticeForm(request.POST or None), list[NoticeDay]()
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            text, source = form.cleaned_data["text"], form.cleaned_data["source"]
            if form.cleaned_data["seen"] == form.digest:
                actions.take_notice(desk.street, year=year, text=text, source=source, by=desk.user, at=clock.now())
                messages.success(request, str(act.done))
                return redirect(act.back)
            days = read_notice(text, year)
            form = NoticeForm({"text": text, "source": source, "seen": form.digest})
            act = replace(act, button=_("登记这些日子"))
    context = {"act": act, "form": form, "days": spans(Span(d.day, d.day, d.works, d.name) for d in days)}
    return form_page(request, "settings/notice.html", context, form)
