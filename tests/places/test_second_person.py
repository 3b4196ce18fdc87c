"""What lets somebody in: asked for by one administrator, done when another agrees (双人复核)."""

from __future__ import annotations

import ast
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.transaction import atomic

from hege.kernel.refused import Refused
from hege.people.models import Membership, Role, StaffRequest, StaffRequestState, Street, User
from hege.people.rules import ASKED_FOR
from hege.places.staff.actions import (
    add_person,
    agree_to_request,
    ask_for_password,
    ask_for_person,
    ask_for_role,
    ask_to_turn_off,
    ask_to_unlock,
    end_role,
    grant_role,
    lock_sign_in,
    refuse_request,
    reset_password,
    turn_on_second_person,
    unlock_sign_in,
    void_second_person,
    withdraw_request,
)
from hege.trail.models import TrailLine
from tests.cast import NOW, Cast, first_broken

pytestmark = [pytest.mark.django_db, pytest.mark.once]

HEGE = Path(__file__).resolve().parents[2] / "hege"
TODAY = dt.date(2026, 11, 23)
WAITING = StaffRequestState.WAITING


@pytest.fixture
def second(cast: Cast) -> User:
    """Another administrator of the street; it wants a second person."""
    user = User.objects.create_user("second", "x", full_name="另一位")
    Membership.objects.create(street=cast.street, user=user, role=Role.ADMINISTRATOR, from_on=dt.date(2026, 1, 1))
    turn_on_second_person(cast.street, reason="规定", by=cast.administrator, at=NOW)
    return user


@pytest.fixture
def by(cast: Cast) -> dict[str, Any]:
    return {"by": cast.administrator, "at": NOW}


def wanted(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "username": "wangli01", "full_name": "王丽", "role": Role.CLERK, "party": cast.office, "from_on": TODAY,
        "reason": "新到岗", **more,
    }  # fmt: skip


def a_role(cast: Cast, **more: Any) -> StaffRequest:
    said: dict[str, Any] = {
        "role": Role.AUDITOR,
        "from_on": TODAY,
        "reason": "轮岗",
        "by": cast.administrator,
        "at": NOW,
        **more,
    }
    return ask_for_role(cast.street, said.pop("user", cast.checker), **said)


def agreed(asked: StaffRequest, by: User, at: dt.datetime = NOW) -> StaffRequest:
    return agree_to_request(asked, password="one-time-1", by=by, at=at)


def test_a_street_with_one_administrator_who_can_sign_in_does_not_turn_it_on(cast: Cast, by: dict[str, Any]):
    with pytest.raises(Refused, match="不到两名"):
        turn_on_second_person(cast.street, reason="规定", **by)
    user = User.objects.create_user("fresh", "x", one_time_at=NOW)
    Membership.objects.create(street=cast.street, user=user, role=Role.ADMINISTRATOR, from_on=TODAY)
    with pytest.raises(Refused, match="换过一次性密码"):
        turn_on_second_person(cast.street, reason="规定", **by)


def test_nobody_does_alone_what_takes_two(cast: Cast, second: User, by: dict[str, Any]):
    for act in (
        lambda: add_person(cast.street, password="x", **wanted(cast), **by),
        lambda: grant_role(cast.street, cast.checker, role=Role.AUDITOR, from_on=TODAY, **by),
        lambda: reset_password(cast.street, cast.checker, password="x", reason="忘了", **by),
        lambda: unlock_sign_in(cast.street, cast.checker, reason="回来了", **by),
    ):
        with pytest.raises(Refused, match="双人复核"):
            act()


@pytest.mark.both
def test_every_act_that_lets_somebody_in_takes_two_but_for_ones_own_and_the_machines():
    """The samples of the demo aside. A street is founded on the machine, a password of one's own is changed by oneself."""
    opens = re.compile(r"(^|\.)(Membership\.objects\.(bulk_)?create|create_user|_?set_password|_set_active)$")
    found, asks = set(), set()
    for path in (p for p in HEGE.rglob("*.py") if p.relative_to(HEGE).parts[0] not in {"stories", "people"}):
        for act in (n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.FunctionDef)):
            calls = {ast.unparse(node.func) for node in ast.walk(act) if isinstance(node, ast.Call)}
            written = {ast.unparse(to) for node in ast.walk(act) if isinstance(node, ast.Assign) for to in node.targets}
            if any(opens.search(call) for call in calls) or any(to.endswith(".password") for to in written):
                found.add(act.name)
                asks |= {act.name} if "_check_agreed" in calls else set()
    assert asks == {"add_person", "grant_role", "reset_password", "unlock_sign_in"}
    assert found - asks == {"found_street", "change_password", "freshen_password", "lock_sign_in", "_set_password"}


