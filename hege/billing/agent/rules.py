"""What a collecting agent may say of the money, and who may decide what becomes of it."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.billing.chart import TransactionKind
from hege.kernel.checks import check_another
from hege.kernel.refused import Refused
from hege.ledger.rules import EvidenceKind, Side, Statement


class AgentWordKind(TextChoices):
    """What is said: that money was taken or passed on, or something of a line that is booked."""

    COLLECTED = "collected", _("收了一笔")
    REMITTED = "remitted", _("交了一笔")
    CONFIRMED = "confirmed", _("认这一笔")
    DENIED = "denied", _("不认这一笔")
    EXPLAINED = "explained", _("说明")


class AgentWordState(TextChoices):
    """What became of it."""

    WAITING = "waiting", _("等街道看")
    TAKEN = "adopted", _("街道采用了")
    LEFT = "declined", _("街道没有采用")


#: What each that tells of new money would be booked as, and on which side of it the agent stands.
BOOKS = {
    AgentWordKind.COLLECTED: (TransactionKind.RECEIPT, Side.PAYEE),
    AgentWordKind.REMITTED: (TransactionKind.REMITTANCE, Side.PAYER),
}
#: On which side of a booked line the agent stands; of others they may explain, not speak for or against.
SIDES = dict(BOOKS.values())


class AgentTells(NamedTuple):
    """One thing an agent says. ``on``, ``fen``, ``means`` and ``voucher`` are of new money only; ``text`` says why."""

    kind: AgentWordKind
    text: str = ""
    on: dt.date | None = None
    fen: int | None = None
    means: str = ""
    voucher: str = ""


def check_tells(told: AgentTells, *, today: dt.date, line: str = "", shop: bool = False) -> None:
    """Refuse what says too little. ``line``: the kind of the transaction it is about; ``shop``: whether a shop is named."""
    if told.kind in BOOKS:
        if told.on is None or told.on > today:
            raise Refused(_("日期不能晚于今天。"), field="on")
        if told.fen is None or told.fen <= 0:
            raise Refused(_("金额要大于零。"), field="fen")
        if told.kind is AgentWordKind.COLLECTED and not shop:
            raise Refused(_("请选是哪家店交的。"), field="tenancy")
        return
    check_speaks(told.kind, line)
    if told.kind is not AgentWordKind.CONFIRMED and not told.text.strip():
        raise Refused(_("请写明理由。"), field="text")


def check_speaks(kind: AgentWordKind, line: str) -> None:
    """Refuse to speak for or against a line that an agent was no side of."""
    if kind is not AgentWordKind.EXPLAINED and line not in SIDES:
        raise Refused(_("这一笔不经代收人的手，只能说明，不能认或者不认。"))


def check_waits(*, state: AgentWordState) -> None:
    """Refuse to decide twice."""
    if state is not AgentWordState.WAITING:
        raise Refused(_("这条说法已经有人看过了。"))


def check_looks(*, by: int | None, said_by: int | None) -> None:
    """Refuse that somebody decides on their own word."""
    check_another(by=by, first=said_by, sentence=_("自己说的，要由别人来看。"))


def as_evidence(kind: AgentWordKind, line: str) -> Statement:
    """A word on a line, as evidence: one side's word, never more, whatever picture came with it."""
    return Statement(SIDES[TransactionKind(line)], EvidenceKind.ORAL_WORD, supports=kind is AgentWordKind.CONFIRMED)
