"""Money and days the way people here type them."""

from __future__ import annotations

import datetime as dt

import pytest
from django import forms
from django.core.exceptions import ValidationError

from hege.kernel.refused import Refused, Stale
from hege.people.models import Street
from hege.places.models import Place, Unit
from hege.web.forms import DayField, Form, InstantField, YuanField
from hege.web.pages import refusals_to


class Deferral(Form):
    amount = YuanField()
    until_on = DayField(required=False)
    ground = forms.ChoiceField(choices=[("a", "甲")])


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("30000", 3_000_000),
        ("30,000.00", 3_000_000),
        ("¥30,000.5", 3_000_050),
        ("￥ 30 000 元", 3_000_000),
        ("３００００．０１", 3_000_001),
        ("0.01", 1),
    ],
)
def test_an_amount_is_read_as_it_is_typed(typed: str, fen: int):
    assert YuanField().clean(typed) == fen


@pytest.mark.parametrize("typed", ["", "abc", "1.005", "0", "-5", "1e5", "٣٠", "99999999999999", "NaN", "1..2"])
def test_what_is_no_amount_is_refused(typed: str):
    with pytest.raises(ValidationError):
        YuanField().clean(typed)


def test_an_amount_is_shown_with_its_capitals():
    field = YuanField()
    assert (field.prepare_value(3_000_000), field.capitals_of("30,000")) == ("30,000.00", "人民币叁万元整")
    assert field.capitals_of("three") == field.capitals_of("") == ""


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-23",
        "20261123",
        "2026/11/23",
        "2026.11.23",
        "2026年11月23日",
        "２０２６－１１－２３",
        " 2026 年 11 月 23 日 ",
    ],
)
def test_a_day_is_read_as_it_is_typed(typed: str):
    assert DayField().clean(typed) == dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("typed", "utc", "shown"),
    [
        ("2026-11-23 14:30", "06:30:00", "2026-11-23 14:30"),
        ("2026年11月23日14点", "06:00:00", "2026-11-23 14:00"),
        ("2026-11-23T10:00:30", "02:00:30", "2026-11-23 10:00:30"),
        ("２０２６－１１－２３　１０：００：３０", "02:00:30", "2026-11-23 10:00:30"),
        ("2026-11-23 8点05分", "00:05:00", "2026-11-23 08:05"),
    ],
)
def test_an_instant_is_read_as_it_is_typed_to_the_second(typed: str, utc: str, shown: str):
    read = InstantField().clean(typed)
    assert f"{read.astimezone(dt.UTC):%H:%M:%S}" == utc
    assert InstantField().prepare_value(read) == shown


@pytest.mark.parametrize(
    "typed", ["2026-11-23", "14:30", "2026-11-23 24:00", "2026-11-23 14:60", "2026-11-23 10:00:60"]
)
def test_what_is_no_instant_is_refused(typed: str):
    with pytest.raises(ValidationError):
        InstantField().clean(typed)


def test_a_day_without_a_year_is_in_the_present_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("hege.web.forms.clock.today", lambda: dt.date(2027, 1, 5))
    assert DayField().clean("11月23日") == dt.date(2027, 11, 23)


@pytest.mark.parametrize("typed", ["2026-02-30", "11-23-2026", "soon", "2026-13-01", "0000-01-01", "123"])
def test_what_is_no_day_is_refused(typed: str):
    with pytest.raises(ValidationError):
        DayField().clean(typed)


def test_a_day_is_said_back_with_its_weekday():
    assert DayField().said("20261123") == "2026年11月23日 周一"
    assert DayField().said("soon") == DayField().said(None) == ""


def test_a_missing_answer_is_asked_for_in_plain_words():
    form = Deferral({})
    assert form.errors == {"amount": ["请填写这一项。"], "ground": ["请选择一项。"]}


def test_a_refusal_becomes_an_error_of_the_field_it_names():
    form = Deferral({"amount": "1", "ground": "a"})
    assert form.is_valid()
    with refusals_to(form):
        raise Refused("暂缓日期要在今天之后。", field="until_on")
    assert form.errors == {"until_on": ["暂缓日期要在今天之后。"]}


def test_a_refusal_that_names_no_field_of_the_form_stands_above_it():
    form = Deferral({"amount": "1", "ground": "a"})
    assert form.is_valid()
    with refusals_to(form):
        raise Stale("别人刚改过。", field="version")
    assert form.non_field_errors() == ["别人刚改过。"]


def test_a_bug_is_not_swallowed_as_a_refusal():
    form = Deferral({"amount": "1", "ground": "a"})
    with pytest.raises(ZeroDivisionError), refusals_to(form):
        raise ZeroDivisionError


class Choosing(Form):
    street = forms.ModelChoiceField(Street.objects.none())
    place = forms.ModelChoiceField(Place.objects.none(), required=False)
    unit = forms.ModelChoiceField(Unit.objects.none(), empty_label="先不说")


def test_where_nothing_is_chosen_words_stand_and_no_dashes():
    fields = Choosing().fields.values()
    assert [str(field.empty_label) for field in fields] == ["请选择", "不选", "先不说"]  # type: ignore[attr-defined]
