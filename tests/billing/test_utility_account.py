"""The utility's account: entered by one, checked by another, shown to shops only then."""

from __future__ import annotations

from typing import Any

import pytest

from hege.billing.payee.actions import confirm_account, end_account, name_account
from hege.billing.payee.queries import account_to_pay
from hege.kernel.refused import Refused
from hege.people.models import Street
from tests.cast import NOW, Cast

pytestmark = pytest.mark.once
SAID: dict[str, Any] = {
    "holder": "水务公司",
    "bank": "工行",
    "number": "6222 0000 0000 0047",
    "document": "函 7",
    "at": NOW,
}


def test_two_people_and_a_letter_stand_behind_what_a_shop_is_told_and_one_can_stop_it(street: Street, cast: Cast):
    account = name_account(street, **SAID, by=cast.administrator)
    assert (account.number, account_to_pay(street)) == ("6222000000000047", None)
    with pytest.raises(Refused, match="另一个人"):
        confirm_account(account, by=cast.administrator, at=NOW)
    confirm_account(account, by=cast.coordinator, at=NOW)
    assert account_to_pay(street) == account
    end_account(account, reason="换户", by=cast.coordinator, at=NOW)
    assert account_to_pay(street) is None
    with pytest.raises(Refused, match="已经停用"):
        confirm_account(account, by=cast.coordinator, at=NOW)


@pytest.mark.parametrize("number", ["12345", "一二三四五六", "12345678a"])
def test_what_can_be_no_account_is_refused(street: Street, cast: Cast, number: str):
    with pytest.raises(Refused, match="6 到 30 位"):
        name_account(street, **{**SAID, "number": number}, by=cast.administrator)
