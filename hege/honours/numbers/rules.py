"""Whether a number is written as its kind is (核写法): which part says so, and how much a fit proves.

A verdict is about the writing alone. That a number fits does not say that a paper with it exists; that it does not fit
may be a slip of the pen. Only what a source says is held against a number: a code that no table has is *unknown*, and the
verdict then that nobody can judge it.
"""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from operator import mul
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.honours.numbers import tables
from hege.honours.numbers.reading import LONGEST, ORGANIC_MARK, close_up, tidy
from hege.honours.numbers.templates import Template
from hege.kernel.personal import hide

DIGITS = frozenset(string.digits)
SIGNS = DIGITS | frozenset(string.ascii_uppercase)
LAST_SIGNS = DIGITS | {"X"}
VALUES = {sign: value for value, sign in enumerate(string.digits + string.ascii_uppercase)}
USCC_ORDER = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The signs of a USCC in the order of their values: without I, O, S, V, Z."""
USCC_SIGNS = frozenset(USCC_ORDER)
USCC_VALUES = {sign: value for value, sign in enumerate(USCC_ORDER)}
USCC_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


class Kind(TextChoices):
    """What a number is a number of (号码种类)."""

    USCC = "uscc", _("统一社会信用代码")
    ORGANISATION_CODE = "organisation_code", _("组织机构代码")
    GREEN_FOOD = "green_food", _("绿色食品产品编号")
    E_LICENCE = "e_licence", _("废弃电器电子产品处理资格证书编号")
    ORGANIC = "organic", _("有机码")
    GREEN_FOOD_ENTERPRISE = "green_food_enterprise", _("绿色食品企业信息码")
    HIGH_TECH = "high_tech", _("高新技术企业证书编号")
    FREE = "free", _("其他号码")


class Answer(TextChoices):
    """What can be said of a number or a part of it."""

    FITS = "fits", _("对得上")
    DOES_NOT_FIT = "does_not_fit", _("对不上")
    CANNOT_JUDGE = "cannot_judge", _("判断不了")


class Proves(TextChoices):
    """How much a fit says (能说明多少)."""

    MUCH = "much", _("很多")
    LITTLE = "little", _("不多")
    NOTHING = "nothing", _("什么也说明不了")


class Reason(TextChoices):
    """Why a verdict is what it is (原因); the part that decided is named in ``Verdict.part``."""

    FITS = "fits", _("每一部分都对得上")
    # does not fit
    WRONG_BEGINNING = "wrong_beginning", _("开头不对")
    WRONG_LENGTH = "wrong_length", _("位数不对")
    WRONG_SIGN = "wrong_sign", _("有一位不该是这个字")
    CHECK_DIGIT_WRONG = "check_digit_wrong", _("校验位对不上")
    INNER_CHECK_DIGIT_WRONG = "inner_check_digit_wrong", _("里面的组织机构代码对不上")
    NO_SUCH_MONTH = "no_such_month", _("没有这个月份")
    IN_THE_FUTURE = "in_the_future", _("时间在将来")
    BEFORE_THE_RULE = "before_the_rule", _("那时还没有这种编号")
    NO_SUCH_GRADE = "no_such_grade", _("没有这个级别")
    ANOTHER_KIND = "another_kind", _("这是另一种号码")
    ANOTHER_FIRM = "another_firm", _("与这家单位的代码不一致")
    # cannot be judged
    REGISTRAR_UNKNOWN = "registrar_unknown", _("登记部门和类别不在表里")
    DIVISION_UNKNOWN = "division_unknown", _("行政区划不在表里")
    DIVISION_NOT_THEN = "division_not_then", _("那一年已经没有这个行政区划")
    PROVINCE_UNKNOWN = "province_unknown", _("省份代码不在表里")
    CATEGORY_UNKNOWN = "category_unknown", _("产品分类不在表里")
    GRADE_NOT_THEN = "grade_not_then", _("那时的级别已经写成字母")
    YEAR_UNCLEAR = "year_unclear", _("说不准是哪一年")
    NO_RULE = "no_rule", _("没有公开的写法规则")
    PERSONAL = "personal", _("像是个人的证件号码")
    NOTHING_TO_READ = "nothing_to_read", _("没有号码")
    TOO_LONG = "too_long", _("太长，不是一个号码")


_CANNOT_JUDGE = frozenset({
    Reason.REGISTRAR_UNKNOWN, Reason.DIVISION_UNKNOWN, Reason.DIVISION_NOT_THEN, Reason.PROVINCE_UNKNOWN,
    Reason.CATEGORY_UNKNOWN, Reason.GRADE_NOT_THEN, Reason.YEAR_UNCLEAR, Reason.NO_RULE, Reason.PERSONAL,
    Reason.NOTHING_TO_READ, Reason.TOO_LONG,
})  # fmt: skip
_WITH_CHECK_DIGIT = frozenset({Kind.USCC, Kind.ORGANISATION_CODE})
_NOT_THE_SHAPE = frozenset({Reason.WRONG_BEGINNING, Reason.WRONG_LENGTH, Reason.WRONG_SIGN})


def answer_of(reason: Reason) -> Answer:
    """What a reason comes to."""
    if reason is Reason.FITS:
        return Answer.FITS
    return Answer.CANNOT_JUDGE if reason in _CANNOT_JUDGE else Answer.DOES_NOT_FIT


class Part(NamedTuple):
    """A part of a number: its name, as it stands there, whether it fits, and what is known of it.

    ``says`` is a fact, not a sentence: a name from a table, the digit it should be, ``2025-07``.
    """

    name: str
    text: str
    reason: Reason = Reason.FITS
    says: str | Promise = ""


Read = tuple[str, tuple[Part, ...]]


class Verdict(NamedTuple):
    """What can be said of a number as it is written."""

    number: str
    """As it was handed in."""
    read_as: str
    kind: Kind
    reason: Reason
    parts: tuple[Part, ...] = ()
    pattern: str = ""
    """Name of the office's own pattern that was asked, empty where none was."""

    @property
    def answer(self) -> Answer:
        """Fits, does not fit or cannot be judged."""
        return answer_of(self.reason)

    @property
    def part(self) -> Part | None:
        """The part that decided: the first that does not fit, else the first that nobody can judge, else None."""
        return next((part for part in self.parts if part.reason is self.reason is not Reason.FITS), None)

    @property
    def proves(self) -> Proves:
        """How much it says where a number of this kind fits."""
        if self.kind in _WITH_CHECK_DIGIT:
            return Proves.MUCH
        return Proves.LITTLE if self.kind is not Kind.FREE or self.pattern else Proves.NOTHING


