"""What the page of a pile shows, from what was kept of its last look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hege.imports.knowledge import Knowledge
from hege.imports.layouts import OWNER, FileKind
from hege.imports.models import Pile
from hege.imports.report import Total, total_lines
from hege.kernel.money import yuan
from hege.kernel.several import several
from hege.people.rules import SignIn
from hege.trail.queries import moved_on

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_FAULTS, SHOWN_CHANGES, SHOWN_METERS = 50, 50, 20
SHOWN_DOUBTS = 500  # each is a field of the form; more go by the command line
SHOWN_ROWS = 5
MENDED_HERE = 5  # rows of a group of faults that may be set right in the page


class FileLine:
    """One file of a pile, as it was last looked at."""

    def __init__(self, told: dict[str, Any], chosen: str) -> None:
        self.told, self.chosen = told, chosen
        self.id, self.name, self.waits = told["id"], told["file"], told["waits"]
        self.kind = FileKind(told["kind"]) if told["kind"] else None
        self.refused = told.get("refused_file") or ""
        self.rows: int = told["rows"]
        self.doubts: list[dict[str, Any]] = told.get("doubts", [])
        self.to_book: int = told.get("new", 0) + told.get("changed", 0)

    @property
    def readable(self) -> bool:
        """Whether its rows could be read at all."""
        return bool(self.kind) and not self.refused

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Its faults, those alike together, each with its first rows to be set right here where they are few."""
        faults = self.told.get("faults", [])
        return [
            {
                **group,
                "first": FileKind(group["first"]) if group["first"] else None,
                "faults": [f for f in faults if (f["column"], f["reason"]) == (group["column"], group["reason"])][
                    : MENDED_HERE if group["n"] <= MENDED_HERE else 0
                ],
            }
            for group in self.told.get("groups", [])
        ]

    @property
    def sure(self) -> int:
        """How many of its questions have one answer that is one-to-one."""
        return sum(bool(doubt.get("sure")) for doubt in self.doubts)

    @property
    def asks(self) -> int:
        """How many things of it a person must look at; what another file of the pile brings is none of them."""
        if self.waits:
            return 0
        doubts: int = self.told.get("n_doubts", 0)
        return len(self.told.get("groups", [])) + doubts + (not self.readable)

    @property
    def state(self) -> tuple[str, str]:
        """Where it stands in a word, and the tone of that."""
        if not self.readable:
            return _("读不出"), "red"
        if self.waits:
            return _("等 %(file)s") % {"file": _("、").join(self.waits)}, "amber"
        if self.asks:
            return _("%(n)d 处请您看一眼") % {"n": self.asks}, "amber"
        if not self.to_book:
            day = self.told.get("already_imported_on")
            return (_("%(day)s 导入过") % {"day": dt.datetime.fromisoformat(day).date()} if day else _("都登记过")), ""
        return _("读得出"), "green"

    @property
    def found(self) -> str:
        """Where the table was found in the file, in a sentence; "" where the whole file is the table."""
        found = self.told.get("found") or {}
        words = [_("工作表“%(name)s”") % {"name": found["sheet"]}] if found.get("sheet") else []
        if found.get("headings", 1) > 1:
            words.append(_("表头在第 %(row)d 行") % {"row": found["headings"]})
        return _("，").join(words)

    @property
    def left_out(self) -> list[dict[str, Any]]:
        """Rows that are none of the table, but empty ones."""
        return [left for left in (self.told.get("found") or {}).get("left_out", []) if left["sort"] != "blank"]

    @property
    def proved(self) -> str:
        """What is said of its totals that were held against the rows."""
        said = [left["said"] for left in self.left_out if left["said"]]
        return said[0] if len(said) == 1 else several("%(n)d 行合计逐一核对过") % {"n": len(said)} if said else ""

    @property
    def aside(self) -> int:
        """How many lines of a statement are no water money."""
        return sum(len(found["rows"]) for found in self.told.get("aside", {}).values())

    @property
    def read_as(self) -> tuple[list[str], list[dict[str, str]]]:
        """What its first good rows were read as: the headings, and the rows."""
        rows: list[dict[str, str]] = self.told.get("read_as", [])
        return list(dict.fromkeys(name for row in rows for name in row if name)), rows

    @property
    def changes(self) -> list[dict[str, Any]]:
        """The cells that would change something on record, the first of them."""
        return list(self.told.get("changes", [])[:SHOWN_CHANGES])


