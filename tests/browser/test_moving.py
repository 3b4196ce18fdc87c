"""The code that moves, as a phone makes it without a network: digits as the house makes them, and a code that scanners read."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pyotp
import pytest
import segno

import hege.web
from hege.vouchers.moving import SECRET_LENGTH, scanned_code
from tests.vouchers.test_moving import SECRET, TABLE

pytestmark = pytest.mark.browser
STATIC = Path(hege.web.__path__[0]) / "static"
#: As many signs as fill a code of each version whole, level M.
FULL = [14, 26, 42, 62, 84, 106]
ADDRESS = "https://hege.example.gov.cn/t/310118106/s/48291307/abcdefgh2/"


@pytest.fixture(scope="module")
def blank(chromium: Any) -> Iterator[Any]:
    """A page of nothing but the two scripts."""
    page = chromium.new_page()
    for script in ("hege-code.js", "hege-moving.js"):
        page.add_script_tag(path=str(STATIC / script))
    yield page
    page.close()


@pytest.mark.parametrize(("seconds", "code"), TABLE)
def test_digits_are_those_of_the_standard(blank: Any, seconds: int, code: str):
    assert blank.evaluate("([secret, step]) => hegeMoving.digits(secret, step)", [SECRET, seconds // 30]) == code


def test_digits_are_those_of_the_house(blank: Any):
    random = Random(310118106)
    asked = [(pyotp.random_base32(SECRET_LENGTH), random.randrange(2**31)) for _ in range(200)]
    found = blank.evaluate("all => all.map(([secret, step]) => hegeMoving.digits(secret, step))", asked)
    assert found == [pyotp.HOTP(secret, digits=6, digest=hashlib.sha256).at(step) for secret, step in asked]


def test_signs_are_those_of_the_house(blank: Any):
    asked = [(pyotp.random_base32(SECRET_LENGTH), n) for n in range(200)]
    found = blank.evaluate("all => all.map(([secret, step]) => hegeMoving.signs(secret, step))", asked)
    assert found == [scanned_code(secret, dt.datetime.fromtimestamp(step * 30, dt.UTC)) for secret, step in asked]


@pytest.mark.parametrize("length", [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])
def test_the_digest_is_sha_256_at_every_edge_of_a_block(blank: Any, length: int):
    data = Random(length).randbytes(length)
    assert bytes(blank.evaluate("data => hegeMoving.sha256(data)", list(data))) == hashlib.sha256(data).digest()


def code_of(page: Any, text: str) -> list[list[int]] | None:
    rows: list[list[int]] | None = page.evaluate("text => hegeCode(text)", text)
    return rows


@pytest.mark.parametrize("length", FULL)
def test_a_full_code_is_one_of_those_another_program_draws(blank: Any, length: int):
    random = Random(length)
    for _ in range(5):
        text = "".join(random.choices("abcdefghijklmnopqrstuvwxyz0123456789/:.", k=length))
        drawn = [segno.make_qr(text, error="m", boost_error=False, mode="byte", mask=mask).matrix for mask in range(8)]
        assert code_of(blank, text) in [[list(row) for row in one] for one in drawn]


@pytest.mark.parametrize("length", [1, 13, 14, 15, 57, 58, 61, 105])
def test_a_code_that_is_not_full_reads_as_its_text(blank: Any, length: int):
    rows = code_of(blank, (ADDRESS * 2)[:length])
    assert rows is not None
    assert read(rows) == (ADDRESS * 2)[:length]


def test_an_address_that_is_too_long_has_no_code(blank: Any):
    assert code_of(blank, "x" * 107) is None


def read(rows: list[list[int]]) -> str:
    """The text of a code of one or two blocks, by its own format bits, as a scanner reads one without damage."""
    size = len(rows)
    version = (size - 17) // 4
    format_bits = sum(rows[8][size - 1 - n] << n for n in range(8)) | sum(
        rows[size - 15 + n][8] << n for n in range(8, 15)
    )
    mask = (format_bits ^ 0x5412) >> 10 & 7

    def taken(x: int, y: int) -> bool:
        eye = (x < 9 and (y < 9 or y >= size - 8)) or (x >= size - 8 and y < 9)
        small_eye = version > 1 and abs(x - size + 7) < 3 and abs(y - size + 7) < 3
        return eye or small_eye or 6 in (x, y)

    turned = [
        lambda x, y: (x + y) % 2, lambda x, y: y % 2, lambda x, y: x % 3, lambda x, y: (x + y) % 3,
        lambda x, y: (y // 2 + x // 3) % 2, lambda x, y: x * y % 2 + x * y % 3,
        lambda x, y: (x * y % 2 + x * y % 3) % 2, lambda x, y: ((x + y) % 2 + x * y % 3) % 2,
    ][mask]  # fmt: skip
    bits, up = [], True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        for y in range(size - 1, -1, -1) if up else range(size):
            bits += [rows[y][x] ^ (not turned(x, y)) for x in (right, right - 1) if not taken(x, y)]
        up = not up
    words = [int("".join(map(str, map(int, bits[n : n + 8]))), 2) for n in range(0, len(bits) - 7, 8)]
    blocks, each = {1: (1, 16), 2: (1, 28), 3: (1, 44), 4: (2, 32), 5: (2, 43), 6: (4, 27)}[version]
    data = "".join(f"{words[n * blocks + block]:08b}" for block in range(blocks) for n in range(each))
    assert data[:4] == "0100"  # bytes
    count = int(data[4:12], 2)
    return bytes(int(data[12 + 8 * n : 20 + 8 * n], 2) for n in range(count)).decode()
