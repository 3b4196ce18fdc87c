"""The way of a case. Role checks are the pages' part; "not the same person" is decided here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.cases.models import (
    Case,
    CaseFollow,
    CaseParty,
    NumberSeries,
    Report,
    Task,
    TimelineLine,
)
from hege.cases.queries import (
    case_telling,
    followers_of,
    handlers_of,
    handling_parties,
    in_whose_name,
    lead_of,
    reachable,
    readers_of,
    standing_of,
    tasks_of,
)
from hege.cases.rules import (
    CaseState,
    LineKind,
    PartyRole,
    ReportState,
    after_suspension,
    check_case_move,
    check_days,
    check_may_be_asked,
    check_may_be_voided,
    check_may_end,
    check_may_follow,
    check_no_open_tasks,
    check_no_overlap,
    check_not_finished,
    check_not_of_handling_party,
    check_not_own_case,
    check_not_the_lead,
    check_period,
    check_still_apart,
    due_on,
    has_come,
    keeps_its_clock,
    resumes_to,
    stands_until,
    stood_still,
    waits_for_case,
)
from hege.kernel.calendar import working_days_between
from hege.kernel.checks import check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused, RefusedAll, Stale
from hege.kernel.saying import Saying, Words, kept
from hege.metering.models import SupplyPoint
from hege.outbox import actions as outbox
from hege.outbox.queries import open_channels, still_unread
from hege.outbox.rules import Channel, Event, Telling
from hege.people.models import Party, Street, User
from hege.places.models import Place
from hege.places.queries import workday_calendar
from hege.search.actions import index_rows
from hege.trail import actions as trail

# -- the way of a case -------------------------------------------------------------------------------------------------


@atomic
def file_case(
    street: Street,
    *,
    title: str,
    summary: str = "",
    reports: Sequence[Report] = (),
    point: SupplyPoint | None = None,
    place: Place | None = None,
    by: User | None,
    at: dt.datetime,
) -> Case:
    """File a case (立案), from accepted reports or on the office's own initiative, with the next number of the year.

    Point and place come from the first report that has them, where they are not given.
    """
    check_same_street(street.pk, point, place, *reports)
    wanted = [report.pk for report in reports]
    rows = Report.objects.select_for_update().filter(street=street, pk__in=wanted).order_by("pk")
    roots = list(rows)
    for report in roots:
        if not waits_for_case(ReportState(report.state), in_case=report.case_id is not None):
            raise Refused(_("只有已受理、还没有并案的上报才能立案。"), field="reports")
    point = point or next((r.point for r in roots if r.point), None)
    place = place or (point.place if point else None) or next((r.place for r in roots if r.place), None)
    case = Case.objects.create(
        street=street, number=next_number(street, "case", at=at), title=check_words(title, field="title"),
        summary=summary, state_at=at, point=point, place=place, filed_at=at, filed_by=by,
    )  # fmt: skip
    for report in roots:
        report.case = case
        report.save(update_fields=["case"])
    index_rows([case])
    tell(case, LineKind.FILE, summary, by=by, at=at, reports=[r.public_id for r in roots])
    return case


@atomic
def dispatch_case(
    case: Case,
    *,
    lead: Party,
    assisting: Sequence[Party] = (),
    days: int | None = None,
    contact_days: int = 1,
    text: str = "",
    by: User | None,
    at: dt.datetime,
    version: int | None = None,
) -> Case:
    """Hand a case to the party that leads (派遣); the clock of ``days`` working days starts now.

    After a return (退单) the clock that runs goes on: a bounce wins no time, only the lead changes, ``days`` are not used.
    """
    check_same_street(case.street_id, lead, *assisting)
    locked = lock_case(case, version)
    today, is_workday = day_of(at), workday_calendar(locked.street_id)
    goes_on = keeps_its_clock(CaseState(locked.state), due_on=locked.due_on)
    _check_case_move(locked, CaseState.DISPATCHED)
    if not goes_on:
        check_days(days or 0)
        check_days(contact_days, field="contact_days")
        locked.dispatched_on = today
        locked.due_on = due_on(today, days or 0, is_workday)
        locked.contact_due_on = due_on(today, contact_days, is_workday)
    old = CaseParty.objects.filter(street=locked.street_id, case=locked, role=PartyRole.LEAD, until_on__isnull=True)
    for part in old.exclude(party=lead):
        part.until_on = max(today, part.from_on)
        part.save(update_fields=["until_on"])
    _join(locked, lead, PartyRole.LEAD, on=today)
    for party in assisting:
        _join(locked, party, PartyRole.ASSISTING, on=today)
    return _step(
        locked, CaseState.DISPATCHED, LineKind.DISPATCH, text or lead.name, by=by, at=at,
        lead=lead.pk, due_on=locked.due_on,
    )  # fmt: skip


class Dispatchings(NamedTuple):
    """What came of dispatching several cases: those that were handed over, and each that was left with why."""

    done: list[Case]
    left: list[tuple[Case, Refused]]


@atomic
def dispatch_all(
    cases: Sequence[tuple[Case, int]],
    *,
    lead: Party,
    days: int,
    text: str = "",
    by: User | None,
    at: dt.datetime,
) -> Dispatchings:
    """Hand several cases to one party at once (一起派遣), each as the version that was seen; what may not be, or somebody else
    changed meanwhile, is left, each with why. Refused where none may be."""
    done: list[Case] = []
    left: list[tuple[Case, Refused]] = []
    for case, version in sorted(cases, key=lambda seen: seen[0].pk):
        try:
            done.append(dispatch_case(case, lead=lead, days=days, text=text, by=by, at=at, version=version))
        except Refused as no:
            left.append((case, no))
    if not done:
        raise RefusedAll([no for _case, no in left] or [Refused(_("请先勾选要派遣的。"))])
    return Dispatchings(done, left)


@atomic
def sign_for(case: Case, *, by: User | None, at: dt.datetime, version: int | None = None) -> Case:
    """The leading party takes the case (签收)."""
    locked, _lead, on_behalf = _lock_for_lead(case, version, by=by, at=at)
    return _step(locked, CaseState.SIGNED, LineKind.SIGN, by=by, at=at, on_behalf=on_behalf)


@atomic
def first_contact(case: Case, *, text: str, by: User | None, at: dt.datetime, version: int | None = None) -> Case:
    """The people concerned have been spoken to (先行联系); handling begins."""
    said = check_words(text, field="text")
    locked, _lead, on_behalf = _lock_for_lead(case, version, by=by, at=at)
    return _step(locked, CaseState.HANDLING, LineKind.CONTACT, said, by=by, at=at, on_behalf=on_behalf)


@atomic
def give_feedback(
    case: Case, *, text: str, document: str = "", by: User | None, at: dt.datetime, version: int | None = None
) -> Case:
    """The leading party says what was done (处理反馈)."""
    said = check_words(text, field="text")
    locked, _lead, on_behalf = _lock_for_lead(case, version, by=by, at=at)
    return _step(
        locked, CaseState.FEEDBACK, LineKind.FEEDBACK, said, by=by, at=at, on_behalf=on_behalf, document=document
    )


@atomic
def inspect_case(
    case: Case, *, finding: str, document: str = "", by: User | None, at: dt.datetime, version: int | None = None
) -> Case:
    """Somebody who did not handle it went and looked, and agrees (核查通过). Who disagrees uses ``rework``."""
    said = check_words(finding, field="finding")
    locked = _lock_apart(case, version, by=by, at=at)
    locked.checked_by = by
    return _step(locked, CaseState.CHECKING, LineKind.CHECK, said, by=by, at=at, document=document)


@atomic
def send_back_case(
    case: Case, *, reason: str, days: int, by: User | None, at: dt.datetime, version: int | None = None
) -> Case:
    """Send handling back (返工) with the reason and a term of working days of its own; reworks are counted."""
    said = check_words(reason)
    check_days(days)
    locked = _lock_apart(case, version, by=by, at=at)
    locked.reworks += 1
    locked.checked_by = None
    locked.due_on = due_on(day_of(at), days, workday_calendar(locked.street_id))
    return _step(locked, CaseState.REWORKED, LineKind.REWORK, said, by=by, at=at, reason=said, due_on=locked.due_on)


@atomic
def close_case(case: Case, *, text: str, by: User | None, at: dt.datetime, version: int | None = None) -> Case:
    """Close a checked case (结案): by nobody who handled it, and with no task left open.

    Open promises and agreements are known above this package: ``procedures.close_case`` asks for them first.
    """
    said = check_words(text, field="text")
    locked = _lock_apart(case, version, by=by, at=at)
    _check_case_move(locked, CaseState.CLOSED)
    check_still_apart(locked.checked_by_id, handlers_of(locked))
    check_no_open_tasks([task.title for task in tasks_of(locked).unfinished()])
    locked.closed_at = at
    tell_reporters(
        locked.street, Report.objects.filter(street=locked.street_id, case=locked), f"closed {locked.reopenings}", at=at
    )
    return _step(locked, CaseState.CLOSED, LineKind.CLOSE, said, by=by, at=at, checked_by=locked.checked_by_id)


@atomic
def revisit_case(
    case: Case, *, satisfied: bool, text: str, by: User | None, at: dt.datetime, version: int | None = None
) -> Case:
    """Ask the people concerned afterwards (回访) whether they are content."""
    said = check_words(text, field="text")
    locked = _lock_apart(case, version, by=by, at=at)
    locked.satisfied = satisfied
    words = Saying(_("当事人满意：%(said)s") if satisfied else _("当事人不满意：%(said)s"), said=said)
    return _step(locked, CaseState.REVISITED, LineKind.REVISIT, words, by=by, at=at, satisfied=satisfied)


@atomic
def reopen_case(case: Case, *, reason: str, by: User | None, at: dt.datetime, version: int | None = None) -> Case:
    """Open a closed case again (重新打开) with the reason; its clock starts with the next dispatch and this is counted."""
    said = check_words(reason)
    locked = lock_case(case, version)
    locked.reopenings += 1
    locked.closed_at = locked.checked_by = locked.due_on = locked.contact_due_on = locked.satisfied = None
    times = locked.reopenings
    return _step(locked, CaseState.REOPENED, LineKind.REOPEN, said, by=by, at=at, reason=said, times=times)


@atomic
def return_case(case: Case, *, reason: str, by: User | None, at: dt.datetime, version: int | None = None) -> Case:
    """The leading party says "not ours" (退单), by name and with the reason. The clock runs on; the bounce is counted."""
    said = check_words(reason)
    locked, lead, on_behalf = _lock_for_lead(case, version, by=by, at=at)
    locked.bounces += 1
    who = lead.name if lead else ""
    return _step(
        locked, CaseState.RETURNED, LineKind.RETURN, f"{who}：{said}", by=by, at=at, on_behalf=on_behalf,
        reason=said, lead=who, times=locked.bounces,
    )  # fmt: skip


@atomic
def suspend_case(
    case: Case,
    *,
    reason: str,
    until_on: dt.date | None = None,
    by: User | None,
    at: dt.datetime,
    version: int | None = None,
) -> Case:
    """Hang a case up (缓办) because it waits for a season, works or a court; its clocks stand still meanwhile.

    ``until_on``: the day on which it goes on by itself; without one somebody has to say so.
    """
    said = check_words(reason)
    locked = lock_case(case, version)
    locked.holds += 1
    locked.held_from, locked.held_on, locked.held_until = locked.state, day_of(at), until_on
    before = locked.state
    words: Words = said
    if until_on is not None:
        words = Saying(_("%(until)s 恢复办理，时限从今天起停走。%(why)s"), until=until_on, why=said)
    return _step(
        locked,
        CaseState.SUSPENDED,
        LineKind.HOLD,
        words,
        by=by,
        at=at,
        reason=said,
        held_from=before,
        until_on=until_on,
    )


@atomic
def resume_case(case: Case, *, reason: str = "", by: User | None, at: dt.datetime, version: int | None = None) -> Case:
    """Go on with a case that was hung up (恢复办理), where it was; due days move by the working days it stood still, which
    the line tells. No ``reason`` is needed where the hold has come to its day; no clock stood still beyond that."""
    locked, today = lock_case(case, version), day_of(at)
    back = resumes_to(CaseState(locked.state), held_from=locked.held_from)
    said = reason.strip() if has_come(locked.held_until, today=today) else check_words(reason)
    is_workday = workday_calendar(locked.street_id)
    held_on, on = locked.held_on or today, stands_until(locked.held_until, today=today)
    for name in ("due_on", "contact_due_on"):
        day = getattr(locked, name)
        if day is not None:
            setattr(locked, name, after_suspension(day, held_on=held_on, resumed_on=on, is_workday=is_workday))
    for task in Task.objects.select_for_update().filter(pk__in=tasks_of(locked).unfinished().values("pk")):
        go_on_with_task(task, on=on, with_case=held_on)
    locked.held_from, locked.held_on, locked.held_until = "", None, None
    _move(locked, back, at=at)
    stood, why = working_days_between(held_on, on, is_workday), said or Saying(_("缓办到期。"))
    words = Saying(_("停走 %(n)s 个工作日。%(why)s"), n=stood, why=why)
    if locked.due_on is not None:
        words = Saying(_("停走 %(n)s 个工作日，期限顺延到 %(day)s。%(why)s"), n=stood, day=locked.due_on, why=why)
    tell(locked, LineKind.RESUME, words, by=by, at=at, reason=said, held_on=held_on, due_on=locked.due_on, days=stood)
    return locked


def go_on_with_task(task: Task, *, on: dt.date, with_case: dt.date | None = None) -> int:
    """End the hold of a locked task (缓办), and move its due day by the working days its clock stood still; how many those are.

    ``with_case``: since when it stood still with its case, which goes on. A hold of its own that runs on stays.
    """
    own = None if task.held_on is None else (task.held_on, task.held_until)
    periods, is_workday = stood_still(own=own, with_case=with_case, on=on), workday_calendar(task.street_id)
    for held_on, until in periods:
        task.due_on = after_suspension(task.due_on, held_on=held_on, resumed_on=until, is_workday=is_workday)
    if periods:
        task.held_on = task.held_until = None
        task.save(update_fields=["due_on", "held_on", "held_until"])
    return sum(max(0, working_days_between(*period, is_workday)) for period in periods)


@atomic
def void_case(case: Case, *, reason: str, by: User | None, at: dt.datetime) -> Case:
    """A case that should not be there counts no more (作废), with the reason; its number is not given again.

    Asked for and agreed to by two people: ``requests``, which gives its reports free first.
    """
    said = check_words(reason)
    locked = lock_case(case)
    check_may_be_voided(
        CaseState(locked.state), waits=False, open_tasks=[t.title for t in tasks_of(locked).unfinished()]
    )
    return _step(locked, CaseState.VOIDED, LineKind.VOID, said, by=by, at=at, reason=said)


# -- parties and notes -------------------------------------------------------------------------------------------------


@atomic
def add_party(
    case: Case,
    *,
    party: Party,
    role: PartyRole,
    from_on: dt.date | None = None,
    by: User | None,
    at: dt.datetime,
    version: int | None = None,
) -> CaseParty:
    """Bring a party into a case (加入参与方), from today if no day is given. The lead is set by ``dispatch``."""
    check_same_street(case.street_id, party)
    if role is PartyRole.LEAD:
        raise Refused(_("牵头单位由派遣确定。"), field="role")
    locked = lock_running_case(case, version)
    part = _join(locked, party, role, on=from_on or day_of(at))
    _touch(locked)
    text = Saying(_("%(who)s（%(role)s）"), who=party.name, role=role.label)
    tell(locked, LineKind.PARTY_IN, text, by=by, at=at, party=party.pk, role=role.value)
    return part


@atomic
def end_party(
    part: CaseParty, *, until_on: dt.date | None = None, reason: str, by: User | None, at: dt.datetime
) -> CaseParty:
    """A party has no part in the case any more (参与方退出) from a day on; its tasks must be settled first.

    An end still to come may be moved to an earlier day.
    """
    said = check_words(reason)
    case = lock_running_case(part.case)
    locked = CaseParty.objects.select_for_update().select_related("party").get(street=part.street_id, pk=part.pk)
    until = until_on or day_of(at)
    check_may_end(locked.until_on, earlier=until, today=day_of(at))
    check_not_the_lead(PartyRole(locked.role))
    check_period(locked.from_on, until)
    check_no_open_tasks([t.title for t in tasks_of(case).unfinished().filter(party_id=locked.party_id)])
    locked.until_on = until
    locked.save(update_fields=["until_on"])
    _touch(case)
    text = f"{locked.party.name}：{said}"
    tell(case, LineKind.PARTY_OUT, text, by=by, at=at, party=locked.party_id, until_on=until, reason=said)
    return locked


@atomic
def add_note(
    case: Case,
    *,
    text: str,
    internal: bool = True,
    document: str = "",
    whom: User | None = None,
    by: User | None,
    at: dt.datetime,
) -> TimelineLine:
    """Write a note on the timeline (备注), for the offices only unless said otherwise.

    ``whom`` is asked by it (请谁看): one of the street who sees the case finds it at their bell.
    """
    said = check_words(text, field="text")
    if whom is None:
        return tell(case, LineKind.NOTE, said, by=by, at=at, internal=internal, document=document)
    check_may_be_asked(whom.full_name, reads=whom.pk in readers_of(case, on=day_of(at)))
    text = f"@{whom.full_name} {said}"
    line = tell(case, LineKind.NOTE, text, by=by, at=at, internal=internal, document=document, whom=whom.pk)
    telling = case_telling(case, Event.ASKED, to=[whom.pk], round=f"note {line.pk}")
    outbox.tell(case.street, [telling], at=at)
    return line


@atomic
def follow_case(case: Case, *, by: User, at: dt.datetime) -> CaseFollow:
    """Follow a case (关注): what happens in it is told at one's bell, one unread message at a time."""
    check_may_follow(reads=by.pk in readers_of(case, on=day_of(at)))
    return _follow(case, on=True, by=by, at=at)


