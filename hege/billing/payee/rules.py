"""What an account of the utility has to say before anybody is told to pay into it."""

from __future__ import annotations

import re

from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_another
from hege.kernel.refused import Refused

#: As banks in China number accounts: six to thirty digits.
_NUMBER = re.compile(r"\d{6,30}\Z", re.ASCII)


def account_number(typed: str) -> str:
    """The digits of an account as it was typed in groups. Refused where it can be none."""
    said = re.sub(r"[\s-]", "", typed)
    if not _NUMBER.fullmatch(said):
        raise Refused(_("账号是 6 到 30 位数字，请照水务公司的函写。"), field="number")
    return said


def check_second(*, by: int | None, named_by: int | None) -> None:
    """Refuse that who entered an account also confirms it."""
    check_another(by=by, first=named_by, sentence=_("收款账户要由另一个人照着水务公司的函核对。"))


def check_open(*, confirmed: bool, ended: bool) -> None:
    """Refuse to confirm twice, or what was ended."""
    if confirmed or ended:
        raise Refused(_("这个收款账户已经核对过，或者已经停用。"))


def check_not_ended(*, ended: bool) -> None:
    """Refuse to end twice."""
    if ended:
        raise Refused(_("这个收款账户已经停用。"))
