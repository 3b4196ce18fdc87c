"""活动与签到 for the office: the list, one activity while people come in, the wall, entries by hand, strikes."""

from __future__ import annotations

import base64
import re

import pytest

from hege.kernel import clock
from hege.people.models import Role
from hege.programme.activities import queries
from hege.programme.activities.models import HandEntry, Scan, Signup, Strike
from hege.programme.activities.rules import EntryState, How, ScanResult, SignupState
from hege.programme.seasons.models import Activity
from tests.web.office import Office, complaints

CO, CLERK, AUDIT, GRID = Role.COORDINATOR, Role.CLERK, Role.AUDITOR, Role.GRID_WORKER
HOSTILE = [
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "=1+1",
    "\u202e",
    "0" * 40,
    "-1",
    "一",
    "０４２７",
    " ",
    "1e9",
]


def test_the_list_says_what_is_to_come_and_how_full(office: Office):
    page = office.get(CO, "activities:index")
    assert "正在签到，到了 1 位" in page
    assert "0 / 30 个位子" in page
    assert "1 条补录等第二个人点头" in page
    assert "办过的 ZB-NEAR" not in re.sub(r"(?s)<h2 id=\"entries\".*?</section>", "", page)
    assert "缺席 1" in office.get(CO, "activities:index", show="past")


def test_one_activity_says_who_is_expected_who_came_and_what_is_left(office: Office):
    e = office.things.evenings
    page = office.get(CLERK, "activities:detail", e.now.public_id)
    assert "到了 0 人，还差 1 人" in page
    assert office.things.rider.called in page
    assert "还没到 1，空着 29" in page
    page = office.get(CLERK, "activities:detail", e.inside.public_id)
    assert "到了 1 人，还差 0 人" in page
    assert "工作人员" in page
    assert "签退" in page


def test_staff_checks_in_and_out_by_number(office: Office):
    e, rider = office.things.evenings, office.things.rider
    office.done(CLERK, "activities:check_in", e.now.public_id, number=f" {rider.shown_number} ")
    office.done(CLERK, "activities:check_out", e.now.public_id, number="1" if rider.number == 1 else rider.number)
    scans = Scan.objects.filter(activity=e.now).order_by("pk")
    assert [(s.how, s.result, s.by) for s in scans] == [(How.STAFF, ScanResult.COUNTED, office.cast.clerk)] * 2
    assert "已经签到了" in office.refused(CLERK, "activities:check_in", e.inside.public_id, number=rider.number)


@pytest.mark.parametrize("number", [*HOSTILE, "999", ""])
def test_who_is_no_member_is_named_at_the_field_and_nothing_is_kept(office: Office, number: str):
    e = office.things.evenings
    before = Scan.objects.count(), Signup.objects.count()
    answer = office.post(CLERK, "activities:check_in", e.now.public_id, number=number)
    assert answer.status_code == 422
    assert any("成员编号" in said for said in complaints(answer)), complaints(answer)
    assert (Scan.objects.count(), Signup.objects.count()) == before


def test_somebody_who_calls_is_signed_up(office: Office):
    e, rider = office.things.evenings, office.things.rider
    office.done(GRID, "activities:sign_up", e.open.public_id, number=rider.shown_number, party="2")
    found = queries.signup_of(e.open, rider)
    assert found is not None
    assert (found.state, found.party) == (SignupState.CONFIRMED, 2)
    assert "最多报 3 个人" in office.refused(GRID, "activities:sign_up", e.now.public_id, number="2", party="4")


def test_who_is_excused_before_the_start_gives_the_place_back(office: Office):
    e = office.things.evenings
    assert "为什么请假" in office.refused(CLERK, "activities:excuse", e.signup.public_id, reason=" ")
    office.done(CLERK, "activities:excuse", e.signup.public_id, reason="来电话说有急单")
    assert Activity.objects.get(pk=e.own.pk).taken == 0
    page = office.get(CO, "activities:detail", e.own.public_id, show="off")
    assert "请假" in page
    assert "来电话说有急单" in page


