"""A day beyond what a calendar can count with is a slip of the keyboard, on every page: said or left out, never a defect."""

from __future__ import annotations

import datetime as dt

import pytest
from django import forms
from django.core.exceptions import ValidationError

from hege.web.forms import DayField, Form
from tests.routes import Route, routes
from tests.web.streets import Streets, each, opening, typical, undone

ENDS = (dt.date.min.isoformat(), dt.date.max.isoformat())


def all_forms(form: type[Form] = Form) -> list[type[Form]]:
    """Every form of the site."""
    return [found for below in form.__subclasses__() for found in (below, *all_forms(below))]


def names() -> set[str]:
    """What a day is called in any form, and in addresses that no form reads."""
    return {"on"} | {
        name for form in all_forms() for name, field in form.base_fields.items() if isinstance(field, DayField)
    }


@pytest.mark.slow
@pytest.mark.once
@each(routes(), parts=2)
class EveryAddress(Streets):
    """Asked and sent with the first and the last day there is."""

    def each_address_bears_any_day(self, route: Route) -> None:
        verb = opening(route).verb
        for user in [self.near.cast.of(role) for role in typical(verb)[:1]] if verb else [None]:
            path = route.path(**self.near.arguments(route, user))
            for day in ENDS:
                typed = {**dict.fromkeys(names(), day), "parts": "12", "year": day[:4], "known": "then"}
                for method in ("get", "post"):
                    with undone():
                        answer = getattr(self.client_of(user), method)(path, typed)
                    assert answer.status_code < 500, f"{method} {path} {day}"


def test_no_form_reads_a_day_in_a_way_of_its_own():
    others = (forms.DateField, forms.DateTimeField)
    own = [form for form in all_forms() if any(isinstance(field, others) for field in form.base_fields.values())]
    assert own == []


@pytest.mark.parametrize("typed", [*ENDS, "18991231", "3000-01-01"])
def test_a_day_of_another_age_is_refused_in_words(typed: str):
    with pytest.raises(ValidationError, match="1900 到 2999"):
        DayField().clean(typed)


@pytest.mark.parametrize("typed", ["1900-01-01", "2999-12-31"])
def test_the_first_and_the_last_day_are_taken(typed: str):
    assert str(DayField().clean(typed)) == typed
