"""What is on no list yet, the lists of a month and of a shop, who owes whom; and proof that it all adds up to the fen."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import F, Max, Q, QuerySet, Sum

from hege.kernel.grouped import grouped, summed
from hege.ledger.models import Transfer
from hege.people.models import Party, Street
from hege.programme.settlements.chart import SETTLEMENTS, AccountKind, EntryKind
from hege.programme.settlements.models import (
    Settlement,
    SettlementLine,
    SettlementMonth,
    SettlementPart,
    SettlementPayment,
    SettlementStep,
)
from hege.programme.settlements.rules import Line, PaymentKind, SettlementState, list_digest, nets, total_of
from hege.vouchers.models import Merchant, OfflineConflict, Redemption, Reversal
from hege.vouchers.tills.queries import standing
from hege.vouchers.tills.rules import ConflictState

CHUNK = 2000
SOME = 20  # of one kind of fault are named; more would bury the others

#: The column of a line that names what it is of, and the sign its key begins with (``rules.Line``).
SORTS = {"redemption_id": "r", "reversal_id": "v", "conflict_id": "c"}


class Whose(NamedTuple):
    """Who is owed and whose vouchers they were: a shop and a payer, by key."""

    merchant: int
    payer: int


# -- what is on no list yet ----------------------------------------------------------------------------------------------


class Waits(NamedTuple):
    """Something that is on no list yet: whose, which column of a line will name it, its key, when it was, how much."""

    whose: Whose
    column: str
    pk: int
    used_at: dt.datetime
    fen: int

    @property
    def line(self) -> Line:
        """As a list says it."""
        return Line(f"{SORTS[self.column]}{self.pk}", self.used_at, self.fen)


def waiting(street: Street, *, before: dt.datetime | None = None) -> list[Waits]:
    """What is on no list yet, of before an instant or of all: redemptions that stand, scans that are paid all the same, and
    what was taken back after it was on a list; three queries."""
    taken = standing(street).filter(settled__isnull=True)
    back = Reversal.objects.filter(street=street, settled__isnull=True, redemption__settled__isnull=False)
    paid = OfflineConflict.objects.filter(street=street, state=ConflictState.PAID, settled__isnull=True)
    batch_of, of_back, of_scan = "claim__batch__payer", "redemption__", "failure__"
    sources: Sequence[tuple[str, QuerySet[Any], tuple[str, str, str, str], int]] = (
        ("redemption_id", taken, ("merchant", batch_of, "used_at", "owed_fen"), 1),
        ("reversal_id", back, (f"{of_back}merchant", of_back + batch_of, "at", f"{of_back}owed_fen"), -1),
        ("conflict_id", paid, (f"{of_scan}till__merchant", of_scan + batch_of, "decided_at", "owed_fen"), 1),
    )
    found = []
    for column, rows, says, sign in sources:
        some = rows if before is None else rows.filter(**{f"{says[2]}__lt": before})
        found += [
            Waits(Whose(shop, payer), column, pk, at, sign * fen)
            for pk, shop, payer, at, fen in some.values_list("pk", *says)
        ]
    return sorted(found)


class Open(NamedTuple):
    """What waits for a list: how many lines, and what they come to."""

    taken: int = 0
    fen: int = 0


def open_of(street: Street, *, before: dt.datetime | None = None) -> dict[Whose, Open]:
    """What waits for the next lists, by shop and payer."""
    found: dict[Whose, Open] = {}
    for one in waiting(street, before=before):
        n, fen = found.get(one.whose, Open())
        found[one.whose] = Open(n + 1, fen + one.fen)
    return found


# -- months and lists ----------------------------------------------------------------------------------------------------


def latest_month(street: Street) -> dt.date | None:
    """The last month that is frozen."""
    found: dt.date | None = SettlementMonth.objects.filter(street=street).aggregate(on=Max("month_on"))["on"]
    return found


def months_of(street: Street) -> QuerySet[SettlementMonth]:
    """The months that are frozen, the last first."""
    rows: QuerySet[SettlementMonth] = SettlementMonth.objects.filter(street=street).order_by("-month_on")
    return rows


def lists_of(street: Street) -> QuerySet[Settlement]:
    """The lists of a street with who is in them, the last month first, within it by shop."""
    rows = Settlement.objects.filter(street=street).select_related("month", "merchant", "payee", "payer", "paid_by")
    return rows.order_by("-month__month_on", "merchant__name", "payer__name", "pk")


def the_list(street: Street, public_id: str) -> Settlement | None:
    """A list of a street, which keeps the head of its trail."""
    found = lists_of(street).filter(public_id=public_id).first()
    if found is not None:
        found.street = street
    return found


def the_list_of_shop(merchant: Merchant, public_id: str) -> Settlement | None:
    """A list of a shop."""
    found = lists_of(merchant.street).filter(merchant=merchant, public_id=public_id).first()
    if found is not None:
        found.street = merchant.street
    return found


def lines_of(settlement: Settlement) -> QuerySet[SettlementLine]:
    """The lines of a list in the order of days, each with its voucher."""
    rows: QuerySet[SettlementLine] = SettlementLine.objects.filter(street=settlement.street_id, settlement=settlement)
    return rows.select_related(
        "redemption__claim__batch", "reversal__redemption__claim__batch", "conflict__failure__claim__batch"
    ).order_by("used_at", "pk")


def steps_of(settlement: Settlement) -> QuerySet[SettlementStep]:
    """What became of a list, in order."""
    rows: QuerySet[SettlementStep] = SettlementStep.objects.filter(street=settlement.street_id, settlement=settlement)
    return rows.select_related("by", "till").order_by("pk")


def parts_of_list(settlement: Settlement) -> QuerySet[SettlementPart]:
    """The parts of payments that are for a list, also of those that were taken back."""
    rows: QuerySet[SettlementPart] = SettlementPart.objects.filter(street=settlement.street_id, settlement=settlement)
    return rows.select_related("payment__payer", "payment__by").order_by("pk")


def last_words(lists: Collection[Settlement], to: SettlementState) -> dict[int, SettlementStep]:
    """The last step of each list that brought it to a state; one query."""
    rows = SettlementStep.objects.filter(settlement__in=[one.pk for one in lists], to=to).select_related("by")
    return {step.settlement_id: step for step in rows.order_by("pk")}


def payments_of(street: Street, *kinds: PaymentKind) -> QuerySet[SettlementPayment]:
    """The payments of a street, the last first; also those that were taken back."""
    rows = SettlementPayment.objects.filter(street=street).select_related("payer", "payee", "by")
    return (rows.filter(kind__in=kinds) if kinds else rows).order_by("-paid_on", "-pk")


def the_payment(street: Street, public_id: str) -> SettlementPayment | None:
    """A payment of a street, which keeps the head of its trail."""
    found = payments_of(street).filter(public_id=public_id).select_related("transaction").first()
    if found is not None:
        found.street = found.transaction.street = street
    return found


def serial_taken(street: Street, serial: str) -> SettlementPayment | None:
    """The payment that stands under a bank's serial number."""
    rows = SettlementPayment.objects.filter(street=street, bank_serial=serial, reversed_at__isnull=True)
    return rows.select_related("payee").first()


