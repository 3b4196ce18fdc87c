"""What the pages of 文书 show: the list, and one paper on its sheet, frozen or looked at before it is issued."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from hege.arrears.cutoff.rules import ConditionKind, CutoffStep
from hege.billing.rules import Method
from hege.kernel import clock
from hege.kernel.calendar import DAY
from hege.kernel.money import yuan
from hege.ledger.rules import Level
from hege.papers.models import Paper, PaperQuerySet
from hege.papers.queries import papers_of
from hege.papers.rules import PaperKind
from hege.papers.sentences import TERMS_SAID, address_of, shown_code, shown_digest
from hege.people.models import Street
from hege.places.models import UnitUse
from hege.web.access import Desk
from hege.web.jinja import day, dots, instant, month_said, query
from hege.web.links import site_host, where
from hege.web.marks import Button, Chip
from hege.web.shared.issued import paper_chip
from hege.web.shared.printed_code import CodePath, code_path

#: Where a check code is typed in, as the papers say it.
FIND = f"{site_host()}/p/"
#: So many rows of a table fit on a page with all that stands round them.
ONE_PAGE, SHEET_ROWS = 14, 20
#: What the bar draws each term as.
STRETCH = {"held": "held", "acknowledged": "unpaid", "unproven": "unproven", "unexplained": "unproven"}


def with_days(value: Any, name: str = "") -> Any:
    """What was frozen, with its days and instants as such: those that are called ``…on`` and ``…at``."""
    if isinstance(value, Mapping):
        return {key: with_days(part, key) for key, part in value.items()}
    if isinstance(value, list):
        return [with_days(part) for part in value]
    if isinstance(value, str) and value:
        if name == "on" or name.endswith("_on"):
            return dt.date.fromisoformat(value)
        if name.endswith("_at"):
            return dt.datetime.fromisoformat(value)
    return value


class Sheet:
    """A paper as it stands on its sheet; one that was not issued has neither number nor code."""

    def __init__(self, kind: str, street: Street, content: Mapping[str, Any], paper: Paper | None = None) -> None:
        self.kind, self.street, self.paper = PaperKind(kind), street, paper
        self.c: dict[str, Any] = with_days(content)
        self.find = FIND

    @classmethod
    def of(cls, paper: Paper) -> Sheet:
        """One that was issued."""
        return cls(paper.kind, paper.street, paper.content, paper)

    @property
    def template(self) -> str:
        return f"papers/_{self.kind.value}.html"

    @property
    def title(self) -> str:
        return str(self.kind.label)

    @property
    def number(self) -> str:
        return self.paper.number if self.paper else ""

    @property
    def is_void(self) -> bool:
        return self.paper is not None and hasattr(self.paper, "voided")

    @property
    def is_long(self) -> bool:
        """Whether it takes more than a page: its foot then follows its text."""
        rows = max((len(rows) for rows in self.c.values() if isinstance(rows, list)), default=0)
        return rows > (SHEET_ROWS - 5 if self.kind is PaperKind.SIGN_IN_SHEET else ONE_PAGE)

    @property
    def code(self) -> str:
        return shown_code(self.paper.check_code) if self.paper else ""

    @property
    def digest(self) -> str:
        return shown_digest(self.paper.digest) if self.paper else ""

    @cached_property
    def printed_code(self) -> CodePath | None:
        """The code that leads to the public page; None before there is one."""
        return code_path(address_of(self.paper)) if self.paper else None

    @property
    def point_said(self) -> str:
        """The meter's number, width and where it is."""
        c = self.c
        bore = f"DN{c['diameter_mm']}" if c["diameter_mm"] else ""
        name = c["point_name"] if c["point_name"] != c["point"] else ""
        return str(dots([c["point"], name, bore, c["location"]]))

    # -- statements ------------------------------------------------------------------------------------------------------

    def term(self, name: str) -> str:
        """What a term of who holds the money is called."""
        return str(TERMS_SAID[name])

    @property
    def bar(self) -> list[dict[str, Any]]:
        """The stretches of what is owed; none where credits are taken off, for then they do not make the whole."""
        rows = self.c["holders"]
        if any(row["fen"] < 0 for row in rows):
            return []
        return [
            {"kind": STRETCH.get(row["term"], "loss"), "fen": row["fen"], "label": TERMS_SAID[row["term"]]}
            for row in rows
        ]

    @staticmethod
    def sum(fen: int) -> str:
        """An amount in a table; nothing where nothing moved."""
        return yuan(fen) if fen else ""

    @staticmethod
    def month(row: Mapping[str, Any]) -> str:
        """The month of a row; its days, where they are not the whole of it."""
        first, last = row["from_on"], row["last_on"]
        if first.day == 1 and (last + DAY).day == 1:
            return month_said(first)
        return day(first) if first == last else _("%(first)s 至 %(last)s") % {"first": day(first), "last": day(last)}

    def evidence(self, payment: Mapping[str, Any]) -> str:
        """What proves a payment: by what means, on which paper."""
        return " ".join(part for part in (payment["means"], payment["voucher"]) if part) or _("没有写凭证号")

    def level(self, payment: Mapping[str, Any]) -> str:
        """How well a payment is proven: the disc that stands before it, full, hatched or empty."""
        return {Level.CONFIRMED.value: "a", Level.CONTESTED.value: "b"}.get(payment["level"], "b")

    # -- letters ---------------------------------------------------------------------------------------------------------

    @property
    def on(self) -> dt.date:
        """The day it bears."""
        return clock.day_of(self.paper.at) if self.paper else clock.today()

    @staticmethod
    def condition(row: Mapping[str, Any]) -> str:
        """A condition in words: its sum, or what was written."""
        if row["fen"] is None:
            return str(row["text"])
        kind = ConditionKind(row["kind"]).label
        return _("%(kind)s %(sum)s 元") % {"kind": kind, "sum": yuan(row["fen"])}

    @staticmethod
    def use(row: Mapping[str, Any]) -> str:
        """What a shop is used for."""
        return str(dict(UnitUse.choices).get(row["use"], row["use"]))

    @property
    def cut_or_not(self) -> str:
        """Whether water is going to be cut, as a notice tells everybody."""
        cutoff = self.c["cutoff"]
        if cutoff is None:
            return _("没有停水程序。")
        if cutoff["last_on"]:
            return _("暂缓停水到 %(day)s（含当天）。") % {"day": day(cutoff["last_on"])}
        if cutoff["not_before_at"]:
            return _("已书面通知，最早 %(when)s 停水。") % {"when": instant(cutoff["not_before_at"])}
        if cutoff["step"] == CutoffStep.CUT:
            return _("正在停水。")
        return _("已催缴。要停水，还要另行书面通知。")

    @property
    def spare(self) -> range:
        """Empty lines of a sign-in sheet, for who comes without being asked: the sheet is filled, or a page of it."""
        asked = len(self.c["invited"])
        return range(asked + 1, max(asked + 6, SHEET_ROWS) + 1)

    @property
    def method(self) -> str:
        return str(Method(self.c["method"]).label) if self.c["method"] else ""


