"""The lines of a statement one by one: what each is taken for, why, and what a person said since it was looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from hege.imports import queries
from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.imports.matching import ASIDE, NOBODYS_NAMES, Why
from hege.imports.models import NameSort, Pile, RememberedName, StagedFile
from hege.kernel.several import several
from hege.kernel.spelling import fold

MOST_ENDS = 80  # that each row offers; of more the row one is at does
KNOWN_BY = frozenset({Why.PAYER_IS_SIGN, Why.PAYER_IS_OPERATOR, Why.PAYER_IS_KNOWN, Why.PAYER_HAS_LEFT})
TABS = ("water", "eyes", "sure", "aside")


@dataclass
class Line:
    """One line as it was looked at (``SeenLine`` as plain values), with what was said of it since."""

    told: dict[str, Any]
    said: str
    accept: bool

    def __post_init__(self) -> None:
        self.row: int = self.told["row"]
        self.fen: int = self.told["fen"]
        self.payer: str = self.told["payer"]
        self.choices: list[dict[str, Any]] = self.told["choices"]
        self.on = dt.date.fromisoformat(self.told["on"])

    @property
    def code(self) -> str:
        """What it is decided to be, else what is suggested; "" where nobody knows."""
        return self.said or (self.choices[0]["code"] if self.choices else "")

    @property
    def private(self) -> bool:
        """Whether the rules leave it aside by themselves."""
        return self.told["state"] == ASIDE and not self.told["by_person"]

    @property
    def state(self) -> str:
        """taken, asked or aside, as it stands now."""
        if self.said:
            return ASIDE if self.said == ASIDE else "taken"
        if self.private:
            return ASIDE
        return "taken" if self.accept and self.sure else "asked"

    @property
    def sure(self) -> bool:
        """Whether one thing alone fits and nothing speaks against it."""
        return bool(self.told["sure"] and self.choices and not self.private)

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """What speaks for and against what it is taken for."""
        chosen = next((c for c in self.choices if c["code"] == self.code), None)
        told = [*(chosen["reasons"] if chosen else ()), *self.told["reasons"]]
        return [{**reason, "said": str(Why(reason["why"]).label)} for reason in told]

    @property
    def elsewhere(self) -> bool:
        """Whether another paper tells of the same money."""
        return any(reason["why"] == Why.ON_ANOTHER_PAPER for reason in self.reasons)

    @property
    def teaches(self) -> bool:
        """Whether a person's word on it says whose its payer's name is, which nothing else says."""
        known = {reason["why"] for reason in self.reasons} & KNOWN_BY
        named = bool(self.payer) and fold(self.payer) not in NOBODYS_NAMES
        return named and self.said.startswith(("receipts:", "direct-payments:")) and not known


class LinesPage:
    """A statement's lines with what is said of each. ``tab`` is one of ``TABS``."""

    def __init__(self, pile: Pile, file: StagedFile, tab: str) -> None:
        self.pile, self.file = pile, file
        seen = (pile.seen or {}).get("files", ())
        self.told: dict[str, Any] = next((f for f in seen if f["id"] == file.public_id), {})
        self.tab = tab if tab in TABS else "water"
        self.answers = Answers.of(file.answers)
        left = [line for of in self.told.get("aside", {}).values() for line in of["lines"]]
        rows = sorted([*self.told.get("lines", ()), *left], key=lambda line: line["row"])
        said, accept = self.answers.lines, self.answers.accept
        self.lines = [Line(line, said.get(line["row"], ""), accept) for line in rows]
        self.ends: list[tuple[str, str]] = [(code, label) for code, label in self.told.get("ends", ())]
        self.labels = dict(self.ends) | {c["code"]: c["label"] for line in self.lines for c in line.choices}

    @property
    def kind(self) -> FileKind | None:
        """What it is taken for."""
        return FileKind(self.told["kind"]) if self.told.get("kind") else None

    @property
    def doubts(self) -> list[dict[str, Any]]:
        """The rows asked about in other words: the same payment or another, really new, whose wallet."""
        rows = {line.row for line in self.lines}
        answered = self.answers.same | self.answers.both | self.answers.new
        doubts = self.told.get("doubts", ())
        return [d for d in doubts if d["ask"] != "line" and not (d["row"] in answered and d["row"] in rows)]

    @cached_property
    def water(self) -> list[Line]:
        """The lines that look like water money, or were said to be."""
        return [line for line in self.lines if line.state != ASIDE]

    @cached_property
    def open(self) -> list[Line]:
        """Those that nobody has decided."""
        return [line for line in self.water if line.state == "asked"]

    @cached_property
    def open_sure(self) -> list[Line]:
        """Those of them that fit one to one."""
        return [line for line in self.open if line.sure]

    @property
    def of_tab(self) -> dict[str, list[Line]]:
        """The lines of each tab."""
        return {
            "water": self.water,
            "eyes": [line for line in self.open if not line.sure],
            "sure": [line for line in self.water if line.sure],
            "aside": [line for line in self.lines if line.state == ASIDE],
        }

    @property
    def n_aside(self) -> int:
        """How many lines are left aside, those too that are not kept to be shown."""
        shown = sum(len(of["lines"]) for of in self.told.get("aside", {}).values())
        return len(self.of_tab["aside"]) + sum(len(of["rows"]) for of in self.told.get("aside", {}).values()) - shown

    @property
    def title(self) -> str:
        """What was found, in a sentence."""
        told = {"all": len(self.water) + self.n_aside, "water": len(self.water), "aside": self.n_aside}
        told |= {"sure": sum(line.sure for line in self.water), "n": len(self.doubts)}
        if not self.lines:
            return several("%(n)d 行要您说明是哪一种") % told if self.doubts else _("没有要您说明的")
        if not self.open:
            return several("%(water)d 笔水费都认好了，%(aside)d 笔放一边", "aside") % told
        return several("%(all)d 笔里 %(water)d 笔看着是水费，%(sure)d 笔一对一", "all") % told

    @cached_property
    def aside(self) -> list[tuple[str, int, int]]:
        """What is left aside by its reason: in words, how many, how much; the most first."""
        back = {line.row: line for line in self.lines if line.private and line.state != ASIDE}
        out = []
        for why, of in self.told.get("aside", {}).items():
            n = len(of["rows"]) - sum(row in back for row in of["rows"])
            fen = of["fen"] - sum(back[row].fen for row in of["rows"] if row in back)
            out.append((str(Why(why).label), n, fen))
        put = [line for line in self.lines if line.told["state"] != ASIDE and line.state == ASIDE]
        out += [(str(Why.PERSON.label), len(put), sum(line.fen for line in put))] if put else []
        return sorted((told for told in out if told[1]), key=lambda told: -told[1])

    @property
    def lessons(self) -> list[Line]:
        """What is learnt when it is booked: whose a payer's name is."""
        return list({fold(line.payer): line for line in self.water if line.teaches}.values())

    @property
    def used(self) -> list[RememberedName]:
        """Names known from before by which lines of this file were told."""
        names = {r["value"] for line in self.water for r in line.reasons if r["why"] == Why.PAYER_IS_KNOWN}
        known = queries.remembered_names(self.pile.street, sort=NameSort.PAYER)
        return list(known.filter(folded__in=sorted(names)[:100])) if names else []

    @property
    def sums(self) -> list[tuple[str, int]]:
        """What there is once what is accepted is booked, in fen."""
        came = [line for line in self.water if line.state == "taken" and line.code.startswith("receipts:")]
        went = [line for line in self.water if line.state == "taken" and not line.code.startswith("receipts:")]
        return [
            (_("收下的，别的凭证上也有"), sum(line.fen for line in came if line.elsewhere)),
            (_("收下的，只在这里有"), sum(line.fen for line in came if not line.elsewhere)),
            (_("交给水司的"), sum(line.fen for line in went)),
        ]

    def choices_of(self, line: Line, at: int) -> list[tuple[str, str]]:
        """What else a line may be: everything where that is short or one is at the line, else what was suggested."""
        near = [(choice["code"], choice["label"]) for choice in line.choices]
        return list(dict([*near, *(self.ends if len(self.ends) <= MOST_ENDS or at == line.row else ())]).items())

    # -- what is said

    def accepted(self, lines: Iterable[Line]) -> Answers:
        """Say yes to what some lines are taken for; where another paper tells of the same money, to that too."""
        took = {line.row: line.code for line in lines if line.code}
        same = {line.row for line in self.lines if line.row in took and line.sure and line.elsewhere}
        return replace(self.answers, lines={**self.answers.lines, **took}, same=self.answers.same | same)

    def chosen(self, row: int, code: str) -> Answers:
        """Say what a line is, in other words than the rules."""
        line = next((line for line in self.lines if line.row == row), None)
        if line is not None and code == line.code and not line.said:
            return self.accepted([line])
        return replace(self.answers, lines={**self.answers.lines, row: code}, same=self.answers.same - {row})

    def undone(self, row: int) -> Answers:
        """Take back what was said of a line; what was taken by one tick for all is then said line by line."""
        answers = self.answers
        if answers.accept:
            answers = replace(self.accepted(line for line in self.water if line.sure and not line.said), accept=False)
        kept = {number: code for number, code in answers.lines.items() if number != row}
        return replace(answers, lines=kept, same=answers.same - {row})
