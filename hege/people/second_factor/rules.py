"""Which code is right, what a factor is called, and when one may be added or ended (第二重验证)."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
import unicodedata

import pyotp
from django.utils.translation import gettext_lazy as _

from hege.kernel.checks import check_words
from hege.kernel.ids import ALPHABET
from hege.kernel.refused import Refused

#: One-time codes as every app makes them (RFC 6238): seconds a code is shown, and how many codes beside the present one
#: are taken, because clocks differ and people type slowly.
STEP, SLACK, DIGITS = 30, 1, 6
#: Each more is one more that can be lost unnoticed.
MOST_FACTORS = 5
#: Twelve symbols of 31, about 59 bits, in groups that can be read out.
CODES, GROUPS, SYMBOLS = 10, 3, 4
#: How long somebody who has given the password may take for the second factor, and for adding one.
GOOD_FOR = dt.timedelta(minutes=5)
LONGEST_NAME = 60


def new_secret() -> str:
    """What an app and the house share from now on: 160 bits, in letters and digits that can be typed."""
    return pyotp.random_base32()


def address_of_secret(secret: str, *, username: str, issuer: str) -> str:
    """The secret as an app takes it from a picture (otpauth)."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def typed(code: str) -> str:
    """A code as it was typed, without blanks and dashes, in narrow signs and small letters."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", code).lower() if sign.isalnum())


def step_of(secret: str, code: str, *, after: int, at: dt.datetime) -> int | None:
    """The time step that a one-time code is of; None for a wrong one, and for one that is not later than step ``after``."""
    totp, now, found = pyotp.TOTP(secret, digits=DIGITS, interval=STEP), int(at.timestamp()) // STEP, None
    for step in range(now - SLACK, now + SLACK + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), code.encode()) and step > after:
            found = step
    return found


def check_count(count: int, *, after: int) -> None:
    """A passkey's count of signatures has grown since it was last seen, or it keeps none: else there are two of it."""
    if count <= after and (count, after) != (0, 0):
        raise Refused(_("这把通行密钥的签名次数倒退了，像是被人复制过，不能用。请换别的办法登录，再停用它。"))


def new_recovery_codes() -> list[str]:
    """Ten codes for paper, in groups that can be read out (备用码)."""
    symbols = ["".join(secrets.choice(ALPHABET) for _ in range(GROUPS * SYMBOLS)) for _ in range(CODES)]
    return ["-".join(code[n : n + SYMBOLS] for n in range(0, len(code), SYMBOLS)) for code in symbols]


def check_own(*, by: int | None, user: int) -> None:
    """A second factor is its owner's: nobody else adds, names or ends it. Who lost all of them goes to the machine."""
    if by != user:
        raise Refused(_("第二重验证由本人办理。设备丢了，请在服务器上办 hege unlock。"))


def check_name(name: str) -> str:
    """What a person calls a factor, without blanks around it."""
    said = check_words(name, _("请给它起个名字，例如“我的手机”。"), field="name")
    if len(said) > LONGEST_NAME:
        raise Refused(_("名字最多 %(n)d 个字。"), n=LONGEST_NAME, field="name")
    return said


def check_room(others: int) -> None:
    """A person keeps a few factors, and knows where each of them is."""
    if others >= MOST_FACTORS:
        raise Refused(_("最多登记 %(n)d 个第二重验证，请先停用一个不用的。"), n=MOST_FACTORS)


def check_factor_left(others: int, *, compelled: bool) -> None:
    """Who has to have a second factor does not end the last one."""
    if compelled and others < 1:
        raise Refused(_("您的岗位必须有第二重验证，这是最后一个，不能停用。要换设备，请先添加新的。"))


def check_has_factor(factors: int) -> None:
    """Recovery codes stand in for a second factor: without one there is nothing to stand in for."""
    if factors < 1:
        raise Refused(_("还没有第二重验证，备用码没有用处。请先添加一个。"))
