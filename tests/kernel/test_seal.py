"""What a seal covers, and that it reads the same from an action as from the database."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from decimal import Decimal

from django.db.models import F
from django.utils.translation import gettext_lazy as _
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
    Payment,
    Share,
)
from hege.kernel import seal
from hege.ledger.models import SourceFile, Transaction
from hege.mediation.models import Dossier, MediationRecord
from hege.places.models import Unit, UnitUse

NAMES = ["id", "note", "on"]


def test_an_instant_is_the_same_in_every_zone():
    noon = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    assert seal.digest(noon) == seal.digest(noon.astimezone(dt.timezone(dt.timedelta(hours=8))))


def test_an_instant_read_without_its_zone_is_in_utc():
    noon = dt.datetime(2026, 3, 1, 12, 0, 0, 250_000)
    assert seal.digest(noon) == seal.digest(noon.replace(tzinfo=dt.UTC))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda some: st.lists(some) | st.dictionaries(st.text(), some),
)


@given(ANYTHING)
def test_a_digest_is_over_json_in_one_spelling(value: object):
    text = json.dumps([value], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert seal.digest(value) == hashlib.sha256(text.encode()).hexdigest()


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
    assert set(seal.columns(Payment, "id", "transaction_id")) == set(PAYMENT_SAYS)
    assert set(seal.columns(Bill, "id", "transaction_id")) == set(BILL_SAYS)
    assert set(seal.columns(Allocation, "id", "transaction_id")) == set(ALLOCATION_SAYS)


def test_a_row_says_the_same_from_an_action_and_from_the_database():
    unit = Unit(pk=3, street_id=1, code="A-1", name=str(_("商铺")), area_sqm=Decimal(30), use=UnitUse.SHOP)
    names = seal.columns(Unit)
    kept = dict(zip(names, [getattr(unit, name) for name in names], strict=True))
    kept |= {"name": "商铺", "area_sqm": Decimal("30.00"), "use": UnitUse.SHOP.value}
    assert seal.says_in_memory(unit) == seal.says(Unit, list(kept.values()))


def test_no_false_and_zero_say_three_things_and_a_default_nothing():
    def says(**values: object) -> bytes:
        row = {"id": 1, "street_id": 1, "file_id": 1, "kind": "session", "held_on": None, "present": "", "text": "",
               "satisfied": None, "by_id": None, "recorded_at": None, **values}  # fmt: skip
        return seal.says(MediationRecord, [row[name] for name in seal.columns(MediationRecord)])

    assert len({says(satisfied=None), says(satisfied=False), says(satisfied=True)}) == 3
    assert says(present="") != says(present=None)


def test_a_column_that_only_the_database_knows_is_read_again():
    assert seal.says_in_memory(Unit(pk=3, name=F("code"))) is None


@given(st.sets(st.integers(1, 60)))
def test_ranges_name_the_same_numbers_again(ids):
    assert [n for first, last in seal.ranges(ids) for n in range(first, last + 1)] == sorted(ids)


def test_a_seal_says_the_names_of_the_table_which_outlive_those_of_the_class():
    assert seal.known_as(Transaction) == "ledger.event"
    assert seal.known_as(Dossier) == "mediation.mediationfile"
    row = Payment(pk=7, transaction_id=5)
    named = seal.says_at_first(Payment, [getattr(row, name) for name in seal.columns(Payment)])
    assert json.loads(named) == {"id": 7, "event_id": 5}
