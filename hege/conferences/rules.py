"""States of a joint conference and of what it decides; who may say that a promise was kept."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Mapping, Set
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused, Stale
from hege.kernel.several import several


class ConferenceState(TextChoices):
    """How far a conference has come (联席会议)."""

    CALLED = "called", _("已召集")
    HELD = "held", _("已召开")
    MINUTED = "minuted", _("纪要已签")
    CANCELLED = "cancelled", _("已取消")


NEXT_CONFERENCE: Mapping[ConferenceState, Set[ConferenceState]] = {
    ConferenceState.CALLED: {ConferenceState.HELD, ConferenceState.CANCELLED},
    ConferenceState.HELD: {ConferenceState.MINUTED},
    ConferenceState.MINUTED: set(),
    ConferenceState.CANCELLED: set(),
}


class DecisionState(TextChoices):
    """How far a promise has come (议定事项). Overdue is no state: it is told from the due day."""

    ASSIGNED = "assigned", _("办理中")
    REPORTED = "reported", _("待确认")
    DONE = "done", _("已完成")
    CANCELLED = "cancelled", _("已取消")


NEXT_DECISION: Mapping[DecisionState, Set[DecisionState]] = {
    DecisionState.ASSIGNED: {DecisionState.REPORTED, DecisionState.CANCELLED},
    DecisionState.REPORTED: {DecisionState.DONE, DecisionState.ASSIGNED, DecisionState.CANCELLED},
    DecisionState.DONE: set(),
    DecisionState.CANCELLED: set(),
}

#: Nothing more is done about these.
DECISION_FINISHED = frozenset({DecisionState.DONE, DecisionState.CANCELLED})


def check_invites(state: ConferenceState) -> None:
    """Parties are asked to a conference that is called and not held yet (邀请)."""
    if state is not ConferenceState.CALLED:
        raise Refused(_("会议召集之后、召开之前才能邀请。"))


def check_records(state: ConferenceState) -> None:
    """Promises are written down between the conference and the signing of its minutes (登记议定事项)."""
    if state is not ConferenceState.HELD:
        raise Refused(_("会议召开之后、纪要签发之前才能登记议定事项。"))


def awaits(state: ConferenceState, *, meets_on: dt.date, today: dt.date) -> ConferenceState | None:
    """The step to offer first (等着办的一步): to say how it went once its day has come, then to sign its minutes.

    A question of what is worth offering, no more: a meeting that was held before its day may be told of too.
    """
    if state is ConferenceState.CALLED:
        return ConferenceState.HELD if meets_on <= today else None
    return ConferenceState.MINUTED if state is ConferenceState.HELD else None


def check_held_on(held_on: dt.date, *, called_on: dt.date, today: dt.date) -> None:
    """A conference is held on or after the day it was called, and is told of afterwards."""
    if held_on < called_on:
        raise Refused(_("会议日期不能早于召集日期。"), field="held_on")
    if held_on > today:
        raise Refused(_("会议还没有开，不能登记召开。"), field="held_on")


def check_attended(count: int) -> None:
    """A conference nobody came to was not held (联席: more than one party at the table)."""
    if count < 2:
        raise Refused(_("到会的单位不足两家，不能算作召开。"), field="attended")


def check_due(due_on: dt.date, *, held_on: dt.date) -> None:
    """What is decided is due on or after the day of the conference."""
    if due_on < held_on:
        raise Refused(_("完成期限不能早于会议日期。"), field="due_on")


def check_lead_speaks(*, party: int, lead: int) -> None:
    """Only the lead party says that its promise was kept; who may speak for it is a rule of ``cases``."""
    if party != lead:
        raise Refused(_("由牵头单位反馈完成情况。"), field="party")


def check_confirmed_by_another(
    *, by: int | None, reported_by: int | None, lead: int, acts_for: Collection[int]
) -> None:
    """Somebody else than who reported it, and not of the lead party, confirms that a promise was kept (他人确认)."""
    if by is None:
        raise Refused(_("要由具体的人确认。"))
    if by == reported_by or lead in acts_for:
        raise Refused(_("不能自己确认自己完成，请由另一个人确认。"))


def open_decision_steps(state: DecisionState, *, speaks: bool, apart: bool) -> Set[DecisionState]:
    """Where a person may bring a promise, rights aside: ``speaks`` for its lead, ``apart`` from who reported it kept.

    Who may not confirm does not send back either.
    """
    shut = set() if speaks else {DecisionState.REPORTED}
    return NEXT_DECISION[state] - (shut if apart else shut | {DecisionState.DONE, DecisionState.ASSIGNED})


def check_seen(kept: Mapping[str, str], seen: Collection[str]) -> None:
    """Whoever signs has seen what is signed. ``kept``: what is frozen now, fingerprint -> words; ``seen``: those shown.

    Raises ``Stale``, which says what is new and how much is gone.
    """
    new = [words for fingerprint, words in kept.items() if fingerprint not in seen]
    gone = sum(fingerprint not in kept for fingerprint in seen)
    if new or gone:
        parts = [_("新增或改过：%(what)s。") % {"what": "；".join(new)}] if new else []
        parts += [several("去掉或改掉了 %(n)d 项。") % {"n": gone}] if gone else []
        raise Stale(
            _("您打开这一页以后，议定事项或到会名单有变动。%(what)s下面列的是现在的内容，看过再签发。"),
            what="".join(map(str, parts)),
        )


def fingerprint(entry: Mapping[str, Any]) -> str:
    """A short hash of one decision or one party's attendance, to tell whether it is still what somebody saw."""
    whole = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


def minutes_digest(text: str, decisions: list[dict[str, Any]], attendance: list[dict[str, Any]]) -> str:
    """SHA-256 over what was signed: the text, the decisions and who was there, as hex."""
    whole = json.dumps([text, decisions, attendance], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()
