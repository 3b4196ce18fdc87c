"""The Jinja2 environment of every page: filters for money, dates and volumes, the components as ``ui``, hidden fields.

Templates import nothing: ``ui.chip("…")`` finds the macro in ``templates/components/``. Undefined names are
errors, everything is escaped, texts go through gettext (``_("有 %(n)s 处要改", n=3)``; a literal per cent sign
in such a text is written ``%%``). A line break in a template is no space: see ``LineBreaks``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext, pgettext
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined, pass_context
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.runtime import Context
from markupsafe import Markup, escape

from hege.billing.applying.rules import called
from hege.billing.chart import AccountKind, TransactionKind
from hege.kernel import clock
from hege.kernel.counted import Counted
from hege.kernel.money import yuan
from hege.kernel.personal import mask
from hege.kernel.saying import told
from hege.web import marks
from hege.web.access import desk_of
from hege.web.form_key import FIELD, mark_of, new_key
from hege.web.links import where
from hege.web.own_words import Drawn, is_english, language
from hege.web.shared.printed_code import code_path

COMPONENTS = ("marks", "cards", "tables", "money", "forms", "notes", "maps", "boards", "charts", "bars")

_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_SMALL_UNITS = ("仟", "佰", "拾", "")
_LARGE_UNITS = ("万亿", "亿", "万", "")


def environment(**options: Any) -> Environment:
    """Django's Jinja2 backend calls this once (settings: OPTIONS["environment"])."""
    options["undefined"] = StrictUndefined
    options["extensions"] = [*options.get("extensions", ()), "jinja2.ext.i18n", LineBreaks]
    env = Environment(**{**options, "autoescape": True})  # noqa: S701  # it is on; ruff cannot see it here
    env.template_class = Drawn
    env.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    env.globals.update(_=said, gettext=said)
    env.globals.update(url=url, to=to, ui=Components(env), now=clock.now, several=several, htmx_script=htmx_script)
    env.globals.update(static=cache(static), messages=get_messages, code_path=code_path)
    plain = (
        yuan,
        yuan_signed,
        capitals,
        day,
        daylong,
        weekday,
        instant,
        share,
        m3,
        mask,
        mask_phone,
        lines,
        dots,
        query,
        told,
        as_is,
    )
    env.filters.update({written.__name__: written for written in plain})
    env.filters.update(
        kind_label=lambda kind: TransactionKind(kind).label,
        debts=called,
        met_rows=_met_rows,
        kind_of_account=lambda kind: AccountKind(kind).label,
        state=marks.state,
    )
    return env


def _met_rows(met: Any) -> list[tuple[str, str]]:
    """What a payment met, for a list of facts: the relation and the debt, the sum."""
    sides = ((gettext("欠水司"), met.of_utility), (gettext("商铺应交"), met.of_shop))
    return [
        (f"{side} · {called([code])}", gettext("%(sum)s 元") % {"sum": yuan(fen)})
        for side, rows in sides
        for code, fen in rows.items()
    ]


class LineBreaks(Extension):
    """A line break with the blanks round it is nothing; within a tag it is one space.

    So a template can be broken wherever it reads best and indented at will, and no Chinese sentence gets a gap from
    it. A space that shall be seen stands within a line, between two things that stand on it.
    """

    _BREAK = re.compile(r"\s*\n\s*")
    _TAG_OPENS = re.compile(r"<(?=[a-zA-Z/!]|$)")

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Called by Jinja with what it read of one template; ``data`` is all that is neither ``{{ }}`` nor ``{% %}``."""
        within = False
        for token in stream:
            if token.type == "data":
                kept, within = self._without_breaks(token.value, within=within)
                if kept:
                    yield Token(token.lineno, "data", kept)
            else:
                yield token

    def _without_breaks(self, text: str, *, within: bool) -> tuple[str, bool]:
        """The text, and whether its end lies within a tag, as its beginning did."""
        kept, at = [], 0
        while at < len(text):
            found = text.find(">", at) if within else getattr(self._TAG_OPENS.search(text, at), "start", lambda: -1)()
            end = len(text) if found < 0 else found + within
            kept.append(self._BREAK.sub(" " if within else "", text[at:end]))
            within, at = within if found < 0 else not within, end
        return "".join(kept), within


class Components:
    """The macros of all files in ``templates/components/`` under one name: ``ui.money_bar(…)``."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._macros: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._macros or self._env.auto_reload:
            for file in COMPONENTS:
                module = self._env.get_template(f"components/{file}.html").module
                self._macros.update({k: v for k, v in vars(module).items() if not k.startswith("_")})
        try:
            return self._macros[name]
        except KeyError:
            raise AttributeError(f"no component {name!r} in templates/components/") from None


