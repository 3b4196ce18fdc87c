"""Ten papers of one made-up street as offices have them, and what is in every row of them (``expected.json``)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def expected() -> dict[str, Any]:
    """The truth: rows and columns count from 1, sums are fen."""
    truth: dict[str, Any] = json.loads((HERE / "expected.json").read_text(encoding="utf-8"))
    return truth


def paper(name: str) -> bytes:
    """One of the papers."""
    return (HERE / name).read_bytes()
