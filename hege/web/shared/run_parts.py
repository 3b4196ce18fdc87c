"""The parts of a run sheet as people type them: a line each, when, what, and who after a bar."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hege.programme.thanks.ceremonies.rules import Part
from hege.web.shared.hours import clock_time

_LINE = re.compile(r"(\d{1,2})[:：点时](\d{2})?分?\s+([^|｜]+?)\s*(?:[|｜]\s*(.*))?")


class PartsField(forms.CharField):
    """Parts typed: ``9:30 致敬奋斗：纪实短片 | 主持人``, one a line; empty lines are none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 8}), max_length=4000, **kwargs)

    def clean(self, value: Any) -> list[Part]:
        text = value if isinstance(value, str) else self.prepare_value(value)
        lines = [line.strip() for line in super().clean(text).splitlines()]
        return [_read(number, line) for number, line in enumerate(lines, 1) if line]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(written(part) for part in value) if isinstance(value, list) else value


def written(part: Part) -> str:
    """The line that reads as this part."""
    said = f"{clock_time(part.minute)} {part.title}"
    return f"{said} | {part.who}" if part.who else said


def _read(number: int, line: str) -> Part:
    found = _LINE.fullmatch(line)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
    if found is None or hour > 23 or minute > 59:
        said = {"n": number, "line": line[:30]}
        raise ValidationError(_("第 %(n)d 行看不懂：“%(line)s”。请写成“9:30 致敬奋斗：纪实短片 | 主持人”。") % said)
    return Part(hour * 60 + minute, found[3], (found[4] or "").strip())