def test_a_role_is_granted_by_who_agrees(cast: Cast, second: User):
    asked = a_role(cast)
    assert not Membership.objects.filter(user=cast.checker, role=Role.AUDITOR).exists()
    done = agreed(asked, second)
    assert Membership.objects.get(user=cast.checker, role=Role.AUDITOR).granted_by == second
    assert (done.state, done.asked_by, done.decided_by) == (StaffRequestState.AGREED, cast.administrator, second)
    line = TrailLine.objects.get(street=cast.street, verb="grant_role")
    assert (line.by, line.data["asked_by"], line.data["request"]) == (second, cast.administrator.username, asked.pk)
    assert first_broken(cast.street) is None


@pytest.mark.both
def test_somebody_new_is_made_with_their_password_when_it_is_agreed_to(cast: Cast, second: User, by: dict[str, Any]):
    asked = ask_for_person(cast.street, **wanted(cast), **by)
    assert not User.objects.filter(username="wangli01").exists()
    user = agreed(asked, second).user
    assert user is not None
    assert (user.username, user.check_password("one-time-1"), user.must_change_password) == ("wangli01", True, True)
    assert (user.memberships.get().party, user.memberships.get().granted_by) == (cast.office, second)


@pytest.mark.both
def test_a_password_stays_until_a_new_one_is_agreed_to(cast: Cast, second: User, by: dict[str, Any]):
    before = cast.checker.password
    asked = ask_for_password(cast.street, cast.checker, reason="忘了", **by)
    cast.checker.refresh_from_db()
    assert cast.checker.password == before
    agreed(asked, second)
    cast.checker.refresh_from_db()
    assert cast.checker.check_password("one-time-1")


@pytest.mark.both
def test_a_locked_sign_in_is_opened_by_who_agrees_and_locked_by_one_alone(cast: Cast, second: User, by: dict[str, Any]):
    lock_sign_in(cast.street, cast.checker, reason="离岗", **by)
    asked = ask_to_unlock(cast.street, cast.checker, reason="回来了", **by)
    assert not User.objects.get(pk=cast.checker.pk).is_active
    agreed(asked, second)
    assert User.objects.get(pk=cast.checker.pk).is_active


def test_neither_who_asked_nor_whom_it_concerns_nor_who_looks_after_a_part_decides(
    cast: Cast, second: User, by: dict[str, Any]
):
    asked = ask_for_password(cast.street, second, reason="忘了", **by)
    for who, why in ((cast.administrator, "自己提出的"), (second, "关于您自己"), (cast.coordinator, "管全街道")):
        with pytest.raises(Refused, match=why):
            agreed(asked, who)
        with pytest.raises(Refused, match=why):
            refuse_request(asked, reason="不行", by=who, at=NOW)
    asked.refresh_from_db()
    assert asked.state == WAITING


@pytest.mark.both
def test_the_database_takes_no_request_agreed_to_by_who_asked_or_whom_it_concerns(cast: Cast, second: User):
    asked = a_role(cast)
    for who in (cast.administrator, cast.checker, None):
        asked.state, asked.decided_by = StaffRequestState.AGREED, who
        with pytest.raises(IntegrityError), atomic():
            asked.save()


def test_after_a_week_nobody_can_agree_and_it_can_be_asked_for_again(cast: Cast, second: User, by: dict[str, Any]):
    asked, over = a_role(cast), NOW + ASKED_FOR
    for act in (
        lambda: agreed(asked, second, over),
        lambda: refuse_request(asked, reason="不行", by=second, at=over),
        lambda: withdraw_request(asked, by=cast.administrator, at=over),
    ):
        with pytest.raises(Refused, match="过期"):
            act()
    again = a_role(cast, at=over, from_on=over.date())
    assert agreed(again, second, over).state == StaffRequestState.AGREED


@pytest.mark.both
def test_what_somebody_asked_for_who_is_no_administrator_any_more_is_not_agreed_to(cast: Cast, second: User):
    third = User.objects.create_user("third", "x")
    post = Membership.objects.create(street=cast.street, user=third, role=Role.ADMINISTRATOR, from_on=TODAY)
    asked = a_role(cast, by=third)
    later = NOW + dt.timedelta(days=1)
    end_role(post, until_on=later.date(), reason="调离", by=second, at=NOW)
    with pytest.raises(Refused, match="提出的人"):
        agreed(asked, second, later)
    assert refuse_request(asked, reason="请重新提", by=second, at=later).state == StaffRequestState.REFUSED


