"""Calling a joint conference, writing down who came and what was promised, and following the promises."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.cases.actions import add_line, lock_running_case
from hege.cases.models import Case
from hege.cases.queries import in_whose_name, standing_of
from hege.cases.rules import CaseState, LineKind, check_not_finished
from hege.conferences.models import AssistingParty, Attendance, Conference, Decision, Minutes
from hege.conferences.queries import list_attendance, snapshot_of, trail_head
from hege.conferences.rules import (
    NEXT_CONFERENCE,
    NEXT_DECISION,
    ConferenceState,
    DecisionState,
    check_attended,
    check_confirmed_by_another,
    check_due,
    check_held_on,
    check_invites,
    check_lead_speaks,
    check_records,
    check_seen,
    minutes_digest,
)
from hege.kernel.checks import check_move, check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.kernel.saying import Saying
from hege.people.models import Party, User
from hege.search.actions import index_rows
from hege.trail import actions as trail


@atomic
def call_conference(
    case: Case,
    *,
    meets_on: dt.date,
    place: str = "",
    agenda: str = "",
    parties: Sequence[Party] = (),
    by: User | None,
    at: dt.datetime,
) -> Conference:
    """Call the next round (召集) for a day and invite the parties."""
    if meets_on < day_of(at):
        raise Refused(_("开会日期不能早于今天。"), field="meets_on")
    root = lock_running_case(case)  # so that no two rounds get one number
    last = Conference.objects.filter(street=case.street_id, case=root).aggregate(n=Max("round"))["n"] or 0
    conference = Conference.objects.create(
        street=case.street, case=root, round=last + 1, called_on=day_of(at), meets_on=meets_on, place=place,
        agenda=agenda,
    )  # fmt: skip
    _invite(conference, parties, at=at)
    where = f" {conference.place}".rstrip()
    text = Saying(_("召集第 %(n)d 次，%(day)s%(where)s"), n=conference.round, day=meets_on, where=where)
    _tell(conference, "call_conference", text, by=by, at=at, meets_on=meets_on, invited=[p.pk for p in parties])
    return conference


@atomic
def invite_parties(conference: Conference, *, parties: Sequence[Party], by: User | None, at: dt.datetime) -> Conference:
    """Invite more parties to a conference that is called (邀请)."""
    locked = _lock(conference)
    check_invites(ConferenceState(locked.state))
    if not parties:
        raise Refused(_("请选要邀请的单位。"), field="parties")
    _invite(locked, parties, at=at)
    text = Saying(_("邀请参加第 %(n)d 次：%(who)s"), n=locked.round, who=[p.name for p in parties])
    _tell(locked, "invite", text, by=by, at=at, invited=[p.pk for p in parties])
    return locked


@atomic
def record_meeting(
    conference: Conference,
    *,
    held_on: dt.date,
    attended: Sequence[tuple[Party, str]],
    by: User | None,
    at: dt.datetime,
) -> Conference:
    """The conference took place (召开): who came and by whom each was represented; the others were absent.

    A party that came uninvited is written down as such.
    """
    locked = _lock(conference, ConferenceState.HELD)
    check_held_on(held_on, called_on=locked.called_on, today=day_of(at))
    came = {party.pk: (party, delegate) for party, delegate in attended}
    check_attended(len(came))
    check_same_street(locked.street_id, *(party for party, _delegate in attended))
    for row in Attendance.objects.filter(street=locked.street_id, conference=locked):
        party_and_delegate = came.pop(row.party_id, None)
        row.attended = party_and_delegate is not None
        row.delegate = party_and_delegate[1] if party_and_delegate else ""
        row.save(update_fields=["attended", "delegate"])
    for party, delegate in came.values():
        Attendance.objects.create(
            street=locked.street, conference=locked, party=party, attended=True, delegate=delegate
        )
    locked.held_on = held_on
    locked.save()
    rows = list_attendance(locked.street_id, locked)
    there, absent = [r for r in rows if r.attended], [r.party_id for r in rows if not r.attended]
    text = Saying(_("召开第 %(n)d 次，到会：%(who)s"), n=locked.round, who=[r.party.name for r in there])
    _tell(
        locked, "hold_conference", text, by=by, at=at, held_on=held_on, attended=[r.party_id for r in there],
        absent=absent,
    )  # fmt: skip
    return locked


@atomic
def cancel_conference(conference: Conference, *, reason: str, by: User | None, at: dt.datetime) -> Conference:
    """The conference does not take place (取消), with the reason. Its number stays taken."""
    said = check_words(reason)
    locked = _lock(conference, ConferenceState.CANCELLED)
    locked.reason = said[:300]
    locked.save()
    text = Saying(_("取消第 %(n)d 次：%(reason)s"), n=locked.round, reason=said)
    _tell(locked, "cancel_conference", text, by=by, at=at, reason=said)
    return locked


@atomic
def record_decision(
    conference: Conference,
    *,
    lead: Party,
    assisting: Sequence[Party] = (),
    measure: str,
    due_on: dt.date,
    evidence_required: str = "",
    by: User | None,
    at: dt.datetime,
) -> Decision:
    """Write down what a party promised (议定事项), between the conference and the signing of its minutes."""
    locked = _lock(conference)
    check_records(ConferenceState(locked.state))
    assert locked.held_on is not None  # the table holds no row without
    check_not_finished(CaseState(locked.case.state))
    check_due(due_on, held_on=locked.held_on)
    check_same_street(locked.street_id, lead, *assisting)
    if lead in assisting:
        raise Refused(_("牵头单位不能同时是配合单位。"), field="assisting")
    last = Decision.objects.filter(street=locked.street_id, conference=locked).aggregate(n=Max("number"))["n"] or 0
    decision = Decision.objects.create(
        street=locked.street, conference=locked, number=last + 1, lead=lead, due_on=due_on,
        measure=check_words(measure, field="measure"), evidence_required=evidence_required,
    )  # fmt: skip
    for party in assisting:
        AssistingParty.objects.create(street=locked.street, decision=decision, party=party)
    _tell_decision(decision, "record_decision", _("议定"), by=by, at=at, lead=lead.pk, due_on=due_on)
    return decision


@atomic
def sign_minutes(
    conference: Conference, *, text: str, seen: Collection[str] | None = None, by: User | None, at: dt.datetime
) -> Minutes:
    """Sign the minutes (签发纪要): text, decisions and attendance are frozen with a hash and the trail's head.

    ``seen`` are the fingerprints of the decisions and parties the signer was shown; ``Stale`` if they changed since.
    """
    said = check_words(text, field="text")
    locked = _lock(conference, ConferenceState.MINUTED)
    now = snapshot_of(locked)
    if seen is not None:
        check_seen(now.kept, seen)
    seq, head = trail_head(locked.street)
    minutes = Minutes.objects.create(
        street=locked.street, conference=locked, text=said, decisions=now.decisions, attendance=now.attendance,
        sha256=minutes_digest(said, now.decisions, now.attendance), trail_seq=seq, trail_head=head, signed_by=by,
        signed_at=at,
    )  # fmt: skip
    index_rows([minutes])
    locked.save()
    count = len(now.decisions)
    words = Saying(_("签发第 %(n)d 次会议纪要，议定 %(count)d 项"), n=locked.round, count=count)
    _tell(locked, "sign_minutes", words, by=by, at=at, sha256=minutes.sha256, decisions=count)
    return minutes


@atomic
def fulfil_decision(
    decision: Decision, *, party: Party, evidence: str, document: str = "", by: User | None, at: dt.datetime
) -> Decision:
    """The lead party says that its promise was kept, with evidence (反馈完成). Another person has to confirm it.

    ``party`` is on whose word: one of the lead's own people writes, or the street writes down what the lead brought.
    """
    said = check_words(evidence, field="evidence")
    locked = _lock_decision(decision)
    check_lead_speaks(party=party.pk, lead=locked.lead_id)
    on_behalf = in_whose_name(locked.lead, by, on=day_of(at))
    locked.evidence, locked.document = said, document
    locked.reported_on, locked.reported_by = day_of(at), by
    return _step(
        locked, DecisionState.REPORTED, "fulfil_decision", _("反馈完成"), said=said, by=by, at=at, on_behalf=on_behalf,
        document=document,
    )  # fmt: skip


@atomic
def confirm_decision(decision: Decision, *, by: User | None, at: dt.datetime) -> Decision:
    """Somebody else has seen the evidence and agrees (确认完成)."""
    locked = _lock_decision(decision)
    check_confirmed_by_another(
        by=by.pk if by else None,
        reported_by=locked.reported_by_id,
        lead=locked.lead_id,
        acts_for=standing_of(by, locked.street, on=day_of(at)).acts_for,
    )
    locked.confirmed_by, locked.done_on = by, day_of(at)
    return _step(locked, DecisionState.DONE, "confirm_decision", _("确认完成"), by=by, at=at)


@atomic
def send_back_decision(decision: Decision, *, reason: str, by: User | None, at: dt.datetime) -> Decision:
    """The evidence does not show that the promise was kept (退回补办); its due day stays what it was."""
    said = check_words(reason)
    locked = _lock_decision(decision)
    if locked.state != DecisionState.REPORTED:
        raise Refused(_("这一项还没有反馈完成。"))
    locked.reason = said[:300]
    return _step(
        locked, DecisionState.ASSIGNED, "send_back_decision", _("退回补办"), said=said, by=by, at=at, reason=said
    )


@atomic
def cancel_decision(decision: Decision, *, reason: str, by: User | None, at: dt.datetime) -> Decision:
    """A promise falls away (取消议定事项), with the reason; once the minutes are signed it stays in them."""
    said = check_words(reason)
    locked = _lock_decision(decision)
    locked.reason = said[:300]
    return _step(locked, DecisionState.CANCELLED, "cancel_decision", _("取消"), said=said, by=by, at=at, reason=said)


# -- inside ------------------------------------------------------------------------------------------------------------


def _lock(conference: Conference, to: ConferenceState | None = None) -> Conference:
    """The conference locked, and moved on where that is to be done; the caller saves it."""
    locked = lock(conference)
    locked.case.street = locked.street
    if to is not None:
        check_move(ConferenceState(locked.state), to, NEXT_CONFERENCE)
        locked.state = to
    return locked


def _lock_decision(decision: Decision) -> Decision:
    locked = lock(decision)
    locked.conference, locked.lead = decision.conference, decision.lead
    return locked


def _step(decision: Decision, to: DecisionState, verb: str, done: str | Promise, **told: Any) -> Decision:
    """Move a promise on, save it and tell it."""
    check_move(DecisionState(decision.state), to, NEXT_DECISION)
    decision.state = to
    decision.save()
    _tell_decision(decision, verb, done, **told)
    return decision


def _invite(conference: Conference, parties: Sequence[Party], *, at: dt.datetime) -> None:
    check_same_street(conference.street_id, *parties)
    there = {
        *Attendance.objects.filter(street=conference.street, conference=conference).values_list("party", flat=True)
    }
    Attendance.objects.bulk_create(
        Attendance(street=conference.street, conference=conference, party=party, invited_at=at)
        for party in {party.pk: party for party in parties}.values()
        if party.pk not in there
    )


def _tell(conference: Conference, verb: str, text: Saying, *, by: User | None, at: dt.datetime, **data: Any) -> None:
    case = conference.case
    add_line(case, kind=LineKind.CONFERENCE, text=text, by=by, at=at)
    trail.record(verb, conference, by=by, at=at, case=case.number, round=conference.round, **data)


def _tell_decision(
    decision: Decision,
    verb: str,
    done: str | Promise,
    *,
    said: str = "",
    by: User | None,
    at: dt.datetime,
    on_behalf: str = "",
    document: str = "",
    **data: Any,
) -> None:
    """What was done with which promise of whom, and the words that came with it."""
    conference = decision.conference
    kind = LineKind.PROMISE_KEPT if verb == LineKind.PROMISE_KEPT else LineKind.DECISION
    words = _("%(done)s · %(who)s：%(what)s（%(said)s）") if said else _("%(done)s · %(who)s：%(what)s")
    text = Saying(words, done=done, who=decision.lead.name, what=decision.measure, **({"said": said} if said else {}))
    add_line(conference.case, kind=kind, text=text, by=by, at=at, on_behalf=on_behalf, document=document)
    trail.record(
        verb, decision, by=by, at=at, on_behalf=on_behalf, case=conference.case.number, round=conference.round,
        number=decision.number, **data,
    )  # fmt: skip
