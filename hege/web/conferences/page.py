"""What the pages of 联席会议 show: the list worst first, one conference, and which verbs are open on it."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from hege.cases.queries import standing
from hege.cases.rules import CaseState, check_not_finished
from hege.conferences import queries, rules
from hege.conferences.models import Attendance, Conference, Decision, Minutes
from hege.conferences.rules import DECISION_FINISHED, ConferenceState, DecisionState
from hege.kernel.calendar import Calendar
from hege.kernel.refused import allows
from hege.places.queries import workday_calendar
from hege.web.access import Desk
from hege.web.jinja import day, weekday
from hege.web.marks import Button, Chip, StateList, Text
from hege.web.marks import state as state_of
from hege.web.shared.issued import Issued

SHOWN_PROMISES = 10


def missed(conference: Conference, desk: Desk) -> bool:
    """Called for a day that has passed, and nobody has said whether it took place."""
    return conference.state == ConferenceState.CALLED and conference.meets_on < desk.today


class ConferenceList(StateList):
    """The conferences of one's part of the street; signed and cancelled ones are hidden unless asked for."""

    here = "conferences:index"
    TABS = {
        "": (_("急的在前"), (ConferenceState.CALLED, ConferenceState.HELD)),
        "signed": (_("纪要已签"), (ConferenceState.MINUTED,)),
        "cancelled": (_("已取消"), (ConferenceState.CANCELLED,)),
        "all": (_("全部"), tuple(ConferenceState)),
    }

    def __init__(self, desk: Desk, tab: str) -> None:
        super().__init__(desk, tab, queries.conferences_in(desk.street, paths=desk.paths("conferences.see")))

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
        soonest = Case(When(state__in=self.TABS[""][1], then=F("meets_on")), default=None)
        first_in_time = self.calendar.first_in_time(self.desk.today)
        late = Q(decisions__state=DecisionState.ASSIGNED, decisions__due_on__lt=first_in_time)
        rows: QuerySet[Any] = self.shown.annotate(
            decision_count=Count("decisions"),
            open_count=Count("decisions", filter=~Q(decisions__state__in=DECISION_FINISHED)),
            late_count=Count("decisions", filter=late),
            urgency=urgency,
        )
        return rows.order_by("urgency", soonest, "-meets_on", "-pk")

    @cached_property
    def calendar(self) -> Calendar:
        return workday_calendar(self.desk.street)

    @cached_property
    def promises(self) -> list[queries.CommitmentDue]:
        """Promises that are late, wait for confirmation or are due soon."""
        street, paths = self.desk.street, self.desk.paths("conferences.see")
        return queries.commitments_due(street, self.desk.today, self.calendar, paths=paths)[:SHOWN_PROMISES]


class ConferenceRow:
    """One conference in the list."""

    def __init__(self, conference: Conference, desk: Desk) -> None:
        self.conference, self.desk = conference, desk
        self.called = conference.state == ConferenceState.CALLED

    @property
    def unsigned(self) -> str:
        """For how long minutes have waited for their signature."""
        held_on = self.conference.held_on
        if self.conference.state != ConferenceState.HELD or held_on is None:
            return ""
        days = (self.desk.today - held_on).days
        return ngettext("%(num)s 天没签", "%(num)s 天没签", days) % {"num": days}

    @property
    def chip(self) -> Chip:
        if missed(self.conference, self.desk):
            return Chip(_("过了日子没登记"), "red", "alert-triangle")
        return state_of(self.conference)

    @property
    def button(self) -> Button:
        """What the conference waits for, where this person may do it."""
        state = ConferenceState(self.conference.state)
        step = rules.awaits(state, meets_on=self.conference.meets_on, today=self.desk.today)
        offers = {ConferenceState.HELD: ("hold", _("登记到会")), ConferenceState.MINUTED: ("sign", _("签纪要"))}
        name, label = "detail", _("看")
        if step is not None and self.desk.may("conferences.minute"):
            name, label = offers[step]
        return Button(label, self.desk.to(f"conferences:{name}", self.conference.public_id))


class Promised:
    """A promise on the page: how it stands today, and what this person may do about it."""

    def __init__(self, decision: Decision, desk: Desk, calendar: Calendar) -> None:
        self.decision, state, held = decision, DecisionState(decision.state), standing(desk.memberships)
        self.late = decision.late(desk.today, calendar)
        self.days_left = calendar.days_left(decision.due_on, desk.today)
        #: Whether its clock still runs, and whether its lead says that it is done.
        self.runs, self.told = state is DecisionState.ASSIGNED, state in (DecisionState.REPORTED, DecisionState.DONE)
        apart = allows(
            rules.check_confirmed_by_another,
            by=desk.user.pk,
            reported_by=decision.reported_by_id,
            lead=decision.lead_id,
            acts_for=held.acts_for,
        )
        steps = rules.open_decision_steps(state, speaks=held.may_speak_for(decision.lead_id), apart=apart)
        self.may_fulfil = DecisionState.REPORTED in steps and desk.may("conferences.keep_promise")
        self.may_confirm = DecisionState.DONE in steps and desk.may("conferences.confirm")
        self.may_cancel = DecisionState.CANCELLED in steps and desk.may("conferences.minute")

    @property
    def chip(self) -> Chip:
        return Chip(_("逾期"), "red", "alert-triangle") if self.late else state_of(self.decision)

    @property
    def why(self) -> str:
        """Why it was sent back or cancelled."""
        what = _("取消") if self.decision.state == DecisionState.CANCELLED else _("退回")
        return _("%(state)s的理由：%(reason)s") % {"state": what, "reason": self.decision.reason}


