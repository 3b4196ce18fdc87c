"""How the grid tree is put together, and what a day is when nobody has said so yet."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused

SATURDAY = 5


def is_weekday(day: dt.date) -> bool:
    """Monday to Friday: what a day is taken for while the State Council's arrangement for its year is not known."""
    return day.weekday() < SATURDAY


def path_of(parent_path: str, code: str) -> str:
    """The path of a place below its parent: the codes from the top down, each ended by ``/``."""
    return f"{parent_path}{code}/"


def check_place(*, code: str, parent_rank: int | None, rank: int) -> None:
    """A code must not break a path, and a place lies below its parent (层级); a layer may be left out.

    Ranks count the layers from the street down. Only the street itself has no parent.
    """
    if not code or "/" in code or len(code) > 30:
        raise Refused(_("网格编码不能为空、不能含“/”、不能超过 30 个字符。"), field="code")
    if parent_rank is None:
        if rank != 0:
            raise Refused(_("请选上级网格；只有街镇本身没有上级。"), field="parent")
    elif rank <= parent_rank:
        raise Refused(_("网格的层级要低于它的上级。"), field="level")


def covers(path: str, place_path: str) -> bool:
    """Whether a part of the tree takes in a place; an empty path is the whole street."""
    return place_path.startswith(path)
