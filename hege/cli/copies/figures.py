"""What a copy must hold, in figures: taken from the living database as it was copied, and from what came out of the copy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

#: Asks a database a question in SQL.
Ask = Callable[[str], Iterable[tuple[Any, ...]]]
Figures = dict[str, Any]

_HEADS = "SELECT s.code, h.seq, h.hash FROM trail_trailhead h JOIN people_street s ON s.id = h.street_id"
_MONEY = (
    "SELECT a.kind, sum(e.amount_fen) FROM ledger_entry e JOIN ledger_account a ON a.id = e.{side}_id GROUP BY a.kind"
)


def figures(tables: Iterable[str], ask: Ask) -> Figures:
    """How many rows each table has, where the trail of each street ends, and what every kind of account gave and got, in
    fen. In words that every release's tables understand."""
    quoted = {table: '"' + table.replace('"', '""') + '"' for table in sorted(tables)}
    told: Figures = {"rows": {table: _one(ask(f"SELECT count(*) FROM {name}")) for table, name in quoted.items()}}  # noqa: S608
    if quoted.keys() >= {"trail_trailhead", "people_street"}:
        told["heads"] = {code: [seq, digest] for code, seq, digest in ask(_HEADS)}
    if quoted.keys() >= {"ledger_entry", "ledger_account"}:
        for side in ("debit", "credit"):
            told[side] = {kind: int(fen) for kind, fen in ask(_MONEY.format(side=side))}
    return told


def _one(rows: Iterable[tuple[Any, ...]]) -> int:
    return int(next(iter(rows))[0])


def sum_of(told: Figures) -> str:
    """One digest of all figures."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def differences(told: Figures, found: Figures) -> Iterator[str]:
    """Where two sets of figures differ: which, then what the first and the second say."""
    for what in sorted(told.keys() | found.keys()):
        one, other = told.get(what, {}), found.get(what, {})
        for name in sorted(one.keys() | other.keys()):
            if one.get(name) != other.get(name):
                yield f"{what} {name}: {one.get(name)} / {other.get(name)}"
