"""What stands in the files of a city: each table, each column with its unit and where it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused
from hege.ledger.rules import Level

#: Rises when a column goes, or means something else; a new column is no other form.
FORM = 1
MANIFEST = "hege.json"


class Kind(Enum):
    """What a column holds; an instant is in UTC, to the microsecond."""

    WHOLE = "whole number"
    TEXT = "text"
    DAY = "day"
    INSTANT = "instant"
    YES = "yes or no"


class Column(NamedTuple):
    """One column: its name, where the value comes from (a path from the model of its table), what it holds, and its words
    in ``docs/city.md``, which begin with the unit where it has one. ``default`` stands where there is no value.
    """

    name: str
    path: str
    kind: Kind
    says: str
    default: str | None = None


class Table(NamedTuple):
    """One table: its folder, the model its rows are of, the rows that are meant (as a filter), by which day or instant they
    are put into months, and its columns. Without such a day there is one file for each street.
    """

    name: str
    model: str
    month_of: str
    columns: tuple[Column, ...]
    only: tuple[tuple[str, str], ...] = ()

    @property
    def partitions(self) -> tuple[str, ...]:
        """The columns that stand in the names of folders."""
        return ("street", "month") if self.month_of else ("street",)


W, T, D, I, Y = Kind  # noqa: E741  # columns of the tables below

TABLES: tuple[Table, ...] = (
    Table(
        "meters", "metering.SupplyPoint", "",
        (
            Column("meter", "code", T, "number of its first master meter; names the supply point for good"),
            Column("place", "place__code", T, "code of its part of the grid"),
        ),
    ),
    Table(
        "entries", "ledger.Transfer", "effective_on",
        (
            Column("entry", "pk", W, "key"),
            Column("transaction", "transaction_id", W, "key of what happened; an entry never crosses supply points"),
            Column("meter", "book__supply_point__code", T, "supply point whose book it is"),
            Column("kind", "transaction__kind", T, "opening, bill, share, receipt, remittance, direct_payment, late_fee, reversal"),
            Column("level", "transaction__open_claim__level", T, "confirmed, claimed or contested, as at the export", Level.CONFIRMED.value),
            Column("effective_on", "effective_on", D, "when it happened"),
            Column("recorded_at", "transaction__recorded_at", I, "when the office learnt it"),
            Column("reverses", "transaction__reverses_id", W, "key of the transaction it takes back"),
            Column("debit", "debit_id", W, "key of the account that gets"),
            Column("debit_kind", "debit__kind", T, "payable, payable_late_fee, unshared, tenancy, agent, common, loss, unexplained, …"),
            Column("debit_tenancy", "debit__tenancy_id", W, "key of the tenancy whose account it is"),
            Column("debit_agent", "debit__party_id", W, "key of the agent whose account it is"),
            Column("credit", "credit_id", W, "key of the account that gives"),
            Column("credit_kind", "credit__kind", T, "as of debit"),
            Column("credit_tenancy", "credit__tenancy_id", W, "as of debit"),
            Column("credit_agent", "credit__party_id", W, "as of debit"),
            Column("fen", "amount_fen", W, "fen, above zero"),
        ),
        only=(("book__chart", ""),),
    ),
    Table(
        "bills", "billing.Bill", "issued_on",
        (
            Column("bill", "pk", W, "key"),
            Column("transaction", "transaction_id", W, "key of its transaction in entries"),
            Column("meter", "point__code", T, "supply point"),
            Column("number", "number", T, "the utility's number"),
            Column("from_on", "from_on", D, "first day of its period"),
            Column("until_on", "until_on", D, "the day after its last"),
            Column("issued_on", "issued_on", D, "when it was issued"),
            Column("due_on", "due_on", D, "until when it is to be paid"),
            Column("previous_litres", "previous_litres", W, "litres, the meter before"),
            Column("current_litres", "current_litres", W, "litres, the meter after"),
            Column("litres", "volume_litres", W, "litres, billed"),
            Column("fen", "amount_fen", W, "fen; below zero for a credit"),
            Column("reversed_on", "transaction__reversed_by__effective_on", D, "when it was taken back"),
        ),
    ),
    Table(
        "shares", "billing.Share", "allocation__transaction__effective_on",
        (
            Column("share", "pk", W, "key"),
            Column("allocation", "allocation_id", W, "key of its allocation statement"),
            Column("corrects", "allocation__corrects_id", W, "key of the statement that one takes the place of"),
            Column("bill", "allocation__bill_id", W, "key in bills"),
            Column("transaction", "allocation__transaction_id", W, "key of its transaction in entries"),
            Column("meter", "allocation__bill__point__code", T, "supply point"),
            Column("unit", "tenancy__unit__code", T, "code of the shop; empty where it stays common"),
            Column("tenancy", "tenancy_id", W, "key of the tenancy"),
            Column("method", "allocation__method", T, "how the bill was shared"),
            Column("estimated", "estimated", Y, "whether a reading behind it was a guess or drawn between others"),
            Column("effective_on", "allocation__transaction__effective_on", D, "when it happened"),
            Column("fen", "amount_fen", W, "fen"),
            Column("reversed_on", "allocation__transaction__reversed_by__effective_on", D, "when it was taken back"),
        ),
    ),
    Table(
        "payments", "billing.Payment", "transaction__effective_on",
        (
            Column("payment", "pk", W, "key"),
            Column("transaction", "transaction_id", W, "key of its transaction in entries"),
            Column("meter", "point__code", T, "supply point"),
            Column("kind", "transaction__kind", T, "receipt, remittance or direct_payment"),
            Column("level", "transaction__open_claim__level", T, "confirmed, claimed or contested, as at the export", Level.CONFIRMED.value),
            Column("effective_on", "transaction__effective_on", D, "when it was paid"),
            Column("tenancy", "tenancy_id", W, "key of the tenancy that paid"),
            Column("agent", "agent_id", W, "key of the agent who took or passed on"),
            Column("fen", "amount_fen", W, "fen, above zero"),
            Column("reversed_on", "transaction__reversed_by__effective_on", D, "when it was taken back"),
        ),
    ),
    Table(
        "admissions", "billing.Acknowledgement", "on",
        (
            Column("admission", "pk", W, "key; of one day the highest counts"),
            Column("meter", "point__code", T, "supply point"),
            Column("tenancy", "tenancy_id", W, "key of the tenancy that admits in writing what it has not paid"),
            Column("admitted_on", "on", D, "when; the latest counts"),
            Column("recorded_at", "recorded_at", I, "when the office learnt it"),
            Column("fen", "amount_fen", W, "fen"),
        ),
    ),
    Table(
        "cases", "cases.Case", "filed_at",
        (
            Column("number", "number", T, "its number"),
            Column("state", "state", T, "where it stands, as at the export"),
            Column("state_at", "state_at", I, "since when"),
            Column("meter", "point__code", T, "supply point it is about"),
            Column("place", "place__code", T, "code of its part of the grid"),
            Column("filed_at", "filed_at", I, "when it was filed"),
            Column("dispatched_on", "dispatched_on", D, "when its clock began"),
            Column("contact_due_on", "contact_due_on", D, "until when who reported is to be called"),
            Column("due_on", "due_on", D, "until when it is to be handled"),
            Column("closed_at", "closed_at", I, "when it was closed"),
            Column("satisfied", "satisfied", Y, "what the re-visit found"),
            Column("bounces", "bounces", W, "times it was returned"),
            Column("holds", "holds", W, "times it was held"),
            Column("reworks", "reworks", W, "times it was handled anew"),
            Column("reopenings", "reopenings", W, "times it was opened again"),
        ),
    ),
)  # fmt: skip


def described(table: Table, source_of: Mapping[str, str]) -> Iterable[str]:
    """The lines of a table's columns as ``docs/city.md`` has them; ``source_of`` names the field at the end of each path."""
    for c in table.columns:
        yield f"| `{c.name}` | {c.kind.value} | {c.says} | `{source_of[c.path]}` |"


