"""What the debts and payments of a relation are, and what was kept of which met which."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Sum

from hege.billing.applying.models import Application, Designation, Plan, PlanPart
from hege.billing.applying.rules import (
    Debt,
    DebtKind,
    Met,
    Money,
    OpenDebt,
    Outcome,
    Part,
    Relation,
    apply,
    by_first_debt,
    code_of,
    differences,
    met_on,
)
from hege.billing.applying.rules import Plan as PlanSeen
from hege.billing.chart import REACHES_THE_UTILITY, AccountKind, TransactionKind
from hege.billing.models import Allocation, Bill, Payment, Share
from hege.billing.rules import corrected_by
from hege.kernel.grouped import grouped, summed
from hege.kernel.money import yuan
from hege.kernel.prepared import prepared
from hege.ledger.models import Account, AccountTotal, Transaction, Transfer
from hege.metering.models import SupplyPoint
from hege.people.models import Street

#: So many shops are worked out at once.
SOME_SHOPS = 2000

#: A relation by its key: the book of a meter, and the tenancy of the shop; None stands for the utility's with the holder.
Key = tuple[int, int | None]


def _known(known_at: dt.datetime | None, path: str = "transaction__") -> Q:
    """Transactions that stand; with an instant, those that did as known then."""
    if known_at is None:
        return Q(**{f"{path}reversed_by__isnull": True})
    taken_back = Q(**{f"{path}reversed_by__isnull": True}) | Q(**{f"{path}reversed_by__recorded_at__gt": known_at})
    return taken_back & Q(**{f"{path}recorded_at__lte": known_at})


class _Charge(NamedTuple):
    """A bill or a share of one as it stands: below zero a credit."""

    number: str
    transaction_id: int
    issued_on: dt.date
    due_on: dt.date
    from_on: dt.date
    until_on: dt.date
    fen: int


def _debts_and_credits(charges: Iterable[_Charge]) -> tuple[list[Debt], list[Money]]:
    """The debts among the charges of one relation; and its credits, named for the bills whose days they share (红字冲抵), else for
    the latest before. Two bills of one number are told apart by their order.
    """
    rows = sorted(charges, key=lambda c: (c.from_on, c.number, c.transaction_id))
    seen: Counter[str] = Counter()
    debts: dict[_Charge, Debt] = {}
    for charge in rows:
        if charge.fen > 0:
            seen[charge.number] += 1
            again = f"#{seen[charge.number]}" if seen[charge.number] > 1 else ""
            code = code_of(DebtKind.BILL, charge.number + again)
            debts[charge] = Debt(
                code, DebtKind.BILL, charge.issued_on, charge.due_on, charge.fen, period=charge.from_on
            )  # fmt: skip
    paying = []
    for charge in rows:
        if charge.fen < 0:
            named = tuple(debts[of].code for of in corrected_by(charge, list(debts)))
            paper = code_of(DebtKind.BILL, charge.number)
            paying.append(Money(charge.transaction_id, charge.issued_on, -charge.fen, named, paper))
    return [*debts.values()], paying


def utility_relations(
    street: Street, books: Sequence[int], *, known_at: dt.datetime | None = None
) -> dict[int, Relation]:
    """What the utility's relation with the holder of each meter knows, by book; six queries."""
    stands = _known(known_at)
    charges: dict[int, list[_Charge]] = grouped(
        (book, _Charge(*charge))
        for book, *charge in Bill.objects.filter(stands, street=street, point__book__in=books).values_list(
            "point__book_id", "number", "transaction_id", "issued_on", "due_on", "from_on", "until_on", "amount_fen"
        )
    )
    openings = _openings(street, books, known_at)
    named = _named(Designation.objects.filter(street=street, transaction__book__in=books))
    paid = Payment.objects.filter(
        stands, street=street, transaction__book__in=books, transaction__kind__in=REACHES_THE_UTILITY,
        transaction__open_claim__isnull=True,
    )  # fmt: skip
    money = grouped((key[0], one) for key, one in _money(paid, named))
    plans = plans_of(street, books, known_at=known_at)
    found = {}
    for book in books:
        debts, paying = _debts_and_credits(charges.get(book, ()))
        found[book] = Relation([*openings.get(book, ()), *debts], [*paying, *money.get(book, ())], plans.get(book, ()))
    return found


