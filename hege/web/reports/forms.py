"""Forms of 来件: taking a report in, deciding on it, joining it to a case."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case as When_
from django.db.models import IntegerField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from hege.cases.models import Case, Report
from hege.cases.queries import cases_of
from hege.cases.rules import ReportKind
from hege.kernel.periods import not_over
from hege.metering.models import SupplyPoint
from hege.places.models import Place, Unit
from hege.places.queries import path_filter, places_within
from hege.web.access import Desk
from hege.web.files import photos
from hege.web.forms import Form, long_text, one_of

#: How a report reaches the office by hand; warnings make theirs themselves.
BY_HAND = [k for k in ReportKind if k is not ReportKind.WARNING]


class ReportForm(Form):
    """What somebody noticed, where, and who says so. ``about`` is a shop's or a master meter's number."""

    kind = one_of(_("从哪里来"), BY_HAND, initial=ReportKind.PATROL)
    text = long_text(_("什么事"), _("谁、在哪里、怎么了；一件事一条。"))
    photos = photos()
    about = forms.CharField(
        label=_("商铺编号或总表表号"),
        help_text=_("例如 PL-12 或 ZB-0317；不是哪一家的事就空着。"),
        max_length=40,
        required=False,
    )
    place = forms.ModelChoiceField(
        label=_("在哪一片"), queryset=Place.objects.none(), required=False, empty_label=_("跟着商铺或总表")
    )
    reference = forms.CharField(label=_("热线工单号"), max_length=80, required=False)
    reporter_name = forms.CharField(
        label=_("反映人"), help_text=_("单独存放，只给受理的人看，看一次留痕一次。"), max_length=60, required=False
    )
    reporter_phone = forms.CharField(
        label=_("反映人电话"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk = desk
        self.unit: Unit | None = None
        self.point: SupplyPoint | None = None
        self.offer(place=places_within(desk.street, desk.paths("reports.see")))

    def clean_about(self) -> str:
        """The shop or master meter the number is of, within one's part of the street."""
        code: str = self.cleaned_data["about"].strip()
        if not code:
            return ""
        within = path_filter("place__path", self.desk.paths("reports.see"))
        street = self.desk.street
        self.unit = Unit.objects.select_related("place").filter(within, street=street, code__iexact=code).first()
        points = SupplyPoint.objects.select_related("place")
        if self.unit is None:
            self.point = points.filter(within, street=street, code__iexact=code).first()
        else:
            open_end = not_over(self.desk.today, "connections__")
            behind = Q(connections__unit=self.unit, connections__from_on__lte=self.desk.today)
            self.point = points.filter(behind & open_end, street=street).first()
        if self.unit is None and self.point is None:
            raise ValidationError(_("没有这个编号的商铺或总表，请核对。"))
        return code


class FindingForm(Form):
    """What was found."""

    finding = long_text(_("核实结果"), _("看到了什么；受理以后可以立案或者并案。"))


class WhyForm(Form):
    """A reason."""

    reason = long_text(_("理由"), _("留痕，以后改不了。"))


class LookForm(Form):
    """Why somebody has to know who it was."""

    reason = long_text(_("为什么要看"), _("例如：要回电话核实门牌。您的名字和理由会留痕。"))


class MergeForm(Form):
    """Which case it belongs to; those of the same meter or place come first."""

    case = forms.ModelChoiceField(label=_("并到哪件案"), queryset=Case.objects.none())

    def __init__(self, *args: Any, report: Report, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near = When_(
            When(point_id=report.point_id, point__isnull=False, then=Value(0)),
            When(place_id=report.place_id, place__isnull=False, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        cases = cases_of(desk.street, paths=desk.paths("cases.see")).unfinished()
        self.offer(case=cases.annotate(near=near).order_by("near", "-filed_at", "-pk"))
