"""What the vouchers of the programme's story come to: months frozen, confirmed or disputed, paid, and paid back among units.

Months are those of the calendar, wherever a demo has moved the story to.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from hege.kernel.calendar import DAY
from hege.people.models import Party, Role
from hege.programme.settlements.actions import (
    answer_dispute,
    confirm_list,
    dispute_list,
    freeze_month,
    pay_shop,
    repay_unit,
)
from hege.programme.settlements.models import Settlement
from hege.programme.settlements.queries import lists_of, net_of_units
from hege.programme.settlements.rules import SettlementState, fewest_payments, month_of, next_month
from hege.stories.street import Stage
from hege.vouchers.models import Till

#: How long after the end of a month: the shops have looked, what they confirmed is paid, a dispute is answered, units are even.
LOOKED, PAID, ANSWERED, EVEN = 1 * DAY, 9 * DAY, 40 * DAY, 50 * DAY
S = SettlementState


@dataclass
class Settling:
    """The settlements of one street; ``tills`` by shop. One shop's first list is disputed, another's lists are paid by halves."""

    stage: Stage
    tills: Mapping[int, Till]
    disputes: int
    in_parts: int
    told: Callable[[dt.date, str, str, int], None]
    disputed: set[int] = field(default_factory=set)
    serials: int = 0

    def events(self, from_on: dt.date, until_on: dt.date) -> Iterable[tuple[dt.date, Callable[[], object]]]:
        """What happens on which day, from the month of the one until the other."""
        month_on = month_of(from_on)
        while (over := next_month(month_on)) <= until_on:
            yield over, partial(self.freeze, month_on)
            for after, do in ((LOOKED, self.hear), (PAID, self.pay), (ANSWERED, self.answer), (EVEN, self.repay)):
                yield over + after, partial(do, over + after)
            month_on = over

    def _lists(self, *states: SettlementState) -> list[Settlement]:
        rows = list(lists_of(self.stage.street).filter(state__in=states).order_by("month__month_on", "pk"))
        for row in rows:
            row.street = self.stage.street
        return rows

    def freeze(self, month_on: dt.date) -> None:
        """The first of a month, at noon."""
        on = next_month(month_on)
        who = self.stage.acting(Role.CLERK, on)
        freeze_month(self.stage.street, month_on=month_on, **who)
        assert freeze_month(self.stage.street, month_on=month_on, **who).month_on == month_on  # again: nothing changes
        made = [row for row in self._lists(S.FROZEN) if row.month.month_on == month_on]
        if made:
            total = sum(row.total_fen for row in made)
            self.told(on, "月度名单冻结", f"{month_on:%Y-%m}：{len(made)} 份名单，冻结两次也只有一份", total)

    def hear(self, on: dt.date) -> None:
        """Each shop looks at its lists on its till: right, but for one that misses a voucher, once."""
        at = self.stage.acting(Role.CLERK, on)["at"]
        for row in self._lists(S.FROZEN):
            till = self.tills[row.merchant_id]
            if row.merchant_id == self.disputes and not self.disputed:
                self.disputed.add(row.pk)
                dispute_list(row, till=till, words="少算 1 张，断网那天记的，送出以后没有看到。", by=None, at=at)
                self.told(on, "商户有异议", f"{row.merchant.name}说少算 1 张，说清以前不付", row.total_fen)
            else:
                confirm_list(row, till=till, by=None, at=at)
                self.told(on, "商户确认", f"{row.merchant.name}在收券台上按了确认", row.total_fen)

    def answer(self, on: dt.date) -> None:
        """The office has looked."""
        for row in self._lists(S.DISPUTED):
            words = "查过了：那一张动态码不对，没有核销成，别的都在名单里。"
            answer_dispute(row, words=words, **self.stage.acting(Role.COORDINATOR, on))

    def pay(self, on: dt.date) -> None:
        """What is confirmed is paid; of one shop's lists half at first."""
        for row in self._lists(S.CONFIRMED):
            part = row.merchant_id == self.in_parts and not row.paid_fen and row.total_fen > 1
            fen = row.total_fen // 2 if part else row.open_fen
            pay_shop(
                self.stage.street, lists=[row], fen=fen, bank_serial=self._serial(on), paid_on=on,
                **self.stage.acting(Role.CLERK, on),
            )  # fmt: skip
            self.told(on, "付商户", f"{row.paid_by.name}付给{row.payee.name}" + ("一半" if part else "，付清"), fen)

    def repay(self, on: dt.date) -> None:
        """Units pay each other back, in the fewest payments."""
        payments = fewest_payments(net_of_units(self.stage.street))
        units = {unit.pk: unit for unit in Party.objects.filter(street=self.stage.street)}
        for payment in payments:
            debtor, creditor = units[payment.debtor], units[payment.creditor]
            repay_unit(
                self.stage.street, debtor, creditor=creditor, fen=payment.fen, bank_serial=self._serial(on),
                paid_on=on, **self.stage.acting(Role.CLERK, on),
            )  # fmt: skip
            self.told(on, "单位之间还款", f"{debtor.name}还给{creditor.name}", payment.fen)

    def _serial(self, on: dt.date) -> str:
        self.serials += 1
        return f"{on:%Y%m%d}{self.serials:06}"