def _openings(street: Street, books: Sequence[int], known_at: dt.datetime | None) -> dict[int, list[Debt]]:
    rows = Transfer.objects.filter(
        _known(known_at), street=street, book__in=books, transaction__kind=TransactionKind.OPENING,
        credit__kind=AccountKind.PAYABLE,
    )  # fmt: skip
    sums = rows.values_list("book_id", "effective_on").annotate(fen=Sum("amount_fen")).order_by("effective_on")
    return grouped(
        (book, Debt(code_of(DebtKind.OPENING, day.isoformat()), DebtKind.OPENING, day, day, fen))
        for book, day, fen in sums
    )


def _named(rows: QuerySet[Designation]) -> dict[int, tuple[str, ...]]:
    said = rows.order_by("transaction_id", "number").values_list("transaction_id", "debt")
    return {transaction: tuple(debts) for transaction, debts in grouped(said).items()}


def _money(paid: QuerySet[Payment], named: Mapping[int, tuple[str, ...]]) -> Iterator[tuple[Key, Money]]:
    rows = paid.values_list(
        "transaction__book_id", "tenancy_id", "transaction_id", "transaction__effective_on", "amount_fen", "voucher"
    )
    for book, tenancy, pk, on, fen, voucher in rows:
        yield (book, tenancy), Money(pk, on, fen, named.get(pk, ()), voucher)


def plans_of(street: Street, books: Iterable[int], *, known_at: dt.datetime | None = None) -> dict[int, list[PlanSeen]]:
    """The plans over the debts of some books with their parts, by book; two queries, one where there are none."""
    rows = Plan.objects.filter(street=street, book__in=list(books))
    if known_at is not None:
        rows = rows.filter(recorded_at__lte=known_at)
    plans = list(rows.order_by("effective_on", "pk"))
    parts = grouped(
        (part.plan_id, part)
        for part in PlanPart.objects.filter(street=street, plan__in=plans).order_by("plan_id", "number")
    ) if plans else {}  # fmt: skip
    return grouped((plan.book_id, _plan(plan, parts[plan.pk])) for plan in plans)


def _plan(plan: Plan, parts: Sequence[PlanPart]) -> PlanSeen:
    kind, on = DebtKind.INSTALMENT, plan.effective_on
    debts = [Debt(code_of(kind, plan.number, p.number), kind, on, p.due_on, p.amount_fen) for p in parts]
    return PlanSeen(plan.pk, on, plan.amount_fen, tuple(debts))


def shop_relations(
    street: Street, tenancies: Sequence[int], *, known_at: dt.datetime | None = None
) -> dict[Key, Relation]:
    """What the relation of each of some shops with its agent knows, by book and tenancy; three queries.

    A share is due when its bill is; what is charged stands as the last allocation has it.
    """
    stands = _known(known_at)
    corrected = Allocation.objects.filter(stands, corrects=OuterRef("allocation"))
    shares = (
        Share.objects.filter(
            _known(known_at, "allocation__transaction__"), ~Exists(corrected), street=street, tenancy__in=tenancies
        )
        .values_list(
            "allocation__bill__point__book_id", "tenancy_id", "allocation__bill__number", "allocation__transaction_id",
            "allocation__bill__issued_on", "allocation__bill__due_on", "allocation__bill__from_on",
            "allocation__bill__until_on",
        )
        .annotate(fen=Sum("amount_fen"))
        .order_by()
    )  # fmt: skip
    charges = grouped(((book, tenancy), _Charge(*charge)) for book, tenancy, *charge in shares)
    paid = Payment.objects.filter(
        stands, street=street, tenancy__in=tenancies, transaction__open_claim__isnull=True
    )  # fmt: skip
    named = _named(Designation.objects.filter(street=street, transaction__payment__tenancy__in=tenancies))
    money = grouped(_money(paid, named))
    found = {}
    for key in sorted({*charges, *money}):
        debts, paying = _debts_and_credits(charges.get(key, ()))
        found[key] = Relation(debts, [*paying, *money.get(key, ())])
    return found


