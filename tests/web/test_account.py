"""Signing in and out; type size and language."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import Client, override_settings

from hege.kernel import clock
from hege.people.models import Membership, Role, SignInFailure, User
from hege.places.staff.actions import reset_password
from hege.trail.models import TrailLine
from tests.cast import PASSWORD, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.pages]


def sign_in(client: Client, user: User, **more: str) -> tuple[int, str]:
    answer = client.post("/sign-in/", {"username": user.username, "password": PASSWORD, **more})
    return answer.status_code, answer.headers.get("Location", "")


def test_the_right_password_leads_to_the_first_page(client: Client, cast: Cast):
    assert sign_in(client, cast.coordinator) == (302, "/")
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/{cast.street.code}/")


def test_a_sign_in_is_on_the_trail_of_each_street(client: Client, cast: Cast):
    sign_in(client, cast.coordinator)
    line = TrailLine.objects.get(street=cast.street, verb="signed_in")
    assert (line.by, line.thing_id) == (cast.coordinator, str(cast.coordinator.pk))


@pytest.mark.both
def test_a_password_hashed_otherwise_than_today_is_hashed_anew_and_the_trail_says_so(client: Client, cast: Cast):
    today = "django.contrib.auth.hashers.MD5PasswordHasher"
    old = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=10)
    User.objects.filter(pk=cast.coordinator.pk).update(password=old)
    with override_settings(PASSWORD_HASHERS=[today, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]):
        sign_in(client, cast.coordinator)
        kept = User.objects.get(pk=cast.coordinator.pk)
    assert kept.password.startswith("md5$")
    line = TrailLine.objects.get(street=cast.street, verb="freshen_password")
    assert "people.user" in line.data["stands"]
    assert client.get("/me/").status_code == 200


def test_a_wrong_password_comes_back_with_the_form_and_does_not_say_which_was_wrong(client: Client, cast: Cast):
    known = client.post("/sign-in/", {"username": cast.coordinator.username, "password": "wrong"})
    unknown = client.post("/sign-in/", {"username": "nobody", "password": "wrong"})
    assert known.status_code == unknown.status_code == 422
    for answer in (known, unknown):
        page = answer.content.decode()
        assert "用户名或密码不对" in page
        assert "<title>有错：登录" in page


def test_the_password_is_not_sent_back(client: Client, cast: Cast):
    answer = client.post("/sign-in/", {"username": cast.coordinator.username, "password": "not-this-one"})
    assert "not-this-one" not in answer.content.decode()
    assert cast.coordinator.username in answer.content.decode()


def test_who_was_sent_to_sign_in_goes_on_to_where_they_wanted(client: Client, cast: Cast):
    assert sign_in(client, cast.coordinator, next="/gallery/") == (302, "/gallery/")


@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_signing_in_never_leads_to_another_site(client: Client, cast: Cast, next_page: str):
    assert sign_in(client, cast.coordinator, next=next_page) == (302, "/")


@pytest.mark.both
def test_somebody_who_left_may_not_sign_in(client: Client, cast: Cast):
    User.objects.filter(username=cast.clerk.username).update(is_active=False)
    assert sign_in(client, cast.clerk)[0] == 422


def test_too_many_wrong_passwords_lock_the_pair_out_in_words(client: Client, cast: Cast):
    for _attempt in range(8):
        answer = client.post("/sign-in/", {"username": cast.coordinator.username, "password": "wrong"})
    assert answer.status_code == 429
    assert "先停一刻钟再登录" in answer.content.decode()
    assert sign_in(client, cast.coordinator)[0] == 429


def test_a_lock_out_does_not_touch_a_colleague_at_the_same_address(client: Client, cast: Cast):
    for _attempt in range(9):
        client.post("/sign-in/", {"username": cast.coordinator.username, "password": "wrong"})
    assert sign_in(client, cast.checker) == (302, "/")


def guess(client: Client, username: str, address: str, times: int = 1) -> int:
    """Wrong passwords from one address; the status of the last answer."""
    for _attempt in range(times):
        answer = client.post("/sign-in/", {"username": username, "password": "wrong"}, REMOTE_ADDR=address)
    return answer.status_code


def besiege(user: User) -> None:
    """More wrong passwords than any limit bears, none of them from one's own address."""
    for n in range(11):
        guess(Client(), user.username, f"198.51.100.{n}", times=4)


