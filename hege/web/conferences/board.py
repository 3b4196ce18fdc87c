"""What the pages of 联席会议 show: the list worst first, one conference, and which verbs are open on it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hege.cases.queries import standing
from hege.cases.rules import FINISHED, CaseState
from hege.conferences.models import Attendance, Conference, Decision, Minutes
from hege.conferences.queries import (
    CommitmentDue,
    attendance_of,
    commitments_due,
    conferences_in,
    decisions_of,
    minutes_of,
)
from hege.conferences.rules import DECISION_FINISHED, ConferenceState, DecisionState, minutes_digest
from hege.kernel.calendar import Calendar
from hege.places.queries import workday_calendar
from hege.web.access import Desk
from hege.web.jinja import day, weekday
from hege.web.marks import Button, Chip, Tab, tabs
from hege.web.marks import state as state_of

#: Tab -> the states it shows. Signed and cancelled ones are hidden unless asked for.
TABS: dict[str, tuple[str | Promise, tuple[ConferenceState, ...]]] = {
    "": (_("急的在前"), (ConferenceState.CALLED, ConferenceState.HELD)),
    "signed": (_("纪要已签"), (ConferenceState.MINUTED,)),
    "cancelled": (_("已取消"), (ConferenceState.CANCELLED,)),
    "all": (_("全部"), tuple(ConferenceState)),
}
SHOWN_PROMISES = 10


class ConferenceList:
    """The conferences of one's part of the street."""

    def __init__(self, desk: Desk, tab: str) -> None:
        self.desk, self.tab = desk, tab if tab in TABS else ""

    @property
    def _rows(self) -> QuerySet[Conference]:
        return conferences_in(self.desk.street, paths=self.desk.paths("conferences.see"))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many conferences stand in each tab; one query."""
        found = dict(self._rows.order_by("state").values_list("state").annotate(n=Count("pk")))
        return {tab: sum(found.get(state, 0) for state in states) for tab, (_label, states) in TABS.items()}

    @property
    def tabs(self) -> list[Tab]:
        here = reverse("conferences:index", args=(self.desk.street.code,))
        return tabs(here, {tab: label for tab, (label, _states) in TABS.items()}, self.tab, self.counts)

    def row(self, conference: Conference) -> ConferenceRow:
        return ConferenceRow(conference, self.desk)

    @property
    def ordered(self) -> QuerySet[Conference]:
        """A day that passed without a word, then minutes not signed (longest waiting), then what comes, then the rest."""
        urgency = Case(
            When(state=ConferenceState.CALLED, meets_on__lt=self.desk.today, then=Value(0)),
            When(state=ConferenceState.HELD, then=Value(1)),
            When(state=ConferenceState.CALLED, then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        )
        soonest = Case(When(state__in=TABS[""][1], then=F("meets_on")), default=None)
        return (
            self._rows.filter(state__in=TABS[self.tab][1])
            .annotate(
                decision_count=Count("decisions"),
                open_count=Count("decisions", filter=~Q(decisions__state__in=DECISION_FINISHED)),
                late_count=Count(
                    "decisions",
                    filter=Q(
                        decisions__state=DecisionState.ASSIGNED,
                        decisions__due_on__lt=self.calendar.first_in_time(self.desk.today),
                    ),
                ),
                urgency=urgency,
            )
            .order_by("urgency", soonest, "-meets_on", "-pk")
        )

    @cached_property
    def calendar(self) -> Calendar:
        return workday_calendar(self.desk.street)

    @cached_property
    def promises(self) -> list[CommitmentDue]:
        """Promises that are late, wait for confirmation or are due soon."""
        return commitments_due(
            self.desk.street,
            self.desk.today,
            self.calendar,
            paths=self.desk.paths("conferences.see"),
        )[:SHOWN_PROMISES]


class ConferenceRow:
    """One conference in the list."""

    def __init__(self, conference: Conference, desk: Desk) -> None:
        self.conference, self.desk = conference, desk
        self.state = ConferenceState(conference.state)

    @property
    def called(self) -> bool:
        return self.state is ConferenceState.CALLED

    @property
    def unsigned(self) -> str:
        """For how long minutes have waited for their signature."""
        held_on = self.conference.held_on
        if self.state is not ConferenceState.HELD or held_on is None:
            return ""
        days = (self.desk.today - held_on).days
        return ngettext("%(num)s 天没签", "%(num)s 天没签", days) % {"num": days}

    @property
    def chip(self) -> Chip:
        if self.called and self.conference.meets_on < self.desk.today:
            return Chip(_("过了日子没登记"), "red", "alert-triangle")
        return state_of(self.conference)

    @property
    def button(self) -> Button:
        """What the conference waits for, where this person may do it."""
        due = self.called and self.conference.meets_on <= self.desk.today
        name, label = "detail", _("看")
        if self.desk.may("conferences.minute"):
            if due:
                name, label = "hold", _("登记到会")
            elif self.state is ConferenceState.HELD:
                name, label = "sign", _("签纪要")
        return Button(label, reverse(f"conferences:{name}", args=(self.desk.street.code, self.conference.public_id)))


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise on the page: how it stands today, and what this person may do about it."""

    decision: Decision
    late: bool
    days_left: int
    may_fulfil: bool
    may_confirm: bool
    may_cancel: bool

    @property
    def chip(self) -> Chip:
        return Chip(_("逾期"), "red", "alert-triangle") if self.late else state_of(self.decision)

    @property
    def runs(self) -> bool:
        """Whether its clock still runs."""
        return self.decision.state == DecisionState.ASSIGNED

    @property
    def told(self) -> bool:
        """Whether its lead says that it is done."""
        return self.decision.state in (DecisionState.REPORTED, DecisionState.DONE)

    @property
    def why(self) -> str:
        """Why it was sent back or cancelled."""
        d = self.decision
        what = _("取消") if d.state == DecisionState.CANCELLED else _("退回")
        return _("%(state)s的理由：%(reason)s") % {"state": what, "reason": d.reason}