def kept(
    rows: QuerySet[Application], *, on: dt.date | None = None, known_at: dt.datetime | None = None
) -> dict[Key, dict[Met, int]]:
    """What some rows say was met, by relation: up to the end of a day, as known at an instant, where they are given; one query."""
    if on is not None:
        rows = rows.filter(on__lte=on)
    if known_at is not None:
        rows = rows.filter(recorded_at__lte=known_at)
    sums = rows.values_list("book_id", "tenancy_id", "transaction_id", "plan_id", "debt", "on")
    found: dict[Key, dict[Met, int]] = defaultdict(dict)
    for book, tenancy, transaction, plan, debt, day, fen in sums.annotate(fen=Sum("amount_fen")).order_by():
        if fen:
            found[book, tenancy][Met(transaction, plan, debt, day)] = fen
    return found


def of_utility(street: Street, books: Sequence[int]) -> QuerySet[Application]:
    """What met the debts of the holders of some meters."""
    return Application.objects.filter(street=street, book__in=books, tenancy__isnull=True)


def of_shops(street: Street, tenancies: Sequence[int]) -> QuerySet[Application]:
    """What met the debts of some shops."""
    return Application.objects.filter(street=street, tenancy__in=tenancies)


def _lots(keys: Iterable[int]) -> Iterator[list[int]]:
    rows = sorted(set(keys))
    for start in range(0, len(rows), SOME_SHOPS):
        yield rows[start : start + SOME_SHOPS]


class Worked(NamedTuple):
    """One relation: what the rule says was met, and what is kept."""

    key: Key
    outcome: Outcome
    kept: Mapping[Met, int]


def worked_out(street: Street, *, books: Iterable[int] = (), shops: Iterable[int] = ()) -> Iterator[Worked]:
    """What each relation of some books with the utility, and of some tenancies with their agents, met as things stand."""
    held = sorted(set(books))
    if held:
        there = kept(of_utility(street, held))
        for book, relation in utility_relations(street, held).items():
            yield Worked((book, None), apply(relation), there.get((book, None), {}))
    for some in _lots(shops):
        found, there = shop_relations(street, some), kept(of_shops(street, some))
        for key in sorted({*found, *there}, key=lambda key: (key[0], key[1] or 0)):
            yield Worked(key, apply(found.get(key, Relation())), there.get(key, {}))


class Charged(NamedTuple):
    """What a relation was charged just now, in fen: from which day on; ``credit`` where something of it pays."""

    on: dt.date
    fen: int
    credit: bool


def charged(rows: Iterable[tuple[Key, dt.date, int]]) -> dict[Key, Charged]:
    """Charges by relation, ``(relation, day, fen)`` added up."""
    found: dict[Key, Charged] = {}
    for key, on, fen in rows:
        before = found.get(key, Charged(on, 0, credit=False))
        found[key] = Charged(min(on, before.on), before.fen + fen, before.credit or fen < 0)
    return found


def may_be_met(street: Street, charges: Mapping[Key, Charged]) -> list[Key]:
    """Of relations that were charged and posted just now, those that hold money which may meet it: something was paid ahead, on its day
    or later, or is a credit; or a plan took over what was owed since.

    Flat: the totals of their accounts and the last days of them, however long those are. Some queries a lot.
    """
    found = {key for key, charge in charges.items() if charge.credit}
    books = sorted({book for book, _tenancy in charges})
    for book, on in Plan.objects.filter(street=street, book__in=books).values_list("book_id", "effective_on"):
        if (book, None) in charges and charges[book, None].on <= on:
            found.add((book, None))
    kinds = {AccountKind.PAYABLE.value: ("debit", -1), AccountKind.TENANCY.value: ("credit", 1)}
    rows = Account.objects.filter(street=street, book__in=books, kind__in=kinds)
    accounts = {
        pk: ((book, tenancy), kinds[kind])
        for pk, book, tenancy, kind in rows.values_list("pk", "book_id", "tenancy_id", "kind")
    }
    for some in _lots(pk for pk, (key, _side) in accounts.items() if key in charges):
        first = min(charges[accounts[pk][0]].on for pk in some)
        for side, _sign in kinds.values():
            mine = [pk for pk in some if accounts[pk][1][0] == side]
            later = Transfer.objects.filter(**{f"{side}__in": mine}, effective_on__gte=first)
            for pk, on in later.values_list(f"{side}_id", "effective_on").distinct():
                if on >= charges[accounts[pk][0]].on:
                    found.add(accounts[pk][0])
        totals = AccountTotal.objects.filter(street=street, account__in=some).values_list(
            "account_id", "fen", "unproven_fen"
        )
        for pk, owed in summed((pk, fen - unproven) for pk, fen, unproven in totals).items():
            key, (_side, sign) = accounts[pk]
            if sign * owed < charges[key].fen:
                found.add(key)
    return sorted(found, key=lambda key: (key[0], key[1] or 0))


