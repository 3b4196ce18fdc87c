"""Template workbooks: one sheet to fill in, one that explains it."""

from __future__ import annotations

import io

import xlsxwriter
from django.utils.translation import gettext as _

from hege.imports.kinds import KINDS
from hege.imports.layouts import FileKind
from hege.imports.workbook import NOTES_SHEET

FILLED_ROWS = 2000


def template_workbook(kind: FileKind) -> bytes:
    """An ``.xlsx`` of a kind: headings, one example row, a drop-down for each coded column, and the notes sheet."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bg_color": "#E8F1F8", "border": 1, "text_wrap": True, "valign": "top"})
    must = book.add_format({"bold": True, "bg_color": "#D3E6F3", "border": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@"})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    layout = KINDS[kind].layout
    sheet = book.add_worksheet(str(kind.label)[:31])
    notes = book.add_worksheet(NOTES_SHEET)
    for place, column in enumerate(layout.columns):
        sheet.set_column(place, place, max(12, 2 * len(column.name) + 4), text)
        sheet.write_string(0, place, column.name, must if column.fill else head)
        if column.sample:
            sheet.write_string(1, place, column.sample, text)
        if column.words:
            sheet.data_validation(1, place, FILLED_ROWS, place, {"validate": "list", "source": list(column.words)})
        notes.write_string(place + 3, 0, column.name, head)
        notes.write_string(place + 3, 1, _("必填") if column.fill else _("可空"), wrap)
        notes.write_string(place + 3, 2, str(column.note), wrap)
        notes.write_string(place + 3, 3, _("、").join(column.words), wrap)
    sheet.freeze_panes(1, 0)
    notes.set_column(0, 1, 14)
    notes.set_column(2, 3, 48)
    notes.write_string(0, 0, str(layout.note), wrap)
    notes.write_string(1, 0, _("第 2 行是示例，导入前请删去。列的先后不限，多余的列会被略过并列出。"), wrap)
    for place, title in enumerate((_("表头"), _("是否必填"), _("怎么填"), _("只能填"))):
        notes.write_string(2, place, title, head)
    book.close()
    return out.getvalue()
