"""案件: who may do which step, what is refused in words, and what the page then says."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from hege.cases import actions as cases
from hege.cases.models import Case, CaseParty, TaskLink
from hege.cases.rules import CaseState, PartyRole
from hege.cases.tasks.actions import cancel_task
from hege.kernel import clock
from hege.people.models import Membership, Party, Role, User
from hege.places.models import Place
from hege.web.jinja import daylong
from tests.cast import DAY, make_row
from tests.web.office import Office, words

pytestmark = pytest.mark.django_db
CO, GRID, CLERK, CHECK = Role.COORDINATOR, Role.GRID_WORKER, Role.CLERK, Role.CHECKER


def move(office: Office, name: str) -> None:
    """Let the clerk act for another office from now on."""
    party = Party.objects.create(street=office.cast.street, kind="organisation", name=name, inside=True)
    Membership.objects.filter(street=office.cast.street, user=office.cast.clerk).update(party=party)


def a_case(office: Office, *verbs: str, lead: Party | None = None) -> Case:
    """A case of its own, taken so far by those whose part it is."""
    cast, now = office.cast, clock.now()
    case = cases.file_case(cast.street, title="下水倒灌", place=office.things.place, by=cast.coordinator, at=now)
    way: dict[str, Any] = {
        "dispatch": lambda c: cases.dispatch_case(c, lead=lead or cast.office, days=5, by=cast.coordinator, at=now),
        "sign": lambda c: cases.sign_for(c, by=cast.clerk, at=now),
        "contact": lambda c: cases.first_contact(c, text="已联系。", by=cast.clerk, at=now),
        "return": lambda c: cases.return_case(c, reason="不归我们。", by=cast.clerk, at=now),
        "feedback": lambda c: cases.give_feedback(c, text="办好了。", by=cast.clerk, at=now),
        "check": lambda c: cases.inspect_case(c, finding="看过了。", by=cast.checker, at=now),
        "close": lambda c: cases.close_case(c, text="结案。", by=cast.coordinator, at=now),
    }
    for verb in verbs:
        case = way[verb](case)
    return case


HANDLED = ("dispatch", "sign", "contact", "feedback")
CLOSED = (*HANDLED, "check", "close")


# -- who acts for whom -------------------------------------------------------------------------------------------------


def test_a_clerk_of_another_office_is_told_who_may(office: Office):
    case = a_case(office, "dispatch")
    move(office, "信访办")
    assert office.path("cases:sign", case.public_id) not in office.get(CLERK, "cases:detail", case.public_id)
    page = office.refused(CLERK, "cases:sign", case.public_id, version=case.version)
    assert "这一步由“城建中心”的人办理，或者由召集人、网格员代为登记。" in page
    case.refresh_from_db()
    assert case.state == CaseState.DISPATCHED


def test_the_leads_own_clerk_is_offered_the_step_and_takes_it(office: Office):
    case = a_case(office, "dispatch")
    assert office.path("cases:sign", case.public_id) in office.get(CLERK, "cases:detail", case.public_id)
    office.done(CLERK, "cases:sign", case.public_id, version=case.version)
    assert "代城建中心登记" not in office.get(CO, "cases:detail", case.public_id)


def test_what_the_street_writes_down_for_a_party_says_so(office: Office):
    case = a_case(office, "dispatch", lead=office.cast.utility)
    office.done(GRID, "cases:sign", case.public_id, version=case.version)
    assert f"{office.cast.grid_worker.full_name}代水务公司登记" in office.get(CO, "cases:detail", case.public_id)


@pytest.mark.parametrize(("verb", "said"), [("answer_task", "answer"), ("return_task", "reason")])
def test_nobody_answers_for_a_party_they_do_not_act_for(office: Office, verb: str, said: str):
    task = office.things.task  # the utility's
    page = office.get(CLERK, "cases:task", task.public_id)
    assert office.path(f"cases:{verb}", task.public_id) not in page
    assert "“水务公司”的人办理" in office.refused(CLERK, f"cases:{verb}", task.public_id, **{said: "我替他们说。"})
    assert office.path(f"cases:{verb}", task.public_id) in office.get(GRID, "cases:task", task.public_id)
    office.done(GRID, f"cases:{verb}", task.public_id, **{said: "他们来电这样说。"})
    assert "代水务公司登记" in office.get(CO, "cases:detail", office.things.case.public_id)


# -- not the same person -----------------------------------------------------------------------------------------------


def test_who_acts_for_the_lead_neither_checks_nor_closes(office: Office):
    case = a_case(office, *HANDLED)
    two = User.objects.create_user("two", "x", full_name="两岗")
    for role, party in ((CLERK, office.cast.office), (CHECK, None)):
        Membership.objects.create(street=office.cast.street, user=two, role=role, party=party, from_on=DAY)
    browser = Client()
    browser.force_login(two)
    assert office.path("cases:check", case.public_id) not in words(
        browser.get(office.path("cases:detail", case.public_id))
    )
    answer = browser.post(
        office.path("cases:check", case.public_id), {"finding": "自己看自己。", "version": case.version}
    )
    assert answer.status_code == 422
    assert "您代表“城建中心”办理这个案件" in words(answer)


def joining(office: Office, case: Case, party: Party, role: PartyRole) -> str:
    """What the page says to a coordinator who wants a party in a case and is refused."""
    case.refresh_from_db()
    sent = {"party": party.pk, "role": role.value, "version": case.version}
    answer = office.client(CO).post(office.path("cases:add_party", case.public_id), sent)
    assert answer.status_code == 422
    return words(answer)


# -- a finished case ---------------------------------------------------------------------------------------------------


def test_a_case_does_not_close_over_an_unpaid_agreement(office: Office):
    case, cast, now = office.things.case, office.cast, clock.now()
    cancel_task(office.things.task, reason="不用了。", by=cast.coordinator, at=now)
    office.done(CO, "conferences:cancel_decision", office.things.decision.pk, reason="不用了。")
    case.refresh_from_db()
    case = cases.give_feedback(case, text="办好了。", by=cast.clerk, at=now)
    case = cases.inspect_case(case, finding="看过了。", by=cast.checker, at=now)
    page = office.refused(CO, "cases:close", case.public_id, text="结案。", version=case.version)
    assert "还有 1 份调解协议没有履行完" in page


def test_nothing_new_begins_in_a_closed_case(office: Office):
    case, cast = a_case(office, *CLOSED), office.cast
    today = clock.today().isoformat()
    closed = "案件已结案或作废，请先重新打开。"
    assert closed in joining(office, case, cast.utility, PartyRole.UTILITY)
    assert closed in office.refused(
        CO, "conferences:call", case.public_id, meets_on=today, agenda="谈", parties=[cast.office.pk]
    )


def test_an_unsatisfied_re_visit_says_so_and_offers_to_open_the_case_again(office: Office):
    case = a_case(office, *CLOSED)
    office.done(CHECK, "cases:revisit", case.public_id, satisfied="no", text="还在漏。", version=case.version)
    page = office.get(CO, "cases:detail", case.public_id)
    assert "当事人不满意：还在漏。" in page
    assert "回访不满意" in page
    assert office.path("cases:reopen", case.public_id) in page
    case.refresh_from_db()
    office.done(CO, "cases:reopen", case.public_id, reason="回访不满意。", version=case.version)


# -- clocks and parties ------------------------------------------------------------------------------------------------


def test_a_dispatch_after_a_return_asks_for_no_days_and_says_that_the_clock_goes_on(office: Office):
    case = a_case(office, "dispatch", "return")
    page = office.get(CO, "cases:dispatch", case.public_id)
    assert 'name="days"' not in page
    assert f"退单不重新计时，期限还是 {daylong(case.due_on)}" in page
    answer = office.client(CO).post(
        office.path("cases:dispatch", case.public_id),
        {"lead": office.cast.utility.pk, "version": case.version},
        follow=True,
    )
    assert f"期限不变，还是 {daylong(case.due_on)}" in words(answer)
    assert "从今天算" not in words(answer)


def test_a_first_dispatch_asks_for_its_days(office: Office):
    case = a_case(office)
    assert 'name="days"' in office.get(CO, "cases:dispatch", case.public_id)
    office.refused(CO, "cases:dispatch", case.public_id, lead=office.cast.office.pk, version=case.version)


def test_an_end_still_to_come_may_be_moved_nearer_but_not_away(office: Office):
    part, today = office.things.part, clock.today()
    ends = [today + dt.timedelta(days=n) for n in (30, 40, 3)]
    path = ("cases:end_party", office.things.case.public_id, part.pk)
    office.done(CO, *path, until_on=ends[0].isoformat(), reason="月底退出。")
    assert "只能改早" in office.refused(CO, *path, until_on=ends[1].isoformat(), reason="再晚些。")
    office.done(CO, *path, until_on=ends[2].isoformat(), reason="写错了，是这天。")
    part.refresh_from_db()
    assert part.until_on == ends[2]
    page = joining(office, office.things.case, part.party, PartyRole(part.role))
    assert f"已登记到 {ends[2].isoformat()}" in page
    assert CaseParty.objects.filter(street=office.cast.street, party=part.party, role=part.role).count() == 1


def test_nobody_is_offered_to_be_taken_off_a_closed_case(office: Office):
    case = a_case(office, "dispatch")
    cases.add_party(case, party=office.cast.utility, role=PartyRole.UTILITY, by=None, at=clock.now())
    part = CaseParty.objects.get(case=case, role=PartyRole.UTILITY)
    end = office.path("cases:end_party", case.public_id, part.pk)
    assert end in office.get(CO, "cases:detail", case.public_id)
    Case.objects.filter(pk=case.pk).update(state=CaseState.CLOSED, closed_at=clock.now())
    assert end not in office.get(CO, "cases:detail", case.public_id)
    assert "请先重新打开" in office.refused(CO, "cases:end_party", case.public_id, part.pk, reason="退出。")


def test_a_link_that_was_used_is_not_offered_to_be_revoked(office: Office):
    link, task = office.things.link, ("cases:task", office.things.task.public_id)
    revoke = office.path("cases:revoke_link", link.pk)
    assert revoke in office.get(CO, *task)
    TaskLink.objects.filter(pk=link.pk).update(used_at=clock.now())
    assert revoke not in office.get(CO, *task)
    assert "不用作废" in office.refused(CO, "cases:revoke_link", link.pk)


# -- where a case is ---------------------------------------------------------------------------------------------------


def elsewhere(office: Office) -> Place:
    """The grid worker looks after another part of the street than the things'."""
    place = Place.objects.get(street=office.cast.street, code="B2")
    Membership.objects.filter(street=office.cast.street, user=office.cast.grid_worker).update(path=place.path)
    return place


