"""The forms files come in by, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.imports.piles import Sent
from hege.imports.sheets import check_size
from hege.kernel.refused import Refused
from hege.web.forms import Form

ROW, CELL, LINE, COLUMN, CONSTANT = "row-", "cell-", "line-", "column-", "constant-"
_ANSWER = re.compile(r"(same|both|new)(?::([0-9a-f]{12}\.\d{1,7}|t\d{1,18}))?")
_NUMBER = re.compile(r"\d{1,7}", re.ASCII)
KINDS = [("", _("看表头自动认")), *FileKind.choices]
LONGEST_CELL = 300


def answers_in(post: Mapping[str, str], before: Answers) -> Answers:
    """What was said in a form, beside what was said before.

    ``row-7=same:t12`` answers a row that was asked about, with the payment that was shown; ``cell-7-金额=12.30`` mends a
    cell; ``line-7=aside`` says what a line is; ``column-店招=商铺名称`` what a
    column is, ``constant-kind=总表`` what a field without one is.
    """
    rows = {int(row): found for row, found in _numbered(post, ROW, _ANSWER)}
    same, both, new = (
        (getattr(before, name) - rows.keys()) | {row for row, found in rows.items() if found[1] == name}
        for name in ("same", "both", "new")
    )
    cells = dict(before.cells)
    for name, text in post.items():
        row, _dash, heading = name.removeprefix(CELL).partition("-")
        if name.startswith(CELL) and _NUMBER.fullmatch(row) and heading and text.strip():
            cells[int(row), heading] = text.strip()[:LONGEST_CELL]
    return replace(
        before,
        same=frozenset(same),
        both=frozenset(both),
        new=frozenset(new),
        seen={**before.seen, **{row: found[2] for row, found in rows.items() if found[2]}},
        cells=cells,
        lines={**before.lines, **{int(row): found[0] for row, found in _numbered(post, LINE, re.compile(r".{1,200}"))}},
        columns={**before.columns, **named(post, COLUMN)},
        constants={**before.constants, **named(post, CONSTANT)},
    )


def named(post: Mapping[str, str], name: str) -> dict[str, str]:
    """The fields of a sort by what stands behind their name."""
    return {field.removeprefix(name): post[field][:LONGEST_CELL] for field in post if field.startswith(name)}


def _numbered(post: Mapping[str, str], name: str, wanted: re.Pattern[str]) -> list[tuple[str, re.Match[str]]]:
    """The fields named by a row's number whose value is as wanted."""
    found = [(field.removeprefix(name), wanted.fullmatch(post[field])) for field in post if field.startswith(name)]
    return [(row, match) for row, match in found if match and _NUMBER.fullmatch(row)]


class _ManyFiles(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files chosen at once; their sizes are asked before they are read."""

    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        found = [super(FilesField, self).clean(file, initial) for file in data or [None]]
        try:
            for file in found:
                check_size(file.size or 0)
        except Refused as refused:
            raise ValidationError(str(refused)) from refused
        return found


class FilesForm(Form):
    """The files, and what they are where somebody wants to say so."""

    file = FilesField(
        label=_("文件"),
        help_text=_("可以一次选好几份：.xlsx、.xls 或 .csv，每份最大 20 MB。先看会登记什么，您确认之前什么都不登记。"),
        widget=_ManyFiles(attrs={"accept": ".xlsx,.xls,.csv"}),
        max_length=300,
        allow_empty_file=True,
    )
    kind = forms.ChoiceField(label=_("这是什么"), choices=KINDS, required=False)

    @property
    def sent(self) -> list[Sent]:
        """The files that were chosen; after ``is_valid``. The kind chosen is that of all of them."""
        kind = FileKind(self.cleaned_data["kind"]) if self.cleaned_data["kind"] else None
        return [Sent(file.name or "", file.read(), kind) for file in self.cleaned_data["file"]]
