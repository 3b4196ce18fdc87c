"""Who may be given which role."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hege.kernel.refused import Refused


def check_grant(*, granted_by: int | None, user: int, first: bool) -> None:
    """A role and its part of the grid are granted by another person; only a street's first is made by the system."""
    if granted_by is None and not first:
        raise Refused(_("岗位要由另一位管理员授予。"))
    if granted_by == user:
        raise Refused(_("不能给自己授予岗位，请另一位管理员办理。"))
