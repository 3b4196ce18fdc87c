"""A code to scan, as a picture that prints sharp in any size (二维码)."""

from __future__ import annotations

import io

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
