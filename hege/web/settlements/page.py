"""What the pages of settlements show: a month by state, its lists, who owes whom, and one list with all its lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.db.models import Sum
from django.utils.translation import gettext as _

from hege.kernel.money import yuan
from hege.kernel.refused import allows
from hege.kernel.several import several
from hege.people.models import Party
from hege.programme.settlements.models import (
    Settlement,
    SettlementLine,
    SettlementMonth,
    SettlementStep,
)
from hege.programme.settlements.queries import (
    Debt,
    Open,
    last_words,
    latest_month,
    lists_of,
    months_of,
    net_of_units,
    open_of,
    paid_for_others,
    repaid,
)
from hege.programme.settlements.rules import (
    Part,
    Payment,
    SettlementState,
    Stands,
    check_month,
    check_step,
    fewest_payments,
    month_of,
    next_month,
    parts_of,
)
from hege.vouchers.models import Merchant
from hege.web.access import Desk
from hege.web.jinja import month_said, share
from hege.web.marks import Button, Chip
from hege.web.shared.settled import ListPage, below_nothing_said, chip_of

S = SettlementState
#: So many months are offered at once.
MONTHS_BACK = 12
#: As many units have a row and a column each; of more the largest sums stand one below the other.
MOST_COLUMNS = 12
#: What is on no list yet, and what units owe each other: so many are shown, those of most money.
MOST_SHOWN = 50
#: How many of the four boxes of its way a list has filled: frozen, answered, confirmed, paid.
BOXES = {S.FROZEN: 1, S.DISPUTED: 1, S.CONFIRMED: 3, S.PAID: 4}


def months_to_freeze(desk: Desk, at: dt.datetime) -> list[dt.date]:
    """The months that can be frozen now, the last first."""
    latest, month, found = latest_month(desk.street), month_of(desk.today), []
    for _n in range(MONTHS_BACK):
        month = month_of(month - dt.timedelta(days=1))
        if allows(check_month, month_on=month, latest_on=latest, at=at):
            found.append(month)
    return found


class Stretch(NamedTuple):
    """A stretch of the bar: its part, after how much of the whole it begins, what share it is."""

    part: Part
    begins_fen: int
    share: str


class Net(NamedTuple):
    """What one unit gets from the others (above zero) or has to pay them."""

    name: str
    fen: int


class Owes(NamedTuple):
    """Who pays whom so that nobody owes anything, and where that is written down."""

    debtor: Party
    creditor: Party
    fen: int


class Waiting(NamedTuple):
    """What a shop and a payer have that is on no list yet; ``shop`` is a name, ``code`` how its page is found."""

    shop: str
    payer: str
    open: Open
    code: str
    is_over: bool

    @property
    def note(self) -> str:
        """What becomes of it where it is less than nothing."""
        return below_nothing_said(self.open.fen, payer=self.payer, is_over=self.is_over)


@dataclass
class SettlementsPage:
    """A month of a street."""

    desk: Desk
    at: dt.datetime
    wanted: str = ""

    @cached_property
    def months(self) -> list[SettlementMonth]:
        return list(months_of(self.desk.street)[: 2 * MONTHS_BACK])

    @cached_property
    def month(self) -> SettlementMonth | None:
        """The one that was asked for, else the last one frozen."""
        asked = [month for month in self.months if str(month) == self.wanted]
        return (asked or self.months or [None])[0]  # type: ignore[list-item]

    @property
    def name(self) -> str:
        """The month in words."""
        return month_said(self.month.month_on) if self.month else ""

    @property
    def next_name(self) -> str:
        """The month whose list takes what came too late for this one."""
        return month_said(next_month(self.month.month_on)) if self.month else ""

    @cached_property
    def lists(self) -> list[Settlement]:
        """Those in question first, then those nearest to be paid."""
        order = (S.DISPUTED, S.CONFIRMED, S.FROZEN, S.PAID)
        rows = lists_of(self.desk.street).filter(month=self.month) if self.month else []
        return sorted(rows, key=lambda row: (order.index(S(row.state)), -row.open_fen, row.pk))

    @property
    def total_fen(self) -> int:
        return sum(row.total_fen for row in self.lists)

    @property
    def open_fen(self) -> int:
        """What is still to be paid."""
        return sum(row.open_fen for row in self.lists)

    @property
    def taken(self) -> int:
        return sum(row.lines_count for row in self.lists)

    @cached_property
    def difference(self) -> int:
        """By how much the stretches of the bar miss the lines of the lists, summed in the database; nothing, or a fault."""
        lines = SettlementLine.objects.filter(street=self.desk.street, settlement__month=self.month)
        return sum(one.part.fen for one in self.bar) - (lines.aggregate(fen=Sum("fen"))["fen"] or 0)

    @cached_property
    def bar(self) -> list[Stretch]:
        """The month's money by state."""
        stands = [Stands(S(row.state), row.lines_count, row.total_fen, row.paid_fen) for row in self.lists]
        found, at = [], 0
        for part in parts_of(stands):
            found.append(Stretch(part, at, share(part.fen, self.total_fen)))
            at += part.fen
        return found

    @property
    def heading(self) -> str:
        """What is to be paid, in a sentence."""
        if self.month is None:
            return _("结算")
        said = {"month": self.name, "sum": yuan(self.open_fen), "n": len(self.disputed)}
        if self.disputed:
            return several("%(month)s还要付 %(sum)s 元，%(n)d 家有异议") % said
        if self.open_fen:
            return _("%(month)s还要付 %(sum)s 元") % said
        return _("%(month)s都付清了") % said

    @property
    def disputed(self) -> list[Settlement]:
        return [row for row in self.lists if row.state == S.DISPUTED]

    @cached_property
    def said(self) -> list[tuple[Settlement, SettlementStep]]:
        """What shops say is wrong, each with its list."""
        words = last_words(self.disputed, S.DISPUTED) if self.disputed else {}
        return [(row, words[row.pk]) for row in self.disputed if row.pk in words]

    def chip(self, row: Settlement) -> Chip:
        return chip_of(row)

    def boxes(self, row: Settlement) -> int:
        """How many of the four boxes are filled."""
        return BOXES[S(row.state)]

    def button(self, row: Settlement) -> Button | None:
        """The one thing to do next to a list."""
        state = S(row.state)
        if state is S.CONFIRMED and self.desk.may("settlements.pay"):
            return Button(_("登记付款"), self.desk.to("settlements:pay", row.public_id))
        if state is S.DISPUTED and self.desk.may("settlements.freeze"):
            return Button(_("答复"), self.desk.to("settlements:answer", row.public_id), main=True)
        return None

    @cached_property
    def may_freeze(self) -> bool:
        """Whether a month is over that is not frozen."""
        return self.desk.may("settlements.freeze") and bool(months_to_freeze(self.desk, self.at))

    # -- what waits, and who owes whom -----------------------------------------------------------------------------------

    @cached_property
    def waiting(self) -> list[Waiting]:
        """What is on no list yet, by shop and payer."""
        found = open_of(self.desk.street)
        rows = Merchant.objects.filter(street=self.desk.street, pk__in={whose.merchant for whose in found})
        shops, names = {shop.pk: shop for shop in rows}, self._parties
        lines = [(shops[w.merchant], names[w.payer], one) for w, one in found.items() if w.payer in names]
        return sorted(
            Waiting(shop.name, payer.name, one, shop.public_id, shop.until_on is not None) for shop, payer, one in lines
        )

    @property
    def waiting_most(self) -> list[Waiting]:
        """Those of them with most money either way, by shop."""
        return sorted(sorted(self.waiting, key=lambda w: -abs(w.open.fen))[:MOST_SHOWN])

    @property
    def waiting_rest(self) -> str:
        """How many are not shown, and of how much."""
        left = len(self.waiting) - MOST_SHOWN
        if left <= 0:
            return ""
        fen = sum(w.open.fen for w in self.waiting) - sum(w.open.fen for w in self.waiting_most)
        return several("还有 %(n)d 行，共 %(sum)s 元，冻结名单时一样进去。") % {"n": left, "sum": yuan(fen)}

    @cached_property
    def _parties(self) -> dict[int, Party]:
        units = {pk for debt in [*self._paid, *self._repaid] for pk in debt}
        payers = {whose.payer for whose in open_of(self.desk.street)}
        return {unit.pk: unit for unit in Party.objects.filter(street=self.desk.street, pk__in=units | payers)}

    @cached_property
    def _paid(self) -> dict[Debt, int]:
        return paid_for_others(self.desk.street)

    @cached_property
    def _repaid(self) -> dict[Debt, int]:
        return repaid(self.desk.street)

    @cached_property
    def nets(self) -> list[Net]:
        """What each unit gets or has to pay in all, by name."""
        names = self._parties
        return sorted(Net(names[pk].name, fen) for pk, fen in net_of_units(self.desk.street).items())

    @property
    def most_fen(self) -> int:
        """The largest of them, either way: as wide as half the picture."""
        return max((abs(net.fen) for net in self.nets), default=0) or 1

    @cached_property
    def owes(self) -> list[Owes]:
        """The fewest payments that settle it."""
        names = self._parties
        found: Iterable[Payment] = fewest_payments(net_of_units(self.desk.street))
        return [Owes(names[p.debtor], names[p.creditor], p.fen) for p in sorted(found, key=lambda p: -p.fen)]

    @cached_property
    def units(self) -> list[Party]:
        """Those who owe or are owed, by name: rows and columns of the table."""
        pks = {pk for debt in self._paid for pk in debt}
        return sorted((self._parties[pk] for pk in pks), key=lambda unit: unit.name)

    @property
    def is_matrix(self) -> bool:
        """Whether units are so few that each has a row and a column."""
        return len(self.units) <= MOST_COLUMNS

    @property
    def largest(self) -> list[Owes]:
        """What units paid in each other's place, the largest sums."""
        found = sorted(self._paid.items(), key=lambda paid: -paid[1])[:MOST_SHOWN]
        return [Owes(self._parties[debt.debtor], self._parties[debt.creditor], fen) for debt, fen in found]

    def owed(self, debtor: Party, creditor: Party) -> int:
        """What one unit paid shops in another's place."""
        return self._paid.get(Debt(debtor.pk, creditor.pk), 0)

    @property
    def repaid_fen(self) -> int:
        """What units have paid each other so far."""
        return sum(self._repaid.values())


@dataclass
class DetailPage:
    """One list, and what may be done to it now."""

    desk: Desk
    settlement: Settlement

    @cached_property
    def shown(self) -> ListPage:
        return ListPage(self.settlement, inside=True)

    @cached_property
    def buttons(self) -> list[Button]:
        """What may be done to it now."""
        state, mine, to, found = S(self.settlement.state), self.settlement.public_id, self.desk.to, []
        if self.desk.may("settlements.freeze"):
            if allows(check_step, state=state, to=S.FROZEN):
                found.append(Button(_("答复异议"), to("settlements:answer", mine), main=True))
            if allows(check_step, state=state, to=S.DISPUTED):
                found.append(Button(_("替店家登记异议"), to("settlements:dispute", mine)))
                found.append(Button(_("登记书面确认"), to("settlements:confirm", mine)))
        if self.desk.may("settlements.pay") and allows(check_step, state=state, to=S.PAID):
            found.append(Button(_("登记付款"), to("settlements:pay", mine), "cash", main=True))
        return found