def left_behind(user: User) -> Client:
    """The browser somebody has signed in with, and out again."""
    own = Client()
    sign_in(own, user)
    own.post("/sign-out/")
    return own


def test_many_addresses_that_guess_one_account_are_locked_out_together(cast: Cast):
    name = cast.coordinator.username
    guessed = [guess(Client(), name, f"198.51.100.{n}", times=4) for n in range(10)]
    assert guessed[:9] == [422] * 9
    assert guess(Client(), name, "203.0.113.1") == 429
    assert sign_in(Client(), cast.checker) == (302, "/")


def test_one_address_that_guesses_many_accounts_is_locked_out_of_all(cast: Cast):
    address = "198.51.100.1"
    for n in range(20):
        guess(Client(), f"somebody{n}", address, times=3)
    assert guess(Client(), cast.coordinator.username, address) == 429
    assert guess(Client(), cast.coordinator.username, "203.0.113.1") == 422


def test_signing_in_to_ones_own_account_does_not_forget_what_one_guessed_at_others(cast: Cast):
    for n in range(20):
        guess(Client(), f"somebody{n}", "127.0.0.1", times=3 if n else 2)
    sign_in(Client(), cast.clerk)
    assert guess(Client(), "somebody0", "127.0.0.1") == 429


def test_strangers_cannot_lock_an_account_out_of_the_browser_its_owner_signs_in_with(cast: Cast):
    own = left_behind(cast.coordinator)
    besiege(cast.coordinator)
    assert sign_in(Client(), cast.coordinator)[0] == 429
    assert sign_in(own, cast.coordinator) == (302, "/")


def test_a_browser_one_owner_signs_in_with_is_nothing_special_for_another_account(cast: Cast):
    own = left_behind(cast.clerk)
    besiege(cast.coordinator)
    assert sign_in(own, cast.coordinator)[0] == 429


@pytest.mark.both
@pytest.mark.parametrize(("minutes", "status"), [(4, 429), (6, 302)])
def test_an_account_that_strangers_guess_at_is_locked_for_five_minutes_only(cast: Cast, minutes: int, status: int):
    besiege(cast.coordinator)
    SignInFailure.objects.update(at=clock.now() - dt.timedelta(minutes=minutes))
    assert sign_in(Client(), cast.coordinator)[0] == status


def test_signing_out_needs_a_button_not_a_link(client: Client, cast: Cast):
    client.force_login(cast.auditor)
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"
    assert client.get("/").headers["Location"] == "/sign-in/"


def test_who_works_in_two_streets_chooses(client: Client, cast: Cast, other_cast: Cast):
    Membership.objects.create(street=other_cast.street, user=cast.auditor, role="auditor", from_on="2026-01-01")
    client.force_login(cast.auditor)
    page = client.get("/").content.decode()
    assert "九里亭街道" in page
    assert "华新镇" in page


def test_who_holds_no_role_is_told_so(client: Client, db: None):
    client.force_login(User.objects.create_user("newcomer", PASSWORD))
    assert "您还没有岗位" in client.get("/").content.decode()


@pytest.mark.parametrize("step", ["normal", "large", "huge"])
def test_a_type_size_sticks_by_cookie_and_returns_to_the_page(client: Client, db: None, step: str):
    answer = client.get(f"/size/{step}/?next=/sign-in/")
    assert answer.headers["Location"] == "/sign-in/"
    assert f"size-{step}" in client.get("/sign-in/").content.decode()


def test_the_size_link_offers_the_next_step(client: Client, db: None):
    assert "/size/large/?next=/sign-in/" in client.get("/sign-in/").content.decode()
    client.get("/size/huge/")
    assert "/size/normal/?next=/sign-in/" in client.get("/sign-in/").content.decode()


def test_an_unknown_size_or_language_is_not_found(client: Client, db: None):
    assert client.get("/size/gigantic/").status_code == 404
    assert client.get("/language/tlh/").status_code == 404


