"""What a part of a member's own page hands to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from hege.web.marks import Button


class Part(NamedTuple):
    """One card of the page, or several: its template, which finds what it tells as ``part.told``.

    ``button``: what stands at the foot of the page, under the thumb; the first that is ``main`` is the filled one.
    """

    template: str
    told: Mapping[str, Any]
    button: Button | None = None