def said(text: str, /, **values: Any) -> Markup:
    """A text in the language of the page: ``_("有 %(n)s 处要改", n=3)``. Looked up once in a process for each language."""
    sentence = _sentence(text, language())
    return sentence % values if values else _without_values(text, language())


@cache
def _sentence(text: str, _language: str) -> Markup:
    return Markup(gettext(text))  # noqa: S704  # a text of a template, not of people


@cache
def _without_values(text: str, its: str) -> Markup:
    return _sentence(text, its) % {}


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named page."""
    return reverse(name, args=args, kwargs=kwargs) if kwargs else where(name, *args)


@pass_context
def several(context: Context, text: str, /, **values: Any) -> str:
    """A sentence that counts ``n`` of something (``hege.kernel.several``): ``several("%(n)s 户", n=47)``."""
    n = values["n"].n if isinstance(values["n"], Counted) else values["n"]
    return str(context.call(context["ngettext"], text, text, n, **values))


@pass_context
def to(context: Context, name: str, *args: Any) -> str:
    """The address of a page of the street one works in: ``to("cases:detail", case.public_id)``."""
    return where(name, context["desk"].street.code, *args)


def query(values: Mapping[str, str]) -> str:
    """The query part of an address from names and values, empty ones left out: ``{"show": "owing"}`` -> ``?show=owing``."""
    chosen = {name: value for name, value in values.items() if value}
    return f"?{urlencode(chosen)}" if chosen else ""


def yuan_signed(fen: int) -> str:
    """Fen with its sign written out, also a plus: ``+1,200.00``; zero has none."""
    return f"+{yuan(fen)}" if fen > 0 else yuan(fen).replace("-", "−")


def percent(part: Decimal | int, places: int = 1) -> str:
    """A share (0…1, ``Decimal``) as a percentage: ``Decimal("0.813")`` -> ``81.3%``. Never takes a float."""
    if isinstance(part, float):
        raise TypeError("percent takes Decimal or int, never a float")
    return f"{(Decimal(part) * 100).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)}%"


def share(part: int, whole: int, places: int = 1) -> str:
    """A part of a whole as a percentage: ``8124010|share(9993173)`` -> ``81.3%``; of nothing, a dash."""
    return percent(Decimal(part) / Decimal(whole), places) if whole else "—"


def m3(amount: int) -> str:
    """Integer litres as whole or part cubic metres: ``16393000`` -> ``16,393``; ``1500`` -> ``1.5``."""
    sign = "-" if amount < 0 else ""
    whole, part = divmod(abs(amount), 1000)
    return f"{sign}{whole:,}" + (f".{part:03d}".rstrip("0") if part else "")


#: Whether what is drawn becomes a table to take along: its days have their year, in figures.
_IN_A_TABLE: ContextVar[bool] = ContextVar("in_a_table", default=False)


@contextmanager
def in_a_table() -> Iterator[None]:
    """Within it days are told as ``2026-11-23``: a table is sorted, and read in another year."""
    before = _IN_A_TABLE.set(True)
    try:
        yield
    finally:
        _IN_A_TABLE.reset(before)


def day(value: dt.date | None) -> str:
    """A day: ``11月23日``, in English ``23 Nov 2026``; of an instant that of Shanghai; nothing for none."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        value = clock.day_of(value)
    if _IN_A_TABLE.get():
        return value.isoformat()
    if is_english():
        return f"{value.day} {_MONTHS_EN[value.month - 1]} {value.year}"
    return f"{value.month}月{value.day}日"


