"""`hege unlock NAME` lets in who has lost every second factor, says so on the trail, and opens nothing that is locked."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from hege.kernel import clock
from hege.people.models import User
from hege.people.second_factor.passkeys import Passkey
from hege.people.second_factor.queries import has_factor
from hege.places.second_factor.actions import add_passkey
from hege.trail.models import TrailLine
from tests.cast import Cast


def unlock(*words: str) -> str:
    out = StringIO()
    call_command("unlock", *words, stdout=out)
    return out.getvalue()


def test_who_lost_every_device_signs_in_by_the_password_alone(cast: Cast):
    add_passkey(cast.clerk, name="指环", passkey=Passkey("AAAA", "", 0), by=cast.clerk, at=clock.now())
    said = unlock(cast.clerk.username, "--reason", "手机丢了，本人来过")
    assert "1 个第二重验证" in said
    assert "还停用着" not in said
    assert not has_factor(cast.clerk)
    line = TrailLine.objects.get(street=cast.street, verb="void_second_factors")
    assert (line.by, line.thing_id, line.data["reason"]) == (None, str(cast.clerk.pk), "手机丢了，本人来过")


def test_it_wants_a_reason_and_a_name_that_is_somebodys(cast: Cast):
    with pytest.raises(CommandError, match="--reason"):
        unlock(cast.clerk.username)
    with pytest.raises(CommandError, match="理由"):
        unlock(cast.clerk.username, "--reason", " ")
    with pytest.raises(CommandError, match="没有叫 nobody"):
        unlock("nobody", "--reason", "丢了")


def test_a_sign_in_that_an_administrator_locked_stays_locked_and_that_is_said(cast: Cast):
    User.objects.filter(pk=cast.clerk.pk).update(is_active=False)
    assert "还停用着" in unlock(cast.clerk.username, "--reason", "丢了")
    assert not User.objects.get(pk=cast.clerk.pk).is_active
