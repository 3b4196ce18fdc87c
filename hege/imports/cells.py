"""How a cell becomes a value: days, amounts, volumes, codes, words. Nothing here reads the database.

A cell that cannot be read raises ``BadCell`` with what is wanted in words. No float survives: what Excel hands
over as one becomes a ``Decimal`` of the fifteen digits Excel itself keeps, or is refused.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from hege.kernel.spelling import bare

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None

FIRST_YEAR, LAST_YEAR = 1990, 2099
MOST_FEN = 10**13
MOST_LITRES = 10**12
EXCEL_DAY_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001  # a day number has no zone
HALF_A_SECOND = dt.timedelta(seconds=0.5)  # a day number a hair under midnight is the day that follows
EXCEL_DAYS = range(36526, 73051)  # 2000-01-01 to 2099-12-31


class BadCell(Exception):
    """A cell that cannot be read; the message says what is wanted."""


class NoValue(str):
    """A cell of a workbook that has no value to read, as it is shown there: #N/A, or a formula nobody computed."""

    reason: str

    def __new__(cls, text: str, reason: str) -> NoValue:
        """The cell, and what to do about it where its value is wanted."""
        cell = super().__new__(cls, text)
        cell.reason = reason
        return cell


def shown(cell: Cell) -> str:
    """A cell as a person sees it, for a fault or for the raw row that is kept."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return format(plain_decimal(cell), "f") if abs(cell) < 1e300 else str(cell)  # NaN is never below
    if isinstance(cell, dt.datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    return str(cell)


def visible(cell: Cell) -> str:
    """A heading or word without what nobody sees: marks of order and direction, spaces of no width, blanks around."""
    return "".join(c for c in shown(cell) if unicodedata.category(c) != "Cf").strip()


def plain_decimal(number: float) -> Decimal:
    """The number as Excel shows it: fifteen significant digits, no more are kept in a workbook."""
    value = Decimal(f"{number:.15g}")
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _half_width(text: str) -> str:
    """Full-width letters, digits and signs as half-width ones, and the ideographic space as a space; nothing else."""
    return text.translate(_HALF_WIDTH)


_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5}
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def _finite(cell: Cell) -> bool:
    """Whether a cell is no NaN and no infinity: a workbook can hold both where a number stands."""
    return not isinstance(cell, float) or math.isfinite(cell)


def text_of(most: int) -> Callable[[Cell], str]:
    """Free text as it stands, at most so long; only NUL and other control characters are refused."""

    def parse(cell: Cell) -> str:
        text = shown(cell).strip()
        if not text.isprintable() and any(unicodedata.category(c) == "Cc" and c not in "\n\t\r" for c in text):
            raise BadCell(_("含有不可见的控制字符，请删去后重填"))
        if len(text) > most:
            raise BadCell(_("最多 %(most)d 个字，现在有 %(n)d 个") % {"most": most, "n": len(text)})
        return text

    return parse


# What Excel makes of a long number, of 2-1 and of 1/5: 4.20000E+27, 2-Jan, Jan-26, 1月5日, 2026/1/3, a number whose
# digits behind the fifteenth are all zeros (three at least, so that it is no accident), a column too narrow.
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_WRECKED = re.compile(
    r"-?\d(?:\.\d+)?[Ee]\+\d{1,3}\Z|-?\d\.\d+[Ee]-\d{1,3}\Z"
    rf"|\d{{1,2}}-{_MONTH}(?:-(?:\d{{2}}){{1,2}})?\Z|{_MONTH}-\d{{2}}\Z"
    r"|(?:(?:\d{2}){1,2}年)?\d{1,2}月\d{1,2}日\Z|\d{4}年\d{1,2}月\Z|(?:19|20)\d{2}([/-])\d{1,2}\1\d{1,2}(?: \d{1,2}:\d{2}(?::\d{2})?)?\Z"
    r"|\d{15}0{3,}\Z|#+\Z"
)


def code_of(most: int) -> Callable[[Cell], str]:
    """A number or code as text, leading zeros kept; one that Excel holds as a number counts as its digits."""

    def parse(cell: Cell) -> str:
        if isinstance(cell, dt.date | dt.time | dt.timedelta):
            raise BadCell(_("这一格被 Excel 当成了日期，请把该列设为“文本”后重填编号"))
        if isinstance(cell, bool) or not _finite(cell):
            raise BadCell(_("要填编号"))
        if isinstance(cell, float) and (abs(cell) >= 1e15 or cell != int(cell)):
            raise BadCell(_("编号太长，Excel 按数字保存已丢失末几位；请把该列设为“文本”后重填"))
        text = bare(_half_width(shown(cell)))
        if not text.isprintable() and any(unicodedata.category(c) in _INVISIBLE for c in text):
            raise BadCell(_("编号里有看不见的字符，请删去后重填"))
        if _WRECKED.match(text):
            raise BadCell(_("这是被 Excel 改写过的编号，原来的已看不出；请把该列设为“文本”，照原件重填"))
        if len(text) > most:
            raise BadCell(_("编号最多 %(most)d 位，现在有 %(n)d 位") % {"most": most, "n": len(text)})
        return text

    return parse


_DAY = re.compile(r"(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})日?(?:[T ]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?\Z")
_DAY_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[T ]+(\d{1,2}:\d{2}(?::\d{2})?))?\Z")


def day_of(cell: Cell, *, serials: bool = False) -> dt.date:
    """A day: 2026-03-05, 2026/3/5, 2026年3月5日, 20260305 or an Excel date; a time of day behind it is left out.

    ``serials`` lets an Excel cell that lost its date format count as a date (a day number of this century).
    """
    wanted = _("要填日期，如 2026-03-05")
    if isinstance(cell, dt.datetime):
        day = (cell + HALF_A_SECOND).date()
    elif isinstance(cell, dt.date):
        day = cell
    elif isinstance(cell, bool) or not isinstance(cell, str | int | float) or not _finite(cell):
        raise BadCell(wanted)
    elif not isinstance(cell, str) and serials and int(cell) in EXCEL_DAYS:
        day = (EXCEL_DAY_ZERO + dt.timedelta(days=cell) + HALF_A_SECOND).date()
    else:
        text = " ".join(unicodedata.normalize("NFKC", shown(cell)).split())
        found = _DAY_DIGITS.match(text)
        parts: tuple[str, ...] = ()
        if found:
            parts = (found[1], found[2], found[3])
            _check_time(found[4])
        else:
            found = _DAY.match(re.sub(r" ?([年月]) ?| (?=日)", r"\1", text))
            if found and (found[2] == found[4] or (found[2], found[4]) == ("年", "月")):
                parts = (found[1], found[3], found[5])
                _check_time(found[6])
        if not parts:
            raise BadCell(wanted)
        try:
            day = dt.date(*map(int, parts))
        except ValueError:
            raise BadCell(_("没有这一天")) from None
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadCell(_("年份要在 %(a)d 到 %(b)d 之间") % {"a": FIRST_YEAR, "b": LAST_YEAR})
    return day


def _check_time(text: str | None) -> None:
    """A time of day behind a date is left out, but one that no clock shows says that the cell is wrong."""
    hour, minute, second = (*map(int, (text or "0:0").partition(".")[0].split(":")), 0)[:3]
    if hour > 23 or minute > 59 or second > 59:
        raise BadCell(_("没有 %(time)s 这个时刻，请改成 00:00 到 23:59 之间，或只填日期") % {"time": text})


def serial_day_of(cell: Cell) -> dt.date:
    """``day_of`` for cells of a workbook whose day numbers count from 1900."""
    return day_of(cell, serials=True)


_MONTHS = r"(\d{4})[-/.年]?(0[1-9]|1[0-2]|[1-9])(?:月份?)?"
_DAYS = r"(\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{8})"
_SPAN = r"(?:至|到|~|-+|—+|–+)"
_ONE_MONTH, _TWO_MONTHS = re.compile(rf"{_MONTHS}\Z"), re.compile(rf"{_MONTHS}{_SPAN}{_MONTHS}\Z")
_TWO_DAYS = re.compile(rf"{_DAYS}{_SPAN}{_DAYS}\Z")


def period_of(cell: Cell) -> tuple[dt.date, dt.date]:
    """A period in one cell, its first and its last day: 2026年01月, 202601, 2026-01, two months or two days with 至 between.

    A date cell that is the first of a month is that month, as Excel makes it of 2026-01.
    """
    wanted = _("要填账期，写明年和月，如 2026-03")
    if isinstance(cell, dt.date):
        day = day_of(cell)
        if day.day != 1:
            raise BadCell(wanted)
        return day, _end_of(day)
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", visible(cell)))
    if days := _TWO_DAYS.match(text):
        first, last = day_of(days[1]), day_of(days[2])
    elif found := _ONE_MONTH.match(text) or _TWO_MONTHS.match(text):
        months = [*found.groups(), *found.groups()][:4]
        first = day_of(f"{months[0]}-{months[1]}-1")
        last = _end_of(day_of(f"{months[2]}-{months[3]}-1"))
    else:
        raise BadCell(wanted)
    if last < first:
        raise BadCell(_("账期止早于账期起"))
    return first, last


def _end_of(first: dt.date) -> dt.date:
    """The last day of the month that begins on a day."""
    return (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)


IN, OUT, NEITHER = "收入", "支出", "不计收支"
_FLOWS = {
    IN: ("收入", "收", "入", "贷", "贷方", "贷cr", "转入", "进账", "入账", "来账", "+", "c", "cr", "credit", "in"),
    OUT: ("支出", "支", "出", "借", "借方", "借dr", "转出", "支取", "出账", "往账", "-", "d", "dr", "debit", "out"),
    NEITHER: ("不计收支", "/", "其他", "中性交易", "不计"),
}
_FLOW = {word: flow for flow, words in _FLOWS.items() for word in words}


def flow_of(cell: Cell) -> str:
    """Whether a line of a statement is money in, out or neither, as its owner sees it: 贷 is in, 借 is out."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", visible(cell))).strip("()").casefold()
    if text not in _FLOW:
        raise BadCell(_("要填收入、支出或不计收支"))
    return _FLOW[text]