# -- who owes whom -------------------------------------------------------------------------------------------------------


class Debt(NamedTuple):
    """Who owes, and to whom: two units by key."""

    debtor: int
    creditor: int


def paid_for_others(street: Street) -> dict[Debt, int]:
    """What units paid shops in place of those whose vouchers they were (代付), by (whose, who paid); one query."""
    rows = SettlementPart.objects.filter(street=street, payment__reversed_at__isnull=True)
    others = rows.exclude(settlement__payer=F("settlement__paid_by")).order_by()
    found = others.values_list("settlement__payer", "settlement__paid_by").annotate(n=Sum("fen"))
    return {Debt(payer, paid_by): fen for payer, paid_by, fen in found}


def repaid(street: Street) -> dict[Debt, int]:
    """What units have paid each other, by (who paid, whom); one query."""
    rows = SettlementPayment.objects.filter(street=street, kind=PaymentKind.UNIT, reversed_at__isnull=True).order_by()
    return {
        Debt(payer, payee): fen
        for payer, payee, fen in rows.values_list("payer", "payee").annotate(n=Sum("amount_fen"))
    }


def net_of_units(street: Street) -> dict[int, int]:
    """What each unit gets from the others (above zero) or has to pay them in all; they sum to zero."""
    debts: dict[tuple[int, int], int] = summed(
        [*paid_for_others(street).items(), *((Debt(b, a), fen) for (a, b), fen in repaid(street).items())]
    )
    return nets(debts)


