"""What a seal covers, and that it reads the same from an action as from the database."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from hege.billing.models import (
    ALLOCATION_SAYS,
    BILL_SAYS,
    COMPONENT_SAYS,
    PAYMENT_SAYS,
    SHARE_SAYS,
    Allocation,
    Bill,
    BillComponent,
    MethodChoice,
    Payment,
    Share,
)
from hege.billing.rules import Method
from hege.kernel import seal
from hege.ledger.models import SourceFile

NAMES = ["id", "note", "on"]


def test_an_instant_is_the_same_in_every_zone():
    noon = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    assert seal.digest(noon) == seal.digest(noon.astimezone(dt.timezone(dt.timedelta(hours=8))))


def test_the_order_of_a_dict_does_not_matter_and_of_a_list_does():
    assert seal.digest({"a": 1, "b": 2}) == seal.digest({"b": 2, "a": 1})
    assert seal.digest([1, 2]) != seal.digest([2, 1])


def test_a_blank_column_leaves_the_seal_as_it_was():
    assert seal.content(NAMES, [1, "", None]) == seal.content(NAMES[:1], [1])
    assert seal.content(NAMES, [0, "0", None]) == {"id": 0, "note": "0"}


def test_a_file_is_sealed_by_its_sha256_and_not_by_its_content():
    assert seal.columns(SourceFile)[0] == "id"
    assert {"sha256", "content"} & set(seal.columns(SourceFile)) == {"sha256"}


def test_no_column_of_a_paper_is_left_out():
    assert set(seal.columns(BillComponent, "id", "bill_id")) == set(COMPONENT_SAYS)
    assert set(seal.columns(Share, "id", "allocation_id")) == set(SHARE_SAYS)
    assert set(seal.columns(Payment, "id", "event_id")) == set(PAYMENT_SAYS)
    assert set(seal.columns(Bill, "id", "event_id")) == set(BILL_SAYS)
    assert set(seal.columns(Allocation, "id", "event_id")) == set(ALLOCATION_SAYS)


def test_rows_are_sealed_in_the_order_of_their_ids():
    one, two = MethodChoice(pk=1, method=Method.AREA), MethodChoice(pk=2, method=Method.EQUAL)
    told = seal.rows([two, one])
    assert told == seal.rows([one, two])
    assert told["billing.methodchoice"]["ids"] == [[1, 2]]
    assert seal.rows([]) == {}


@given(st.sets(st.integers(1, 60)))
def test_ranges_name_the_same_numbers_again(ids):
    assert [n for first, last in seal.ranges(ids) for n in range(first, last + 1)] == sorted(ids)
