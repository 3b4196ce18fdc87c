"""What a page object hands to its template: marks, buttons, steps of a way, and the colour each state has everywhere.

A template draws them (``ui.chips``, ``ui.buttons``, ``ui.steps``, ``ui.timeline``, ``ui.when``, ``ui.chip(*row|state)``) and asks for
no state itself: which mark stands where in which state is said once, here or in the page object.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from django.db.models import Count, Model, QuerySet
from django.utils.functional import Promise, cached_property

from hege.arrears.cutoff.models import CutoffNotice
from hege.arrears.cutoff.rules import CutoffStep
from hege.arrears.early_warning.models import EarlyWarning
from hege.arrears.early_warning.rules import WarningState
from hege.cases.models import Report, Task
from hege.cases.rules import ReportState, TaskState
from hege.conferences.models import Conference, Decision
from hege.conferences.rules import ConferenceState, DecisionState
from hege.honours.models import Honour
from hege.honours.rules import HonourState
from hege.kernel.counted import Counted
from hege.mediation.models import Agreement, Dossier
from hege.mediation.rules import FILE_FINISHED, AgreementState, FileState
from hege.outbox.models import Message
from hege.outbox.rules import UNSETTLED, MessageState
from hege.people.models import StaffRequest, StaffRequestState
from hege.programme.seasons.models import Activity
from hege.programme.seasons.rules import ActivityState
from hege.programme.thanks.models import Thanks
from hege.programme.thanks.rules import ThanksState
from hege.vouchers.models import Batch
from hege.vouchers.rules import BatchState
from hege.web.access import Desk

Text = str | Promise


class Chip(NamedTuple):
    """A small mark. tone: "" grey, red (late, broken), amber (mind this), green (done), water (waits for others)."""

    text: Text
    tone: str = ""
    icon: str = ""
    href: str = ""


class Button(NamedTuple):
    """One thing that may be done now. ``main``: the page's filled button; ``hidden``: sent at once, with these values."""

    label: Text
    href: str
    icon: str = ""
    main: bool = False
    hidden: Mapping[str, object] | None = None


class Step(NamedTuple):
    """One step of a way: done, now, or next."""

    label: Text
    state: str
    note: Text = ""

    @classmethod
    def of(cls, label: Text, note: Text = "", *, done: bool = False, now: bool = False) -> Step:
        return cls(label, "done" if done else "now" if now else "next", note)


class When(NamedTuple):
    """The first column of a list where it is no due day: an instant or a sentence, and what it means."""

    text: Text
    note: Text = ""
    tone: str = ""


class Line(NamedTuple):
    """One line of what happened, drawn by ``ui.timeline``. tone: red, green, "next" for what is still to come.

    ``files``: what it brought (``hege.web.shared.kept_files.Shown``).
    """

    text: Text
    note: Text = ""
    tone: str = ""
    href: str = ""
    internal: bool = False
    times: int = 1
    files: Sequence[Any] = ()


class Piece(NamedTuple):
    """One piece of a bar: how many, what it is, how it is filled."""

    n: int
    label: Text
    fill: str


#: A bar is drawn to ten thousandths of its whole.
WHOLE = 10_000


def _hundredths(n: int) -> str:
    return f"{n // 100}.{n % 100:02}"