def said(most: int) -> Callable[[Cell], str]:
    """Free text in which a lone stroke stands for nothing, as exports write it."""
    parse = text_of(most)
    return lambda cell: "" if is_stroke(cell) else parse(cell)


def is_stroke(cell: Cell) -> bool:
    """Whether a cell holds a stroke, which stands for nothing: /, --, —, （空）."""
    return isinstance(cell, str) and _STROKE.fullmatch(visible(cell)) is not None


_STROKE = re.compile(r"/|[-—－]+|（空）")


_NUMBER = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?\Z")


def _decimal(cell: Cell, wanted: str, *, before: str = "", after: str = "") -> Decimal:
    """A plain number from a cell; ``before`` and ``after`` are signs that may stand around it (a regular expression)."""
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise BadCell(wanted)
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, float):
        if not _finite(cell) or abs(cell) > 1e15:
            raise BadCell(wanted)
        return plain_decimal(cell)
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", cell)).replace("−", "-")
    if not _NUMBER.match(text):
        text = re.sub(rf"^(-?)(?:{before})(-?)", r"\1\2", text) if before else text
        text = re.sub(rf"(?:{after})$", "", text) if after else text
        if not _NUMBER.match(text):
            raise BadCell(wanted)
    return Decimal(text.replace(",", ""))