@atomic
def unfollow_case(case: Case, *, by: User, at: dt.datetime) -> CaseFollow:
    """Follow a case no more (取消关注)."""
    return _follow(case, on=False, by=by, at=at)


def _follow(case: Case, *, on: bool, by: User, at: dt.datetime) -> CaseFollow:
    """Nothing is written where it is so already."""
    locked = lock_case(case)
    row = CaseFollow.objects.filter(street=locked.street_id, case=locked, user=by).first()
    if row is None:
        row = CaseFollow(street=locked.street, case=locked, user=by, on=False)
    if row.on is not on:
        row.on, row.at = on, at
        row.save()
        trail.record("follow_case" if on else "unfollow_case", row, by=by, at=at, case=locked.number)
    return row


# -- for the packages above --------------------------------------------------------------------------------------------


def add_line(
    case: Case,
    *,
    kind: LineKind,
    text: Words,
    by: User | None,
    at: dt.datetime,
    internal: bool = False,
    on_behalf: str = "",
    document: str = "",
) -> TimelineLine:
    """Add a line to a case's timeline from an action that makes its own line on the trail. Never names the reporter.

    Whoever follows the case is told that there is something new.
    """
    line = TimelineLine.objects.create(
        street=case.street, case=case, at=at, by=by, on_behalf=on_behalf, kind=kind, said=kept(text),
        text=text if isinstance(text, str) else "", internal=internal, document=document,
    )  # fmt: skip
    _tell_followers(case, line, at=at)
    return line


