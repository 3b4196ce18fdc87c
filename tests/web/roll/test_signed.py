"""What programs ask for: a badge is good by the keys and the list that its addresses serve, and bad once withdrawn."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client, override_settings

from hege.credentials.rules import PublicKey, Verdict, verify
from hege.credentials.status import revoked_in
from hege.honours.actions import publish_honour, withdraw_honour
from hege.honours.models import Honour
from hege.kernel import clock
from tests.cast import Cast
from tests.honours.roll import AFTER, DAY, a_draft, in_publicity, on, published

pytestmark = pytest.mark.django_db


def asked(client: Client, address: str) -> Any:
    answer = client.get(urlsplit(address).path)
    assert answer.status_code == 200, (address, answer.status_code)
    return json.loads(answer.content)


def verdict(client: Client, badge: dict[str, Any]) -> Verdict:
    """What a stranger finds who only has the badge and asks the addresses it names."""
    keys = [
        PublicKey(method["id"], method["publicKeyMultibase"], min(on(DAY), clock.now()) - dt.timedelta(days=30))
        for method in asked(client, badge["issuer"]["id"])["verificationMethod"]
    ]
    listed = asked(client, badge["credentialStatus"]["statusListCredential"])
    assert verify(listed, keys, at=clock.now()) is Verdict.GOOD
    return verify(badge, keys, at=on(AFTER), revoked=revoked_in(listed))


def badge_of(client: Client, honour: Honour) -> Any:
    return asked(client, f"/h/{honour.public_id}/badge.json")


def test_a_badge_is_good_by_the_addresses_it_names_and_revoked_once_withdrawn(client: Client, cast: Cast):
    honour = published(cast)
    badge = badge_of(client, honour)
    assert verdict(client, badge) is Verdict.GOOD
    withdraw_honour(honour, reason="撤销", by=cast.coordinator, at=on(AFTER))
    assert verdict(client, badge) is Verdict.REVOKED
    answer = client.get(f"/h/{honour.public_id}/badge.json")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (410, "no-store, private")


def test_a_former_key_stays_published_with_its_end(client: Client, cast: Cast):
    first = published(cast)
    badge = badge_of(client, first)
    second = in_publicity(cast, a_draft("另一项", firm="上海另一家合作社"))
    with override_settings(SECRET_KEY="another-secret-" * 5, SECRET_KEY_FALLBACKS=[]):
        publish_honour(second, by=cast.coordinator, at=on(AFTER))
        methods = asked(client, badge["issuer"]["id"])["verificationMethod"]
    assert badge["proof"]["verificationMethod"] == methods[0]["id"]
    assert [("revoked" in one or "expires" in one) for one in methods] == [True, False]


@pytest.mark.parametrize(
    ("more", "kind", "seconds"),
    [
        ("badge.json", "application/vc", 300),
        ("badge.svg", "image/svg+xml", 300),
        ("code.svg", "image/svg+xml", 31_536_000),
    ],
)
def test_what_is_the_same_for_everybody_may_be_kept_whatever_the_cookies(
    client: Client, cast: Cast, more: str, kind: str, seconds: int
):
    address = f"/h/{published(cast).public_id}/{more}"
    plain = client.get(address)
    client.cookies["hege_language"] = "en"
    english = client.get(address)
    assert (plain.content, plain.headers["Content-Type"]) == (english.content, kind)
    assert plain.headers["Cache-Control"] == f"public, max-age={seconds}"
    assert plain.headers.get("Vary", "Accept-Encoding") == "Accept-Encoding"  # of a picture, which may come compressed
    assert "Set-Cookie" not in plain.headers
    assert english.headers["Content-Language"] == plain.headers["Content-Language"]


def test_the_picture_for_a_firms_own_site_tells_the_state_of_the_day(client: Client, cast: Cast):
    honour = published(cast)
    address = f"/h/{honour.public_id}/badge.svg"
    day = clock.today().isoformat()
    said = client.get(address).content.decode()
    assert "已上榜" in said
    assert day in said
    withdraw_honour(honour, reason="撤销", by=cast.coordinator, at=on(AFTER))
    said = client.get(address).content.decode()
    assert "已撤下" in said
    assert "style=" not in said
    assert "withdrawn" in client.get(f"{address}?lang=en").content.decode()


def test_a_street_without_a_badge_has_no_list_and_one_that_is_not_there_no_keys(client: Client, cast: Cast):
    in_publicity(cast)
    code = cast.street.code
    assert client.get(f"/h/issuer/{code}/status/0/").status_code == 404
    assert asked(client, f"/h/issuer/{code}/")["id"].endswith(f"/h/issuer/{code}/")
    published(cast)
    assert client.get(f"/h/issuer/{code}/status/1/").status_code == 404
    assert client.get(f"/h/issuer/{code}/status/{'9' * 40}/").status_code == 404
    assert client.get("/h/issuer/999999999/").status_code == 404
