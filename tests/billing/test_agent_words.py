"""What a collecting agent says is kept as said, and never more than one side's word."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.arrears.queries import who_holds_the_money
from hege.billing.agent.actions import leave_word, take_word, tell_as_agent
from hege.billing.agent.rules import AgentTells, AgentWordKind, AgentWordState
from hege.billing.chart import TransactionKind
from hege.billing.models import Payment
from hege.kernel.refused import Refused
from hege.ledger.rules import Level
from hege.outbox.models import Message
from hege.outbox.rules import Channel, Event
from tests.cast import NOW, Cast, Row

pytestmark = pytest.mark.once
MARCH = dt.date(2026, 3, 1)
COLLECTED = AgentTells(AgentWordKind.COLLECTED, on=MARCH, fen=9_000)


def held(row: Row) -> tuple[int, int]:
    """What the agent holds: confirmed, and with claims."""
    holding = who_holds_the_money(row.point, on=dt.date(2026, 4, 1))
    return holding.confirmed.held, holding.with_claims.held


def tell(row: Row, cast: Cast, told: AgentTells, **more: Any):
    return tell_as_agent(row.point, told, agent=row.agent, by=cast.agent, at=NOW, **more)


def test_what_was_collected_moves_no_figure_until_another_takes_it_up_and_then_a_claim_alone(row: Row, cast: Cast):
    row.bill(fen=90_000)
    word = tell(row, cast, COLLECTED, tenancy=row.tenancies[0])
    assert held(row) == (0, 0)
    with pytest.raises(Refused, match="别人来看"):
        take_word(word, by=cast.agent, at=NOW)
    taken = take_word(word, by=cast.coordinator, at=NOW)
    assert (taken.state, taken.decided_by) == (AgentWordState.TAKEN, cast.coordinator)
    assert held(row) == (0, 9_000)
    assert Payment.objects.get(transaction=taken.transaction).tenancy == row.tenancies[0]
    with pytest.raises(Refused, match="已经有人看过"):
        take_word(word, by=cast.coordinator, at=NOW)


def test_a_denial_counts_once_it_was_looked_at_and_what_the_shop_says_is_confirmed_by_the_agents_yes(
    row: Row, cast: Cast
):
    row.bill(fen=90_000)
    line = row.pay(TransactionKind.RECEIPT, 9_000, on=MARCH, unit=0, confirmed=False)
    denied = tell(row, cast, AgentTells(AgentWordKind.DENIED, "是房租"), transaction=line)
    take_word(denied, by=cast.clerk, at=NOW)
    line.open_claim.refresh_from_db()
    assert line.level == Level.CONTESTED
    agreed = tell(row, cast, AgentTells(AgentWordKind.CONFIRMED), transaction=line)
    take_word(agreed, by=cast.clerk, at=NOW)
    assert held(row) == (9_000, 9_000)


def test_what_is_not_taken_up_stays_with_its_reason_and_moves_nothing(row: Row, cast: Cast):
    row.bill(fen=90_000)
    word = tell(row, cast, COLLECTED, tenancy=row.tenancies[0])
    left = leave_word(word, note="没有凭证", by=cast.coordinator, at=NOW)
    told = Message.objects.filter(about="billing.agentword", channel=Channel.BELL).order_by("pk")
    assert list(told.values_list("event", "user")) == [
        (Event.AGENT_SAID, cast.coordinator.pk),
        (Event.AGENT_ANSWERED, cast.agent.pk),
    ]
    assert (left.state, left.note, left.transaction) == (AgentWordState.LEFT, "没有凭证", None)
    assert held(row) == (0, 0)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (COLLECTED, "哪家店"),
        (AgentTells(AgentWordKind.REMITTED, on=dt.date(2027, 1, 1), fen=1), "不能晚于今天"),
        (AgentTells(AgentWordKind.REMITTED, on=MARCH, fen=0), "大于零"),
        (AgentTells(AgentWordKind.DENIED, " "), "理由"),
    ],
)
def test_what_says_too_little_is_refused_in_words(row: Row, cast: Cast, told: AgentTells, why: str):
    row.bill(fen=90_000)
    lines = {"transaction": row.pay(TransactionKind.REMITTANCE, 1, on=MARCH)} if told.on is None else {}
    with pytest.raises(Refused, match=why):
        tell(row, cast, told, **lines)


def test_a_line_that_did_not_pass_through_their_hands_is_explained_and_not_denied(row: Row, cast: Cast):
    row.bill(fen=90_000)
    line = row.pay(TransactionKind.DIRECT_PAYMENT, 1_000, on=MARCH, unit=1)
    with pytest.raises(Refused, match="只能说明"):
        tell(row, cast, AgentTells(AgentWordKind.DENIED, "没有"), transaction=line)
    tell(row, cast, AgentTells(AgentWordKind.EXPLAINED, "店主自己去交的"), transaction=line)


def test_the_same_said_again_is_refused_while_it_waits(row: Row, cast: Cast):
    row.bill(fen=90_000)
    tell(row, cast, COLLECTED, tenancy=row.tenancies[0])
    with pytest.raises(Refused, match="一样的一条"):
        tell(row, cast, COLLECTED, tenancy=row.tenancies[0])
