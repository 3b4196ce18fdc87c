"""What the office fills in about a member."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.members.rules import LONGEST_CALLED, MOST_STATION_CODES, WORDING, ConsentKind, MemberRoleKind, MemberWork
from hege.places.models import Place
from hege.web.access import Desk
from hege.web.forms import DayField, Form, long_text, one_of


class AboutForm(Form):
    """How they are called, the kind of work."""

    called = forms.CharField(
        label=_("怎么称呼"), max_length=LONGEST_CALLED, help_text=_("绰号、姓加师傅都可以，不用写全名。")
    )
    work = one_of(_("工种"), MemberWork, widget=forms.RadioSelect)


class MemberForm(AboutForm):
    """A telephone too, if they want; each consent apart, none ticked beforehand."""

    phone = forms.CharField(
        label=_("手机号"), max_length=20, required=False, help_text=_("用来收短信、换手机时找回。本人不愿意留可以不填。"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    consents = forms.MultipleChoiceField(
        label=_("逐项念给本人听，同意的打勾"), choices=[(kind.value, WORDING[kind]) for kind in ConsentKind], required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    @property
    def said(self) -> dict[str, Any]:
        ticked = self.cleaned_data["consents"]
        return {**self.cleaned_data, "consents": {kind: kind.value in ticked for kind in ConsentKind}}


class PressForm(Form):
    """A press of the button."""


class CodesForm(Form):
    """Where some one-time codes are laid out, and how many."""

    label = forms.CharField(label=_("放在哪个驿站"), max_length=60)
    count = forms.IntegerField(
        label=_("做几个"), min_value=1, max_value=MOST_STATION_CODES, initial=12, help_text=_("一张 A4 印 12 个，剪开用。"),
    )  # fmt: skip


class AppointForm(Form):
    """To what, where, from when until when."""

    role = one_of(_("聘做什么"), MemberRoleKind, widget=forms.RadioSelect)
    area = forms.ModelChoiceField(
        Place.objects.none(), label=_("管哪一片"), required=False, empty_label=_("全街道"), help_text=_("不选就是全街道。"),
    )  # fmt: skip
    from_on = DayField(label=_("从哪天起"))
    until_on = DayField(label=_("到哪天为止（不含）"))

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, desk=desk, **kwargs)
        self.offer(area=Place.objects.filter(street=desk.street).on(desk.today).order_by("path"))


class EndForm(Form):
    """From which day on, and why."""

    until_on = DayField(label=_("到哪天为止（不含）"))
    reason = long_text(_("为什么提前结束"), most=300, rows=3)


class LeaveForm(Form):
    """Leaving cannot be taken back: it takes a tick."""

    sure = forms.BooleanField(label=_("是本人要求退出，我核对过是本人"))

    @property
    def said(self) -> dict[str, Any]:
        return {}