# -- to be named -------------------------------------------------------------------------------------------------------


class Nameable(NamedTuple):
    """What the payments of a relation may be named for, as far as it is known now: its debts, what was met of each by when."""

    debts: Mapping[str, Debt]
    met: Mapping[str, Sequence[tuple[dt.date, int]]]
    taken_over: Mapping[str, tuple[dt.date, str]]

    def on(self, day: dt.date) -> dict[str, OpenDebt]:
        """The debts there are at the end of a day, with what earlier payments left of each."""
        found = {}
        for code, debt in self.debts.items():
            if debt.arises_on <= day:
                left = debt.fen - sum(fen for on, fen in self.met.get(code, ()) if on < day)
                since, plan = self.taken_over.get(code, (dt.date.max, ""))
                found[code] = OpenDebt(code, left, plan if since <= day else "")
        return found


def codes_standing(street: Street, codes: Iterable[str]) -> set[str]:
    """Those of some codes of bills that stand at any meter of a street; one query."""
    of = {code.partition(":")[2]: code for code in codes}
    rows = Bill.objects.filter(street=street, number__in=list(of), transaction__reversed_by__isnull=True)
    return {code_of(DebtKind.BILL, number) for number in rows.values_list("number", flat=True)}


def nameable(street: Street, keys: Iterable[Key]) -> dict[Key, Nameable]:
    """What may be named in some relations, by key; nine queries for any number of them."""
    wanted = set(keys)
    books, shops = [book for book, tenancy in wanted if tenancy is None], [t for _book, t in wanted if t is not None]
    relations: dict[Key, Relation] = {}
    there: dict[Key, dict[Met, int]] = {}
    numbers: dict[int, str] = {}
    if books:
        relations |= {(book, None): relation for book, relation in utility_relations(street, books).items()}
        there |= kept(of_utility(street, books))
        numbers = dict(Plan.objects.filter(street=street, book__in=books).values_list("pk", "number"))
    if shops:
        relations |= shop_relations(street, shops)
        there |= kept(of_shops(street, shops))
    return {key: _nameable(relations.get(key, Relation()), there.get(key, {}), numbers) for key in wanted}


def _nameable(relation: Relation, met: Mapping[Met, int], numbers: Mapping[int, str]) -> Nameable:
    debts = {debt.code: debt for debt in [*relation.debts, *(part for plan in relation.plans for part in plan.parts)]}
    by_money = grouped((m.debt, (m.on, fen)) for m, fen in met.items())
    over = {m.debt: (m.on, numbers[m.plan_id]) for m in met if m.plan_id is not None}
    return Nameable(debts, by_money, over)


# -- instalments -------------------------------------------------------------------------------------------------------


def paid_of_plans(
    street: Street, books: Sequence[int], *, on: dt.date
) -> dict[tuple[int, str], list[tuple[dt.date, int]]]:
    """What money met each instalment until the end of a day, ``(day, fen)``, by book and code; one query."""
    return grouped(((book, debt), (day, fen)) for book, debt, day, fen in _paid_of_plans(street, [*books], on))


@prepared
def _paid_of_plans(street: Street, books: Sequence[int], on: dt.date) -> QuerySet[Application, tuple[Any, ...]]:
    rows = Application.objects.filter(
        street=street, book__pk__in=books, tenancy__isnull=True, plan__isnull=True, on__lte=on,
        debt__startswith=code_of(DebtKind.INSTALMENT, ""),
    )  # fmt: skip
    sums: QuerySet[Application, tuple[Any, ...]] = rows.values_list("book_id", "debt", "on").annotate(
        fen=Sum("amount_fen")
    )
    return sums.order_by("book_id", "debt", "on")


