"""Tasks of a case: who was asked for what, and the expiring link for a party without an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hege.cases.models import Task, TaskLink
from hege.cases.queries import the_task
from hege.cases.tasks import actions
from hege.kernel import clock
from hege.web.access import Desk, opens
from hege.web.action_page import Act, action_page
from hege.web.cases import forms
from hege.web.cases.board import TaskPage
from hege.web.cases.views import case_act, case_or_404
from hege.web.pages import form_page, page, refusals_to


def task_or_404(desk: Desk, task_id: str) -> Task:
    """The task, where this person may see its case."""
    task = the_task(desk.street, task_id)
    if task is None:
        raise Http404
    case_or_404(desk, task.case.public_id)
    return task


def task_act(task: Task, title: str | Promise, done: str | Promise) -> Act:
    """The page of one verb of a task."""
    code = task.street.code
    back = reverse("cases:task", args=(code, task.public_id))
    case = reverse("cases:detail", args=(code, task.case.public_id))
    crumbs = [(_("案件"), reverse("cases:index", args=(code,))), (task.case.number, case), (task.title, back)]
    return Act(title=title, button=title, done=done, back=back, crumbs=crumbs)


@opens("cases.see")
def detail(request: HttpRequest, desk: Desk, task_id: str) -> HttpResponse:
    """One task: what, who, by when, what came back, and the links that were made for it."""
    task = task_or_404(desk, task_id)
    return page(request, "cases/task.html", {"t": TaskPage(task, desk)})


@opens("cases.dispatch")
def add(request: HttpRequest, desk: Desk, case_id: str) -> HttpResponse:
    """Ask one party of the case for something."""
    case = case_or_404(desk, case_id)
    form = forms.TaskForm(request.POST or None, desk=desk)

    def do(said: Mapping[str, Any]) -> object:
        return actions.add_task(
            case, party=said["party"], title=said["title"], text=said["text"], days=said["days"],
            by=desk.user, at=clock.now(),
        )  # fmt: skip

    return action_page(request, case_act(case, _("交办任务"), _("已交办，期限从今天算。")), form, do)


@opens("cases.handle")
def sign(request: HttpRequest, desk: Desk, task_id: str) -> HttpResponse:
    """The party takes its task."""
    task = task_or_404(desk, task_id)
    form = forms.VersionForm(request.POST or None)
    act = task_act(task, _("任务签收"), _("已签收。"))
    return action_page(request, act, form, lambda _said: actions.sign_task(task, by=desk.user, at=clock.now()))


@opens("cases.handle")
def answer(request: HttpRequest, desk: Desk, task_id: str) -> HttpResponse:
    """The party says what it did."""
    task = task_or_404(desk, task_id)
    form = forms.AnswerForm(request.POST or None)
    act = task_act(task, _("任务答复"), _("已答复。"))
    return action_page(request, act, form, lambda said: actions.answer_task(task, **said, by=desk.user, at=clock.now()))


@opens("cases.handle")
def return_task(request: HttpRequest, desk: Desk, task_id: str) -> HttpResponse:
    """The party gives its task back, with a reason."""
    task = task_or_404(desk, task_id)
    form = forms.ReasonForm(request.POST or None)
    act = task_act(task, _("退回任务"), _("已退回，原因已记下。"))

    def do(said: Mapping[str, Any]) -> object:
        return actions.return_task(task, reason=said["reason"], by=desk.user, at=clock.now())

    return action_page(request, act, form, do)


@opens("cases.dispatch")
def redirect_task(request: HttpRequest, desk: Desk, task_id: str) -> HttpResponse:
    """Give a returned task to a party again."""
    task = task_or_404(desk, task_id)
    form = forms.RedirectForm(request.POST or None, desk=desk)
    act = task_act(task, _("改派任务"), _("已改派，到期日不变。"))

    def do(said: Mapping[str, Any]) -> object:
        return actions.redirect_task(task, party=said["party"], by=desk.user, at=clock.now())

    return action_page(request, act, form, do)


@opens("cases.dispatch")
def cancel(request: HttpRequest, desk: Desk, task_id: str) -> HttpResponse:
    """Take a task off, with a reason."""
    task = task_or_404(desk, task_id)
    form = forms.ReasonForm(request.POST or None)
    act = task_act(task, _("取消任务"), _("已取消。"))

    def do(said: Mapping[str, Any]) -> object:
        return actions.cancel_task(task, reason=said["reason"], by=desk.user, at=clock.now())

    return action_page(request, act, form, do)


@opens("cases.ask")
def link(request: HttpRequest, desk: Desk, task_id: str) -> HttpResponse:
    """Make an expiring link for a party without an account; it is shown once, to be sent or read out."""
    task = task_or_404(desk, task_id)
    form = forms.LinkForm(request.POST or None)
    act = task_act(task, _("发链接给外部单位"), _("链接已作好，只显示这一次："))
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            _made, token = actions.make_link(task, days=form.cleaned_data["days"], by=desk.user, at=clock.now())
            address = request.build_absolute_uri(reverse("answer:open", args=(token,)))
            messages.success(request, f"{act.done} {address}")
            return redirect(act.back)
    return form_page(request, "act.html", {"act": act, "form": form}, form)


@opens("cases.ask")
def revoke(request: HttpRequest, desk: Desk, link_id: int) -> HttpResponse:
    """Make a link worthless."""
    made = get_object_or_404(TaskLink.objects.select_related("task"), street=desk.street, pk=link_id)
    task = task_or_404(desk, made.task.public_id)
    form = forms.VersionForm(request.POST or None)
    act = task_act(task, _("作废链接"), _("链接已作废。"))
    return action_page(request, act, form, lambda _said: actions.revoke_link(made, by=desk.user, at=clock.now()))
