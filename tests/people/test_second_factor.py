"""One-time codes as every app makes them, passkeys as browsers answer, and secrets that a copy of the database does not give."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import override_settings
from fido2.utils import websafe_decode, websafe_encode
from hypothesis import given
from hypothesis import strategies as st

from hege.kernel.ids import ALPHABET
from hege.kernel.refused import Refused
from hege.people.second_factor import passkeys
from hege.people.second_factor.passkeys import Place
from hege.people.second_factor.rules import check_count, new_recovery_codes, step_of, typed
from hege.people.second_factor.sealing import digests, seal, sealed_anew, unsealed
from tests.passkeys import SoftPasskey

pytestmark = pytest.mark.once

#: The secret of RFC 6238's own examples, and codes of its table (SHA-1), of which an app shows the last six digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
TABLE = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]
HERE = Place("localhost", "http://localhost")
OLD, NEW = {"SECRET_KEY": "old" * 20, "SECRET_KEY_FALLBACKS": []}, {"SECRET_KEY": "new" * 20}


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


@pytest.mark.parametrize(("seconds", "code"), TABLE)
def test_codes_are_those_of_the_standard(seconds: int, code: str):
    assert step_of(SECRET, code, after=0, at=at(seconds)) == seconds // 30


@pytest.mark.parametrize(("late", "right"), [(-61, False), (-30, True), (0, True), (30, True), (61, False)])
def test_a_code_is_taken_one_step_early_or_late(late: int, right: bool):
    assert (step_of(SECRET, "005924", after=0, at=at(1234567890 + late)) is not None) is right


def test_a_code_of_a_step_that_was_used_is_wrong():
    step = 1234567890 // 30
    assert step_of(SECRET, "005924", after=step, at=at(1234567890)) is None
    assert step_of(SECRET, "005924", after=step - 1, at=at(1234567890)) == step


@pytest.mark.parametrize("code", ["", "5924", "000000", "٠٠٥٩٢٤", "0059240"])
def test_what_is_no_code_is_wrong(code: str):
    assert step_of(SECRET, code, after=0, at=at(1234567890)) is None


def test_codes_may_be_typed_with_blanks_dashes_and_wide_signs():
    assert typed(" ００５ 924 ") == "005924"
    assert typed("ABCD-efgh 2345") == "abcdefgh2345"


def test_recovery_codes_are_ten_and_too_long_to_guess():
    codes = new_recovery_codes()
    assert len({*codes}) == 10
    assert all(set(typed(code)) <= set(ALPHABET) for code in codes)
    assert len(ALPHABET) ** len(typed(codes[0])) >= 32**10


# -- what the database keeps -------------------------------------------------------------------------------------------


def test_a_sealed_secret_opens_for_its_person_and_its_purpose_alone():
    sealed = seal("geheim", user=7, what="totp")
    assert "geheim" not in sealed
    assert unsealed(sealed, user=7, what="totp") == "geheim"
    assert unsealed(sealed, user=8, what="totp") is None
    assert unsealed(sealed, user=7, what="passkey") is None
    assert unsealed("made up by hand", user=7, what="totp") is None


def test_a_secret_of_a_former_key_opens_and_is_sealed_anew_when_used():
    with override_settings(**OLD):
        sealed = seal("geheim", user=7, what="totp")
        assert sealed_anew(sealed, user=7, what="totp") == sealed
    with override_settings(**NEW, SECRET_KEY_FALLBACKS=[OLD["SECRET_KEY"]]):
        assert unsealed(sealed, user=7, what="totp") == "geheim"
        anew = sealed_anew(sealed, user=7, what="totp")
    with override_settings(**NEW, SECRET_KEY_FALLBACKS=[]):
        assert unsealed(sealed, user=7, what="totp") is None
        assert unsealed(anew, user=7, what="totp") == "geheim"
        assert sealed_anew(sealed, user=7, what="totp") == sealed


def test_a_digest_of_a_recovery_code_is_one_persons_and_needs_the_key():
    with override_settings(**OLD):
        mine = digests("abcd", user=7)
        assert digests("abcd", user=8) != mine
    with override_settings(**NEW, SECRET_KEY_FALLBACKS=[]):
        assert not set(mine) & set(digests("abcd", user=7))
    with override_settings(**NEW, SECRET_KEY_FALLBACKS=[OLD["SECRET_KEY"]]):
        assert mine[0] in digests("abcd", user=7)


# -- passkeys ----------------------------------------------------------------------------------------------------------


def made(key: SoftPasskey, place: Place = HERE) -> passkeys.Passkey:
    options, challenge = passkeys.begin_adding(place, user=7, username="wang", full_name="王丽", known=[], site="合格")
    return passkeys.added(place, challenge, key.make(options))


def signed(key: SoftPasskey, known: list[str], place: Place = HERE) -> passkeys.Proven:
    options, challenge = passkeys.begin_proving(place, known)
    return passkeys.proven(place, challenge, known, key.sign(options))


def test_a_passkey_is_made_and_proves_itself_with_a_growing_count():
    key = SoftPasskey()
    kept = made(key)
    assert signed(key, [kept.data]) == passkeys.Proven(kept.credential, 1)
    assert signed(key, [kept.data]).signed == 2


def test_a_passkey_that_is_there_is_not_made_again_on_the_same_device():
    kept = made(SoftPasskey())
    options, _challenge = passkeys.begin_adding(
        HERE, user=7, username="wang", full_name="王丽", known=[kept.data], site="合格"
    )
    assert [one["id"] for one in options["excludeCredentials"]] == [kept.credential]


@pytest.mark.parametrize(
    "other",
    [
        SoftPasskey(origin="http://localhost:8000"),
        SoftPasskey(origin="https://evil.example"),
        SoftPasskey(host="evil.example"),
    ],
)
def test_what_was_signed_at_another_place_is_refused(other: SoftPasskey):
    with pytest.raises(Refused, match="对不上"):
        made(other)
    key = SoftPasskey()
    kept = made(key)
    key.host, key.origin = other.host, other.origin
    with pytest.raises(Refused, match="对不上"):
        signed(key, [kept.data])


def test_another_key_or_an_answer_to_another_challenge_is_refused():
    key, other = SoftPasskey(), SoftPasskey()
    kept = made(key)
    with pytest.raises(Refused):
        signed(other, [kept.data])
    other.credential = key.credential
    with pytest.raises(Refused):
        signed(other, [kept.data])
    earlier, _challenge = passkeys.begin_proving(HERE, [kept.data])
    _options, challenge = passkeys.begin_proving(HERE, [kept.data])
    with pytest.raises(Refused):
        passkeys.proven(HERE, challenge, [kept.data], key.sign(earlier))


LEAVES = (
    st.none() | st.integers() | st.text() | st.booleans() | st.sampled_from(["public-key", "AAAA", "gYGBgQ", "oWEx"])
)
NAMES = st.sampled_from(
    ["id", "rawId", "type", "response", "clientDataJSON", "attestationObject", "authenticatorData", "signature"]
)


@given(
    answer=st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6))
)
def test_whatever_a_browser_sends_is_refused_in_words(answer: Any):
    _options, challenge = passkeys.begin_proving(HERE, [])
    for take in (lambda: passkeys.added(HERE, challenge, answer), lambda: passkeys.proven(HERE, challenge, [], answer)):
        with pytest.raises(Refused):
            take()


@given(tail=st.binary(max_size=80), cut=st.integers(0, 200))
def test_a_broken_passkey_is_refused_in_words_or_signs_nothing(tail: bytes, cut: int):
    key = SoftPasskey()
    options, challenge = passkeys.begin_adding(HERE, user=7, username="w", full_name="w", known=[], site="s")
    answer = key.make(options)
    whole = websafe_decode(answer["response"]["attestationObject"])
    answer["response"]["attestationObject"] = websafe_encode(whole[: min(cut, len(whole) - 1)] + tail)
    with pytest.raises(Refused):
        signed(key, [passkeys.added(HERE, challenge, answer).data])


@pytest.mark.parametrize(
    ("count", "after", "right"), [(0, 0, True), (1, 0, True), (1, 1, False), (0, 5, False), (6, 5, True)]
)
def test_a_count_that_does_not_grow_betrays_a_copy(count: int, after: int, right: bool):
    if right:
        check_count(count, after=after)
        assert (count, after) == (0, 0) or count > after
    else:
        with pytest.raises(Refused, match="复制"):
            check_count(count, after=after)


@pytest.mark.parametrize(
    ("host", "origin", "why"),
    [
        ("localhost", "http://localhost:8000", ""),
        ("hege.example.gov.cn", "https://hege.example.gov.cn", ""),
        ("hege.example.gov.cn", "http://hege.example.gov.cn", "没有加密"),
        ("127.0.0.1", "https://127.0.0.1", "IP 地址"),
        ("[::1]", "https://[::1]", "IP 地址"),
    ],
)
def test_a_passkey_needs_a_name_and_encryption_and_the_page_says_why(host: str, origin: str, why: str):
    said = str(Place(host, origin).why_not)
    assert why in said
    assert bool(why) == bool(said)
