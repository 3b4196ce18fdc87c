"""What a photograph takes in the child process that looks at it: processor and most memory, of pictures as phones make them
and of the largest that are taken."""

from __future__ import annotations

import io
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pillow_heif
from PIL import Image

from bench.measure import Figure
from hege.attachments import preparing
from hege.attachments.rules import MOST_BYTES, Purpose
from hege.kernel import limited

PHONE, LARGEST, OF_WEBP, IN_CMYK = (4000, 3000), (7296, 5472), (5760, 4320), (6320, 4740)


class Asked(NamedTuple):
    """A picture, how it is written, and milliseconds of processor and megabytes it may take."""

    size: tuple[int, int]
    form: str
    how: dict[str, Any]
    megabytes: int
    milliseconds: int | None = None
    mode: str = "RGB"


PROGRESSIVE = {"quality": 80, "progressive": True, "subsampling": 0}
ASKED = [
    Asked(PHONE, "JPEG", {"quality": 90}, 250, 400),
    Asked(PHONE, "HEIC", {"quality": 60}, 250, 1000),
    Asked(LARGEST, "JPEG", {"quality": 85}, 450),
    Asked(LARGEST, "JPEG", PROGRESSIVE, 450),
    Asked(LARGEST, "HEIC", {"quality": 50}, 450),
    Asked(LARGEST, "PNG", {}, 450, mode="RGBA"),
    Asked(OF_WEBP, "WEBP", {"quality": 80, "method": 0}, 450),
    Asked(IN_CMYK, "JPEG", {**PROGRESSIVE, "quality": 40}, 450, mode="CMYK"),
]
#: Added to the child's program: what it has taken, to a file beside the answer.
REPORTED = """
used = resource.getrusage(resource.RUSAGE_SELF)
with open("/proc/self/status") as said, open({path!r}, "w") as out:
    most = next(line.split()[1] for line in said if line.startswith("VmHWM"))
    out.write(f"[{{used.ru_utime + used.ru_stime}}, {{most}}]")
"""


def figures(*, runs: int, shrunk: int = 1) -> list[Figure]:
    """A line for each sort and size; ``shrunk``: sides so many times shorter, for a smoke test."""
    out = []
    for asked in ASKED:
        width, height = asked.size
        data = photograph(asked._replace(size=(width // shrunk, height // shrunk)))
        taken = [_taken(data) for _run in range(runs)]
        seconds, most = [seconds for seconds, _most in taken], max(most for _seconds, most in taken)
        how = ", progressive" if "progressive" in asked.how else ""
        name = f"picture: {width * height / 1e6:.0f} Mpx {asked.form} {asked.mode}{how}"
        milliseconds = statistics.median(seconds) * 1000
        note = f"{len(data) / 1e6:.1f} MB, {runs} runs; processor of the child"
        out.append(
            Figure(
                name,
                milliseconds,
                "ms",
                note,
                best=min(seconds) * 1000,
                worst=max(seconds) * 1000,
                at_most=asked.milliseconds,
            )
        )
        out.append(Figure(f"{name}, most memory", most, "MB", at_most=asked.megabytes))
    return out


def photograph(asked: Asked) -> bytes:
    """A picture with the slow and quick changes of a photograph; as PNG one of plain areas, since no other is small enough."""
    made = Image.merge(asked.mode, [_layer(asked, seed) for seed in range(len(asked.mode))])
    out = io.BytesIO()
    if asked.form == "HEIC":
        pillow_heif.from_pillow(made).save(out, enc_params={"preset": "ultrafast"}, **asked.how)
    else:
        made.save(out, asked.form, **asked.how)
    if len(out.getvalue()) > MOST_BYTES:
        raise RuntimeError(f"{asked} has {len(out.getvalue())} bytes: more than is taken")
    return out.getvalue()


def _layer(asked: Asked, seed: int) -> Image.Image:
    tile = Image.effect_noise((64, 48), 90 + seed)
    if asked.form == "PNG":
        return tile.resize(asked.size, Image.Resampling.NEAREST)
    middle = Image.effect_noise((asked.size[0] // 4, asked.size[1] // 4), 60 + seed)
    grain = Image.effect_noise(asked.size, 30 + seed)
    coarse = Image.blend(tile.resize(asked.size, Image.Resampling.BICUBIC), middle.resize(asked.size), 0.3)
    return Image.blend(coarse, grain, 0.15)


def _taken(data: bytes) -> tuple[float, float]:
    """Seconds of processor and megabytes that one look at a picture took its child, by the way a form goes."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        program = limited.START + REPORTED.format(path=str(report))
        with mock.patch.object(limited, "START", program), mock.patch("django.conf.settings.DATA_DIR", Path(folder)):
            preparing.prepare("IMG_1", len(data), lambda: data, purpose=Purpose.PHOTO)
        seconds, kilobytes = json.loads(report.read_text())
    return seconds, kilobytes / 1024
