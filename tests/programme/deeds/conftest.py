"""Members who notice something, and somebody of the office who goes and looks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.cases.reports.actions import begin_verifying, verify_report
from hege.kernel.clock import at_noon
from hege.members.models import Member
from hege.places.models import Place, PlaceLevel
from hege.programme.deeds.actions import report_deed
from hege.programme.deeds.models import Deed
from tests.cast import Cast, tell
from tests.points.conftest import make_riders
from tests.standing import standing

#: A Tuesday; rounds are looked at on the Monday after.
TUESDAY = dt.date(2025, 12, 16)
MONDAY = dt.date(2025, 12, 22)


def on(day: dt.date) -> Any:
    """Nobody in particular, at noon of a day."""
    return {"by": None, "at": at_noon(day)}


@standing
def riders(cast: Cast) -> list[Member]:
    """Five members."""
    return make_riders(cast)


class Watch:
    """The street's riders and its office, in short."""

    def __init__(self, cast: Cast, riders: list[Member]) -> None:
        self.cast, self.riders = cast, riders
        self.place = Place.objects.create(
            street=cast.street, level=PlaceLevel.STREET, code="s", name=cast.street.name, path="s/", from_on=TUESDAY
        )
        tell(cast.street)

    def report(self, n: int, day: dt.date = TUESDAY, **said: Any) -> Deed:
        """The nth rider reports something."""
        told: dict[str, Any] = {"text": "门口台阶结冰", "where": "3 号门东侧", "place": self.place} | said
        return report_deed(self.riders[n], **told, **on(day))

    def verify(self, *deeds: Deed, day: dt.date = TUESDAY, by: Any = None) -> None:
        """Somebody goes, looks and finds them true."""
        who: dict[str, Any] = {"by": by or self.cast.grid_worker, "at": at_noon(day)}
        for deed in deeds:
            verify_report(begin_verifying(deed.report, **who), finding="属实", **who)
            deed.report.refresh_from_db()


@pytest.fixture
def watch(cast: Cast, riders: list[Member]) -> Watch:
    """All of them."""
    return Watch(cast, riders)
