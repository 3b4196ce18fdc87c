"""A member's own page: questions and answers, a part for each thing there is (成员首页)."""

from __future__ import annotations

from collections.abc import Callable

from hege.web.bearers import Rider
from hege.web.member.activities import activities_part
from hege.web.member.deeds import deeds_part
from hege.web.member.part import Part
from hege.web.member.points import points_part
from hege.web.member.thanks import thanks_part
from hege.web.member.vouchers import vouchers_part

#: The parts of the page in their order; each asks for what it tells by itself and may have nothing to tell (None).
#: A part is a function in a module of this package: another area's page is not asked sideways.
PARTS: tuple[Callable[[Rider], Part | None], ...] = (
    activities_part,
    vouchers_part,
    points_part,
    deeds_part,
    thanks_part,
)


def parts_of(rider: Rider) -> list[Part]:
    """What the page of a member tells today."""
    return [part for make in PARTS if (part := make(rider)) is not None]
