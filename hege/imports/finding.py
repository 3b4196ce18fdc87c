"""Where on a sheet the table is: its headings, its rows, and what else stands there, each named. Nothing reads the database.

Titles and the lines of a form above the headings, sums and signatures among and below the rows are left out, never
silently. A sum is one where its row says so *and* the numbers add up; one that does not is a fault. What is not known for
anything else stays a row of the table, and its cells will tell.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from hege.imports.cells import Cell, NoValue, heading_key, heads_of, number_of, shown, squeeze, visible
from hege.imports.rules import SHOWN, Fault, LeftOut, Sheet, Table, few
from hege.imports.synonyms import SERIAL
from hege.imports.workbook import column_letters
from hege.kernel.refused import Refused

MOST_ABOVE = 40  # rows among which the headings are looked for
MOST_USED = 40  # columns
MOST_BLOCKS = 16  # that one sum of sums may go back
LONGEST_HEADING = 60
LONGEST_LINE = 500
MILLIONTH = Decimal("0.000001")  # what a workbook's own arithmetic leaves behind is smaller

Row = Sequence[Cell]
Score = Callable[[Row], int]  # how many headings of a row are words some kind of ours knows

_DAY = re.compile(r"(?:19|20)\d{2}([-/.年])\d{1,2}[-/.月]\d{1,2}|(?:19|20)\d{6}\b")
_PAIR = re.compile(
    r"([^\d\s：:\[\]][^\s：:\[\]]{0,19})[：:]\s*(\[[^\]]*\]|\S.*?)(?=\s+[^\d\s：:\[\]][^\s：:\[\]]{0,19}[：:]|\s*\Z)"
)
_IN_ENGLISH = re.compile(r"\s*\[[^\]]*\]\Z")  # 户名[ Account Name ]
_LABEL = re.compile(r"[^\d：:]{1,12}[：:]?\Z")
_RECORDS, _ACCOUNT = re.compile(r"共(\d+)[笔条]"), re.compile(r"户号\D{0,2}(\d{6,})")
_TOTAL = re.compile(r".{0,12}?[合总小共累][计計](?:金额|水费|人民币|数)?(?:[:(=¥\d].*)?\Z")
_BARE_TOTAL = re.compile(r"[合总小共累][计計]:?\Z")
_OF_ALL = re.compile(r"[总累][计計]")
_COUNT = re.compile(r"(?<![\d.])(\d+)[户笔条行家人块个项张次]")
_SUM_IN_TEXT = re.compile(r"(\d[\d,]*\.\d{2})(?!\d)|(\d[\d,]*(?:\.\d+)?)(?:元|吨|m3|立方|方)")
_TAIL = re.compile(
    r"(?:制表|填表|填报|审核|审批|复核|核对|负责|经办|经手|抄表|收款|主管|会计|出纳)人?(?:员|签字|签名|签章)?(?:[:：]|\Z)|签[字名章]|盖章|公章|注(?:[:：]|\d|释|意)"
    r"|(?:备注|说明|单位|日期|用户|联系人|联系电话|打印\w{0,2}|导出\w{0,2})[:：]|附[:：注]|以[上下]|截至|第\d+页|[-—=*_─]{3,}"
)
_STATEMENT = re.compile(r"共\d+[笔条页行户]|[已待]?(?:收入|支出)[:：]\d+笔|不计收支[:：]|中性交易[:：]")
_NOT_SUMMED = re.compile(
    r"读数|行度|底数|起码|止码|示数|单价|水价|余额|率|比例|%|编号|表号|户号|号码|电话|手机|日期|时间"
)
#: Words over several headings that add nothing to them, and headings that mean little without the word over them.
_WIDE = re.compile(r"其中|.*(?:信息|情况|明细|费用|项目|水费|组成|构成)\Z")
_NARROW = re.compile(
    "金额|日期|时间|[读码]数|行度|[数用]量|编号|号码|名称|备注|合计|小计|单价|电话|姓名|人|方式|表号|起|止"
)


def filled(row: Row) -> list[int]:
    """The places of a row that have something in them."""
    return [
        at
        for at, cell in enumerate(row)
        if cell is not None and cell != "" and not (cell.__class__ is str and cell.isspace())
    ]


def find_table(sheet: Sheet, score: Score) -> Table:
    """The table of a sheet. Raises ``Refused`` where there is none; what is wrong with it as a whole is ``Table.faults``."""
    rows = sheet.rows
    last = next((at for at in reversed(range(len(rows))) if filled(rows[at])), None)
    if last is None:
        raise Refused(_("表是空的。"))
    at = _heading_row(rows[:MOST_ABOVE], score)
    header, top, bottom = _joined(sheet, at, score)
    if bottom >= last:
        raise Refused(_("表里只有表头，没有数据。"))
    table = Table(header, [], bottom + 2, numbers_are_dates=sheet.numbers_are_dates, sheet=sheet.name)
    _Finder(sheet, score, table, top, bottom, last).find()
    return table


# -- headings ----------------------------------------------------------------------------------------------------------


def _is_heading(cell: Cell) -> bool:
    if not isinstance(cell, str) or isinstance(cell, NoValue):
        return False
    text = visible(cell)
    return len(text) <= LONGEST_HEADING and not _DAY.match(text) and not re.search(r"[：:]\s*\S", text) and (
        number_of(text) is None
    )  # fmt: skip


def _words(row: Row) -> bool:
    """Whether a row may be one of headings: nothing but words in it."""
    return all(_is_heading(row[at]) for at in filled(row))


def _rank(row: Row, score: Score) -> int:
    places = filled(row)
    known = score(row) if places else 0
    if not all(_is_heading(row[at]) for at in places) and known < 3:
        return 0
    return len(places) + 2 * known


def _heading_row(rows: Sequence[Row], score: Score) -> int:
    """The row with most headings, known ones before others; the first that has anything where none has any."""
    ranks = [_rank(row, score) for row in rows]
    best = max(ranks, default=0)
    return ranks.index(best) if best else next((at for at, row in enumerate(rows) if filled(row)), 0)


def _joined(sheet: Sheet, at: int, score: Score) -> tuple[list[Cell], int, int]:
    """The headings, and the first and last row they stand in: two rows where one row says what several columns share."""
    rows = sheet.rows
    alone = list(rows[at])
    best = (score(alone), alone, at, at)
    for top in (at - 1, at):
        if top < 0 or top + 1 >= len(rows):
            continue
        joined = _join(sheet, top, score)
        if joined is not None and (known := score(joined)) >= best[0] and known:
            best = (known, joined, top, top + 1)
    _known, header, top, bottom = best
    width = max(filled(header), default=0) + 1
    width += _beyond(rows[bottom + 1 :], width)
    header = [*header[:width], *([None] * (width - len(header)))]
    for block in sheet.merged:
        if block[0] <= bottom and block[2] >= top and not _fits(sheet, block, header, top, bottom):
            cells = _address(block)
            raise Refused(_("表头有合并的单元格（%(cells)s）；请取消合并，每列一个表头。") % {"cells": cells})
    return header, top, bottom


def _beyond(rows: Sequence[Row], width: int) -> int:
    """How many columns without a heading hold something right of the last heading."""
    widest = max(map(len, rows), default=0)
    while widest > width and not any(len(row) >= widest and filled(row[widest - 1 : widest]) for row in rows):
        widest -= 1
    return max(widest - width, 0)


def _fits(sheet: Sheet, block: Sequence[int], header: Row, top: int, bottom: int) -> bool:
    """Whether a merged block that touches the headings leaves one heading to each column that has cells."""
    first, left, last, right = block
    if last > bottom:
        return False
    if first < top or (top < bottom and last == top):
        return True
    columns = [at for at in range(left, right + 1) if any(filled(row[at : at + 1]) for row in sheet.rows[bottom + 1 :])]
    return len(columns) < 2


def _join(sheet: Sheet, top: int, score: Score) -> list[Cell] | None:
    """Two rows of headings as one; None where the second is no second row of headings."""
    above, below = sheet.rows[top], sheet.rows[top + 1]
    uppers, lowers = filled(above), filled(below)
    if len(uppers) < 2 or not lowers or not (_words(above) and _words(below)):
        return None
    spans = {at: at for at in uppers}
    for first, left, last, right in sheet.merged:
        if first == top and left in spans:
            spans[left] = right if last == top else left
    over: dict[int, int] = {}  # the column of the word over each lower heading
    for place, at in enumerate(uppers):
        end = spans[at]
        following = uppers[place + 1] if place + 1 < len(uppers) else max(lowers) + 1
        while spans[at] == at and end + 1 < following and end + 1 in lowers and at in lowers:
            end += 1
        over |= dict.fromkeys(range(at, end + 1), at)
    shared = Counter(over[at] for at in lowers if at in over)
    if not any(n > 1 for n in shared.values()) or any(
        n == 1 and over.get(at) == at and at in lowers for at, n in shared.items()
    ):
        return None
    texts = Counter(squeeze(visible(below[at])) for at in lowers)
    header: list[Cell] = []
    for at in range(max(*uppers, *lowers) + 1):
        upper = above[over[at]] if at in over else None
        lower = below[at] if at in lowers else None
        header.append(_together(upper, lower, score, alone=texts[squeeze(visible(lower))] == 1) if lower else upper)
    return header


def _together(upper: Cell, lower: Cell, score: Score, *, alone: bool) -> Cell:
    """The word over a heading and the heading: 本月 + 读数 is 本月读数; 供水费 under 水费 is itself; else both with a stroke."""
    over, text = visible(upper), visible(lower)
    if not over:
        return lower
    if score([over + text]):
        return over + text
    narrow = _NARROW.fullmatch(squeeze(text)) and not _WIDE.match(over)
    return lower if alone and not narrow and score([lower]) else f"{over}/{text}"


def _address(block: Sequence[int]) -> str:
    top, left, bottom, right = block
    return f"{column_letters(left + 1)}{top + 1}:{column_letters(right + 1)}{bottom + 1}"


# -- lines above the headings ------------------------------------------------------------------------------------------


def facts_of(rows: Sequence[Row]) -> dict[str, str]:
    """What lines beside a table say: 填表单位：…, 账号 and its number in neighbouring cells, 共58笔记录, 户号310117…"""
    facts: dict[str, str] = {}
    for row in rows:
        texts = [visible(row[at])[:LONGEST_LINE] for at in filled(row)]
        for text in texts:
            for name, value in _PAIR.findall(text):
                facts.setdefault("".join(name.split()).lstrip("#"), value.strip("[] "))
            if found := _RECORDS.match(text):
                facts.setdefault("共", found[1])
            if found := _ACCOUNT.search(text):
                facts.setdefault("户号", found[1])
        for name, value in _beside(texts):
            facts.setdefault("".join(name.split()).strip(":："), value)
    return facts


def _beside(texts: Sequence[str]) -> list[tuple[str, str]]:
    """Names and values that stand in cells beside each other; none where a row is not made of them."""
    names = [_IN_ENGLISH.sub("", text) or text for text in texts[::2]]
    pairs = list(zip(names, texts[1::2], strict=False))
    plain = all(_LABEL.match(name) and not re.search(r"[：:]", value) for name, value in pairs)
    return pairs if plain and len(texts) % 2 == 0 else []


# -- rows --------------------------------------------------------------------------------------------------------------


class _Finder:
    """Tells the rows of one table from what stands among and below them."""

    def __init__(self, sheet: Sheet, score: Score, table: Table, top: int, bottom: int, last: int) -> None:
        self.sheet, self.rows, self.score, self.table = sheet, sheet.rows, score, table
        self.top, self.bottom, self.last = top, bottom, last
        self.out: dict[int, LeftOut] = {}
        self.keys = [heading_key(cell) for cell in table.header]
        self.patterns: Counter[tuple[int, ...]] = Counter()
        self.totals: dict[int, tuple[int, bool]] = {}  # row: the column of its word, and whether it begins with it
        self.sums = _Sums(self.rows)
        self.usual: set[int] = set()

    def find(self) -> None:
        """Fill in the table."""
        self._above()
        self._look()
        if not self.patterns and self.totals:  # every row speaks of a total: those filled in most are the rows
            places = [tuple(filled(self.rows[at])) for at in self.totals]
            most = max(map(len, places))
            self.patterns.update(one for one in places if len(one) == most)
        if not self.patterns:
            raise Refused(_("表里只有表头，没有数据。"))
        self._usual()
        self._tails()
        self._add_up()
        rows = self.table.rows
        for at in range(self.bottom + 1, self.last + 1):
            rows.append([] if at in self.out else self.rows[at])
        if not any(rows):
            raise Refused(_("表里只有表头，没有数据。"))
        self.table.left_out += [self.out[at] for at in sorted(self.out)]
        self._merged()
        self._tell()

    def _leave(self, at: int, sort: str, said: str = "") -> None:
        text = " ".join(visible(self.rows[at][place]) for place in filled(self.rows[at]))
        self.out[at] = LeftOut(at + 1, sort, text[:200], said)

    def _fault(self, at: int, column: int, reason: str) -> None:
        row = self.rows[at]
        heading = heads_of(self.table.header)[column] if 0 <= column < len(self.table.header) else ""
        value = shown(row[column] if 0 <= column < len(row) else next((row[i] for i in filled(row)), ""))
        self.table.faults.append(Fault(at + 1, heading, value[:200], reason))

    def _above(self) -> None:
        for at in range(self.top):
            self._leave(at, "title" if filled(self.rows[at]) else "blank")
        for at in range(self.top, self.bottom):
            self._leave(at, "heading")
        self.table.facts = facts_of(self.rows[: self.top])
        headed = sum(1 for key in self.keys if key)
        self._rows_above(headed)
        if headed > MOST_USED:
            reason = _("表头有 %(n)d 列，最多 %(most)d 列；请只留要导入的各列。")
            self._fault(self.bottom, -1, reason % {"n": headed, "most": MOST_USED})
        self._other_table_beside()

    def _rows_above(self, headed: int) -> None:
        """Headings of another table, or rows that were sorted above theirs: nothing that is a row is taken for a title."""
        for at in range(self.top):
            row, places = self.rows[at], filled(self.rows[at])
            below = set(filled(self.rows[at + 1]))
            if len(places) < 3 or self._lines(row, places):
                continue
            if _words(row) and at + 1 < self.top and len(below.intersection(places)) > 2 and self.score(row) > 1:
                self._two_tables(at, self.bottom)
                return
            if len(places) >= headed or (2 * len(places) >= headed and not _beside([visible(row[i]) for i in places])):
                reason = _("表头在第 %(heads)d 行，这一行在它上面，却像一笔；请把表头移到各行之上，不是一笔的请删去。")
                self._fault(at, -1, reason % {"heads": self.top + 1})
                return

    def _lines(self, row: Row, places: Sequence[int]) -> bool:
        """Whether a row is a line of a form: names with their values behind a colon."""
        return all(_PAIR.search(visible(row[at])) or not _is_heading(row[at]) for at in places) and any(
            _PAIR.search(visible(row[at])) for at in places
        )

    def _other_table_beside(self) -> None:
        for middle in (at for at, key in enumerate(self.keys) if not key):
            left, right = ({key for key in keys if key} for keys in (self.keys[:middle], self.keys[middle + 1 :]))
            if len(right) > 1 and len(left) > 1 and (right <= left or left <= right):
                reason = _("第 %(row)d 行里同样的表头有两组：左右各有一个表；请分成两张工作表或两个文件，再导入。")
                self._fault(self.bottom, -1, reason % {"row": self.bottom + 1})
                return

    def _two_tables(self, first: int, second: int) -> None:
        reason = _(
            "第 %(first)d 行和第 %(second)d 行各有一个表头：这一张上有两个表；请分成两张工作表或两个文件，再导入。"
        )
        self._fault(second, -1, reason % {"first": first + 1, "second": second + 1})

    def _look(self) -> None:
        """Sort the rows out as far as each of them tells by itself."""
        for at in range(self.bottom + 1, self.last + 1):
            row = self.rows[at]
            places = filled(row)
            if not places:
                self._leave(at, "blank")
                continue
            if len(places) > 1 and all(row[place].__class__ is str for place in places[:2]):
                if self._again(row, places):
                    self._leave(at, "heading")
                    reason = _("第 %(row)d 行又是第 %(heads)d 行的表头；同一个表请只留一行表头，两个表请分开导入。")
                    self._fault(at, -1, reason % {"row": at + 1, "heads": self.bottom + 1})
                    continue
                if self._other(row, places):
                    self._two_tables(self.bottom, at)
                    for rest in range(at, self.last + 1):
                        self._leave(rest, "tail" if filled(self.rows[rest]) else "blank", _("另一个表的行"))
                    return
            if word := _total_word(row, places):
                self.totals[at] = word
                if word[1]:
                    continue
            self.patterns[tuple(places)] += 1

    def _again(self, row: Row, places: Sequence[int]) -> bool:
        """Whether a row repeats the headings."""
        first = places[0]
        if first >= len(self.keys) or str(row[first])[:1] != visible(self.table.header[first])[:1]:
            return False
        same = sum(1 for at in places if at < len(self.keys) and heading_key(row[at]) == self.keys[at])
        return same > 1 and same * 5 >= len(places) * 4

    def _other(self, row: Row, places: Sequence[int]) -> bool:
        """Whether a row has headings of its own."""
        for at in places:
            cell = row[at]
            if cell.__class__ is not str or len(cell) > LONGEST_HEADING or cell[:1].isdigit():
                return False
        return len(places) > 2 and _words(row) and self.score(row) * 2 >= max(len(places), 4)

    def _usual(self) -> None:
        """The columns in which nearly every row has something."""
        most = max(map(len, self.patterns))
        whole = {places: n for places, n in self.patterns.items() if 2 * len(places) >= most}
        there: Counter[int] = Counter()
        for places, n in whole.items():
            there.update(dict.fromkeys(places, n))
        self.usual = {at for at, n in there.items() if n * 5 >= sum(whole.values()) * 4}
        self.whole = (most + 1) // 2

    def _tails(self) -> None:
        """Signatures, notes and counts behind the last row: few cells, no number under numbers, a word that says so."""
        behind = []
        for at in range(self.last, self.bottom, -1):
            if at in self.out or at in self.totals:
                continue
            if len(filled(self.rows[at])) >= self.whole and len(filled(self.rows[at])) > 2:
                break
            behind.append(at)
        if not behind:
            return
        numbers = self._numbers(before=min(behind))
        seen = False
        for at in reversed(behind):
            row, places = self.rows[at], filled(self.rows[at])
            text = squeeze(visible(row[places[0]])[:LONGEST_LINE])
            astray = len(places) == 1 and places[0] in numbers and isinstance(row[places[0]], str)
            under = any(place in numbers and number_of(row[place]) is not None for place in places)
            if len(places) > max(2, self.whole) or (under and not _STATEMENT.match(text)):
                seen = False
            elif _STATEMENT.match(text) or _TAIL.match(text) or astray or (seen and len(places) <= 2):
                seen = True
                self._leave(at, "tail")
        facts = facts_of([self.rows[at] for at, out in self.out.items() if out.sort == "tail"])
        self.table.facts = {**facts, **self.table.facts}

    def _numbers(self, before: int) -> set[int]:
        """Columns that hold numbers or days, as far as a hundred rows tell."""
        rows = [self.rows[at] for at in range(self.bottom + 1, before) if at not in self.out and at not in self.totals]
        there: Counter[int] = Counter()
        full: Counter[int] = Counter()
        for row in rows[-100:]:
            for at in filled(row):
                full[at] += 1
                cell = row[at]
                if isinstance(cell, dt.date) or number_of(cell) is not None or _DAY.match(shown(cell)):
                    there[at] += 1
        return {at for at, n in there.items() if 2 * n > full[at]}

    # -- sums ----------------------------------------------------------------------------------------------------------

    def _add_up(self) -> None:
        """Leave out the rows that are sums of others; name those that say so and are not."""
        if not self.totals:
            return
        on_top = []
        for at in range(self.bottom + 1, self.last + 1):
            if at in self.out:
                continue
            if at not in self.totals:
                self.sums.add(at)
            elif not self._sparse(at):
                self._full_total(at)
            elif not self.sums.data:
                on_top.append(at)
            else:
                self._total(at, self.sums.starts())
        for at in on_top:
            if self.sums.data:
                self._total(at, [0])
            else:
                self._leave(at, "total")

    def _sparse(self, at: int) -> bool:
        """Whether a row lacks what every other row has, the cell with the word set aside."""
        word, _first = self.totals[at]
        others = self.usual - {word}
        row, places = self.rows[at], set(filled(self.rows[at]))
        if others - places:
            return True
        return word in self.usual and all(number_of(row[place]) is not None for place in others)

    def _full_total(self, at: int) -> None:
        word, first = self.totals[at]
        if first and _BARE_TOTAL.match(squeeze(visible(self.rows[at][word]))):
            self._fault(at, word, _("这一行写着合计，又和别的行一样填满；不是一笔的请删去，是一笔的请改掉这个词。"))
            self._leave(at, "total")
        else:
            self.sums.add(at)

    def _total(self, at: int, starts: Sequence[int]) -> None:
        word, first = self.totals[at]
        row = self.rows[at]
        end = len(self.sums.data)
        starts = [start for start in dict.fromkeys(starts) if start < end]
        numbers, said_in_words = self._said(at, word)
        fits = {
            start: [c for c, n in numbers.items() if _same(n, self.sums.between(c, start, end))] for start in starts
        }
        text = squeeze(visible(row[word]))
        fallback = 0 if _OF_ALL.search(text) or 0 not in starts else starts[0]
        start = max(starts, key=lambda one: (len(fits[one]), one == fallback))
        unfit = [c for c in numbers if c not in fits[start]]
        wrong = [
            c for c in unfit if not (self._is_count(c, numbers[c], start, end) or (fits[start] and self._is_no_sum(c)))
        ]
        astray = [n for n in said_in_words if not any(self._some_column(n, one, end) for one in starts)]
        dated = any(isinstance(row[c], dt.date) or _DAY.match(shown(row[c])) for c in filled(row))
        if not first and (wrong or astray or dated or not fits[start]):
            self.sums.add(at)
            return
        rows = self.sums.rows(start, end)
        for column in wrong:
            reason = _("写着%(word)s，第 %(rows)s 行相加却是 %(sum)s；请看是少了行、多了行、错了数，还是合计没有更新。")
            there = self.sums.between(column, start, end)
            self._fault(at, column, reason % {"word": visible(row[word]), "rows": rows, "sum": _plain(there)})
        for number in astray:
            reason = _("写着 %(number)s，没有一列的数（第 %(rows)s 行）加起来是这么多；请核对。")
            self._fault(at, word, reason % {"number": _plain(number), "rows": rows})
        self._leave(
            at, "total", self._told(at, rows, end - start, [numbers[c] for c in fits[start]] or said_in_words, unfit)
        )
        if start or not _OF_ALL.search(text):
            self.sums.cuts.append(end)

    def _said(self, at: int, word: int) -> tuple[dict[int, Decimal], list[Decimal]]:
        """The numbers of a row by column, and the sums its words name."""
        row = self.rows[at]
        numbers: dict[int, Decimal] = {}
        words: list[Decimal] = []
        for place in filled(row):
            number = number_of(row[place]) if place != word else None
            if number is None:
                text = squeeze(visible(row[place])[:LONGEST_LINE])
                words += [Decimal((a or b).replace(",", "")) for a, b in _SUM_IN_TEXT.findall(text)]
            elif place >= len(self.keys) or self.keys[place] not in SERIAL:
                numbers[place] = number
        return numbers, words

    def _some_column(self, number: Decimal, start: int, end: int) -> bool:
        return any(_same(number, abs(self.sums.between(column, start, end))) for column in range(len(self.keys)))

    def _is_count(self, column: int, number: Decimal, start: int, end: int) -> bool:
        """Whether a number says how many rows there are: in a column that has no numbers to add up."""
        row = self.rows[self.sums.data[end - 1]]
        return number == end - start and (column >= len(row) or number_of(row[column]) is None)

    def _is_no_sum(self, column: int) -> bool:
        """Whether a column holds what nobody adds up, though a sheet may: readings, balances, prices."""
        return bool(column < len(self.keys) and _NOT_SUMMED.search(self.keys[column]))

    def _told(self, at: int, rows: str, count: int, sums: Sequence[Decimal], unfit: Sequence[int]) -> str:
        told = []
        if sums:
            told.append(_("第 %(rows)s 行相加也是 %(sums)s") % {"rows": rows, "sums": _("、").join(map(_plain, sums))})
        row = self.rows[at]
        if any(isinstance(row[place], NoValue) for place in filled(row)):
            told.append(_("有公式没有存下结果，没有核对"))
        elif not sums and not unfit:
            told.append(_("行里没有可核对的数"))
        said = [
            found[1] for place in filled(row) if (found := _COUNT.search(squeeze(shown(row[place])[:LONGEST_LINE])))
        ]
        if said and int(said[0]) >= count:  # fewer may be households, or one direction's
            text = _("写着 %(said)s，表里是 %(n)d 行") if int(said[0]) > count else _("行数 %(said)s 相符")
            told.append(text % {"said": said[0], "n": count})
        for column in unfit:
            heading = (
                visible(self.table.header[column]) if column < len(self.table.header) else column_letters(column + 1)
            )
            told.append(_("“%(heading)s”的数不是各行的和，没有核对") % {"heading": heading})
        return _("；").join(told)

    # -- what is said of it --------------------------------------------------------------------------------------------

    def _merged(self) -> None:
        for block in self.sheet.merged:
            top, left, bottom, right = block
            if top <= self.bottom or all(at in self.out for at in range(top, bottom + 1)):
                continue
            if any(filled(row[left : right + 1]) for row in self.rows[top : bottom + 1]):
                self.table.merged_rows.append((top + 1, _address(block)))

    def _tell(self) -> None:
        tell = self.table.notices.append
        by_sort: dict[str, list[LeftOut]] = {}
        for out in self.table.left_out:
            by_sort.setdefault(out.sort, []).append(out)
        if titles := by_sort.get("title"):
            told = _("表头在第 %(heads)d 行；它上面第 %(rows)s 行是标题和说明，没有当作一笔。")
            tell(told % {"heads": self.top + 1, "rows": _spans([out.row for out in titles])})
        if self.top < self.bottom:
            tell(_("第 %(a)d、%(b)d 行合起来是表头。") % {"a": self.top + 1, "b": self.bottom + 1})
        bad = {fault.row for fault in self.table.faults}
        proved = [out for out in by_sort.get("total", ()) if out.row not in bad]
        for out in proved[:SHOWN]:
            told = _("第 %(row)d 行是合计（%(text)s），没有当作一笔：%(said)s。")
            tell(told % {"row": out.row, "text": out.text[:40], "said": out.said})
        if len(proved) > SHOWN:
            rows = _spans([out.row for out in proved[SHOWN:]])
            tell(_("第 %(rows)s 行也是合计，各自核对过，没有当作一笔。") % {"rows": rows})
        if tails := by_sort.get("tail"):
            told = _("第 %(rows)s 行是表尾（%(text)s），没有当作一笔。")
            tell(told % {"rows": _spans([out.row for out in tails]), "text": tails[0].text[:40]})
        self._tell_records()
        self._tell_formulas()
        self._tell_hidden()

    def _tell_records(self) -> None:
        said = self.table.facts.get("共", "")
        count = sum(1 for row in self.table.rows if row)
        if said.isdecimal() and int(said) != count:
            told = _("文件里写着共 %(said)s 笔，表里有 %(n)d 行；请看是不是删过行，或没有导全。")
            self.table.notices.append(told % {"said": said, "n": count})

    def _tell_formulas(self) -> None:
        cells = [
            f"{column_letters(column + 1)}{row + 1}"
            for row, column in self.sheet.formulas
            if self.bottom < row <= self.last
            and row not in self.out
            and not any(isinstance(cell, NoValue) for cell in self.rows[row][column : column + 1])
        ]
        if cells:
            told = _("%(cells)s是公式，读的是存下的结果。")
            self.table.notices.append(told % {"cells": few(cells, _(" 等 %(n)d 格"))})

    def _tell_hidden(self) -> None:
        """Name what a filter hides from whoever looks at the sheet: it is read like the rest."""
        hidden = [at + 1 for at in self.sheet.hidden_rows if self.bottom < at <= self.last and at not in self.out]
        if hidden:
            text = _("第 %(rows)s 行在表里是隐藏的（可能被筛选掉了），也读了进来；不要的请删去。")
            self.table.notices.append(text % {"rows": few(hidden, _(" 等 %(n)d 行"))})
        header = self.table.header
        columns = [at for at in self.sheet.hidden_columns if at < len(header) and visible(header[at])]
        if columns:
            each = _("%(letters)s（%(heading)s）")
            named = _("、").join(
                each % {"letters": column_letters(at + 1), "heading": visible(header[at])} for at in columns[:SHOWN]
            )
            self.table.notices.append(_("%(columns)s列在表里是隐藏的，也读了进来。") % {"columns": named})


class _Sums:
    """Sums of columns over the rows met so far. ``cuts`` are how many rows stood above each sum."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.all, self.data, self.cuts = rows, list[int](), [0]
        self.upto: dict[int, list[Decimal]] = {}

    def add(self, at: int) -> None:
        """One more row of the table."""
        self.data.append(at)

    def starts(self) -> list[int]:
        """From where a sum may go back: its block; all rows; several blocks, where it stands right below another sum."""
        last = self.cuts[-1]
        return [0, *reversed(self.cuts[-MOST_BLOCKS:])] if last == len(self.data) else [last, 0]

    def between(self, column: int, start: int, end: int) -> Decimal:
        """What a column comes to in some of the rows; a cell without a number adds nothing."""
        sums = self.upto.setdefault(column, [Decimal(0)])
        for at in self.data[len(sums) - 1 : end]:
            row = self.all[at]
            number = number_of(row[column]) if column < len(row) else None
            sums.append(sums[-1] + number if number else sums[-1])
        return sums[end] - sums[start]

    def rows(self, start: int, end: int) -> str:
        """The first and the last of some of the rows, as the sheet counts."""
        first, last = self.data[start] + 1, self.data[end - 1] + 1
        return str(first) if first == last else f"{first}–{last}"


def _total_word(row: Row, places: Sequence[int]) -> tuple[int, bool] | None:
    """Where a row has the word of a sum, and whether it is among its first two cells."""
    for place, at in enumerate(places):
        cell = row[at]
        if cell.__class__ is str and ("计" in cell or "計" in cell) and _TOTAL.match(squeeze(visible(cell))):
            return at, place < 2
    return None


def _same(a: Decimal, b: Decimal) -> bool:
    return abs(a - b) < MILLIONTH


def _plain(number: Decimal) -> str:
    """A sum as people write it: 1472, 799.10, 12.125."""
    text = format(number.normalize(), "f")
    return f"{text}0" if text[-2:-1] == "." else text


def _spans(rows: Sequence[int]) -> str:
    """Row numbers, those that follow each other as one: 1–5、7."""
    return _("、").join(a if a == b else f"{a}–{b}" for a, b in _runs(rows))


def _runs(rows: Sequence[int]) -> Iterator[tuple[str, str]]:
    first = last = rows[0]
    for row in rows[1:]:
        if row != last + 1:
            yield str(first), str(last)
            first = row
        last = row
    yield str(first), str(last)