LONGEST_NUMBER = 40  # with its unit, and blanks around it
_AROUND = {"before": r"[¥￥]|RMB|CNY|rmb|人民币", "after": "元整?|圆整?|m3|m2|立方米|平方米|平米|立方|平方|吨|方|平"}


def number_of(cell: Cell) -> Decimal | None:
    """The number a cell shows, with or without a unit; None where it shows none, or one too long to add up."""
    if isinstance(cell, str) and len(cell) > LONGEST_NUMBER:
        return None
    try:
        return _decimal(cell, "", **_AROUND)
    except BadCell:
        return None


def _whole_parts(number: Decimal, times: int, finer: str, most: int, larger: str) -> int:
    """So many whole parts of a number; ``finer`` and ``larger`` say what is wrong with one that has none or too many."""
    parts = number * times
    if parts != int(parts):
        raise BadCell(finer)
    if abs(parts) > most:
        raise BadCell(larger)
    return int(parts)


def fen_of(cell: Cell) -> int:
    """An amount in yuan as whole fen: 1,234.50, ¥1234.5, １２３４．５元. More than two decimals is refused, never rounded."""
    amount = _decimal(cell, _("要填金额，如 1,234.50"), before=r"[¥￥]|RMB|CNY|rmb|人民币", after="元整?|圆整?")
    return _whole_parts(amount, 100, _("金额最多到分（两位小数）"), MOST_FEN, _("金额太大，请核对"))


def litres_of(cell: Cell) -> int:
    """Cubic metres as whole litres: up to three decimals."""
    if isinstance(cell, str) and (litres := _LITRES.fullmatch(unicodedata.normalize("NFKC", cell).strip())):
        return whole_litres_of(litres[1])
    volume = _decimal(cell, _("要填立方米数，如 16393"), after="m3|立方米|立方|吨|方")
    return _whole_parts(volume, 1000, _("立方米数最多三位小数"), MOST_LITRES, _("立方米数太大，请核对"))


