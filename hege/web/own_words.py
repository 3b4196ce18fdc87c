"""People's own words on an English page: they are Chinese, and a screen reader has to be told so.

On an English page every sentence of ours is English, so that what is Chinese in it is what somebody wrote: a name, an
answer, a reason. It is marked where the page is drawn, once for all templates, and costs a Chinese page nothing.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import Any

from django.utils.translation import get_language
from jinja2 import Template

_HAN = "\u3400-\u9fff\uf900-\ufaff"
_WIDE = _HAN + "\u3000-\u303f\uff00-\uffef"
#: Chinese from its first sign to its last, with the figures and blanks within it.
_RUN = re.compile(rf"[{_HAN}](?:[{_WIDE}\d\s·“”‘’—…,./-]*[{_WIDE}])?")
_PART = re.compile(
    r"<!--.*?-->"
    r"|<(?:script|style|title|textarea|template)\b.*?</(?:script|style|title|textarea|template)>"  # no tags within
    r'|<(?P<marked>[a-z][a-z0-9]*)\b[^>]*?\slang="zh[^>]*>'  # said already
    r"|<svg\b.*?</svg>"  # drawn: it has its table of words
    rf"|<option(?P<given>[^>]*)>(?P<option>[^<A-Za-z]*[{_HAN}][^<A-Za-z]*)</option>|<option\b[^>]*>[^<]*</option>"
    rf"|(?<=>)(?P<text>[^<]*[{_HAN}][^<]*)(?=<)",
    re.S,
)


#: The language of the page that is being drawn: asked for with every text of it.
_LANGUAGE: ContextVar[str | None] = ContextVar("language", default=None)


def language() -> str:
    """The language of the page that is being drawn; elsewhere that of the request."""
    return _LANGUAGE.get() or get_language() or ""


class Drawn(Template):
    """A template whose page says of each Chinese word that it is one, where the page itself is English."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        before = _LANGUAGE.set(get_language())
        try:
            html = super().render(*args, **kwargs)
        finally:
            _LANGUAGE.reset(before)
        return marked(html) if is_english() else html


def is_english() -> bool:
    """Whether the page is English."""
    return language().startswith("en")


def marked(html: str) -> str:
    """The page with each run of Chinese in ``<bdi lang="zh">``; one with other words round it stays one box of its row.

    What holds no tags (a title, a field, attributes) and what is drawn is left as it is.
    """
    out, at = list[str](), 0
    while found := _PART.search(html, at):
        out.append(html[at : found.start()])
        at = found.end()
        if tag := found["marked"]:
            at = _end_of(html, tag, at)
            out.append(html[found.start() : at])
        elif found["text"]:
            out.append(_in_marks(found["text"]))
        elif found["option"]:
            out.append(f'<option{found["given"]} lang="zh">{found["option"]}</option>')
        else:
            out.append(found[0])
    return "".join([*out, html[at:]])


def _in_marks(text: str) -> str:
    said = _RUN.sub(r'<bdi lang="zh">\g<0></bdi>', text)
    return said if _RUN.fullmatch(text.strip()) else f"<bdi>{said}</bdi>"


def _end_of(html: str, tag: str, at: int) -> int:
    """Behind the end of an element that opened before ``at``."""
    depth = 1
    for found in re.compile(rf"<(/?){tag}\b").finditer(html, at):
        depth += -1 if found[1] else 1
        if not depth:
            return html.index(">", found.end()) + 1
    return len(html)
