"""The second step of the sign-in, one's own second factors, and who may do nothing before having one."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from django.test import Client, override_settings

from hege.kernel import clock
from hege.people.models import Role, User
from hege.people.second_factor.queries import factors_of, has_factor, recovery_codes_of
from hege.people.second_factor.rules import new_recovery_codes, new_secret
from hege.places.second_factor.actions import add_totp, make_recovery_codes, void_second_factors
from hege.trail.models import TrailLine
from hege.web.access import COMPELLING, MAY
from tests.cast import PASSWORD, Cast
from tests.passkeys import SoftPasskey

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.pages]

REQUIRED = override_settings(SECOND_FACTOR="required")
SECRET = new_secret()


@pytest.fixture
def required() -> Iterator[None]:
    with REQUIRED:
        yield


def give_factor(user: User, secret: str = SECRET) -> list[str]:
    """An app added half an hour ago, and recovery codes."""
    own: dict[str, Any] = {"by": user, "at": clock.now() - dt.timedelta(minutes=30)}
    add_totp(user, name="手机", secret=secret, code=pyotp.TOTP(secret).at(own["at"]), **own)
    codes = new_recovery_codes()
    make_recovery_codes(user, codes=codes, **own)
    return codes


def code(secret: str = SECRET) -> str:
    return pyotp.TOTP(secret).at(clock.now())


def halfway(client: Client, user: User, **more: str) -> None:
    answer = client.post("/sign-in/", {"username": user.username, "password": PASSWORD, **more})
    assert answer.headers["Location"] == "/sign-in/second/"


def second(client: Client, **fields: str) -> tuple[int, str]:
    answer = client.post("/sign-in/second/", fields)
    return answer.status_code, answer.headers.get("Location", "")


def signed_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


def test_the_password_alone_opens_nothing_but_the_second_step(client: Client, cast: Cast):
    give_factor(cast.clerk)
    halfway(client, cast.clerk, next="/me/")
    assert client.get("/sign-in/second/").status_code == 200
    for path in ("/me/", "/me/second-factor/", f"/{cast.street.code}/"):
        assert client.get(path).headers["Location"].startswith("/sign-in/")
    assert second(client, code=code()) == (302, "/me/")
    assert signed_in(client)
    line = TrailLine.objects.get(street=cast.street, verb="signed_in")
    assert line.data["how"] == "totp"


def test_the_second_step_is_nothing_to_who_has_not_given_the_password(client: Client, cast: Cast):
    give_factor(cast.clerk)
    assert client.get("/sign-in/second/").headers["Location"] == "/sign-in/"
    assert second(client, code=code()) == (302, "/sign-in/")
    assert client.post("/sign-in/second/options/").status_code == 404
    assert not signed_in(client)


def test_a_code_is_used_up_also_for_another_browser(client: Client, cast: Cast):
    give_factor(cast.clerk)
    other = Client()
    for browser in (client, other):
        halfway(browser, cast.clerk)
    assert second(client, code=code())[0] == 302
    assert second(other, code=code())[0] == 422
    assert not signed_in(other)


@pytest.mark.parametrize("how", ["late", "locked", "other password"])
def test_who_is_halfway_too_long_or_no_longer_may_sign_in_begins_anew(
    client: Client, cast: Cast, how: str, monkeypatch: Any
):
    give_factor(cast.clerk)
    halfway(client, cast.clerk)
    if how == "late":
        later = clock.now() + dt.timedelta(minutes=6)
        monkeypatch.setattr(clock, "now", lambda: later)
    elif how == "locked":
        User.objects.filter(pk=cast.clerk.pk).update(is_active=False)
    else:
        cast.clerk.set_password("another-password")
        cast.clerk.save()
    assert second(client, code=code()) == (302, "/sign-in/")
    assert not signed_in(client)


def test_wrong_codes_count_as_wrong_passwords_do_and_stand_on_the_trail(client: Client, cast: Cast):
    give_factor(cast.clerk)
    halfway(client, cast.clerk)
    statuses = [second(client, code="000000")[0] for _n in range(8)]
    assert (statuses[:7], statuses[7]) == ([422] * 7, 429)
    assert second(client, code=code())[0] == 429
    assert client.post("/sign-in/", {"username": cast.clerk.username, "password": PASSWORD}).status_code == 429
    failed = TrailLine.objects.filter(street=cast.street, verb="sign_in_failed")
    assert [line.data["how"] for line in failed] == ["code"] * 8


def test_the_right_password_does_not_forget_wrong_codes(client: Client, cast: Cast):
    give_factor(cast.clerk)
    for _round in range(2):
        halfway(client, cast.clerk)
        statuses = [second(client, code="000000")[0] for _n in range(4)]
    assert statuses == [422, 422, 422, 429]


def test_a_recovery_code_lets_in_once_and_says_how_many_are_left(client: Client, cast: Cast):
    codes = give_factor(cast.clerk)
    halfway(client, cast.clerk)
    assert second(client, code=codes[0].upper())[0] == 302
    assert recovery_codes_of(cast.clerk).count() == 9
    client.post("/sign-out/")
    halfway(client, cast.clerk)
    assert second(client, code=codes[0])[0] == 422


# -- one's own ---------------------------------------------------------------------------------------------------------


def sealed(page: str) -> str:
    found = re.search(r'name="sealed" value="([^"]+)"', page)
    assert found
    return found[1]


def shown_secret(page: str) -> str:
    found = re.search(r'translate="no">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


def add_app(client: Client, **fields: str) -> Any:
    page = client.get("/me/second-factor/app/").content.decode()
    asked = {"sealed": sealed(page), "code": code(shown_secret(page)), "name": "我的手机", "old": PASSWORD, **fields}
    return client.post("/me/second-factor/app/", asked)


def test_an_app_is_added_by_picture_or_typed_secret_and_recovery_codes_come_with_it(client: Client, cast: Cast):
    client.force_login(cast.clerk)
    assert "data:image/svg+xml" in client.get("/me/second-factor/app/").content.decode()
    answer = add_app(client)
    assert answer.headers["Location"] == "/me/second-factor/codes/shown/"
    page = client.get("/me/second-factor/codes/shown/").content.decode()
    codes = re.findall(r"<li>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</li>", page)
    assert len(codes) == 10
    client.post("/me/second-factor/codes/shown/")
    assert client.get("/me/second-factor/codes/shown/").headers["Location"] == "/me/second-factor/"
    page = client.get("/me/second-factor/").content.decode()
    assert "我的手机" in page
    assert codes[0] not in page
    assert "我的手机" in client.get("/me/").content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"old": "wrong"}, "现在的密码不对"), ({"code": "000000"}, "验证码不对"), ({"name": " "}, "请填写这一项")],
)
def test_an_app_needs_the_password_a_name_and_a_right_code(
    client: Client, cast: Cast, fields: dict[str, str], said: str
):
    client.force_login(cast.clerk)
    answer = add_app(client, **fields)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not has_factor(cast.clerk)


def test_a_secret_offered_to_another_person_is_not_taken(client: Client, cast: Cast):
    client.force_login(cast.auditor)
    theirs = client.get("/me/second-factor/app/").content.decode()
    client.force_login(cast.clerk)
    assert add_app(client, sealed=sealed(theirs), code=code(shown_secret(theirs))).status_code == 422


def test_a_factor_is_renamed_and_ended_by_its_owner_alone(client: Client, cast: Cast):
    give_factor(cast.clerk)
    factor = factors_of(cast.clerk).get()
    client.force_login(cast.auditor)
    for step in ("name", "end"):
        assert client.get(f"/me/second-factor/{factor.pk}/{step}/").status_code == 404
    client.logout()
    halfway(client, cast.clerk)
    second(client, code=code())
    client.post(f"/me/second-factor/{factor.pk}/name/", {"name": "旧手机"})
    assert factors_of(cast.clerk).get().name == "旧手机"
    assert client.post(f"/me/second-factor/{factor.pk}/end/", {"old": "wrong"}).status_code == 422
    assert client.post(f"/me/second-factor/{factor.pk}/end/", {"old": PASSWORD}).status_code == 302
    assert not has_factor(cast.clerk)


def test_the_first_factor_signs_out_everywhere_else_and_so_does_voiding_all(client: Client, cast: Cast):
    elsewhere, colleague = Client(), Client()
    for browser, user in ((client, cast.clerk), (elsewhere, cast.clerk), (colleague, cast.checker)):
        browser.post("/sign-in/", {"username": user.username, "password": PASSWORD})
    add_app(client)
    assert [signed_in(browser) for browser in (client, elsewhere, colleague)] == [True, False, True]
    void_second_factors(cast.clerk, reason="丢了", by=None, at=clock.now())
    assert [signed_in(browser) for browser in (client, colleague)] == [False, True]


def test_a_session_that_gave_a_password_alone_changes_nothing_of_a_factor(client: Client, cast: Cast):
    give_factor(cast.clerk)
    client.force_login(cast.clerk)
    factor = factors_of(cast.clerk).get()
    for path in ("app/", "passkey/", "codes/", f"{factor.pk}/end/"):
        answer = client.post(f"/me/second-factor/{path}", {"old": PASSWORD})
        assert answer.headers["Location"] == "/me/second-factor/"
    assert factors_of(cast.clerk).count() == 1


def test_new_recovery_codes_void_the_old(client: Client, cast: Cast):
    old = give_factor(cast.clerk)
    halfway(client, cast.clerk)
    second(client, code=code())
    assert client.post("/me/second-factor/codes/", {"old": PASSWORD}).status_code == 302
    client.post("/sign-out/")
    halfway(client, cast.clerk)
    assert second(client, code=old[0])[0] == 422


# -- passkeys ----------------------------------------------------------------------------------------------------------

LOCAL: dict[str, Any] = {"headers": {"host": "localhost"}}


def add_passkey(client: Client, key: SoftPasskey) -> Any:
    options = client.post("/me/second-factor/passkey/options/", **LOCAL).json()
    made = json.dumps(key.make(options))
    return client.post("/me/second-factor/passkey/", {"name": "指环", "old": PASSWORD, "passkey": made}, **LOCAL)


def test_a_passkey_is_added_and_lets_in(client: Client, cast: Cast):
    key = SoftPasskey()
    client.force_login(cast.clerk)
    assert add_passkey(client, key).headers["Location"] == "/me/second-factor/codes/shown/"
    client.post("/sign-out/")
    halfway(client, cast.clerk)
    assert "data-passkey" in client.get("/sign-in/second/", **LOCAL).content.decode()
    signed = json.dumps(key.sign(client.post("/sign-in/second/options/", **LOCAL).json()))
    assert client.post("/sign-in/second/", {"passkey": signed}, **LOCAL).status_code == 302
    assert signed_in(client)
    assert TrailLine.objects.filter(street=cast.street, verb="signed_in").get().data["how"] == "passkey"


@pytest.mark.parametrize("sent", ["", "{}", "[]", "null", '"x"', "[" * 5000])
def test_what_is_no_answer_of_a_passkey_is_refused_in_words(client: Client, cast: Cast, sent: str):
    client.force_login(cast.clerk)
    add_passkey(client, SoftPasskey())
    client.post("/sign-out/")
    halfway(client, cast.clerk)
    client.post("/sign-in/second/options/", **LOCAL)
    answer = client.post("/sign-in/second/", {"passkey": sent}, **LOCAL)
    assert answer.status_code == 422
    assert "通行密钥" in answer.content.decode()


def test_a_challenge_is_taken_once_and_for_what_it_was_given(client: Client, cast: Cast):
    key = SoftPasskey()
    client.force_login(cast.clerk)
    add_passkey(client, key)
    options = client.post("/me/second-factor/passkey/options/", **LOCAL).json()
    client.post("/sign-out/")
    halfway(client, cast.clerk)
    signed = json.dumps(key.sign(options))
    assert client.post("/sign-in/second/", {"passkey": signed}, **LOCAL).status_code == 422
    options = client.post("/sign-in/second/options/", **LOCAL).json()
    stale = key.sign({**options, "challenge": "AAAA"})
    assert client.post("/sign-in/second/", {"passkey": json.dumps(stale)}, **LOCAL).status_code == 422
    signed = json.dumps(key.sign(options))
    assert client.post("/sign-in/second/", {"passkey": signed}, **LOCAL).status_code == 422


def test_on_a_number_or_without_encryption_the_page_offers_an_app_and_says_why(client: Client, cast: Cast):
    client.force_login(cast.clerk)
    for host, why in (("127.0.0.1", "IP 地址"), ("testserver", "没有加密")):
        page = client.get("/me/second-factor/", headers={"host": host}).content.decode()
        assert why in page
        assert "添加动态口令" in page
        assert "/me/second-factor/passkey/" not in page
        assert client.post("/me/second-factor/passkey/options/", headers={"host": host}).status_code == 404


# -- who has to --------------------------------------------------------------------------------------------------------


def test_roles_that_move_money_people_or_settings_have_to_and_the_others_may(required: None):
    compelled = {role for verb in COMPELLING for role in MAY[verb]}
    assert compelled == {Role.COORDINATOR, Role.ADMINISTRATOR}


def test_who_has_to_finds_nothing_but_the_set_up_until_it_is_done(client: Client, cast: Cast, required: None):
    client.post("/sign-in/", {"username": cast.coordinator.username, "password": PASSWORD})
    assert client.get("/").headers["Location"] == "/me/second-factor/"
    assert client.get(f"/{cast.street.code}/cases/").headers["Location"] == "/me/second-factor/"
    assert "先设置第二重验证" in client.get("/me/second-factor/").content.decode()
    assert add_app(client).status_code == 302
    assert client.get(f"/{cast.street.code}/cases/").status_code == 200
    factor = factors_of(cast.coordinator).get()
    answer = client.post(f"/me/second-factor/{factor.pk}/end/", {"old": PASSWORD})
    assert answer.status_code == 422
    assert "这是最后一个" in answer.content.decode()


def test_who_need_not_is_let_in_by_the_password_alone(client: Client, cast: Cast, required: None):
    client.post("/sign-in/", {"username": cast.checker.username, "password": PASSWORD})
    assert client.get(f"/{cast.street.code}/cases/").status_code == 200


def test_who_was_let_in_on_the_machine_sets_up_a_new_one_first(client: Client, cast: Cast, required: None):
    give_factor(cast.coordinator)
    void_second_factors(cast.coordinator, reason="丢了", by=None, at=clock.now())
    client.post("/sign-in/", {"username": cast.coordinator.username, "password": PASSWORD})
    assert client.get("/").headers["Location"] == "/me/second-factor/"
