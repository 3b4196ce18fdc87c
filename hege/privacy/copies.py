"""A copy of what is held on somebody as a file (个人信息副本): a table that a spreadsheet opens, or JSON for a program."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from typing import NamedTuple

from django.utils.translation import gettext as _

from hege.kernel.cells import plain
from hege.privacy.queries import Held


def as_json(found: Iterable[Held]) -> str:
    """Each kind with its rows."""
    kinds = [{"kind": str(h.name), "for": str(h.why), "kept": str(h.kept), "rows": h.rows} for h in found]
    return json.dumps(kinds, ensure_ascii=False, indent=1)


def as_csv(found: Iterable[Held]) -> str:
    """One line for each thing a row says: kinds have columns of their own. With the mark by which spreadsheets know UTF-8."""
    out = io.StringIO("\ufeff")
    out.seek(0, io.SEEK_END)
    lines = csv.writer(out)
    lines.writerow([_("种类"), _("用来"), _("保存到"), _("第几条"), _("项"), _("内容")])
    for held in found:
        for number, row in enumerate(held.rows, 1):
            lines.writerows([held.name, held.why, held.kept, number, what, plain(said)] for what, said in row.items())
    return out.getvalue()


class Form(NamedTuple):
    """A way to write a copy, and what a browser is told it is."""

    write: Callable[[Iterable[Held]], str]
    content_type: str


#: By the ending of the file.
FORMS = {"csv": Form(as_csv, "text/csv; charset=utf-8"), "json": Form(as_json, "application/json")}
