"""How a member is called and their telephone stand in their own row, and reach nothing else that is kept, sent or handed out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from hege.cli.work import holder, send_what_is_due
from hege.installation.trail_export import export_trail
from hege.kernel import clock
from hege.members.models import JoinCode, Member, MemberRole
from hege.members.queries import token_of
from hege.members.rules import digits_of
from hege.outbox.actions import set_gateway
from hege.outbox.rules import Channel
from hege.people.models import Party, User
from hege.privacy.copies import as_csv, as_json
from hege.privacy.queries import held_on
from hege.trail.models import TrailLine
from tests.cast import Cast
from tests.outbox.gateways import fake_gateway
from tests.web.office import in_days

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CALLED, RENAMED, PHONE, OTHER = "蜂甲乙丙", "蜂丁戊己", "13900000047", "13900000048"
TOKENS = (CALLED, RENAMED, PHONE, OTHER)
#: Whose columns hold them while one is a member.
THEIRS = (Member, JoinCode)


def tables(*without: type) -> str:
    """All that any table says, but some."""
    return str([list(model._base_manager.values()) for model in apps.get_models() if model not in without])


def digits() -> str:
    return next(digits_of(JoinCode.objects.latest("pk").public_id))


def sent(browser: Client, path: str, **said: Any) -> Any:
    answer = browser.post(path, said)
    assert answer.status_code == 302, answer.content.decode()
    return answer


def everything_done(cast: Cast) -> Client:
    """Somebody joins by telephone, is told of an appointment, changes name and telephone; the office registers, prints."""
    home, office = f"/m/{cast.street.code}/", f"/{cast.street.code}/members/"
    rider, staff = Client(), Client()
    rider.get(f"{home}join/")
    sent(rider, f"{home}join/", phone=PHONE)
    rider.post(f"{home}join/code/", {"digits": "000000x"})
    sent(rider, f"{home}join/code/", digits=digits())
    sent(rider, f"{home}join/you/", called=CALLED, work="courier", consents=["messages", "board"])
    send_what_is_due(me=holder(), now=clock.now)
    staff.force_login(cast.coordinator)
    mine = f"{office}{Member.objects.get().public_id}/"
    for page in (office, f"{office}?q={CALLED}", mine, f"{home}me/"):
        assert staff.get(page).status_code in (200, 302)
    sent(staff, f"{mine}appoint/", role="watcher", from_on=clock.today().isoformat(), until_on=in_days(300))
    sent(staff, f"{mine}card/")
    send_what_is_due(me=holder(), now=clock.now)
    sent(rider, f"{home}me/about/", called=RENAMED, work="courier")
    rider.get(f"{home}me/phone/")
    sent(rider, f"{home}me/phone/", phone=OTHER)
    sent(rider, f"{home}me/phone/code/", digits=digits())
    sent(rider, f"{home}me/consents/", consents=["messages"])
    assert rider.get(f"{home}me/copy/").status_code == 200
    assert Member.objects.get().phone == OTHER
    return rider


def copies() -> str:
    people: list[User | Party] = [*User.objects.all(), *Party.objects.all()]
    return str([write(held_on(who)) for write in (as_json, as_csv) for who in people])


def found_in(places: dict[str, str]) -> Iterator[str]:
    return (f"{token} in {place}" for place, said in places.items() for token in TOKENS if token in said)


def test_name_and_telephone_reach_nothing_that_is_kept_sent_or_handed_out(
    cast: Cast, caplog: pytest.LogCaptureFixture, tmp_path: Path
):
    with fake_gateway(lambda _one: (200, {"code": int(PHONE), "to": PHONE}, {})) as gateway, caplog.at_level(0):
        set_gateway(cast.street, channel=Channel.SMS, address=gateway.address, by=cast.administrator, at=clock.now())
        rider = everything_done(cast)
        export_trail(tmp_path, by=None, at=clock.now())
        files = [file.read_text(encoding="utf-8") for file in tmp_path.rglob("*") if file.is_file()]
        assert {one.body["to"] for one in gateway.handed} == {PHONE}
        said = str([one.body["text"] for one in gateway.handed])
        assert MemberRole.objects.exists()
        assert [*found_in({
            "a table": tables(*THEIRS), "a log": caplog.text, "the trail's files": str(files), "a copy": copies(),
            "a message": said,
        })] == []  # fmt: skip
        sent(rider, f"/m/{cast.street.code}/me/leave/", sure="on")
    assert len(files) == 1
    assert [*found_in({"a table": tables(), "a log": caplog.text})] == []
    assert TrailLine.objects.filter(verb="leave").count() == 1


def test_a_member_is_handed_what_is_held_on_them_and_of_nobody_else(cast: Cast):
    with fake_gateway(lambda _one: (200, {"code": 0}, {})) as gateway:
        set_gateway(cast.street, channel=Channel.SMS, address=gateway.address, by=cast.administrator, at=clock.now())
        rider = everything_done(cast)
    staff = Client()
    staff.force_login(cast.coordinator)
    sent(staff, f"/{cast.street.code}/members/new/", called="别人家的蜂", work="courier", phone="13700000000")
    answer = rider.get(f"/m/{cast.street.code}/me/copy/")
    copy = answer.content.decode()
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert {RENAMED, OTHER} <= {word for word in (RENAMED, OTHER, "别人家的蜂", "13700000000") if word in copy}
    assert not [word for word in ("别人家的蜂", "13700000000", cast.coordinator.full_name) if word in copy]
    kinds = {kind["kind"] for kind in json.loads(copy)}
    assert {"成员", "成员的同意", "成员开通的手机", "聘任"} <= kinds


def test_secrets_in_addresses_reach_no_log(cast: Cast, caplog: pytest.LogCaptureFixture):
    staff, rider = Client(), Client()
    staff.force_login(cast.coordinator)
    with caplog.at_level(0):
        sent(staff, f"/{cast.street.code}/members/new/", called=CALLED, work="courier")
        sent(staff, f"/{cast.street.code}/members/stations/new/", label="驿站", count="1")
        secrets = [str(token_of(one)) for one in _invitations()]
        for way, secret in zip(("card", "join"), secrets, strict=True):
            assert rider.get(f"/m/{cast.street.code}/{way}/{secret}/").status_code == 200
            assert rider.get(f"/m/{cast.street.code}/{way}/{secret}x/").status_code == 404
    assert not [secret for secret in secrets if secret in caplog.text]


def _invitations() -> list[Any]:
    return list(apps.get_model("members.Invitation")._base_manager.order_by("pk"))