class PilePage:
    """A pile: its title is the answer."""

    def __init__(self, pile: Pile) -> None:
        self.pile, self.seen = pile, pile.seen or {}
        kinds = dict(pile.files.values_list("public_id", "kind"))
        self.files = [FileLine(told, kinds[told["id"]]) for told in self.seen.get("files", ()) if told["id"] in kinds]

    def file(self, staged_id: str) -> FileLine | None:
        """One of its files."""
        return next((file for file in self.files if file.id == staged_id), None)

    @cached_property
    def asks(self) -> int:
        """How many things a person must look at."""
        return sum(file.asks for file in self.files)

    @property
    def wrong(self) -> list[FileLine]:
        """The files that cannot be read, or of which a row is wrong; what is only asked is answered from their lines."""
        return [file for file in self.files if file.asks and (file.groups or not file.readable)]

    @cached_property
    def sure(self) -> int:
        """How many questions are answered by one tick."""
        return sum(file.sure for file in self.files)

    @cached_property
    def to_book(self) -> int:
        """How many rows would be booked."""
        return sum(file.to_book for file in self.files)

    @property
    def ready(self) -> bool:
        """Whether it may be booked as it is."""
        return (
            bool(self.files)
            and not self.said_since
            and self.to_book > 0
            and not any(file.told["stopped"] for file in self.files)
        )

    @property
    def title(self) -> str:
        """What was seen, in a sentence."""
        good = sum(file.readable for file in self.files)
        if self.asks:
            return several("%(good)d 份文件读得出，%(n)d 处请您看一眼", "good") % {"good": good, "n": self.asks}
        if not self.to_book:
            return several("%(good)d 份文件都登记过，没有要做的", "good") % {"good": good}
        return several("%(good)d 份文件读得出，可以登记 %(n)d 行", "good") % {"good": good, "n": self.to_book}

    @property
    def said_since(self) -> bool:
        """Whether something was said of a file and not looked at since: what would be booked is not known."""
        return self.pile.seq is None

    @property
    def outdated(self) -> bool:
        """Whether the street's books have moved on since it was looked at, or it is told in another language."""
        moved = moved_on(self.pile.street, self.pile.seq or 0, but=[verb.value for verb in SignIn])
        return moved or self.seen.get("language") != get_language()

    @property
    def totals(self) -> list[Total]:
        """The totals before and after, those that move."""
        told = self.seen.get("totals", {"before": {}, "after": {}})
        return [line for line in total_lines(told["before"], told["after"]) if line.moved]

    @property
    def meters(self) -> list[tuple[str, list[Total]]]:
        """The same for each meter whose money moves."""
        told = self.seen.get("totals", {"before": {}, "after": {}})
        before, after = (told[when].get("by_meter") or told[when].get("meters") for when in ("before", "after"))
        if not isinstance(before, dict) or not isinstance(after, dict):
            return []
        return [(code, total_lines(before.get(code, {}), after[code])) for code in list(after)[:SHOWN_METERS]]


def answers_of(doubt: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """The field of the form that answers a row that was asked about, and what may be answered, in words."""
    row, met, ask = doubt["row"], doubt["met"], doubt["ask"]
    told = [(choice["code"], choice["label"]) for choice in doubt["choices"]]
    if ask == "owner":
        return f"constant-{OWNER}", told
    if ask == "firm":
        return f"line-{row}", told
    if ask == "line":
        return f"line-{row}", [*told, ("aside", _("不是水费，放一边"))]
    if ask == "payment":
        return f"row-{row}", [(f"same:{met}", _("同一笔，补作它的凭证")), (f"both:{met}", _("是两笔，另登记一笔"))]
    return f"row-{row}", [("new", _("确是新的"))]


def known_sentence(known: Knowledge) -> str:
    """What is known, in one sentence."""
    counts = {"meters": known.meters, "units": known.units, "bills": known.bills, "owed": yuan(known.owed)}
    have = several("%(meters)d 块总表、%(units)d 户、%(bills)d 张账单", "meters") % counts
    if not known.bills:
        return have
    hold = {"held": yuan(known.held), "fronted": yuan(known.fronted)}
    agent = (
        _("代收人手里 %(held)s 元") % hold if known.held or not known.fronted else _("代收人垫了 %(fronted)s 元") % hold
    )
    if known.held and known.fronted:
        agent = _("代收人手里 %(held)s 元，另有垫付 %(fronted)s 元") % hold
    return _("%(have)s；%(agent)s，商铺欠 %(owed)s 元") % {"have": have, "agent": agent, **counts}


def workbook(content: bytes, stem: str) -> HttpResponse:
    """A workbook to download."""
    name = quote(f"{stem}.xlsx")
    return HttpResponse(
        content, content_type=XLSX, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )
