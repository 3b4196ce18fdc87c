"""Each sort of file that goes out: how many rows it has, how it is called, how it is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from hege.exports import queries
from hege.exports.pack import write_pack
from hege.exports.rules import Wanted, What, check_rows
from hege.exports.tables import XLSX, Tell, write_sheets, write_table
from hege.metering.models import SupplyPoint
from hege.metering.queries import the_point
from hege.people.models import Street
from hege.programme.settlements.models import SettlementLine
from hege.trail.models import TrailLine
from hege.trail.queries import last_seq, lines_under

ZIP = "application/zip"


class Sort(NamedTuple):
    """How a sort of file is counted, named (without its ending), and written."""

    rows: Callable[[Street, Wanted], int]
    name: Callable[[Wanted], str]
    write: Callable[[Street, Wanted, BinaryIO, Tell], None]
    ending: str = "xlsx"
    content_type: str = XLSX


def _point(street: Street, wanted: Wanted) -> SupplyPoint:
    return the_point(street, wanted.of["point"])


def _day(wanted: Wanted) -> dt.date:
    return dt.date.fromisoformat(wanted.of["on"])


def _lines(street: Street, wanted: Wanted) -> QuerySet[TrailLine]:
    return lines_under(street, **wanted.of)


def _write_shops(street: Street, wanted: Wanted, out: BinaryIO, tell: Tell) -> None:
    tell(_("算每一户的账"), 0, 1)
    rows = list(queries.shops(_point(street, wanted), on=_day(wanted)))
    write_table(out, str(_("商铺账")), queries.SHOPS, rows, total=len(rows), tell=tell)


def _write_money(street: Street, wanted: Wanted, out: BinaryIO, tell: Tell) -> None:
    point = _point(street, wanted)
    total = queries.money_of(point).count()
    check_rows(total)
    write_table(out, str(_("每一笔")), queries.MONEY, queries.money(point), total=total, tell=tell)


def _write_trail(street: Street, wanted: Wanted, out: BinaryIO, tell: Tell) -> None:
    lines = _lines(street, wanted)
    total = lines.count()
    check_rows(total)
    write_table(out, str(_("操作留痕")), queries.TRAIL, queries.trail(lines), total=total, tell=tell)


def _figures(street: Street, wanted: Wanted) -> list[queries.Row]:
    return list(queries.figures(street, wanted.of["season"], at=dt.datetime.fromisoformat(wanted.of["at"])))


def _write_figures(street: Street, wanted: Wanted, out: BinaryIO, tell: Tell) -> None:
    rows = _figures(street, wanted)
    write_table(out, str(What.FIGURES.label), queries.FIGURES, rows, total=len(rows), tell=tell)


def _settled(street: Street, wanted: Wanted) -> QuerySet[SettlementLine]:
    return queries.settled_lines(street, month=wanted.of["month"], number=wanted.of["list"])


def _write_settlements(street: Street, wanted: Wanted, out: BinaryIO, tell: Tell) -> None:
    lines = _settled(street, wanted)
    total = lines.count()
    check_rows(total)
    rows = queries.settlements(lines)
    write_table(out, str(What.SETTLEMENTS.label), queries.SETTLEMENTS, rows, total=total, tell=tell)


def _write_list(street: Street, wanted: Wanted, out: BinaryIO, tell: Tell) -> None:
    """A page of the site says what stands in it: who draws it is named by the settings, like the addresses."""
    total = int(wanted.of["rows"])
    check_rows(total)
    write_sheets(out, import_string(settings.LISTS_DRAWN_BY)(street, wanted, tell), total=total)


def _named(*parts: Any) -> str:
    return "-".join(str(part) for part in parts if part)


SORTS: dict[What, Sort] = {
    What.SHOPS: Sort(
        lambda street, wanted: sum(1 for _row in queries.shops(_point(street, wanted), on=_day(wanted))),
        lambda wanted: _named(wanted.of["point"], wanted.of["on"]),
        _write_shops,
    ),
    What.MONEY: Sort(
        lambda street, wanted: queries.money_of(_point(street, wanted)).count(),
        lambda wanted: _named(wanted.of["point"], What.MONEY.label),
        _write_money,
    ),
    What.TRAIL: Sort(
        lambda street, wanted: _lines(street, wanted).count(),
        lambda wanted: _named(What.TRAIL.label, *wanted.of.values()),
        _write_trail,
    ),
    What.PAPERS: Sort(
        lambda street, wanted: last_seq(street),
        lambda wanted: _named(What.PAPERS.label, wanted.of["seed"]),
        lambda street, wanted, out, tell: write_pack(street, wanted.of["seed"], out, tell),
        "zip",
        ZIP,
    ),
    What.FIGURES: Sort(
        lambda street, wanted: len(_figures(street, wanted)),
        lambda wanted: _named(wanted.of["name"], What.FIGURES.label),
        _write_figures,
    ),
    What.SETTLEMENTS: Sort(
        lambda street, wanted: _settled(street, wanted).count(),
        lambda wanted: _named(What.SETTLEMENTS.label, wanted.of["month"], wanted.of["list"]),
        _write_settlements,
    ),
    What.LIST: Sort(
        lambda _street, wanted: int(wanted.of["rows"]),
        lambda wanted: wanted.of["name"],
        _write_list,
    ),
}


def rows_of(street: Street, wanted: Wanted) -> int:
    """How many rows it has: what decides whether somebody waits for it."""
    return SORTS[wanted.what].rows(street, wanted)


def file_name(wanted: Wanted) -> str:
    """How it is called."""
    sort = SORTS[wanted.what]
    return f"{sort.name(wanted)}.{sort.ending}"


def write(street: Street, wanted: Wanted, out: BinaryIO, tell: Tell) -> None:
    """Write it; says how far it is."""
    SORTS[wanted.what].write(street, wanted, out, tell)