def test_an_entry_by_hand_needs_another_person(office: Office):
    e = office.things.evenings
    office.done(
        CLERK, "activities:enter", e.over.public_id, number=office.things.rider.number, minutes="30", reason="没电"
    )
    mine = HandEntry.objects.get(member=office.things.rider, activity=e.over)
    assert "录的人自己不能同意" in office.refused(CLERK, "activities:agree", mine.public_id)
    assert mine.public_id not in office.get(CLERK, "activities:index")
    office.done(CO, "activities:agree", mine.public_id)
    office.done(CO, "activities:refuse", e.entry.public_id, reason="签到处没有印象")
    assert sorted(HandEntry.objects.filter(activity=e.over).values_list("state", flat=True)) == [
        EntryState.AGREED,
        EntryState.REFUSED,
    ]
    page = office.get(CO, "activities:detail", e.over.public_id)
    assert "签到处没有印象" in page
    assert "到了 1 人，缺席 0 人" in page
    said = office.refused(
        CLERK, "activities:enter", e.over.public_id, number=office.things.rider.number, minutes="9", reason="x"
    )
    assert "已经补录过" in said


@pytest.mark.parametrize("minutes", ["0", "61", "-5", "9" * 40, "一小时", ""])
def test_minutes_beyond_the_activity_are_refused_at_their_field(office: Office, minutes: str):
    e = office.things.evenings
    answer = office.post(
        CLERK, "activities:enter", e.over.public_id, number=office.things.rider.number, minutes=minutes, reason="没电"
    )
    assert answer.status_code == 422
    assert any(said.startswith("补多少分钟") for said in complaints(answer)), complaints(answer)
    assert HandEntry.objects.filter(member=office.things.rider, activity=e.over).count() == 0


def test_a_strike_is_lifted_by_the_coordinator_for_a_reason(office: Office):
    e = office.things.evenings
    assert e.strike.public_id not in office.get(CLERK, "activities:strikes")
    assert e.strike.public_id in office.get(CO, "activities:strikes")
    called, number = e.strike.member.called, e.strike.member.shown_number
    for role, named in ((CO, True), (CLERK, False), (AUDIT, False)):  # who may not lift it knows the number alone
        page = office.get(role, "activities:strikes")
        assert (called in page, number in page) == (named, True)
    office.refused(CO, "activities:lift", e.strike.public_id, reason="")
    office.done(CO, "activities:lift", e.strike.public_id, reason="当时在送人去医院")
    assert Strike.objects.get().reason == "当时在送人去医院"
    assert "没有人被推迟报名" in office.get(CO, "activities:strikes")


def test_who_only_looks_finds_no_button(office: Office):
    e = office.things.evenings
    page = office.get(AUDIT, "activities:detail", e.now.public_id)
    main = page.partition("<main")[2].partition("</main>")[0]
    assert set(re.findall(r'<form[^>]* action="([^"]*)"', main)) == {office.path("lists:take")}  # reading it elsewhere
    assert office.status(AUDIT, "activities:wall", e.now.public_id) == 403
    assert office.status(Role.CHECKER, "activities:index") == 404


def test_an_activity_that_is_not_published_is_not_there(office: Office):
    assert office.status(CO, "activities:detail", office.things.year["planned"].public_id) == 404


def test_the_wall_shows_the_code_of_this_half_minute_and_asks_for_the_next_by_itself(office: Office):
    e = office.things.evenings
    answer = office.client(CLERK).get(office.path("activities:wall", e.now.public_id))
    assert 1 <= int(answer.headers["Refresh"]) <= 31
    assert "no-store" in answer.headers["Cache-Control"]
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', answer.content.decode())
    assert picture is not None
    assert base64.b64decode(picture[1]).startswith(b"<svg")
    assert b"<script" not in answer.content
    assert queries.code_now(e.now, at=clock.now()) not in answer.content.decode(), (
        "a photograph is read by machines alone"
    )
