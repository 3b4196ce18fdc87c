"""Forms of 网格."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from hege.imports.geojson import MOST_BYTES
from hege.metering.models import SupplyPoint
from hege.places.models import Place, PlaceLevel, Unit
from hege.places.queries import places_within
from hege.places.rules import LONGEST_NAME
from hege.web.access import Desk
from hege.web.forms import DayField, Form, SeveralField, one_of
from hege.web.shared.grid import PlaceField


class PlaceForm(Form):
    """A part of the grid to add below another."""

    parent = PlaceField(label=_("在哪里下面"), queryset=Place.objects.none())
    level = one_of(_("层级"), [level for level in PlaceLevel if level is not PlaceLevel.STREET])
    code = forms.CharField(label=_("编码"), max_length=30, help_text=_("街道内唯一，例如：ZG01。"))
    name = forms.CharField(label=_("名称"), max_length=LONGEST_NAME)
    from_on = DayField(label=_("设立日期"))

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(parent=places_within(desk.street).filter(until_on__isnull=True))


class RenameForm(Form):
    """Another name, and from which day."""

    name = forms.CharField(label=_("新名称"), max_length=LONGEST_NAME)
    on = DayField(label=_("从哪天起"))


class CloseForm(Form):
    """The first day without it."""

    on = DayField(label=_("从哪天起没有它"), help_text=_("历史上的案件和来件仍写着它。"))


class _Located(SeveralField):
    """Units or master meters, each with where it lies now."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.code} {obj.name}" + (f" · {obj.place.name}" if obj.place else "")


class UnitsForm(Form):
    """Units to put into a part of the grid."""

    units = _Located(label=_("哪些商铺"), queryset=Unit.objects.none())

    def __init__(self, *args: Any, among: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(units=among)


class MetersForm(Form):
    """Master meters to put into a part of the grid."""

    points = _Located(label=_("哪些总表"), queryset=SupplyPoint.objects.none())

    def __init__(self, *args: Any, among: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(points=among)


class GridFileForm(Form):
    """A file of outlines. Its size is asked before it is read."""

    file = forms.FileField(
        label=_("文件"),
        help_text=_(".geojson 或 .json，最大 5 MB；每个网格写明编码、名称、层级、上级的编码，坐标用 WGS-84。"),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json"}),
        max_length=300,
        allow_empty_file=True,
    )

    def clean_file(self) -> Any:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(_("文件最大 5 MB；请先简化边界，坐标留 6 位小数就够。"))
        return file
