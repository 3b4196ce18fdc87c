"""The shops of a master meter as a workbook. Only after the export stands on the trail, and only for a while."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from urllib.parse import quote

from django.core import signing
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from xlsxwriter import Workbook

from hege.kernel.cells import plain
from hege.metering.models import SupplyPoint
from hege.people.models import User
from hege.trail import actions as trail
from hege.web.meters.page import AsOf, MeterPage, ShopRow

SALT = "hege.web.meters.export"
GOOD_FOR = dt.timedelta(minutes=10)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def permit(point: SupplyPoint, *, on: dt.date, rows: int, by: User, at: dt.datetime) -> str:
    """Put the export on the trail with its number of rows; answers a ticket for the file."""
    trail.record("export_shops", point, street=point.street, by=by, at=at, on=on, rows=rows)
    return signing.dumps([point.pk, on.isoformat(), by.pk], salt=SALT)


def permitted(ticket: str, point: SupplyPoint, *, by: User) -> dt.date | None:
    """The day a ticket is for, if it is this person's, for this master meter, and not old; else ``None``."""
    try:
        point_id, on, user_id = signing.loads(ticket, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature:
        return None
    return dt.date.fromisoformat(on) if (point_id, user_id) == (point.pk, by.pk) else None


HEADINGS = (
    _("商铺编号"), _("商铺"), _("入驻日期"), _("退租日期"), _("应分摊"), _("已付代收人"), _("直接付水司"), _("还欠"),
    _("书面承认"), _("预付"), _("单方说已付"), _("已证实的证据数"), _("最近走访"),
)  # fmt: skip


def _cells(row: ShopRow) -> list[str | int | dt.date | None]:
    m = row.money
    return [
        plain(m.code), plain(m.name), m.from_on, m.until_on, m.charged, row.to_agent, m.direct, m.owed, m.acknowledged,
        m.advance, row.claimed, None, row.visited_on,
    ]  # fmt: skip


def answer(point: SupplyPoint, *, on: dt.date, today: dt.date) -> HttpResponse:
    """The workbook: text as text, money as numbers with two decimals, days as days."""
    rows = MeterPage(point, AsOf(on, today)).shops
    file = io.BytesIO()
    book = Workbook(
        file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(str(_("商铺账")))
    sheet.write_row(0, 0, map(str, HEADINGS), bold)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(_cells(row)):
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            elif isinstance(value, dt.date):
                sheet.write_datetime(number, column, value, day)
            elif value is not None:
                sheet.write_number(number, column, Decimal(value) / 100, money)
        sheet.write_number(number, 11, row.receipts)
    sheet.set_column(0, 1, 18)
    sheet.set_column(2, 12, 13)
    sheet.freeze_panes(1, 2)
    book.close()
    response = HttpResponse(file.getvalue(), content_type=XLSX)
    name = quote(f"{point.code}-{on.isoformat()}.xlsx", safe="")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response
