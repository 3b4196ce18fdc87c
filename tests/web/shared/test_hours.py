"""Opening hours as they are typed and read."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from hege.kernel.clock import SHANGHAI
from hege.web.shared.hours import SpansField, now_at, week
from hege.web.shared.whereabouts import DegreesField, far_in_words

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("typed", "spans"),
    [
        ("8:00-20:00", [[480, 1200]]), ("8-20", [[480, 1200]]), ("０８：００－２０：００", [[480, 1200]]),
        ("13:00-20:00 8:00-12:00", [[480, 720], [780, 1200]]), ("8:00 至 12:00，13:00 至 20:30", [[480, 720], [780, 1230]]),
        ("0:00-24:00", [[0, 1440]]), ("8点-20点", [[480, 1200]]),
    ],
)  # fmt: skip
def test_a_day_is_typed_as_people_write_it(typed: str, spans: list[list[int]]):
    field = SpansField()
    assert field.clean(typed) == spans
    assert field.clean(field.prepare_value(spans)) == spans


@pytest.mark.parametrize(
    "typed", ["白天", "8:00", "20:00-8:00", "8:75-9:00", "8:00-25:00", "8-12 11-13", "1-2 3-4 5-6 7-8", "9" * 40]
)
def test_what_is_no_span_is_refused_in_words(typed: str):
    with pytest.raises(ValidationError) as wrong:
        SpansField().clean(typed)
    assert wrong.value.messages


def test_a_week_takes_as_few_lines_as_it_can():
    hours = {**{str(day): [[480, 1200]] for day in range(1, 6)}, "6": [[540, 960]]}
    assert [tuple(line) for line in week(hours)] == [
        ("周一至周五", "08:00–20:00"), ("周六", "09:00–16:00"), ("周日", "不开"),
    ]  # fmt: skip
    assert [tuple(line) for line in week({str(day): [[0, 1440]] for day in range(1, 8)})] == [("每天", "全天")]


@pytest.mark.parametrize(
    ("hour", "words"),
    [(7, "关着，08:00 开"), (9, "开着，到 12:00"), (12, "关着，13:00 开"), (23, "开着，到 24:00")],
)
def test_it_says_until_when_or_from_when(hour: int, words: str):
    hours = {"1": [[480, 720], [780, 1200], [1320, 1440]], "3": [[480, 720]]}
    assert now_at(hours, dt.datetime(2026, 3, 2, hour, tzinfo=SHANGHAI)).text == words


def test_beyond_tomorrow_it_names_the_day():
    hours = {"1": [[480, 720]], "3": [[480, 720]]}
    assert now_at(hours, dt.datetime(2026, 3, 2, 21, tzinfo=SHANGHAI)).text == "关着，周三 08:00 开"
    assert now_at(hours, dt.datetime(2026, 3, 3, 21, tzinfo=SHANGHAI)).text == "关着，明天 08:00 开"


@pytest.mark.parametrize(
    ("metres", "words"),
    [(0, "10 米"), (341, "350 米"), (999, "1000 米"), (1_000, "1.0 公里"), (1_949, "1.9 公里"), (1_950, "2.0 公里")],
)
def test_a_distance_is_said_as_people_say_it(metres: int, words: str):
    assert far_in_words(metres) == words


def test_degrees_are_typed_in_any_width_and_kept_to_the_millionth():
    field = DegreesField()
    assert field.clean("１２１.２６２５") == field.clean("121.262500°E") == 121_262_500
    assert field.prepare_value(31_068_400) == "31.068400"
    for typed in ("121°15'", "-121.2", "east", "9" * 40):
        with pytest.raises(ValidationError):
            field.clean(typed)