def test_pages_are_chinese_until_somebody_asks_for_english(client: Client, db: None):
    first = client.get("/sign-in/", headers={"accept-language": "en-US,en;q=0.9"}).content.decode()
    assert '<html lang="zh-Hans"' in first
    client.get("/language/en/?next=/sign-in/")
    assert '<html lang="en"' in client.get("/sign-in/").content.decode()
    client.get("/language/zh-hans/")
    assert '<html lang="zh-Hans"' in client.get("/sign-in/").content.decode()


def test_size_and_language_links_never_lead_to_another_site(client: Client, db: None):
    assert client.get("/size/large/?next=//evil.example/").headers["Location"] == "/"
    assert client.get("/language/en/?next=https://evil.example/").headers["Location"] == "/"


def new_password(client: Client, **fields: str) -> tuple[int, str]:
    answer = client.post(
        "/me/", {"old": PASSWORD, "new": "seven-red-bicycles", "again": "seven-red-bicycles", **fields}
    )
    return answer.status_code, answer.content.decode()


def test_the_name_on_top_leads_to_ones_own_page_with_ones_roles(client: Client, cast: Cast):
    client.force_login(cast.clerk)
    assert '<a class="hg-me" href="/me/">' in client.get(f"/{cast.street.code}/").content.decode()
    page = client.get("/me/").content.decode()
    assert "九里亭街道 · 部门经办人 · 城建中心" in page
    assert cast.clerk.username in page


def test_a_password_of_ones_own_needs_the_old_one_and_keeps_one_signed_in(client: Client, cast: Cast):
    sign_in(client, cast.clerk)
    status, page = new_password(client, old="not-this-one")
    assert status == 422
    assert "现在的密码不对" in page
    assert "seven-red-bicycles" not in page
    assert new_password(client)[0] == 302
    assert client.get("/me/").status_code == 200
    cast.clerk.refresh_from_db()
    assert cast.clerk.check_password("seven-red-bicycles")
    assert TrailLine.objects.get(street=cast.street, verb="change_password").by == cast.clerk


def test_changing_the_password_signs_out_everywhere_else(client: Client, cast: Cast):
    elsewhere = Client()
    for browser in (client, elsewhere):
        sign_in(browser, cast.clerk)
    new_password(client)
    assert elsewhere.get("/me/").headers["Location"].startswith("/sign-in/")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"again": "seven-red-bicycle"}, "两次写的不一样"),
        ({"new": "short", "again": "short"}, "10"),
        ({"new": "84736251907", "again": "84736251907"}, "数字"),
        ({"new": PASSWORD, "again": PASSWORD}, "不能和原来的一样"),
    ],
)
def test_a_bad_new_password_is_refused_in_words(client: Client, cast: Cast, fields: dict[str, str], said: str):
    sign_in(client, cast.clerk)
    status, page = new_password(client, **fields)
    assert status == 422
    assert said in page


def chosen(user: User, *, old: str, new: str) -> bool:
    """Whether a password may be chosen; it is the one of the user from then on."""
    own = Client()
    assert own.post("/sign-in/", {"username": user.username, "password": old}).status_code == 302
    answer = own.post("/me/", {"old": old, "new": new, "again": new})
    assert answer.status_code == 302 or "最近用过" in answer.content.decode()
    return answer.status_code == 302


@pytest.mark.both
def test_none_of_ones_last_five_passwords_may_be_chosen_and_the_sixth_may(cast: Cast):
    had = [PASSWORD, *(f"seven-red-bicycles-{n}" for n in range(5))]
    for old, new in pairwise(had):
        assert chosen(cast.clerk, old=old, new=new)
    assert not chosen(cast.clerk, old=had[5], new=had[1])
    assert chosen(cast.clerk, old=had[5], new=had[0])
    assert cast.clerk.former_passwords.count() == 4


@pytest.mark.both
def test_the_password_one_had_before_a_new_one_was_handed_over_may_not_be_chosen_again(cast: Cast):
    own, given = "seven-red-bicycles", "handed-over-at-the-desk"
    assert chosen(cast.clerk, old=PASSWORD, new=own)
    reset_password(
        cast.street, cast.clerk, password=given, reason="忘了。", by=cast.of(Role.ADMINISTRATOR), at=clock.now()
    )
    assert not chosen(cast.clerk, old=given, new=own)
    assert chosen(cast.clerk, old=given, new="nine-green-umbrellas")
    assert cast.clerk.former_passwords.count() == 2  # what was handed over was nobody's own