def daylong(value: dt.date | None) -> str:
    """A day with its year: ``2026年11月23日``, in English ``23 Nov 2026``; of an instant that of Shanghai."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        value = clock.day_of(value)
    return day(value) if is_english() or _IN_A_TABLE.get() else f"{value.year}年{value.month}月{value.day}日"


def month_said(first: dt.date) -> str:
    """A month with its year: ``2026年3月``, in English ``Mar 2026``."""
    return f"{_MONTHS_EN[first.month - 1]} {first.year}" if is_english() else f"{first.year}年{first.month}月"


def weekday(value: dt.date) -> str:
    """``周一``, in English ``Mon``."""
    return (_WEEKDAYS_EN if is_english() else _WEEKDAYS)[value.weekday()]


def instant(value: dt.datetime | None, *, year: bool = False) -> str:
    """An aware instant as Shanghai local time: ``11月23日 17:00``; with ``year`` also the year."""
    if value is None:
        return ""
    if timezone.is_naive(value):
        raise ValueError("instants are aware")
    local = value.astimezone(clock.SHANGHAI)
    return f"{(daylong if year else day)(local.date())} {local:%H:%M}"


def capitals(fen: int) -> str:
    """An amount in Chinese capitals (大写金额) as on receipts and agreements.

    After the 正确填写票据和结算凭证的基本规定 (annex 1 of 支付结算办法): runs of zeros become one 零, 整 ends an
    amount without 分. ``9993173`` -> ``人民币玖万玖仟玖佰叁拾壹元柒角叁分``.
    """
    whole, part = divmod(abs(fen), 100)
    jiao, fen_digit = divmod(part, 10)
    text = "人民币" + ("负" if fen < 0 else "")
    if whole:
        text += _capital_integer(whole) + "元"
    if not part:
        return text + ("整" if whole else "零元整")
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif whole:
        text += "零"
    return text + (_DIGITS[fen_digit] + "分" if fen_digit else "整")


def _capital_integer(number: int) -> str:
    text = ""
    for large, group in zip(_LARGE_UNITS, re.findall(r"\d{4}", f"{number:016}"), strict=True):
        said = "".join(_DIGITS[int(digit)] + unit for digit, unit in zip(group, _SMALL_UNITS, strict=True))
        said = re.sub("零[仟佰拾]", "零", said).rstrip("零")
        text += said + large if said else "零"
    return re.sub("零+", "零", text).strip("零")


def mask_phone(phone: str) -> str:
    """A telephone number with its middle hidden: ``138****5678``; short ones (12345) stay whole."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= 10 else phone


def dots(parts: Iterable[object]) -> Markup:
    """What stands on one small line, ``案 12 · 来件 5``: the parts with a dot between them, empty ones left out."""
    return Markup(" · ").join(escape(part) for part in parts if part)


def as_is(text: object) -> Markup:
    """What no language has another word for, letter by letter: a number, a digest, an address."""
    return Markup('<span translate="no">{}</span>').format(text)


def lines(text: str) -> Markup:
    """Free text with its line ends kept, escaped."""
    return Markup("<br>").join(escape(line) for line in text.splitlines())


class FormToken:
    """What a template writes as ``csrf_input``: the CSRF field, and an idempotency key of its own each time it is written.

    On a desk's page the key says whose desk that is.
    """

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def mark(self) -> str:
        """What the keys of one page have in common."""
        desk = desk_of(self.request)
        return mark_of(desk.user.pk, desk.today) if desk else ""

    @cached_property
    def token(self) -> str:
        """Masked anew for each page, not for each form of it."""
        return get_token(self.request)

    def __html__(self) -> str:
        return format_html(
            '<input type="hidden" name="csrfmiddlewaretoken" value="{}"><input type="hidden" name="{}" value="{}">',
            self.token,
            FIELD,
            new_key(self.mark),
        )

    def __str__(self) -> str:
        return self.__html__()
