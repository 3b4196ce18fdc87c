"""Two shops and two payers as tests of settlements hand them round: what was taken, frozen, confirmed and paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from hege.kernel.clock import at_noon
from hege.ledger.queries import faults as ledger_faults
from hege.people.models import Party, PartyKind, Street
from hege.programme.settlements.actions import confirm_list, freeze_month, pay_shop
from hege.programme.settlements.chart import SETTLEMENTS
from hege.programme.settlements.models import Settlement, SettlementPayment
from hege.programme.settlements.queries import lists_of, settlement_faults, the_list
from hege.vouchers.models import Batch, Merchant, Redemption, Till
from hege.vouchers.queries import counter_faults
from hege.vouchers.tills.actions import reverse_redemption
from hege.vouchers.tills.queries import redemption_faults
from tests.cast import Cast, first_broken, tell
from tests.vouchers.samples import a_shop, given_out, local
from tests.vouchers.tills import a_claim, an_open_till, take

NOVEMBER, DECEMBER = dt.date(2025, 11, 1), dt.date(2025, 12, 1)
#: Lunch on a day of November and one of December, and the days on which both months were over.
IN_NOVEMBER, IN_DECEMBER = local(2025, 11, 27, 12), local(2025, 12, 18, 12)
AFTER_NOVEMBER, AFTER_DECEMBER = dt.date(2025, 12, 2), dt.date(2026, 1, 5)
#: Vouchers are used until next summer, so that a test may go on for months.
LONG: dict[str, Any] = {"use_until_on": dt.date(2026, 7, 1), "claim_until_at": local(2026, 6, 20)}
SOUP_FEN, FILM_FEN = 1_200, 1_500
_nonces = count()


@dataclass(frozen=True)
class Market:
    """A shop that each payer pays by itself, one that the office pays for all; soup of the office, films of the utility."""

    cast: Cast
    noodles: Merchant
    cinema: Merchant
    soup: Batch
    film: Batch
    tills: dict[int, Till]

    @property
    def street(self) -> Street:
        return self.cast.street

    def by(self, day: dt.date) -> Any:
        """The clerk, at noon of a day."""
        return {"by": self.cast.clerk, "at": at_noon(day)}

    def take(self, shop: Merchant, batch: Batch, at: dt.datetime = IN_NOVEMBER) -> Redemption:
        """A shop takes one voucher."""
        return take(self.tills[shop.pk], a_claim(batch, at), nonce=f"n{next(_nonces)}", at=at)

    def undo(self, redemption: Redemption, day: dt.date) -> None:
        """The office takes it back."""
        row = Redemption.objects.select_related("street__trail_head", "claim__batch__street").get(pk=redemption.pk)
        reverse_redemption(row, reason="弄错了", by=self.cast.coordinator, at=at_noon(day))

    def freeze(self, month_on: dt.date = NOVEMBER, day: dt.date = AFTER_NOVEMBER) -> list[Settlement]:
        """The lists of a month."""
        month = freeze_month(self.street, month_on=month_on, **self.by(day))
        return [self.again(row) for row in lists_of(self.street).filter(month=month)]

    def again(self, row: Settlement) -> Settlement:
        """A list as a page reads it."""
        found = the_list(self.street, row.public_id)
        assert found is not None
        return found

    def confirm(self, row: Settlement, day: dt.date = AFTER_NOVEMBER) -> Settlement:
        """Its shop confirms it on its till."""
        return confirm_list(row, till=self.tills[row.merchant_id], by=None, at=at_noon(day))

    def pay(
        self, *lists: Settlement, fen: int, serial: str = "2025-1218 AB4471", day: dt.date = AFTER_NOVEMBER, **more: Any
    ) -> SettlementPayment:
        """The clerk writes a payment down."""
        said: dict[str, Any] = {"lists": lists, "fen": fen, "bank_serial": serial, "paid_on": day} | more
        return pay_shop(self.street, **said, **self.by(day))


def make_market(cast: Cast) -> Market:
    """Open it."""
    street = cast.street
    noodles = a_shop(street, cast.agent_party)
    owner = Party.objects.create(street=street, kind=PartyKind.ORGANISATION, name="影城公司")
    cinema = a_shop(street, owner, "3 号影城（样例）")
    cinema.host = cast.office
    cinema.save()
    tell(street)
    who: dict[str, Any] = {"by": cast.clerk, "other": cast.coordinator, **LONG}
    soup = given_out(street, shop=noodles, payer=cast.office, hours=(), cost_fen=SOUP_FEN, **who)
    film = given_out(street, shop=cinema, payer=cast.utility, hours=(), title="电影票", cost_fen=FILM_FEN, **who)
    tills = {shop.pk: an_open_till(shop) for shop in (noodles, cinema)}
    return Market(cast, noodles, cinema, soup, film, tills)


def wrong(street: Street) -> Iterator[str]:
    """What is wrong with vouchers, redemptions, settlements and their book."""
    yield from counter_faults(street)
    yield from redemption_faults(street)
    yield from settlement_faults(street)
    yield from ledger_faults(street, SETTLEMENTS)
    broken = first_broken(street)
    if broken is not None:
        yield str(broken)
