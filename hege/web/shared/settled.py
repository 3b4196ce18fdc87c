"""A list of what a shop is owed, as the office and the shop itself read it: its mark, its lines, what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.kernel.money import yuan
from hege.kernel.several import several
from hege.people.models import User
from hege.programme.settlements.models import Settlement, SettlementLine, SettlementPart
from hege.programme.settlements.queries import lines_digest, lines_of, parts_of_list, steps_of
from hege.programme.settlements.rules import SettlementState
from hege.web.jinja import instant, month_said
from hege.web.marks import Chip, Line

S = SettlementState


LOOKS: Mapping[SettlementState, tuple[str, str]] = {
    S.FROZEN: ("water", "hourglass"),
    S.DISPUTED: ("red", "flag"),
    S.CONFIRMED: ("amber", ""),
    S.PAID: ("green", "circle-check"),
}
#: What a step of a list was.
STEPS: Mapping[SettlementState, str | Promise] = {
    S.FROZEN: gettext_lazy("异议已答复，等商户再确认"),
    S.DISPUTED: gettext_lazy("商户有异议"),
    S.CONFIRMED: gettext_lazy("商户确认"),
    S.PAID: gettext_lazy("商户确认，没有要付的"),
}


#: What a shop is told of its own list, where that is not what others call it.
TO_SHOP: Mapping[SettlementState, str | Promise] = {
    S.FROZEN: gettext_lazy("等您确认"),
    S.CONFIRMED: gettext_lazy("您确认了，等街道付"),
}


def chip_of(settlement: Settlement, *, to_shop: bool = False) -> Chip:
    """The mark of a list."""
    state = S(settlement.state)
    if state is S.CONFIRMED and settlement.paid_fen:
        return Chip(_("付了一部分，还差 %(sum)s 元") % {"sum": yuan(settlement.open_fen)}, "amber", "hourglass")
    tone, icon = LOOKS[state]
    return Chip(TO_SHOP.get(state, state.label) if to_shop else state.label, tone, icon)


def below_nothing_said(open_fen: int, *, payer: str, is_over: bool) -> str:
    """What becomes of lines that come to less than nothing: more was taken back than taken since; empty where they do not."""
    if open_fen >= 0:
        return ""
    if not is_over:
        return _("撤回的比收的多，等以后收的券抵完，才进名单。")
    return _(
        "这家店已经停收，没有以后的券来抵：请它把多付的 %(sum)s 元退还%(payer)s，留好收据。这一行不是应付，会一直留在这里。"
    ) % {"sum": yuan(-open_fen), "payer": payer}


@dataclass
class ListPage:
    """One list: whose it is, every line, its digest, what became of it, what was paid."""

    settlement: Settlement
    #: Whether who of the office did what is told.
    inside: bool = False

    @property
    def name(self) -> str:
        """The month in words."""
        return month_said(self.settlement.month.month_on)

    @property
    def state(self) -> SettlementState:
        return S(self.settlement.state)

    @property
    def chip(self) -> Chip:
        return chip_of(self.settlement, to_shop=not self.inside)

    @cached_property
    def lines(self) -> list[SettlementLine]:
        return list(lines_of(self.settlement))

    @cached_property
    def is_whole(self) -> bool:
        """Whether its lines still give the digest it was frozen with."""
        return lines_digest(self.settlement) == self.settlement.digest

    @property
    def digest(self) -> str:
        """In groups of four, as it is read out."""
        hexed = self.settlement.digest
        return " ".join(hexed[n : n + 4] for n in range(0, len(hexed), 4))

    @cached_property
    def parts(self) -> Sequence[SettlementPart]:
        return list(parts_of_list(self.settlement))

    @cached_property
    def history(self) -> list[Line]:
        """What became of it, in order."""
        month = self.settlement.month
        frozen = several("名单冻结：%(n)d 行，%(sum)s 元") % {
            "n": self.settlement.lines_count, "sum": yuan(self.settlement.total_fen),
        }  # fmt: skip
        found = [(month.at, Line(frozen, _told(month.at, self._name(month.by))))]
        for step in steps_of(self.settlement):
            who = step.till.label if step.till else self._name(step.by)
            tone = {S.DISPUTED: "red", S.PAID: "green", S.CONFIRMED: "green"}.get(S(step.to), "")
            found.append((step.at, Line(STEPS[S(step.to)], _told(step.at, who, step.words), tone)))
        for part in self.parts:
            found += self._paid(part)
        return [line for _at, line in sorted(found, key=lambda pair: pair[0])]

    def _name(self, user: User | None) -> str:
        return user.full_name if user and self.inside else ""

    def _paid(self, part: SettlementPart) -> list[tuple[dt.datetime, Line]]:
        payment = part.payment
        said = {"payer": payment.payer.name, "sum": yuan(part.fen), "serial": payment.bank_serial}
        text = _("%(payer)s付 %(sum)s 元，流水号 %(serial)s") % said
        made = (payment.at, Line(text, _told(payment.at, self._name(payment.by)), "green"))
        if payment.reversed_at is None:
            return [made]
        back = _("这笔付款撤销了，流水号 %(serial)s") % said
        return [made, (payment.reversed_at, Line(back, _told(payment.reversed_at, "", payment.reason), "red"))]


def _told(at: dt.datetime, *words: str) -> str:
    return " · ".join([instant(at), *(word for word in words if word)])
