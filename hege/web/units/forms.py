"""Forms of the roster."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.imports.kinds.meters import Meters
from hege.imports.kinds.units import EMPTY_USES, UnitRow, Units
from hege.places.models import UnitUse
from hege.web.access import Desk
from hege.web.forms import CubicMetreField, DayField, Form, one_of
from hege.web.shared.by_hand import CellField, RosterForm, column_of
from hege.web.shared.scope import points_of

IN_HELP = _("第一天在。")
OUT_HELP = _("第一天不在；欠款留在原租期，不转给下一家。")


def _cell(name: str, label: Any, **more: Any) -> CellField:
    return CellField(column_of(Units.layout, name), label, **more)


class RenewForm(Form):
    """Which code is revoked: the page says which one it showed."""

    serial = forms.IntegerField(widget=forms.HiddenInput)


class MasterForm(RosterForm):
    """A form that says which master meter a unit draws from."""

    master = forms.ChoiceField(label=_("接在哪块总表后面"))

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        points = points_of(desk, "units.register")
        self.offer(
            master=[
                ("", _("请选总表")),
                *((p.code, f"{p.code} {p.name}" if p.code != p.name else p.code) for p in points),
            ]
        )


class UnitForm(MasterForm):
    """A unit to open, with who is in it."""

    code = _cell("code", _("商铺编号"))
    name = _cell("name", _("商铺名称"))
    use = one_of(_("用途"), UnitUse)
    area_sqm = _cell("area_sqm", _("建筑面积"))
    operator = _cell("operator", _("经营者"))
    phone = _cell("phone", _("联系电话"))
    from_on = DayField(label=_("入驻日期"), required=False, help_text=_("第一天在；空置、公用可空。"))
    sub_meter = _cell("sub_meter", _("分表表号"))
    field_order = ("code", "name", "use", "area_sqm", "operator", "phone", "from_on", "master", "sub_meter")


class AmendUnitForm(MasterForm):
    """What is known of a unit and of its latest tenant: only what is still open is asked."""

    name = _cell("name", _("商铺名称"))
    use = one_of(_("用途"), UnitUse)
    area_sqm = _cell("area_sqm", _("建筑面积"))
    operator = _cell("operator", _("经营者"), help_text=_("这个租期还没有登记是谁。换租户请用“换租户”。"))
    phone = _cell("phone", _("联系电话"), help_text=_("不改就空着。"))
    sub_meter = _cell("sub_meter", _("分表表号"), help_text=_("已登记的分表归这家店时填；不改就空着。"))
    field_order = ("name", "use", "area_sqm", "operator", "phone", "master", "sub_meter")

    def __init__(self, *args: Any, stands: UnitRow, **kwargs: Any) -> None:
        """``stands``: the unit's row of the roster as it is."""
        super().__init__(*args, **kwargs)
        rented = stands.from_on is not None
        asked = {"master": not stands.master, "operator": rented and not stands.operator, "phone": rented}
        for name in asked:
            if not asked[name]:
                del self.fields[name]


class LeaveForm(RosterForm):
    """When the latest tenant left (退租)."""

    until_on = DayField(label=_("退租日期"), help_text=OUT_HELP)


class MoveInForm(MasterForm):
    """Who came (入驻), and when whoever was still in left."""

    until_on = DayField(label=_("前一租户的退租日期"), help_text=OUT_HELP)
    operator = _cell("operator", _("经营者"))
    phone = _cell("phone", _("联系电话"))
    from_on = DayField(label=_("入驻日期"), help_text=IN_HELP)
    use = one_of(_("用途"), [use for use in UnitUse if use not in EMPTY_USES])
    field_order = ("until_on", "operator", "phone", "from_on", "use", "master")

    def __init__(self, *args: Any, still_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not still_in:
            del self.fields["until_on"]


class SubMeterForm(RosterForm):
    """A sub-meter of a unit."""

    meter = CellField(column_of(Meters.layout, "meter"), _("分表表号"))
    started_on = DayField(label=_("启用日期"), help_text=_("从这一天起计量。"))
    started_litres = CubicMetreField(label=_("启用时的行度（立方米）"), initial=0)
    diameter_mm = CellField(column_of(Meters.layout, "diameter_mm"), _("口径"))
    location = CellField(column_of(Meters.layout, "location"), _("安装位置"))
