"""A database that is there for a drill alone."""

from __future__ import annotations

from typing import NamedTuple

from hege.cli.copies.figures import Figures


class Scratch(NamedTuple):
    """Where it is, as HEGE_DATABASE_URL says it, and the figures of what came out of the copy."""

    url: str
    figures: Figures
