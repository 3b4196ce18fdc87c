"""A newspaper's honour roll (荣誉榜) as text, taken apart into cells, lines and entries; nothing here guesses or writes.

A cell of the table is a firm, then lines (受检产品, 商标, 证书编号 …), then 荣获 and the title. What the text alone cannot
tell apart is a ``Doubt``: it names its words, and its answers are a person's. The same text with the same answers reads the
same, so that what was decided can be shown beside the text for ever.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Protocol

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hege.honours.rules import THINGS, ItemKind, number_said
from hege.kernel.refused import Refused

LONGEST_TEXT = 200_000  # characters; a newspaper page has some 6,000
MOST_CELLS = 2_000
LONGEST_CELL = 600

AWARDED = re.compile(r"荣\s?获")
SIGN_OF_FIRM = [
    "公司",
    "合作社",
    "联合社",
    "集团",
    "厂",
    "店",
    "商行",
    "商店",
    "农场",
    "家庭农场",
    "事务所",
    "研究院",
    "研究所",
    "医院",
    "卫生院",
    "诊所",
    "学校",
    "幼儿园",
    "协会",
    "学会",
    "商会",
    "基金会",
    "中心",
    "经营部",
    "工作室",
    "超市",
    "饭店",
    "酒店",
    "宾馆",
    "餐厅",
    "药房",
    "书店",
    "分公司",
    "工厂",
    "门市部",
    "服务部",
    "服务站",
]
_LABELLED = re.compile(r"([^:：]{1,12})[:：]\s*(.*)", re.DOTALL)
_NUMBER = re.compile(r"(?=[A-Za-z0-9\-/()]*\d)[A-Za-z0-9][A-Za-z0-9\-/()]{4,}")
_NUMBER_LABEL = re.compile(r"(编号|编码|号码|证号|代码|字号|许可证|批准文号|文号)$")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−－﹣", "-"))


class DoubtKind(TextChoices):
    """What a person has to say, since the text does not (疑问)."""

    WHAT = "what", gettext_lazy("这一行是什么？")
    JOINED = "joined", gettext_lazy("题目断成两行，接成一行？")
    FIRM = "firm", gettext_lazy("单位名到哪里为止？")
    AWARDED = "awarded", gettext_lazy("这一格没有“荣获”，怎么办？")
    TITLE = "title", gettext_lazy("“荣获”前面没有单位，或后面没有题目，怎么办？")
    SEVERAL = "several", gettext_lazy("这一格里“荣获”不止一个，是几格并成了一格？")


class Choice(TextChoices):
    """The answers to doubts (选择)."""

    PRODUCT = "product", gettext_lazy("产品")
    WORK = "work", gettext_lazy("作品或项目")
    FIRM_REST = "firm_rest", gettext_lazy("单位名的后半")
    SKIP_LINE = "skip_line", gettext_lazy("不要这一行")
    JOIN = "join", gettext_lazy("接成一行")
    TWO = "two", gettext_lazy("是两个荣誉")
    FIRST = "first", gettext_lazy("只要第一行")
    FIRM_ONE = "firm_one", gettext_lazy("单位名就是第一行")
    FIRM_TWO = "firm_two", gettext_lazy("单位名是两行")
    JOIN_PREVIOUS = "join_previous", gettext_lazy("接到上一格")
    SKIP_CELL = "skip_cell", gettext_lazy("不要这一格")
    SPLIT = "split", gettext_lazy("按单位名分开")


ROLES: dict[str, ItemKind] = {
    "受检产品": ItemKind.INSPECTED,
    "抽检产品": ItemKind.INSPECTED,
    "产品": ItemKind.PRODUCT,
    "产品名称": ItemKind.PRODUCT,
    "获证产品": ItemKind.PRODUCT,
    "作品": ItemKind.WORK,
    "作品名称": ItemKind.WORK,
    "项目": ItemKind.WORK,
    "项目名称": ItemKind.WORK,
    "案例": ItemKind.WORK,
    "案例名称": ItemKind.WORK,
}
MARKS = ("商标", "注册商标", "品牌")
ANSWERS: dict[DoubtKind, tuple[Choice, ...]] = {
    DoubtKind.WHAT: (Choice.PRODUCT, Choice.WORK, Choice.FIRM_REST, Choice.SKIP_LINE),
    DoubtKind.JOINED: (Choice.JOIN, Choice.TWO, Choice.FIRST),
    DoubtKind.FIRM: (Choice.FIRM_ONE, Choice.FIRM_TWO, Choice.JOIN_PREVIOUS),
    DoubtKind.AWARDED: (Choice.JOIN_PREVIOUS, Choice.SKIP_CELL),
    DoubtKind.TITLE: (Choice.JOIN_PREVIOUS, Choice.SKIP_CELL),
    DoubtKind.SEVERAL: (Choice.SPLIT, Choice.SKIP_CELL),
}
SUGGESTED = {DoubtKind.JOINED: Choice.JOIN}  # shown as read and marked; every other doubt waits for a person


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a cell: its kind, the name beside the number, the number as printed, the label it stood behind."""

    kind: ItemKind
    name: str = ""
    number: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One honour as it is printed: the firm, its trade mark, the lines, the title."""

    firm: str
    title: str
    trade_mark: str = ""
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Doubt:
    """A question about cell number ``cell``. ``key`` is its own there, ``words`` are the printed words it is about.

    ``chosen`` is what a person said, or what is suggested where something is; a doubt without it is open.
    """

    cell: int
    key: str
    kind: DoubtKind
    words: tuple[str, ...]
    choices: tuple[Choice, ...]
    chosen: Choice | None = None
    decided: bool = False

    @property
    def is_open(self) -> bool:
        return self.chosen is None

    @property
    def question(self) -> str:
        """What is asked, in words."""
        if self.kind is DoubtKind.WHAT:
            return _("“%(words)s”是什么？") % {"words": self.words[0]}
        return str(self.kind.label)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table: its number from 1 as it is read, where it stood, its text, what was read and what is asked."""

    number: int
    row: int
    column: int
    lines: tuple[str, ...]
    #: So far as they are read: whole once no doubt is open.
    entries: tuple[Entry, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def is_open(self) -> bool:
        return any(doubt.is_open for doubt in self.doubts)


@dataclass(frozen=True, slots=True)
class Clipping:
    """What was pasted, read: the headings above the tables, the cells, how many columns and rows the widest table has."""

    cells: tuple[Cell, ...]
    headings: tuple[str, ...] = ()
    columns: int = 0
    rows: int = 0

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(entry for cell in self.cells if not cell.is_open for entry in cell.entries)

    @property
    def open_doubts(self) -> int:
        return sum(doubt.is_open for cell in self.cells for doubt in cell.doubts)


Decisions = Mapping[tuple[int, str], str]  # (number of the cell, key of the doubt): the choice


def read_clipping(text: str, decisions: Decisions | None = None) -> Clipping:
    """A pasted table as cells with their entries and doubts; ``decisions`` are what persons said to doubts before.

    Raises ``Refused`` for a paste of nothing, one that is too long, and one in which nothing is an honour. A decision
    about a doubt that the text does not raise is passed over.
    """
    decided = dict(decisions or {})
    rows = _rows(text)
    headings = tuple(row[0][0] for row in rows if _is_heading(row))
    kept = [row for row in rows if not _is_heading(row)]
    numbered: list[tuple[int, int, tuple[str, ...]]] = [
        (at, column, lines) for at, row in enumerate(kept, 1) for column, lines in enumerate(row, 1)
    ]
    if not numbered or not any(AWARDED.search("\n".join(lines)) for _row, _column, lines in numbered):
        raise Refused(_("贴进来的文字里没有“荣获”。请从报纸或网页上选中荣誉榜的整张表，复制后贴进来。"), field="text")
    if len(numbered) > MOST_CELLS:
        raise Refused(
            _("一次最多读 %(most)s 格，这里有 %(n)s 格。请分几次贴。"), field="text", most=MOST_CELLS, n=len(numbered)
        )
    cells: list[Cell] = []
    for number, (row, column, lines) in enumerate(numbered, 1):
        if len("".join(lines)) > LONGEST_CELL:
            raise Refused(
                _("第 %(cell)s 格有 %(n)s 个字，不像一格。是不是少了制表位或换行？请连表格一起复制。"),
                field="text",
                cell=number,
                n=len("".join(lines)),
            )
        answers = {key: choice for (cell, key), choice in decided.items() if cell == number}
        cell = _read_cell(Cell(number, row, column, lines), answers, first=not cells)
        joining = tuple(doubt for doubt in cell.doubts if doubt.chosen == Choice.JOIN_PREVIOUS)
        if joining:
            before = cells[-1]
            kept_asked = tuple(doubt for doubt in before.doubts if doubt.cell != before.number)
            mine = {key: choice for (of, key), choice in decided.items() if of == before.number}
            joined = _read_cell(replace(before, lines=before.lines + lines), mine, first=len(cells) == 1)
            cells[-1] = replace(joined, doubts=joined.doubts + kept_asked + joining)
        else:
            cells.append(cell)
    return Clipping(cells=tuple(cells), headings=headings, columns=max(map(len, kept), default=0), rows=len(kept))


def clipping_text(entries: Sequence[Entry], *, columns: int = 4, heading: str = "荣誉榜") -> str:
    """Entries as the text of a table, each line with its label: what the roll prints and ``read_clipping`` reads back."""
    cells = [" ".join(_printed(entry)) for entry in entries]
    rows = ["\t".join(cells[at : at + columns]) for at in range(0, len(cells), columns)]
    return "\n".join([heading + "\t" * (columns - 1), *rows])


def _printed(entry: Entry) -> list[str]:
    labels = {kind: label for label, kind in reversed(ROLES.items())}
    lines = [entry.firm]
    if entry.trade_mark:
        lines.append(f"商标:{entry.trade_mark}")
    for item in entry.items:
        if item.kind not in THINGS:
            lines.append(f"{item.label or item.kind.label}:{item.number}")
        elif item.number:
            lines.append(f"{labels[item.kind]}:{item.name} {item.number}")
        else:
            lines.append(f"{labels[item.kind]}:{item.name}")
    return [*lines, "荣获", entry.title]


# From text to lines of cells


class _Tables(HTMLParser):
    """The cells of the tables of a web page's source; a line break or a paragraph inside a cell parts its lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            if not self.rows:
                self.rows.append([])
            self.rows[-1].append("")
            self.inside = True
        elif tag in ("br", "p", "div") and self.inside:
            self.rows[-1][-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += " ".join(data.split()) if not data.isspace() else " "


def _rows(text: str) -> list[list[tuple[str, ...]]]:
    """The table's rows, each of the lines of its cells; cells and rows with nothing in them are left out."""
    if len(text) > LONGEST_TEXT:
        raise Refused(
            _("贴进来的文字有 %(n)s 个字，一次最多 %(most)s 个。请只贴荣誉榜那张表，或者存成文件后导入。"),
            field="text",
            n=len(text),
            most=LONGEST_TEXT,
        )
    text = _without_unseen(text)
    if not text.strip():
        raise Refused(_("还没有贴文字。请从报纸或网页上选中荣誉榜的整张表，复制后贴进来。"), field="text")
    if re.search(r"<t[dh][\s>]", text, re.IGNORECASE):
        tables = _Tables()
        tables.feed(text)
        tables.close()
        cells = tables.rows
    elif re.search(r"<(?:p|div|span|html|body|br|table)\b[^>]*>", text, re.IGNORECASE):
        raise Refused(_("贴进来的是网页的源代码，里面没有表格。请在网页上选中荣誉榜，复制后再贴。"), field="text")
    elif "\t" in text:
        cells = _tabbed(text)
    else:
        cells = [[cell] for cell in _stacked(text.split("\n"))]
    rows = [[lines for cell in row if (lines := _lines(cell))] for row in cells]
    return [row for row in rows if row]


def _without_unseen(text: str) -> str:
    """The text without signs that no reader sees (NUL, marks of direction, zero width), line ends all alike."""
    text = (
        text.replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\u2028", "\n")
        .replace("\u3000", " ")
        .replace("\xa0", " ")
    )
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign)[0] != "C")


