"""What the frame round every page shows: menu with counts, street, person, type size, language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hege.kernel.counted import Counted
from hege.web.access import desk_of
from hege.web.counts import StreetLine, around

SIZE_COOKIE = "hege_size"


class Size(NamedTuple):
    """One of the three type sizes (字号). ``narrow_px``: below this width the office pages become one column."""

    step: str
    label: str | Promise
    narrow_px: int


#: Body text is 15/21/30 px on office pages and 17/24/30 px on phone pages; see ``html.size-…`` in hege.css.
SIZES = (
    Size("normal", _("标准"), 900),
    Size("large", _("大字"), 1240),
    Size("huge", _("特大"), 1800),
)

LANGUAGES = (("zh-hans", "中文"), ("en", "English"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the side menu: shown to those who may see the thing."""

    thing: str
    label: str | Promise
    icon: str


#: Group heading -> entries. A thing's first page is the address named ``<thing>:index``.
MENU: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("today", _("今天"), "layout-dashboard"),
            Entry("reports", _("来件"), "inbox"),
            Entry("cases", _("案件"), "stack-2"),
            Entry("conferences", _("联席会议"), "users-group"),
            Entry("mediation", _("调解与协议"), "scale"),
        ),
    ),
    (
        _("水费"),
        (
            Entry("meters", _("总表台账"), "droplet"),
            Entry("warnings", _("预警"), "alert-triangle"),
            Entry("cutoffs", _("停水程序"), "droplet-off"),
        ),
    ),
    (
        _("底账"),
        (
            Entry("units", _("商铺与二维码"), "qrcode"),
            Entry("imports", _("导入"), "file-import"),
            Entry("people", _("人员与岗位"), "user"),
            Entry("offices", _("单位"), "building"),
            Entry("settings", _("参数与日历"), "calendar-event"),
            Entry("trail", _("操作留痕"), "history"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class MenuLine:
    label: str | Promise
    icon: str
    href: str
    count: Counted | None
    current: bool


class Shell:
    """Read by ``base.html`` and ``public.html`` only; everything is computed when the template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.desk = desk_of(request)

    @cached_property
    def menu(self) -> list[tuple[str | Promise, list[MenuLine]]]:
        """The groups of the side menu that hold anything for this person."""
        if self.desk is None:
            return []
        groups = [(title, [line for e in entries if (line := self._line(e))]) for title, entries in MENU]
        return [(title, lines) for title, lines in groups if lines]

    @cached_property
    def _around(self) -> tuple[list[StreetLine], dict[str, Counted]]:
        """The person's streets, and how many wait at the entries of this one; one query for all."""
        return ([], {}) if self.desk is None else around(self.desk)

    @property
    def counts(self) -> dict[str, Counted]:
        """How many wait at the entries this person sees."""
        return self._around[1]

    def _line(self, entry: Entry) -> MenuLine | None:
        assert self.desk is not None
        href = self.office_href(entry.thing)
        if not href or not self.desk.may(f"{entry.thing}.see"):
            return None
        match = self.request.resolver_match
        return MenuLine(
            entry.label,
            entry.icon,
            href,
            self.counts.get(entry.thing),
            match is not None and entry.thing in match.app_names,
        )

    def office_href(self, thing: str) -> str:
        """The first page of a thing in this street; empty while nobody has built it."""
        return "" if self.desk is None else _first_page(thing, self.desk.street.code)

    @cached_property
    def other_streets(self) -> list[StreetLine]:
        """The person's other streets, for the switch under the name."""
        return [street for street in self._around[0] if self.desk and street.code != self.desk.street.code]

    @cached_property
    def size(self) -> Size:
        """The type size of this browser, from its cookie."""
        wanted = self.request.COOKIES.get(SIZE_COOKIE, "")
        return next((s for s in SIZES if s.step == wanted), SIZES[0])

    @cached_property
    def next_size(self) -> Size:
        """The size the link offers: normal -> large -> huge -> normal."""
        return SIZES[(SIZES.index(self.size) + 1) % len(SIZES)]

    @property
    def size_href(self) -> str:
        return f"{reverse('account:size', args=(self.next_size.step,))}?next={self._here}"

    @cached_property
    def language(self) -> str:
        return "en" if (get_language() or "").startswith("en") else "zh-Hans"

    @cached_property
    def other_language(self) -> tuple[str, str]:
        """Code and own name of the language that is not shown now."""
        return LANGUAGES[0] if self.language == "en" else LANGUAGES[1]

    @property
    def language_href(self) -> str:
        return f"{reverse('account:language', args=(self.other_language[0],))}?next={self._here}"

    @property
    def _here(self) -> str:
        return quote(self.request.get_full_path())


@lru_cache(1024)
def _first_page(thing: str, street_code: str) -> str:
    try:
        return reverse(f"{thing}:index", args=(street_code,))
    except NoReverseMatch:
        return ""