class Pattern(NamedTuple):
    """A pattern of an office's own (号码样式): the body's name for its numbers, and how they are written."""

    name: str
    template: Template


def check(
    text: str, *, kind: Kind | None = None, firm_code: str = "", on: dt.date, patterns: Iterable[Pattern] = ()
) -> Verdict:
    """What can be said of a number on some day, read as some kind or, where none is said, as the kind it looks like.

    ``firm_code`` is what is known of the firm, its USCC of 18 or organisation code of 9 signs: a code in the number must be
    that one. Never raises; takes a time that grows with the length of the text alone.
    """
    if len(text) > LONGEST:
        length = Part("length", str(len(text)), Reason.TOO_LONG, str(LONGEST))
        return Verdict(text, "", kind or Kind.FREE, Reason.TOO_LONG, (length,))
    tidied = tidy(text)
    closed = close_up(tidied)
    if not closed:
        return Verdict(text, "", kind or Kind.FREE, Reason.NOTHING_TO_READ)
    if kind is None:
        return _as_it_looks(text, tidied, closed, firm_code, on) or _free(text, tidied, on, patterns)
    if kind is Kind.FREE:
        return _free(text, tidied, on, patterns)
    verdict = _as(kind, text, closed, firm_code, on)
    if verdict.reason in _NOT_THE_SHAPE and kind not in _looks_like(tidied, closed):
        looks = _as_it_looks(text, tidied, closed, "", on)
        told = looks is not None and (
            looks.kind is not Kind.ORGANIC or ORGANIC_MARK in tidied
        )  # any 17 digits may be one
        if looks and told and looks.answer is Answer.FITS:
            other = Part("kind", looks.read_as, Reason.ANOTHER_KIND, looks.kind.value)
            return Verdict(text, looks.read_as, kind, Reason.ANOTHER_KIND, (other,))
    return verdict


