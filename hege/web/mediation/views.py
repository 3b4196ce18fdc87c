"""调解与协议: the lists, a file and an agreement on a page each, and the way of the law: 受理 → 草案 → 打印 → 签名 → 登记."""

from __future__ import annotations

import calendar
import datetime as dt
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from hege.arrears.cutoff.queries import awaits_consent
from hege.cases.models import Case
from hege.cases.queries import parties_of as parts_of
from hege.cases.rules import PartyRole
from hege.kernel.money import split
from hege.mediation import queries
from hege.mediation.agreements import actions as agreements
from hege.mediation.dossier import actions
from hege.mediation.models import Agreement, AgreementDraft, Dossier, MediationParty
from hege.mediation.rules import AGREEMENT_OVER, AgreementForm, PartySide
from hege.web.access import Desk, opens
from hege.web.action_page import Act, Text, perform, sent, sent_with_files, verb
from hege.web.cases.views import case_act, case_or_404
from hege.web.files import bringing, takes_files
from hege.web.forms import Form
from hege.web.marks import Tab
from hege.web.mediation import forms
from hege.web.mediation.page import AgreementPage, DueRow, FileList, FilePage
from hege.web.mediation.paper import Paper
from hege.web.pages import or_404, page, part
from hege.web.shared.kept_files import files_shown

MOST_DUE = 8


def file_or_404(desk: Desk, file_id: str) -> Dossier:
    """The file, where this person may see it."""
    return or_404(queries.the_file(desk.street, file_id, paths=desk.paths("mediation.see")))


def crumbs_of(file: Dossier, desk: Desk) -> list[tuple[Text, str]]:
    """List, file."""
    return [(_("调解与协议"), desk.to("mediation:index")), (file.number, desk.to("mediation:file", file.public_id))]


def file_act(file: Dossier, desk: Desk, title: Text, done: Any = "", **more: Any) -> Act:
    """The page of one verb of a file."""
    return Act(title, done, crumbs_of(file, desk), **more)


