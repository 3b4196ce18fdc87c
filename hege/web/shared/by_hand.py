"""Forms and answers of what is typed by hand in place of a roster's row: its cells are read as those of the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.imports.by_hand import Booked
from hege.imports.cells import BadCell
from hege.imports.layouts import Column, Layout
from hege.web.forms import Form


class CellField(forms.CharField):
    """A cell of a roster: read, refused and explained as the column of the file is."""

    def __init__(self, column: Column, label: str | Promise, **more: Any) -> None:
        super().__init__(**{"label": label, "required": column.fill, "help_text": column.note} | more)
        self.column = column
        self.widget.attrs["autocomplete"] = "off"

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        try:
            return self.column.parse(text) if text else self.column.empty
        except BadCell as bad:
            raise ValidationError(str(bad)) from bad


def column_of(layout: Layout, name: str) -> Column:
    """The column of a roster that holds a field of its row."""
    return layout.columns[layout.fields.index(name)]


class RosterForm(Form):
    """A form in place of a roster's row. Its last field is shown where it came back: the tick for what a file's preview
    would have told before anybody confirms it."""

    seen = forms.BooleanField(label=_("看过提醒，照样登记"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"] = self.fields.pop("seen")
        if not self.is_bound:
            self.fields["seen"].widget = forms.HiddenInput()


def reminding(request: HttpRequest, address: Callable[[Any], str]) -> Callable[[Booked], str]:
    """Where to go on after a row was booked by hand; what is to be kept in mind is said once more there."""

    def onward(booked: Booked) -> str:
        for remark in booked.remarks:
            messages.warning(request, remark)
        return address(booked.row)

    return onward