def _as_it_looks(text: str, tidied: str, closed: str, firm_code: str, on: dt.date) -> Verdict | None:
    """As the first of the kinds it looks like that it fits, else as the first of them; None where it looks like none."""
    read = []
    for kind in _looks_like(tidied, closed):
        verdict = _as(kind, text, closed, firm_code, on)
        if verdict.reason is Reason.FITS:
            return verdict
        read.append(verdict)
    if closed[:-1].isdecimal() and hide(closed) != closed:
        return Verdict(text, "", Kind.FREE, Reason.PERSONAL)
    return next(iter(read), None)


def _looks_like(tidied: str, closed: str) -> Iterator[Kind]:
    """The kinds a number may be of, by its beginning and its length, the likelier first; none for a free one."""
    size = len(closed)
    yield from _BEGINNINGS.get(closed[:2], ())
    if ORGANIC_MARK in tidied or (size == 17 and closed.isdecimal()):
        yield Kind.ORGANIC
    elif closed.isascii() and closed.isalnum():
        if size == 18 or (size in (17, 19) and closed[:2] in tables.REGISTRARS):
            yield Kind.USCC
        digits = sum(map(str.isdecimal, closed))
        if closed[0] == "E" and size > 6 and digits >= size - 2:
            yield Kind.E_LICENCE
        if size == 9 and digits >= 5:
            yield Kind.ORGANISATION_CODE


def _free(text: str, tidied: str, on: dt.date, patterns: Iterable[Pattern]) -> Verdict:
    """By the first of the office's patterns that it follows, else by the first whose beginning it has."""
    begun = None
    for name, template in patterns:
        match = template.match(tidied)
        parts = tuple(_named(part, found, on) for part, found in match.parts)
        if not match.leaves_at:
            return Verdict(text, tidied, Kind.FREE, _deciding(parts), parts, name)
        if match.begun and begun is None:
            sign = Part(
                "sign", match.sign, Reason.WRONG_SIGN if match.sign else Reason.WRONG_LENGTH, str(match.leaves_at)
            )
            begun = Verdict(text, tidied, Kind.FREE, sign.reason, (*parts, sign), name)
    return begun or Verdict(text, tidied, Kind.FREE, Reason.NO_RULE)


def _named(name: str, text: str, on: dt.date) -> Part:
    """A part of an office's pattern; what it is called may say what it is."""
    if name == "年" and len(text) == 4 and text.isdecimal():
        return _year(text, int(text), on)._replace(name=name)
    if name == "月" and text.isdecimal():
        return Part(name, text, Reason.FITS if 1 <= int(text) <= 12 else Reason.NO_SUCH_MONTH)
    if name == "区划" and len(text) == 6 and text.isdecimal():
        return _division(text, on.year)._replace(name=name)
    return Part(name, text)


def _as(kind: Kind, text: str, closed: str, firm_code: str, on: dt.date) -> Verdict:
    read_as, parts = _READ[kind](closed, on)
    if firm_code and kind in _WITH_CHECK_DIGIT and not any(part.reason in _NOT_THE_SHAPE for part in parts):
        known = close_up(tidy(firm_code))
        if _code_of(known) != _code_of(read_as) or (len(known) == len(read_as) and known != read_as):
            parts = (*parts, Part("firm", read_as, Reason.ANOTHER_FIRM, known))
    return Verdict(text, read_as, kind, _deciding(parts), parts)


def _deciding(parts: Sequence[Part]) -> Reason:
    """The reason of the first part that does not fit, else of the first that nobody can judge."""
    unsure = Reason.FITS
    for part in parts:
        reason = part.reason
        if reason is not Reason.FITS:
            if reason not in _CANNOT_JUDGE:
                return reason
            if unsure is Reason.FITS:
                unsure = reason
    return unsure


# What each kind is made of. Each of these takes a closed-up number and answers how it is read, and its parts.


def _uscc(closed: str, on: dt.date) -> Read:
    """GB 32100-2015: registrar and kind of body 2, division 6, organisation code 9, check digit, modulo 31."""
    wrong = _shape(closed, (18,), "18", (0, 2, USCC_SIGNS), (2, 8, DIGITS), (8, 18, USCC_SIGNS))
    if wrong:
        return closed, wrong
    code = closed[8:17]
    last = check_digit_of_uscc(closed)
    inner = check_digit_of_organisation(code)
    return closed, (
        _from_table("registrar", closed[:2], tables.REGISTRARS.get(closed[:2]), Reason.REGISTRAR_UNKNOWN),
        _division(closed[2:8], on.year),
        _digit("organisation_code", code, inner, Reason.INNER_CHECK_DIGIT_WRONG),
        _digit("check_digit", closed[17], last, Reason.CHECK_DIGIT_WRONG),
    )


