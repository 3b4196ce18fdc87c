"""人员与岗位: the list, somebody new, roles and their ends, a password that is handed over once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from hege.kernel import clock
from hege.people.models import Membership, Role, StaffRequest, User
from hege.places.actions import name_party
from hege.places.staff.actions import add_person, ask_for_role, end_role, turn_on_second_person
from tests.cast import FRAME_QUERIES, PASSWORD, Cast, make_row
from tests.web.html import Page
from tests.web.office import Office, words

pytestmark = pytest.mark.django_db
ADMIN = Role.ADMINISTRATOR
PASSWORD_SHOWN = re.compile(r"[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}")


def wishes(office: Office, **more: Any) -> dict[str, Any]:
    return {
        "full_name": "王丽", "username": "wangli01", "role": "clerk", "party": office.cast.office.pk, "place": "",
        "from_on": clock.today().isoformat(), "reason": "新到岗", **more,
    }  # fmt: skip


def opened(office: Office, **more: Any) -> tuple[str, str]:
    """Make somebody; answers the address of the page that hands the password over, and the password."""
    answer = office.post(ADMIN, "people:new", **wishes(office, **more))
    assert answer.status_code == 302, words(answer)
    address = answer.headers["Location"]
    shown = PASSWORD_SHOWN.search(words(office.client(ADMIN).get(address)))
    assert shown is not None
    return address, shown[0]


def test_the_list_says_who_is_what_for_whom_where_since_when_and_by_whom(office: Office):
    page = office.get(ADMIN, "people:index")
    assert "九里亭街道召集人" in page
    assert "代表城建中心" in page
    assert "ZB-NEAR 网格员" in page  # granted for one block, by the administrator
    assert "B1 街区" in page
    assert "还没换一次性密码" in page


def test_people_of_another_street_are_not_in_the_list(office: Office, other_cast: Cast):
    page = office.get(ADMIN, "people:index")
    assert other_cast.coordinator.full_name not in page
    assert office.status(ADMIN, "people:person", other_cast.coordinator.pk) == 404


def test_ended_roles_have_a_tab_of_their_own(office: Office):
    end_role(
        office.cast.checker.memberships.get(), until_on=clock.today(), reason="调离", by=office.cast.administrator,
        at=clock.now(),
    )  # fmt: skip
    assert office.cast.checker.full_name not in office.get(ADMIN, "people:index")
    assert office.cast.checker.full_name in office.get(ADMIN, "people:index", show="ended")


def test_an_auditor_looks_and_a_grid_worker_does_not_learn_of_it(office: Office):
    assert "people/new/" not in office.get(Role.AUDITOR, "people:index")
    assert office.status(Role.AUDITOR, "people:new") == 403
    assert office.status(Role.GRID_WORKER, "people:index") == 404


def test_somebody_new_signs_in_with_the_password_handed_over_and_must_choose_their_own(office: Office):
    _address, password = opened(office)
    theirs = Client()
    assert theirs.post("/sign-in/", {"username": "wangli01", "password": password}).headers["Location"] == "/"
    street = f"/{office.cast.street.code}/"
    for address in ("/", street, f"{street}cases/", f"{street}people/"):
        assert theirs.get(address).headers.get("Location") == "/me/", address
    assert theirs.post(f"{street}reports/new/", {"text": "…"}).headers["Location"] == "/me/"
    assert "先换成您自己的密码" in words(theirs.get("/me/"))
    chosen = {"old": password, "new": "seven-red-bicycles", "again": "seven-red-bicycles"}
    assert theirs.post("/me/", chosen).headers["Location"] == "/"
    assert theirs.get("/").headers["Location"] == street
    assert theirs.get(street).status_code == 200


def test_the_password_is_shown_to_the_one_who_made_it_alone(office: Office):
    address, _password = opened(office)
    second = add_person(
        office.cast.street, username="second01", full_name="另一位", password="x", role=ADMIN, from_on=clock.today(), reason="新到岗",
        by=office.cast.administrator, at=clock.now(),
    ).user  # fmt: skip
    User.objects.filter(username=second.username).update(must_change_password=False)
    theirs = Client()
    theirs.force_login(second)
    assert theirs.get(address).status_code == 404
    assert office.client(Role.COORDINATOR).get(address).status_code == 403


def test_the_password_is_gone_once_it_was_used_and_after_ten_minutes(office: Office, monkeypatch: pytest.MonkeyPatch):
    address, password = opened(office)
    theirs = Client()
    theirs.post("/sign-in/", {"username": "wangli01", "password": password})
    with monkeypatch.context() as later:
        later.setattr("django.core.signing.time.time", lambda: clock.now().timestamp() + 601)
        assert office.client(ADMIN).get(address).status_code == 404
    assert office.client(ADMIN).get(address).status_code == 200
    theirs.post("/me/", {"old": password, "new": "seven-red-bicycles", "again": "seven-red-bicycles"})
    assert office.client(ADMIN).get(address).status_code == 404


def test_a_taken_name_comes_back_with_the_form(office: Office, other_cast: Cast):
    User.objects.filter(pk=other_cast.clerk.pk).update(username="zhaoliu1")
    page = office.refused(ADMIN, "people:new", **wishes(office, username="zhaoliu1"))
    assert "登录名 zhaoliu1 已有人用" in page
    assert other_cast.clerk.full_name not in page


def test_a_clerk_without_an_office_is_refused_at_the_field(office: Office):
    page = office.refused(ADMIN, "people:new", **wishes(office, party=""))
    assert '<a href="#id_party">' in page


def test_another_role_and_its_end(office: Office):
    checker = office.cast.checker
    office.done(ADMIN, "people:grant", checker.pk, role="auditor", party="", place="", from_on=clock.today())
    member = Membership.objects.get(user=checker, role=Role.AUDITOR)
    old = Membership.objects.get(user=checker, role=Role.CHECKER)
    office.done(ADMIN, "people:end", old.pk, until_on=clock.today(), reason="换岗")
    assert member.granted_by == office.cast.administrator
    assert office.status(Role.CHECKER, "trail:index") == 200  # an auditor now
    assert office.status(Role.CHECKER, "mediation:index") == 200


def test_nobody_ends_the_last_administrator_or_grants_themselves(office: Office):
    own = office.cast.administrator
    assert "唯一能办事的管理员" in office.refused(
        ADMIN, "people:end", own.memberships.get().pk, until_on=clock.today(), reason="走了"
    )
    assert "不能给自己" in office.refused(
        ADMIN, "people:grant", own.pk, role="auditor", party="", place="", from_on=clock.today()
    )
    page = office.get(ADMIN, "people:person", own.pk)
    assert f"people/{own.pk}/grant/" not in page


def test_a_forgotten_password_is_replaced_and_open_pages_are_closed(office: Office):
    answer = office.post(ADMIN, "people:password", office.cast.checker.pk, reason="忘了密码")
    assert answer.status_code == 302
    assert PASSWORD_SHOWN.search(words(office.client(ADMIN).get(answer.headers["Location"])))
    assert office.client(Role.CHECKER).get(f"/{office.cast.street.code}/").status_code == 302


def test_a_locked_sign_in_is_closed_at_once_and_opened_again(office: Office):
    checker = office.cast.checker
    office.done(ADMIN, "people:lock", checker.pk, reason="离岗")
    assert office.client(Role.CHECKER).get(f"/{office.cast.street.code}/").headers["Location"].startswith("/sign-in/")
    assert "登录已停用" in office.get(ADMIN, "people:person", checker.pk)
    office.done(ADMIN, "people:unlock", checker.pk, reason="回岗")
    assert Client().post("/sign-in/", {"username": checker.username, "password": PASSWORD}).status_code == 302


def test_the_sign_in_of_who_works_in_two_streets_is_not_offered(office: Office, other_cast: Cast):
    checker = office.cast.checker
    Membership.objects.create(street=other_cast.street, user=checker, role="checker", from_on="2026-01-01")
    page = office.get(ADMIN, "people:person", checker.pk)
    assert "不只在本街道使用" in page
    assert f"people/{checker.pk}/password/" not in page
    assert "不只在本街道使用" in office.refused(ADMIN, "people:lock", checker.pk, reason="停用")


def offered(office: Office, name: str) -> list[str]:
    """What the form for somebody new offers in a field."""
    form = next(f for f in Page(office.get(ADMIN, "people:new")).forms if f.method == "post" and not f.action)
    return form.choices[name]


def test_who_looks_after_a_part_grants_within_it_alone(office: Office):
    place = office.things.place
    office.cast.administrator.memberships.update(path=place.path)
    assert offered(office, "place") == [str(place.pk)]
    assert office.post(ADMIN, "people:new", **wishes(office)).status_code == 422
    assert office.status(ADMIN, "people:person", office.cast.checker.pk) == 404
    both = office.things.member.user
    Membership.objects.create(street=office.cast.street, user=both, role="checker", from_on="2026-01-01")
    assert office.status(ADMIN, "people:lock", both.pk) == 403


def test_who_looks_after_a_part_grants_for_the_collectors_of_its_meters_alone(office: Office):
    collector = name_party(office.cast.street, name="另一位代收人")
    make_row(office.cast.street, code="ZB-FAR").point.roles.update(party=collector)
    far, near = str(collector.pk), str(office.cast.agent_party.pk)
    assert {far, near} <= {*offered(office, "party")}
    office.cast.administrator.memberships.update(path=office.things.place.path)
    assert [pk in offered(office, "party") for pk in (far, near)] == [False, True]


def test_the_list_asks_as_often_for_many_people_as_for_few(office: Office, django_assert_max_num_queries: Any):
    for count in (0, 6):
        for n in range(count):
            somebody = User.objects.create_user(f"more{n}", PASSWORD)
            Membership.objects.create(
                street=office.cast.street, user=somebody, role="grid_worker", path=office.things.place.path,
                granted_by=office.cast.administrator, from_on="2026-01-01",
            )  # fmt: skip
        with django_assert_max_num_queries(FRAME_QUERIES + 3):
            office.get(ADMIN, "people:index")


# -- a second person (双人复核) ----------------------------------------------------------------------------------------


@pytest.fixture
def second(office: Office) -> Client:
    """Another administrator of the whole street, signed in; the street wants a second person."""
    street, user = office.cast.street, User.objects.create_user("second", PASSWORD, full_name="另一位管理员")
    Membership.objects.create(street=street, user=user, role=ADMIN, from_on="2026-01-01")
    turn_on_second_person(street, reason="规定", by=user, at=clock.now())
    office.cast.street.refresh_from_db()
    theirs = Client()
    theirs.force_login(user)
    return theirs


def waiting(office: Office) -> StaffRequest:
    return StaffRequest.objects.get(street=office.cast.street, state="waiting")


def test_somebody_new_is_asked_for_and_the_password_shown_to_who_agrees_alone(office: Office, second: Client):
    office.done(ADMIN, "people:new", **wishes(office))
    page = office.get(ADMIN, "people:requests")
    assert "新增人员：王丽（wangli01），部门经办人" in page
    agree = office.path("people:agree", waiting(office).pk)
    assert agree not in page
    assert agree in words(second.get(office.path("people:requests")))
    answer = second.post(agree)
    assert answer.status_code == 302, words(answer)
    address = answer.headers["Location"]
    assert PASSWORD_SHOWN.search(words(second.get(address)))
    assert office.client(ADMIN).get(address).status_code == 404
    assert Membership.objects.get(user__username="wangli01").granted_by == User.objects.get(username="second")


def test_who_asked_is_refused_by_the_rule_that_hides_the_button_and_takes_it_back(office: Office, second: Client):
    checker = office.cast.checker
    office.done(
        ADMIN, "people:grant", checker.pk, role="auditor", party="", place="", from_on=clock.today(), reason="轮岗"
    )
    asked = waiting(office)
    assert "自己提出的" in office.refused(ADMIN, "people:agree", asked.pk)
    office.done(ADMIN, "people:withdraw", asked.pk)
    assert "已撤回" in office.get(ADMIN, "people:requests")
    assert not Membership.objects.filter(user=checker, role=Role.AUDITOR).exists()


def test_whoever_is_to_agree_reads_of_it_on_the_first_page(office: Office, second: Client):
    office.done(ADMIN, "people:password", office.cast.checker.pk, reason="忘了密码")
    today = office.path("today:index")
    assert "1 份申请等您复核" in words(second.get(today))
    assert "等您复核" not in office.get(ADMIN, "today:index")
    second.post(office.path("people:refuse", waiting(office).pk), {"reason": "本人没有来过"})
    assert "等您复核" not in words(second.get(today))
    assert "本人没有来过" in office.get(ADMIN, "people:requests")


def test_a_request_that_has_waited_too_long_says_so_and_has_no_buttons(office: Office, second: Client):
    office.done(ADMIN, "people:password", office.cast.checker.pk, reason="忘了密码")
    StaffRequest.objects.update(until_at=clock.now())
    page = words(second.get(office.path("people:requests")))
    assert "已过期" in page
    assert office.path("people:agree", waiting(office).pk) not in page
    assert "等您复核" not in words(second.get(office.path("today:index")))


def test_who_agrees_reads_for_whom_where_and_why(office: Office, second: Client):
    office.done(ADMIN, "people:new", **wishes(office))
    page = words(second.get(office.path("people:agree", waiting(office).pk)))
    for said in ("王丽（wangli01）", "部门经办人", office.cast.office.name, "整个街道", wishes(office)["reason"]):
        assert said in page


def test_where_nobody_could_agree_the_page_says_what_to_do(office: Office, second: Client):
    office.done(ADMIN, "people:password", User.objects.get(username="second").pk, reason="忘了密码")
    page = office.get(ADMIN, "people:requests")
    assert "没有人能复核" in page
    assert f"hege alone --street {office.cast.street.code}" in page


def test_the_requests_ask_as_often_for_many_as_for_few(
    office: Office, second: Client, django_assert_max_num_queries: Any
):
    for count in (1, 6):
        for n in range(count):
            ask_for_role(
                office.cast.street, User.objects.create_user(f"more{count}{n}"), role=Role.CHECKER, place=office.things.place,
                from_on=clock.today(), reason="轮岗", by=office.cast.administrator, at=clock.now(),
            )  # fmt: skip
        with django_assert_max_num_queries(FRAME_QUERIES + 4):
            office.get(ADMIN, "people:requests")
