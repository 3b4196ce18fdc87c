"""Forms of 驿站与门口图: a station with its week, a look at one, what is known at a gate, the lines of the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from hege.cases.models import Report
from hege.imports.geojson import DEGREE, MOST_BYTES, Line, read_lines
from hege.kernel.clock import day_of
from hege.kernel.periods import not_over
from hege.kernel.refused import Refused, refusal_of
from hege.places.models import Place
from hege.places.queries import places_within
from hege.programme.alliance.models import AllianceUnit, Station
from hege.programme.alliance.queries import reports_for_gate, units_on
from hege.programme.alliance.rules import (
    LONGEST_NAME,
    LONGEST_REASON,
    LONGEST_WORDS,
    MICRO,
    WEEK,
    Facility,
    GateFactKind,
    MapLine,
    MapLineKind,
    check_hours,
)
from hege.web.access import Desk
from hege.web.forms import DayField, Form, long_text, one_of
from hege.web.jinja import day, dots
from hege.web.shared.grid import PlaceField
from hege.web.shared.hours import SpansField
from hege.web.shared.whereabouts import DegreesField

_DAYS = (_("周一开放"), _("周二开放"), _("周三开放"), _("周四开放"), _("周五开放"), _("周六开放"), _("周日开放"))


class StationForm(Form):
    """A station: where it lies, what it has, when it is open; Monday's hours may stand for every day."""

    name = forms.CharField(label=_("名称"), max_length=LONGEST_NAME)
    place = PlaceField(label=_("在哪个网格"), queryset=Place.objects.none())
    address = forms.CharField(label=_("地址"), max_length=LONGEST_WORDS, help_text=_("写到门牌，骑手照着找得到。"))
    facilities = forms.MultipleChoiceField(
        label=_("有什么"), choices=Facility.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    d1 = SpansField(
        label=_DAYS[0], required=False,
        help_text=_("例如 8:00-20:00；中午关门写 8:00-12:00 13:00-20:00；全天写 0:00-24:00；不开就空着。"),
    )  # fmt: skip
    alike = forms.BooleanField(label=_("每天都一样，别的日子不用写"), required=False)
    d2, d3, d4, d5, d6, d7 = (SpansField(label=label, required=False) for label in _DAYS[1:])
    lon_e6 = DegreesField(
        label=_("经度"), required=False, help_text=_("WGS-84 的度，例如 121.262500；手机地图抄来的会偏几百米。")
    )
    lat_e6 = DegreesField(label=_("纬度"), required=False, help_text=_("例如 31.168400。"))
    ally = forms.ModelChoiceField(
        label=_("哪家单位的"), queryset=AllianceUnit.objects.none(), required=False, empty_label=_("街道自己的")
    )

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(place=places_within(desk.street, desk.paths("stations.change")).filter(not_over(desk.today)))
        self.offer(ally=units_on(desk.street, desk.today))

    def clean(self) -> dict[str, Any]:
        """At least one day is open; that is said at the first of them."""
        if not self.errors and (no := refusal_of(check_hours, hours=self._hours)):
            self.add_error("d1", str(no.reason))
        return self.cleaned_data

    @property
    def _hours(self) -> dict[str, Any]:
        told = self.cleaned_data
        return {day: told["d1" if told["alike"] else f"d{day}"] or [] for day in WEEK}

    @property
    def others(self) -> list[Any]:
        """The fields of the other days."""
        return [self[f"d{day}"] for day in WEEK[1:]]

    @property
    def are_others_told(self) -> bool:
        """Whether another day than Monday has something to say."""
        return any(bound.errors or bound.value() for bound in self.others)

    @staticmethod
    def known(station: Station) -> dict[str, Any]:
        """What the form begins with for a station that is there."""
        days = {f"d{day}": station.hours.get(day, []) for day in WEEK}
        alike = all(spans == days["d1"] for spans in days.values())
        if alike:
            days = {"d1": days["d1"]}
        names = ("name", "place", "address", "facilities", "lon_e6", "lat_e6")
        return {**{name: getattr(station, name) for name in names}, **days, "alike": alike, "ally": station.unit}

    @property
    def said(self) -> dict[str, Any]:
        told = self.cleaned_data
        names = ("name", "place", "address", "facilities", "lon_e6", "lat_e6")
        return {**{name: told[name] for name in names}, "hours": self._hours, "unit": told["ally"]}


class LookForm(Form):
    """On which day somebody was there."""

    looked_on = DayField(label=_("哪天看的"))


class CloseForm(Form):
    """Why a station is closed for good."""

    reason = long_text(_("理由"), most=LONGEST_REASON, rows=2)


class EstateForm(Form):
    """The estate whose sheet is asked for."""

    estate = PlaceField(label=_("哪个小区"), queryset=Place.objects.none())

    def __init__(self, *args: Any, among: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(estate=among)


class _ReportField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own takes none at run time
    """A report by its day and first words; nothing of who made it."""

    def label_from_instance(self, obj: Any) -> str:
        return dots([day(day_of(obj.submitted_at)), obj.text[:40]])


class FactForm(Form):
    """One thing to know at a gate, from which report, seen when, to be seen again when."""

    kind = one_of(_("是什么"), GateFactKind)
    words = forms.CharField(
        label=_("说明"), max_length=LONGEST_WORDS,
        help_text=_("例如：走北门，电动车可以进，22:00 关。只写到楼栋门口，不写室号和谁住在哪里。"),
    )  # fmt: skip
    report = _ReportField(
        label=_("从哪条来件知道的"), queryset=Report.objects.none(), help_text=_("只列这个小区核实属实的来件。")
    )
    looked_on = DayField(label=_("哪天看的"))
    next_look_on = DayField(label=_("下次哪天去看"), help_text=_("到了这天会提醒网格员去看。"))
    lon_e6 = DegreesField(
        label=_("经度"), required=False, help_text=_("写了就画在图上；WGS-84 的度，例如 121.262500。")
    )
    lat_e6 = DegreesField(label=_("纬度"), required=False)

    def __init__(self, *args: Any, thing: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(report=reports_for_gate(thing))


class LookAgainForm(LookForm):
    """The day of another look, and of the one after it."""

    next_look_on = DayField(label=_("下次哪天去看"), help_text=_("到了这天会提醒网格员去看。"))


#: What a line of a file is called there: our own words, then those of OpenStreetMap.
_KINDS: Mapping[str, MapLineKind] = {
    **{kind.value: kind for kind in MapLineKind}, **{str(kind.label): kind for kind in MapLineKind}, "道路": MapLineKind.ROAD,
    "河": MapLineKind.RIVER, "河流": MapLineKind.RIVER, "铁路": MapLineKind.RAIL,
}  # fmt: skip


def map_line(line: Line) -> MapLine:
    """A line of a file as one of the map; what says nothing of itself is a road."""
    said = line.said
    kind = _KINDS.get(said.get("kind") or said.get("种类") or "")
    if kind is None:
        kind = (
            MapLineKind.RIVER if said.get("waterway") else MapLineKind.RAIL if said.get("railway") else MapLineKind.ROAD
        )
    part = DEGREE // MICRO
    return MapLine(kind, said.get("name") or said.get("名称") or "", [(x // part, y // part) for x, y in line.runs])


class LinesForm(Form):
    """A file of roads and rivers, and who drew them. Its size is asked before it is read."""

    lines = forms.FileField(
        label=_("文件"),
        help_text=_(".geojson 或 .json，最大 5 MB，坐标用 WGS-84；种类写道路、河或铁路，没写的当道路。"),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json"}),
        max_length=300,
        allow_empty_file=True,
    )
    source = forms.CharField(
        label=_("谁画的"), max_length=LONGEST_WORDS, help_text=_("印在每张图下面，例如：区测绘中心 2025 版。")
    )

    def clean_lines(self) -> list[MapLine]:
        file: UploadedFile[Any] = self.cleaned_data["lines"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(_("文件最大 5 MB；请只留主要的路和河，坐标留 6 位小数就够。"))
        try:
            return [map_line(line) for line in read_lines(file.read())]
        except Refused as no:
            raise ValidationError(str(no.reason)) from no
