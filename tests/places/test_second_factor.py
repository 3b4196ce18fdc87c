"""Second factors are added, proven once, ended by their owner, and voided on the machine; each act is on the trail."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyotp
import pytest
from django.test import override_settings

from hege.integrity.queries import faults
from hege.kernel.refused import Refused
from hege.people.models import Membership, RecoveryCode, SecondFactor, SignInFailure, User
from hege.people.second_factor.passkeys import Passkey, Proven
from hege.people.second_factor.queries import factors_of, has_factor, recovery_codes_of, secret_of
from hege.people.second_factor.rules import MOST_FACTORS, new_recovery_codes, new_secret
from hege.places.second_factor.actions import (
    add_passkey,
    add_totp,
    end_second_factor,
    make_recovery_codes,
    rename_second_factor,
    sign_in_by_code,
    sign_in_by_passkey,
    sign_in_by_recovery_code,
    void_second_factors,
)
from hege.trail.models import TrailLine
from tests.cast import NOW, PASSWORD, Cast
from tests.integrity.tampering import tamper

pytestmark = pytest.mark.once

HALF_A_MINUTE = dt.timedelta(seconds=30)
FROM: dict[str, Any] = {"address": "198.51.100.1"}


def code_of(secret: str, at: dt.datetime = NOW) -> str:
    return pyotp.TOTP(secret).at(at)


def with_totp(user: User, name: str = "我的手机", at: dt.datetime = NOW) -> SecondFactor:
    secret = new_secret()
    return add_totp(user, name=name, secret=secret, code=code_of(secret, at), by=user, at=at)


def with_passkey(user: User, credential: str = "AAAA") -> SecondFactor:
    return add_passkey(user, name="指环", passkey=Passkey(credential, "BBBB", 0), by=user, at=NOW)


def secret(factor: SecondFactor) -> str:
    found = secret_of(factor)
    assert found
    return found


def verbs(cast: Cast) -> list[str]:
    return list(TrailLine.objects.filter(street=cast.street).order_by("seq").values_list("verb", flat=True))


def later(steps: int = 1) -> dt.datetime:
    return NOW + steps * HALF_A_MINUTE


def test_an_app_is_added_with_its_first_code_and_no_secret_stands_open_anywhere(cast: Cast):
    user = cast.coordinator
    factor = with_totp(user)
    assert [*factors_of(user)] == [factor]
    assert secret(factor) not in factor.secret
    assert secret(factor) not in str(list(TrailLine.objects.values_list("data", flat=True)))
    assert verbs(cast) == ["add_second_factor"]
    assert list(faults(cast.street)) == []


def test_a_wrong_first_code_adds_nothing(cast: Cast):
    with pytest.raises(Refused, match="验证码不对") as no:
        add_totp(cast.coordinator, name="手机", secret=new_secret(), code="000000", by=cast.coordinator, at=NOW)
    assert no.value.field == "code"
    assert not has_factor(cast.coordinator)


def test_the_same_secret_or_passkey_is_not_added_twice(cast: Cast):
    user = cast.coordinator
    known = secret(with_totp(user))
    with pytest.raises(Refused, match="已经添加过"):
        add_totp(user, name="又一次", secret=known, code=code_of(known, later(2)), by=user, at=later(2))
    with_passkey(user)
    with pytest.raises(Refused, match="已经添加过"):
        with_passkey(cast.clerk)


def test_a_person_has_a_few_factors_at_most(cast: Cast):
    for n in range(MOST_FACTORS):
        with_passkey(cast.coordinator, f"key{n}")
    with pytest.raises(Refused, match="最多登记"):
        with_totp(cast.coordinator)


def test_nobody_adds_names_or_ends_another_ones_factor(cast: Cast):
    factor = with_totp(cast.coordinator)
    other: dict[str, Any] = {"by": cast.administrator, "at": NOW}
    with pytest.raises(Refused, match="本人"):
        add_passkey(cast.coordinator, name="我的", passkey=Passkey("AAAA", "BBBB", 0), **other)
    with pytest.raises(Refused, match="本人"):
        rename_second_factor(factor, name="别的", **other)
    with pytest.raises(Refused, match="本人"):
        end_second_factor(factor, compelled=False, **other)
    with pytest.raises(Refused, match="本人"):
        make_recovery_codes(cast.coordinator, codes=new_recovery_codes(), **other)


def test_who_has_never_held_a_role_has_no_trail_to_add_a_factor_to(db: None):
    newcomer = User.objects.create_user("newcomer", PASSWORD)
    with pytest.raises(Refused, match="还没有岗位"):
        with_totp(newcomer)


@pytest.mark.parametrize("name", ["", "  ", "长" * 61])
def test_a_factor_has_a_name_that_can_be_read(cast: Cast, name: str):
    with pytest.raises(Refused) as no:
        with_totp(cast.coordinator, name)
    assert no.value.field == "name"


@pytest.mark.both
def test_a_factor_gets_another_name(cast: Cast):
    factor = with_totp(cast.coordinator)
    rename_second_factor(factor, name=" 旧手机 ", by=cast.coordinator, at=NOW)
    assert factors_of(cast.coordinator).get().name == "旧手机"
    line = TrailLine.objects.get(street=cast.street, verb="rename_second_factor")
    assert (line.data["before"], line.data["name"]) == ("我的手机", "旧手机")


def test_a_code_works_once_and_so_does_the_one_that_added_the_factor(cast: Cast):
    user = cast.coordinator
    known = secret(with_totp(user))
    with pytest.raises(Refused, match="已经用过"):
        sign_in_by_code(user, code=code_of(known), by=user, at=NOW, **FROM)
    used = sign_in_by_code(user, code=code_of(known, later()), by=user, at=later(), **FROM)
    assert used.last_used_at == later()
    with pytest.raises(Refused, match="已经用过"):
        sign_in_by_code(user, code=code_of(known, later()), by=user, at=later(2), **FROM)
    line = TrailLine.objects.get(street=cast.street, verb="signed_in")
    assert (line.data["address"], line.data["how"]) == ("198.51.100.1", "totp")
    assert list(faults(cast.street)) == []


def test_a_code_of_somebody_else_or_of_an_ended_factor_is_wrong(cast: Cast):
    mine, theirs = with_totp(cast.coordinator), with_totp(cast.clerk)
    tried: dict[str, Any] = {"by": cast.coordinator, "at": later(), **FROM}
    with pytest.raises(Refused):
        sign_in_by_code(cast.coordinator, code=code_of(secret(theirs), later()), **tried)
    end_second_factor(mine, compelled=False, by=cast.coordinator, at=NOW)
    with pytest.raises(Refused):
        sign_in_by_code(cast.coordinator, code=code_of(secret(mine), later()), **tried)


@pytest.mark.both
def test_a_passkey_counts_on_and_a_copy_of_it_is_refused(cast: Cast):
    user = cast.coordinator
    with_passkey(user)
    by: dict[str, Any] = {"by": user, "at": NOW, **FROM}
    assert sign_in_by_passkey(user, proven=Proven("AAAA", 3), **by).counter == 3
    for count in (3, 2, 0):
        with pytest.raises(Refused, match="复制"):
            sign_in_by_passkey(user, proven=Proven("AAAA", count), **by)
    with pytest.raises(Refused, match="停用"):
        sign_in_by_passkey(user, proven=Proven("ZZZZ", 9), **by)


def test_the_last_factor_of_who_has_to_have_one_stays(cast: Cast):
    user = cast.coordinator
    first, second = with_totp(user), with_passkey(user)
    end_second_factor(first, compelled=True, by=user, at=NOW)
    with pytest.raises(Refused, match="这是最后一个"):
        end_second_factor(second, compelled=True, by=user, at=NOW)
    with pytest.raises(Refused, match="已经停用"):
        end_second_factor(first, compelled=False, by=user, at=NOW)


@pytest.mark.both
def test_each_recovery_code_works_once_and_a_new_set_voids_the_old(cast: Cast):
    user, old, new = cast.coordinator, new_recovery_codes(), new_recovery_codes()
    with pytest.raises(Refused, match="还没有第二重验证"):
        make_recovery_codes(user, codes=old, by=user, at=NOW)
    with_totp(user)
    make_recovery_codes(user, codes=old, by=user, at=NOW)
    by: dict[str, Any] = {"by": user, "at": NOW, **FROM}
    sign_in_by_recovery_code(user, code=old[0].upper().replace("-", " "), **by)
    assert recovery_codes_of(user).count() == 9
    make_recovery_codes(user, codes=new, by=user, at=NOW)
    for code in (old[0], old[1], "", "zzzz-zzzz-zzzz"):
        with pytest.raises(Refused, match="备用码不对"):
            sign_in_by_recovery_code(user, code=code, **by)
    with pytest.raises(Refused, match="备用码不对"):
        sign_in_by_recovery_code(cast.clerk, code=new[0], **{**by, "by": cast.clerk})
    sign_in_by_recovery_code(user, code=new[0], **by)
    kept = str(list(RecoveryCode.objects.values_list("digest", flat=True))) + str(
        list(TrailLine.objects.values_list("data", flat=True))
    )
    assert [code for code in old + new if code in kept or code.replace("-", "") in kept] == []
    assert list(faults(cast.street)) == []


@pytest.mark.both
def test_recovery_codes_end_with_the_last_factor(cast: Cast):
    user, codes = cast.coordinator, new_recovery_codes()
    factor = with_totp(user)
    make_recovery_codes(user, codes=codes, by=user, at=NOW)
    end_second_factor(factor, compelled=False, by=user, at=NOW)
    with pytest.raises(Refused):
        sign_in_by_recovery_code(user, code=codes[0], by=user, at=NOW, **FROM)


def test_who_lost_everything_is_let_in_on_the_machine_with_a_reason_on_the_trail(cast: Cast):
    user = cast.coordinator
    with_totp(user)
    make_recovery_codes(user, codes=new_recovery_codes(), by=user, at=NOW)
    SignInFailure.objects.create(username=user.username, at=NOW)
    with pytest.raises(Refused, match="理由"):
        void_second_factors(user, reason=" ", by=None, at=NOW)
    assert void_second_factors(user, reason="手机掉进河里", by=None, at=NOW) == 1
    assert not has_factor(user)
    assert not recovery_codes_of(user).exists()
    assert not SignInFailure.objects.exists()
    line = TrailLine.objects.get(street=cast.street, verb="void_second_factors")
    assert (line.by, line.data["reason"], line.data["factors"], line.data["recovery_codes"]) == (
        None, "手机掉进河里", 1, 10,
    )  # fmt: skip
    assert list(faults(cast.street)) == []


def test_every_street_of_a_person_is_told_and_stays_whole(cast: Cast, other_cast: Cast):
    Membership.objects.create(street=other_cast.street, user=cast.auditor, role="auditor", from_on="2026-01-01")
    known = secret(with_totp(cast.auditor))
    sign_in_by_code(cast.auditor, code=code_of(known, later()), by=cast.auditor, at=later(), **FROM)
    for street in (cast.street, other_cast.street):
        told = TrailLine.objects.filter(street=street).order_by("seq").values_list("verb", flat=True)
        assert list(told) == ["add_second_factor", "signed_in"]
    assert list(faults(cast.street)) == []


@pytest.mark.both
def test_who_works_nowhere_any_more_is_told_of_where_they_did(cast: Cast):
    known = secret(with_totp(cast.clerk))
    Membership.objects.filter(user=cast.clerk).update(until_on=NOW.date())
    sign_in_by_code(cast.clerk, code=code_of(known, later()), by=cast.clerk, at=later(), **FROM)
    assert verbs(cast) == ["add_second_factor", "signed_in"]


@pytest.mark.both
def test_a_factor_moved_to_another_person_in_the_database_opens_nothing_and_is_found(cast: Cast):
    factor = with_totp(cast.clerk)
    known = secret(factor)
    tamper("UPDATE people_secondfactor SET user_id = %s WHERE id = %s", cast.coordinator.pk, factor.pk)
    with pytest.raises(Refused, match="密钥换过"):
        sign_in_by_code(cast.coordinator, code=code_of(known, later()), by=cast.coordinator, at=later(), **FROM)
    assert any("people.secondfactor" in fault for fault in faults(cast.street))


def test_a_rotated_key_seals_anew_what_is_used(cast: Cast):
    old, new = "old" * 20, "new" * 20
    user = cast.coordinator
    with override_settings(SECRET_KEY=old):
        known = secret(with_totp(user))
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[old]):
        sign_in_by_code(user, code=code_of(known, later()), by=user, at=later(), **FROM)
    with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[]):
        sign_in_by_code(user, code=code_of(known, later(2)), by=user, at=later(2), **FROM)
    with override_settings(SECRET_KEY=old, SECRET_KEY_FALLBACKS=[]), pytest.raises(Refused, match="密钥换过"):
        sign_in_by_code(user, code=code_of(known, later(3)), by=user, at=later(3), **FROM)
    assert list(faults(cast.street)) == []
