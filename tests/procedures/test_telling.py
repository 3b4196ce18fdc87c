"""Each event is told once to whom it concerns: the holder before, the coordinators when it is late."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from hege.arrears.cutoff.actions import fulfil_condition
from hege.arrears.early_warning.models import EarlyWarning
from hege.cases.actions import close_case, file_case, reopen_case
from hege.cases.models import Case, Report, Reporter
from hege.cases.reports.actions import begin_verifying, reject_report, submit_report, verify_report
from hege.cases.rules import CaseState, ReportKind
from hege.cases.tasks.actions import add_task, redirect_task, return_task
from hege.honours.actions import decide_objection, object_to_honour, publish_honour
from hege.honours.rules import Decision, HonourState
from hege.installation.actions import MESSAGES_FOR, sweep
from hege.kernel import clock
from hege.outbox.actions import set_gateway
from hege.outbox.models import Message
from hege.outbox.rules import Channel, Event
from hege.people.models import Membership, User
from hege.places.models import Place
from hege.procedures.actions import keep_watch
from hege.procedures.telling import LATE_FOR
from hege.programme.alliance.actions import look_at_gate_fact
from tests.cast import NOW, Cast, forget
from tests.honours.roll import a_draft, in_publicity
from tests.web.office import Office

pytestmark = pytest.mark.django_db
DAYS = dt.timedelta(days=1)


def told(user: User, *events: Event, **about: str) -> Counter[str]:
    """Of what a person was told, how often."""
    rows = Message.objects.filter(user=user, channel=Channel.BELL, **({"event__in": events} if events else {}), **about)
    return Counter(rows.values_list("event", flat=True))


def watch(office: Office, days: int) -> None:
    at = clock.now() + days * DAYS
    keep_watch(office.cast.street, on=clock.day_of(at), by=None, at=at)


def of_tasks(office: Office) -> Counter[str]:
    office.things.task.party = office.cast.office
    office.things.task.save(update_fields=["party"])
    return told(office.cast.clerk, Event.TASK_HALF, Event.TASK_DUE, Event.TASK_OVERDUE)


def test_a_tasks_holder_is_told_at_half_time_and_before_it_is_due_and_the_coordinator_when_it_is_late(office: Office):
    of_tasks(office)
    due = (office.things.task.due_on - clock.today()).days
    for day in (*range(due + 1), due, due + 5, due + 5):
        watch(office, day)
    assert of_tasks(office) == {Event.TASK_HALF: 1, Event.TASK_DUE: 1}
    assert told(office.cast.coordinator, Event.TASK_HALF, Event.TASK_DUE, Event.TASK_OVERDUE) == {Event.TASK_OVERDUE: 1}


def test_what_came_back_is_told_to_who_hands_it_on(office: Office):
    cast, now = office.cast, clock.now()
    task = add_task(office.things.case, party=cast.office, title="装分表", days=5, by=cast.coordinator, at=now)
    return_task(task, reason="不属本单位", by=cast.clerk, at=now)
    before = told(cast.coordinator, Event.TASK_DUE)
    for day in range((task.due_on - clock.today()).days + 1):
        watch(office, day)
    assert told(cast.clerk, Event.TASK_HALF, Event.TASK_DUE) == {}
    assert told(cast.coordinator, Event.TASK_DUE) - before


def test_what_has_been_late_for_long_is_not_told_anew_when_its_message_is_gone(office: Office):
    late = (Event.TASK_OVERDUE, Event.COMMITMENT_DUE)
    at = clock.now() + 200 * DAYS
    of_tasks(office)
    watch(office, 40)
    assert set(told(office.cast.coordinator, *late)) == set(late)
    sweep(by=None, at=at + MESSAGES_FOR)
    assert told(office.cast.coordinator, *late) == {}
    watch(office, 200)
    assert told(office.cast.coordinator, *late) == {}


def test_what_is_late_is_forgotten_before_its_message_is():
    weekends = 7 / 5
    assert dt.timedelta(days=LATE_FOR * weekends + 30) < MESSAGES_FOR


def test_a_task_that_is_given_again_rings_again(office: Office):
    cast, case, now = office.cast, office.things.case, clock.now()
    task = add_task(case, party=cast.office, title="装分表", days=5, by=cast.coordinator, at=now)
    returned = return_task(task, reason="不属本单位", by=cast.clerk, at=now)
    redirect_task(returned, party=cast.office, by=cast.coordinator, at=now)
    assert told(cast.clerk) == {Event.TASK_GIVEN: 2}


def test_what_weeks_of_watches_tell_is_told_once(office: Office):
    cast = office.cast
    for day in (0, 5, 7, 7, 8, 12, 27, 35, 35):
        watch(office, day)
    coordinator = told(cast.coordinator)
    for event in (Event.CONDITION_BROKEN, Event.WARNING_NEW, Event.COMMITMENT_DUE):
        assert coordinator[event] >= 1, event
    assert told(cast.clerk, Event.COMMITMENT_DUE) == {Event.COMMITMENT_DUE: 1}
    assert Message.objects.filter(user=cast.auditor).count() == 0


def test_a_deferral_whose_condition_is_met_is_told_of_before_it_ends(office: Office):
    condition, now = office.things.deferral.conditions.get(), clock.now()
    fulfil_condition(condition, on=clock.today(), evidence="公示照片", by=office.cast.coordinator, at=now)
    for day in (10, 19, 20):
        watch(office, day)
    assert told(office.cast.coordinator, Event.DEFERRAL_ENDING) == {Event.DEFERRAL_ENDING: 1}


def test_an_instalment_is_told_three_days_before_to_the_debtor_too(office: Office):
    watch(office, 27)
    watch(office, 28)
    for user in (office.cast.coordinator, office.cast.agent):
        assert told(user, Event.INSTALMENT_DUE) == {Event.INSTALMENT_DUE: 1}


def test_a_one_time_password_that_runs_out_is_told_to_the_administrator(office: Office):
    at = clock.now() + dt.timedelta(hours=18)  # six in the morning
    keep_watch(office.cast.street, on=clock.day_of(at), by=None, at=at)
    assert told(office.cast.administrator) == {Event.PASSWORD_EXPIRING: 1}


TOKEN = "13900000047"


def reported(cast: Cast, phone: str = TOKEN) -> Report:
    said = {"reporter_name": f"姓{TOKEN}", "reporter_phone": phone, "text": "水费涨了"}
    return submit_report(cast.street, kind=ReportKind.SHOP, by=None, at=NOW, **said)  # type: ignore[arg-type]


def test_a_reporter_is_told_of_progress_and_the_row_knows_nothing_of_them(cast: Cast):
    report = begin_verifying(reported(cast), by=cast.grid_worker, at=NOW)
    verify_report(report, finding="属实", by=cast.grid_worker, at=NOW)
    assert not Message.objects.exists()  # the street sends no SMS
    set_gateway(cast.street, channel=Channel.SMS, address="http://127.0.0.1:9/", by=cast.administrator, at=NOW)
    reject_report(reported(cast), reason="不属本街道", by=cast.grid_worker, at=NOW)
    reject_report(reported(cast, phone=""), reason="不属本街道", by=cast.grid_worker, at=NOW)
    row = Message.objects.get()
    assert (row.event, row.user, row.channel) == (Event.PROGRESS, None, Channel.SMS)
    assert Report.objects.get(public_id=row.reporter_of).state == "rejected"
    assert TOKEN not in str(vars(row))
    assert Reporter.objects.filter(phone=TOKEN).count() == 2


def test_a_reporter_is_told_of_each_closing_of_the_case(cast: Cast):
    set_gateway(cast.street, channel=Channel.SMS, address="http://127.0.0.1:9/", by=cast.administrator, at=NOW)
    report = begin_verifying(reported(cast), by=cast.grid_worker, at=NOW)
    report = verify_report(report, finding="属实", by=cast.grid_worker, at=NOW)
    case = file_case(cast.street, title="水费", reports=[report], by=cast.coordinator, at=NOW)
    for _round in range(2):
        Case.objects.filter(pk=case.pk).update(state=CaseState.CHECKING, checked_by=cast.checker)
        case = close_case(case, text="办好了。", by=cast.coordinator, at=NOW)
        case = reopen_case(case, reason="又停水了", by=cast.coordinator, at=NOW)
    rounds = Message.objects.filter(event=Event.PROGRESS).order_by("pk").values_list("round", flat=True)
    assert list(rounds) == ["accepted", "closed 0", "closed 1"]


def test_many_warnings_at_once_are_told_by_their_number(office: Office):
    forget(Message.objects.all())
    EarlyWarning.objects.filter(street=office.cast.street).update(state_key="told before")
    watch(office, 0)
    (message,) = Message.objects.filter(event=Event.WARNING_NEW)
    assert message.number.startswith("×")
    assert message.link == office.path("warnings:index")


def test_who_is_coordinator_of_a_part_is_told_of_that_part_alone(office: Office):
    forget(Message.objects.all())
    post = Membership.objects.get(user=office.cast.coordinator)
    other = Place.objects.exclude(pk=office.things.place.pk).get(level=office.things.place.level)
    Membership.objects.filter(pk=post.pk).update(path=other.path)
    for day in (0, 7, 10, 27, 35):
        watch(office, day)
    assert told(office.cast.coordinator) == Counter()
    Membership.objects.filter(pk=post.pk).update(path=office.things.place.path)
    watch(office, 35)
    assert told(office.cast.coordinator)


def test_the_roll_tells_of_what_was_shown_of_objections_and_of_what_ends_soon(office: Office):
    cast, now = office.cast, clock.now()
    today = clock.today()
    honour = in_publicity(cast, a_draft(expires_on=today + 40 * DAYS), day=today)
    objection = object_to_honour(honour, words="过期", by=None, at=now)
    roll = (Event.OBJECTION_WAITING, Event.HONOUR_SHOWN, Event.HONOUR_EXPIRING)
    it = str(honour.pk)
    watch(office, 1)
    assert told(cast.coordinator, *roll, about_id=it) == {Event.OBJECTION_WAITING: 1}
    decide_objection(objection, decision=Decision.NOT_UPHELD, words="有效", by=cast.coordinator, at=now)
    watch(office, 8)
    publish_honour(honour, by=cast.coordinator, at=now + 8 * DAYS)
    for day in (9, 10, 11, 41):
        watch(office, day)
        watch(office, day)
    honour.refresh_from_db()
    assert honour.state == HonourState.EXPIRED
    assert told(cast.coordinator, *roll, about_id=it) == {
        Event.OBJECTION_WAITING: 1, Event.HONOUR_SHOWN: 1, Event.HONOUR_EXPIRING: 2,
    }  # fmt: skip
    assert told(cast.clerk, *roll) == {}


def test_who_works_the_part_is_told_once_that_a_station_and_a_gate_are_to_be_looked_at(office: Office):
    events = (Event.STATION_TO_LOOK_AT, Event.GATE_TO_LOOK_AT)
    worker = office.things.member.user  # of the block both lie in; the other one works the whole street
    elsewhere = office.things.gate_fact.place.path.replace("B1", "B2")
    Membership.objects.filter(user=office.cast.grid_worker).update(path=elsewhere)
    for day in (0, 9, 19, 29, 30, 30, 31, 34):
        watch(office, day)
    assert told(worker, *events) == {Event.STATION_TO_LOOK_AT: 2, Event.GATE_TO_LOOK_AT: 1}  # two stations, each once
    assert told(office.cast.grid_worker, *events) == told(office.cast.coordinator, *events) == {}
    message = Message.objects.get(user=worker, event=Event.GATE_TO_LOOK_AT)
    assert message.link == f"/{office.cast.street.code}/stations/gates/{office.things.gate_fact.place_id}/"


def test_where_nobody_works_the_part_its_coordinator_is_told_and_after_a_look_it_begins_anew(office: Office):
    fact, today = office.things.gate_fact, clock.today()
    Membership.objects.filter(street=office.cast.street, role="grid_worker").update(until_on=today + DAYS)
    watch(office, 30)
    assert told(office.cast.coordinator, Event.GATE_TO_LOOK_AT) == {Event.GATE_TO_LOOK_AT: 1}
    at = clock.now() + 31 * DAYS
    later = clock.day_of(at)
    look_at_gate_fact(fact, looked_on=later, next_look_on=later + 10 * DAYS, by=office.cast.coordinator, at=at)
    watch(office, 40)
    assert told(office.cast.coordinator, Event.GATE_TO_LOOK_AT) == {Event.GATE_TO_LOOK_AT: 1}
    watch(office, 41)
    assert told(office.cast.coordinator, Event.GATE_TO_LOOK_AT) == {Event.GATE_TO_LOOK_AT: 2}
