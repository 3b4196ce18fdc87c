"""Proposing thanks, looking at them, showing, giving and taking them back; each asks its rule and stands on the trail."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.utils.translation import gettext_lazy as _

from hege.cases.actions import next_number
from hege.credentials.actions import sign_badge
from hege.credentials.status import free_place
from hege.kernel.calendar import DAY
from hege.kernel.checks import check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.personal import hide
from hege.kernel.refused import Refused
from hege.members.actions import tell_members
from hege.members.models import Member
from hege.outbox.rules import Event, Telling
from hege.people.models import User
from hege.people.queries import locked_street
from hege.programme.seasons.models import Season
from hege.programme.thanks import queries
from hege.programme.thanks.models import (
    ServiceCertificate,
    Thanks,
    ThanksBadge,
    ThanksObjection,
    ThanksObjectionDecision,
    ThanksStep,
)
from hege.programme.thanks.publishing import badge_of
from hege.programme.thanks.rules import (
    LONGEST_REASON,
    LONGEST_WORDS,
    PUBLICITY_DAYS,
    Act,
    Decision,
    ThanksKind,
    ThanksState,
    check_act,
    check_approval,
    check_decidable,
    check_facts,
    check_objectable,
    check_publicity,
    check_title,
    first_day_after,
)
from hege.trail import actions as trail

#: The series in which thanks and certificates of a street are numbered.
SERIES = "thanks"


@atomic
def propose_thanks(
    member: Member,
    *,
    season: Season,
    kind: ThanksKind,
    title: str,
    words: str,
    approval_no: str = "",
    by: User | None,
    at: dt.datetime,
) -> Thanks:
    """Propose to thank a member (提出致谢) for what the facts of a season say on this day; one of a kind for each season."""
    check_same_street(member.street_id, season)
    approval = check_approval(approval_no)
    said = check_title(title, approval_no=approval)
    body = _short(check_words(words, _("请写明感谢什么。"), field="words"), LONGEST_WORDS, "words")
    locked = lock(member)
    if locked.left_at is not None:
        raise Refused(_("这位成员已经退出，不能致谢。"), field="member")
    facts = queries.facts_of(locked, season)
    check_facts(facts)
    if any(one.kind == kind for one in queries.standing(locked.street, locked, season)):
        raise Refused(
            _("这一季已经给这位成员提过“%(kind)s”，请换一种，或者先看那一份。"), kind=kind.label, field="kind"
        )
    made = Thanks.objects.create(
        street=locked.street, member=locked, season=season, kind=kind, title=said, words=body, approval_no=approval,
        **facts._asdict(),
    )  # fmt: skip
    ThanksStep.objects.create(street=made.street, thanks=made, to=ThanksState.PROPOSED, by=by, at=at)
    trail.record("propose_thanks", made, by=by, at=at, kind=kind.value, season=season.public_id)
    return made


@atomic
def review_thanks(thanks: Thanks, *, words: str = "", by: User | None, at: dt.datetime) -> Thanks:
    """A second person has looked at facts and words (复核致谢)."""
    return _step(_lock_for(Act.REVIEW, thanks, by=by, at=at), Act.REVIEW, "review_thanks", words=words, by=by, at=at)


@atomic
def show_thanks(thanks: Thanks, *, days: int = PUBLICITY_DAYS, by: User | None, at: dt.datetime) -> Thanks:
    """Show it for some days (致谢公示), seven at least: anybody may object. Who is thanked hears of it first of all."""
    check_publicity(days)
    locked = _lock_for(Act.SHOW, thanks, by=by, at=at)
    locked.shown_until_on = first_day_after(day_of(at), days)
    _step(locked, Act.SHOW, "show_thanks", by=by, at=at, days=days)
    _tell(locked, Event.THANKS_SHOWN, at=at)
    return locked


@atomic
def give_thanks(thanks: Thanks, *, by: User | None, at: dt.datetime) -> Thanks:
    """Give it (送达致谢), numbered and signed: once its publicity is over and no objection waits or was upheld."""
    locked_street(thanks.street_id)  # so that no two badges take one place
    locked = _lock_for(Act.GIVE, thanks, by=by, at=at)
    street = locked.street
    locked.number, locked.given_at = next_number(street, SERIES, at=at), at
    rows = ThanksBadge.objects.filter(street=street)
    place = free_place(lambda place: rows.filter(place=place).exists(), used=rows.count())
    signed, serial = sign_badge(badge_of(locked, place=place, at=at), street=street, by=by, at=at)
    ThanksBadge.objects.create(
        street=street, thanks=locked, place=place, key_serial=serial, at=at,
        signed=json.dumps(signed, ensure_ascii=False, separators=(",", ":")),
    )  # fmt: skip
    _step(locked, Act.GIVE, "give_thanks", by=by, at=at, number=locked.number)
    _tell(locked, Event.THANKED, at=at)
    return locked


@atomic
def revoke_thanks(thanks: Thanks, *, reason: str, by: User | None, at: dt.datetime) -> Thanks:
    """Take it back (撤回致谢); the reason stays visible, its badge says that it was revoked."""
    said = check_words(reason, _("请写明撤回的理由，理由会一直公开。"))
    locked = _lock_for(Act.REVOKE, thanks, by=by, at=at)
    return _step(locked, Act.REVOKE, "revoke_thanks", words=said, by=by, at=at)


@atomic
def drop_thanks(thanks: Thanks, *, reason: str, by: User | None, at: dt.datetime) -> Thanks:
    """Do not go on with it (不再办), for a reason; it was never given."""
    said = check_words(reason, _("请写明不再办的理由。"))
    return _step(_lock_for(Act.DROP, thanks, by=by, at=at), Act.DROP, "drop_thanks", words=said, by=by, at=at)


def _lock_for(act: Act, thanks: Thanks, *, by: User | None, at: dt.datetime) -> Thanks:
    """The thanks, locked, once the act may be done to them; member and season as they were read."""
    locked = lock(thanks)
    locked.member, locked.season = thanks.member, thanks.season
    check_act(act, stands=queries.stands(locked, on=day_of(at)), by=by.pk if by else None)
    return locked


def _step(
    thanks: Thanks, act: Act, verb: str, *, words: str = "", by: User | None, at: dt.datetime, **said: Any
) -> Thanks:
    told = _short(words.strip(), LONGEST_REASON, "reason")
    ThanksStep.objects.create(street=thanks.street, thanks=thanks, to=act.value, words=told, by=by, at=at)
    thanks.state = act.value
    thanks.save(update_fields=["state", "number", "shown_until_on", "given_at"])
    trail.record(verb, thanks, by=by, at=at, words=told, **said)
    return thanks


def _tell(thanks: Thanks, event: Event, *, at: dt.datetime) -> None:
    """Tell who is thanked, once of each: the number and where the letter is read, not what it is for."""
    telling = Telling(event, ("thanks.thanks", thanks.pk), thanks.number, f"/k/{thanks.public_id}/")
    tell_members(thanks.street, [(thanks.member, telling)], at=at)


def _short(text: str, most: int, field: str) -> str:
    if len(text) > most:
        raise Refused(_("最多 %(most)d 个字，这里有 %(n)d 个。"), most=most, n=len(text), field=field)
    return text


# -- objections ----------------------------------------------------------------------------------------------------------


@atomic
def object_to_thanks(thanks: Thanks, *, words: str, by: User | None, at: dt.datetime) -> ThanksObjection:
    """Anybody speaks against what is shown (对致谢提异议); personal numbers in the words are hidden, nobody is asked who they are."""
    said = _short(check_words(words, _("请写明哪里不对。"), field="words"), LONGEST_WORDS, "words")
    locked = lock(thanks)
    check_objectable(ThanksState(locked.state), lately=queries.objections_since(locked, at - DAY))
    made = ThanksObjection.objects.create(
        street=locked.street, thanks=locked, words=hide(said.replace("\0", "")), at=at
    )
    trail.record("object_to_thanks", locked, by=by, at=at, objection=made.public_id)
    return made


@atomic
def decide_thanks_objection(
    objection: ThanksObjection, *, decision: Decision, words: str, by: User | None, at: dt.datetime
) -> ThanksObjectionDecision:
    """Say what becomes of an objection (处理致谢异议): one that is upheld keeps the thanks from being given."""
    said = _short(check_words(words, _("请写明处理的理由。"), field="words"), LONGEST_REASON, "words")
    thanks = lock(objection.thanks)
    proposed_by = queries.stands(thanks, on=day_of(at)).proposed_by
    decided = ThanksObjectionDecision.objects.filter(street=thanks.street, objection=objection).exists()
    check_decidable(decided=decided, proposed_by=proposed_by, by=by.pk if by else None)
    kept = ThanksObjectionDecision.objects.create(
        street=thanks.street, objection=objection, decision=decision, words=said, by=by, at=at
    )
    trail.record(
        "decide_thanks_objection", thanks, by=by, at=at, objection=objection.public_id, decision=decision.value
    )
    return kept


# -- certificates of hours -----------------------------------------------------------------------------------------------


@atomic
def certify_hours(
    member: Member, *, from_on: dt.date, last_on: dt.date, by: User | None, at: dt.datetime
) -> ServiceCertificate:
    """Certify what scans showed of a member from one day to another, both included (出具志愿服务记录证明).

    Free, and at once: 志愿服务记录与证明出具办法 (2020). ``Refused`` where there is nothing to certify.
    """
    if last_on < from_on:
        raise Refused(_("截止日期早于开始日期。"), field="last_on")
    if last_on > day_of(at):
        raise Refused(_("截止日期还没有到。"), field="last_on")
    locked = lock(member)
    lines = queries.hours_of(locked, from_on=from_on, until_on=last_on + DAY)
    if not lines:
        raise Refused(_("这段时间没有扫码记下的时长，没有可以证明的。"), field="from_on")
    made = ServiceCertificate.objects.create(
        street=locked.street, member=locked, number=next_number(locked.street, SERIES, at=at), from_on=from_on,
        until_on=last_on + DAY, minutes=sum(minutes for _day, _title, minutes in lines),
        lines=[[day.isoformat(), title, minutes] for day, title, minutes in lines], by=by, at=at,
    )  # fmt: skip
    trail.record("certify_hours", made, by=by, at=at, number=made.number, minutes=made.minutes)
    return made
