"""People come with a role and a one-time password; roles end, never in the past; a street keeps an administrator."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.db import connection

from hege.kernel.refused import Refused
from hege.people.models import Membership, Role, Session, User
from hege.places.actions import add_place
from hege.places.models import PlaceLevel
from hege.places.staff import actions as staff
from hege.places.staff.actions import (
    add_person,
    change_password,
    end_role,
    end_sessions,
    freshen_password,
    grant_role,
    lock_sign_in,
    reset_password,
    unlock_sign_in,
)
from hege.trail.models import TrailLine
from tests.cast import NOW, PASSWORD, Cast

pytestmark = pytest.mark.once

TODAY, TOMORROW = dt.date(2026, 11, 23), dt.date(2026, 11, 24)


@pytest.fixture
def by(cast: Cast) -> dict[str, Any]:
    return {"by": cast.administrator, "at": NOW}


def somebody(cast: Cast, name: str = "wangli01", **more: Any) -> Membership:
    wishes = {"role": Role.CHECKER, "from_on": TODAY, "reason": "新到岗", **more}
    return add_person(
        cast.street, username=name, full_name="王丽", password="one-time-1", by=cast.administrator, at=NOW, **wishes
    )


def test_somebody_new_holds_a_role_and_a_password_for_one_sign_in(cast: Cast):
    member = somebody(cast)
    assert (member.street, member.role, member.path, member.granted_by) == (
        cast.street, Role.CHECKER, "", cast.administrator,
    )  # fmt: skip
    user = User.objects.get(username="wangli01")
    assert (user.full_name, user.check_password("one-time-1"), user.must_change_password) == ("王丽", True, True)
    verbs = TrailLine.objects.filter(street=cast.street).order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["add_person", "grant_role"]
    assert "one-time-1" not in str(list(TrailLine.objects.values_list("data", flat=True)))


def test_a_taken_name_is_refused_in_the_same_words_here_and_elsewhere(cast: Cast, other_cast: Cast):
    somebody(cast)
    add_person(
        other_cast.street, username="zhaoliu1", full_name="赵六", password="x", role=Role.CHECKER, from_on=TODAY, reason="新到岗",
        by=other_cast.administrator, at=NOW,
    )  # fmt: skip
    said = set()
    for name in ("wangli01", "zhaoliu1"):
        with pytest.raises(Refused) as no:
            somebody(cast, name)
        said.add(str(no.value).replace(name, "…"))
        assert no.value.field == "username"
    assert len(said) == 1


def test_a_clerk_comes_with_an_office(cast: Cast):
    with pytest.raises(Refused, match="写明代表谁"):
        somebody(cast, role=Role.CLERK)
    assert somebody(cast, role=Role.CLERK, party=cast.office).party == cast.office


def test_an_office_or_place_of_another_street_is_a_bug(cast: Cast, other_cast: Cast):
    with pytest.raises(ValueError, match="another street"):
        somebody(cast, role=Role.CLERK, party=other_cast.office)


def test_a_role_in_a_part_of_the_grid_carries_its_path(cast: Cast, by: dict[str, Any]):
    top = add_place(cast.street, level=PlaceLevel.STREET, code="S", name="九里亭", from_on=TODAY, **by)
    block = add_place(cast.street, level=PlaceLevel.BLOCK, code="B1", name="街区", parent=top, from_on=TODAY, **by)
    assert somebody(cast, role=Role.GRID_WORKER, place=block).path == "S/B1/"


def test_nobody_grants_themselves(cast: Cast, by: dict[str, Any]):
    with pytest.raises(Refused, match="不能给自己"):
        grant_role(cast.street, cast.administrator, role=Role.COORDINATOR, from_on=TODAY, **by)


def test_a_role_somebody_holds_is_not_granted_again(cast: Cast, by: dict[str, Any]):
    with pytest.raises(Refused, match="已经担任着"):
        grant_role(cast.street, cast.checker, role=Role.CHECKER, from_on=TODAY, **by)
    assert grant_role(cast.street, cast.checker, role=Role.AUDITOR, from_on=TODAY, **by).user == cast.checker


def test_a_role_may_be_granted_again_from_the_day_it_ended(cast: Cast, by: dict[str, Any]):
    end_role(cast.checker.memberships.get(), until_on=TOMORROW, reason="调离", **by)
    with pytest.raises(Refused, match="已经担任着"):
        grant_role(cast.street, cast.checker, role=Role.CHECKER, from_on=TODAY, **by)
    assert grant_role(cast.street, cast.checker, role=Role.CHECKER, from_on=TOMORROW, **by).pk


def test_ending_a_role_needs_a_reason_and_stands_on_the_trail(cast: Cast, by: dict[str, Any]):
    member = cast.checker.memberships.get()
    with pytest.raises(Refused, match="理由"):
        end_role(member, until_on=TODAY, reason=" ", **by)
    assert end_role(member, until_on=TODAY, reason="调离", **by).until_on == TODAY
    line = TrailLine.objects.get(street=cast.street, verb="end_role")
    assert (line.data["reason"], line.data["user"]) == ("调离", cast.checker.username)


def test_an_ended_role_is_not_ended_again(cast: Cast, by: dict[str, Any]):
    member = end_role(cast.checker.memberships.get(), until_on=TODAY, reason="调离", **by)
    with pytest.raises(Refused, match="已经结束"):
        end_role(member, until_on=TOMORROW, reason="再来", **by)


@pytest.mark.both
def test_the_last_administrator_is_neither_ended_nor_locked(cast: Cast, by: dict[str, Any]):
    with pytest.raises(Refused, match="唯一能办事的管理员"):
        end_role(cast.administrator.memberships.get(), until_on=TODAY, reason="调离", **by)
    with pytest.raises(Refused, match="唯一能办事的管理员"):
        lock_sign_in(cast.street, cast.administrator, reason="调离", by=cast.coordinator, at=NOW)


@pytest.mark.both
def test_an_administrator_who_cannot_sign_in_or_will_go_does_not_count(cast: Cast, by: dict[str, Any]):
    second = somebody(cast, role=Role.ADMINISTRATOR)
    lock_sign_in(cast.street, second.user, reason="停用", **by)
    with pytest.raises(Refused, match="唯一能办事的管理员"):
        end_role(cast.administrator.memberships.get(), until_on=TODAY, reason="调离", **by)
    unlock_sign_in(cast.street, second.user, reason="回来", **by)
    end_role(second, until_on=dt.date(2027, 1, 1), reason="到期", **by)
    with pytest.raises(Refused, match="唯一能办事的管理员"):
        end_role(cast.administrator.memberships.get(), until_on=TODAY, reason="调离", **by)


def test_with_a_second_one_an_administrator_may_go(cast: Cast, by: dict[str, Any]):
    somebody(cast, role=Role.ADMINISTRATOR)
    assert end_role(cast.administrator.memberships.get(), until_on=TODAY, reason="调离", **by).until_on == TODAY


def test_a_new_password_holds_for_one_sign_in(cast: Cast, by: dict[str, Any]):
    user = reset_password(cast.street, cast.checker, password="one-time-2", reason="忘了", **by)
    assert (user.check_password("one-time-2"), user.must_change_password) == (True, True)


@pytest.mark.both
def test_nobody_touches_the_sign_in_of_who_works_in_another_street_too(
    cast: Cast, other_cast: Cast, by: dict[str, Any]
):
    Membership.objects.create(street=other_cast.street, user=cast.checker, role=Role.CHECKER, from_on=TODAY)
    for act in (
        lambda: reset_password(cast.street, cast.checker, password="mine-now-1", reason="忘了", **by),
        lambda: lock_sign_in(cast.street, cast.checker, reason="停用", **by),
    ):
        with pytest.raises(Refused, match="不只在本街道"):
            act()
    cast.checker.refresh_from_db()
    assert (cast.checker.is_active, cast.checker.check_password(PASSWORD)) == (True, True)


@pytest.mark.both
def test_nobody_locks_or_resets_themselves(cast: Cast, by: dict[str, Any]):
    somebody(cast, role=Role.ADMINISTRATOR)
    with pytest.raises(Refused, match="自己的登录"):
        lock_sign_in(cast.street, cast.administrator, reason="停用", **by)
    with pytest.raises(Refused, match="自己的登录"):
        reset_password(cast.street, cast.administrator, password="x", reason="忘了", **by)


def test_a_password_of_ones_own_ends_the_one_time_one(cast: Cast):
    user = somebody(cast).user
    with pytest.raises(Refused, match="不能和原来的一样"):
        change_password(user, password="one-time-1", by=user, at=NOW)
    changed = change_password(user, password="a-word-of-my-own", by=user, at=NOW)
    assert (changed.must_change_password, changed.check_password("a-word-of-my-own")) == (False, True)
    assert TrailLine.objects.get(street=cast.street, verb="change_password").by == user


@pytest.mark.parametrize(("hours", "holds"), [(23, True), (24, False), (48, False)])
def test_a_one_time_password_holds_for_a_day(cast: Cast, hours: int, holds: bool):
    user, later = somebody(cast).user, NOW + dt.timedelta(hours=hours)
    if holds:
        assert not change_password(user, password="a-word-of-my-own", by=user, at=later).must_change_password
        return
    with pytest.raises(Refused, match="过了 24 小时"):
        change_password(user, password="a-word-of-my-own", by=user, at=later)


def test_a_password_of_ones_own_never_ends_by_itself(cast: Cast):
    later = NOW + dt.timedelta(days=400)
    changed = change_password(cast.checker, password="a-word-of-my-own", by=cast.checker, at=later)
    assert changed.password_given_at is None


@pytest.mark.both
def test_a_password_is_handed_out_for_a_reason_that_stands_on_the_trail(cast: Cast, by: dict[str, Any]):
    with pytest.raises(Refused, match="请写明开账号的理由"):
        somebody(cast, reason=" ")
    with pytest.raises(Refused, match="请写明重发密码的理由"):
        reset_password(cast.street, cast.checker, password="one-time-2", reason="", **by)
    somebody(cast)
    reset_password(cast.street, cast.checker, password="one-time-2", reason=" 手机丢了 ", **by)
    lines = TrailLine.objects.filter(street=cast.street, verb__in=("add_person", "reset_password")).order_by("seq")
    assert [line.data["reason"] for line in lines] == ["新到岗", "手机丢了"]


@pytest.mark.both
@pytest.mark.parametrize("act", ["change_password", "reset_password", "lock_sign_in", "freshen_password"])
def test_another_password_and_a_lock_end_whatever_is_signed_in_as_that_person_and_nothing_else(
    cast: Cast, by: dict[str, Any], settings: Any, act: str
):
    theirs, other = a_session(cast.checker), a_session(cast.clerk)
    own: dict[str, Any] = {"by": cast.checker, "at": NOW}
    if act == "change_password":
        change_password(cast.checker, password="a-word-of-my-own", **own)
    elif act == "reset_password":
        reset_password(cast.street, cast.checker, password="one-time-2", reason="忘了。", **by)
    elif act == "lock_sign_in":
        lock_sign_in(cast.street, cast.checker, reason="离岗。", **by)
    else:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher", *settings.PASSWORD_HASHERS]
        freshen_password(cast.checker, password=PASSWORD, **own)
    assert list(Session.objects.filter(pk__in=[theirs, other]).values_list("pk", flat=True)) == [other]


def a_session(user: User) -> str:
    """A browser that is signed in; answers its key."""
    made = Session.objects.create(
        session_key=f"{user.username:0>32}"[-32:], user=user, expire_date=NOW + dt.timedelta(minutes=30), opened_at=NOW,
        address="10.1.2.3", browser="Edge · Windows",
    )  # fmt: skip
    return str(made.pk)


@pytest.mark.both
def test_a_browser_signed_out_elsewhere_is_on_the_trail_without_its_key_and_only_ones_own_is_ended(cast: Cast):
    mine, theirs = a_session(cast.checker), a_session(cast.clerk)
    assert end_sessions([mine, theirs], by=cast.checker, at=NOW) == 1
    assert end_sessions([mine], by=cast.checker, at=NOW) == 0
    assert Session.objects.filter(pk__in=[mine, theirs]).get().pk == theirs
    line = TrailLine.objects.get(street=cast.street, verb="end_session")
    assert (line.by, line.thing_id) == (cast.checker, str(cast.checker.pk))
    assert (line.data["browser"], line.data["address"]) == ("Edge · Windows", "10.1.2.3")
    assert mine not in str(line.data)


def depth() -> int:
    """How many transactions are open, one within the other."""
    return len(connection.savepoint_ids)


def test_a_new_password_is_hashed_and_compared_before_anything_is_locked(cast: Cast, monkeypatch: Any):
    change_password(cast.checker, password="a-word-of-my-own", by=cast.checker, at=NOW)
    hashed_at: list[int] = []
    plain, outside = MD5PasswordHasher.encode, depth()

    def noted(*said: Any) -> str:
        hashed_at.append(depth())
        return plain(*said)

    monkeypatch.setattr(MD5PasswordHasher, "encode", noted)
    change_password(cast.checker, password="another-of-my-own", by=cast.checker, at=NOW)
    assert hashed_at == [outside] * 3


def test_a_password_changed_elsewhere_while_a_new_one_is_hashed_is_not_overwritten(cast: Cast, monkeypatch: Any):

    def meanwhile(password: str) -> str:
        monkeypatch.setattr(staff, "make_password", make_password)
        change_password(cast.checker, password="quicker-than-me", by=cast.checker, at=NOW)
        return make_password(password)

    monkeypatch.setattr(staff, "make_password", meanwhile)
    with pytest.raises(Refused, match="刚才在别处换过"):
        change_password(cast.checker, password="a-word-of-my-own", by=cast.checker, at=NOW)
    assert User.objects.get(pk=cast.checker.pk).check_password("quicker-than-me")