def owed_between(street: Street, debtor: Party, creditor: Party) -> int:
    """The most that one unit may pay another: what the one has to pay in all, or the other gets, whichever is less."""
    net = net_of_units(street)
    return max(0, min(-net.get(debtor.pk, 0), net.get(creditor.pk, 0)))


# -- figures -------------------------------------------------------------------------------------------------------------


class Position(NamedTuple):
    """What a shop was owed by a payer at an instant, in fen: on lists, paid of it, and on no list yet."""

    settled: int = 0
    paid: int = 0
    open: int = 0


def positions(street: Street, *, at: dt.datetime) -> dict[Whose, Position]:
    """What was settled, paid and open at an instant, by shop and payer, as it was known then; counted from the rows."""
    live = _by_whose(standing_at(street, at), "merchant", "claim__batch__payer", "owed_fen")
    beside = OfflineConflict.objects.filter(street=street, state=ConflictState.PAID, decided_at__lte=at)
    for whose, fen in _by_whose(beside, "failure__till__merchant", "failure__claim__batch__payer", "owed_fen").items():
        live[whose] += fen
    lists = Settlement.objects.filter(street=street, month__at__lte=at)
    settled = _by_whose(lists, "merchant", "payer", "total_fen")
    stood = Q(payment__reversed_at__isnull=True) | Q(payment__reversed_at__gt=at)
    parts = SettlementPart.objects.filter(stood, street=street, payment__at__lte=at)
    paid = _by_whose(parts, "settlement__merchant", "settlement__payer", "fen")
    return {
        whose: Position(settled[whose], paid[whose], live[whose] - settled[whose])
        for whose in sorted({*live, *settled})
    }


def standing_at(street: Street, at: dt.datetime) -> QuerySet[Redemption]:
    """The redemptions of a street that stood at an instant, as it was known then."""
    rows: QuerySet[Redemption] = Redemption.objects.filter(
        Q(reversal__isnull=True) | Q(reversal__at__gt=at), street=street, at__lte=at
    )
    return rows


def _by_whose(rows: QuerySet[Any], merchant: str, payer: str, fen: str) -> dict[Whose, int]:
    found = rows.order_by().values_list(merchant, payer).annotate(n=Sum(fen))
    return defaultdict(int, {Whose(shop, unit): n for shop, unit, n in found})


# -- proof ---------------------------------------------------------------------------------------------------------------


def settlement_faults(street: Street) -> Iterator[str]:
    """Every redemption is on a list or waits for one, each list is its lines, and the book is lists less payments."""
    yield from _line_faults(street)
    yield from _list_faults(street)
    yield from _sum_faults(street)
    yield from _payment_faults(street)
    yield from _book_faults(street)


def _line_faults(street: Street) -> Iterator[str]:
    """A line says what its row says, and stands on a list of its own shop and payer."""
    rows = SettlementLine.objects.filter(street=street)
    mine = Q(settlement__street=street)
    redeemed = Q(
        mine, fen=F("redemption__owed_fen"), used_at=F("redemption__used_at"), redemption__street=street,
        redemption__merchant=F("settlement__merchant"), redemption__claim__batch__payer=F("settlement__payer"),
    )  # fmt: skip
    back = Q(
        mine, fen=-F("reversal__redemption__owed_fen"), used_at=F("reversal__at"), reversal__street=street,
        reversal__redemption__merchant=F("settlement__merchant"), reversal__redemption__settled__isnull=False,
        reversal__redemption__claim__batch__payer=F("settlement__payer"),
    )  # fmt: skip
    paid = Q(
        mine, fen=F("conflict__owed_fen"), used_at=F("conflict__decided_at"), conflict__street=street,
        conflict__failure__till__merchant=F("settlement__merchant"), conflict__state=ConflictState.PAID,
        conflict__failure__claim__batch__payer=F("settlement__payer"),
    )  # fmt: skip
    for column, says in (("redemption", redeemed), ("reversal", back), ("conflict", paid)):
        some = rows.filter(**{f"{column}__isnull": False})
        right = some.filter(says).values("pk")
        for pk in some.exclude(pk__in=right).order_by("pk").values_list("pk", flat=True)[:SOME]:
            yield f"settlements.settlementline {pk}: is not what its {column} says, or not of its list's shop and payer"


