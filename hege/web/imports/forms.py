"""The form a file comes in by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from hege.imports.kind import Answers
from hege.imports.layouts import FileKind
from hege.imports.sheets import check_size
from hege.kernel.refused import Refused
from hege.web.forms import Form

ROW = "row-"
_ANSWER = re.compile(r"(same|both|new)(?::([0-9a-f]{12}\.\d{1,7}|t\d{1,18}))?")


def answers_in(post: Mapping[str, str]) -> Answers:
    """What was ticked beside each row that was asked about: ``row-7=same:t12``, with the payment that was shown."""
    said: dict[str, set[int]] = {"same": set(), "both": set(), "new": set()}
    seen: dict[int, str] = {}
    for name in post:
        row, found = name.removeprefix(ROW), _ANSWER.fullmatch(post[name])
        if name.startswith(ROW) and row.isdecimal() and len(row) < len("10000000") and found:
            said[found[1]].add(int(row))
            if found[2]:
                seen[int(row)] = found[2]
    same, both, new = map(frozenset, said.values())
    return Answers(same, both, new, seen)


class FileForm(Form):
    """What the file is, and the file. Its size is asked before it is read."""

    kind = forms.ChoiceField(label=_("这是什么"), choices=[("", _("看表头自动认")), *FileKind.choices], required=False)
    file = forms.FileField(
        label=_("文件"),
        help_text=_(".xlsx、.xls 或 .csv，最大 20 MB。先预览，确认之前什么都不存。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
        max_length=300,
        allow_empty_file=True,
    )

    def clean_file(self) -> Any:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        try:
            check_size(file.size or 0)
        except Refused as refused:
            raise ValidationError(str(refused)) from refused
        return file

    @property
    def wanted(self) -> FileKind | None:
        """The kind chosen, None where its headings shall say; after ``is_valid``."""
        return FileKind(self.cleaned_data["kind"]) if self.cleaned_data["kind"] else None