class ConferencePage:
    """One conference as its page needs it."""

    def __init__(self, conference: Conference, desk: Desk) -> None:
        self.conference, self.desk = conference, desk
        self.state = ConferenceState(conference.state)

    @cached_property
    def attendance(self) -> list[Attendance]:
        return list(queries.attendance_of(self.conference))

    @cached_property
    def decisions(self) -> list[Promised]:
        calendar = workday_calendar(self.desk.street)
        return [Promised(decision, self.desk, calendar) for decision in queries.decisions_of(self.conference)]

    @cached_property
    def minutes(self) -> Minutes | None:
        return queries.minutes_of(self.conference) if self.state is ConferenceState.MINUTED else None

    @property
    def intact(self) -> bool:
        """Whether the minutes are still those that were signed, by their hash."""
        m = self.minutes
        return m is not None and rules.minutes_digest(m.text, m.decisions, m.attendance) == m.sha256

    @property
    def chips(self) -> list[Chip]:
        chips = [self._standing]
        late = sum(row.late for row in self.decisions)
        unsettled = sum(row.decision.state not in DECISION_FINISHED for row in self.decisions)
        if late:
            text = ngettext("逾期 %(num)s 项", "逾期 %(num)s 项", late) % {"num": late}
            chips.append(Chip(text, "red", "alert-triangle", "#decisions"))
        elif unsettled:
            text = ngettext("未了 %(num)s 项", "未了 %(num)s 项", unsettled) % {"num": unsettled}
            chips.append(Chip(text, "", "clock", "#decisions"))
        if self.conference.place:
            chips.append(Chip(self.conference.place, "", "map-pin"))
        return chips

    @property
    def _standing(self) -> Chip:
        k = self.conference
        if missed(k, self.desk):
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
        k, steps = self.conference, rules.NEXT_CONFERENCE[self.state]
        call, minute = self.desk.may("conferences.call"), self.desk.may("conferences.minute")
        goes_on = self.minutes is not None and allows(check_not_finished, state=CaseState(k.case.state)) and call
        following = self.desk.to("conferences:call", k.case.public_id)
        add = Button(_("登记议定事项"), self._to("add_decision"), "plus", main=not self.decisions)
        rows = [
            (call and allows(rules.check_invites, state=self.state), Button(_("再请几家"), self._to("invite"), "plus")),
            (call and ConferenceState.CANCELLED in steps, Button(_("取消会议"), self._to("cancel"), "x")),
            (minute and ConferenceState.HELD in steps, Button(_("登记到会"), self._to("hold"), "check", main=True)),
            (minute and allows(rules.check_records, state=self.state), add),
            (
                minute and ConferenceState.MINUTED in steps,
                Button(_("签发纪要"), self._to("sign"), "edit", main=bool(self.decisions)),
            ),
            (self.minutes is not None, Button(_("纪要原文"), self._to("minutes"), "printer", main=not goes_on)),
            (goes_on, Button(_("召集下一次"), following, "users-group", main=True)),
        ]
        return [button for may, button in rows if may]

    @property
    def papers(self) -> Issued:
        """What was issued for it, and what may be until it is held."""
        asks = self.desk.may("papers.issue") and allows(rules.check_invites, state=self.state)
        rows = (
            [(_("出具会议通知"), "invitation", "send"), (_("出具签到表"), "sign_in_sheet", "users-group")]
            if asks
            else []
        )
        buttons = [
            Button(label, self.desk.to(f"papers:{name}", self.conference.public_id), icon) for label, name, icon in rows
        ]
        return Issued(self.desk, self.conference, ("conference",), buttons)

    def _to(self, name: str) -> str:
        return self.desk.to(f"conferences:{name}", self.conference.public_id)

    @property
    def no_decisions(self) -> Text:
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

    @cached_property
    def rounds(self) -> list[Conference]:
        """The other rounds of the case, latest first."""
        rows = Conference.objects.filter(street=self.conference.street_id, case=self.conference.case_id)
        return list(rows.exclude(round=self.conference.round).order_by("-round")[:20])
