"""案件: the list, one case and one task on a page each, and a page for each thing that may be done to them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from hege.cases import actions
from hege.cases.models import Case, CaseParty, CaseRequest, Task, TaskLink
from hege.cases.queries import cases_of, days_left, deciders_of, the_case, the_task
from hege.cases.requests import actions as requests
from hege.cases.rules import TO_DISPATCH, CaseState, RequestKind, keeps_its_clock, who_decides
from hege.cases.tasks import actions as tasks
from hege.people.queries import the_party
from hege.places.queries import top_of, workday_calendar
from hege.procedures import actions as procedures
from hege.web.access import Desk, View, opens
from hege.web.action_page import Act, Text, ToShare, perform, sent, verb
from hege.web.cases import forms
from hege.web.cases.page import TABS, WAYS, CasePage, TaskPage, begin, case_lines, shown
from hege.web.cases.urging import LateThings, urging_done, urgings_done, who_is_told
from hege.web.forms import Form, VersionForm
from hege.web.jinja import daylong, instant
from hege.web.links import in_full, onward, where
from hege.web.marks import Tab
from hege.web.pages import or_404, page
from hege.web.shared.requests import asks_for
from hege.web.shared.urging import Thing, Urges
from hege.web.stretch import stretch


def case_or_404(desk: Desk, case_id: str) -> Case:
    """The case, where this person may see it."""
    paths, party_ids = desk.paths("cases.see"), desk.party_ids("cases.see")
    return or_404(the_case(desk.street, case_id, paths=paths, party_ids=party_ids))


def crumbs_of(case: Case, desk: Desk) -> list[tuple[Text, str]]:
    """List, case."""
    return [(_("案件"), desk.to("cases:index")), (case.number, desk.to("cases:detail", case.public_id))]


def case_act(case: Case, desk: Desk, title: Text, done: Any, **more: Any) -> Act:
    """The page of one verb of a case."""
    return Act(title, done, crumbs_of(case, desk), **more)


@opens("cases.see")
def index(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The cases of one's part of the street, worst first; closed ones are hidden unless asked for."""
    tab = request.GET.get("show", "")
    rows = cases_of(desk.street, paths=desk.paths("cases.see"), party_ids=desk.party_ids("cases.see"))
    calendar = workday_calendar(desk.street)
    some, order = shown(rows, tab, desk, calendar=calendar)
    cases = stretch(request, some, order, case_lines)
    here = desk.to("cases:index")
    tabs = [Tab(label, f"{here}?show={t}" if t else here, t == tab) for t, label in TABS.items()]
    left = {case.pk: days_left(case, desk.today, calendar) for case in cases.object_list}
    late = [case for case in cases.object_list if left[case.pk] < 0]
    urges = Urges(desk, late, f"{here}?show={tab}" if tab in TABS and tab else here)
    shows = {"cases": cases, "tab": tab, "tab_items": tabs, "left": left, "late": late, "urges": urges}
    shows["latest_first"] = order.latest
    shows["to_dispatch"] = sum(case.state in TO_DISPATCH for case in cases.object_list)
    return page(request, "cases/index.html", shows)


