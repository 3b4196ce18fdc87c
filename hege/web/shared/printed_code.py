"""A code to scan, as a picture that prints sharp in any size (二维码)."""

from __future__ import annotations

import io
from itertools import groupby
from typing import NamedTuple

import segno

SVG = "image/svg+xml"


def drawn_code(address: str, *, error: str, quiet: int) -> bytes:
    """An address as SVG. ``error``: the level of correction, l, m, q or h; ``quiet``: how many modules stay white round it."""
    drawn = io.BytesIO()
    segno.make_qr(address, error=error).save(
        drawn, kind="svg", border=quiet, xmldecl=False, svgns=True, omitsize=True, light="#fff", svgclass=None,
        lineclass=None,
    )  # fmt: skip
    return drawn.getvalue()


class CodePath(NamedTuple):
    """A code to stand within a page: the bars of its dark modules as the path of an SVG, and how many modules a side has."""

    d: str
    size: int


def code_path(address: str) -> CodePath:
    """An address as the path that ``hege-moving.js`` draws anew; level M."""
    rows = segno.make_qr(address, error="m", boost_error=False).matrix
    bars = []
    for y, row in enumerate(rows):
        x = 0
        for dark, run in groupby(row):
            wide = len(list(run))
            bars += [f"M{x} {y}h{wide}v1h-{wide}z"] if dark else []
            x += wide
    return CodePath("".join(bars), len(rows))
