"""Asking parties for something by a day, and letting outsiders answer by a link."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hege.attachments.actions import keep_files
from hege.attachments.preparing import Prepared, counted
from hege.cases.actions import go_on_with_task, lock_case, tell
from hege.cases.models import (
    Case,
    CaseParty,
    Task,
    TaskLink,
    Urging,
)
from hege.cases.queries import (
    Urged,
    case_telling,
    coordinators_of,
    in_whose_name,
    leads_of,
    link_by_token,
    link_hash,
    standing_of,
    task_telling,
    urged,
)
from hege.cases.rules import (
    LINK_DAYS,
    NEXT_TASK,
    CaseState,
    LineKind,
    TaskState,
    check_colleague,
    check_days,
    check_link,
    check_link_days,
    check_passable,
    check_revocable,
    check_takes_links,
    check_takes_tasks,
    check_urgeable,
    check_urging_arrives,
)
from hege.cases.rules import (
    due_on as last_day,
)
from hege.kernel.checks import check_move, check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.ids import bearer_token
from hege.kernel.mutability import lock
from hege.kernel.periods import not_over
from hege.kernel.refused import Refused, RefusedAll
from hege.outbox import actions as outbox
from hege.outbox.rules import Event
from hege.people.models import Party, Role, User
from hege.people.queries import acting_for
from hege.places.queries import workday_calendar
from hege.trail import actions as trail


class Urgings(NamedTuple):
    """What came of urging about several things: what was done, and each that was left with why."""

    done: list[Urging]
    left: list[tuple[Task | Case, Refused]]


# -- tasks -------------------------------------------------------------------------------------------------------------


@atomic
def add_task(
    case: Case,
    *,
    party: Party,
    title: str,
    text: str = "",
    days: int,
    by: User | None,
    at: dt.datetime,
) -> Task:
    """Ask one party for something within ``days`` working days from today (交办任务). It must have a part in the case."""
    check_days(days)
    check_same_street(case.street_id, party)
    locked = lock_case(case)
    check_takes_tasks(CaseState(locked.state))
    today = day_of(at)
    _check_takes_part(locked, party, on=today)
    due = last_day(today, days, workday_calendar(locked.street_id))
    title = check_words(title, field="title")
    task = Task.objects.create(
        street=locked.street, case=locked, party=party, title=title, text=text, days=days, dispatched_on=today,
        due_on=due,
    )  # fmt: skip
    _tell_party(task, at=at)
    tell(locked, LineKind.TASK, f"{party.name}：{title}", by=by, at=at, task=task.pk, party=party.pk, due_on=due)
    return task


@atomic
def sign_task(task: Task, *, by: User | None, at: dt.datetime) -> Task:
    """The party takes its task (任务签收)."""
    locked, on_behalf = _lock_for_party(task, by=by, at=at)
    _move_task(locked, TaskState.SIGNED)
    locked.signed_at = at
    locked.save(update_fields=["state", "signed_at"])
    tell(locked.case, LineKind.TASK_SIGN, locked.title, by=by, at=at, on_behalf=on_behalf, task=locked.pk)
    return locked


@atomic
def answer_task(task: Task, *, answer: str, document: str = "", by: User | None, at: dt.datetime) -> Task:
    """The party says what it did (任务答复); a task not signed for yet is signed for by this."""
    locked, on_behalf = _lock_for_party(task, by=by, at=at)
    return _answer(locked, answer, document, by=by, on_behalf=on_behalf, at=at)


@atomic
def return_task(task: Task, *, reason: str, by: User | None, at: dt.datetime) -> Task:
    """The party gives its task back with a reason (任务退回). The clock runs on; the bounce is counted."""
    locked, on_behalf = _lock_for_party(task, by=by, at=at)
    return _return(locked, reason, by=by, on_behalf=on_behalf, at=at)


@atomic
def redirect_task(task: Task, *, party: Party, by: User | None, at: dt.datetime) -> Task:
    """Give a returned task to a party of the case again (任务改派); its due day stays what it was."""
    check_same_street(task.street_id, party)
    locked = lock_task(task)
    _check_takes_part(locked.case, party, on=day_of(at))
    _move_task(locked, TaskState.OPEN)
    locked.party, locked.signed_at, locked.handler = party, None, None
    locked.save(update_fields=["state", "party", "signed_at", "handler"])
    _unused_links(locked).update(revoked_at=at)  # the old party's link must not open the new party's task
    _tell_party(locked, at=at)
    text = f"{party.name}：{locked.title}"
    tell(locked.case, LineKind.TASK_REDIRECT, text, by=by, at=at, task=locked.pk, party=party.pk, times=locked.bounces)
    return locked


@atomic
def cancel_task(task: Task, *, reason: str, by: User | None, at: dt.datetime) -> Task:
    """Take a task off (任务取消) with a reason; nothing is cancelled silently with its case."""
    said = check_words(reason)
    locked = lock_task(task)
    _move_task(locked, TaskState.CANCELLED)
    locked.reason, locked.finished_at, locked.held_on, locked.held_until = said, at, None, None
    locked.save(update_fields=["state", "reason", "finished_at", "held_on", "held_until"])
    tell(locked.case, LineKind.TASK_CANCEL, f"{locked.title}：{said}", by=by, at=at, task=locked.pk, reason=said)
    return locked


@atomic
def pass_on_task(task: Task, *, whom: User, words: str = "", by: User, at: dt.datetime) -> Task:
    """Somebody of the party hands its task to a colleague of the same office (转办), who finds it at their bell.

    Who had it before is told too, where another passes it on. The office has it as before, and its clock goes on.
    """
    locked, said, today = lock_task(task), words.strip(), day_of(at)
    own = locked.party_id in standing_of(by, locked.street, on=today).acts_for
    check_passable(CaseState(locked.case.state), task=TaskState(locked.state), own=own)
    colleagues, before = acting_for(locked.party_id, locked.street, on=today, but=[Role.AGENT]), locked.handler_id
    check_colleague(whom.full_name, locked.party.name, of_office=whom.pk in colleagues, has_it=whom.pk == before)
    locked.handler = whom
    locked.save(update_fields=["handler"])
    text = f"{locked.title} → {whom.full_name}"
    line = tell(
        locked.case, LineKind.TASK_PASS, f"{text}：{said}" if said else text, by=by, at=at, internal=True,
        task=locked.pk, whom=whom.pk,
    )  # fmt: skip
    again = f"line {line.pk}"
    told = [task_telling(locked, Event.PASSED_ON, to={whom.pk} - {by.pk}, round=again)]
    if before is not None:
        told.append(task_telling(locked, Event.PASSED_AWAY, to={before} - {by.pk}, round=again))
    outbox.tell(locked.street, told, at=at)
    return locked


# -- urging ------------------------------------------------------------------------------------------------------------


@atomic
def urge(thing: Task | Case, *, words: str = "", by: User | None, at: dt.datetime) -> Urging:
    """Urge who has a task, or without one who leads a case (催办): their people find it at their bell, the case keeps the words.

    No clock changes with it, and no version.
    """
    task, case = lock_thing(thing)
    today, said, task_id = day_of(at), words.strip(), task.pk if task else None
    before = urged(case.street, tasks=[task_id] if task_id else [], cases=[case.pk], by=by, on=today)
    mine = before.get((case.pk, task_id), Urged()).today
    held = task is not None and task.held_on is not None
    check_urgeable(CaseState(case.state), task=TaskState(task.state) if task else None, urged_today=mine, held=held)
    party = task.party if task else leads_of(case.street, [case.pk])[case.pk]
    to = [user for user in acting_for(party.pk, case.street, on=today, but=[Role.AGENT]) if by is None or user != by.pk]
    check_urging_arrives(party.name, people=len(to), words=said)
    made = Urging.objects.create(
        street=case.street, case=case, task=task, party=party, on=today, words=said, told=len(to), by=by, at=at
    )
    again = f"urged {made.pk}"
    telling = (
        task_telling(task, Event.URGED, to=to, round=again)
        if task
        else case_telling(case, Event.URGED, to=to, round=again)
    )
    outbox.tell(case.street, [telling], at=at)
    text = f"{party.name} · {task.title}" if task else party.name
    tell(
        case,
        LineKind.URGE,
        f"{text}：{said}" if said else text,
        by=by,
        at=at,
        task=task_id,
        party=party.pk,
        told=len(to),
    )
    return made


@atomic
def urge_all(things: Sequence[Task | Case], *, words: str = "", by: User | None, at: dt.datetime) -> Urgings:
    """Urge about several things at once; those that may not be are left, each with why. Refused where none may be."""
    done: list[Urging] = []
    left: list[tuple[Task | Case, Refused]] = []
    for thing in sorted(things, key=_lock_order):
        try:
            done.append(urge(thing, words=words, by=by, at=at))
        except Refused as no:
            left.append((thing, no))
    if not done:
        raise RefusedAll([no for _thing, no in left] or [Refused(_("请先勾选要催办的。"))])
    return Urgings(done, left)


# -- links for outsiders -----------------------------------------------------------------------------------------------


@atomic
def make_link(task: Task, *, days: int = LINK_DAYS, by: User | None, at: dt.datetime) -> tuple[TaskLink, str]:
    """Make an expiring link to one task for a party without an account; answers the row and the secret, once.

    Earlier links of the task that were not used are revoked: there is one key at a time.
    """
    check_link_days(days)
    locked = lock_task(task)
    check_takes_links(TaskState(locked.state))
    _unused_links(locked).update(revoked_at=at)
    token = bearer_token()
    ends = at + dt.timedelta(days=days)
    link = TaskLink.objects.create(
        street=locked.street, task=locked, token_hash=link_hash(token), made_by=by, made_at=at, expires_at=ends
    )
    trail.record("make_link", link, by=by, at=at, task=locked.pk, expires_at=ends)
    return link, token


@atomic
def revoke_link(link: TaskLink, *, by: User | None, at: dt.datetime) -> TaskLink:
    """Make a link worthless (作废链接)."""
    locked = lock(link)
    check_revocable(locked)
    locked.revoked_at = at
    locked.save(update_fields=["revoked_at"])
    trail.record("revoke_link", locked, by=by, at=at, task=locked.task_id)
    return locked


@atomic
def open_link(token: str, *, by: User | None, at: dt.datetime) -> TaskLink:
    """The bearer opens the task by pressing a button: counted, and on the trail. Scanners only GET, and do not come here."""
    link = _lock_link(token, at=at)
    link.opened += 1
    link.save(update_fields=["opened"])
    whose = link.task.party.name
    trail.record("open_link", link, by=by, at=at, on_behalf=whose, task=link.task_id, times=link.opened)
    return link


@atomic
def answer_by_link(
    token: str,
    *,
    task_id: str = "",
    answer: str,
    document: str = "",
    returns: bool = False,
    name: str = "",
    papers: Sequence[Prepared] = (),
    by: User | None,
    at: dt.datetime,
) -> Task:
    """The outside party answers its task without an account (凭链接答复), once; ``returns`` gives it back with a reason.

    ``task_id``: another task for which the same party was sent a link; that one is used then, through this.
    ``papers``: what shows it. ``name`` is of who writes, by their own word; the trail and the timeline carry it with the party's. ``by`` is who
    happens to be signed in, as a rule nobody.
    """
    link = _lock_link(token, at=at, task_id=task_id)
    task = link.task
    on_behalf = f"{task.party.name} {name.strip()}".strip()[:120]
    link.used_at = at
    if link.token_hash != link_hash(token):
        link.used_through = TaskLink.objects.get(street=link.street_id, token_hash=link_hash(token))
    link.save(update_fields=["used_at", "used_through"])
    if returns:
        _return(task, answer, by=by, on_behalf=on_behalf, at=at)
    else:
        keep_files(papers, about=task, on_behalf=on_behalf, by=by, at=at)
        _answer(task, answer, document, by=by, on_behalf=on_behalf, at=at, **counted(papers))
    return task


# -- for the packages beside ------------------------------------------------------------------------------------------


def lock_thing(thing: Task | Case) -> tuple[Task | None, Case]:
    """A task with its case, or a case alone, locked."""
    if isinstance(thing, Case):
        return None, lock_case(thing)
    task = lock_task(thing)
    return task, task.case


def lock_task(task: Task) -> Task:
    """The task with its case, the case locked before it."""
    case = lock_case(task.case)
    locked = lock(task)
    locked.case, locked.street, locked.party = case, case.street, Party.objects.get(pk=locked.party_id)
    return locked


# -- inside ------------------------------------------------------------------------------------------------------------


def _check_takes_part(case: Case, party: Party, *, on: dt.date) -> None:
    parts = CaseParty.objects.filter(street=case.street_id, case=case, party=party)
    if not parts.filter(not_over(on)).exists():
        raise Refused(_("“%(party)s”不是本案的参与方，请先加入。"), party=party.name, field="party")


def _tell_party(task: Task, *, at: dt.datetime) -> None:
    """Those who act for the party and see cases find the task at their bell, each time it is given."""
    to = acting_for(task.party_id, task.street, on=day_of(at), but=[Role.AGENT])
    outbox.tell(task.street, [task_telling(task, Event.TASK_GIVEN, to=to, round=str(task.bounces))], at=at)


def _tell_coordinators(task: Task, event: Event, *, again: str, by: User | None, at: dt.datetime) -> None:
    """Those who hand on tasks find at their bell what came back of one; not who did it."""
    to = coordinators_of(task.case, but=by, on=day_of(at))
    outbox.tell(task.street, [task_telling(task, event, to=to, round=again)], at=at)


def _lock_order(thing: Task | Case) -> tuple[int, int]:
    """Cases in their order, a case before its tasks: who locks several meets nobody the other way round."""
    return (thing.case_id, thing.pk) if isinstance(thing, Task) else (thing.pk, 0)


def _lock_for_party(task: Task, *, by: User | None, at: dt.datetime) -> tuple[Task, str]:
    """The task locked for its party, and in whose name ``by`` acts: empty for its own people."""
    locked = lock_task(task)
    return locked, in_whose_name(locked.party, by, on=day_of(at))


def _move_task(task: Task, to: TaskState) -> None:
    check_move(TaskState(task.state), to, NEXT_TASK)
    task.state = to.value


def _answer(
    task: Task, answer: str, document: str, *, by: User | None, on_behalf: str, at: dt.datetime, **more: Any
) -> Task:
    said = check_words(answer, field="answer")
    if task.state == TaskState.OPEN:
        _move_task(task, TaskState.SIGNED)
        task.signed_at = at
    _move_task(task, TaskState.DONE)
    task.answer, task.document, task.finished_at = said, document, at
    task.held_on = task.held_until = None
    task.answered_by, task.answered_on_behalf = by, on_behalf
    task.save()
    _tell_coordinators(task, Event.TASK_ANSWERED, again=str(task.bounces), by=by, at=at)
    text = f"{task.title}：{said}"
    tell(
        task.case,
        LineKind.TASK_ANSWER,
        text,
        by=by,
        at=at,
        on_behalf=on_behalf,
        document=document,
        task=task.pk,
        **more,
    )
    return task


def _return(task: Task, reason: str, *, by: User | None, on_behalf: str, at: dt.datetime) -> Task:
    said = check_words(reason)
    _move_task(task, TaskState.RETURNED)
    task.reason = said[:300]
    task.bounces += 1
    task.save(update_fields=["state", "reason", "bounces"])
    go_on_with_task(task, on=day_of(at))
    _tell_coordinators(task, Event.TASK_RETURNED, again=str(task.bounces), by=by, at=at)
    text = f"{task.party.name} · {task.title}：{said}"
    tell(
        task.case, LineKind.TASK_RETURN, text, by=by, at=at, on_behalf=on_behalf, task=task.pk, party=task.party_id,
        reason=said, times=task.bounces,
    )  # fmt: skip
    return task


def _unused_links(task: Task) -> QuerySet[TaskLink]:
    return TaskLink.objects.filter(street=task.street_id, task=task, used_at__isnull=True, revoked_at__isnull=True)


def _lock_link(token: str, *, at: dt.datetime, task_id: str = "") -> TaskLink:
    """The link with its task and case locked, looked at again after the locks are held."""
    found = link_by_token(token, at=at, task_id=task_id)
    task = lock_task(found.task)
    link = lock(found)
    link.task = task
    check_link(link, task_state=TaskState(task.state), at=at)
    return link
