"""A thing is one worker's at a time, and another's when its lease has run out."""

from __future__ import annotations

import datetime as dt

import pytest

from hege.jobs.actions import FOR, give_back, renew_leases, take_lease
from tests.cast import NOW

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


def test_a_lease_is_anothers_only_once_it_has_run_out():
    assert take_lease("verify", holder="one", at=NOW)
    assert not take_lease("verify", holder="two", at=NOW + FOR - SECOND)
    assert take_lease("backup", holder="two", at=NOW)
    assert take_lease("verify", holder="two", at=NOW + FOR)
    assert not take_lease("verify", holder="one", at=NOW + FOR)


def test_who_is_at_work_renews_and_what_has_run_out_is_not_theirs_any_more():
    take_lease("verify", holder="one", at=NOW)
    assert renew_leases(holder="one", at=NOW + FOR - SECOND) == 1
    assert not take_lease("verify", holder="two", at=NOW + FOR)
    assert renew_leases(holder="one", at=NOW + 3 * FOR) == 0


def test_what_is_given_back_is_free_at_once():
    take_lease("verify", holder="one", at=NOW)
    take_lease("backup", holder="one", at=NOW)
    give_back(holder="one", name="verify")
    assert take_lease("verify", holder="two", at=NOW)
    assert not take_lease("backup", holder="two", at=NOW)
    give_back(holder="one")
    assert take_lease("backup", holder="two", at=NOW)
