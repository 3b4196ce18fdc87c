"""A conference at every stage."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest

from hege.cases import actions as cases
from hege.cases.models import Case
from hege.conferences import actions as conferences
from hege.conferences.models import Conference, Decision
from hege.conferences.rules import ConferenceState, DecisionState
from hege.kernel.clock import at_noon
from hege.people.models import Party
from hege.places.actions import seed_calendar
from tests.cast import Cast

ON = dt.date(2026, 3, 2)  # a Monday
AT = at_noon(ON)
DUE = dt.date(2026, 3, 9)


@dataclass(frozen=True)
class Table:
    """One case and the parties at the table."""

    cast: Cast
    case: Case

    @property
    def parties(self) -> list[Party]:
        return [self.cast.office, self.cast.utility, self.cast.agent_party]

    def conference(self, state: ConferenceState = ConferenceState.CALLED) -> Conference:
        """A conference brought to a state."""
        made = conferences.call_conference(
            self.case, meets_on=ON, place="综合网格", parties=self.parties, by=self.cast.coordinator, at=AT
        )
        if state is ConferenceState.CANCELLED:
            return conferences.cancel_conference(made, reason="改期。", by=self.cast.coordinator, at=AT)
        if state is not ConferenceState.CALLED:
            made = conferences.record_meeting(
                made,
                held_on=ON,
                attended=[(self.cast.office, "王科长"), (self.cast.utility, "")],
                by=self.cast.coordinator,
                at=AT,
            )
        if state is ConferenceState.MINUTED:
            conferences.sign_minutes(made, text="各方意见一致。", by=self.cast.coordinator, at=AT)
            made.refresh_from_db()
        return made

    def decision(
        self,
        state: DecisionState = DecisionState.ASSIGNED,
        *,
        conference: Conference | None = None,
        due_on: dt.date = DUE,
    ) -> Decision:
        """A promise of the office, assisted by the utility, brought to a state."""
        made = conferences.record_decision(
            conference or self.conference(ConferenceState.HELD),
            lead=self.cast.office,
            assisting=[self.cast.utility],
            measure="提交一户一表方案",
            due_on=due_on,
            evidence_required="方案文本",
            by=self.cast.coordinator,
            at=AT,
        )
        if state in (DecisionState.REPORTED, DecisionState.DONE):
            made = conferences.fulfil_decision(
                made, party=self.cast.office, evidence="方案已报。", by=self.cast.clerk, at=AT
            )
        if state is DecisionState.DONE:
            made = conferences.confirm_decision(made, by=self.cast.coordinator, at=AT)
        if state is DecisionState.CANCELLED:
            made = conferences.cancel_decision(made, reason="并入区里改造。", by=self.cast.coordinator, at=AT)
        return made


@pytest.fixture
def table(cast: Cast) -> Table:
    """A case that needs everybody."""
    seed_calendar(cast.street, [2026])
    case = cases.file_case(cast.street, title="总表欠费", by=cast.coordinator, at=AT)
    return Table(cast, case)