def promised(decision: Decision, desk: Desk, calendar: Calendar) -> Promised:
    """The same rules as the actions ask, so that no button is shown that would be refused."""
    his = standing(desk.memberships)
    state = DecisionState(decision.state)
    own = desk.user.pk == decision.reported_by_id or decision.lead_id in his.acts_for
    return Promised(
        decision,
        late=decision.late(desk.today, calendar),
        days_left=calendar.days_left(decision.due_on, desk.today),
        may_fulfil=state is DecisionState.ASSIGNED
        and desk.may("conferences.keep_promise")
        and his.may_speak_for(decision.lead_id),
        may_confirm=state is DecisionState.REPORTED and desk.may("conferences.confirm") and not own,
        may_cancel=state not in DECISION_FINISHED and desk.may("conferences.minute"),
    )


class ConferencePage:
    """One conference as its page needs it."""

    def __init__(self, conference: Conference, desk: Desk) -> None:
        self.conference, self.desk = conference, desk
        self.state = ConferenceState(conference.state)

    @cached_property
    def attendance(self) -> list[Attendance]:
        return list(attendance_of(self.conference))

    @property
    def came(self) -> list[Attendance]:
        return [row for row in self.attendance if row.attended]

    @cached_property
    def decisions(self) -> list[Promised]:
        calendar = workday_calendar(self.desk.street)
        return [promised(decision, self.desk, calendar) for decision in decisions_of(self.conference)]

    @property
    def late(self) -> int:
        return sum(row.late for row in self.decisions)

    @property
    def open(self) -> int:
        return sum(row.decision.state not in DECISION_FINISHED for row in self.decisions)

    @cached_property
    def minutes(self) -> Minutes | None:
        return minutes_of(self.conference) if self.state is ConferenceState.MINUTED else None

    @property
    def intact(self) -> bool:
        """Whether the minutes are still those that were signed, by their hash."""
        m = self.minutes
        return m is not None and minutes_digest(m.text, m.decisions, m.attendance) == m.sha256

    @property
    def missed(self) -> bool:
        """Called for a day that has passed, and nobody has said whether it took place."""
        return self.state is ConferenceState.CALLED and self.conference.meets_on < self.desk.today

    # -- how it is shown -----------------------------------------------------------------------------------------------

    @property
    def chips(self) -> list[Chip]:
        chips = [self._standing]
        if self.late:
            late = ngettext("逾期 %(num)s 项", "逾期 %(num)s 项", self.late) % {"num": self.late}
            chips.append(Chip(late, "red", "alert-triangle", "#decisions"))
        elif self.open:
            left = ngettext("未了 %(num)s 项", "未了 %(num)s 项", self.open) % {"num": self.open}
            chips.append(Chip(left, "", "clock", "#decisions"))
        if self.conference.place:
            chips.append(Chip(self.conference.place, "", "map-pin"))
        return chips

    @property
    def _standing(self) -> Chip:
        k = self.conference
        if self.missed:
            return Chip(_("%(day)s 已过，还没登记到会") % {"day": day(k.meets_on)}, "red", "alert-triangle")
        match self.state:
            case ConferenceState.CALLED:
                meets = {"day": day(k.meets_on), "weekday": weekday(k.meets_on)}
                return Chip(_("%(day)s %(weekday)s 开会") % meets, "water", "calendar-event")
            case ConferenceState.HELD:
                return Chip(_("%(day)s 开过，纪要还没签") % {"day": day(k.held_on)}, "amber", "edit")
            case ConferenceState.MINUTED:
                return Chip(_("纪要已签"), "green", "circle-check")
            case _other:
                return Chip(k.get_state_display())

    @property
    def buttons(self) -> list[Button]:
        """What this person may do now; filled is what the conference waits for."""
        k = self.conference
        following = reverse("conferences:call", args=(self.desk.street.code, k.case.public_id))
        minutes = Button(_("纪要原文"), self._to("minutes"), "printer", main=not self.may_call_next)
        rows = [
            (self.may_call, Button(_("再请几家"), self._to("invite"), "plus")),
            (self.may_call, Button(_("取消会议"), self._to("cancel"), "x")),
            (self.may_hold, Button(_("登记到会"), self._to("hold"), "check", main=True)),
            (
                self.may_minute,
                Button(_("登记议定事项"), self._to("add_decision"), "plus", main=not self.decisions),
            ),
            (self.may_minute, Button(_("签发纪要"), self._to("sign"), "edit", main=bool(self.decisions))),
            (self.minutes is not None, minutes),
            (self.may_call_next, Button(_("召集下一次"), following, "users-group", main=True)),
        ]
        return [button for may, button in rows if may]

    def _to(self, name: str) -> str:
        return reverse(f"conferences:{name}", args=(self.desk.street.code, self.conference.public_id))

    @property
    def no_decisions(self) -> str | Promise:
        """Why there are no decisions."""
        if self.state is ConferenceState.HELD:
            return _("还没有登记议定事项。签发纪要以前可以登记，签发以后不能再加。")
        if self.state is ConferenceState.CALLED:
            return _("会还没开，开过以后在这里登记各方答应的事。")
        return _("这次会没有议定事项。")

    @property
    def invited(self) -> list[tuple[str, list[Attendance]]]:
        """Who came, who did not, and of whom nobody has said it yet; each group with its heading."""
        titles = {True: _("到会 %(n)s 家"), False: _("没有来 %(n)s 家"), None: _("已邀请 %(n)s 家")}
        groups = [(title, [a for a in self.attendance if a.attended is came]) for came, title in titles.items()]
        return [(str(title) % {"n": len(some)}, some) for title, some in groups]

    @staticmethod
    def unsettled(other: Conference) -> str:
        """How far another round is, where its minutes are not signed."""
        return "" if other.state == ConferenceState.MINUTED else other.get_state_display()

    # -- what may be done now ------------------------------------------------------------------------------------------

    @property
    def may_call(self) -> bool:
        return self.state is ConferenceState.CALLED and self.desk.may("conferences.call")

    @property
    def may_call_next(self) -> bool:
        running = CaseState(self.conference.case.state) not in FINISHED
        return self.state is ConferenceState.MINUTED and running and self.desk.may("conferences.call")

    @property
    def may_hold(self) -> bool:
        return self.state is ConferenceState.CALLED and self.desk.may("conferences.minute")

    @property
    def may_minute(self) -> bool:
        return self.state is ConferenceState.HELD and self.desk.may("conferences.minute")

    @cached_property
    def rounds(self) -> list[Conference]:
        """The other rounds of the case, latest first."""
        rows = Conference.objects.filter(street=self.conference.street_id, case=self.conference.case_id)
        return list(rows.exclude(round=self.conference.round).order_by("-round")[:20])
