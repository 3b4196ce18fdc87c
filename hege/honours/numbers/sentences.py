"""A verdict in words (核写法的回答): what each part says, what decided, how much it proves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from hege.honours.numbers.rules import Answer, Kind, Part, Proves, Reason, Verdict, answer_of


def means(part: Part) -> str:
    """What is known of a part, in a few words."""
    if part.reason is Reason.FITS:
        return _MEANS[part.name](part) if part.name in _MEANS else str(part.says)
    return _WRONG[part.reason](part) if part.reason in _WRONG else str(part.reason.label)


def decided_by(verdict: Verdict) -> str:
    """What decided, one sentence."""
    return _("%(reason)s。") % {"reason": means(verdict.part) if verdict.part else verdict.reason.label}


def how_much(verdict: Verdict) -> str:
    """How much the answer says (能说明多少), a few sentences after the word for it."""
    if verdict.reason is Reason.PERSONAL:
        return _("个人的证件号码请不要在这里核。")
    if verdict.proves is Proves.NOTHING:
        return _("没有公开的写法规则，谁也判断不了。请问发证的单位。")
    if verdict.answer is Answer.DOES_NOT_FIT:
        return _("%(shows)s可能只是抄错，不等于没有证书，请再照原件看一遍。") % {"shows": _shows(verdict)}
    return _shows(verdict)


def as_json(verdict: Verdict) -> dict[str, Any]:
    """As ``hege honours check --json`` prints it."""
    parts = {
        part.name: {"text": part.text, "means": means(part), "verdict": answer_of(part.reason).value}
        for part in verdict.parts
    }
    return {
        "number": verdict.number, "read_as": verdict.read_as, "kind": verdict.kind.value, "verdict": verdict.answer.value,
        "reason": verdict.reason.value, "parts": parts, "proves": verdict.proves.value,
    }  # fmt: skip


def _shows(verdict: Verdict) -> str:
    """Which slips of the pen a number of this kind shows."""
    if verdict.kind is Kind.USCC:
        return _("这种号码有校验位，抄错任何一位、相邻两位写颠倒，都会对不上；只有首末两位同时写错才可能看不出。")
    if verdict.kind is Kind.ORGANISATION_CODE:
        return _(
            "这种号码有校验位，抄错任何一位数字、相邻两位写颠倒，都会对不上；只有隔十一位的字（如 0 与 B）看不出。"
        )
    return _("这种号码没有校验位，抄错一位序号看不出来；能看出来的只是写法和里面的代码、时间。")


def _month(part: Part) -> str:
    year, month = str(part.says).split("-")
    return _("%(year)s年%(month)s月") % {"year": year, "month": int(month)}


def _grade(part: Part) -> str:
    letter = {"1": "A", "2": "AA"}.get(part.text, part.text)
    return (
        _("%(grade)s 级，旧写法") % {"grade": letter} if letter != part.text else _("%(grade)s 级") % {"grade": letter}
    )


#: What a part that fits says, where its ``says`` is not already the words.
_MEANS: Mapping[str, Callable[[Part], str]] = {
    "registrar": lambda part: _("登记类别：%(what)s") % {"what": part.says},
    "division": lambda part: _("行政区划：%(name)s") % {"name": part.says},
    "organisation_code": lambda part: _("组织机构代码"),
    "check_digit": lambda part: _("校验位，算出来也是 %(digit)s") % {"digit": part.says},
    "category": lambda part: _("分类：%(name)s") % {"name": part.says} if part.says else _("旧分类，名称说不准"),
    "month": lambda part: _("%(month)s，不在将来") % {"month": _month(part)},
    "province": lambda part: _("省份：%(name)s") % {"name": part.says},
    "serial": lambda part: _("%(digits)s 位序号") % {"digits": len(part.text)},
    "grade": _grade,
    "body": lambda part: _("外资认证机构") if part.says == "foreign" else _("认证机构"),
    "year": lambda part: _("%(year)s年，不在将来") % {"year": part.says},
    "random": lambda part: _("%(digits)s 位随机号") % {"digits": len(part.text)},
}
#: What is the matter with one that does not fit or that nobody can judge.
_WRONG: Mapping[Reason, Callable[[Part], str]] = {
    Reason.WRONG_BEGINNING: lambda part: _("应当以 %(should)s 开头") % {"should": part.says},
    Reason.WRONG_LENGTH: lambda part: (
        _("应当是 %(should)s 位，这里是 %(size)s 位") % {"should": part.says, "size": part.text}
    ),
    Reason.WRONG_SIGN: lambda part: _("第 %(place)s 位不该是“%(sign)s”") % {"place": part.says, "sign": part.text},
    Reason.CHECK_DIGIT_WRONG: lambda part: (
        _("前面各位算出的最后一位应当是 %(should)s，这里是 %(digit)s") % {"should": part.says, "digit": part.text}
    ),
    Reason.INNER_CHECK_DIGIT_WRONG: lambda part: (
        _("第 9 到 17 位是组织机构代码，算出的最后一位应当是 %(should)s，这里是 %(digit)s")
        % {"should": part.says, "digit": part.text[-1:]}
    ),
    Reason.NO_SUCH_MONTH: lambda part: _("没有 %(month)s 月") % {"month": part.text[-2:]},
    Reason.IN_THE_FUTURE: lambda part: (
        _("%(when)s还没有到")
        % {"when": _month(part) if part.name == "month" else _("%(year)s年") % {"year": part.says}}
    ),
    Reason.BEFORE_THE_RULE: lambda part: _("%(year)s年还没有这种编号") % {"year": part.says},
    Reason.NO_SUCH_GRADE: lambda part: _("级别只有 A、AA 和旧的 1、2"),
    Reason.ANOTHER_KIND: lambda part: _("它是%(kind)s，按那种来看对得上") % {"kind": Kind(str(part.says)).label},
    Reason.ANOTHER_FIRM: lambda part: _("这家单位的代码是 %(code)s") % {"code": part.says},
    Reason.DIVISION_NOT_THEN: lambda part: _("%(name)s，那一年已经撤销") % {"name": part.says},
    Reason.GRADE_NOT_THEN: lambda part: _("那时的级别写成 A 或 AA"),
    Reason.TOO_LONG: lambda part: _("最长 %(most)s 个字，这里有 %(size)s 个") % {"most": part.says, "size": part.text},
}
