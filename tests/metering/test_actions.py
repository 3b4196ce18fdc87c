"""Meters come and go and are read: exchange, rollover, true-up, correction."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from hege.kernel.refused import Refused
from hege.metering.actions import ReadingDraft, check_readings, correct_reading, exchange_meter, record_readings
from hege.metering.models import Reading
from hege.metering.queries import indexes_of
from hege.metering.rules import MeterKind, ReadingMethod, volume
from tests.cast import DAY, NOW, install_meter

pytestmark = pytest.mark.once

M3 = 1000
BY: Any = {"by": None, "at": NOW}


@pytest.fixture
def meter(row):
    return install_meter(
        row.point, number="FB-1", kind=MeterKind.SUB, unit=row.units[0], started_on=DAY, started_litres=99_900 * M3,
        diameter_mm=20, **BY,
    )  # fmt: skip


def on(month, day):
    return dt.date(2026, month, day)


def read(meter, day, m3, method=ReadingMethod.ON_SITE):
    return record_readings(meter.street, [ReadingDraft(meter, day, m3 * M3, method)], **BY)[0]


def ran(meter, a, b):
    meter.refresh_from_db()
    through = volume(indexes_of([meter])[meter.pk], a, b)
    return None if through is None else through.litres // M3


def test_a_months_water_is_the_difference_of_two_readings(meter):
    read(meter, on(1, 31), 99_930)
    assert ran(meter, DAY, on(2, 1)) == 30


def test_a_register_that_passes_zero_loses_no_water(meter):
    read(meter, on(1, 31), 99_990)
    assert read(meter, on(2, 28), 20).rollovers == 1
    assert ran(meter, on(2, 1), on(3, 1)) == 30
    read(meter, on(3, 31), 60)
    assert ran(meter, on(3, 1), on(4, 1)) == 40


def test_a_lower_index_beyond_the_meters_flow_is_refused(meter):
    read(meter, on(1, 31), 99_930)
    with pytest.raises(Refused, match="还低"):
        read(meter, on(2, 1), 99_000)


def test_an_estimate_too_high_is_trued_up(meter):
    read(meter, on(1, 31), 99_930)
    read(meter, on(2, 28), 99_990, ReadingMethod.ESTIMATED)
    read(meter, on(3, 31), 99_980)
    assert ran(meter, on(2, 1), on(4, 1)) == 50
    assert [ran(meter, on(2, 1), on(3, 1)), ran(meter, on(3, 1), on(4, 1))] == [60, -10]


def test_a_true_up_may_not_fall_below_the_last_look(meter):
    read(meter, on(2, 27), 99_930)
    read(meter, on(2, 28), 99_990, ReadingMethod.ESTIMATED)
    with pytest.raises(Refused, match="99930"):
        read(meter, on(3, 1), 99_920)


def test_an_estimate_before_zero_does_not_hide_the_rollover(meter):
    read(meter, on(1, 31), 99_980)
    read(meter, on(2, 28), 99_995, ReadingMethod.ESTIMATED)
    read(meter, on(3, 31), 3)
    assert ran(meter, on(2, 1), on(4, 1)) == 23


def test_a_second_reading_of_one_day_is_refused_in_words(meter):
    read(meter, on(1, 31), 99_930)
    with pytest.raises(Refused, match="已经抄过"):
        read(meter, on(1, 31), 99_931)


def test_a_reading_between_two_others_lies_between_them(meter):
    read(meter, on(1, 31), 99_930)
    read(meter, on(3, 31), 99_970)
    with pytest.raises(Refused, match="还高"):
        read(meter, on(2, 28), 99_971)
    read(meter, on(2, 28), 99_950)
    assert ran(meter, on(2, 1), on(3, 1)) == 20


def test_a_batch_is_checked_as_if_written_and_names_each_bad_row(meter):
    drafts = [
        ReadingDraft(meter, on(2, 28), 99_940 * M3),
        ReadingDraft(meter, on(1, 31), 99_930 * M3),
        ReadingDraft(meter, on(3, 1), 10 * M3, ReadingMethod.ON_SITE),
        ReadingDraft(meter, on(2, 28), 99_940 * M3),
        ReadingDraft(meter, dt.date(2025, 12, 31), 99_900 * M3),
    ]
    refused = check_readings(drafts)
    assert sorted(refused) == [3, 4]
    assert Reading.objects.count() == 0


def test_a_batch_with_one_bad_reading_writes_none(meter):
    drafts = [ReadingDraft(meter, on(1, 31), 99_930 * M3), ReadingDraft(meter, on(2, 1), 99_000 * M3)]
    with pytest.raises(Refused):
        record_readings(meter.street, drafts, **BY)
    assert Reading.objects.count() == 0


def test_a_correction_replaces_the_reading_and_keeps_the_wrong_one(meter):
    wrong = read(meter, on(1, 31), 99_939)
    right = correct_reading(wrong, litres=99_930 * M3, reason="抄错", **BY)
    assert ran(meter, DAY, on(2, 1)) == 30
    assert right.corrects == wrong
    assert Reading.objects.count() == 2


def test_a_reading_is_corrected_once_and_then_its_correction(meter):
    wrong = read(meter, on(1, 31), 99_939)
    right = correct_reading(wrong, litres=99_930 * M3, reason="抄错", **BY)
    with pytest.raises(Refused, match="已经更正过"):
        correct_reading(wrong, litres=99_931 * M3, reason="抄错", **BY)
    correct_reading(right, litres=99_932 * M3, reason="又抄错", **BY)
    assert ran(meter, DAY, on(2, 1)) == 32


def test_a_correction_needs_a_reason(meter):
    wrong = read(meter, on(1, 31), 99_939)
    with pytest.raises(Refused, match="理由"):
        correct_reading(wrong, litres=99_930 * M3, reason=" ", **BY)


def test_correcting_a_false_rollover_brings_later_readings_down_too(meter):
    read(meter, on(1, 31), 99_950)
    wrong = read(meter, on(2, 1), 6)  # ought to have been 99,960; within a day's flow, so taken for a rollover
    read(meter, on(2, 28), 50)
    assert ran(meter, on(2, 1), on(3, 1)) == 100
    correct_reading(wrong, litres=99_960 * M3, reason="抄错一位", **BY)
    assert ran(meter, on(2, 1), on(3, 1)) == 100
    assert ran(meter, on(2, 1), on(2, 2)) == 10


def test_an_exchange_keeps_every_litre(row, meter):
    read(meter, on(1, 31), 99_930)
    new = exchange_meter(meter, on=on(2, 10), last_litres=99_950 * M3, number="FB-2", first_litres=3 * M3, **BY)
    read(new, on(2, 28), 13)
    assert ran(meter, on(2, 1), on(2, 10)) == 20
    assert ran(new, on(2, 10), on(3, 1)) == 10
    assert (new.point_id, new.unit_id, new.started_on) == (row.point.pk, row.units[0].pk, on(2, 10))


def test_a_last_index_after_a_rollover_counts_from_there(meter):
    read(meter, on(1, 31), 99_990)
    read(meter, on(2, 28), 5)
    exchange_meter(meter, on=on(3, 10), last_litres=12 * M3, number="FB-2", **BY)
    assert ran(meter, on(3, 1), on(3, 10)) == 7


@pytest.mark.both
def test_a_last_index_may_itself_pass_zero(meter):
    read(meter, on(1, 31), 99_990)
    exchange_meter(meter, on=on(2, 10), last_litres=12 * M3, number="FB-2", **BY)
    assert ran(meter, on(2, 1), on(2, 10)) == 22


def test_the_last_index_counts_also_where_the_day_before_was_read(meter):
    read(meter, on(2, 9), 99_930)
    exchange_meter(meter, on=on(2, 10), last_litres=99_931 * M3, number="FB-2", **BY)
    assert ran(meter, DAY, on(2, 10)) == 31


def test_an_exchange_before_a_later_reading_is_refused(meter):
    read(meter, on(2, 28), 99_950)
    with pytest.raises(Refused, match="还有抄表记录"):
        exchange_meter(meter, on=on(2, 10), last_litres=99_960 * M3, number="FB-2", **BY)


def test_an_exchange_before_the_meter_was_put_in_is_refused(meter):
    with pytest.raises(Refused):
        exchange_meter(meter, on=dt.date(2025, 12, 1), last_litres=99_960 * M3, number="FB-2", **BY)


def test_a_meter_is_taken_out_once(meter):
    exchange_meter(meter, on=on(2, 10), last_litres=99_950 * M3, number="FB-2", **BY)
    with pytest.raises(Refused, match="已经拆下"):
        exchange_meter(meter, on=on(2, 11), last_litres=99_950 * M3, number="FB-3", **BY)


def test_a_meter_taken_out_is_read_no_more(meter):
    exchange_meter(meter, on=on(2, 10), last_litres=99_950 * M3, number="FB-2", **BY)
    meter.refresh_from_db()
    with pytest.raises(Refused, match="拆下之后"):
        read(meter, on(2, 10), 99_960)


def test_a_number_is_installed_once(row, meter):
    with pytest.raises(Refused, match="已登记"):
        install_meter(row.point, number="FB-1", kind=MeterKind.SUB, started_on=DAY, **BY)
