"""The outsider's page behind an expiring link (外单位链接答复): a matter and a question, no account. What else the same party
was sent a link for and has not answered is answered from here too, each by itself.

Looking opens nothing: mail programs and messengers fetch every link they see. The bearer presses a button, which
is counted and put on the trail; then the question is shown, and answered once. Redirects are relative, so that the
secret is written down nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hege.attachments.models import Attachment
from hege.attachments.queries import files_of
from hege.cases.models import Task, TaskLink, TimelineLine
from hege.cases.queries import link_by_token, link_hash, others_asked, said_by_link
from hege.cases.rules import AWAITS_ANSWER, LineKind, check_bears
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


def _closed(request: HttpRequest, token: str, no: Refused, *, up: str = "") -> HttpResponse:
    """Used, expired, revoked or never there: in words, with the street's telephone when the street is known, and the way to
    what was answered. ``up`` leads to the address of the link itself."""
    link = _link(token)
    status = HTTPStatus.NOT_FOUND if link is None else HTTPStatus.GONE
    answered = f"{up}done/" if link and _answered(link) else ""
    context = {"reason": str(no.reason), "street": link.street if link else None, "answered": answered}
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
    request: HttpRequest,
    token: str,
    form: forms.AnswerForm | forms.NotOursForm,
    template: str,
    *,
    task_id: str,
    **what: Any,
) -> HttpResponse:
    """Show a question with its form; take the answer once."""
    up, here, now = "../../" if task_id else "../", f"{task_id}/" if task_id else "", clock.now()
    try:
        link = link_by_token(token, at=now, task_id=task_id)
        bearer = link if link.token_hash == link_hash(token) else _link(token)
    except Refused as no:
        return _closed(request, token, no, up=up)
    if bearer is None or not bearer.opened:
        return redirect(up)
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        answer = said.pop("reason", None) or said.pop("answer")
        with refusals_to(form):
            answer_by_link(token, task_id=task_id, answer=answer, **said, **what, by=_person(request), at=now)
            return redirect(f"{up}done/")
    ways = {"to_task": f"{up}task/{here}", "to_not_ours": f"{up}not-ours/{here}", "others": _others(bearer, up, link)}
    return form_page(request, template, {**_question(link), **ways, "form": form}, form)


def _question(link: TaskLink) -> dict[str, Any]:
    """What a link asks, and what the others promised."""
    in_time = workday_calendar(link.street_id).first_in_time(clock.today())
    promises = [
        (d, d.state == DecisionState.REPORTED, d.state != DecisionState.REPORTED and d.due_on < in_time)
        for d in open_decisions(link.task.case).select_related("lead")
    ]
    return {"link": link, "task": link.task, "promises": promises, "first_in_time": in_time}


def _others(bearer: TaskLink, up: str, shown: TaskLink | None = None) -> list[tuple[Task, str]]:
    """What else its party is asked by links that are not over, each with where it is answered from here."""
    try:
        check_bears(bearer, at=clock.now())
    except Refused:
        return []
    rows = [link.task for link in others_asked(bearer, at=clock.now())]
    if bearer.used_at is None and bearer.task.state in AWAITS_ANSWER:
        rows.insert(0, bearer.task)
    asked = shown.task_id if shown else None
    return [
        (task, f"{up}task/" if task.pk == bearer.task_id else f"{up}task/{task.public_id}/")
        for task in rows if task.pk != asked
    ]  # fmt: skip


def _admits(_request: HttpRequest, token: str, task_id: str = "") -> bool:
    """Whether an answer is still taken by a link: its button was pressed, and it is neither used nor over."""
    try:
        link_by_token(token, at=clock.now(), task_id=task_id)
    except Refused:
        return False
    bearer = _link(token)
    return bearer is not None and bearer.opened > 0


@takes_files(forms.AnswerForm, _admits)
@public(BECAUSE)
@unreferred
def task_page(request: HttpRequest, token: str, task_id: str = "") -> HttpResponse:
    """One matter, one question, what the others promised, the answer; and what else the party is asked."""
    return _said(request, token, forms.AnswerForm(*sent_with_files(request)), "answer/task.html", task_id=task_id)


@public(BECAUSE)
@unreferred
def not_ours(request: HttpRequest, token: str, task_id: str = "") -> HttpResponse:
    """It is not theirs: given back with the reason."""
    form = forms.NotOursForm(request.POST or None)
    return _said(request, token, form, "answer/not_ours.html", task_id=task_id, returns=True)


@public(BECAUSE)
@unreferred
def done(request: HttpRequest, token: str) -> HttpResponse:
    """What was said through this link, whatever became of the tasks since, what happens next, and what is still asked."""
    link = _link(token)
    if link is None:
        return _closed(request, token, Refused(_("没有这个链接，请核对是否完整。")))
    answered = [_Answered.of(used) for used in _answered(link)]
    if not answered:
        return redirect("../")
    return page(request, "answer/done.html", {"link": link, "answered": answered, "others": _others(link, "../")})


class _Answered(NamedTuple):
    """What was said to one question, and what came with it."""

    link: TaskLink
    said: TimelineLine | None
    returned: bool
    files: list[Attachment]

    @classmethod
    def of(cls, link: TaskLink) -> _Answered:
        said = said_by_link(link)
        return cls(link, said, said is not None and said.kind == LineKind.TASK_RETURN, _brought(link))


def _answered(bearer: TaskLink) -> list[TaskLink]:
    """The links that were used through one, itself among them, the last answer first."""
    others = bearer.others_answered.select_related("task__party", "task__case", "street")
    used = [link for link in (bearer, *others) if link.used_at]
    return sorted(used, key=lambda link: str(link.used_at), reverse=True)


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
    brought = [file for used in _answered(link) for file in _brought(used)]
    return small_of(file for file in brought if file.public_id == kept_id)
