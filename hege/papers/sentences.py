"""What is said of papers when they are read: their figures' names, their code, where they are checked."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.papers.models import Paper
from hege.papers.rules import PaperKind

#: What the figure is that anybody is told who checks a paper.
TOTAL_SAID: Mapping[str, Promise] = {
    PaperKind.METER_STATEMENT: _("期末欠水务公司"),
    PaperKind.SHOP_STATEMENT: _("期末还差"),
    PaperKind.PUBLIC_NOTICE: _("还欠水务公司"),
    PaperKind.DEMAND_LETTER: _("逾期没有交"),
    PaperKind.CUTOFF_NOTICE: _("催缴过、仍没有交"),
    PaperKind.DEFERRAL_LETTER: _("出具时欠水务公司"),
}
#: The terms of who holds the money, as a statement names them; what is taken off says so.
TERMS_SAID: Mapping[str, Promise] = {
    "held": _("代收人收了没交"),
    "fronted": _("代收人垫付（减）"),
    "acknowledged": _("商户书面承认没付"),
    "unproven": _("付没付没有凭证"),
    "advances": _("商户预付（减）"),
    "passed_over": _("商户直接交水司、多交的（减）"),
    "unshared": _("未分摊"),
    "common": _("公摊未定"),
    "loss": _("损耗未定"),
    "unexplained": _("旧账没人说明"),
}


def shown_code(code: str) -> str:
    """A check code in groups of four, as it is read off a paper."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def shown_digest(digest: str) -> str:
    """A digest in groups of eight, as it is read out."""
    return " ".join(digest[at : at + 8] for at in range(0, len(digest), 8))


def address_of(paper: Paper) -> str:
    """Where anybody checks a paper; it is in the code printed on it."""
    return f"{settings.SITE}/p/{paper.check_code}/"
