"""The papers of the crisis: a statement of the meter, the weekly notice that the deferral asks for, its letter. Sample data."""

from __future__ import annotations

import datetime as dt

from hege.kernel.calendar import DAY
from hege.papers.actions import issue_paper
from hege.papers.drawing import Wanted, draw
from hege.papers.rules import PaperKind
from hege.people.models import Role
from hege.stories.crisis import Crisis

YEAR, WEEK = 334 * DAY, 6 * DAY


def hand_out_papers(crisis: Crisis, on: dt.date) -> None:
    """What the coordinator issues on a day after the deferral: anybody may check it by its code."""
    acting, street, point = crisis.acting(Role.COORDINATOR, on), crisis.stage.street, crisis.point
    for wanted in (
        Wanted(PaperKind.METER_STATEMENT, street, point, from_on=(on - YEAR).replace(day=1), last_on=on),
        Wanted(PaperKind.PUBLIC_NOTICE, street, point, from_on=on - WEEK, last_on=on),
        Wanted(PaperKind.DEFERRAL_LETTER, street, point, notice=crisis.notice),
    ):
        issue_paper(wanted, digest=draw(wanted, at=acting["at"]).digest, **acting)