def _tabbed(text: str) -> list[list[str]]:
    """Rows of cells parted by tabs; a cell of several lines stands in quotes, as spreadsheets put it on the clipboard."""
    if re.search(r'(?:^|[\t\n])"[^"\t]*\n', text):
        rows = list(csv.reader(io.StringIO(text), delimiter="\t"))
        if not any("\t" in cell for row in rows for cell in row):
            return rows
    return [line.split("\t") for line in text.split("\n")]


def _stacked(lines: Sequence[str]) -> list[str]:
    """Cells of a text without tabs: an empty line, or a firm's name after a title, begins the next one."""
    cells: list[list[str]] = [[]]
    for line in lines:
        words = line.split()
        has_title = bool(re.search(AWARDED.pattern + r"\s*\S", "\n".join(cells[-1])))
        if (
            not words
            or (has_title and _is_firm(words[0]))
            or (cells[-1] and _is_firm(words[0]) and not _has_firm(cells[-1]))
        ):
            cells.append([])
        if words:
            cells[-1].append(line)
    return ["\n".join(cell) for cell in cells if cell]


def _has_firm(lines: Sequence[str]) -> bool:
    return any(_is_firm(word) for line in lines for word in line.split()[:1])


def _lines(cell: str) -> tuple[str, ...]:
    """The printed lines of a cell: parted by blanks as the clipboard leaves them, a label kept with what it stands before."""
    words = AWARDED.sub(" 荣获 ", cell).split()
    lines: list[str] = []
    for word in words:
        if lines and lines[-1][-1] in ":：":
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return tuple(lines)


