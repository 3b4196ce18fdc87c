"""What every step of the random street needs: both sides' books, the clock of the run, and the comparison."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db.transaction import atomic, set_rollback
from hypothesis.stateful import (
    RuleBasedStateMachine,
)

from hege.arrears.queries import holdings
from hege.arrears.rules import Holding
from hege.billing.chart import WATER
from hege.billing.models import Bill as BillRow
from hege.kernel.refused import Refused
from hege.ledger.actions import Source
from hege.ledger.models import Account, Transfer
from hege.ledger.queries import balance_at, faults
from hege.metering.models import SupplyPoint
from hege.people.models import Street
from tests.cast import NOW, first_broken
from tests.properties.model import Bill, Deed, Missing
from tests.properties.sides import (
    START,
    BothSides,
    clean,
    figures,
)


class Played(RuleBasedStateMachine):
    """Two supply points of one street, on both sides; every example is rolled back."""

    street: Street
    sides_at_first: list[BothSides]

    def __init__(self) -> None:
        super().__init__()
        self.step, self.well = 0, True
        self.around = atomic()
        self.around.__enter__()
        self.sides = [side.afresh() for side in self.sides_at_first]
        self.transactions: dict[int, Deed] = {}  # transaction key -> the model's deed
        self.bill_rows: dict[int, BillRow] = {}  # id of the model's bill -> row
        self.sources: list[tuple[Source, Callable[[], object]]] = []
        self.files: list[bytes] = []
        self.file_rows = 0
        self.touched: set[dt.date] = {START}
        self.seen: list[tuple[dt.datetime, dt.date, list[dict[str, int]]]] = []
        self.checked_entries = self.checked_shares = 0

    # -- helpers -------------------------------------------------------------------------------------------------------

    @property
    def at(self) -> dt.datetime:
        """The instant of the present step: every step is learnt a minute later, whenever it happened."""
        return NOW + dt.timedelta(minutes=self.step)

    @property
    def by(self) -> Any:
        return {"by": None, "at": self.at}

    def begin(self, *days: dt.date) -> None:
        self.step += 1
        self.touched.update(days)

    def keep(self, side: BothSides, transaction_id: int, deed: Deed) -> Deed:
        side.model.deeds.append(deed)
        self.transactions[transaction_id] = deed
        return deed

    def refused(self, act: Callable[[], object], *, when: bool) -> bool:
        """Do it; both sides must agree on whether it may be done."""
        try:
            with atomic():
                act()
        except Refused:
            assert when, "refused, but the model would have done it"
            return True
        assert not when, "done, but the model would have refused it"
        return False

    def source(self, kind: str) -> Source:
        n = len(self.sources) + 1
        return Source(kind, f"{kind}-{n}", f"{n:064d}", {"行": n})

    def share_in_model(self, side: BothSides, bill: Bill, transaction_id: int | None) -> None:
        """What the product shared must be sharable in the model, and the other way round."""
        try:
            split = side.model.share(bill, side.model.method_for(bill.start))
        except Missing:
            assert transaction_id is None, "shared, but the model lacks data"
            return
        assert transaction_id is not None, "not shared, but the model could"
        deed = Deed("share", bill.issued, self.at, parts=split, rests_on=bill.deed, bill=bill)
        bill.allocations.append((self.keep(side, transaction_id, deed), split))

    def standing(self, *kinds: str) -> list[tuple[int, Deed]]:
        return [(pk, d) for pk, d in self.transactions.items() if not d.gone and not d.takes_back and d.kind in kinds]

    def side_of(self, deed: Deed) -> BothSides:
        return next(s for s in self.sides if any(d is deed for d in s.model.deeds))

    @property
    def points(self) -> list[SupplyPoint]:
        return [side.point for side in self.sides]

    def compare(self, days: set[dt.date]) -> None:
        """Both sides' figures at the end of these days, in both layers."""
        for on in sorted(days):
            told = holdings(self.street, self.points, on=on)
            assert all(h.confirmed.difference == h.with_claims.difference == 0 for h in told.values())
            ours = self.figures(told)
            assert ours == [
                clean(side.model.figures(on, self.at, claims=claims)) for side in self.sides for claims in (False, True)
            ]
            self.seen.append((self.at, on, ours))
            self.compare_balances(on)

    def compare_balances(self, on: dt.date) -> None:
        """Each account's balance at the end of a day and of its month is the sum of the confirmed entries until then."""
        accounts = Account.objects.filter(street=self.street)
        entries = Transfer.objects.filter(street=self.street, transaction__open_claim__isnull=True)
        moved = list(entries.values_list("effective_on", "debit_id", "credit_id", "amount_fen"))
        for day in (on, (on.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)):
            summed = Counter[int]()
            for when, debit, credit, fen in moved:
                if when <= day:
                    summed[debit] += fen
                    summed[credit] -= fen
            found = accounts.annotate(balance=balance_at(self.street, on=day)).exclude(balance=0)
            assert dict(found.values_list("pk", "balance")) == {pk: fen for pk, fen in summed.items() if fen}

    def figures(self, told: dict[int, Holding]) -> list[dict[str, int]]:
        """Point by point, the confirmed layer and the one with claims, in the model's words."""
        return [
            figures(side, money)
            for side in self.sides
            for money in (told[side.point.pk].confirmed, told[side.point.pk].with_claims)
        ]

    def teardown(self) -> None:
        try:
            self.compare({deed.on for deed in self.transactions.values()})  # between two of these nothing moves
            assert list(faults(self.street, WATER)) == []
            assert first_broken(self.street) is None
        finally:
            set_rollback(True)
            self.around.__exit__(None, None, None)