def paid_of_bills(street: Street, books: Sequence[int], *, on: dt.date) -> dict[int, dict[str, list[Part]]]:
    """What money and credits met of each bill and opening until the end of a day, also by way of instalments, by book and code; one
    query, two where there are plans."""
    met: dict[int, dict[Met, int]] = defaultdict(dict)
    for book, transaction, plan, debt, day, fen in _met_of_utility(street, [*books], on):
        met[book][Met(transaction, plan, debt, day)] = fen
    planned = any(key.plan_id is not None for rows in met.values() for key in rows)
    parts = parts_of_plans(street, books) if planned else {}
    return {book: by_first_debt(rows, parts) for book, rows in met.items()}


@prepared
def _met_of_utility(street: Street, books: Sequence[int], on: dt.date) -> QuerySet[Application, tuple[Any, ...]]:
    rows = Application.objects.filter(street=street, book__pk__in=books, tenancy__isnull=True, on__lte=on)
    sums: QuerySet[Application, tuple[Any, ...]] = rows.values_list(
        "book_id", "transaction_id", "plan_id", "debt", "on"
    ).annotate(fen=Sum("amount_fen"))
    return sums.order_by()


def parts_of_plans(street: Street, books: Sequence[int]) -> dict[int, list[str]]:
    """The codes of the parts of each plan over some books, by the plan's key; one query."""
    rows = PlanPart.objects.filter(street=street, plan__book__in=books).order_by("plan_id", "number")
    return grouped(
        (plan, code_of(DebtKind.INSTALMENT, number, part))
        for plan, number, part in rows.values_list("plan_id", "plan__number", "number")
    )


# -- what is shown -----------------------------------------------------------------------------------------------------


class DebtNow(NamedTuple):
    """One debt at the end of a day, in fen: ``met_fen`` by money, ``moved_fen`` taken over by a plan, the rest is open."""

    tenancy_id: int | None
    debt: Debt
    met_fen: int
    moved_fen: int
    met_on: dt.date | None

    @property
    def open_fen(self) -> int:
        return self.debt.fen - self.met_fen - self.moved_fen


def debts_of(
    point: SupplyPoint, *, on: dt.date, known_at: dt.datetime | None = None, shops: bool = True
) -> list[DebtNow]:
    """Every debt behind a supply point at the end of a day (债务清单), the utility's first, each in the order it arose.

    As known at an instant, where one is given. ``met_on`` is the day it was met in full.
    """
    street, book = point.street, point.book_id
    relations: dict[Key, Relation] = {(book, None): utility_relations(street, [book], known_at=known_at)[book]}
    there = kept(of_utility(street, [book]), on=on, known_at=known_at)
    if shops:
        tenancies = list(
            Account.objects.filter(street=street, book=book, kind=AccountKind.TENANCY).values_list(
                "tenancy_id", flat=True
            )
        )
        mine = [pk for pk in tenancies if pk is not None]
        relations |= {k: r for k, r in shop_relations(street, mine, known_at=known_at).items() if k[0] == book}
        there |= kept(of_shops(street, mine), on=on, known_at=known_at)
    return [row for key, relation in relations.items() for row in _rows(key, relation, there.get(key, {}), on)]


def _rows(key: Key, relation: Relation, met: Mapping[Met, int], on: dt.date) -> Iterator[DebtNow]:
    parts = [part for plan in relation.plans for part in plan.parts]
    by_debt = grouped((m.debt, (m, fen)) for m, fen in sorted(met.items(), key=lambda row: row[0].on))
    for debt in sorted([*relation.debts, *parts], key=lambda debt: (debt.arises_on, debt.due_on, debt.code)):
        if debt.arises_on > on:
            continue
        money = [(m.on, fen) for m, fen in by_debt.get(debt.code, ()) if m.plan_id is None]
        moved = sum(fen for m, fen in by_debt.get(debt.code, ()) if m.plan_id is not None)
        yield DebtNow(key[1], debt, sum(fen for _on, fen in money), moved, met_on(debt.fen, money))


def shop_codes(point: SupplyPoint) -> dict[int, str]:
    """The unit code of each tenancy with an account behind a supply point, by key; one query."""
    rows = Account.objects.filter(street=point.street_id, book=point.book_id, tenancy__isnull=False)
    return dict(rows.values_list("tenancy_id", "tenancy__unit__code"))


