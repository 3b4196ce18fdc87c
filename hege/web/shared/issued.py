"""The papers of a thing on its page: what was issued about it, and what may be issued now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Model
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from hege.papers.models import Paper
from hege.papers.queries import issued_about
from hege.web.access import Desk
from hege.web.jinja import daylong, dots
from hege.web.links import where
from hege.web.marks import Button, Chip

#: So many are shown; the others are in the list of all.
LATELY = 6


def paper_chip(paper: Paper) -> Chip:
    """Whether it counts."""
    return Chip(_("已作废"), "red", "x") if hasattr(paper, "voided") else Chip(_("已出具"), "green", "circle-check")


class IssuedRow(NamedTuple):
    """One paper on the page of its thing."""

    title: str
    note: str
    href: str
    chip: Chip


class Issued:
    """What was issued about a thing, the latest first, as far as this person sees papers; one query when it is shown."""

    def __init__(self, desk: Desk, thing: Model, ways: tuple[str, ...], buttons: Sequence[Button] = ()) -> None:
        self.desk, self.thing, self.ways, self.buttons = desk, thing, ways, buttons

    @cached_property
    def rows(self) -> list[IssuedRow]:
        if not self.desk.may("papers.see"):
            return []
        paths = self.desk.paths("papers.see")
        return [
            self._row(paper)
            for paper in issued_about(self.desk.street, self.thing, self.ways, paths=paths, most=LATELY)
        ]

    def _row(self, paper: Paper) -> IssuedRow:
        shop = paper.unit.name if paper.unit else ""
        title = f"{paper.get_kind_display()} {paper.number}"
        href = where("papers:paper", self.desk.street.code, paper.public_id)
        return IssuedRow(title, str(dots([daylong(paper.at), shop])), href, paper_chip(paper))

    @property
    def is_shown(self) -> bool:
        return bool(self.buttons or self.rows)
