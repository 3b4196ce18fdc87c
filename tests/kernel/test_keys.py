"""What was sealed by an earlier version opens today, by the key of then, and is nobody else's."""

from __future__ import annotations

import pytest
from django.test import override_settings

from hege.kernel.ids import derived
from hege.outbox import sealing as gateways
from hege.people.second_factor import sealing as factors

pytestmark = pytest.mark.once

THEN = "golden" * 10
#: As they were sealed on 2026-11-29, when each of the two had keys of its own.
GATEWAY = (
    "gAAAAABrDA7PFVHQktTXP-sn_Dc1HRmsgOQmIX2Wpcpc-qqQJCk0pExwqB-tu_MbIvyIrdlXPQJtqFVxbQ6Bu9ebVYPvun2VHdcm6bxgUFilThLLV1oGlBt-"
    "mxM1PQ_zcsLrmDj5wPrBOLdkezCoBJ3FDeeWNbqdxvefw6zU3mudoMhFr748v3I="
)
FACTOR = "gAAAAABrDA7PvryhHT4mk_YGZdYLWSTIXidQR8AS805R1ttntjnm0XGXcFJRLCLKAkOD0jpmL_qquHEoildsmbXioivTHY_c3LjhnWki4TeSFb0-IGaku-A="
CODE = "dfbbdaee3bbbac1c7a02ca0d7f0b49c3b43bf422dd0e1a2625ab0f85cf0941d4"


@pytest.fixture(params=["today", "former"])
def key_of_then(request: pytest.FixtureRequest):
    keys = [THEN] if request.param == "today" else ["another" * 10, THEN]
    with override_settings(SECRET_KEY=keys[0], SECRET_KEY_FALLBACKS=keys[1:]):
        yield


def test_a_gateways_address_and_secret_open(key_of_then: None):
    opened = gateways.Opened("https://qyapi.weixin.qq.com/x?key=甲", "SEC1")
    assert gateways.unsealed(GATEWAY, street=3, channel="wecom") == opened
    assert gateways.unsealed(GATEWAY, street=4, channel="wecom") is None
    assert gateways.unsealed(GATEWAY, street=3, channel="sms") is None


def test_a_second_factor_opens_and_a_recovery_code_is_known(key_of_then: None):
    assert factors.unsealed(FACTOR, user=7, what="totp") == "geheim"
    assert factors.unsealed(FACTOR, user=7, what="passkey") is None
    assert CODE in factors.digests("abcd", user=7)


def test_what_is_for_one_purpose_does_not_open_for_another(key_of_then: None):
    assert factors.unsealed(GATEWAY, user=3, what="wecom") is None
    assert gateways.unsealed(FACTOR, street=7, channel="totp") is None


def test_a_secret_made_of_a_seed_is_the_same_again(key_of_then: None):
    assert "pdkc3r6x93uh" in derived("seed", 12)
