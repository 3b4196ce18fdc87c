"""What is shown of one thing an agent said."""

from __future__ import annotations

from functools import cached_property

from django.utils.translation import gettext as _

from hege.billing.agent.rules import AgentWordState, check_looks, check_waits
from hege.billing.models import AgentWord
from hege.kernel.money import yuan
from hege.kernel.refused import allows
from hege.web.access import Desk
from hege.web.jinja import daylong, instant
from hege.web.marks import Chip

TONES = {AgentWordState.WAITING: "amber", AgentWordState.TAKEN: "green", AgentWordState.LEFT: ""}


class WordPage:
    """One word, in words, and whether this person may decide on it."""

    def __init__(self, word: AgentWord, desk: Desk) -> None:
        self.word, self.desk = word, desk

    @property
    def href(self) -> str:
        return self.desk.to("agent:detail", self.word.public_id)

    @property
    def line_href(self) -> str:
        """The booked line it speaks of, or was booked as; empty for none."""
        word = self.word
        return self.desk.to("meters:transaction", word.point.code, word.transaction_id) if word.transaction_id else ""

    @cached_property
    def title(self) -> str:
        word, kind = self.word, str(self.word.get_kind_display())
        if word.amount_fen is None:
            return kind
        return _("%(kind)s，%(sum)s 元") % {"kind": kind, "sum": yuan(word.amount_fen)}

    @property
    def about(self) -> str:
        """The meter, the shop, the day."""
        word = self.word
        shop = f"{word.tenancy.unit.code} {word.tenancy.unit.name}" if word.tenancy else ""
        return " · ".join(part for part in (word.point.name, shop, daylong(word.on) if word.on else "") if part)

    @property
    def state(self) -> Chip:
        return Chip(self.word.get_state_display(), TONES[AgentWordState(self.word.state)])

    @property
    def facts(self) -> list[tuple[str, object]]:
        """What was said, point by point."""
        word = self.word
        said = [
            (_("谁说的"), word.agent.name), (_("说了什么"), self.title), (_("总表"), f"{word.point.name} {word.point.code}"),
            (_("哪家店交的"), f"{word.tenancy.unit.code} {word.tenancy.unit.name}" if word.tenancy else ""),
            (_("哪一天"), daylong(word.on) if word.on else ""), (_("方式"), word.means), (_("凭证号"), word.voucher),
            (_("说明"), word.text), (_("什么时候说的"), instant(word.said_at, year=True)),
        ]  # fmt: skip
        return [(name, value) for name, value in said if value]

    @property
    def decided(self) -> list[tuple[str, object]]:
        """Who looked at it, when, and why so; nothing while it waits."""
        word = self.word
        if word.decided_at is None:
            return []
        who = word.decided_by.full_name if word.decided_by else _("系统")
        said = [(_("谁看的"), who), (_("什么时候"), instant(word.decided_at, year=True)), (_("说了什么"), word.note)]
        return [(name, value) for name, value in said if value]

    @property
    def may_decide(self) -> bool:
        word = self.word
        waits = allows(check_waits, state=AgentWordState(word.state))
        mine = allows(check_looks, by=self.desk.user.pk, said_by=word.by_id)
        return waits and mine and self.desk.may("agent.decide")
