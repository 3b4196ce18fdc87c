"""A member's own page: questions and answers, a part for each thing there is (成员首页)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from hege.web.bearers import Rider
from hege.web.marks import Button


class Part(NamedTuple):
    """One card of the page, or several: its template, which finds what it tells as ``part.told``.

    ``button``: what stands at the foot of the page, under the thumb; the first that is ``main`` is the filled one.
    """

    template: str
    told: Mapping[str, Any]
    button: Button | None = None


#: The parts of the page in their order; each asks for what it tells by itself and may have nothing to tell (None).
#: A part is a function in a module of this package: another area's page is not asked sideways.
PARTS: tuple[Callable[[Rider], Part | None], ...] = ()


def parts_of(rider: Rider) -> list[Part]:
    """What the page of a member tells today."""
    return [part for make in PARTS if (part := make(rider)) is not None]
