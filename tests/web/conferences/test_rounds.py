"""联席会议: calling a round, who came, what was promised, and minutes that cannot change."""

from __future__ import annotations

import re

import pytest

from hege.conferences import actions
from hege.conferences.models import Conference, Decision
from hege.conferences.queries import attendance_of, minutes_of
from hege.conferences.rules import ConferenceState, DecisionState
from hege.kernel import clock
from hege.people.models import Role
from hege.places.queries import workday_calendar
from hege.trail.models import TrailLine
from tests.web.office import Office, in_days, words

pytestmark = pytest.mark.django_db
CO, CLERK, CHECK, AUDIT = Role.COORDINATOR, Role.CLERK, Role.CHECKER, Role.AUDITOR


def a_round(office: Office, *, held: bool = False) -> Conference:
    cast = office.cast
    made = actions.call_conference(
        office.things.case, meets_on=clock.today(), parties=[cast.office, cast.utility], by=cast.coordinator,
        at=clock.now(),
    )  # fmt: skip
    if held:
        came = [(cast.office, "王科长"), (cast.utility, "")]
        made = actions.record_meeting(made, held_on=clock.today(), attended=came, by=cast.coordinator, at=clock.now())
    return made


def a_promise(office: Office, *, due: int = 3) -> Decision:
    made = a_round(office, held=True)
    return actions.record_decision(
        made, lead=office.cast.office, measure="提交改造方案", due_on=in_days(max(due, 0)), by=office.cast.coordinator,
        at=clock.now(),
    )  # fmt: skip


def shown(office: Office, made: Conference) -> str:
    """What the sign page carries of the decisions and the attendance it lists."""
    found = re.search(r'name="seen" value="([^"]+)"', office.get(CO, "conferences:sign", made.public_id))
    assert found
    return found.group(1)


def test_a_round_is_called_from_a_case_with_its_parties_ticked(office: Office):
    case = office.things.case
    form = office.get(CO, "conferences:call", case.public_id)
    assert f'value="{office.cast.utility.pk}" id="id_parties' in form
    assert form.count("checked") >= 2
    office.done(
        CO, "conferences:call", case.public_id,
        meets_on=in_days(2).isoformat(), place="综合网格", agenda="谈分期", parties=[office.cast.office.pk],
    )  # fmt: skip
    made = Conference.objects.get(street=office.cast.street, round=2)
    assert (made.state, made.agenda) == (ConferenceState.CALLED, "谈分期")
    assert [row.party for row in attendance_of(made)] == [office.cast.office]
    assert "第 2 次联席会议" in office.get(AUDIT, "conferences:detail", made.public_id)


def test_a_round_in_the_past_is_refused_in_words(office: Office):
    page = office.refused(
        CO, "conferences:call", office.things.case.public_id,
        meets_on=in_days(-1).isoformat(), agenda="谈分期", parties=[office.cast.office.pk],
    )  # fmt: skip
    assert "开会日期不能早于今天" in page
    assert "谈分期" in page


def test_more_are_invited_and_those_there_are_not_offered_again(office: Office):
    made = a_round(office)
    assert f'name="parties" value="{office.cast.office.pk}"' not in office.get(CO, "conferences:invite", made.public_id)
    office.done(CO, "conferences:invite", made.public_id, parties=[office.cast.agent_party.pk])
    assert attendance_of(made).count() == 3


def test_who_came_is_ticked_with_the_name_of_who_spoke(office: Office):
    made, cast = a_round(office), office.cast
    office.done(
        CO, "conferences:hold", made.public_id, held_on=clock.today().isoformat(),
        **{f"came_{cast.office.pk}": "on", f"delegate_{cast.office.pk}": "王科长", "others": [cast.agent_party.pk]},
    )  # fmt: skip
    rows = {row.party: (row.attended, row.delegate, row.invited_at is None) for row in attendance_of(made)}
    assert rows[cast.office] == (True, "王科长", False)
    assert rows[cast.utility] == (False, "", False)
    assert rows[cast.agent_party] == (True, "", True)
    page = office.get(CO, "conferences:detail", made.public_id)
    assert "到会 2 家" in page
    assert "没有来 1 家" in page


def test_a_table_with_one_party_is_no_conference(office: Office):
    made = a_round(office)
    page = office.refused(
        CO, "conferences:hold", made.public_id, held_on=clock.today().isoformat(),
        **{f"came_{office.cast.office.pk}": "on"},
    )  # fmt: skip
    assert "到会的单位不足两家" in page