_LITRES = re.compile(r"(.+?)\s*(?:升|[lL])")


def whole_litres_of(cell: Cell) -> int:
    """Litres as they are written, whole ones."""
    volume = _decimal(cell, _("要填升数，如 16393000"), after="升|[lL]")
    return _whole_parts(volume, 1, _("升数要是整数"), MOST_LITRES, _("升数太大，请核对"))


def index_of(cell: Cell) -> int:
    """An index (行度) in litres; never below zero."""
    return _never_below_zero(litres_of(cell))


def index_in_litres_of(cell: Cell) -> int:
    """An index that is written in litres; never below zero."""
    return _never_below_zero(whole_litres_of(cell))


def _never_below_zero(litres: int) -> int:
    if litres < 0:
        raise BadCell(_("行度不能是负数"))
    return litres


def area_of(cell: Cell) -> Decimal:
    """Square metres, above zero, up to two decimals."""
    area = _decimal(cell, _("要填面积（平方米），如 45.5"), after="m2|平方米|平米|平方|平")
    if area <= 0 or area >= 10**8:
        raise BadCell(_("面积要大于 0"))
    if area != area.quantize(Decimal("0.01")):
        raise BadCell(_("面积最多两位小数"))
    return area.quantize(Decimal("0.01"))


def diameter_of(cell: Cell) -> int:
    """A nominal diameter in millimetres: DN50, 50, 50mm."""
    found = re.fullmatch(r"(?:DN)?(\d{1,4})(?:\.0+)?(?:MM|毫米)?", _half_width(shown(cell)).replace(" ", "").upper())
    if found is None or not int(found[1]):
        raise BadCell(_("要填口径，如 DN50"))
    return int(found[1])


def digits_of(cell: Cell) -> int:
    """How many whole cubic-metre digits a register shows."""
    text = _half_width(shown(cell)).strip()
    if text not in {"4", "5", "6", "7", "8"}:
        raise BadCell(_("要填字轮位数，4 到 8"))
    return int(text)


def word_of(words: Mapping[str, Any], also: Mapping[str, str] | None = None) -> Callable[[Cell], Any]:
    """One of a few words; the fault lists them. ``also`` are what offices write for one of them."""
    table = {squeeze(word): value for word, value in words.items()}
    table |= {squeeze(other): words[word] for other, word in (also or {}).items()}
    names = _("、").join(dict.fromkeys(w for w in words if not w.isascii()))

    def parse(cell: Cell) -> Any:
        try:
            return table[squeeze(shown(cell))]
        except KeyError:
            raise BadCell(_("只能填：%(words)s") % {"words": names}) from None

    return parse


def squeeze(text: str) -> str:
    """A word without what does not matter: spaces, hyphens, width, case."""
    return re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", text)).casefold()


_UNITS_BEHIND = re.compile(
    r"\((\+?元|人民币元|¥|m2|m3|㎡|平方米|平米|立方米|立方|吨|升|l|mm|毫米|必填|选填|可空|可不填|yyyymm|yyyymmdd)\)$"
)


@lru_cache(maxsize=4096, typed=True)  # one file's headings are held against hundreds of words, again and again
def heading_key(cell: Cell) -> str:
    """A heading without what does not matter: spaces, width, case, a unit in brackets, a star."""
    return _heading_key(visible(cell))


@lru_cache(4096)  # each file is held against every kind's words
def _heading_key(text: str) -> str:
    return _UNITS_BEHIND.sub("", _key(text)).strip("*:")


def heading_unit(cell: Cell) -> str:
    """The unit in brackets behind a heading, as one spelling: 吨, 升, m3 …; "" for none."""
    found = _UNITS_BEHIND.search(_key(cell))
    return found[1] if found else ""


def _key(cell: Cell) -> str:
    return _ENGLISH_BEHIND.sub("", squeeze(visible(cell))).strip("*:")


_ENGLISH_BEHIND = re.compile(r"(?<=.)\[[ -~]*\]$")


def heads_of(header: Sequence[Cell]) -> list[str]:
    """The headings as they stood, each once: a second 合计 is 合计#2, a column without a heading is named by its place."""
    seen: dict[str, int] = {}
    heads = []
    for place, cell in enumerate(header, 1):
        head = visible(cell) or f"#{place}"
        seen[head] = times = seen.get(head, 0) + 1
        heads.append(head if times == 1 else f"{head}#{times}")
    return heads
