"""What the pages of the roll show: its entries with what can be said of each, and where each of its filters leads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hege.honours.models import HonourItem
from hege.honours.numbers.rules import Answer, Kind, Pattern, Verdict
from hege.honours.publishing import address_of
from hege.honours.queries import Entry, checks_of, patterns_for
from hege.honours.roll import LISTED, NEWEST, OnRoll, on_roll, the_roll
from hege.honours.rules import THINGS, HonourKind, HonourState, ItemKind, Seen, asks_for_approval, word_for_approval
from hege.people.models import Street
from hege.web.jinja import daylong, query
from hege.web.links import where
from hege.web.marks import Chip, Tab
from hege.web.pages import or_404
from hege.web.shared.numbers import LOOKS, numbers_said

EACH, PRINTED, ON_A_SHEET = 24, 96, 12
#: From so many characters on a name needs the smaller type of the sheet; beyond so many rows all of a cell does.
LONG_NAME, ROOM = 16, 6
LINES_PRINTED = 4


def patterns_of(street: Street, *some: Entry) -> list[Pattern]:
    """The office's own patterns, where some number could follow one; else nothing is asked."""
    free = any(item.number_as_printed and item.number_kind in ("", Kind.FREE) for entry in some for item in entry.items)
    return patterns_for(street) if free else []


#: In which order the answers about some numbers are told.
_TOLD = (Answer.DOES_NOT_FIT, Answer.FITS, Answer.CANNOT_JUDGE)


class Cell:
    """One entry as the roll shows it."""

    def __init__(self, one: OnRoll, verdicts: list[tuple[HonourItem, Verdict]]) -> None:
        self.entry, self.seen = one.entry, one.seen
        self.honour, self.version, self.firm = one.entry.honour, one.entry.version, one.entry.honour.firm
        self._answers = [verdict.answer for _item, verdict in verdicts]

    @property
    def address(self) -> str:
        return where("roll:honour", self.honour.public_id)

    @property
    def host(self) -> str:
        """The site, as people type it before its address."""
        return urlsplit(address_of(self.honour)).netloc

    @property
    def names(self) -> str:
        """Its products or works, in a line."""
        return _("、").join(item.name for item in self.entry.items if item.name and item.kind in THINGS)

    @property
    def numbers(self) -> list[str]:
        return [item.number_as_printed for item in self.entry.items if item.number_as_printed]

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What stands between the firm and 荣获: each line's words and its number."""
        return [(_words_of(item), item.number_as_printed) for item in self.entry.items]

    @property
    def lines_printed(self) -> list[tuple[str, str]]:
        """As many of them as a sheet has room for; the last one says how many there are besides."""
        lines = self.lines
        if len(lines) <= LINES_PRINTED:
            return lines
        left = len(lines) - LINES_PRINTED + 1
        more = ngettext("还有 %(n)s 行，扫码看", "还有 %(n)s 行，扫码看", left) % {"n": left}
        return [*lines[: LINES_PRINTED - 1], (more, "")]

    @property
    def is_long(self) -> bool:
        return len(self.firm.name) >= LONG_NAME

    @property
    def is_full(self) -> bool:
        """Whether it fills its cell on the sheet, so that its type has to be small."""
        said = [self.version.trade_mark and f"商标：{self.version.trade_mark}", *map(" ".join, self.lines_printed)]
        name = _rows(self.firm.name, 18 if self.is_long else 14)
        return name + sum(_rows(line, 19) for line in said if line) + _rows(self.version.title, 18) > ROOM

    @property
    def chips(self) -> list[Chip]:
        """What can be said of it, in a few words each."""
        chips = [self._state] if self.honour.state != HonourState.PUBLISHED else []
        counted = [(answer, self._answers.count(answer)) for answer in _TOLD if answer in self._answers]
        chips += [Chip(numbers_said(answer, n), *LOOKS[answer]) for answer, n in counted]
        chips += [] if self._answers else [Chip(_("没有号码可对"), "", "circle-dashed")]
        if asks_for_approval(self.version.title) and not self.version.approval_no:
            word = word_for_approval(self.version.title)
            chips.append(Chip(_("冠“%(word)s”，批文未出示") % {"word": word}, "", "info-circle"))
        return chips

    @property
    def _state(self) -> Chip:
        state = HonourState(self.honour.state)
        if state is HonourState.IN_PUBLICITY:
            return Chip(_("公示到 %(day)s") % {"day": daylong(self.honour.last_shown_on)}, "amber", "hourglass")
        tone, icon = ("red", "circle-x") if state is HonourState.WITHDRAWN else ("amber", "info-circle")
        return Chip(state.label, tone, icon)

    @property
    def unconfirmed(self) -> str:
        """From what it was taken, and that nobody asked who gave it."""
        if self.seen is Seen.EVIDENCE:
            return _("核对时看过证书等材料，没有向颁发单位核实")
        return _("摘自%(source)s，没有向颁发单位核实") % {"source": self.version.source}


def _words_of(item: HonourItem) -> str:
    kind = ItemKind(item.kind)
    if kind not in THINGS:
        return item.name or str(kind.label)
    if item.number_as_printed and kind is ItemKind.PRODUCT:
        return item.name
    return _("%(kind)s：%(name)s") % {"kind": kind.label, "name": item.name}