def test_a_promise_is_written_down_and_frozen_with_the_minutes(office: Office):
    made = a_round(office, held=True)
    office.done(
        CO, "conferences:add_decision", made.public_id, measure="提交改造方案", lead=office.cast.office.pk,
        assisting=[office.cast.utility.pk], due_on=in_days(5).isoformat(), evidence_required="方案文本",
    )  # fmt: skip
    office.done(CO, "conferences:sign", made.public_id, text="各方同意先不停水。", seen=shown(office, made))
    minutes = minutes_of(made)
    assert minutes is not None
    assert minutes.decisions[0]["measure"] == "提交改造方案"
    paper = office.get(AUDIT, "conferences:minutes", made.public_id)
    assert minutes.sha256 in paper
    assert minutes.trail_head in paper
    assert "内容与签发时的校验码一致" in paper
    late = office.refused(
        CO, "conferences:add_decision", made.public_id, measure="再加一项", lead=office.cast.office.pk,
        due_on=in_days(5).isoformat(),
    )  # fmt: skip
    assert "纪要签发之前才能登记" in late


def test_a_signer_is_told_what_changed_under_their_eyes_and_loses_nothing(office: Office):
    made, cast = a_promise(office).conference, office.cast
    old = shown(office, made)
    actions.record_decision(
        made, lead=cast.utility, measure="没见过的一项", due_on=in_days(3), by=cast.coordinator, at=clock.now()
    )
    answer = office.post(CO, "conferences:sign", made.public_id, text="各方同意。", seen=old)
    page = words(answer)
    assert answer.status_code == 409
    assert "新增或改过：水务公司：没见过的一项" in page
    assert "各方同意。" in page
    assert minutes_of(made) is None
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    office.done(CO, "conferences:sign", made.public_id, text="各方同意。", seen=seen.group(1))
    assert "没见过的一项" in office.get(AUDIT, "conferences:minutes", made.public_id)


def test_a_promise_cancelled_before_signing_is_not_in_the_minutes(office: Office):
    decision = a_promise(office)
    office.done(CO, "conferences:cancel_decision", decision.pk, reason="登记错了。")
    made = decision.conference
    assert "0 项议定事项" in office.get(CO, "conferences:sign", made.public_id)
    office.done(CO, "conferences:sign", made.public_id, text="各方同意。", seen=shown(office, made))
    assert decision.measure not in office.get(AUDIT, "conferences:minutes", made.public_id)


def test_nobody_says_for_another_office_that_its_promise_was_kept(office: Office):
    made, cast = a_round(office, held=True), office.cast
    decision = actions.record_decision(
        made, lead=cast.utility, measure="出具书面意见", due_on=in_days(3), by=cast.coordinator, at=clock.now()
    )
    assert office.path("conferences:fulfil", decision.pk) not in office.get(CLERK, "conferences:detail", made.public_id)
    assert "“水务公司”的人办理" in office.refused(CLERK, "conferences:fulfil", decision.pk, evidence="我替他们说。")
    office.done(CO, "conferences:fulfil", decision.pk, evidence="来函。")
    page = office.get(CO, "cases:detail", office.things.case.public_id)
    assert "议定事项：反馈完成 · 水务公司：出具书面意见（来函。）" in page
    assert f"{cast.coordinator.full_name}代水务公司登记" in page


def test_the_case_says_what_was_done_in_each_round(office: Office):
    made = a_promise(office).conference
    page = office.get(CO, "cases:detail", office.things.case.public_id)
    for line in ("召集第 2 次，", "召开第 2 次，到会：城建中心、水务公司", "议定 · 城建中心：提交改造方案"):
        assert line in page
    office.done(CO, "conferences:sign", made.public_id, text="各方同意。", seen=shown(office, made))
    assert "签发第 2 次会议纪要，议定 1 项" in office.get(CO, "cases:detail", office.things.case.public_id)


def test_a_promise_must_not_be_due_before_the_conference(office: Office):
    made = a_round(office, held=True)
    page = office.refused(
        CO, "conferences:add_decision", made.public_id, measure="提交方案", lead=office.cast.office.pk,
        due_on=in_days(-1).isoformat(),
    )  # fmt: skip
    assert "hg-error" in page


