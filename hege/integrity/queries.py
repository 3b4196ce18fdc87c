"""Proof that a street's books are whole (核验): every balance summed again from the rows, every frozen split run again."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any

from django.db.models import F, Max, Q, TextField
from django.db.models.functions import Cast

from hege.arrears.early_warning.queries import failed_assertions
from hege.arrears.queries import holdings
from hege.arrears.rules import Money
from hege.attachments.queries import content_faults
from hege.billing.applying.queries import application_faults
from hege.billing.chart import WATER, TransactionKind
from hege.billing.chart import AccountKind as A
from hege.billing.models import (
    PAYMENT_SAYS,
    SHARE_SAYS,
    Allocation,
    Bill,
    Payment,
    Share,
)
from hege.conferences.queries import signed_heads
from hege.honours.proof import badge_faults, state_faults
from hege.kernel.grouped import grouped, summed
from hege.kernel.money import split, yuan
from hege.kernel.statistics import count_uncounted
from hege.ledger import queries as ledger
from hege.ledger.models import Account, Book, OpenClaim, Transaction, Transfer
from hege.ledger.queries import as_far_as_it_goes
from hege.mediation.queries import plan_faults
from hege.metering.models import SupplyPoint
from hege.papers.proof import paper_faults
from hege.people.models import Street
from hege.points.chart import MINUTES, POINTS
from hege.points.queries import balance_faults, lot_faults, stranger_faults
from hege.programme.activities.queries import step_faults
from hege.programme.deeds.queries import round_faults
from hege.programme.settlements.chart import SETTLEMENTS
from hege.programme.settlements.queries import settlement_faults
from hege.programme.thanks.proof import thanks_faults
from hege.trail import queries as trail
from hege.trail.rules import Declared, Head, Unchecked
from hege.vouchers.queries import counter_faults
from hege.vouchers.tills.queries import redemption_faults

#: What the books of a street keep to.
CHARTS = (WATER, POINTS, MINUTES, SETTLEMENTS)
CHUNK = 2000
PAGE = 100  # supply points whose figures are compared at once
SOME_STATEMENTS = 200  # with their shares
SOME = 20  # of one kind of fault are named; more would bury the others

#: The paper beside a transaction, by its name there.
PAPERS = {
    "bill": [TransactionKind.BILL],
    "allocation": [TransactionKind.SHARE],
    "payment": [TransactionKind.RECEIPT, TransactionKind.REMITTANCE, TransactionKind.DIRECT_PAYMENT],
}
#: The accounts of the identity and those of the late fees: two closed sets.
IDENTITY = frozenset({A.PAYABLE, A.UNSHARED, A.TENANCY, A.AGENT, A.COMMON, A.LOSS, A.UNEXPLAINED})


Check = tuple[str, Iterator[str]]


def checks_of(street: Street, *, heads: Sequence[Head] = ()) -> list[Check]:
    """Every check of a street's books by its name; it looks when it is iterated, and not before."""
    return [
        *ledger.checks(street, *CHARTS),
        ("trail", _trail_faults(street, heads)),
        ("owners", _stranger_faults(street)),
        ("bills", _bill_faults(street)),
        ("allocations", _allocation_faults(street)),
        ("payments", _payment_faults(street)),
        ("applications", application_faults(street)),
        ("plans", plan_faults(street)),
        ("papers", _lost_papers(street)),
        *trail.sealed_faults(street),
        *trail.standing_faults(street),
        ("attachments", content_faults(street)),
        ("counters", balance_faults(street)),
        ("lots", lot_faults(street)),
        ("rounds", round_faults(street)),
        ("signups", step_faults(street)),
        ("honours", state_faults(street)),
        ("badges", badge_faults(street)),
        ("thanks", thanks_faults(street)),
        ("issued papers", paper_faults(street)),
        ("vouchers", counter_faults(street)),
        ("redemptions", redemption_faults(street)),
        ("settlements", settlement_faults(street)),
        ("identity", _identity_faults(street)),
        ("assertions", _assertion_faults(street)),
    ]


def faults(
    street: Street, *, heads: Sequence[Head] = (), begin: Callable[[str], None] = lambda _check: None
) -> Iterator[str]:
    """Everything that is wrong with a street's books, each in one line; nothing at all when they are whole.

    An assertion that fails is a fault too, because somebody's paper and our rows cannot both be right. ``begin`` is
    told the name of each check before it runs: on a grown street the whole takes minutes. ``heads`` are witnesses of the
    trail from outside the database; what nobody can tell for want of a key is ``Unchecked``.
    """
    count_uncounted()
    for what, found in checks_of(street, heads=heads):
        begin(what)
        yield from as_far_as_it_goes(what, found)