def _organisation_code(closed: str, on: dt.date) -> Read:
    """GB 11714: eight digits or letters and a check digit, modulo 11."""
    wrong = _shape(closed, (9,), "9", (0, 8, SIGNS), (8, 9, LAST_SIGNS))
    if wrong:
        return closed, wrong
    last = check_digit_of_organisation(closed)
    return closed, (
        Part("organisation_code", closed[:8]),
        _digit("check_digit", closed[8], last, Reason.CHECK_DIGIT_WRONG),
    )


def _green_food(closed: str, on: dt.date) -> Read:
    """LB, category 2, year and month 4, province 2, serial 4 or 5, grade A, AA or an old 1 or 2."""
    grade = "AA" if closed.endswith("AA") else closed[-1:]
    end = len(closed) - len(grade)
    body = closed[2:end]
    read_as = f"LB-{body[:2]}-{body[2:]}{grade}" if closed.startswith("LB") else closed
    wrong = _beginning(closed, "LB") or _shape(closed, (14 + len(grade), 15 + len(grade)), "15–17", (2, end, DIGITS))
    if wrong:
        return read_as, wrong
    old = grade.isdecimal()
    category = int(body[:2])
    name: str | Promise = "" if old else tables.CATEGORIES_OF_GREEN_FOOD.get(category, "")
    month = _month(body[2:6], on, since=90 if old else 100)
    known = category in tables.OLD_CATEGORIES_OF_GREEN_FOOD if old else bool(name)
    return read_as, (
        Part("category", body[:2], Reason.FITS if known else Reason.CATEGORY_UNKNOWN, name),
        month,
        _from_table("province", body[6:8], tables.PROVINCES_OF_GREEN_FOOD.get(int(body[6:8])), Reason.PROVINCE_UNKNOWN),
        Part("serial", body[8:]),
        Part("grade", grade, _grade(grade, month)),
    )


def _e_licence(closed: str, on: dt.date) -> Read:
    """E, division 6, serial of at least one digit: inferred from one printed number."""
    wrong = _beginning(closed, "E") or _shape(closed, range(8, LONGEST + 1), "8", (1, len(closed), DIGITS))
    return closed, wrong or (_division(closed[1:7], on.year), Part("serial", closed[7:]))


def _organic(closed: str, on: dt.date) -> Read:
    """Body 3 (a foreign one 9 and 2), year of the mark 2, chance 12; since 2011."""
    wrong = _shape(closed, (17,), "17", (0, 17, DIGITS))
    return closed, wrong or (
        Part("body", closed[:3], says="foreign" if closed[0] == "9" else ""),
        _year(closed[3:5], 2000 + int(closed[3:5]), on, since=2011),
        Part("random", closed[5:]),
    )


def _green_food_enterprise(closed: str, on: dt.date) -> Read:
    """GF, division 6, year 2, serial 4. The year is that of the firm's first certificate, which may be before the rule."""
    wrong = _beginning(closed, "GF") or _shape(closed, (14,), "14", (2, 14, DIGITS))
    if wrong:
        return closed, wrong
    digits = int(closed[8:10])
    unclear = digits >= 90 and 2000 + digits > on.year  # green food began in 1990
    year = Part("year", closed[8:10], Reason.YEAR_UNCLEAR) if unclear else _year(closed[8:10], 2000 + digits, on)
    division = _division(closed[2:8], min(2000 + digits, on.year), dated=True)
    return closed, (division, year, Part("serial", closed[10:]))


def _high_tech(closed: str, on: dt.date) -> Read:
    """GR (an old second look: GF), year 4, province 2, serial 6; since 2008."""
    wrong = _beginning(closed, "GR", "GF") or _shape(closed, (14,), "14", (2, 14, DIGITS))
    if wrong:
        return closed, wrong
    province = tables.division(closed[6:8] + "0000", on.year)
    return closed, (
        _year(closed[2:6], int(closed[2:6]), on, since=2008),
        _from_table("province", closed[6:8], province and province.name, Reason.PROVINCE_UNKNOWN),
        Part("serial", closed[8:]),
    )