def test_overdue_is_told_from_the_day_not_written_down(office: Office):
    decision = a_promise(office)
    Decision.objects.filter(street=office.cast.street, pk=decision.pk).update(due_on=in_days(-30))
    page = office.get(CO, "conferences:detail", decision.conference.public_id)
    left = workday_calendar(office.cast.street).days_left(in_days(-30), clock.today())
    assert f"逾期 {-left} 个工作日" in page
    assert "逾期 1 项" in page
    assert "没有反馈" in office.get(CO, "conferences:index")
    decision.refresh_from_db()
    assert decision.state == DecisionState.ASSIGNED


def test_a_kept_promise_needs_another_persons_eyes(office: Office):
    decision = a_promise(office)
    office.done(CLERK, "conferences:fulfil", decision.pk, evidence="方案已报。", document="沪建 12 号")
    page = office.get(CO, "conferences:detail", decision.conference.public_id)
    assert "沪建 12 号" in page
    assert office.path("conferences:confirm", decision.pk) in page
    assert office.status(CLERK, "conferences:confirm", decision.pk) == 403
    office.done(CO, "conferences:confirm", decision.pk)
    decision.refresh_from_db()
    assert (decision.state, decision.confirmed_by) == (DecisionState.DONE, office.cast.coordinator)


def test_who_reported_a_promise_kept_is_not_offered_to_confirm_it(office: Office):
    decision = a_promise(office)
    office.done(CO, "conferences:fulfil", decision.pk, evidence="方案已报。")
    page = office.get(CO, "conferences:detail", decision.conference.public_id)
    assert office.path("conferences:confirm", decision.pk) not in page
    office.refused(CO, "conferences:confirm", decision.pk)
    office.done(CHECK, "conferences:confirm", decision.pk)


def test_evidence_that_shows_nothing_goes_back_with_the_reason(office: Office):
    decision = a_promise(office)
    office.done(CLERK, "conferences:fulfil", decision.pk, evidence="快了。")
    office.refused(CO, "conferences:send_back", decision.pk, reason="")
    office.done(CO, "conferences:send_back", decision.pk, reason="没有方案文本。")
    assert "没有方案文本。" in office.get(AUDIT, "conferences:detail", decision.conference.public_id)


def test_a_promise_and_a_round_fall_away_with_the_reason(office: Office):
    decision = a_promise(office)
    office.done(CO, "conferences:cancel_decision", decision.pk, reason="并入区里改造。")
    made = a_round(office)
    office.done(CO, "conferences:cancel", made.public_id, reason="改期。")
    assert "改期。" in office.get(AUDIT, "conferences:detail", made.public_id)
    assert "第 3 次联席会议" in office.get(CO, "conferences:index", show="cancelled")


@pytest.mark.parametrize("verb", ["invite", "hold", "sign", "cancel", "add_decision"])
def test_an_auditor_may_look_but_not_do(office: Office, verb: str):
    made = a_round(office)
    assert office.path(f"conferences:{verb}", made.public_id) not in office.get(
        AUDIT, "conferences:detail", made.public_id
    )
    assert office.status(AUDIT, f"conferences:{verb}", made.public_id) == 403
    assert office.status(AUDIT, f"conferences:{verb}", made.public_id, method="post") == 403


def test_a_day_that_passed_without_a_word_stands_on_top(office: Office):
    coming, missed = a_round(office), a_round(office)
    Conference.objects.filter(street=office.cast.street, pk=missed.pk).update(meets_on=in_days(-3))
    page = office.get(CO, "conferences:index")
    assert "过了日子没登记" in page
    assert page.index(missed.public_id) < page.index(coming.public_id)


def test_more_conferences_are_no_more_queries(office: Office, django_assert_max_num_queries):
    for _round in range(6):
        a_promise(office)
    with django_assert_max_num_queries(12):
        office.get(CO, "conferences:index")
    with django_assert_max_num_queries(12):
        office.get(CO, "conferences:detail", office.things.conference.public_id)


def test_a_call_sent_twice_makes_one_round(office: Office):
    case, key = office.things.case, "k" * 26
    sent = {"meets_on": in_days(2).isoformat(), "agenda": "谈", "parties": [office.cast.office.pk], "request_key": key}
    first = office.post(CO, "conferences:call", case.public_id, **sent)
    again = office.post(CO, "conferences:call", case.public_id, **sent)
    assert first.headers["Location"] == again.headers["Location"]
    assert Conference.objects.filter(street=office.cast.street).count() == 2
    assert TrailLine.objects.filter(street=office.cast.street, verb="call_conference").count() == 2
