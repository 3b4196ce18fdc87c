"""The code that moves: the standard's own examples, and which step a code is of."""

from __future__ import annotations

import base64
import datetime as dt
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hege.vouchers.moving import SIGNS, ends_at, moving_code, new_secret, scanned_code, steps_off

pytestmark = pytest.mark.once

#: RFC 6238, appendix B: the secret and the codes of SHA-256, of which a phone shows the last six digits.
SECRET = base64.b32encode(b"12345678901234567890123456789012").decode().rstrip("=")
TABLE = [
    (59, "119246"),
    (1111111109, "084774"),
    (1111111111, "062674"),
    (1234567890, "819424"),
    (2000000000, "698825"),
    (20000000000, "737706"),
]
#: 2025-12-18 12:04:10, ten seconds into a step.
NOON = dt.datetime(2025, 12, 18, 4, 4, 10, tzinfo=dt.UTC)


def at(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


@pytest.mark.parametrize(("seconds", "code"), TABLE)
def test_codes_are_those_of_the_standard(seconds: int, code: str):
    assert moving_code(SECRET, at(seconds)) == code
    assert steps_off(SECRET, code, at=at(seconds)) == 0


@pytest.mark.parametrize(
    ("late", "off"),
    [(-41, 2), (-40, 1), (-10.1, 1), (-10, 0), (0, 0), (19.9, 0), (20, -1), (49.9, -1), (50, -2), (610, -20)],
)
def test_a_code_is_of_the_step_it_was_made_in(late: float, off: int):
    assert steps_off(SECRET, moving_code(SECRET, NOON), at=NOON + dt.timedelta(seconds=late)) == off


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "１２３４５６", "-12345", "12 345", "000000"])
def test_what_is_no_code_is_of_no_step(code: str):
    assert steps_off(SECRET, code, at=NOON) is None
    assert steps_off(SECRET, moving_code(SECRET, NOON), at=NOON + dt.timedelta(minutes=20)) is None


def test_a_code_that_is_scanned_is_of_the_same_digest_and_longer_than_anybody_tries():
    """By hand: the first 45 bits of HMAC-SHA-256(secret, 1), of which the digits of 59 seconds are made too."""
    hashed = hmac.digest(base64.b32decode(SECRET + "===="), (1).to_bytes(8), "sha256")
    bits = f"{int.from_bytes(hashed):0256b}"[:45]
    signs = "".join("abcdefghijklmnopqrstuvwxyz234567"[int(bits[n : n + 5], 2)] for n in range(0, 45, 5))
    assert scanned_code(SECRET, at(59)) == signs
    assert len(signs) == SIGNS
    assert [steps_off(SECRET, signs, at=at(seconds)) for seconds in (29, 30, 59, 60, 659, 660)] == [
        1,
        0,
        0,
        -1,
        -20,
        None,
    ]


def test_a_step_ends_where_the_next_begins():
    assert ends_at(NOON) == dt.datetime(2025, 12, 18, 4, 4, 30, tzinfo=dt.UTC)
    assert ends_at(ends_at(NOON)) == dt.datetime(2025, 12, 18, 4, 5, tzinfo=dt.UTC)


def test_secrets_are_as_long_as_the_digest_and_differ():
    assert len(base64.b32decode(new_secret() + "====")) == 32
    assert new_secret() != new_secret()


@given(st.integers(3000, 2**33), st.integers(-20, 20))
def test_every_step_that_is_looked_through_is_found_again(seconds: int, off: int):
    found = steps_off(SECRET, moving_code(SECRET, at(seconds + 30 * off)), at=at(seconds))
    assert found is not None
    assert abs(found) <= abs(off)  # two steps of 41 may by chance have the same digits: the nearer one counts
    assert moving_code(SECRET, at(seconds + 30 * found)) == moving_code(SECRET, at(seconds + 30 * off))