def _tell_followers(case: Case, line: TimelineLine, *, at: dt.datetime) -> None:
    """Those who follow a case and still see it, not who acts, nor who has not looked at what they were told before."""
    to = set(followers_of(case)) - {line.by_id or 0}
    if not to:
        return
    telling = case_telling(case, Event.FOLLOWED, to=to & readers_of(case, on=day_of(at)), round=f"line {line.pk}")
    outbox.tell(case.street, [replace(telling, to=set(telling.to) - still_unread(case.street, telling))], at=at)


def next_number(street: Street, series: str, *, at: dt.datetime) -> str:
    """The next number of a street's series in the year of ``at``: ``2026-0001``. Inside a transaction: its row is locked."""
    year = day_of(at).year
    NumberSeries.objects.get_or_create(street=street, series=series, year=year)
    row = NumberSeries.objects.select_for_update().get(street=street, series=series, year=year)
    row.last += 1
    row.save(update_fields=["last"])
    return f"{year}-{row.last:04d}"


def tell_reporters(street: Street, reports: Iterable[Report], step: str, *, at: dt.datetime) -> None:
    """Whoever made these reports and left a telephone learns by SMS that there is progress, where the street sends any."""
    if Channel.SMS not in open_channels(street):
        return
    told = [
        (public_id, Telling(Event.PROGRESS, ("cases.report", pk), public_id, round=step))
        for pk, public_id in sorted(reachable(street, reports).items())
    ]
    outbox.tell_reporters(street, told, at=at)