@opens("cases.see")
def detail(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """One case on one page: where it stands, the next clock, parties, tasks, conferences, mediation, money, timeline."""
    return page(request, "cases/detail.html", {"c": CasePage(case_or_404(desk, case_id), desk)})


@opens("cases.open")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    """File a case, filled in with the report or the warning that led here; then on to the case."""
    initial, warning = begin(request, desk)
    form = forms.FileForm(sent(request), desk=desk, initial=initial)
    street = desk.street

    def open_case(**said: Any) -> Case:
        own = None if said["point"] or said["reports"] else top_of(street, desk.paths("cases.open"))
        return procedures.open_case(street, place=own, warning=warning, **said)

    act = Act(
        _("立案"), lambda made: _("已立案，案号 %(number)s。") % {"number": made.number},
        [(_("案件"), desk.to("cases:index"))], onward=lambda made: desk.to("cases:detail", made.public_id),
    )  # fmt: skip
    return perform(request, act, form, open_case)


@opens("cases.dispatch")
def dispatch(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Hand the case to the party that leads; its clock starts now, or goes on after a return."""
    case = case_or_404(desk, case_id)
    form = forms.DispatchForm(sent(request), thing=case, desk=desk)
    act = case_act(case, desk, WAYS["dispatch"].label, _("已派遣，期限从今天算。"))
    if keeps_its_clock(CaseState(case.state), due_on=case.due_on):
        day = {"day": daylong(case.due_on)}
        act.done, act.lead = _("已派遣，期限不变，还是 %(day)s。") % day, _("退单不重新计时，期限还是 %(day)s。") % day
    return perform(request, act, form, actions.dispatch_case, case)


@opens("cases.handle")
@require_POST
def sign(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """The leading party takes the case."""
    case = case_or_404(desk, case_id)
    act = case_act(case, desk, WAYS["sign"].label, _("已签收。"))
    return perform(request, act, VersionForm(request.POST, thing=case), actions.sign_for, case)


# -- requests ----------------------------------------------------------------------------------------------------------


def asked_for(asked: CaseRequest) -> str:
    """What came of asking: an earlier due day holds at once."""
    if asked.decided_at:
        return agreed(asked)
    return str(_("已提交：%(what)s，等召集人审批。")) % {"what": asks_for(asked)}


def decides(thing: Task | Case, desk: Desk) -> list[tuple[Text, Any]]:
    """Who will say yes or no, told before somebody asks."""
    return [(_("谁审批"), who_decides(len(deciders_of(thing, but=desk.user, on=desk.today))))]


def agreed(asked: CaseRequest) -> str:
    """What came of a yes."""
    said = {
        RequestKind.DUE: _("已改到 %(day)s。"),
        RequestKind.HOLD: _("已缓办，时限停走，%(day)s 恢复办理。"),
        RequestKind.VOID: _("案件已作废，来件已放出来重新核实。"),
    }
    return str(said[RequestKind(asked.kind)]) % {"day": daylong(asked.due_on or asked.until_on)}


# -- verbs that ask for nothing but their form -----------------------------------------------------------------------------

case_verb = partial(verb, case_act, case_or_404)


def step(name: str, action: Callable[..., Case], form: type[Form], done: Text) -> View:
    """The view of a step of a case: its right and its heading stand in ``WAYS``, which draws its button."""
    return case_verb(WAYS[name].right, action, form, WAYS[name].label, done)


contact = step("contact", actions.first_contact, forms.TextForm, _("已记下联系情况。"))
feedback = step("feedback", actions.give_feedback, forms.EvidenceForm, _("已反馈，等核查。"))
check = step("check", actions.inspect_case, forms.FindingForm, _("核查通过，可以结案。"))
rework = step("rework", actions.send_back_case, forms.ReworkForm, _("已退回返工。"))
close = step("close", procedures.close_case, forms.TextForm, _("已结案。"))
revisit = step("revisit", actions.revisit_case, forms.RevisitForm, _("已记下回访。"))
return_case = step("return", actions.return_case, forms.ReasonForm, _("已退单，原因已记下。"))
reopen = step("reopen", actions.reopen_case, forms.ReasonForm, _("已重新打开。"))
resume = case_verb("cases.dispatch", actions.resume_case, forms.ReasonForm, _("恢复办理"), _("已恢复办理。"))
hold = case_verb(
    WAYS["hold"].right, requests.ask_hold, forms.HoldForm, WAYS["hold"].label, asked_for,
    lead=_("同意前时限照走，同意那天起停走。"), looks=decides,
)  # fmt: skip
void = case_verb(
    WAYS["void"].right, procedures.ask_void, forms.WhyForm, WAYS["void"].label, asked_for,
    lead=_("立错、立重了的案件才作废。同意后并在案里的来件放出来重新核实，案号不再用。"), looks=decides,
)  # fmt: skip
agree = case_verb("cases.dispatch", procedures.agree_request, forms.RequestForm, _("同意申请"), agreed)
refuse = case_verb(
    "cases.dispatch", requests.refuse_request, forms.RefuseRequestForm, _("不同意申请"), _("已答复，一切照旧。")
)
follow = case_verb("cases.follow", actions.follow_case, Form, _("关注"), _("已关注：有新进展会在消息里告诉您。"))
unfollow = case_verb("cases.follow", actions.unfollow_case, Form, _("取消关注"), _("已取消关注。"))
note = case_verb("cases.note", actions.add_note, forms.NoteForm, _("写备注"), _("已写下。"))
add_party = case_verb(
    "cases.dispatch", actions.add_party, forms.PartyForm, _("加入参与方"), _("已加入。"),
    undo=lambda part: where("cases:end_party", part.case.street.code, part.case.public_id, part.pk),
)  # fmt: skip
add_task = case_verb(
    "cases.dispatch", tasks.add_task, forms.TaskForm, _("交办任务"), _("已交办，期限从今天算。"),
    undo=lambda task: where("cases:cancel_task", task.case.street.code, task.public_id),
)  # fmt: skip


@opens("cases.dispatch")
def end_party(request: HttpRequest, desk: Desk, case_id: str, part_id: int) -> HttpResponse:
    """A party has no part in the case any more."""
    case = case_or_404(desk, case_id)
    rows = CaseParty.objects.select_related("case", "party")
    row = get_object_or_404(rows, street=desk.street, case=case, pk=part_id)
    act = case_act(case, desk, _("%(party)s 退出本案") % {"party": row.party.name}, _("已退出。"))
    return perform(request, act, forms.EndPartyForm(sent(request)), actions.end_party, row)


# -- tasks -------------------------------------------------------------------------------------------------------------


def task_or_404(desk: Desk, task_id: str) -> Task:
    """The task, where this person may see its case."""
    task = or_404(the_task(desk.street, task_id))
    case_or_404(desk, task.case.public_id)
    return task


def task_act(task: Task, desk: Desk, title: Text, done: Any, **more: Any) -> Act:
    """The page of one verb of a task."""
    here = (task.title, desk.to("cases:task", task.public_id))
    return Act(title, done, [*crumbs_of(task.case, desk), here], **more)


@opens("cases.see")
def task(request: HttpRequest, desk: Desk, task_id: str) -> HttpResponse:
    """One task: what, who, by when, what came back, and the links that were made for it."""
    return page(request, "cases/task.html", {"t": TaskPage(task_or_404(desk, task_id), desk)})


task_verb = partial(verb, task_act, task_or_404)
sign_task = task_verb("cases.handle", tasks.sign_task, Form, _("任务签收"), _("已签收。"))
answer_task = task_verb("cases.handle", tasks.answer_task, forms.AnswerForm, _("任务答复"), _("已答复。"))
return_task = task_verb("cases.handle", tasks.return_task, forms.ReasonForm, _("退回任务"), _("已退回，原因已记下。"))
redirect_task = task_verb(
    "cases.dispatch", tasks.redirect_task, forms.RedirectForm, _("改派任务"), _("已改派，到期日不变。")
)
cancel_task = task_verb("cases.dispatch", tasks.cancel_task, forms.ReasonForm, _("取消任务"), _("已取消。"))


def passed_on(task: Task) -> str:
    """Who has it now."""
    return str(_("已转给%(whom)s，期限不变。")) % {"whom": task.handler.full_name if task.handler else ""}


ask_due = task_verb("cases.handle", requests.ask_due, forms.DueForm, _("申请改期"), asked_for, looks=decides)
pass_on = task_verb("cases.handle", tasks.pass_on_task, forms.PassForm, _("转办"), passed_on)
hold_task = task_verb(
    "cases.handle", requests.ask_hold, forms.HoldForm, _("申请缓办"), asked_for,
    lead=_("只停这一项任务的时限，案件照办。同意前时限照走，同意那天起停走。"), looks=decides,
)  # fmt: skip
resume_task = task_verb(
    "cases.dispatch", requests.resume_task, forms.WhyForm, _("恢复办理"), _("已恢复办理，期限已顺延。")
)
agree_task = task_verb("cases.dispatch", procedures.agree_request, forms.RequestForm, _("同意申请"), agreed)
refuse_task = task_verb(
    "cases.dispatch", requests.refuse_request, forms.RefuseRequestForm, _("不同意申请"), _("已答复，一切照旧。")
)


@opens("cases.ask")
def link(request: HttpRequest, desk: Desk, task_id: str) -> HttpResponse:
    """Make an expiring link for a party without an account; it is shown once, to be sent or read out."""
    task = task_or_404(desk, task_id)
    act = task_act(task, desk, _("发链接给外部单位"), partial(to_share, task, desk))
    return perform(request, act, forms.LinkForm(sent(request)), tasks.make_link, task)


def to_share(task: Task, desk: Desk, made: tuple[TaskLink, str]) -> ToShare:
    """What is sent to the party: what it is asked for by whom, where, and until when."""
    address = in_full(where("answer:open", made[1]))
    said = _(
        "%(street)s请%(party)s答复一件事，不用账号。打开 %(address)s 再按“打开这件事”。%(until)s 前有效，只能答复一次。"
    )
    names = {"street": desk.street.name, "party": task.party.name, "until": instant(made[0].expires_at)}
    return ToShare(str(said) % {**names, "address": address}, address)


@opens("cases.ask")
def revoke_link(request: HttpRequest, desk: Desk, link_id: int) -> HttpResponse:
    """Make a link worthless."""
    made = get_object_or_404(TaskLink.objects.select_related("task"), street=desk.street, pk=link_id)
    act = task_act(task_or_404(desk, made.task.public_id), desk, _("作废链接"), _("链接已作废。"))
    return perform(request, act, Form(sent(request)), tasks.revoke_link, made)


# -- urging ------------------------------------------------------------------------------------------------------------


def urge_page(request: HttpRequest, desk: Desk, thing: Thing, act: Act) -> HttpResponse:
    """Urge about one thing: at once where the button was pressed, with a word where one came for that."""
    form, urges = forms.UrgeForm(sent(request), initial={"back": request.GET.get("back", "")}), Urges(desk, [thing])
    act.lead = who_is_told(urges, thing)
    if not urges.arrives(thing):
        form.ask_how()
    if back := request.POST.get("back") or request.GET.get("back"):
        act.back = onward(back, desk.to("today:index"))
    return perform(request, act, form, tasks.urge, thing)


@opens("cases.ask")
def urge_task(request: HttpRequest, desk: Desk, task_id: str) -> HttpResponse:
    """Urge who has a task."""
    task = task_or_404(desk, task_id)
    return urge_page(request, desk, task, task_act(task, desk, _("催办"), urging_done))


@opens("cases.ask")
def urge(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Urge who leads a case."""
    case = case_or_404(desk, case_id)
    return urge_page(request, desk, case, case_act(case, desk, _("催办"), urging_done))


@opens("cases.ask")
def urge_all(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Urge about several late things at once; ``?party=`` those of one party."""
    party_id = request.GET.get("party", "")
    party = or_404(the_party(desk.street, party_id)) if party_id else None
    late = LateThings(desk, party)
    title = _("催办%(party)s") % {"party": party.name} if party else _("一起催办")
    act = Act(title, urgings_done, [(_("今天"), desk.to("today:index"))], lead=late.lead, button=_("催办勾选的"))
    form = forms.UrgeAllForm(sent(request), late=late)
    return perform(request, act, form, tasks.urge_all, template="cases/urge_all.html", late=late)