_READ: Mapping[Kind, Callable[[str, dt.date], Read]] = {
    Kind.USCC: _uscc,
    Kind.ORGANISATION_CODE: _organisation_code,
    Kind.GREEN_FOOD: _green_food,
    Kind.E_LICENCE: _e_licence,
    Kind.ORGANIC: _organic,
    Kind.GREEN_FOOD_ENTERPRISE: _green_food_enterprise,
    Kind.HIGH_TECH: _high_tech,
}
_BEGINNINGS: Mapping[str, Sequence[Kind]] = {
    "LB": (Kind.GREEN_FOOD,),
    "GF": (Kind.GREEN_FOOD_ENTERPRISE, Kind.HIGH_TECH),
    "GR": (Kind.HIGH_TECH,),
}


def check_digit_of_organisation(code: str) -> str:
    """The ninth sign of an organisation code (GB 11714) by its first eight."""
    total = sum(map(mul, (3, 7, 9, 10, 5, 8, 4, 2), map(VALUES.__getitem__, code)))
    return "0123456789X0"[11 - total % 11]


def check_digit_of_uscc(code: str) -> str:
    """The eighteenth sign of a USCC (GB 32100-2015) by its first seventeen."""
    total = sum(map(mul, USCC_WEIGHTS, map(USCC_VALUES.__getitem__, code)))
    return USCC_ORDER[-total % 31]


def _grade(grade: str, month: Part) -> Reason:
    """A and AA; 1 and 2 as long as grades were digits, which is said until July 2012 at the latest."""
    if grade in ("A", "AA"):
        return Reason.FITS
    if grade not in ("1", "2"):
        return Reason.NO_SUCH_GRADE
    return Reason.FITS if month.says < "2012-08" else Reason.GRADE_NOT_THEN


def _beginning(closed: str, *beginnings: str) -> tuple[Part, ...]:
    if closed.startswith(beginnings):
        return ()
    return (Part("beginning", closed[: len(beginnings[0])], Reason.WRONG_BEGINNING, beginnings[0]),)


def _shape(closed: str, sizes: Container[int], size: str, *zones: tuple[int, int, frozenset[str]]) -> tuple[Part, ...]:
    """What is wrong with the length of a number (``size`` is the one to name) or with one of its signs, if anything is.

    Each zone is told by where it begins and ends, and the signs it may hold.
    """
    if len(closed) not in sizes:
        return (Part("length", str(len(closed)), Reason.WRONG_LENGTH, size),)
    for begin, end, signs in zones:
        if not signs.issuperset(closed[begin:end]):
            at = next(at for at in range(begin, end) if closed[at] not in signs)
            return (Part("sign", closed[at], Reason.WRONG_SIGN, str(at + 1)),)
    return ()


def _digit(name: str, text: str, should_be: str, wrong: Reason) -> Part:
    """A part that ends in a check digit."""
    return Part(name, text, Reason.FITS if text[-1] == should_be else wrong, should_be)


def _from_table(name: str, code: str, says: str | Promise | None, unknown: Reason) -> Part:
    return Part(name, code, unknown if says is None else Reason.FITS, says or "")


def _division(code: str, year: int, *, dated: bool = False) -> Part:
    """A division that there was by some year; of a number that says its year, one that there still was."""
    found = tables.division(code, year)
    if found is None:
        return Part("division", code, Reason.DIVISION_UNKNOWN)
    late = dated and found.last_year and found.last_year + 1 < year
    return Part("division", code, Reason.DIVISION_NOT_THEN if late else Reason.FITS, found.name)


def _month(digits: str, on: dt.date, *, since: int) -> Part:
    """A month written YYMM; ``since``: two digits of a year from which on they are of the last century."""
    year, month = int(digits[:2]), int(digits[2:])
    year += 1900 if year >= since else 2000
    says = f"{year}-{month:02}"
    if not 1 <= month <= 12:
        return Part("month", digits, Reason.NO_SUCH_MONTH, says)
    return Part("month", digits, Reason.FITS if (year, month) <= (on.year, on.month) else Reason.IN_THE_FUTURE, says)


def _year(digits: str, year: int, on: dt.date, *, since: int = 0) -> Part:
    early = Reason.BEFORE_THE_RULE if year < since else Reason.FITS
    return Part("year", digits, Reason.IN_THE_FUTURE if year > on.year else early, str(year))


def _code_of(code: str) -> str:
    """The organisation code within a USCC, or itself."""
    return code[8:17] if len(code) == 18 else code
