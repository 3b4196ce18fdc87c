"""A street's key is made of the installation's secret: the same again, another one under another secret, kept nowhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from hege.credentials.actions import open_key, renew_key, sign_badge
from hege.credentials.keys import seeds
from hege.credentials.models import IssuerKey
from hege.credentials.queries import controller_document, public_keys, signed, verdict_on
from hege.credentials.rules import Verdict, public_of
from hege.credentials.status import status_list
from hege.integrity.queries import faults
from hege.kernel.refused import Refused
from hege.people.models import Street
from hege.procedures.actions import keep_days_watch
from hege.trail.models import TrailLine
from tests.cast import NOW, Cast
from tests.credentials.badge import DAY, ISSUER, LIST, badge

pytestmark = pytest.mark.django_db

THEN = "golden" * 10
#: As they were made on 2026-11-29, by ``hmac`` and RFC 5869 by hand too: whoever changes the way to them closes every street's key.
MADE = {
    ("310118107", 1): "z6Mkj2evZbTdMGajhgmiwg72uhEzzyxTnrVmbzQ5VGvMv1ar",
    ("310118107", 2): "z6MkgLw7FVvMgLcHrSTf1jyJByBTy1YF8yA82iZKVmgP8UDH",
    ("310117006", 1): "z6MkwV6tK7f43QytfXASwkNyEkC13bXD977QLSAAasuMG9n2",
}


@contextmanager
def secret(name: str, *olds: str) -> Iterator[None]:
    with override_settings(SECRET_KEY=name, SECRET_KEY_FALLBACKS=list(olds)):
        yield


def sign(cast: Cast, at: dt.datetime, **changes: Any) -> dict[str, Any]:
    document, _serial = sign_badge(badge(valid_from=at, **changes), street=cast.street, by=cast.coordinator, at=at)
    return document


def test_a_key_is_the_same_again_for_the_same_secret_street_and_serial():
    with secret(THEN):
        assert {of: public_of(next(seeds(*of))) for of in MADE} == MADE
    with secret("another" * 10, THEN):
        assert [public_of(seed) for seed in seeds("310118107", 1)][1] == MADE["310118107", 1]


def test_the_first_badge_opens_a_key_and_the_next_one_uses_it(cast: Cast):
    first, serial = sign_badge(badge(valid_from=NOW), street=cast.street, by=cast.coordinator, at=NOW)
    second = sign(cast, NOW + DAY)
    assert (serial, first["proof"]["verificationMethod"]) == (1, f"{ISSUER.id}#key-1")
    assert second["proof"]["verificationMethod"] == first["proof"]["verificationMethod"]
    assert [verdict_on(one, street=cast.street, at=NOW + DAY) for one in (first, second)] == [Verdict.GOOD] * 2
    (key,) = IssuerKey.objects.all()
    assert (key.serial, key.from_at, key.until_at) == (1, NOW, None)
    line = TrailLine.objects.get(verb="open_key")
    assert line.data["public_key"] == key.public_key
    assert list(faults(cast.street)) == []


def test_another_secret_closes_the_key_and_begins_the_next_while_old_badges_stay_good(cast: Cast):
    first = sign(cast, NOW)
    with secret("another" * 10):
        second = sign(cast, NOW + DAY)
        old, new = IssuerKey.objects.order_by("serial")
        assert (new.serial, new.from_at, new.until_at) == (2, NOW + DAY, None)
        assert old.until_at == NOW + DAY + dt.timedelta(seconds=1)
        assert old.public_key != new.public_key
        assert second["proof"]["verificationMethod"] == f"{ISSUER.id}#key-2"
        later = NOW + 2 * DAY
        assert [verdict_on(one, street=cast.street, at=later) for one in (first, second)] == [Verdict.GOOD] * 2
    forged = signed(badge(valid_from=NOW), street=cast.street, at=NOW + 3 * DAY, key=old)
    assert verdict_on(forged, street=cast.street, at=NOW + 3 * DAY) is Verdict.KEY_ENDED
    with secret("another" * 10):
        assert list(faults(cast.street)) == []


def test_a_badge_signed_at_the_very_second_a_key_ends_stays_good(cast: Cast):
    at = NOW + dt.timedelta(milliseconds=700)
    first = sign(cast, at)
    with secret("another" * 10):
        second = sign(cast, at + dt.timedelta(milliseconds=100))
        later = NOW + DAY
        assert [verdict_on(one, street=cast.street, at=later) for one in (first, second)] == [Verdict.GOOD] * 2


def test_while_the_former_secret_is_at_hand_lists_are_signed_with_the_open_key_and_nothing_is_written(cast: Cast):
    sign(cast, NOW)
    made = status_list(0, [], url=LIST, issuer=ISSUER, at=NOW + DAY)
    with secret("another" * 10, settings.SECRET_KEY):
        said = signed(made, street=cast.street, at=NOW + DAY)
    assert verdict_on(said, street=cast.street, at=NOW + DAY) is Verdict.GOOD
    assert IssuerKey.objects.count() == 1
    with secret("another" * 10), pytest.raises(Refused, match="HEGE_SECRET_KEYS_OLD"):
        signed(made, street=cast.street, at=NOW + DAY)


def test_the_days_watch_opens_the_next_key_for_who_has_signed_and_for_nobody_else(cast: Cast, other_street: Street):
    sign(cast, NOW)
    with secret("another" * 10, settings.SECRET_KEY):
        keep_days_watch(cast.street, by=None, at=NOW + DAY)
        keep_days_watch(other_street, by=None, at=NOW + DAY)
    assert list(IssuerKey.objects.order_by("serial").values_list("street", "serial")) == [
        (cast.street.pk, 1),
        (cast.street.pk, 2),
    ]


def test_keys_of_two_streets_are_two(cast: Cast, other_street: Street):
    ours = open_key(cast.street, by=None, at=NOW)
    theirs = open_key(other_street, by=None, at=NOW)
    assert ours.public_key != theirs.public_key
    assert renew_key(cast.street, by=None, at=NOW + DAY) == ours
    document = sign(cast, NOW)
    assert verdict_on(document, street=other_street, at=NOW + DAY) is Verdict.ALTERED


def test_every_key_stays_published_with_its_end(cast: Cast):
    open_key(cast.street, by=None, at=NOW)
    with secret("another" * 10):
        open_key(cast.street, by=None, at=NOW + DAY)
    first, second = public_keys(cast.street, issuer=ISSUER.id)
    assert controller_document(cast.street, issuer=ISSUER.id) == {
        "@context": ["https://www.w3.org/ns/cid/v1"],
        "id": ISSUER.id,
        "verificationMethod": [
            {
                "id": f"{ISSUER.id}#key-1",
                "type": "Multikey",
                "controller": ISSUER.id,
                "publicKeyMultibase": first.public,
                "expires": "2026-11-24T04:00:01Z",
            },
            {
                "id": f"{ISSUER.id}#key-2",
                "type": "Multikey",
                "controller": ISSUER.id,
                "publicKeyMultibase": second.public,
            },
        ],
        "assertionMethod": [f"{ISSUER.id}#key-1", f"{ISSUER.id}#key-2"],
    }