def _list_faults(street: Street) -> Iterator[str]:
    """A list is its lines: how many, what they come to, their digest; and what its transaction sealed."""
    rows = Settlement.objects.filter(street=street).select_related("month", "merchant", "payer", "transaction")
    for some in _some(rows.order_by("pk").iterator(CHUNK)):
        lines = _lines(street, some)
        for row in some:
            name, mine = f"settlements.settlement {row.pk}", lines.get(row.pk, [])
            if (row.lines_count, row.total_fen) != (len(mine), total_of(mine)):
                yield f"{name}: says {row.lines_count} lines and {row.total_fen} fen, has {len(mine)} and {total_of(mine)}"
            if row.digest != digest_of(row, mine, street=street):
                yield f"{name}: was changed after it was frozen"
            booked = row.transaction
            if booked is not None and (booked.kind, booked.document_digest) != (EntryKind.SETTLE, row.digest):
                yield f"{name}: its transaction sealed another list"


def _some(rows: Iterable[Settlement]) -> Iterator[list[Settlement]]:
    found: list[Settlement] = []
    for row in rows:
        found.append(row)
        if len(found) >= SOME:
            yield found
            found = []
    yield found


def _lines(street: Street, lists: Collection[Settlement]) -> dict[int, list[Line]]:
    rows = SettlementLine.objects.filter(street=street, settlement__in=[row.pk for row in lists]).order_by("pk")
    return grouped(
        (of, Line(_key(dict(zip(SORTS, keys, strict=True))), at, fen))
        for of, at, fen, *keys in rows.values_list("settlement_id", "used_at", "fen", *SORTS)
    )


def _key(keys: Mapping[str, int | None]) -> str:
    return next((f"{SORTS[column]}{pk}" for column, pk in keys.items() if pk is not None), "")


def digest_of(settlement: Settlement, lines: Collection[Line], *, street: Street) -> str:
    """The digest of a list read with its month, shop and payer."""
    return list_digest(
        street=street.code, shop=settlement.merchant.public_id, payer=str(settlement.payer_id),
        month_on=settlement.month.month_on, lines=list(lines),
    )  # fmt: skip


def lines_digest(settlement: Settlement) -> str:
    """The digest of a list's lines as they stand in the database: what its page compares."""
    return digest_of(
        settlement, _lines(settlement.street, [settlement]).get(settlement.pk, []), street=settlement.street
    )


def _sum_faults(street: Street) -> Iterator[str]:
    """What is on lists and what waits come to what shops are owed: redemptions that stand, and what is paid all the same."""
    owed = _by_whose(standing(street), "merchant", "claim__batch__payer", "owed_fen")
    beside = OfflineConflict.objects.filter(street=street, state=ConflictState.PAID)
    for whose, fen in _by_whose(beside, "failure__till__merchant", "failure__claim__batch__payer", "owed_fen").items():
        owed[whose] += fen
    listed = _by_whose(Settlement.objects.filter(street=street), "merchant", "payer", "total_fen")
    waits = open_of(street)
    for whose in sorted({*owed, *listed, *waits}):
        said = listed[whose] + waits.get(whose, Open()).fen
        if said != owed[whose]:
            yield (
                f"settlements: shop {whose.merchant} and payer {whose.payer}: lists and what waits come to {said} fen, "
                f"redemptions to {owed[whose]}"
            )