def _is_heading(row: Sequence[tuple[str, ...]]) -> bool:
    """A row with one short cell that names neither firm nor honour: 荣誉榜 above the table."""
    return (
        len(row) == 1 and len(row[0]) == 1 and len(row[0][0]) <= 12 and not _is_firm(row[0][0]) and row[0][0] != "荣获"
    )


def _is_firm(line: str) -> bool:
    """Whether a line ends as names of firms do, a branch in brackets after it allowed."""
    plain = re.sub(r"[(（][^()（）]*[)）]$", "", line)
    return len(plain) >= 4 and plain.endswith(tuple(SIGN_OF_FIRM)) and not re.search(r"[:：]", plain)


# From lines to entries


def _read_cell(cell: Cell, answers: Mapping[str, str], *, first: bool) -> Cell:
    """A cell with what is read and asked; ``answers`` are by the doubts' keys."""
    doubts: list[Doubt] = []

    def ask(key: str, kind: DoubtKind, *words: str, without: Collection[Choice] = ()) -> Choice | None:
        missing = {*without, Choice.JOIN_PREVIOUS} if first else {*without}
        choices = tuple(choice for choice in ANSWERS[kind] if choice not in missing)
        said = answers.get(key)
        decided = said in choices
        suggested = None if any(map(_is_firm, words[1:])) else SUGGESTED.get(kind)
        chosen = Choice(said) if said is not None and decided else suggested
        doubts.append(Doubt(cell.number, key, kind, words, choices, chosen, decided))
        return chosen

    at = [index for index, line in enumerate(cell.lines) if line == "荣获"]
    entries: list[Entry] = []
    if not at:
        ask("awarded", DoubtKind.AWARDED, *cell.lines)
    elif len(at) == 1:
        entries += _entries(cell.lines, "", ask)
    else:
        starts = _starts(cell.lines)
        whole = len(starts) == len(at)
        if ask("several", DoubtKind.SEVERAL, *cell.lines, without=() if whole else (Choice.SPLIT,)) == Choice.SPLIT:
            for part, (start, end) in enumerate(zip(starts, [*starts[1:], len(cell.lines)], strict=True), 1):
                entries += _entries(cell.lines[start:end], f"{part}.", ask)
    return replace(cell, entries=tuple(entries), doubts=tuple(doubts))