def tell(
    case: Case,
    kind: LineKind,
    text: Words = "",
    *,
    by: User | None,
    at: dt.datetime,
    internal: bool = False,
    on_behalf: str = "",
    document: str = "",
    **data: Any,
) -> TimelineLine:
    """One line on the timeline for people, one on the trail for proof."""
    line = add_line(case, kind=kind, text=text, by=by, at=at, internal=internal, on_behalf=on_behalf, document=document)
    trail.record(kind.value, case, by=by, at=at, on_behalf=on_behalf, case=case.number, line=line.pk, **data)
    return line


def lock_case(case: Case, version: int | None = None) -> Case:
    """The case with its row locked. Raises ``Stale`` when the page that asks believed another version."""
    locked = lock(case)
    if version is not None and version != locked.version:
        raise Stale(_("案件刚被别人改动，请刷新后再办。"))
    return locked


def lock_running_case(case: Case, version: int | None = None) -> Case:
    """The case with its row locked, for something new in it. Raises ``Refused`` once it is closed."""
    locked = lock_case(case, version)
    check_not_finished(CaseState(locked.state))
    return locked


# -- inside ------------------------------------------------------------------------------------------------------------


def _lock_for_lead(
    case: Case, version: int | None, *, by: User | None, at: dt.datetime
) -> tuple[Case, Party | None, str]:
    """The case locked for a step of its lead, the lead, and in whose name ``by`` takes it: empty for its own people.

    Raises ``Refused`` for another office's people.
    """
    locked = lock_case(case, version)
    part = lead_of(locked)
    lead = part.party if part else None
    return locked, lead, in_whose_name(lead, by, on=day_of(at))


