"""All components on one page, with sample values marked as samples."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse

from hege.kernel import clock
from hege.kernel.refused import Refused
from hege.people.models import Role, User
from hege.people.queries import roles_of
from hege.web.access import MAY, public
from hege.web.action_page import sent_with_files
from hege.web.files import photos
from hege.web.forms import DayField, Form, YuanField
from hege.web.marks import Bar, Piece
from hege.web.pages import form_page, refusals_to
from hege.web.shared.boards import BOARDS
from hege.web.shared.charts import Figure, Series, TimeLine, columns, time_line
from hege.web.shared.map import Area, Sheet, Spot, sheet
from hege.web.stretch import Stretch


class SampleForm(Form):
    """One field of each sort."""

    amount = YuanField(label="先交多少", help_text="写到分，例如 30,000.00。")
    until_on = DayField(label="暂缓到哪天", help_text="如 2026-12-05，也可以写 12月5日。")
    ground = forms.ChoiceField(
        label="理由", choices=[("plan", "已有还款安排"), ("people", "停水影响面大")], widget=forms.RadioSelect
    )
    who = forms.ChoiceField(label="谁来盯", choices=[("1", "网格员"), ("2", "部门经办人")])
    note = forms.CharField(label="说明", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    photos = photos()
    told = forms.BooleanField(label="已经电话告知代收人")


@public("samples only, nothing of any street; in production the view itself wants an administrator")
def gallery(request: HttpRequest) -> HttpResponse:
    if settings.PRODUCTION and not _administers(request):
        raise Http404
    form = SampleForm(*sent_with_files(request), initial={"amount": 3_000_000, "until_on": dt.date(2026, 12, 5)})
    if request.method == "POST" and form.is_valid():
        with refusals_to(form):
            raise Refused("这是样例：样例页什么都不存。", field="amount")
    return form_page(request, "gallery/gallery.html", _samples() | {"form": form}, form)


def _administers(request: HttpRequest) -> bool:
    if not isinstance(request.user, User):
        return False
    return bool({Role(r) for r in roles_of(request.user, on=clock.today())} & MAY["gallery.see"])


def _samples() -> dict[str, Any]:
    today = dt.date(2026, 11, 23)
    states = ["paid"] * 23 + ["claimed"] * 8 + ["unpaid"] * 10 + ["unknown"] * 6
    bar = [
        {"kind": kind, "fen": fen, "claimed": claimed, "label": label}
        for kind, fen, claimed, label in (
            ("held", 6_391_840, False, "收了没交"),
            ("held", 1_732_170, True, "收了没交"),
            ("unpaid", 587_215, False, "商户没付"),
            ("unpaid", 243_840, True, "商户没付"),
            ("unproven", 600_000, False, "还说不清"),
            ("loss", 438_108, False, "损耗与公用"),
        )
    ]
    return {
        "today": today,
        "boards": list(BOARDS.values()),
        "bar": bar,
        "total_fen": sum(p["fen"] for p in bar),
        "map": _sample_map(),
        "chart": columns(Figure(f"样例{name}季", n) for name, n in zip("冬春夏秋", (214, 176, 98, 0), strict=True)),
        "time_line": _sample_time_line(),
        "shares": Bar(500, (Piece(120, "已用", "full"), Piece(80, "在手里", "held"), Piece(40, "没用就结束", "over"))),
        "shops": [{"state": s, "title": f"样例 {n} 号铺"} for n, s in enumerate(states, 1)],
        "instalments": [
            {"due_on": today + dt.timedelta(days), "fen": fen, "paid_fen": paid, "state": state, "state_name": name}
            for days, fen, paid, state, name in (
                (-60, 3_000_000, 3_000_000, "met", "已付"),
                (-2, 2_000_000, 800_000, "late", "逾期"),
                (28, 2_000_000, 0, "ahead", "未到期"),
                (58, 2_993_173, 0, "ahead", "未到期"),
            )
        ],
        "page": Paginator(list(range(240)), 50).page(2),
        "stretch": Stretch(list(range(12))),  # a second line of pages on one page would be called as the first
    }


def _sample_time_line() -> TimeLine:
    """Two lines, of which the lower one is not known at every month end."""
    ends = [dt.date(2026, month, 1) - dt.timedelta(days=1) for month in range(2, 8)]
    held = (0, 420_110, 1_082_240, None, 1_864_075, 2_701_530)
    series = [
        Series("owed", "欠水务", (412_030, 984_612, 1_790_355, 2_104_118, 2_631_080, 3_587_746)),
        Series("held", "收了没交", held),
    ]
    return time_line([(on, f"{on.month}月") for on in ends], series)


def _sample_map() -> Sheet | None:
    """Two parts of a grid, a road, two places."""
    square = (
        (1_212_600_000, 311_600_000),
        (1_212_700_000, 311_600_000),
        (1_212_700_000, 311_700_000),
        (1_212_600_000, 311_700_000),
    )
    beside = tuple((x + 100_000, y) for x, y in square)
    areas = [
        Area(name, (((*corners, corners[0]),),), chosen)
        for name, corners, chosen in (("样例甲", square, False), ("样例乙", beside, True))
    ]
    road = {"kind": "road", "runs": [[121_258_000, 31_166_000], [121_285_000, 31_165_000]]}
    spots = [
        Spot(1, "样例驿站", (121_264_000, 31_163_000), "is-open"),
        Spot(2, "样例换电柜", (121_276_000, 31_166_000)),
    ]
    return sheet(areas, [road], spots, source="样例")