def _starts(lines: Sequence[str]) -> list[int]:
    """Where the parts of a cell begin that holds several: its first line, and each firm's name after a title."""
    starts = [0]
    titled = False
    for index, line in enumerate(lines):
        if titled and lines[index - 1] != "荣获" and _is_firm(line):
            starts.append(index)
            titled = False
        titled = titled or line == "荣获"
    return starts


class _Ask(Protocol):
    """What ``_read_cell`` asks a person with."""

    def __call__(self, key: str, kind: DoubtKind, *words: str, without: Collection[Choice] = ()) -> Choice | None: ...


def _entries(lines: Sequence[str], part: str, ask: _Ask) -> list[Entry]:
    """The honours of one firm's lines, so far as they are read; a line about which a doubt is open is left out."""
    cut = lines.index("荣获")
    before, after = list(lines[:cut]), list(lines[cut + 1 :])
    trailing = [line for line in after if _labelled(line) or _number_of(line)]
    titles = [line for line in after if line not in trailing]
    if not before or not titles:
        ask(f"{part}title", DoubtKind.TITLE, *lines)
        return []
    firm, rest = _firm(before, part, ask)
    trade_mark, items = "", list[Item]()
    for index, line in enumerate([*rest, *trailing]):
        firm_rest, mark, item = _item(line, f"{part}what{index + 1}", items, rest[index + 1 : index + 2], ask)
        firm += firm_rest
        trade_mark = trade_mark or mark
        if item is not None:
            items.append(item)
    return [Entry(firm, title, trade_mark, tuple(_numbered(items))) for title in _titles(titles, part, ask)]


