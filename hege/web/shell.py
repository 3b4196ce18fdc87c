"""What the frame round every page shows: menu with how many wait at each entry, streets, person, type size, language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from hege.arrears.early_warning.queries import warnings_of_street
from hege.billing.agent.queries import words_waiting
from hege.cases.queries import cases_of, reports_of
from hege.kernel import installed
from hege.kernel.asked import Question
from hege.kernel.counted import COUNTED, Counted, RowCount
from hege.outbox.queries import unread_of
from hege.people.queries import streets_of
from hege.programme.settlements.queries import lists_of
from hege.programme.settlements.rules import SettlementState
from hege.vouchers.tills.queries import conflicts_of
from hege.vouchers.tills.rules import ConflictState
from hege.web.access import Desk, desk_of, opening_of
from hege.web.drafts import mark_drafts
from hege.web.links import site_host, where
from hege.web.saved_views import SavedBar, bar
from hege.workspace.models import Draft
from hege.workspace.queries import views_of, views_of_list

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


def _reports(desk: Desk) -> QuerySet[Any]:
    """Those nobody has decided on, or that wait for a case."""
    return reports_of(desk.street, paths=desk.paths("reports.see")).waiting()


def _cases(desk: Desk) -> QuerySet[Any]:
    """Those that are not closed."""
    return cases_of(desk.street, paths=desk.paths("cases.see"), party_ids=desk.party_ids("cases.see")).unfinished()


def _warnings(desk: Desk) -> QuerySet[Any]:
    """Those that hold and that nobody has taken up."""
    return warnings_of_street(desk.street, paths=desk.paths("warnings.see")).waiting()


def _agent(desk: Desk) -> QuerySet[Any]:
    """What agents said and nobody has looked at."""
    right = "agent.see"
    return words_waiting(desk.street, paths=desk.paths(right), party_ids=desk.party_ids(right), on=desk.today)


def _tills(desk: Desk) -> QuerySet[Any]:
    """What tills noted offline and nobody has decided on."""
    return conflicts_of(desk.street, ConflictState.OPEN)


def _settlements(desk: Desk) -> QuerySet[Any]:
    """Lists that a shop disputes."""
    return lists_of(desk.street).filter(state=SettlementState.DISPUTED)


def _messages(desk: Desk) -> QuerySet[Any]:
    """What one was told and has not looked at; the bell counts them."""
    return unread_of(desk.user, desk.street)


#: Thing -> the rows that wait there; none of them by the instant. Leave out what nobody counts.
WAITING: dict[str, Callable[[Desk], QuerySet[Any]]] = {
    "reports": _reports, "cases": _cases, "agent": _agent, "warnings": _warnings, "tills": _tills, "settlements": _settlements,
    "messages": _messages,
}  # fmt: skip


#: Of one's own, whatever one may see: asked for with the rest, so that only who has some pays for reading them.
OWN: dict[str, Callable[[Desk], QuerySet[Any]]] = {
    "drafts": lambda desk: Draft.objects.filter(user=desk.user),
    "views": lambda desk: views_of(desk.street, desk.user),
}


#: Pages with a table that are no list of one sort of thing, and two that are taken along in a way of their own.
NO_LISTS = frozenset({"today:index", "search:index", "wellness:index", "trail:index", "meters:detail", "lists:saved"})


class StreetLine(NamedTuple):
    """A street to change to."""

    code: str
    name: str


@dataclass(frozen=True)
class _Sight:
    """A desk with what decides what is asked: two that see alike are the same."""

    desk: Desk = field(compare=False)
    alike: tuple[object, ...]


def around(desk: Desk) -> tuple[list[StreetLine], dict[str, Counted]]:
    """The person's streets, and how many wait at each thing that is counted and that they see; one query."""
    posts = tuple((m.role, m.path, m.party_id) for m in desk.memberships)
    kept = replace(desk, user=desk.memberships[0].user)  # the question outlives the request, whose user may not
    counted, question = _question(_Sight(kept, (desk.user.pk, desk.street.pk, desk.today, desk.verb, posts)))
    rows = question.answer()
    counts = dict(zip(counted, map(Counted.of, rows[0][2:]), strict=True)) if rows else {}
    return [StreetLine(*row[:2]) for row in rows], counts


@lru_cache(1024)
def _question(sight: _Sight) -> tuple[list[str], Question]:
    desk = sight.desk
    counts = {
        thing: RowCount(rows(desk).select_related(None).order_by().values("pk")[: COUNTED + 1])
        for thing, rows in (WAITING | OWN).items()
        if thing in OWN or desk.may(f"{thing}.see")
    }
    asked = streets_of(desk.user, on=desk.today).values_list("code", "name", *counts.values())
    return list(counts), Question.of(asked)


