"""Forms of 参数与日历."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.places.models import DayKind
from hege.web.forms import DayField, Form

SOURCE_HELP = _("国务院办公厅或本地放假通知的文号，例如：国办发明电〔2026〕8号。")


class ThresholdForm(Form):
    """A figure, and why it is another one from now on."""

    value = forms.IntegerField(label=_("改成"), min_value=0, max_value=100_000)
    reason = forms.CharField(
        label=_("理由"), max_length=300, help_text=_("依据哪个规定或哪次会议。写进操作留痕，以后改不了。")
    )


class DayForm(Form):
    """Whether offices work on a day, and by which document."""

    day = DayField(label=_("哪一天"))
    kind = forms.ChoiceField(label=_("这一天"), choices=DayKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("名称"), max_length=40, required=False, help_text=_("例如：国庆节；调休上班写为哪个节调休。")
    )
    source = forms.CharField(label=_("依据的文件"), max_length=80, help_text=SOURCE_HELP)


class YearForm(Form):
    """By which document a year is confirmed."""

    source = forms.CharField(label=_("依据的文件"), max_length=80, help_text=SOURCE_HELP)
