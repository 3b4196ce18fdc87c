"""Pictures of the sample street: drawn by code, the same at each drawing, each stamped 样例, and taken like a phone's.

The two signs of the stamp are strokes on a square of a hundred units: a machine need not have a Chinese font.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import cos, radians, sin

from PIL import Image, ImageDraw, ImageFont

from hege.attachments.preparing import Prepared, prepare
from hege.attachments.rules import Purpose
from hege.kernel.money import yuan

DESK, SHEET, INK, FAINT, RED, BLUE = "#8d7b66", "#f7f4ea", "#2b2b33", "#9a978c", "#b3261e", "#23406e"
WIDTH, HEIGHT = 600, 800  # pixels
#: How far a sheet lies from straight, in degrees.
ASKEW = (-2, 1, 2, -1)
_STAMP = (
    (((8, 32), (46, 32)), ((28, 8), (28, 92)), ((28, 34), (8, 66)), ((28, 40), (44, 58)), ((60, 8), (68, 22)),
     ((88, 8), (80, 22)), ((52, 28), (96, 28)), ((56, 46), (92, 46)), ((50, 66), (98, 66)), ((74, 28), (74, 94))),
    (((22, 8), (6, 44)), ((15, 30), (15, 92)), ((28, 18), (66, 18)), ((46, 18), (30, 52)), ((40, 34), (62, 34), (34, 92)),
     ((42, 48), (54, 62)), ((76, 22), (76, 66)), ((93, 8), (93, 90), (84, 82))),
)  # fmt: skip


def receipts(title: str, rows: Sequence[tuple[str, int]]) -> Prepared:
    """Receipts of a shop on a sheet: what each says (a day, a shop) and its amount in fen."""
    sheet, pen = _sheet(title)
    step = min(56, 540 // max(len(rows), 1))
    for n, (says, fen) in enumerate(rows):
        top = 130 + n * step
        pen.text((50, top), says, INK, _font(24))
        pen.text((500, top), yuan(fen), INK, _font(24), anchor="ra")
        pen.line((50, top + 32, 500, top + 32), FAINT)
    _signed(pen, 60, 700)
    return _taken(Purpose.RECEIPT, title, _laid(sheet, len(rows)))


def signed_page(purpose: Purpose, title: str, *says: str) -> Prepared:
    """A page with its number, lines of writing, a signature and a round seal."""
    sheet, pen = _sheet(title)
    for n, line in enumerate(says):
        pen.text((50, 130 + n * 40), line, INK, _font(26))
    for n in range(9 - len(says)):
        top = 150 + 44 * (n + len(says))
        pen.line((50, top, 500 - 90 * (n % 3 == 2), top), FAINT, 5)
    _signed(pen, 60, 680)
    pen.ellipse((350, 560, 490, 700), outline=RED, width=6)
    star = [(radians(36 * n), 30 if n % 2 == 0 else 12) for n in range(10)]
    pen.polygon([(420 + far * sin(turn), 630 - far * cos(turn)) for turn, far in star], RED)
    return _taken(purpose, title, _laid(sheet, len(title)))


def dial(number: str, litres: int) -> Prepared:
    """The face of a water meter with its number and what its register shows."""
    picture = Image.new("RGB", (WIDTH, WIDTH), BLUE)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((40, 40, 560, 560), SHEET, INK, 14)
    for tick in range(40):
        turn, inner = radians(9 * tick), 222 - 12 * (tick % 4 == 0)
        pen.line([(300 + far * sin(turn), 300 - far * cos(turn)) for far in (inner, 240)], INK, 3)
    for n, digit in enumerate(f"{litres // 1000:05d}{litres % 1000 // 10:02d}"):
        left = 118 + n * 53
        pen.rectangle((left, 230, left + 46, 306), INK if n < 5 else RED)
        pen.text((left + 23, 268), digit, "white", _font(50), anchor="mm")
    pen.text((476, 330), "m", INK, _font(30), anchor="ra")
    pen.text((478, 328), "3", INK, _font(18))
    pen.text((300, 400), number, INK, _font(30), anchor="mm")
    _stamp(pen, 230, 440, 60)
    return _taken(Purpose.DIAL, number, picture)


def front(code: str) -> Prepared:
    """The front of a shop with its number on the sign."""
    picture = Image.new("RGB", (HEIGHT, WIDTH), "#c9d6df")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 500, HEIGHT, WIDTH), "#8f9296")
    pen.rectangle((70, 90, 730, 520), "#d8cdb8")
    pen.rectangle((110, 110, 690, 190), BLUE)
    pen.text((400, 150), code, "white", _font(52), anchor="mm")
    for n in range(10):
        left = 90 + n * 62
        pen.polygon([(left, 200), (left + 62, 200), (left + 56, 262), (left - 6, 262)], ("#b3261e", "#f2efe6")[n % 2])
    pen.rectangle((120, 280, 440, 450), "#5f7f92", INK, 4)
    pen.rectangle((500, 280, 650, 520), "#6b4b34", INK, 4)
    pen.ellipse((624, 396, 640, 412), "#d9b44a")
    _stamp(pen, 150, 330, 70)
    return _taken(Purpose.PHOTO, code, picture)


def _sheet(title: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    sheet = Image.new("RGB", (550, 760), SHEET)
    pen = ImageDraw.Draw(sheet)
    pen.text((50, 46), title, INK, _font(38))
    pen.line((50, 104, 500, 104), INK, 3)
    _stamp(pen, 400, 30, 50)
    return sheet, pen


def _laid(sheet: Image.Image, turn: int) -> Image.Image:
    """A sheet on a desk, somewhat askew."""
    desk = Image.new("RGB", (WIDTH, HEIGHT), DESK)
    turned = sheet.rotate(ASKEW[turn % len(ASKEW)], Image.Resampling.BILINEAR, expand=True, fillcolor=DESK)
    desk.paste(turned, ((WIDTH - turned.width) // 2, (HEIGHT - turned.height) // 2))
    return desk


def _signed(pen: ImageDraw.ImageDraw, left: int, top: int) -> None:
    """A name nobody can read."""
    pen.line(
        [(left + 2 * x, top + 22 * sin(radians(11 * x)) * cos(radians(3 * x))) for x in range(90)], BLUE, 4, "curve"
    )


def _stamp(pen: ImageDraw.ImageDraw, left: int, top: int, size: int) -> None:
    """样例 in a frame, ``size`` pixels high."""
    pen.rectangle((left - 8, top - 8, left + 2 * size + 14, top + size + 8), outline=RED, width=3)
    for n, strokes in enumerate(_STAMP):
        for stroke in strokes:
            points = [(left + n * (size + 6) + x * size // 100, top + y * size // 100) for x, y in stroke]
            pen.line(points, RED, max(2, size // 14))


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _taken(purpose: Purpose, name: str, picture: Image.Image) -> Prepared:
    """The picture as a phone would send it, looked at like any other."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    data = out.getvalue()
    return prepare(f"{name}.jpg", len(data), lambda: data, purpose=purpose)