def _rows(text: str, wide: int) -> int:
    """How many rows a text takes where so many Chinese signs stand in one; a Latin one is half as wide."""
    halves = sum(2 if ord(sign) > 0x2E7F else 1 for sign in text)
    return -(-halves // (2 * wide))


class Asked(NamedTuple):
    """What the address asks for."""

    words: str
    state: HonourState
    kind: HonourKind | None
    table: bool

    @classmethod
    def of(cls, said: Mapping[str, str]) -> Asked:
        words = "".join(sign for sign in said.get("q", "") if sign.isprintable()).strip()[:60]
        state = next((one for one in LISTED if one.value == said.get("show")), HonourState.PUBLISHED)
        kind = next((one for one in HonourKind if one.value == said.get("kind")), None)
        return cls(words, state, kind, said.get("look") == "table")

    @property
    def show(self) -> str:
        """The word of its state in the address; what is on the roll needs none."""
        return "" if self.state is HonourState.PUBLISHED else self.state.value

    def query(self) -> str:
        kind, look = self.kind.value if self.kind else "", "table" if self.table else ""
        return query({"q": self.words, "show": self.show, "kind": kind, "look": look})


#: What a roll is called by the state of what it lists.
NAMES: dict[HonourState, str | Promise] = {
    HonourState.PUBLISHED: gettext_lazy("荣誉榜"),
    HonourState.IN_PUBLICITY: gettext_lazy("公示中的荣誉"),
    HonourState.EXPIRED: gettext_lazy("已到期的荣誉"),
    HonourState.WITHDRAWN: gettext_lazy("已撤下的荣誉"),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Twelve entries on one sheet of paper, and the how-manieth it is."""

    number: int
    cells: list[Cell]


class RollPage:
    """A street's roll as the address asks for it; at most six statements."""

    def __init__(self, code: str, said: Mapping[str, str], *, on: dt.date, each: int = EACH) -> None:
        self.asked, self.on = Asked.of(said), on
        self.roll = or_404(the_roll(code, words=self.asked.words, state=self.asked.state))
        self.street = self.roll.street
        keys = self.roll.of_kind(self.asked.kind)[:NEWEST]
        self.rows: Page[int] = Paginator(keys, each).get_page(said.get("page"))
        shown = on_roll(self.street, list(self.rows.object_list))
        patterns = patterns_of(self.street, *(one.entry for one in shown))
        self.cells = [Cell(one, checks_of(one.entry, on=on, patterns=patterns)) for one in shown]

    @property
    def here(self) -> str:
        return where("roll:roll", self.street.code)

    def to(self, **changed: object) -> str:
        """The address of this page with something else asked."""
        return self.here + self.asked._replace(**changed).query()  # type: ignore[arg-type]  # names of Asked's own

    def also(self, name: str) -> str:
        """The address of what is shown in another shape, the same part of it."""
        return where(name, self.street.code) + self.asked._replace(table=False).query()

    @property
    def n(self) -> int:
        return self.rows.paginator.count

    @property
    def name(self) -> str:
        """What the roll of this state is called."""
        return str(NAMES[self.asked.state])

    @property
    def title(self) -> str:
        """The answer: how many, of how many firms."""
        if self.asked.words:
            return ngettext("找到 %(n)s 项", "找到 %(n)s 项", self.n) % {"n": self.n}
        name = self.name
        if self.roll.is_cut:
            return _("%(name)s：最近 %(n)s 项") % {"name": name, "n": self.n}
        if not self.n or self.asked.kind:
            return ngettext("%(name)s：%(n)s 项", "%(name)s：%(n)s 项", self.n) % {"name": name, "n": self.n}
        firms = ngettext("%(n)s 家单位", "%(n)s 家单位", self.roll.firms) % {"n": self.roll.firms}
        honours = ngettext("%(n)s 项荣誉", "%(n)s 项荣誉", self.n) % {"n": self.n}
        return _("%(name)s：%(firms)s，%(honours)s") % {"name": name, "firms": firms, "honours": honours}

    @property
    def kinds(self) -> list[Tab]:
        """The sorts there are under this search, each with how many."""
        kinds = self.roll.kinds
        every = Tab(_("全部"), self.to(kind=None), self.asked.kind is None, min(len(self.roll.found), NEWEST))
        return [every, *(Tab(k.label, self.to(kind=k), k is self.asked.kind, n) for k, n in kinds.items())]

    @property
    def states(self) -> list[Tab]:
        """What else the roll lists, each state with how many it has."""
        counts = self.roll.counts
        return [
            Tab(state.label, self.to(state=state, kind=None), state is self.asked.state, counts[state])
            for state in LISTED
            if counts[state] or state is self.asked.state
        ]

    @property
    def looks(self) -> list[Tab]:
        return [
            Tab(_("卡片"), self.to(table=False), not self.asked.table),
            Tab(_("表格"), self.to(table=True), self.asked.table),
        ]

    @property
    def unconfirmed(self) -> str:
        """Of all that is shown: from what it was taken, and that nobody asked who gave it."""
        sources = {cell.version.source for cell in self.cells}
        if any(cell.seen is Seen.EVIDENCE for cell in self.cells) or len(sources) > 1:
            return _("这些都没有向颁发单位核实，每条下面写着摘自哪里。")
        return _("这些都摘自%(source)s，没有向颁发单位核实。") % {"source": "".join(sources)}

    @cached_property
    def sheets(self) -> list[Sheet]:
        """The entries of this part, twelve to a sheet, counted through all parts."""
        before = (self.rows.number - 1) * PRINTED // ON_A_SHEET
        starts = range(0, len(self.cells), ON_A_SHEET)
        return [Sheet(before + n, self.cells[at : at + ON_A_SHEET]) for n, at in enumerate(starts, 1)]

    @property
    def all_sheets(self) -> int:
        return -(-self.n // ON_A_SHEET)