def _trail_faults(street: Street, heads: Sequence[Head]) -> Iterator[str]:
    chain = trail.walk_chain(street, [*signed_heads(street), *heads])
    yield from chain.faults
    for lost in chain.unchecked:
        line = chain.declared.get(lost.key)
        said = f"trail {street.code}: {lost}"
        yield Declared(f"{said}; line {line} says that it is lost for good") if line else Unchecked(said)


def _assertion_faults(street: Street) -> Iterator[str]:
    for point, a in failed_assertions(street, on=dt.date.max):
        yield (
            f"assertion {a.key}: {point.code} {a.named} {a.on}: stated {yuan(a.stated_fen)}, "
            f"booked {yuan(a.booked_fen)}, difference {yuan(a.stated_fen - a.booked_fen)}"
        )


def _same(document_digest: str, sealed: str, anew: str) -> bool:
    """Whether a paper is what its transaction sealed, or, where that was of the first release, what was sealed anew."""
    return document_digest == sealed if sealed else bool(anew) and document_digest.startswith(anew)


def _stranger_faults(street: Street) -> Iterator[str]:
    """Nothing of a street's books may point into another street."""
    accounts = Account.objects.filter(Q(street=street) | Q(book__street=street))
    for pk in accounts.exclude(
        Q(street=street, book__street=street)
        & (Q(tenancy__isnull=True) | Q(tenancy__street=street))
        & (Q(party__isnull=True) | Q(party__street=street))
        & (Q(member__isnull=True) | Q(member__street=street))
    ).values_list("pk", flat=True)[:SOME]:
        yield f"account {pk}: belongs to another street"
    transfers = Transfer.objects.filter(Q(book__street=street) & ~Q(street=street))
    for pk in transfers.values_list("pk", flat=True)[:SOME]:
        yield f"transfer {pk}: is in a book of another street"
    yield from stranger_faults(street)


def papers_of_first_release(street: Street, transactions: Container[int]) -> Iterator[tuple[int, str]]:
    """The digest of the paper of each of these transactions, by transaction, in no order: bills, statements and payments."""
    bills = Bill.objects.filter(street=street).prefetch_related("components").order_by("pk")
    for bill in bills.iterator(CHUNK):
        if bill.transaction_id in transactions:
            yield (
                bill.transaction_id,
                bill.document_digest([(c.street_id, c.kind, c.amount_fen) for c in bill.components.all()]),
            )
    statements = Allocation.objects.filter(street=street).order_by("pk").iterator(SOME_STATEMENTS)
    while some := list(islice(statements, SOME_STATEMENTS)):
        shares = _shares([a.pk for a in some])
        for a in some:
            if a.transaction_id in transactions:
                yield a.transaction_id, a.document_digest(shares.get(a.pk, []))
    payments = Payment.objects.filter(street=street).order_by("pk")
    for transaction, *values in payments.values_list("transaction_id", *PAYMENT_SAYS).iterator(CHUNK):
        if transaction in transactions:
            yield transaction, Payment.document_digest(values)


def _bill_faults(street: Street) -> Iterator[str]:
    """A bill says what its transaction booked and sealed, and its components add up to it."""
    rows = Bill.objects.filter(street=street)
    anew = trail.sealed_anew(street, "papers")
    transfers = Transfer.objects.filter(street=street, transaction__kind=TransactionKind.BILL)
    moved = transfers.values_list("transaction_id", "debit__kind", "amount_fen").iterator(CHUNK)
    booked = summed((transaction, fen if debit == A.UNSHARED else -fen) for transaction, debit, fen in moved)
    for bill in (
        rows.annotate(sealed=F("transaction__document_digest"))
        .prefetch_related("components")
        .order_by("pk")
        .iterator(CHUNK)
    ):
        name = f"bill {bill.number} ({bill.pk})"
        parts = [(c.street_id, c.kind, c.amount_fen) for c in bill.components.all()]
        total = sum(fen for _street, _kind, fen in parts)
        if booked[bill.transaction_id] != bill.amount_fen:
            yield f"{name}: says {yuan(bill.amount_fen)}, its transaction booked {yuan(booked[bill.transaction_id])}"
        if total != bill.amount_fen:
            yield f"{name}: its components add up to {yuan(total)}, not {yuan(bill.amount_fen)}"
        if not _same(bill.document_digest(parts), bill.sealed, anew.get(bill.transaction_id, "")):
            yield f"{name}: was changed after it was booked"
    loose = rows.exclude(
        transaction__kind=TransactionKind.BILL,
        transaction__book=F("point__book"),
        transaction__effective_on=F("issued_on"),
    )
    for number in loose.order_by("pk").values_list("number", flat=True)[:SOME]:
        yield f"bill {number}: its transaction is of another kind, book or day"


def _allocation_faults(street: Street) -> Iterator[str]:
    """Each statement is what its transaction sealed; its shares are what its frozen inputs give, the bill, and what was booked."""
    orphans = Allocation.objects.filter(street=street).exclude(bill__in=Bill.objects.filter(street=street))
    for pk in orphans.order_by("pk").values_list("pk", flat=True)[:SOME]:
        yield f"allocation {pk}: its bill is gone"
    anew = trail.sealed_anew(street, "papers")
    rows = Allocation.objects.filter(street=street).annotate(sealed=F("transaction__document_digest"))
    whole = rows.select_related("bill").prefetch_related("bill__components").order_by("pk").iterator(SOME_STATEMENTS)
    while some := list(islice(whole, SOME_STATEMENTS)):
        booked = _booked_shares(street, [a.transaction_id for a in some])
        shares = _shares([a.pk for a in some] + [a.corrects_id for a in some if a.corrects_id])
        for allocation in some:
            name = f"allocation {allocation.pk} of bill {allocation.bill.number}"
            said = shares.get(allocation.pk, [])
            if not _same(allocation.document_digest(said), allocation.sealed, anew.get(allocation.transaction_id, "")):
                yield f"{name}: was changed after it was booked"
            change = _by_tenancy(said)
            for tenancy, fen in _by_tenancy(shares.get(allocation.corrects_id or 0, [])).items():
                change[tenancy] -= fen
            if {k: fen for k, fen in change.items() if fen} != booked.get(allocation.transaction_id, {}):
                yield f"{name}: its shares are not what was booked to the tenancies"
            split_again = _share_faults(allocation, [(tenancy, parts, fen) for _, tenancy, _, parts, fen, _ in said])
            yield from as_far_as_it_goes(name, (f"{name}: {fault}" for fault in split_again))


def _shares(allocations: Iterable[int]) -> dict[int, list[tuple[Any, ...]]]:
    """The shares of some statements in order, as values of ``SHARE_SAYS``."""
    rows = Share.objects.filter(allocation__in=list(allocations)).order_by("pk")
    says = [Cast(name, TextField()) if name == "parts_fen" else name for name in SHARE_SAYS]
    return grouped(
        (allocation, (street, tenancy, weight, _parts(parts), fen, estimated))
        for allocation, street, tenancy, weight, parts, fen, estimated in rows.values_list("allocation_id", *says)
    )


@lru_cache(4096)  # among neighbours many shares are the same
def _parts(text: str) -> dict[str, int]:
    parts: dict[str, int] = json.loads(text)
    return parts


def _by_tenancy(shares: Iterable[tuple[Any, ...]]) -> dict[int | None, int]:
    return summed((tenancy, fen) for _street, tenancy, _weight, _parts, fen, _estimated in shares)


def _booked_shares(street: Street, transactions: Sequence[int]) -> dict[int, dict[int | None, int]]:
    """What each of some share transactions booked to each tenancy (None: common), in fen, zeros left out."""
    out: dict[int, dict[int | None, int]] = defaultdict(lambda: defaultdict(int))
    rows = Transfer.objects.filter(street=street, transaction__in=transactions, transaction__kind=TransactionKind.SHARE)
    for transaction, debit, debit_of, credit_of, fen in rows.values_list(
        "transaction_id", "debit__kind", "debit__tenancy_id", "credit__tenancy_id", "amount_fen"
    ):
        if debit == A.UNSHARED:
            out[transaction][credit_of] -= fen
        else:
            out[transaction][debit_of] += fen
    return {transaction: {k: fen for k, fen in owners.items() if fen} for transaction, owners in out.items()}


@lru_cache(4096)
def _weight(text: str) -> int | Fraction:
    weight = Fraction(text)
    return weight.numerator if weight.denominator == 1 else weight


def _share_faults(allocation: Allocation, shares: list[tuple[int | None, dict[str, int], int]]) -> Iterator[str]:
    frozen: dict[str, int] = allocation.inputs["components_fen"]
    printed = {c.kind: c.amount_fen for c in allocation.bill.components.all()}
    if frozen != printed:
        yield "its frozen components are not the bill's"
    if sum([fen for _tenancy, _parts, fen in shares]) != allocation.bill.amount_fen:
        yield "its shares do not sum to the bill"
    for kind, fen in printed.items():
        if sum([parts.get(kind, 0) for _tenancy, parts, _fen in shares]) != fen:
            yield f"its shares of {kind} do not sum to the bill's {yuan(fen)}"
    if any(sum(parts.values()) != fen for _tenancy, parts, fen in shares):
        yield "a share is not the sum of its parts"
    weights = [_weight(weight) for _code, _tenancy, weight in allocation.inputs["weights"]]
    again = [split(fen, weights) for fen in frozen.values()]
    rerun = [
        (tenancy, dict(zip(frozen, fens, strict=True)))
        for (_code, tenancy, _of), *fens in zip(allocation.inputs["weights"], *again, strict=True)
    ]
    if rerun != [(tenancy, parts) for tenancy, parts, _fen in shares]:
        yield "sharing its frozen inputs again gives other rows"


def _payment_faults(street: Street) -> Iterator[str]:
    """A payment says what its transaction sealed, and is its one transfer: amount, book, who paid, who took.

    Compared here and not in the database: a planner that has no statistics yet takes the alternatives of three
    kinds over five joined tables for a handful of rows, and never ends.
    """
    anew = trail.sealed_anew(street, "papers")
    books = dict(SupplyPoint.objects.filter(street=street).values_list("pk", "book_id"))
    rows = Payment.objects.filter(street=street).order_by("pk").values_list(
        "pk", "transaction_id", "transaction__document_digest", "transaction__kind", "transaction__book_id",
        "transaction__transfers__amount_fen", "transaction__transfers__debit__kind", "transaction__transfers__debit__party_id",
        "transaction__transfers__credit__kind", "transaction__transfers__credit__party_id", "transaction__transfers__credit__tenancy_id",
        *PAYMENT_SAYS,
    )  # fmt: skip
    wrong: dict[int, None] = {}
    changed: dict[int, None] = {}
    before = None
    for pk, transaction, sealed, kind, book, booked, *sides_and_said in rows.iterator(CHUNK):
        sides, said = sides_and_said[:5], sides_and_said[5:]
        point, fen, tenancy, agent = _OF_PAYMENT(said)
        if booked != fen or book != books.get(point) or pk == before or not _are_sides(sides, kind, tenancy, agent):
            wrong[pk] = None
        if pk != before and not _same(Payment.document_digest(said), sealed, anew.get(transaction, "")):
            changed[pk] = None
        before = pk
    for pk in list(wrong)[:SOME]:
        yield f"payment {pk}: is not what its transaction booked"
    for pk in changed:
        yield f"payment {pk}: was changed after it was booked"


_OF_PAYMENT = itemgetter(*map(PAYMENT_SAYS.index, ("point_id", "amount_fen", "tenancy_id", "agent_id")))


def _are_sides(sides: list[Any], kind: str, tenancy: int | None, agent: int | None) -> bool:
    """Whether debit kind and party, credit kind, party and tenancy of a transfer are who took and who paid in a payment."""
    if kind == TransactionKind.RECEIPT:
        return sides == [A.AGENT, agent, A.TENANCY, None, tenancy]
    if kind == TransactionKind.REMITTANCE:
        return sides == [A.PAYABLE, None, A.AGENT, agent, None]
    return kind == TransactionKind.DIRECT_PAYMENT and sides == [A.PAYABLE, None, A.TENANCY, None, tenancy]


def _lost_papers(street: Street) -> Iterator[str]:
    """A transaction that booked a paper still has it, in its own street."""
    for name, kinds in PAPERS.items():
        bare = Transaction.objects.filter(street=street, kind__in=kinds).exclude(**{f"{name}__street": street})
        for pk in bare.order_by("pk").values_list("pk", flat=True)[:SOME]:
            yield f"transaction {pk}: its {name} is gone"


def _identity_faults(street: Street) -> Iterator[str]:
    """The identity at the end of every day something happened, in both layers; and what the pages show, summed again.

    Book by book; what has been compared with the pages is let go, a page of points at a time.
    """
    points = {p.book_id: p for p in SupplyPoint.objects.filter(street=street).select_related("street")}
    accounts = Account.objects.filter(street=street, kind__in=A.values).values_list("pk", "kind")
    kinds: dict[int, A] = {pk: A(kind) for pk, kind in accounts}
    inside = frozenset(pk for pk, kind in kinds.items() if kind in IDENTITY)
    claimed = set(OpenClaim.objects.filter(street=street).values_list("transaction_id", flat=True))
    of_other_charts = Book.objects.filter(street=street).exclude(chart=WATER.name).values("pk")
    transfers = Transfer.objects.filter(street=street).exclude(book__in=of_other_charts)
    last = transfers.aggregate(day=Max("effective_on"))["day"]
    rows = transfers.order_by("book_id", "effective_on", "pk").values_list(
        "book_id", "effective_on", "transaction_id", "debit_id", "credit_id", "amount_fen"
    )
    ends: dict[int, tuple[_Layer, _Layer]] = {}
    here: tuple[int, dt.date] | None = None
    for book, day, transaction, debit, credit, fen in rows.iterator(CHUNK):
        if here is not None and here != (book, day):
            yield from _day_faults(points, here, ends[here[0]])
        if book not in ends:
            if len(ends) == PAGE:
                yield from _page_faults(street, points, ends, last)
                ends = {}
            ends[book] = (_Layer(kinds, inside), _Layer(kinds, inside))
        here = (book, day)
        sure, every = ends[book]
        every.move(debit, credit, fen)
        if transaction not in claimed:
            sure.move(debit, credit, fen)
    if here is not None:
        yield from _day_faults(points, here, ends[here[0]])
        yield from _page_faults(street, points, ends, last)


class _Layer:
    """The balances of one book, brought along row by row; summed by kind of account only where somebody asks."""

    def __init__(self, kinds: dict[int, A], inside: frozenset[int]) -> None:
        self.kinds = kinds
        self.inside = inside
        self.balance: dict[int, int] = defaultdict(int)
        self.difference = 0

    def move(self, debit: int, credit: int, fen: int) -> None:
        self.balance[debit] += fen
        self.balance[credit] -= fen
        # Payable less what explains it: a row between two accounts of the identity changes nothing.
        if debit in self.inside:
            self.difference -= fen
        if credit in self.inside:
            self.difference += fen

    def figures(self) -> tuple[int, ...]:
        """Payable, owed, credit of shops, held, fronted, unshared, common, loss, unexplained."""
        plus: dict[A, int] = defaultdict(int)
        minus: dict[A, int] = defaultdict(int)
        for account, fen in self.balance.items():
            kind = self.kinds.get(account)
            if kind is not None:  # else it is gone, and named by the ledger's own check
                plus[kind] += max(0, fen)
                minus[kind] += max(0, -fen)
        return (
            minus[A.PAYABLE] - plus[A.PAYABLE], plus[A.TENANCY], minus[A.TENANCY], plus[A.AGENT], minus[A.AGENT],
            *(plus[kind] - minus[kind] for kind in (A.UNSHARED, A.COMMON, A.LOSS, A.UNEXPLAINED)),
        )  # fmt: skip


def _figures(m: Money) -> tuple[int, ...]:
    return (
        m.payable, m.owed, m.advances + m.passed_over, m.held, m.fronted, m.unshared, m.common, m.loss, m.unexplained,
    )  # fmt: skip


def _day_faults(points: dict[int, SupplyPoint], here: tuple[int, dt.date], layers: Iterable[_Layer]) -> Iterator[str]:
    book, day = here
    for name, layer in zip(("confirmed", "with claims"), layers, strict=True):
        if layer.difference:
            code = points[book].code if book in points else f"book {book}"
            yield f"{code} {day} ({name}): the identity is {yuan(layer.difference)} out"


def _page_faults(
    street: Street, points: dict[int, SupplyPoint], ends: dict[int, tuple[_Layer, _Layer]], on: dt.date
) -> Iterator[str]:
    """What ``who_holds_the_money`` answers at the end of all days is what the rows of some books add up to."""
    page = sorted((points[book] for book in ends if book in points), key=lambda p: p.code)
    if page:
        codes = f"figures of {page[0].code} to {page[-1].code}"
        yield from as_far_as_it_goes(codes, _shown_faults(street, page, ends, on))


def _shown_faults(
    street: Street, page: Sequence[SupplyPoint], ends: dict[int, tuple[_Layer, _Layer]], on: dt.date
) -> Iterator[str]:
    shown = holdings(street, page, on=on)
    for point in page:
        sure, every = ends[point.book_id]
        money = shown[point.pk]
        for name, layer, m in (("confirmed", sure, money.confirmed), ("with claims", every, money.with_claims)):
            if layer.figures() != _figures(m):
                yield f"{point.code} ({name}): the page's figures are not the sum of the rows"