class PaperList:
    """The papers of one's part of the street, of one kind or about one meter or case where the address says so."""

    def __init__(self, desk: Desk, asked: Mapping[str, str]) -> None:
        self.desk = desk
        self.kind = asked.get("kind", "") if asked.get("kind", "") in PaperKind else ""
        self.words = asked.get("q", "").strip()[:40]

    @property
    def rows(self) -> PaperQuerySet:
        rows = papers_of(self.desk.street, paths=self.desk.paths("papers.see"))
        rows = rows.filter(kind=self.kind) if self.kind else rows
        return rows.matching(self.desk.street, self.words) if self.words else rows

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return [("", _("全部种类")), *((kind.value, str(kind.label)) for kind in PaperKind)]

    @property
    def here(self) -> str:
        return self.desk.to("papers:index") + query({"kind": self.kind, "q": self.words})

    @staticmethod
    def chip(paper: Paper) -> Chip:
        return paper_chip(paper)

    def about(self, paper: Paper) -> str:
        """What it is about, in one line."""
        shop = paper.unit.name if paper.unit else ""
        case = _("案 %(number)s") % {"number": paper.conference.case.number} if paper.conference else ""
        return str(dots([paper.point.name if paper.point else "", shop, case]))


def chips_of(paper: Paper) -> list[Chip]:
    """Whether it counts, and its number."""
    return [paper_chip(paper), Chip(_("编号 %(number)s") % {"number": paper.number})]


def buttons_of(paper: Paper, desk: Desk) -> list[Button]:
    """What may be done to it."""
    if hasattr(paper, "voided") or not desk.may("papers.void"):
        return []
    return [Button(_("作废"), where("papers:void", desk.street.code, paper.public_id), "x")]