def test_a_request_of_another_street_opens_nothing_here(cast: Cast, second: User, by: dict[str, Any]):
    asked = agreed(a_role(cast), second)
    street = cast.street
    other = Street.objects.create(organisation=street.organisation, code="310117099", name="别处", second_person=True)
    with pytest.raises(Refused, match="双人复核"):
        grant_role(other, cast.checker, role=Role.CHECKER, from_on=TODAY, agreed=asked, by=second, at=NOW)


def test_a_refusal_wants_a_reason_and_is_the_end(cast: Cast, second: User):
    asked = a_role(cast)
    with pytest.raises(Refused, match="理由"):
        refuse_request(asked, reason=" ", by=second, at=NOW)
    assert refuse_request(asked, reason="没有编制", by=second, at=NOW).decision == "没有编制"
    with pytest.raises(Refused, match="已经办过"):
        agreed(asked, second)
    assert not Membership.objects.filter(user=cast.checker, role=Role.AUDITOR).exists()


def test_who_asked_and_nobody_else_takes_it_back(cast: Cast, second: User, by: dict[str, Any]):
    asked = a_role(cast)
    with pytest.raises(Refused, match="提出的人"):
        withdraw_request(asked, by=second, at=NOW)
    assert withdraw_request(asked, **by).state == StaffRequestState.WITHDRAWN
    assert a_role(cast).state == WAITING


def test_the_same_is_not_asked_for_twice_and_nothing_that_could_not_be_done(
    cast: Cast, second: User, by: dict[str, Any]
):
    a_role(cast)
    with pytest.raises(Refused, match="已经提出过"):
        a_role(cast)
    with pytest.raises(Refused, match="已经担任着"):
        a_role(cast, role=Role.CHECKER)
    with pytest.raises(Refused, match="不能给自己"):
        a_role(cast, user=cast.administrator)
    with pytest.raises(Refused, match="已有人用"):
        ask_for_person(cast.street, **wanted(cast, username=second.username), **by)


def test_a_role_that_waited_begins_on_the_day_it_is_agreed_to(cast: Cast, second: User):
    later = NOW + dt.timedelta(days=3)
    agreed(a_role(cast), second, later)
    assert Membership.objects.get(user=cast.checker, role=Role.AUDITOR).from_on == later.date()


def test_what_cannot_be_done_any_more_goes_on_waiting(cast: Cast, second: User, by: dict[str, Any]):
    asked = ask_for_person(cast.street, **wanted(cast), **by)
    User.objects.create_user("wangli01", "x")
    with pytest.raises(Refused, match="已有人用"):
        agreed(asked, second)
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by) == (WAITING, None)


@pytest.mark.both
def test_turning_it_off_takes_two(cast: Cast, second: User, by: dict[str, Any]):
    asked = ask_to_turn_off(cast.street, reason="人手不够", **by)
    assert Street.objects.get(pk=cast.street.pk).second_person
    agreed(asked, second)
    assert not Street.objects.get(pk=cast.street.pk).second_person
    assert (
        grant_role(cast.street, cast.checker, role=Role.AUDITOR, from_on=TODAY, **by).granted_by == cast.administrator
    )


@pytest.mark.both
def test_an_administrator_who_never_signed_in_does_not_count_as_the_second(
    cast: Cast, second: User, by: dict[str, Any]
):
    fresh = User.objects.create_user("fresh", "x", one_time_at=NOW)
    Membership.objects.create(street=cast.street, user=fresh, role=Role.ADMINISTRATOR, from_on=TODAY)
    with pytest.raises(Refused, match="两名能办事的管理员"):
        lock_sign_in(cast.street, second, reason="调离", **by)


@pytest.mark.both
def test_the_last_but_one_administrator_stays_while_it_is_on(cast: Cast, second: User, by: dict[str, Any]):
    with pytest.raises(Refused, match="两名能办事的管理员"):
        end_role(second.memberships.get(), until_on=TODAY, reason="调离", **by)
    with pytest.raises(Refused, match="两名能办事的管理员"):
        lock_sign_in(cast.street, second, reason="调离", **by)
    void_second_person(cast.street, reason="只剩一人", by=None, at=NOW)
    assert end_role(second.memberships.get(), until_on=TODAY, reason="调离", **by).until_on == TODAY