#: Heading of a group -> its things in order, each with what it is called and its icon. The first page of a thing is
#: the address named ``<thing>:index``; it is shown to those who may see the thing.
MENU: tuple[tuple[str | Promise, dict[str, tuple[str | Promise, str]]], ...] = (
    ("", {
        "today": (_("今天"), "layout-dashboard"),
        "month": (_("一页纸"), "file-text"),
        "reports": (_("来件"), "inbox"),
        "cases": (_("案件"), "stack-2"),
        "conferences": (_("联席会议"), "users-group"),
        "mediation": (_("调解与协议"), "scale"),
    }),
    (_("水费"), {
        "meters": (_("总表台账"), "droplet"),
        "agent": (_("代收人的说法"), "message-report"),
        "warnings": (_("预警"), "alert-triangle"),
        "cutoffs": (_("停水程序"), "droplet-off"),
        "papers": (_("文书与公示"), "printer"),
    }),
    (_("荣誉"), {"honours": (_("荣誉榜"), "award")}),
    (_("暖蜂行动"), {
        "programme": (_("全年计划"), "calendar-event"),
        "activities": (_("活动与签到"), "users-group"),
        "vouchers": (_("能量券"), "ticket"),
        "settlements": (_("结算"), "cash"),
        "points": (_("积分与时长"), "coin"),
        "stations": (_("驿站与门口图"), "map-pin"),
        "tills": (_("收券台"), "device-mobile"),
        "thanks": (_("致谢"), "file-text"),
    }),
    (_("底账"), {
        "members": (_("成员"), "user"),
        "units": (_("商铺与二维码"), "qrcode"),
        "places": (_("网格"), "map-pin"),
        "imports": (_("导入"), "file-import"),
        "people": (_("人员与岗位"), "user"),
        "offices": (_("单位"), "building"),
        "alliance": (_("联盟单位"), "building"),
        "settings": (_("参数与日历"), "calendar-event"),
        "trail": (_("操作留痕"), "history"),
        "jobs": (_("后台任务"), "hourglass"),
        "wellness": (_("运行状况"), "shield-check"),
        "gateways": (_("发送通道"), "send"),
    }),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MenuLine:
    label: str | Promise
    icon: str
    href: str
    count: Counted | None
    current: bool


class ListPage(NamedTuple):
    """A page that is a list: its address where it has rows to take along as a ``table``; the views of it that one saved."""

    table: str
    saved: SavedBar | None


def menu_name(thing: str) -> str | Promise:
    """What the menu calls a thing; empty where it has no entry."""
    return next((things[thing][0] for _title, things in MENU if thing in things), "")


class Shell:
    """Read by ``base.html`` and ``public.html`` only; everything is computed when the template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.desk = desk_of(request)

    @cached_property
    def menu(self) -> list[tuple[str | Promise, list[MenuLine]]]:
        """The groups of the side menu that hold anything for this person."""
        may = self.desk.may if self.desk else lambda _verb: False
        groups = [(title, [self._line(e, *m) for e, m in things.items() if may(f"{e}.see")]) for title, things in MENU]
        return [(title, lines) for title, lines in groups if lines]

    @property
    def here(self) -> str | Promise:
        """What the menu calls the page one is at; empty where it has no entry."""
        return next((line.label for _title, lines in self.menu for line in lines if line.current), "")

    @cached_property
    def _around(self) -> tuple[list[StreetLine], dict[str, Counted]]:
        """The person's streets, and how many wait at the entries of this one; one query for all."""
        if self.desk is None:
            return [], {}
        found = around(self.desk)
        mark_drafts(self.request, some=bool(found[1].get("drafts")))
        return found

    def list_of(self, body: str) -> ListPage | None:
        """What this page is as a list, of which it shows ``body``; None for any other page.

        A list is of the whole street, or shown in parts; the views that one saved are of those of the whole street.
        """
        match, desk = self.request.resolver_match, self.desk
        if match is None or desk is None or self.request.method != "GET" or match.view_name in NO_LISTS:
            return None
        if not desk.may("lists.take"):  # who reads sums takes no names along
            return None
        opening, has_rows = opening_of(match.func), 'class="hg-table' in body
        if not (opening and (opening.verb or "").endswith(".see")):
            return None
        table = self.request.get_full_path() if has_rows else ""
        if set(match.kwargs) != {"street_code"}:
            return ListPage(table, None) if has_rows and 'class="hg-pager' in body else None
        if not has_rows and not self.request.GET:
            return None
        some = self._around[1].get("views")
        views = list(views_of_list(desk.street, desk.user, self.request.path)) if some else []
        return ListPage(table, bar(self.request, views, body))

    def _line(self, thing: str, label: str | Promise, icon: str) -> MenuLine:
        match = self.request.resolver_match
        current = match is not None and thing in match.app_names
        return MenuLine(label, icon, self.office_href(thing), self._around[1].get(thing), current)

    def office_href(self, thing: str) -> str:
        """The first page of a thing in this street; empty where no street is entered."""
        return "" if self.desk is None else self.desk.to(f"{thing}:index")

    @property
    def unread(self) -> Counted | None:
        """How many messages wait at the bell; it is asked with what the menu counts."""
        return self._around[1].get("messages")

    @property
    def local_site(self) -> str:
        """The address that codes name (``SITE``), where it opens on this machine alone: no phone gets there."""
        return _if_local(site_host())

    @property
    def demo_href(self) -> str:
        """The first page of a demo, from each of its pages; empty anywhere else."""
        return reverse("demo:index") if settings.DEMO else ""

    @cached_property
    def other_streets(self) -> list[StreetLine]:
        """The person's other streets, for the switch under the name."""
        return [street for street in self._around[0] if self.desk and street.code != self.desk.street.code]

    @property
    def everywhere_href(self) -> str:
        """The streets of all databases; empty where there is one."""
        return reverse("account:everywhere") if settings.SHARDS else ""

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
        return f"{where('account:size', self.next_size.step)}?next={self._here}"

    @cached_property
    def language(self) -> str:
        return "en" if (get_language() or "").startswith("en") else "zh-Hans"

    @cached_property
    def other_language(self) -> tuple[str, str]:
        """Code and own name of the language that is not shown now."""
        return LANGUAGES[0] if self.language == "en" else LANGUAGES[1]

    @property
    def language_href(self) -> str:
        return f"{where('account:language', self.other_language[0])}?next={self._here}"

    @property
    def _here(self) -> str:
        return quote(self.request.get_full_path())


@lru_cache(1024)
def _if_local(host: str) -> str:
    """A host that is this machine alone; empty for any other."""
    return host if (urlsplit(f"//{host}").hostname or "") in installed.LOOPBACK else ""