@opens("mediation.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The mediation files, the oldest open one first; above them the agreements with the next clock."""
    found, paths = FileList(desk, request.GET.get("show", "")), desk.paths("mediation.see")
    context = {
        "list": found,
        "rows": part(request, found.ordered),
        "shown": DueRow,
        "due": queries.agreements_due(desk.street, desk.today, paths=paths)[:MOST_DUE],
        "clocks": {c.agreement.pk: c for c in queries.confirmations_due(desk.street, desk.today, paths=paths)},
    }
    return page(request, "mediation/index.html", context)


@opens("mediation.see")
def detail(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """One file: the thirteen documents, the parties, the records, the agreement."""
    file = file_or_404(desk, file_id)
    crumbs = crumbs_of(file, desk)[:1]
    if file.case:
        case = desk.to("cases:detail", file.case.public_id)
        crumbs.append((_("案 %(number)s") % {"number": file.case.number}, case))
    kept = files_shown(desk, "dossiers", [file.pk])[file.pk]
    return page(
        request, "mediation/detail.html", {"f": FilePage(file, desk), "file": file, "crumbs": crumbs, "kept": kept}
    )


# -- a file from its application to the archive ------------------------------------------------------------------------


def _first_guess(case: Case, desk: Desk) -> dict[str, Any]:
    """The utility against the agent, the shops as third party: what a debt of a master meter usually is."""
    parts: dict[str, list[int]] = {}
    for row in parts_of(case, on=desk.today):
        parts.setdefault(row.role, []).append(row.party_id)
    return {
        "summary": case.summary or case.title,
        "applicants": parts.get(PartyRole.UTILITY, []),
        "respondents": parts.get(PartyRole.AGENT, []),
        "thirds": parts.get(PartyRole.SHOP, []),
        "mediator": desk.user.pk,
    }


@opens("mediation.open")
def open_file(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Register a mediation about a case, with the documents it is going to need."""
    case = case_or_404(desk, case_id)
    form = forms.OpenForm(sent(request), thing=case, desk=desk, initial=_first_guess(case, desk))
    act = case_act(
        case, desk, _("受理调解"), lambda made: _("已受理，卷号 %(number)s。") % {"number": made.number},
        button=_("受理"), lead=_("人民调解不收费；有一方明确拒绝的，不能调解。"),
        onward=lambda made: desk.to("mediation:file", made.public_id),
    )  # fmt: skip
    return perform(request, act, form, partial(actions.open_file, case=case, point=case.point), desk.street)


@takes_files(forms.DocumentForm)
@opens("mediation.mediate")
def document(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """Put a paper into the file."""
    file = file_or_404(desk, file_id)
    form = forms.DocumentForm(*sent_with_files(request), thing=file, initial={"kind": request.GET.get("kind")})
    act = file_act(file, desk, _("归入文书"), _("已归入卷宗。"), button=_("归入卷宗"))
    if file.archived_on is not None:
        act.title, act.button = _("补充文书"), _("登记补充")
        act.lead = _("卷宗已归档：已有的文书不再改，补充的另记一行，写明日期。")
    return perform(request, act, form, bringing(actions.file_document, about=lambda _made: file), file)


@opens("mediation.mediate")
def particulars(request: HttpRequest, desk: Desk, file_id: str, party_id: str) -> HttpResponse:
    """Who a party is, as the agreement names it."""
    file = file_or_404(desk, file_id)
    row = or_404(queries.parties_of(file).filter(party__public_id=party_id).first())
    row.file = file
    title, lead = _("%(who)s的基本情况") % {"who": row.party.name}, _("只印在协议书上，只给调解员看，不进留痕。")
    act = file_act(file, desk, title, _("已记下。"), button=_("记下"), lead=lead)
    form = forms.ParticularsForm(sent(request), thing=row)
    return perform(request, act, form, agreements.write_particulars, row)


file_verb = partial(verb, file_act, file_or_404, "mediation.mediate")
rights = file_verb(
    actions.tell_rights, forms.RightsForm, _("告知权利义务"), _("已记下告知。"),
    lead=_("可以选调解员，可以接受、拒绝或者随时不调，可以公开也可以不公开（人民调解法第二十三条）。"),
)  # fmt: skip
session = file_verb(actions.record_session, forms.SessionForm, _("写调解记录"), _("已记入卷宗。"), button=_("记入卷宗"))
fail = file_verb(
    actions.fail_mediation, forms.WhyForm, _("调解不成"), _("已写进卷宗。"),
    lead=_("调解不成的，要告知当事人可以仲裁、行政处理或者诉讼（人民调解法第二十六条）。"),
)  # fmt: skip
terminate = file_verb(actions.terminate_mediation, forms.WhyForm, _("终止调解"), _("已写进卷宗。"))
withdraw = file_verb(actions.withdraw_application, forms.WhyForm, _("撤回申请"), _("已写进卷宗。"))
archive = file_verb(
    actions.archive_dossier, Form, _("归档"), _("已归档。"),
    lead=_(
        "归档以后卷宗不能再改，只能补充履行凭证、回访记录和司法确认材料。必须的文书一份都不能缺，也不能是空的。封底由系统按卷内文书写成。"
    ),
)  # fmt: skip
authorise = file_verb(
    agreements.authorise_delegate, forms.AuthoriseForm, _("登记授权委托书"), _("已登记。"), button=_("登记"),
    lead=_("一个人替别人签名，每一个被代的人都要有授权委托书（民法典第一百六十五条）；一份委托书可以列多户。"),
)  # fmt: skip


# -- the way to an agreement -------------------------------------------------------------------------------------------


def _plan(request: HttpRequest, debt_fen: int) -> tuple[forms.PlanForm, list[tuple[dt.date, int]]]:
    """Equal parts a month apart, when asked for in the address."""
    plan = forms.PlanForm(request.GET if "parts" in request.GET else None)
    if not plan.is_valid() or debt_fen <= 0:
        return plan, []
    parts, first = plan.cleaned_data["parts"], plan.cleaned_data["first"]
    months = [_months_after(first, n) for n in range(parts)]
    return plan, list(zip(months, split(debt_fen, [1] * parts), strict=True))


def _months_after(day: dt.date, months: int) -> dt.date:
    """The same day some months on; the last day of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _first_words(
    file: Dossier, standing: AgreementDraft | None, parties: list[MediationParty], payable: int, desk: Desk
) -> dict[str, Any]:
    """The draft as it stands; else the ledger's debt today."""
    if standing is not None:
        names = ("form", "debtor", "debt_fen", "counted_on", "difference", "facts", "terms", "statement", "committee")
        return {n: getattr(standing, n) for n in (*names, "manner", "payee", "bank", "account", "point")}
    debtor = next((row.party_id for row in parties if row.side == PartySide.RESPONDENT), None)
    return {
        "debt_fen": payable or None, "counted_on": desk.today, "debtor": debtor,
        "committee": queries.committee_of(file),
    }  # fmt: skip


@opens("mediation.mediate")
def draft(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """Write the draft: the sum comes from the ledger, the schedule must add up to it, the account is named."""
    file = file_or_404(desk, file_id)
    parties, standing = list(queries.parties_of(file)), queries.draft_of(file)
    payable = queries.payable_fen(file.point, on=desk.today) if file.point else 0
    plan, planned = _plan(request, payable)
    if standing is not None and not planned:
        planned = [(dt.date.fromisoformat(day), fen) for day, fen in standing.schedule]
    initial = _first_words(file, standing, parties, payable, desk)
    form = forms.DraftForm(
        sent(request), parties=parties, point=file.point, desk=desk, planned=planned, initial=initial
    )
    act = file_act(file, desk, _("拟协议草案"), _("草案已存。下一步：打印出来，让各方签名。"), button=_("存草案"))
    return perform(
        request, act, form, agreements.draft_agreement, file,
        template="mediation/draft.html", plan=plan, file=file, payable=payable,
    )  # fmt: skip


@opens("mediation.mediate")
def print_draft(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """Freeze the draft as the print that is going to be signed."""
    file = file_or_404(desk, file_id)
    lead = _("印上校验码，各方只能在这一稿上签名；草案、当事人情况或授权再改，要重新打印。")
    act = file_act(file, desk, _("打印协议"), button=_("定稿打印"), lead=lead)
    act.onward = lambda _made: desk.to("mediation:print_paper", file.public_id)
    return perform(request, act, Form(sent(request)), agreements.print_agreement, file)


@opens("mediation.mediate")
def print_paper(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """The last print on paper, with lines to sign on."""
    file = file_or_404(desk, file_id)
    printed = or_404(queries.latest_print(file))
    context = {"paper": Paper.of_print(printed, file, desk), "crumbs": crumbs_of(file, desk)}
    return page(request, "mediation/paper.html", context)


@takes_files(forms.SignForm)
@opens("mediation.mediate")
def sign(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """Enter who has signed the print, and when."""
    file = file_or_404(desk, file_id)
    printed = queries.latest_print(file)
    lead = _("照打印稿上的签名登记，没有签的空着，以后再登。") if printed else _("协议还没有打印，先打印再签名。")
    act = file_act(file, desk, _("登记签名"), _("已登记签名。"), lead=lead)
    form = forms.SignForm(*sent_with_files(request), thing=file, printed=printed)
    return perform(request, act, form, bringing(agreements.sign_agreement, about=lambda _made: file), file)


@opens("mediation.mediate")
def record(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    """The committee has sealed it, or the parties have agreed by word of mouth: it stands."""
    file = file_or_404(desk, file_id)
    standing = queries.draft_of(file)
    form: type[Form] = forms.SealForm
    lead = _("各方和调解员都签了名，盖上调委会印章，协议生效。")
    if standing is not None and standing.form == AgreementForm.ORAL:
        form, lead = forms.OralForm, _("口头协议自达成之日起生效，由调解员记录内容。")

    def onward(made: Agreement) -> str:
        if awaits_consent(made, on=desk.today):
            messages.warning(request, str(_("还没有登记水务公司的同意，暂缓停水仍按原来的日期和条件。")))
        return desk.to("mediation:agreement", made.public_id)

    act = file_act(
        file, desk, _("登记协议"), lambda made: _("协议已登记，%(day)s 起生效。") % {"day": made.effective_on.isoformat()},
        button=_("登记生效"), lead=lead, onward=onward,
    )  # fmt: skip
    return perform(request, act, form(sent(request)), agreements.record_agreement, file)


# -- an agreement, and what comes after it -----------------------------------------------------------------------------


def agreement_or_404(desk: Desk, agreement_id: str) -> Agreement:
    """The agreement, where this person may see it; a collecting agent sees none but its own."""
    agreement = or_404(queries.the_agreement(desk.street, agreement_id, paths=desk.paths("agreements.see")))
    mine = desk.party_ids("agreements.see")
    if mine is not None and agreement.debtor_id not in mine:
        raise Http404
    agreement.file.street = agreement.point.street = agreement.street
    return agreement


def agreement_crumbs(agreement: Agreement, desk: Desk) -> list[tuple[Text, str]]:
    """File and agreement; who may not see the file starts at the agreements."""
    here = (_("协议"), desk.to("mediation:agreement", agreement.public_id))
    if desk.may("mediation.see"):
        return [*crumbs_of(agreement.file, desk), here]
    return [(_("调解协议"), desk.to("mediation:agreements")), here]


def agreement_act(agreement: Agreement, desk: Desk, title: Text, done: Text, **more: Any) -> Act:
    """The page of one verb of an agreement."""
    return Act(title, done, agreement_crumbs(agreement, desk), **more)


@opens("agreements.see")
def agreement_list(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The agreements, the next instalment due first; those performed or superseded are hidden unless asked for."""
    paths, mine = desk.paths("agreements.see"), desk.party_ids("agreements.see")
    show, here = request.GET.get("show", ""), desk.to("mediation:agreements")
    ended = show == "performed"
    if ended:
        over = queries.agreements_of(desk.street, paths=paths).filter(state__in=AGREEMENT_OVER)
        found = queries.dues(over.select_related("street"), on=desk.today)
    else:
        found = queries.agreements_due(desk.street, desk.today, paths=paths)
    found = found if mine is None else [row for row in found if row.agreement.debtor_id in mine]
    rows = part(request, found)
    tabs = [
        Tab(_("下一期先到的在前"), here, current=not ended),
        Tab(_("已了结"), f"{here}?show=performed", current=ended),
    ]
    return page(request, "mediation/agreements.html", {"rows": rows, "show": show, "tabs": tabs, "shown": DueRow})


@opens("agreements.see")
def agreement(request: HttpRequest, desk: Desk, agreement_id: str) -> HttpResponse:
    """One agreement: what is due, what has arrived by the ledger, its words, signatures and clock."""
    found = agreement_or_404(desk, agreement_id)
    context = {"p": AgreementPage(found, desk), "a": found, "crumbs": agreement_crumbs(found, desk)[:-1]}
    return page(request, "mediation/agreement.html", context)


@opens("agreements.see")
def paper(request: HttpRequest, desk: Desk, agreement_id: str) -> HttpResponse:
    """The agreement as a paper to print and keep."""
    found = agreement_or_404(desk, agreement_id)
    context = {"paper": Paper.of_agreement(found, desk), "crumbs": agreement_crumbs(found, desk)}
    return page(request, "mediation/paper.html", context)


agreement_verb = partial(verb, agreement_act, agreement_or_404, "mediation.mediate")
apply = agreement_verb(
    agreements.apply_for_confirmation, forms.ApplyForm, _("申请司法确认"), _("已登记申请。"),
    lead=_("协议生效三十日内，由各方当事人共同申请。"),
)  # fmt: skip
ruling = agreement_verb(agreements.record_confirmation, forms.RulingForm, _("登记司法确认结果"), _("已登记。"))
performed = agreement_verb(
    agreements.mark_performed, Form, _("登记履行完毕"), _("已履行完毕。"),
    lead=_("账上每一期都到了水务公司才能登记。"),
)  # fmt: skip
breached = agreement_verb(
    agreements.mark_breached, Form, _("登记违约"), _("已登记违约。"), danger=True,
    lead=_("账上有一期没有按时到账。登记以后，由它维持的暂缓停水随每日核对失效。"),
)  # fmt: skip
visit = agreement_verb(agreements.record_return_visit, forms.VisitForm, _("回访"), _("已记下回访。"))
