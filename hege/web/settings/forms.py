"""Forms of 参数与日历."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.billing.rules import ComponentKind, Rate
from hege.places.models import DayKind
from hege.web.forms import DayField, Form, long_text, one_of

PRICE_HELP = _("每立方米多少元，可到四位小数。")
SOURCE_HELP = _("国务院办公厅或本地放假通知的文号，例如：国办发明电〔2026〕8号。")


class AccountForm(Form):
    """An account of the utility, as its letter has it."""

    holder = forms.CharField(label=_("户名"), max_length=120, help_text=_("水务公司自己的户名。"))
    bank = forms.CharField(label=_("开户行"), max_length=120)
    number = forms.CharField(label=_("账号"), max_length=40)
    words = forms.CharField(
        label=_("还可以怎么付"), max_length=300, required=False, help_text=_("例如营业厅地址、缴费时间。")
    )
    document = forms.CharField(
        label=_("依据"), max_length=300, help_text=_("水务公司哪一份函，编号和日期；店主看得到。")
    )


class NothingForm(Form):
    """The press of a button."""


class ThresholdForm(Form):
    """A figure, from which day on it is another one and by what; ``seen``: of which figure and day what it moves was shown."""

    value = forms.IntegerField(label=_("改成"), min_value=0, max_value=100_000)
    from_on = DayField(label=_("从哪天起"), help_text=_("从这天起的日子按新的数判，以前的日子还按以前的数判。"))
    source = forms.CharField(
        label=_("依据"), max_length=300, help_text=_("哪个规定（文号）或哪次会议。写进操作留痕，以后改不了。")
    )
    reason = forms.CharField(
        label=_("为什么从过去的日子起"), max_length=300, required=False, help_text=_("只有从今天以前起算才要写。")
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def said(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "seen"}

    @property
    def digest(self) -> str:
        """Tells whether the figure and day are still those of which it was shown what they move."""
        said = f"{self.cleaned_data['value']} {self.cleaned_data['from_on']}"
        return hashlib.sha256(said.encode()).hexdigest()


class ReasonForm(Form):
    """Why two persons are asked for from now on, or no more."""

    reason = forms.CharField(label=_("理由"), max_length=300, help_text=_("写进操作留痕，以后改不了。"))


class TariffForm(Form):
    """The price list of the water company from a day on, and its document."""

    name = forms.CharField(label=_("名称"), max_length=80, help_text=_("例如：上海市非居民用水价格。"))
    from_on = DayField(label=_("从哪天起"))
    supply = forms.DecimalField(label=_("供水单价"), min_value=0, max_digits=10, decimal_places=4, help_text=PRICE_HELP)
    sewage = forms.DecimalField(
        label=_("污水处理单价"), min_value=0, max_digits=10, decimal_places=4, help_text=PRICE_HELP
    )
    factor = forms.DecimalField(
        label=_("污水折算系数"), min_value=0, max_value=1, max_digits=6, decimal_places=4, initial="0.9",
        help_text=_("污水按用水量的几成算。上海是 0.9。"),
    )  # fmt: skip
    decision = forms.CharField(label=_("依据的文件"), max_length=300, help_text=_("价格部门的文号，写进操作留痕。"))

    @property
    def said(self) -> dict[str, Any]:
        said = self.cleaned_data
        rates = [Rate(ComponentKind.SUPPLY, said["supply"]), Rate(ComponentKind.SEWAGE, said["sewage"], said["factor"])]
        return {name: said[name] for name in ("name", "from_on", "decision")} | {"rates": rates}


class DayForm(Form):
    """Whether offices work on a day, and by which document."""

    day = DayField(label=_("哪一天"))
    kind = one_of(_("这一天"), DayKind, widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("名称"), max_length=40, required=False, help_text=_("例如：国庆节；调休上班写为哪个节调休。")
    )
    source = forms.CharField(label=_("依据的文件"), max_length=80, help_text=SOURCE_HELP)


class NoticeForm(Form):
    """A year's holiday notice; ``seen`` is the text whose days were shown."""

    text = long_text(
        _("通知全文"), _("从中国政府网复制《国务院办公厅关于部分节假日安排的通知》，整篇粘贴；先看读出的日子，再登记。"),
        most=20_000, rows=12,
    )  # fmt: skip
    source = forms.CharField(label=_("依据的文件"), max_length=80, help_text=SOURCE_HELP)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def digest(self) -> str:
        """Tells whether the text is still the one whose days were shown."""
        return hashlib.sha256(self.cleaned_data["text"].encode()).hexdigest()
