"""A street played at random against ``model.py``: after every step both say the same, for every date and both layers.

HEGE_EXAMPLES sets the number of runs (half of 30 unless said otherwise, a fifth on PostgreSQL, where only the answers of
the database could differ). A run has up to ``STEPS`` steps.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.db.transaction import atomic
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from hege.arrears.queries import holdings
from hege.billing.actions import (
    AcknowledgementDraft,
    BillDraft,
    PaymentDraft,
    acknowledge_debts,
    choose_method,
    issue_bills,
    open_book,
    replace_allocation,
    reverse_transaction,
    share_bills,
    state_evidence,
    take_payments,
)
from hege.billing.applying.queries import application_faults
from hege.billing.chart import TransactionKind
from hege.billing.models import Acknowledgement, Allocation, BillComponent, Share
from hege.billing.models import Bill as BillRow
from hege.billing.queries import unshared_bills
from hege.billing.rules import ComponentKind, Method
from hege.imports.actions import import_file
from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.ledger.models import SourceRow, Transaction, Transfer
from hege.ledger.queries import booked_rows
from hege.ledger.rules import EvidenceKind, Side
from hege.metering.actions import ReadingDraft, name_role, record_readings
from hege.metering.rules import PointRoleKind
from hege.places.actions import amend_unit, move_out, name_party
from tests.cast import move_in
from tests.properties.model import Bill, Deed, Missing, Stay
from tests.properties.played import Played
from tests.properties.sides import (
    DAY,
    DAYS,
    HAPPENINGS,
    MONTHS,
    TODAY,
    BothSides,
    fens,
    litres,
    may_happen,
    parts,
    payments,
    small,
    some_method,
    which,
    words,
)

STEPS = 12
# Written out here once more, on purpose: which accounts a row of a transaction may touch.
ACCOUNTS = {
    "opening": {"unexplained", "payable"},
    "bill": {"unshared", "payable"},
    "share": {"unshared", "tenancy", "common"},
    "receipt": {"agent", "tenancy"},
    "remittance": {"payable", "agent"},
    "direct_payment": {"payable", "tenancy"},
}


class StreetMachine(Played):
    """What can happen on a street, and what must hold after each of it."""

    # -- how a street is found -----------------------------------------------------------------------------------------

    @initialize(
        all_metered=st.booleans(),
        moves=st.lists(st.tuples(which, st.sampled_from([0, 5, 30])), max_size=2),
        methods=st.tuples(some_method, some_method),
        reads=st.lists(st.lists(st.integers(0, 3_000), min_size=3, max_size=4), min_size=1, max_size=3),
        bills=st.lists(st.tuples(which, st.sampled_from([0, 0, 1, 2]), parts, parts, litres), min_size=1, max_size=3),
        paid=st.lists(payments, min_size=1, max_size=4),
    )
    def a_street_at_work(self, all_metered: bool, moves: Any, methods: Any, reads: Any, bills: Any, paid: Any) -> None:
        """Some months of readings, bills and payments, so that no run begins with nothing."""
        if all_metered:
            self.a_sub_meter_is_put_in(0)
        for n, gap in moves:
            self.a_tenant_moves(0, n, DAYS[0], gap)
        for i, method in enumerate(methods):
            self.the_method_is_changed(i, 0, method)
        for month, more in enumerate(reads):
            self.sub_meters_are_read(month, more)
        for i, month, supply, sewage, volume in bills:
            self.a_bill_comes(i, month, supply, sewage, 0, volume, 0)
        self.money_changes_hands(0, DAYS[2], paid)

    # -- what can happen -----------------------------------------------------------------------------------------------

    @may_happen(i=which, month=which, supply=parts, sewage=parts, other=parts, litres=litres, late=which)
    def a_bill_comes(self, i: int, month: int, supply: int, sewage: int, other: int, litres: int, late: int) -> None:
        side = self.sides[i % 2]
        start = MONTHS[month % 4]
        end = MONTHS[month % 4 + 1]
        issued = end - DAY + late * DAY
        self.begin(issued)
        components = {ComponentKind.SUPPLY: supply, ComponentKind.SEWAGE: sewage, ComponentKind.OTHER: other}
        source = self.source("bills")

        def book() -> BillRow:
            draft = BillDraft(
                side.point, source.key, start, end, litres, components, supply + sewage + other,
                due_on=issued + 14 * DAY, issued_on=issued, source=source,
            )  # fmt: skip
            return issue_bills(self.street, [draft], **self.by).bills[0]

        row = book()
        self.sources.append((source, book))
        deed = self.keep(side, row.transaction_id, Deed("bill", issued, self.at, fen=supply + sewage + other))
        bill = Bill(row.number, start, end, litres, [(k.value, v) for k, v in components.items()], issued, deed)
        deed.bill = bill
        side.model.bills.append(bill)
        self.bill_rows[id(bill)] = row
        made = Allocation.objects.filter(bill=row).first()
        self.share_in_model(side, bill, made.transaction_id if made else None)

    @may_happen(i=which, month=which, method=st.sampled_from(Method))
    def the_method_is_changed(self, i: int, month: int, method: Method) -> None:
        self.begin()
        side, day = self.sides[i % 2], MONTHS[month % 4]
        choose_method(side.point, method=method, from_on=day, decision="会议", **self.by)
        side.model.methods.append((day, method.value))

    @may_happen(month=which, more=st.lists(st.integers(0, 4_000), min_size=1, max_size=4))
    def sub_meters_are_read(self, month: int, more: list[int]) -> None:
        """The first so many meters that were not read yet on the last day of a month."""
        read_on = MONTHS[1 + month % 4] - DAY
        unread = [
            (side.meters[code], shop.read)
            for side in self.sides
            for code, shop in sorted(side.model.shops.items())
            if shop.read is not None and read_on + DAY not in shop.read
        ]
        self.begin()
        drafts = []
        for (meter, read), extra in zip(unread, more, strict=False):
            least = max(index for day, index in read.items() if day < read_on)
            later = [index for day, index in read.items() if day > read_on]
            read[read_on + DAY] = min([least + extra, *later])
            drafts.append(ReadingDraft(meter, read_on, read[read_on + DAY]))
        record_readings(self.street, drafts, **self.by)

    @may_happen(n=which)
    def a_sub_meter_is_put_in(self, n: int) -> None:
        side = self.sides[n % 2]
        bare = [s for _c, s in sorted(side.model.shops.items()) if s.read is None]
        if bare:
            self.begin()
            side.install(side.units[bare[0].code], bare[0], **self.by)

    @may_happen(area=st.integers(1, 90))
    def an_area_is_measured(self, area: int) -> None:
        self.begin()
        side = self.sides[1]
        amend_unit(side.units["ZB-2-2"], area_sqm=Decimal(area), **self.by)
        side.model.shops["ZB-2-2"].area = area

    @may_happen()
    def what_lay_unshared_is_shared(self) -> None:
        self.begin()
        last = Allocation.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        share_bills(self.street, unshared_bills(self.street), **self.by)
        made = {a.bill_id: a.transaction_id for a in Allocation.objects.filter(pk__gt=last)}
        for side in self.sides:
            for bill in side.model.bills:
                if not bill.deed.gone and not bill.allocations:
                    self.share_in_model(side, bill, made.pop(self.bill_rows[id(bill)].pk, None))
        assert made == {}, "a bill was shared that was shared already, or had been taken back"

    @may_happen(3, i=which, day=st.sampled_from(DAYS), made=st.lists(payments, min_size=1, max_size=4))
    def money_changes_hands(self, i: int, day: dt.date, made: list[tuple[str, int, int, bool]]) -> None:
        self.begin(day)
        side = self.sides[i % 2]
        names = sorted(side.people)
        drafts, deeds = [], []
        for kind, n, fen, confirmed in made:
            who = None if kind == "remittance" else names[n % len(names)]
            tenancy = side.people[who] if who else None
            source = self.source(kind)
            draft = PaymentDraft(TransactionKind(kind), side.point, day, fen, confirmed, tenancy, source=source)
            self.sources.append((source, partial(self.pay_again, draft)))
            drafts.append(draft)
            seen = ("payee", "signed_receipt") if kind == "receipt" else ("third", "utility_record")
            word = seen if confirmed else ("payer", "oral_word")
            agent = None if kind == "direct_payment" else side.model.agent_on(day)
            deeds.append(Deed(kind, day, self.at, fen, who, agent, said=[(self.at, *word, True)]))
        for transaction_id, deed in zip(take_payments(self.street, drafts, **self.by), deeds, strict=True):
            self.keep(side, transaction_id, deed)

    @may_happen(
        i=which, day=st.sampled_from(DAYS), rows=st.lists(st.tuples(which, fens, st.booleans()), min_size=1, max_size=3)
    )
    def a_file_comes_in(self, i: int, day: dt.date, rows: list[tuple[int, int, bool]]) -> None:
        self.begin(day)
        side = self.sides[i % 2]
        codes = sorted(side.units)
        lines, deeds = ["日期,商铺编号,金额,方式,凭证号,收款人,证据,备注"], []
        for n, fen, confirmed in rows:
            shop = side.model.shops[codes[n % len(codes)]]
            who = [stay.who for stay in shop.stays if stay.start <= day][-1]
            word = ("payee", "signed_receipt", True) if confirmed else ("payer", "oral_word", True)
            lines.append(
                f"{day},{shop.code},{fen // 100}.{fen % 100:02d},微信,F{self.file_rows},,{'已证实' if confirmed else '单方主张'},"
            )
            self.file_rows += 1
            deeds.append(Deed("receipt", day, self.at, fen, who, side.model.agent_on(day), said=[(self.at, *word)]))
        content = "\n".join(lines).encode()
        last = max(self.transactions, default=0)
        every = Answers(both=frozenset(range(2, 2 + len(rows))))  # payments that look alike are payments of their own
        outcome = import_file(
            self.street, FileKind.RECEIPTS, "收款.csv", content, dry_run=False, answers=every, **self.by
        )
        assert (outcome.booked, outcome.faults) == (len(rows), [])
        self.files.append(content)
        booked_now = Transaction.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)
        for transaction_id, deed in zip(booked_now, deeds, strict=True):
            self.keep(side, transaction_id, deed)

    @may_happen()
    def the_same_file_comes_again(self) -> None:
        self.begin()
        for content in self.files:
            outcome = import_file(self.street, FileKind.RECEIPTS, "收款 副本.csv", content, dry_run=False, **self.by)
            assert (outcome.booked, outcome.faults) == (0, [])

    def pay_again(self, draft: PaymentDraft) -> None:
        take_payments(self.street, [draft], **self.by)

    @may_happen(3, n=which, words=st.lists(words, min_size=1, max_size=3))
    def people_speak_for_and_against(self, n: int, words: list[tuple[Side, EvidenceKind, bool]]) -> None:
        found = self.standing("receipt", "remittance", "direct_payment")
        if found:
            pk, deed = found[-1 - n % len(found)]
            for side, kind, supports in words:
                self.speak(pk, deed, side, kind, supports)

    @may_happen()
    def the_agent_admits(self) -> None:
        for pk, deed in self.standing("receipt", "remittance"):
            if deed.level(self.at) == "contested":
                for side in (Side.PAYEE, Side.PAYER):
                    self.speak(pk, deed, side, EvidenceKind.ORAL_WORD, True)
                break

    def speak(self, pk: int, deed: Deed, side: Side, kind: EvidenceKind, supports: bool) -> None:
        self.begin(deed.on)
        proven = state_evidence(
            Transaction.objects.get(pk=pk),
            side=side,
            kind=kind,
            supports=supports,
            stated_on=TODAY,
            **self.by,
        )
        deed.said.append((self.at, side.value, kind.value, supports))
        assert proven == deed.level(self.at)

    @may_happen(3, i=which, n=which, admitted=st.lists(st.tuples(st.sampled_from(DAYS), small), min_size=1, max_size=3))
    def a_shop_admits(self, i: int, n: int, admitted: list[tuple[dt.date, int]]) -> None:
        side = self.sides[i % 2]
        splits = [split for bill in side.model.bills for _deed, split in bill.allocations]
        charged = {who for split in splits for who, fen in split.items() if who and fen > 0}
        names: list[str] = sorted(charged & side.people.keys()) or sorted(side.people)
        who = names[n % len(names)]
        for day, fen in admitted:
            self.begin(day)
            acknowledge_debts(self.street, [AcknowledgementDraft(side.point, side.people[who], day, fen)], **self.by)
            side.model.admitted.append((day, self.at, who, fen))

    @may_happen(i=which, fen=fens, day=st.sampled_from(DAYS))
    def the_book_is_opened(self, i: int, fen: int, day: dt.date) -> None:
        self.begin(day)
        side = self.sides[i % 2]
        transaction = open_book(side.point, on=day, payable_fen=fen, document="对账单", **self.by)
        self.keep(side, transaction.pk, Deed("opening", day, self.at, fen))

    @may_happen(5, n=st.integers(0, 99))
    def something_is_taken_back(self, n: int) -> None:
        keys = sorted(self.transactions, reverse=True)  # never empty: the street began with payments
        if n % 5 > 1:  # mostly something that can be taken back
            needed = {id(d.rests_on) for d in self.transactions.values() if not d.gone}
            keys = [pk for pk, d in self.standing(*ACCOUNTS) if id(d) not in needed] or keys
        pk = keys[n // 5 % len(keys)]
        deed = self.transactions[pk]
        self.begin(deed.on)
        side = self.side_of(deed)
        carries = any(d.rests_on is deed and not d.gone for d in side.model.deeds)
        no = deed.gone or deed.takes_back is not None or carries
        made: list[Transaction] = []
        if self.refused(
            lambda: made.append(reverse_transaction(Transaction.objects.get(pk=pk), reason="登记错", **self.by)),
            when=no,
        ):
            return
        self.keep(side, made[0].pk, Deed("reversal", deed.on, self.at, takes_back=deed))
        deed.gone = True
        if deed.kind == "share" and deed.bill:
            deed.bill.allocations.pop()

    @may_happen(3, n=which, method=some_method)
    def a_bill_is_shared_otherwise(self, n: int, method: Method) -> None:
        bills = [(s, b) for s in self.sides for b in s.model.bills]  # never empty
        if n % 4:  # mostly one that was shared
            bills = [(s, b) for s, b in bills if b.allocations] or bills
        side, bill = bills[n % len(bills)]
        self.begin(bill.issued)
        split: dict[str | None, int] | None = None
        if bill.allocations:
            try:
                split = side.model.share(bill, method.value)
            except Missing:
                split = None
        row = self.bill_rows[id(bill)]
        made: list[Allocation] = []
        if self.refused(
            lambda: made.append(replace_allocation(row, method=method, decision="再议", **self.by)),
            when=split is None,
        ):
            return
        assert split is not None
        before_deed, before = bill.allocations[-1]
        change = {who: split.get(who, 0) - before.get(who, 0) for who in split.keys() | before.keys()}
        deed = Deed("share", bill.issued, self.at, parts=change, rests_on=before_deed, bill=bill)
        bill.allocations.append((self.keep(side, made[0].transaction_id, deed), split))

    @may_happen(i=which, n=which, out=st.sampled_from([*DAYS, *MONTHS]), gap=st.sampled_from([0, 0, 5, 40]))
    def a_tenant_moves(self, i: int, n: int, out: dt.date, gap: int) -> None:
        self.begin(out)
        side = self.sides[i % 2]
        shop = sorted(side.model.shops.items())[n % len(side.units)][1]
        last = shop.stays[-1]
        if self.refused(lambda: move_out(side.people[last.who], until_on=out, **self.by), when=out <= last.start):
            return
        last.end = out
        who = f"{shop.code} {len(shop.stays) + 1}"
        side.people[who] = move_in(side.units[shop.code], operator=who, from_on=out + gap * DAY, **self.by)
        shop.stays.append(Stay(who, out + gap * DAY))

    @may_happen(i=which, day=st.sampled_from(DAYS))
    def another_agent_collects(self, i: int, day: dt.date) -> None:
        side = self.sides[i % 2]
        if day in {start for start, _name in side.model.agents}:
            return
        self.begin(day)
        name = f"代收人 {side.point.code} {day}"
        side.agents[name] = name_party(self.street, name=name)
        name_role(side.point, kind=PointRoleKind.AGENT, party=side.agents[name], from_on=day, **self.by)
        side.model.agents.append((day, name))

    @may_happen(n=st.integers(0, 99))
    def the_same_row_comes_again(self, n: int) -> None:
        self.begin()
        if not self.sources:
            return
        source, book = self.sources[n % len(self.sources)]
        row = booked_rows(self.street, source.source, [source.key])[source.key]
        assert row.digest == source.digest
        assert row.transaction_id is not None
        assert row.reversed is self.transactions[row.transaction_id].gone
        with pytest.raises(IntegrityError), atomic():  # even past the rule that asks first
            book()

    @rule(what=st.one_of(*HAPPENINGS))
    def something_happens(self, what: tuple[str, dict[str, Any]]) -> None:
        """One rule for all, so that each is as likely in every run as its weight says."""
        getattr(self, what[0])(**what[1])

    # -- what must hold after every step -------------------------------------------------------------------------------

    @invariant()
    def rows_are_whole_and_nothing_is_booked_twice(self) -> None:
        entries = Transfer.objects.filter(pk__gt=self.checked_entries).select_related(
            "transaction__reverses", "debit", "credit"
        )
        for entry in entries.order_by("pk"):
            kind = (entry.transaction.reverses or entry.transaction).kind
            assert entry.amount_fen > 0
            assert {entry.debit.kind, entry.credit.kind} <= ACCOUNTS[kind]
            assert entry.debit.book_id == entry.credit.book_id == entry.transaction.book_id == entry.book_id
            assert entry.effective_on == entry.transaction.effective_on
            self.checked_entries = entry.pk
        assert Transaction.objects.count() == len(self.transactions) == sum(len(s.model.deeds) for s in self.sides)
        assert SourceRow.objects.count() == len(self.sources) + self.file_rows
        assert Acknowledgement.objects.count() == sum(len(s.model.admitted) for s in self.sides)

    @invariant()
    def every_component_is_split_to_the_fen(self) -> None:
        totals: dict[int, dict[str, int]] = {}
        for share in Share.objects.filter(pk__gt=self.checked_shares).order_by("pk"):
            assert sum(share.parts_fen.values()) == share.amount_fen
            for kind, fen in share.parts_fen.items():
                of_bill = totals.setdefault(share.allocation_id, {})
                of_bill[kind] = of_bill.get(kind, 0) + fen
            self.checked_shares = share.pk
        for allocation in Allocation.objects.filter(pk__in=totals):
            printed = dict(BillComponent.objects.filter(bill=allocation.bill_id).values_list("kind", "amount_fen"))
            assert totals[allocation.pk] == printed

    @invariant()
    def every_payment_met_what_the_rule_says(self) -> None:
        assert list(application_faults(self.street)) == []

    @invariant()
    def both_say_the_same(self) -> None:
        self.compare({day for on in self.touched for day in (on - DAY, on)} | {TODAY})
        self.touched.clear()

    @invariant()
    def what_was_known_then_is_still_told(self) -> None:
        back = 17 if self.step % 2 else 3
        if len(self.seen) > back:
            known, on, then = self.seen[-back]
            assert self.figures(holdings(self.street, self.points, on=on, known_at=known)) == then


@pytest.mark.slow
def test_a_street_played_at_random_keeps_its_books(street):
    StreetMachine.street = street
    StreetMachine.sides_at_first = [
        BothSides(street, "ZB-1", [20, 30, 41], [True, True, False]),
        BothSides(street, "ZB-2", [15, None], [False, False]),
    ]
    runs = max(5, settings.get_profile("hege").max_examples // (2 if connection.vendor == "sqlite" else 5))
    run_state_machine_as_test(StreetMachine, settings=settings(stateful_step_count=STEPS, max_examples=runs))
    assert Transaction.objects.count() == 0, "every run is rolled back"
