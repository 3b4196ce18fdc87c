"""What anybody is told who holds a paper: that it was issued, when, under which number, with which figure."""

from __future__ import annotations

from django.utils.translation import gettext as _

from hege.kernel.money import yuan
from hege.papers.models import Paper
from hege.papers.sentences import TOTAL_SAID, shown_code, shown_digest
from hege.web.jinja import as_is, daylong


class CheckPage:
    """A paper by its code."""

    def __init__(self, paper: Paper) -> None:
        self.paper, self.street = paper, paper.street

    @property
    def is_void(self) -> bool:
        return hasattr(self.paper, "voided")

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What stands on the paper too, to be held against it; no name of anybody."""
        p = self.paper
        rows = [
            (_("是什么"), str(p.get_kind_display())),
            (_("编号"), p.number),
            (_("谁出具的"), self.street.name),
            (_("哪天出具"), daylong(p.at)),
            (_("哪天作废"), daylong(p.voided.at) if self.is_void else ""),
        ]
        if p.total_fen is not None:
            rows.append((str(TOTAL_SAID[p.kind]), _("%(sum)s 元") % {"sum": yuan(p.total_fen)}))
        rows.append((_("查验码"), as_is(shown_code(p.check_code))))
        return [(name, said) for name, said in rows if said]

    @property
    def digest(self) -> str:
        return shown_digest(self.paper.digest)