def _payment_faults(street: Street) -> Iterator[str]:
    """A payment to a shop is its parts and was booked as it says; a list is paid by the parts of the payments that stand."""
    parts = summed(
        SettlementPart.objects.filter(street=street).values_list("payment").annotate(n=Sum("fen")).order_by()
    )
    rows = SettlementPayment.objects.filter(street=street).order_by("pk").values_list(
        "pk", "kind", "amount_fen", "reversed_at", "paid_on", "payer", "payee", "transaction__reversed_by",
        "transaction__kind", "transaction__effective_on", "transaction__transfers__amount_fen",
        "transaction__transfers__debit__party", "transaction__transfers__credit__party",
    )  # fmt: skip
    kinds = {PaymentKind.SHOP.value: EntryKind.PAY.value, PaymentKind.UNIT.value: EntryKind.REPAY.value}
    for pk, kind, fen, back, on, payer, payee, taken_back, *booked in rows.iterator(CHUNK):
        if [kinds[kind], on, fen, payee, payer] != booked or (back is None) != (taken_back is None):
            yield f"settlements.settlementpayment {pk}: is not what its transaction booked"
        if parts[pk] != (fen if kind == PaymentKind.SHOP else 0):
            yield f"settlements.settlementpayment {pk}: says {fen} fen, its parts come to {parts[pk]}"
    stands = SettlementPart.objects.filter(street=street, payment__reversed_at__isnull=True).order_by()
    paid = summed(stands.values_list("settlement").annotate(n=Sum("fen")))
    for pk, fen in Settlement.objects.filter(street=street).order_by("pk").values_list("pk", "paid_fen"):
        if paid[pk] != fen:
            yield f"settlements.settlement {pk}: paid_fen is {fen}, the parts of its payments come to {paid[pk]}"
    strangers = SettlementPart.objects.filter(street=street).exclude(
        settlement__paid_by=F("payment__payer"), settlement__payee=F("payment__payee"), settlement__street=street,
        payment__street=street,
    )  # fmt: skip
    for pk in strangers.order_by("pk").values_list("pk", flat=True)[:SOME]:
        yield f"settlements.settlementpart {pk}: its payment is of another shop or unit than its list"


def _book_faults(street: Street) -> Iterator[str]:
    """The book says what lists and payments say: of each shop's party what is open, of each unit what it has to pay."""
    open_fen: dict[int, int] = defaultdict(int)
    has_to_pay: dict[int, int] = defaultdict(int)
    lists = Settlement.objects.filter(street=street).values_list("payee", "payer", "paid_by", "total_fen", "paid_fen")
    for payee, payer, paid_by, total, paid in lists:
        open_fen[payee] += total - paid
        has_to_pay[payer] += total
        has_to_pay[paid_by] -= paid
    for (payer, payee), fen in repaid(street).items():
        has_to_pay[payer] -= fen
        has_to_pay[payee] += fen
    booked = book_of(street)
    for kind, said, sign in ((AccountKind.SHOP, open_fen, -1), (AccountKind.UNIT, has_to_pay, 1)):
        there = {party: sign * fen for (of, party), fen in booked.items() if of == kind}
        for party in sorted({*said, *there}):
            if said.get(party, 0) != there.get(party, 0):
                yield (
                    f"settlements: {kind.value} of party {party}: lists less payments come to {said.get(party, 0)} fen, "
                    f"the book says {there.get(party, 0)}"
                )


def book_of(street: Street) -> dict[tuple[str, int], int]:
    """What each account of the book stands at, debits less credits, by kind and party; two queries."""
    rows = Transfer.objects.filter(street=street, book__chart=SETTLEMENTS.name).order_by()
    found: dict[tuple[str, int], int] = defaultdict(int)
    for kind, party, fen in rows.values_list("debit__kind", "debit__party").annotate(n=Sum("amount_fen")):
        found[kind, party] += fen
    for kind, party, fen in rows.values_list("credit__kind", "credit__party").annotate(n=Sum("amount_fen")):
        found[kind, party] -= fen
    return found
