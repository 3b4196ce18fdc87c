"""The same rows as an office might lay them out: titles, other words, another order, sums, blanks, in every format."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import openpyxl
import xlwt

from hege.imports.cells import heading_key
from hege.imports.kinds import KINDS
from hege.imports.layouts import FileKind as K
from hege.imports.synonyms import LAST_DAY_IN, SYNONYMS
from tests.imports.files import HEADERS, bill, csv_of, meter, receipt, unit

#: What is added up below the rows of a kind, and what stands together below a word of its own.
SUMMED = {
    K.RECEIPTS: ["金额"],
    K.BILLS: ["用水量", "供水费", "污水处理费", "应缴金额"],
    K.UNITS: ["建筑面积"],
    K.METERS: [],
    K.READINGS: [],
}
TOGETHER = {K.BILLS: ("水费", ["供水费", "污水处理费"]), K.UNITS: ("租期情况", ["入驻日期", "退租日期"]), K.RECEIPTS: ("收款信息", ["金额", "方式"]),
            K.METERS: ("基本信息", ["口径", "安装位置"]), K.READINGS: ("抄表情况", ["抄表日期", "行度"])}  # fmt: skip
KINDS_LAID_OUT = tuple(SUMMED)
DAYS: tuple[Callable[[dt.date], Any], ...] = (
    str, lambda day: f"{day.year}/{day.month}/{day.day}", lambda day: f"{day.year}年{day.month}月{day.day}日", lambda day: f"{day:%Y%m%d}",
)  # fmt: skip
Block = tuple[int, int, int, int]  # top, left, bottom, right


@dataclass
class Layout:
    """A sheet in the making. ``wrong`` says that a sum of it does not add up, or that its headings stand twice."""

    kind: K
    plain: list[list[str]]
    rows: list[list[Any]] = field(default_factory=list)
    merged: list[Block] = field(default_factory=list)
    wrong: bool = False
    content: bytes = b""
    said: str = ""

    @property
    def template(self) -> bytes:
        """The same rows as a template has them."""
        return csv_of(HEADERS[self.kind], self.plain)


def plain_rows(kind: K, chance: random.Random) -> list[list[str]]:
    """Rows of a kind as texts, in the order of its template."""
    count = chance.randint(2, 9)
    day = dt.date(2026, chance.randint(1, 6), 1)
    fen = [chance.randint(101, 99_999) for _n in range(count)]
    rows: list[Sequence[Any]] = []
    for n in range(count):
        on = day + dt.timedelta(days=n)
        if kind is K.RECEIPTS:
            rows.append(
                receipt(
                    f"SJ{n:04}",
                    on=str(on),
                    code=f"A-{n:02}",
                    amount=f"{Decimal(fen[n]) / 100}",
                    note=chance.choice(["", "1月合计", "补交"]),
                )
            )
        elif kind is K.BILLS:
            first = dt.date(2025, n + 1, 1)
            last = dt.date(2025, n + 2, 1) - dt.timedelta(days=1)
            water, dirty = fen[n], fen[n] // 2
            rows.append(bill(f"ZD-{n}", first=str(first), last=str(last), before=str(100 * n), after=str(100 * n + 60), volume="60",
                             supply=f"{Decimal(water) / 100}", sewage=f"{Decimal(dirty) / 100}", amount=f"{Decimal(water + dirty) / 100}"))  # fmt: skip
        elif kind is K.UNITS:
            out = str(on + dt.timedelta(days=90)) if n % 3 == 0 else ""
            rows.append(
                unit(f"A-{n:02}", operator=f"甲{n}", area=f"{Decimal(fen[n]) / 100}", in_on=str(on), out_on=out)
            )
        elif kind is K.METERS:
            rows.append(
                meter(f"FB-{n:03}", since=str(on), start=str(n), diameter="DN25", place=f"{n}号门口", master="ZB-1")
            )
        else:
            rows.append([f"FB-{n:03}", str(on), f"{fen[n] // 100}", "现场", "抄表员", ""])
    return [[str(cell) for cell in row] for row in rows]


def laid_out(kind: K, seed: int) -> Layout:
    """The rows of a seed, laid out as its chances have it."""
    chance = random.Random(f"{kind}{seed}")
    layout = Layout(kind, plain_rows(kind, chance))
    names = HEADERS[kind].split(",")
    words = {name: _word(kind, name, chance) for name in names}
    columns: list[str] = chance.sample(names, len(names))
    together = TOGETHER[kind] if chance.random() < 0.3 else None
    if together:
        columns = [name for name in columns if name not in together[1]]
        at = chance.randint(0, len(columns))
        columns[at:at] = together[1]
    if chance.random() < 0.4:
        columns.insert(0, "序号")
    if chance.random() < 0.3:
        columns.insert(chance.choice([0, len(columns)]), "")
    if chance.random() < 0.2:
        columns.append("年检情况")
    way = chance.choice(["xlsx", "xls", "utf-8", "utf-8-sig", "gb18030", "tab", "sep"])
    book = way in ("xlsx", "xls")
    _titles(layout, len(columns), chance, merge=book)
    _headings(layout, columns, words, together, merge=book and chance.random() < 0.7)
    _body(layout, columns, words, names, chance, book=book)
    if chance.random() < 0.4:
        layout.rows += [[]] * chance.randint(0, 1) + [
            [chance.choice(["制表人：网格员", "注：以收据为准", "以上合计无误", "审核："])]
        ]
    layout.content = _written(layout, way)
    layout.said = f"{kind} {seed} {way}"
    return layout


def _word(kind: K, name: str, chance: random.Random) -> str:
    """A heading for a column: ours, another of ours, or one that offices use."""
    layout = KINDS[kind].layout
    field_name = layout.field_called(name)
    assert field_name
    words = [name, *layout.column(field_name).aliases]
    words += [word.text for word in SYNONYMS[kind].get(field_name, ()) if not word.how]
    return chance.choice([name, *words]) + chance.choice(["", "", "", "*", " ", "（必填）"])


def _titles(layout: Layout, width: int, chance: random.Random, *, merge: bool) -> None:
    for title in [["南街登记表"], ["填表单位：示例社区", "", "填表日期：2026年7月31日"], []][: chance.randint(0, 3)]:
        if merge and len(title) == 1:
            layout.merged.append((len(layout.rows), 0, len(layout.rows), width - 1))
        layout.rows.append(title)


def _headings(layout: Layout, columns: list[str], words: dict[str, str], together: Any, *, merge: bool) -> None:
    heads = [words.get(name, name) for name in columns]
    if not together:
        layout.rows.append(heads)
        return
    over, group = together
    top, left = len(layout.rows), columns.index(group[0])
    below = [head if left <= at <= left + 1 else "" for at, head in enumerate(heads)]
    above = [over if at == left else "" if at == left + 1 else head for at, head in enumerate(heads)]
    layout.rows += [above, below]
    if merge:
        layout.merged.append((top, left, top, left + 1))
        layout.merged += [(top, at, top + 1, at) for at in range(len(columns)) if not left <= at <= left + 1]


def _body(
    layout: Layout, columns: list[str], words: dict[str, str], names: list[str], chance: random.Random, *, book: bool
) -> None:
    """Rows, in blocks with a sum each where there are sums, and a sum of all."""
    sums = SUMMED[layout.kind]
    spelt = chance.choice(DAYS)
    ends = {len(layout.plain)} if chance.random() < 0.6 else {len(layout.plain), chance.randint(1, len(layout.plain))}
    total = chance.random() < 0.6
    wrong = total and bool(sums) and chance.random() < 0.3
    block: list[list[str]] = []
    for n, row in enumerate(layout.plain, 1):
        cells = dict(zip(names, row, strict=True))
        layout.rows.append(
            [
                _cell(layout.kind, name, words.get(name, ""), cells.get(name, ""), n, spelt, chance, book=book)
                for name in columns
            ]
        )
        block.append(row)
        if chance.random() < 0.05:
            layout.rows.append([])
        if chance.random() < 0.01 and n < len(layout.plain):
            layout.rows.append([words.get(name, name) for name in columns])
            layout.wrong = True
        if len(ends) > 1 and n in ends:
            layout.rows.append(_sum_of(layout, columns, names, block, f"{n}月小计", 0, book=book))
            block = []
    if total:
        off = chance.choice([1, -1, 100, 90]) if wrong else 0
        layout.wrong |= wrong
        layout.rows.append(
            _sum_of(layout, columns, names, layout.plain, chance.choice(["合计", "总计", "总 计："]), off, book=book)
        )


def _cell(
    kind: K,
    name: str,
    word: str,
    text: str,
    n: int,
    spelt: Callable[[dt.date], Any],
    chance: random.Random,
    *,
    book: bool,
) -> Any:
    if name == "序号":
        return n if book else str(n)
    if name == "年检情况":
        return chance.choice(["已检", "", "未检"])
    if not text:
        return chance.choice(["", "", "  "])
    column = KINDS[kind].layout.column(KINDS[kind].layout.field_called(name) or "")
    if column.parse.__name__ == "day_of":
        day = dt.date.fromisoformat(text)
        if name == "退租日期" and heading_key(word) in LAST_DAY_IN:
            day -= dt.timedelta(days=1)
        return day if book and chance.random() < 0.7 else spelt(day)
    if column.parse.__name__ in ("fen_of", "litres_of", "index_of", "area_of"):
        return (
            float(text) if book and chance.random() < 0.8 else chance.choice([text, f"{Decimal(text):,}", f" {text}"])
        )
    return text


def _sum_of(
    layout: Layout, columns: list[str], names: list[str], rows: list[list[str]], word: str, off: int, *, book: bool
) -> list[Any]:
    """A row of sums; ``off`` fen beside the truth in one of them."""
    summed = [name for name in columns if name in SUMMED[layout.kind]]
    free = [at for at, name in enumerate(columns) if name not in summed and name]
    cells: list[Any] = [""] * len(columns)
    cells[free[0]] = word
    for place, name in enumerate(summed):
        sum_ = sum((Decimal(row[names.index(name)]) for row in rows), Decimal(0)) + (
            Decimal(off) / 100 if not place else 0
        )
        cells[columns.index(name)] = float(sum_) if book else str(sum_)
    if not summed:
        cells[free[1]] = f"{len(rows)}行"
    return cells


def _written(layout: Layout, way: str) -> bytes:
    if way == "xlsx":
        return _new_book(layout)
    if way == "xls":
        return _old_book(layout)
    out = io.StringIO(newline="")
    if way == "sep":
        out.write("sep=;\r\n")
    csv.writer(out, delimiter={"tab": "\t", "sep": ";"}.get(way, ",")).writerows(layout.rows)
    return out.getvalue().encode("gb18030" if way == "tab" else "utf-8" if way == "sep" else way)


def _new_book(layout: Layout) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in layout.rows:
        sheet.append(row)
    for top, left, bottom, right in layout.merged:
        sheet.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _old_book(layout: Layout) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for r, row in enumerate(layout.rows):
        for c, cell in enumerate(row):
            if cell != "":
                sheet.write(r, c, cell, *([day] if isinstance(cell, dt.date) else []))
    sheet.merged_ranges.extend((top, bottom, left, right) for top, left, bottom, right in layout.merged)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
