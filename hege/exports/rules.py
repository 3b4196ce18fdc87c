"""What may be exported, and when it is too much to wait for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused

MOST_ROWS = 1_000_000  # that a sheet holds, with its headings


class What(TextChoices):
    """A sort of file that goes out."""

    SHOPS = "shops", _("商铺账")
    MONEY = "money", _("每一笔")
    TRAIL = "trail", _("操作留痕")
    PAPERS = "papers", _("抽查凭证包")
    FIGURES = "figures", _("季的数字")
    SETTLEMENTS = "settlements", _("能量券结算")
    LIST = "list", _("名单")


class Wanted(NamedTuple):
    """One file that somebody wants: its sort, and which of its rows, as plain words."""

    what: What
    of: Mapping[str, str]

    @property
    def topic(self) -> str:
        """What tells it from another."""
        said = " ".join(f"{name}={word}" for name, word in sorted(self.of.items()) if word)
        return f"{self.what.value} {said}"


def check_rows(rows: int) -> None:
    """A sheet holds no more."""
    if rows > MOST_ROWS:
        raise Refused(_("一共 %(rows)s 行，一张表放不下；请先用条件筛小一些。"), rows=rows)