def test_who_guesses_the_old_password_is_locked_out_as_at_the_sign_in(client: Client, cast: Cast):
    sign_in(client, cast.clerk)
    statuses = [new_password(client, old=f"guess-{n}")[0] for n in range(9)]
    assert statuses[-1] == 429


def test_what_is_proven_while_signed_in_does_not_forget_what_was_guessed(client: Client, cast: Cast):
    sign_in(client, cast.clerk)
    guessed = [new_password(client, old=f"guess-{n}")[0] for n in range(7)]
    assert guessed == [422] * 7
    assert new_password(client, again="not-the-same")[0] == 422
    assert new_password(client, old="guess-8")[0] == 429


def test_signing_in_forgets_what_was_mistyped_before(client: Client, cast: Cast):
    for _day in range(2):
        guess(client, cast.clerk.username, "127.0.0.1", times=7)
        assert sign_in(Client(), cast.clerk) == (302, "/")


@pytest.mark.both
def test_a_one_time_password_stands_before_every_page_but_not_before_signing_out(client: Client, cast: Cast):
    User.objects.filter(pk=cast.clerk.pk).update(must_change_password=True, password_given_at=clock.now())
    sign_in(client, cast.clerk)
    assert client.get(f"/{cast.street.code}/cases/").headers["Location"] == "/me/"
    assert client.get("/size/large/?next=/me/").headers["Location"] == "/me/"
    assert client.post("/sign-out/").headers["Location"] == "/sign-in/"


def lines(cast: Cast, *verbs: str) -> list[tuple[str, str | None]]:
    """The lines of the street's trail with these verbs: which, and who did it."""
    found = TrailLine.objects.filter(street=cast.street, verb__in=verbs).order_by("seq").select_related("by")
    return [(line.verb, line.by.username if line.by else None) for line in found]


def test_failures_and_the_lock_they_close_are_on_the_trail_and_what_is_tried_on_is_not(client: Client, cast: Cast):
    guess(client, cast.coordinator.username, "198.51.100.1", times=12)
    told = lines(cast, "sign_in_failed", "locked_out")
    assert told == [("sign_in_failed", None)] * 8 + [("locked_out", None)]
    line = TrailLine.objects.filter(street=cast.street, verb="locked_out").get()
    assert (line.thing_id, line.data) == (str(cast.coordinator.pk), {"address": "198.51.100.1"})


@pytest.mark.both
def test_a_name_that_is_nobodys_is_on_no_trail(client: Client, cast: Cast):
    before = TrailLine.objects.count()
    guess(client, "nobody-of-ours", "198.51.100.1", times=2)
    assert TrailLine.objects.count() == before


@pytest.mark.both
def test_signing_out_is_on_the_trail(client: Client, cast: Cast):
    client.force_login(cast.auditor)
    client.post("/sign-out/")
    client.post("/sign-out/")  # nobody is signed in any more
    assert lines(cast, "signed_out") == [("signed_out", cast.auditor.username)]


def test_who_tries_what_is_not_theirs_is_on_the_trail_and_who_only_looks_is_not(client: Client, cast: Cast):
    client.force_login(cast.auditor)
    address = f"/{cast.street.code}/people/new/"
    assert client.get(address).status_code == client.post(address, {"request_key": "k" * 26}).status_code == 403
    assert lines(cast, "refused") == [("refused", cast.auditor.username)]
    assert TrailLine.objects.get(street=cast.street, verb="refused").data["act"] == "people.grant"


@pytest.mark.parametrize(("hours", "status"), [(23, 302), (25, 422)])
def test_a_one_time_password_opens_nothing_after_a_day(client: Client, cast: Cast, hours: int, status: int):
    given = clock.now() - dt.timedelta(hours=hours)
    User.objects.filter(pk=cast.checker.pk).update(must_change_password=True, password_given_at=given)
    answer = client.post("/sign-in/", {"username": cast.checker.username, "password": PASSWORD})
    assert answer.status_code == status
    assert ("找管理员重发" in answer.content.decode()) is (status == 422)
