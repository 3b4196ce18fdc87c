"""The code that moves (动态码): new every 30 seconds, made on the phone of a secret given at the claim.

Six digits to be read out, by RFC 6238 (TOTP) over HMAC-SHA-256, and nine signs of the same digest to be scanned: a page that
a scanner opens keeps no count of wrong codes, for looking writes nothing, and nobody tries out 45 bits. ``hege-moving.js``
makes the same ones without a network. Whoever photographs a code has it for less than a minute and a half.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets

import pyotp

from hege.kernel.clock import EPOCH

#: Seconds a code is shown.
STEP, DIGITS = 30, 6
#: How long the code is that is scanned, in signs of base32.
SIGNS = 9
#: As many steps either side are looked through, ten minutes, to say why a code is not taken.
LOOKED_THROUGH = 20
#: 256 bits, as long as the digest (RFC 6238, 5.1), in letters and digits.
SECRET_LENGTH = 52


def new_secret() -> str:
    """What phone and house share of one claim, in base32."""
    return base64.b32encode(secrets.token_bytes(SECRET_LENGTH))[:SECRET_LENGTH].decode()


def step_at(at: dt.datetime) -> int:
    """The time step an instant falls in, counted from 1970."""
    return int(at.timestamp()) // STEP


def ends_at(at: dt.datetime) -> dt.datetime:
    """The instant at which the code of another instant is no longer the present one."""
    return EPOCH + dt.timedelta(seconds=(step_at(at) + 1) * STEP)


def moving_code(secret: str, at: dt.datetime) -> str:
    """The digits of an instant."""
    return _digits(secret, step_at(at))


def scanned_code(secret: str, at: dt.datetime) -> str:
    """The signs of an instant, for a code that is scanned."""
    return _signs(secret, step_at(at))


def steps_off(secret: str, code: str, *, at: dt.datetime) -> int | None:
    """How many steps from an instant a code is of, before it where below zero, the nearest; None: of none looked through.

    Which of them are taken, and what a till is told of the others: ``tills.rules.code_finding``.
    """
    now, said = step_at(at), code.encode()
    made = _signs if len(said) == SIGNS else _digits
    for off in sorted(range(-LOOKED_THROUGH, LOOKED_THROUGH + 1), key=abs):
        if hmac.compare_digest(made(secret, now + off).encode(), said):
            return off
    return None


def _digits(secret: str, step: int) -> str:
    return pyotp.HOTP(secret, digits=DIGITS, digest=hashlib.sha256).at(max(step, 0))


def _signs(secret: str, step: int) -> str:
    key, counter = pyotp.HOTP(secret).byte_secret(), max(step, 0).to_bytes(8)
    return base64.b32encode(hmac.digest(key, counter, "sha256")[:10])[:SIGNS].decode().lower()
