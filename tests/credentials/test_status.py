"""The list of what was revoked says one bit of each badge, in places that tell nothing."""

from __future__ import annotations

import base64
import gzip

import pytest

from hege.credentials.rules import Signing, Verdict, sign, verify
from hege.credentials.status import ENTRIES, free_place, list_of, revoked_in, status_entry, status_list
from tests.credentials.badge import DAY, ISSUER, KEY, LIST, METHOD, NOON, SEED

pytestmark = pytest.mark.once


def bits(*revoked: int, number: int = 0) -> bytes:
    said = status_list(number, revoked, url=LIST, issuer=ISSUER, at=NOON)["credentialSubject"]["encodedList"]
    assert said[0] == "u"
    return gzip.decompress(base64.urlsafe_b64decode(said[1:] + "=="))


def test_the_first_place_is_the_first_bit_from_the_left():
    assert bits() == bytes(16_384)
    assert bits(0)[:2] == b"\x80\0"
    assert bits(7, 8)[:2] == b"\x01\x80"
    assert bits(ENTRIES - 1)[-1] == 1


def test_a_list_has_the_places_of_its_number_alone():
    assert bits(5, ENTRIES + 6)[0] == 0b100
    assert bits(5, ENTRIES + 6, number=1)[0] == 0b10
    assert list_of(ENTRIES + 6) == (1, 6)


def test_what_was_revoked_is_read_from_the_list():
    said = status_list(1, [5, ENTRIES + 6, ENTRIES + 4_711], url=LIST, issuer=ISSUER, at=NOON)
    assert revoked_in(said) == {f"{LIST}#6", f"{LIST}#4711"}


def test_a_badge_names_its_list_and_its_place():
    assert status_entry(ENTRIES + 6, url=lambda number: f"https://hege.example/{number}") == {
        "id": "https://hege.example/1#6",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "6",
        "statusListCredential": "https://hege.example/1",
    }


def test_a_list_is_signed_and_holds_for_a_day():
    said = sign(status_list(0, [], url=LIST, issuer=ISSUER, at=NOON), Signing(METHOD, SEED), created=NOON)
    assert verify(said, [KEY], at=NOON) is Verdict.GOOD
    assert verify(said, [KEY], at=NOON + DAY) is Verdict.EXPIRED
    assert verify(said | {"validUntil": "2030-01-01T00:00:00Z"}, [KEY], at=NOON + DAY) is Verdict.ALTERED


def test_places_are_random_and_never_given_twice():
    taken: list[int] = []
    for used in range(200):
        taken.append(free_place(taken.__contains__, used=used))
    assert len(set(taken)) == 200
    assert max(taken) < ENTRIES
    assert max(taken) - min(taken) > ENTRIES // 2
    assert sorted(taken) != taken


def test_a_taken_place_is_tried_no_second_time_and_half_a_list_begins_the_next():
    first = free_place(lambda _place: False, used=0)
    asked: list[int] = []

    def taken(place: int) -> bool:
        asked.append(place)
        return len(asked) < 3

    assert free_place(taken, used=1) == asked[2]
    assert first < ENTRIES <= free_place(lambda _place: False, used=ENTRIES // 2) < 2 * ENTRIES