def test_a_grid_worker_files_cases_over_the_meters_of_their_part_alone(office: Office):
    assert office.things.row.point.code in office.get(GRID, "cases:new")
    elsewhere(office)
    assert office.things.row.point.code not in office.get(GRID, "cases:new")
    office.refused(GRID, "cases:new", title="越界立案", point=office.things.row.point.pk)


def test_a_case_of_nowhere_in_particular_is_in_its_authors_part(office: Office):
    place = elsewhere(office)
    office.done(GRID, "cases:new", title="无地点案")
    assert Case.objects.get(street=office.cast.street, title="无地点案").place == place
    assert "无地点案" in office.get(GRID, "cases:index")


def test_a_case_filed_over_a_meter_hears_of_the_procedure_that_runs_there(office: Office):
    office.done(CO, "cases:new", title="新案", point=office.things.row.point.pk)
    made = Case.objects.get(street=office.cast.street, title="新案")
    assert made.place == office.things.place
    assert "停水程序并入本案，现在是“暂缓停水”" in office.get(CO, "cases:detail", made.public_id)
    office.things.notice.refresh_from_db()
    assert office.things.notice.case == made


def test_people_of_the_meters_of_ones_own_part_are_offered_and_no_others(office: Office):
    far = make_row(office.cast.street, code="ZB-FAR").agent
    near = Party.objects.create(street=office.cast.street, kind="person", name="近处代收人")
    office.things.row.point.roles.update(party=near)
    case = a_case(office)
    page = office.get(CO, "cases:dispatch", case.public_id)
    assert [f'value="{party.pk}"' in page for party in (near, far)] == [True, True]
    Membership.objects.filter(user=office.cast.coordinator).update(path=office.things.place.path)
    page = office.get(CO, "cases:dispatch", case.public_id)
    assert [f'<option value="{party.pk}"' in page for party in (near, far, office.cast.office)] == [True, False, True]
    office.refused(CO, "cases:dispatch", case.public_id, lead=far.pk, days=5)
