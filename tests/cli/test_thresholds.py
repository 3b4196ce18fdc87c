"""`hege thresholds`: what a day is judged by, since when and by what; another value is another row."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from hege.arrears.models import Threshold
from tests.cast import Row

pytestmark = pytest.mark.once


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("thresholds", *arguments, stdout=out)
    return out.getvalue()


def test_a_value_is_added_with_its_day_and_source_and_an_earlier_day_keeps_its_own(row: Row):
    new = ("held_days", "20", "--from", "2030-01-01", "--source", "区里 11 号文")
    assert "2030-01-01 起按 20" in said(*new)
    (before,), (after,) = (json.loads(said("held_days", "--json", "--on", day)) for day in ("2029-12-31", "2030-01-01"))
    assert (before["value"], after["value"]) == (30, 20)
    assert [(h["from_on"], h["value"], h["source"]) for h in after["history"]] == [
        (None, 30, "没有规定，合格的默认值"), ("2030-01-01", 20, "区里 11 号文"),
    ]  # fmt: skip
    assert "区里 11 号文" in said("held_days")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("held_days", "20"), "依据"),
        (("held_days", "20", "--source", "会议", "--from", "2020-01-01"), "为什么"),
        (("notice_hours", "1", "--source", "会议"), "不能小于 24"),
        (("held_days", "--source", "会议"), "改成多少"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_written(row: Row, arguments: tuple[str, ...], why: str):
    with pytest.raises(CommandError, match=why):
        said(*arguments)
    assert not Threshold.objects.exists()
