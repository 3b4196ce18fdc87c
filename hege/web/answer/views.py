"""The outsider's page behind an expiring link (外单位链接答复): one matter, one question, no account.

Looking opens nothing: mail programs and messengers fetch every link they see. The bearer presses a button, which
is counted and put on the trail; then the question is shown, and answered once. Redirects are relative, so that the
secret is written down nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hege.attachments.models import Attachment
from hege.attachments.queries import files_of
from hege.cases.models import Task, TaskLink
from hege.cases.queries import link_by_token, link_hash, said_by_link
from hege.cases.rules import LineKind
from hege.cases.tasks.actions import answer_by_link, open_link
from hege.conferences.queries import open_decisions
from hege.conferences.rules import DecisionState
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.kernel.seal import known_as
from hege.people.models import User
from hege.places.queries import workday_calendar
from hege.web.access import public
from hege.web.action_page import sent_with_files
from hege.web.answer import forms
from hege.web.files import takes_files
from hege.web.pages import form_page, or_404, page, refusals_to
from hege.web.shared.kept_files import small_of

BECAUSE = "an outside party has no account, only an unguessable link that expires and answers one question once"
View = Callable[..., HttpResponse]


def unreferred(view: View) -> View:
    """No other site learns the secret of the address.

    ``same-origin`` and not ``no-referrer``: under the latter browsers send a form with ``Origin: null``, which the
    guard against forged forms refuses, as it must. Either way nothing of the address goes to another site.
    """

    @wraps(view)
    def answer(request: HttpRequest, token: str, **more: str) -> HttpResponse:
        response = view(request, token, **more)
        response["Referrer-Policy"] = "same-origin"
        return response

    return answer


def _link(token: str) -> TaskLink | None:
    """The link whatever became of it, to say what did."""
    rows = TaskLink.objects.filter(token_hash=link_hash(token))
    return rows.select_related("task__party", "task__case", "street__trail_head").first()


def _closed(request: HttpRequest, token: str, no: Refused) -> HttpResponse:
    """Used, expired, revoked or never there: in words, with the street's telephone when the street is known."""
    link = _link(token)
    status = HTTPStatus.NOT_FOUND if link is None else HTTPStatus.GONE
    context = {"reason": str(no.reason), "street": link.street if link else None}
    return page(request, "answer/closed.html", context, status=status)


def _person(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


@public(BECAUSE)
@unreferred
def open_page(request: HttpRequest, token: str) -> HttpResponse:
    """A button, and until when it works. Pressing it opens the question."""
    try:
        link = link_by_token(token, at=clock.now())
        if request.method == "POST":
            open_link(token, by=_person(request), at=clock.now())
            return redirect("task/")
    except Refused as no:
        return _closed(request, token, no)
    return page(request, "answer/open.html", {"link": link})


def _said(
    request: HttpRequest, token: str, form: forms.AnswerForm | forms.NotOursForm, template: str, **what: Any
) -> HttpResponse:
    """Show the question with its form; take the answer once."""
    try:
        link = link_by_token(token, at=clock.now())
    except Refused as no:
        return _closed(request, token, no)
    if not link.opened:
        return redirect("../")
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        answer = said.pop("reason", None) or said.pop("answer")
        with refusals_to(form):
            answer_by_link(token, answer=answer, **said, **what, by=_person(request), at=clock.now())
            return redirect("../done/")
    task = link.task
    in_time = workday_calendar(link.street_id).first_in_time(clock.today())
    promises = [
        (d, d.state == DecisionState.REPORTED, d.state != DecisionState.REPORTED and d.due_on < in_time)
        for d in open_decisions(task.case).select_related("lead")
    ]
    context = {"link": link, "task": task, "promises": promises, "form": form, "first_in_time": in_time}
    return form_page(request, template, context, form)


def _admits(_request: HttpRequest, token: str) -> bool:
    """Whether an answer is still taken by a link: its button was pressed, and it is neither used nor over."""
    try:
        return link_by_token(token, at=clock.now()).opened > 0
    except Refused:
        return False


@takes_files(forms.AnswerForm, _admits)
@public(BECAUSE)
@unreferred
def task_page(request: HttpRequest, token: str) -> HttpResponse:
    """One matter, one question, what the others promised, and the answer."""
    return _said(request, token, forms.AnswerForm(*sent_with_files(request)), "answer/task.html")


@public(BECAUSE)
@unreferred
def not_ours(request: HttpRequest, token: str) -> HttpResponse:
    """It is not theirs: given back with the reason."""
    return _said(request, token, forms.NotOursForm(request.POST or None), "answer/not_ours.html", returns=True)


@public(BECAUSE)
@unreferred
def done(request: HttpRequest, token: str) -> HttpResponse:
    """What was said through this link, whatever became of the task since, and what happens next."""
    link = _link(token)
    if link is None:
        return _closed(request, token, Refused(_("没有这个链接，请核对是否完整。")))
    if link.used_at is None:
        return redirect("../")
    said = said_by_link(link)
    returned = said is not None and said.kind == LineKind.TASK_RETURN
    context = {"link": link, "task": link.task, "said": said, "returned": returned, "files": _brought(link)}
    return page(request, "answer/done.html", context)


def _brought(link: TaskLink) -> list[Attachment]:
    """What came with the answer that was given by a link, and by no other."""
    files = files_of(link.street, known_as(Task), [link.task_id])[link.task_id]
    return [file for file in files if file.came_at == link.used_at]


@require_safe
@public(BECAUSE)
@unreferred
def sent(request: HttpRequest, token: str, kept_id: str) -> HttpResponse:
    """The small picture of what was sent with the answer of this link; 404 for anything else."""
    link = or_404(_link(token))
    return small_of(file for file in _brought(link) if file.public_id == kept_id)
