"""下载表格: a list of the office as a workbook, under the filter of its address and with its reader's eyes."""

from __future__ import annotations

import io

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hege.exports.actions import hand_over_list
from hege.exports.rules import Wanted, What
from hege.exports.tables import XLSX, Sheet, write_sheets
from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.web.access import Desk, opens
from hege.web.lists.whole import address_in, first_rows, ticket
from hege.web.shared.exporting import by_the_worker


@opens("lists.take")
@require_POST
def take(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Put on the trail that a list goes out, then lead to it: a look may not write. One that is long is the worker's."""
    address = request.POST.get("address", "")
    if not address:
        raise Refused(_("没有说是哪一页的表格。"))
    told = first_rows(request, desk, address)
    if told.rows > settings.AT_ONCE_ROWS:
        of = {"list": address, "name": f"{told.title}-{desk.today.isoformat()}"}
        return by_the_worker(desk, Wanted(What.LIST, {**of, "rows": str(told.rows), "by": str(desk.user.pk)}))
    hand_over_list(desk.street, address, rows=_count(told.sheets), by=desk.user, at=clock.now())
    return redirect(desk.to("lists:taken", ticket(desk.street, address, by=desk.user)))


@opens("lists.see")
def taken(request: HttpRequest, desk: Desk, list_ticket: str) -> HttpResponse:
    """The list, for the minutes after it was put on the trail that it goes out."""
    told, out = first_rows(request, desk, address_in(desk, list_ticket)), io.BytesIO()
    write_sheets(out, told.sheets, total=_count(told.sheets))
    name = f"{told.title}-{desk.today.isoformat()}.xlsx"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""}
    return HttpResponse(out.getvalue(), content_type=XLSX, headers=headers)


def _count(sheets: list[Sheet]) -> int:
    return sum(len(list(sheet.rows)) for sheet in sheets)
