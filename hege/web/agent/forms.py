"""What a collecting agent says, and what the street makes of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.attachments.rules import Purpose
from hege.billing.agent.rules import AgentTells, AgentWordKind
from hege.metering.models import Connection, SupplyPoint
from hege.places.models import Tenancy
from hege.web.access import Desk
from hege.web.files import seen
from hege.web.forms import Form, YuanField, long_text
from hege.web.meters.forms import PastDayField


class TenantField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own takes none at run time
    """A shop by its number and name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.unit.code} {obj.unit.name}"


class TellsForm(Form):
    """What all they may say has in common."""

    kind: ClassVar[AgentWordKind]

    @property
    def said(self) -> dict[str, Any]:
        """The words as one value; ``papers`` and who paid stay beside it."""
        said = dict(self.cleaned_data)
        beside: dict[str, Any] = {name: said.pop(name) for name in ("papers", "tenancy") if name in said}
        return {"told": AgentTells(self.kind, **said)} | beside


class RemittedForm(TellsForm):
    """Money the agent passed on."""

    kind = AgentWordKind.REMITTED

    on = PastDayField(label=_("哪一天"))
    fen = YuanField(label=_("金额"))
    means = forms.CharField(label=_("方式"), max_length=40, required=False, help_text=_("微信、现金、转账……"))
    voucher = forms.CharField(label=_("凭证号"), max_length=80, required=False)
    papers = seen(Purpose.RECEIPT, _("凭证的照片或扫描件"), _("拍清楚金额、日期和签字；原件照样另存。"))
    text = long_text(_("说明"), required=False, most=300, rows=3)


class CollectedForm(RemittedForm):
    """Money the agent took of a shop."""

    kind = AgentWordKind.COLLECTED

    tenancy = TenantField(label=_("哪家店交的"), queryset=Tenancy.objects.none(), empty_label=_("请选择"))
    field_order = ("tenancy", "on", "fen")

    def __init__(self, *args: Any, thing: SupplyPoint, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        behind = Connection.objects.filter(street=desk.street, point=thing).values("unit_id")
        rows = Tenancy.objects.filter(street=desk.street, unit__in=behind).on(desk.today)
        self.offer(tenancy=rows.select_related("unit").order_by("unit__code"))


class ConfirmForm(TellsForm):
    """This line is so."""

    kind = AgentWordKind.CONFIRMED

    text = long_text(_("说明"), required=False, most=300, rows=3)
    papers = seen(Purpose.RECEIPT, _("凭证的照片或扫描件"))


class DenyForm(TellsForm):
    """This line is not so, and why."""

    kind = AgentWordKind.DENIED

    text = long_text(_("为什么不认"), _("例如：这笔是房租，不是水费，微信里写明了。"), most=300, rows=3)
    papers = seen(Purpose.RECEIPT, _("凭证的照片或扫描件"))


class ExplainForm(DenyForm):
    """What there is to say of this line."""

    kind = AgentWordKind.EXPLAINED

    text = long_text(_("说明"), most=300, rows=3)


class TakeForm(Form):
    """It is taken up, as one side's word."""

    note = forms.CharField(label=_("备注"), max_length=300, required=False)
    another = forms.BooleanField(label=_("已有很像的一笔时：确是另一笔"), required=False)


class LeaveForm(Form):
    """It is not taken up, and why."""

    note = long_text(_("为什么不采用"), _("代收人会看到。"), most=300, rows=3)