class PaymentNow(NamedTuple):
    """One payment behind a supply point: what it was named for and which debts it met, in fen, in one relation (``tenancy_id``)."""

    transaction_id: int
    kind: TransactionKind
    tenancy_id: int | None
    voucher: str
    on: dt.date
    fen: int
    confirmed: bool
    named: tuple[str, ...]
    met: Mapping[str, int]

    @property
    def left_fen(self) -> int:
        """What has met no debt: paid ahead; all of it where it is not confirmed."""
        return self.fen - sum(self.met.values())


def applied_payments(point: SupplyPoint) -> list[PaymentNow]:
    """The payments that stand behind a supply point (付款抵充), the oldest first; three queries. One from a shop to the utility is in
    both relations, told twice."""
    street, book = point.street, point.book_id
    rows = Payment.objects.filter(street=street, transaction__book=book, transaction__reversed_by__isnull=True)
    said = rows.order_by("transaction__effective_on", "voucher", "pk").values_list(
        "transaction_id", "transaction__kind", "tenancy_id", "voucher", "transaction__effective_on", "amount_fen",
        "transaction__open_claim__level",
    )  # fmt: skip
    named = _named(Designation.objects.filter(street=street, transaction__book=book))
    sums = (
        Application.objects.filter(street=street, book=book, transaction__isnull=False)
        .values_list("transaction_id", "tenancy_id", "debt")
        .annotate(fen=Sum("amount_fen"))
        .order_by("debt")
    )
    met: dict[tuple[int, int | None], dict[str, int]] = defaultdict(dict)
    for transaction, tenancy, debt, fen in sums:
        if fen:
            met[transaction, tenancy][debt] = fen
    found = []
    for pk, kind, tenancy, voucher, on, fen, level in said:
        sides: list[int | None] = [] if kind == TransactionKind.RECEIPT else [None]
        sides += [tenancy] if tenancy is not None else []
        one = PaymentNow(pk, TransactionKind(kind), None, voucher, on, fen, level is None, named.get(pk, ()), {})
        found += [one._replace(tenancy_id=side, met=met.get((pk, side), {})) for side in sides]
    return found


class MetBy(NamedTuple):
    """What one transaction was named for, and what it met, code and fen, in the relation with the utility and in the shop's."""

    named: Sequence[str]
    words: str
    of_utility: Mapping[str, int]
    of_shop: Mapping[str, int]


def met_of(transaction: Transaction) -> MetBy:
    """What one payment was for (这笔款付了什么); two queries."""
    said = list(Designation.objects.filter(transaction=transaction).order_by("number"))
    sums = (
        Application.objects.filter(transaction=transaction)
        .values_list("tenancy_id", "debt")
        .annotate(fen=Sum("amount_fen"), first=Min("on"))
        .order_by("first", "debt")
    )
    sides: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for tenancy, debt, fen, _first in sums:
        if fen:
            sides[tenancy is not None][debt] = fen
    return MetBy([row.debt for row in said], said[0].words if said else "", *sides)


def never_applied(street: Street) -> bool:
    """Whether a street has payments, none of which was ever applied: one of an earlier release. Two queries."""
    paid = Payment.objects.filter(street=street).exists()
    return paid and not Application.objects.filter(street=street).exists()


# -- proof -------------------------------------------------------------------------------------------------------------


def application_faults(street: Street) -> Iterator[str]:
    """Every payment applied again (核验抵充): where what is kept is not what the rule says."""
    books = dict(SupplyPoint.objects.filter(street=street).values_list("book_id", "code"))
    shops = Account.objects.filter(street=street, kind=AccountKind.TENANCY, tenancy__isnull=False)
    tenancies = shops.values_list("tenancy_id", flat=True).distinct()
    for (book, tenancy), outcome, there in worked_out(street, books=books, shops=tenancies):
        whose = f"tenancy {tenancy}" if tenancy else "the utility"
        for met, gap in differences(outcome.met, there).items():
            by = f"plan {met.plan_id}" if met.plan_id else f"transaction {met.transaction_id}"
            yield (
                f"application {books.get(book, book)} ({whose}) {met.debt} {met.on} by {by}: kept "
                f"{yuan(there.get(met, 0))}, applied again {yuan(there.get(met, 0) + gap)}"
            )
    strange = Application.objects.filter(street=street).exclude(book__in=list(books))
    for pk in strange.order_by("pk").values_list("pk", flat=True)[:20]:
        yield f"application {pk}: is in a book that is no meter's"
