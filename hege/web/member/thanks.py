"""What a member was thanked with, and the certificates of their hours, on their own page."""

from __future__ import annotations

from hege.programme.thanks.queries import mine_of
from hege.web.bearers import Rider
from hege.web.member.part import Part

#: So many stand on the page, the newest first.
MOST_SHOWN = 5


def thanks_part(rider: Rider) -> Part | None:
    """谁谢过我? Thanks that were shown or given, and certificates; one query."""
    letters, hours = (some[:MOST_SHOWN] for some in mine_of(rider.member))
    return Part("member/thanks_part.html", {"letters": letters, "hours": hours}) if letters or hours else None
