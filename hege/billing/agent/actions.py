"""An agent says something of the money; another looks at it, and takes it up as one side's word or leaves it."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from hege.billing.actions import PaymentDraft, state_evidence, take_payments
from hege.billing.agent.rules import (
    BOOKS,
    AgentTells,
    AgentWordKind,
    AgentWordState,
    as_evidence,
    check_looks,
    check_tells,
    check_waits,
)
from hege.billing.models import AgentWord
from hege.kernel.checks import check_same_street, check_words
from hege.kernel.clock import day_of
from hege.kernel.database import atomic
from hege.kernel.mutability import lock
from hege.kernel.refused import Refused
from hege.ledger.actions import lock_books
from hege.ledger.models import Transaction
from hege.metering.models import SupplyPoint
from hege.outbox import actions as outbox
from hege.outbox.rules import Event, Telling
from hege.people.models import Party, Role, User
from hege.people.queries import acting_for, posts_in
from hege.places.models import Tenancy
from hege.places.rules import covers
from hege.trail import actions as trail


@atomic
def tell_as_agent(
    point: SupplyPoint,
    told: AgentTells,
    *,
    agent: Party,
    tenancy: Tenancy | None = None,
    transaction: Transaction | None = None,
    by: User | None,
    at: dt.datetime,
) -> AgentWord:
    """Keep what an agent says (代收人的说法). Nothing is booked and nothing is proven by it: it waits to be looked at."""
    check_same_street(point.street_id, agent, tenancy, transaction)
    lock_books(point.street, [point.book_id])  # two that say the same at once are told so
    line = transaction.kind if transaction else ""
    check_tells(told, today=day_of(at), line=line, shop=tenancy is not None)
    said = {
        "street": point.street, "point": point, "agent": agent, "kind": told.kind, "tenancy": tenancy,
        "transaction": transaction, "on": told.on, "amount_fen": told.fen, "voucher": told.voucher.strip(),
        "text": told.text.strip(),
    }  # fmt: skip
    if AgentWord.objects.filter(**said, state=AgentWordState.WAITING).exists():
        raise Refused(_("一样的一条已经记下，正等街道看；确是另一笔，请写凭证号或者说明。"))
    word = AgentWord.objects.create(**said, means=told.means.strip(), by=by, said_at=at)
    _tell(word, Event.AGENT_SAID, to=_who_looks(point, but=by, on=day_of(at)), at=at)
    trail.record("tell_as_agent", word, by=by, at=at, kind=told.kind.value, amount_fen=told.fen, on=told.on)
    return word


@atomic
def take_word(word: AgentWord, *, note: str = "", by: User | None, at: dt.datetime) -> AgentWord:
    """Take up what an agent said (采用): new money is booked as claimed by one side, a word on a line is evidence for or
    against it, an explanation is noted. More than one side's word it never becomes by this."""
    locked = _lock_waiting(word, by)
    kind = AgentWordKind(locked.kind)
    if kind in BOOKS:
        booked_as, side = BOOKS[kind]
        draft = PaymentDraft(
            kind=booked_as, point=locked.point, on=locked.on or day_of(at), amount_fen=locked.amount_fen or 0,
            confirmed=False, tenancy=locked.tenancy, agent=locked.agent, means=locked.means, voucher=locked.voucher,
            says=side,
        )  # fmt: skip
        locked.transaction_id = take_payments(locked.street, [draft], by=by, at=at)[0]
    elif kind is not AgentWordKind.EXPLAINED and locked.transaction is not None:
        said = as_evidence(kind, locked.transaction.kind)
        state_evidence(
            locked.transaction, side=said.side, kind=said.kind, supports=said.supports, stated_on=day_of(locked.said_at),
            document=locked.text[:200], by=by, at=at,
        )  # fmt: skip
    return _decide(locked, AgentWordState.TAKEN, "take_word", note.strip(), by=by, at=at)


@atomic
def leave_word(word: AgentWord, *, note: str, by: User | None, at: dt.datetime) -> AgentWord:
    """Look at what an agent said and not take it up (不采用), with the reason, which the agent reads."""
    reason = check_words(note, field="note")
    return _decide(_lock_waiting(word, by), AgentWordState.LEFT, "leave_word", reason, by=by, at=at)


def _who_looks(point: SupplyPoint, *, but: User | None, on: dt.date) -> set[int]:
    """The coordinators of a meter's place; who else may decide finds it counted in the menu, and is not rung up for each line."""
    path = point.place.path if point.place else ""
    posts = posts_in(point.street, Role.COORDINATOR, on=on)
    return {user for _role, user, part, _party in posts if covers(part, path)} - {but.pk if but else 0}


def _tell(word: AgentWord, event: Event, *, to: set[int], at: dt.datetime) -> None:
    path = f"/{word.street.code}/agent/word/{word.public_id}/"
    about = ("billing.agentword", word.pk)
    outbox.tell(word.street, [Telling(event, about, word.point.code, path, to, word.on)], at=at)


def _lock_waiting(word: AgentWord, by: User | None) -> AgentWord:
    locked = lock(word)
    check_waits(state=AgentWordState(locked.state))
    check_looks(by=by.pk if by else None, said_by=locked.by_id)
    return locked


def _decide(
    word: AgentWord, state: AgentWordState, verb: str, note: str, *, by: User | None, at: dt.datetime
) -> AgentWord:
    word.state, word.note, word.decided_by, word.decided_at = state, note, by, at
    word.save(update_fields=["state", "note", "decided_by", "decided_at", "transaction"])
    _tell(word, Event.AGENT_ANSWERED, to=set(acting_for(word.agent_id, word.street, on=day_of(at))), at=at)
    trail.record(verb, word, by=by, at=at, kind=word.kind, line=word.transaction_id, note=note)
    return word
