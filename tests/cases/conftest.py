"""Cases at every stage of their way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from hege.cases import actions as cases
from hege.cases.models import Case, Report, Task
from hege.cases.reports.actions import submit_report
from hege.cases.rules import CaseState, ReportKind
from hege.cases.tasks.actions import add_task
from hege.kernel.clock import at_noon
from hege.people.models import Membership, Party, Role, Street
from hege.places.actions import seed_calendar
from tests.cast import Cast
from tests.standing import standing

ON = dt.date(2026, 3, 2)  # a Monday
AT = at_noon(ON)


def days_later(days: int) -> dt.datetime:
    """Noon some days after the first."""
    return at_noon(ON + dt.timedelta(days=days))


@dataclass(frozen=True)
class Desk:
    """One case and everybody who works on it."""

    cast: Cast

    @property
    def street(self) -> Street:
        return self.cast.street

    def report(self, kind: ReportKind = ReportKind.PATROL, **wishes: object) -> Report:
        """A report that came in."""
        return submit_report(
            self.street,
            kind=kind,
            text="商铺水费交给二房东，水司催缴。",
            by=self.cast.grid_worker,
            at=AT,
            **wishes,  # type: ignore[arg-type]
        )

    def case(self, state: CaseState = CaseState.FILED) -> Case:
        """A case brought to a state by the people whose part it is."""
        case = cases.file_case(self.street, title="总表欠费", by=self.cast.coordinator, at=AT)
        for verb in WAY[state]:
            case = getattr(self, f"_{verb}")(case)
        assert case.state == state
        return case

    def task(self, case: Case | None = None, *, party: Party | None = None, days: int = 5) -> Task:
        """A task for a party of the case."""
        case = case or self.case(CaseState.HANDLING)
        return add_task(
            case,
            party=party or self.cast.office,
            title="装分表",
            days=days,
            by=self.cast.coordinator,
            at=AT,
        )

    def member(self, role: Role) -> Membership:
        """The membership of the one who holds a role."""
        return Membership.objects.get(street=self.street, role=role)

    def _dispatch(self, case: Case) -> Case:
        return cases.dispatch_case(
            case, lead=self.cast.office, assisting=[self.cast.utility], days=5, by=self.cast.coordinator, at=AT
        )

    def _sign(self, case: Case) -> Case:
        return cases.sign_for(case, by=self.cast.clerk, at=AT)

    def _contact(self, case: Case) -> Case:
        return cases.first_contact(case, text="已与商户代表通话。", by=self.cast.clerk, at=AT)

    def _feedback(self, case: Case) -> Case:
        return cases.give_feedback(case, text="已付清。", by=self.cast.clerk, at=AT)

    def _check(self, case: Case) -> Case:
        return cases.inspect_case(case, finding="现场属实。", by=self.cast.checker, at=AT)

    def _close(self, case: Case) -> Case:
        return cases.close_case(case, text="办结。", by=self.cast.coordinator, at=AT)

    def _revisit(self, case: Case) -> Case:
        return cases.revisit_case(case, satisfied=True, text="满意。", by=self.cast.checker, at=AT)

    def _return(self, case: Case) -> Case:
        return cases.return_case(case, reason="不属本单位职责。", by=self.cast.clerk, at=AT)

    def _hold(self, case: Case) -> Case:
        return cases.suspend_case(case, reason="等汛期过后施工。", by=self.cast.coordinator, at=AT)

    def _void(self, case: Case) -> Case:
        return cases.void_case(case, reason="立重了。", by=self.cast.coordinator, at=AT)

    def _rework(self, case: Case) -> Case:
        return cases.send_back_case(case, reason="现场与反馈不符。", days=3, by=self.cast.checker, at=AT)

    def _reopen(self, case: Case) -> Case:
        return cases.reopen_case(case, reason="又欠费。", by=self.cast.coordinator, at=AT)


_HANDLED = ["dispatch", "sign", "contact"]
_CLOSED = [*_HANDLED, "feedback", "check", "close"]
WAY: dict[CaseState, list[str]] = {
    CaseState.FILED: [],
    CaseState.DISPATCHED: _HANDLED[:1],
    CaseState.SIGNED: _HANDLED[:2],
    CaseState.HANDLING: _HANDLED,
    CaseState.FEEDBACK: [*_HANDLED, "feedback"],
    CaseState.CHECKING: [*_HANDLED, "feedback", "check"],
    CaseState.CLOSED: _CLOSED,
    CaseState.REVISITED: [*_CLOSED, "revisit"],
    CaseState.RETURNED: ["dispatch", "return"],
    CaseState.SUSPENDED: [*_HANDLED, "hold"],
    CaseState.VOIDED: ["void"],
    CaseState.REWORKED: [*_HANDLED, "feedback", "rework"],
    CaseState.REOPENED: [*_CLOSED, "reopen"],
}


@standing
def desk(cast: Cast) -> Desk:
    """The street's people at work, with the calendar of the year."""
    seed_calendar(cast.street, [2026])
    return Desk(cast)


@pytest.fixture
def case_in(desk: Desk) -> Callable[[CaseState], Case]:
    """Bring a case to a state."""
    return desk.case