class Bar(NamedTuple):
    """A bar of what a whole is made of; the rest of it stays white."""

    whole: int
    pieces: Sequence[Piece]

    @property
    def some(self) -> list[Piece]:
        """The pieces there is something of."""
        return [piece for piece in self.pieces if piece.n]

    @property
    def drawn(self) -> list[tuple[str, str, str]]:
        """From where, how wide, in hundredths of the whole, and how filled; nothing of nothing."""
        out, x = [], 0
        for piece in self.pieces:
            wide = min(WHOLE - x, WHOLE * piece.n // self.whole) if self.whole else 0
            out += [(_hundredths(x), _hundredths(wide), piece.fill)] if wide else []
            x += wide
        return out


@dataclass(frozen=True, slots=True)
class Tab:
    """One choice of what a list shows."""

    label: Text
    href: str
    current: bool
    count: int | Counted | None = None


#: The colour of a state and its icon, on every page; a state that is not named is grey.
TONES: Mapping[type[Model], Mapping[Any, tuple[str, str]]] = {
    CutoffNotice: {
        CutoffStep.DEMANDED: ("amber", ""),
        CutoffStep.NOTICED: ("red", ""),
        CutoffStep.DEFERRED: ("amber", "hourglass"),
        CutoffStep.CUT: ("red", "droplet-off"),
        CutoffStep.RESTORED: ("green", ""),
        CutoffStep.CLEARED: ("green", ""),
    },
    EarlyWarning: {**dict.fromkeys(WarningState, ("water", "")), WarningState.OPEN: ("amber", "")},
    Conference: {
        ConferenceState.CALLED: ("water", ""),
        ConferenceState.HELD: ("amber", ""),
        ConferenceState.MINUTED: ("green", ""),
    },
    Decision: {DecisionState.REPORTED: ("water", ""), DecisionState.DONE: ("green", "circle-check")},
    Task: {TaskState.DONE: ("green", ""), TaskState.RETURNED: ("amber", "")},
    Report: {
        ReportState.SUBMITTED: ("amber", ""),
        ReportState.VERIFYING: ("water", ""),
        ReportState.ACCEPTED: ("green", ""),
        ReportState.DUPLICATE: ("green", ""),
    },
    Message: {
        **dict.fromkeys(UNSETTLED, ("water", "")),
        MessageState.DELIVERED: ("green", ""),
        MessageState.PERHAPS_TWICE: ("amber", ""),
        MessageState.WRITTEN: ("amber", ""),
        MessageState.DEAD: ("red", "alert-triangle"),
    },
    Honour: {
        HonourState.DRAFTED: ("amber", ""),
        HonourState.CHECKED: ("water", ""),
        HonourState.IN_PUBLICITY: ("water", "hourglass"),
        HonourState.PUBLISHED: ("green", ""),
        HonourState.WITHDRAWN: ("red", ""),
    },
    Activity: {
        ActivityState.PLANNED: ("amber", ""),
        ActivityState.PUBLISHED: ("green", ""),
        ActivityState.CANCELLED: ("", "ban"),
    },
    Batch: {BatchState.DRAFT: ("amber", "hourglass"), BatchState.APPROVED: ("green", "")},
    Thanks: {
        ThanksState.PROPOSED: ("amber", ""),
        ThanksState.REVIEWED: ("water", ""),
        ThanksState.IN_PUBLICITY: ("water", "hourglass"),
        ThanksState.GIVEN: ("green", ""),
        ThanksState.REVOKED: ("red", ""),
    },
    StaffRequest: {
        StaffRequestState.WAITING: ("amber", "hourglass"),
        StaffRequestState.AGREED: ("green", ""),
        StaffRequestState.REFUSED: ("red", ""),
    },
    Dossier: {
        **dict.fromkeys(frozenset(FileState) - FILE_FINISHED, ("water", "")),
        FileState.AGREED: ("green", ""),
        FileState.FAILED: ("red", ""),
    },
    Agreement: {
        **dict.fromkeys(AgreementState, ("water", "")),
        AgreementState.PERFORMED: ("green", "circle-check"),
        AgreementState.SUPERSEDED: ("", ""),
    },
}


def state(row: Any) -> Chip:
    """How far a thing is: the mark of its state, ``{{ ui.chip(*case|state) }}``."""
    return Chip(row.get_state_display(), *TONES.get(type(row), {}).get(row.state, ("", "")))


class StateList:
    """The list of an area in tabs of states: ``TABS`` says of each its label and states, "" comes first.

    ``rows`` are all of one's part of the street; ``here`` names the page.
    """

    TABS: ClassVar[Mapping[str, tuple[Text, Collection[Any]]]]
    here: ClassVar[str]

    def __init__(self, desk: Desk, tab: str, rows: QuerySet[Any]) -> None:
        self.desk, self.tab, self._rows = desk, tab if tab in self.TABS else "", rows
        self.shown = rows.filter(state__in=self.TABS[self.tab][1])

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows stand in each tab; one query."""
        found = dict(self._rows.order_by("state").values_list("state").annotate(n=Count("pk")))
        return {tab: sum(found.get(state, 0) for state in states) for tab, (_label, states) in self.TABS.items()}

    @property
    def tabs(self) -> list[Tab]:
        labels = {tab: label for tab, (label, _states) in self.TABS.items()}
        return tabs(self.desk.to(self.here), labels, self.tab, self.counts)


def tabs(here: str, labels: Mapping[str, Text], current: str, counts: Mapping[str, int]) -> list[Tab]:
    """The choices of a list, by the word that stands for each in its address: ``?show=ended``."""
    return [
        Tab(label, f"{here}?show={name}" if name else here, current == name, counts[name])
        for name, label in labels.items()
    ]