def _lock_apart(case: Case, version: int | None, *, by: User | None, at: dt.datetime) -> Case:
    """The case locked for who neither handled it nor acts for an office that does: to check, close or re-visit it."""
    locked, today = lock_case(case, version), day_of(at)
    check_not_own_case(by.pk if by else None, handlers_of(locked))
    acts_for = standing_of(by, locked.street, on=today).acts_for
    check_not_of_handling_party(handling_parties(locked, acts_for, on=today))
    return locked


def _check_case_move(case: Case, to: CaseState) -> None:
    check_case_move(CaseState(case.state), to, held_from=case.held_from)


def _step(
    case: Case, to: CaseState, kind: LineKind, text: Words = "", *, by: User | None, at: dt.datetime, **data: Any
) -> Case:
    """Take a step: save the case, and tell it on the timeline and on the trail."""
    _move(case, to, at=at, reason=data.get("reason", ""))
    tell(case, kind, text, by=by, at=at, **data)
    return case


def _move(case: Case, to: CaseState, *, at: dt.datetime, reason: str = "") -> None:
    _check_case_move(case, to)
    case.state, case.state_at, case.state_reason = to.value, at, reason[:300]
    case.version += 1
    case.save()


def _touch(case: Case) -> None:
    case.version += 1
    case.save(update_fields=["version"])


def _join(case: Case, party: Party, role: PartyRole, *, on: dt.date) -> CaseParty:
    """The open part of a party in a role, made if it has none; one that ended the day it began goes on."""
    parts = CaseParty.objects.filter(street=case.street_id, case=case, party=party, role=role)
    part = parts.filter(until_on__isnull=True).first()
    if part is None:
        check_no_overlap(party.name, str(role.label), from_on=on, others=list(parts))
        part = parts.filter(from_on=on).first()
    if part is None:
        return CaseParty.objects.create(street=case.street, case=case, party=party, role=role, from_on=on)
    if part.until_on is not None:
        part.until_on = None
        part.save(update_fields=["until_on"])
    return part