def _titles(titles: Sequence[str], part: str, ask: _Ask) -> list[str]:
    if len(titles) == 1:
        return list(titles)
    chosen = ask(f"{part}joined", DoubtKind.JOINED, *titles)
    if chosen == Choice.TWO:
        return list(titles)
    return [titles[0]] if chosen == Choice.FIRST else [_joined(titles)]


def _joined(lines: Sequence[str]) -> str:
    """Lines as one: Chinese closes up, two Latin words keep their blank."""
    return re.sub(r"(?<=[\x21-\x7e])\n(?=[\x21-\x7e])", " ", "\n".join(lines)).replace("\n", "")


def _firm(before: Sequence[str], part: str, ask: _Ask) -> tuple[str, list[str]]:
    """The firm's name, and the lines after it."""
    two = len(before) > 1 and not _labelled(before[1]) and not _number_of(before[1])
    if not _is_firm(before[0]) or (two and _is_firm(before[1])):
        chosen = ask(f"{part}firm", DoubtKind.FIRM, *before[: 1 + two], without=() if two else (Choice.FIRM_TWO,))
        name_lines = 2 if two and chosen != Choice.FIRM_ONE else 1
        return _joined(before[:name_lines]), list(before[name_lines:])
    return before[0], list(before[1:])


def _item(
    line: str, key: str, items: Sequence[Item], following: Sequence[str], ask: _Ask
) -> tuple[str, str, Item | None]:
    """What one line adds: to the firm's name, a trade mark, an item; nothing while a doubt about it is open."""
    label, value = _labelled(line) or ("", line)
    name, number = _split(value)
    if label in MARKS:
        return "", value, None
    if label in ROLES:
        return "", "", Item(ROLES[label], name, number)
    if number and (not name or _NUMBER_LABEL.search(label)):
        return "", "", Item(number_said(label), name, number, label)
    if label:
        name, number = line, ""
    if number or (
        following and not _labelled(following[0]) and _split(following[0])[0] == "" and _number_of(following[0])
    ):
        return "", "", Item(ItemKind.PRODUCT, name, number)
    chosen = ask(key, DoubtKind.WHAT, line, without=(Choice.FIRM_REST,) if label or items else ())
    if chosen == Choice.FIRM_REST:
        return line, "", None
    if chosen in (Choice.PRODUCT, Choice.WORK):
        return "", "", Item(ItemKind(chosen.value), line)
    return "", "", None


def _numbered(items: Sequence[Item]) -> list[Item]:
    """A bare number after a product that has none is that product's."""
    read: list[Item] = []
    for item in items:
        bare = item.kind not in THINGS and not item.label and not item.name
        if bare and read and read[-1].kind in THINGS and not read[-1].number:
            read[-1] = replace(read[-1], number=item.number)
        else:
            read.append(item)
    return read


def _labelled(line: str) -> tuple[str, str] | None:
    """The label before a colon and what stands behind it."""
    parts = _LABELLED.fullmatch(line)
    return (parts[1].strip(), parts[2].strip()) if parts and parts[2].strip() else None


def _number_of(line: str) -> str:
    return _split(line)[1]


def _split(text: str) -> tuple[str, str]:
    """A name and the number at its end, as printed; dashes and widths of every kind count as what they mean."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES)
    if len(plain) != len(text):
        return text, ""
    found = re.search(rf"(?:{_NUMBER.pattern})$", plain)
    return (text[: found.start()].strip(), text[found.start() :]) if found else (text, "")
