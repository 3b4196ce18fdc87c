"""A member who came to an evening, and thanks for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hege.kernel.clock import at_noon
from hege.people.models import User
from hege.programme.activities.actions import close_attendances
from hege.programme.thanks import actions
from hege.programme.thanks.models import Thanks
from hege.programme.thanks.rules import ThanksKind
from tests.programme.activities.evening import Evening, at

DAY = dt.date(2026, 1, 19)
SAID: dict[str, Any] = {
    "kind": ThanksKind.LETTER,
    "title": "谢谢您替大家留心",
    "words": "这个冬天，您一边送单一边替大家留心。",
}


@dataclass
class Grateful:
    """The evening is over: member 0 came for an hour and a half; the clerk thanks them."""

    evening: Evening

    def who(self, name: str, on: dt.date = DAY) -> dict[str, Any]:
        """Somebody of the cast, at noon of a day."""
        by: User = getattr(self.evening.cast, name)
        return {"by": by, "at": at_noon(on)}

    def propose(self, member: int = 0, **said: Any) -> Thanks:
        """Thanks by the clerk."""
        given = {**SAID, "season": self.evening.activity.season, **self.who("clerk"), **said}
        return actions.propose_thanks(self.evening.members[member], **given)

    def shown(self, **said: Any) -> Thanks:
        """Thanks in publicity since ``DAY``."""
        thanks = actions.review_thanks(self.propose(**said), words="对过", **self.who("checker"))
        return actions.show_thanks(thanks, **self.who("coordinator"))

    def given(self, **said: Any) -> Thanks:
        """Thanks that were given on the first day one may."""
        thanks = self.shown(**said)
        assert thanks.shown_until_on is not None
        return actions.give_thanks(thanks, **self.who("coordinator", thanks.shown_until_on))


def make_grateful(evening: Evening) -> Grateful:
    """Somebody came in and went out; the evening was added up."""
    evening.sign_up(0)
    evening.check_in(0, when=at(19))
    evening.check_out(0, when=at(20, 30))
    close_attendances(evening.street, by=None, at=at(12, day=19))
    return Grateful(evening)
