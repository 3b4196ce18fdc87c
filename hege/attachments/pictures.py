"""The reader of pictures, run by ``hege.kernel.limited``: a foreign picture in, a small clean JPEG out.

Upright, at most ``LONGEST_SIDE`` pixels long, with nothing of what it brought along: no place, no time, no device, no
text behind the picture. How many pixels it has is read from its header before one of them is decoded.
"""

from __future__ import annotations

import io
import warnings
from typing import Any

from PIL import Image, ImageDraw, ImageOps

from hege.attachments.told import Answer, No, _, answer

MOST_PIXELS = 40_000_000
#: Of what its decoder holds in memory several times over, by sort or by colours.
FEWER_PIXELS = {"WEBP": 25_000_000, "CMYK": 30_000_000}
LONGEST_SIDE, SMALL_SIDE = 2048, 320
QUALITY, SMALL_QUALITY = 82, 70
THOUSAND = 1000  # bars lie in thousandths of width and height

TOO_MANY_PIXELS = _("“%(name)s”的像素太多，最多 %(most)s 个；请用普通拍照方式重拍。")

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


def look(question: dict[str, Any], data: bytes) -> Answer:
    """The picture and a small one of it, upright and clean; with black ``bars`` where some are asked for."""
    if question["sort"] == "HEIC":
        from pillow_heif import options, register_heif_opener  # type: ignore[import-untyped,unused-ignore]

        options.DECODE_THREADS = 1
        register_heif_opener(thumbnails=False)
    picture = _opened(question["sort"], data)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BICUBIC)
    clean = _flat(_upright(picture))
    for left, top, right, bottom in question.get("bars", ()):
        w, h = clean.size
        corners = (w * left // THOUSAND, h * top // THOUSAND, w * right // THOUSAND, h * bottom // THOUSAND)
        ImageDraw.Draw(clean).rectangle(corners, fill=(0, 0, 0))
    small = clean.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.BICUBIC)
    return Answer({"width": clean.width, "height": clean.height}, (_jpeg(clean, QUALITY), _jpeg(small, SMALL_QUALITY)))


def _opened(sort: str, data: bytes) -> Image.Image:
    """The picture with its header read and nothing more."""
    try:
        picture = Image.open(io.BytesIO(data), formats=["HEIF" if sort == "HEIC" else sort])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise No(TOO_MANY_PIXELS, most=f"{MOST_PIXELS:,}") from None
    most = min(FEWER_PIXELS.get(kind, MOST_PIXELS) for kind in (sort, picture.mode))
    if picture.width * picture.height > most:
        raise No(TOO_MANY_PIXELS, most=f"{most:,}")
    return picture


def _upright(picture: Image.Image) -> Image.Image:
    """As it was held; what says so may be damaged, which no photograph is refused for."""
    try:
        return ImageOps.exif_transpose(picture)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  # a foreign block of tags
        return picture


def _flat(picture: Image.Image) -> Image.Image:
    """In plain colours, what is transparent on white."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layers = picture.convert("RGBA")
        flat = Image.new("RGB", layers.size, (255, 255, 255))
        flat.paste(layers, mask=layers.getchannel("A"))
        return flat
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    """Written anew from its pixels alone."""
    picture.info.clear()
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def main() -> None:
    """The child's program."""
    answer(look)