class Layer(NamedTuple):
    """Who holds the money of one supply point, in fen, in one layer: the terms of ``arrears.rules.Money``."""

    payable: int
    owed: int
    acknowledged: int
    unproven: int
    advances: int
    passed_over: int
    held: int
    fronted: int
    unshared: int
    common: int
    loss: int
    unexplained: int
    late_fees: int
    difference: int


class Answer(NamedTuple):
    """One supply point: what is confirmed, and what would be if every claim held."""

    street: str
    meter: str
    confirmed: Layer
    with_claims: Layer


def check_manifests(manifests: Collection[Mapping[str, Any]]) -> None:
    """Folders that are asked together are of one form and of different streets: none is counted twice."""
    for manifest in manifests:
        if manifest["form"] != FORM:
            raise Refused(
                _("这些文件是第 %(form)s 版的写法，这一版合格读第 %(ours)s 版，请重新导出。"),
                form=manifest["form"],
                ours=FORM,
            )
    streets = [code for manifest in manifests for code in manifest["streets"]]
    for code in streets:
        if streets.count(code) > 1:
            raise Refused(_("%(street)s 在两个文件夹里都有，会算两遍。"), street=code)


def day_asked(manifests: Collection[Mapping[str, Any]], on: dt.date | None) -> dt.date:
    """The day that is asked for: the day of the (oldest) export where none is named; of a later one the files know nothing."""
    last = min(dt.date.fromisoformat(manifest["day"]) for manifest in manifests)
    if on is not None and on > last:
        raise Refused(_("文件是 %(day)s 导出的，不知道那以后的事。"), day=last)
    return on or last
