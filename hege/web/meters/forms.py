"""What is written down about a master meter: proof and denial, taking back, visits, admissions, payments, readings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from hege.attachments.rules import Purpose
from hege.billing.chart import TransactionKind
from hege.billing.models import MethodChoice
from hege.billing.rules import Method
from hege.cases.models import Case
from hege.cases.queries import cases_of
from hege.cases.rules import PaysHow, ReceiptsHeld
from hege.imports.kinds.meters import Meters
from hege.kernel import clock
from hege.kernel.periods import not_over
from hege.ledger.rules import EvidenceKind, Side
from hege.metering.models import Meter, PointRole, SupplyPoint
from hege.metering.rules import PERMANENT_FLOW_M3_H, PointRoleKind, ReadingMethod
from hege.places.models import Place
from hege.places.queries import places_within
from hege.web.access import Desk
from hege.web.files import FilesField, photos, seen
from hege.web.forms import CubicMetreField, DayField, Form, YuanField, long_text, one_of, yes_or_no
from hege.web.shared.by_hand import CellField, RosterForm, column_of
from hege.web.shared.grid import PlaceField


class PastDayField(DayField):
    """A day that has come: today or earlier."""

    def validate(self, value: object) -> None:
        super().validate(value)
        if isinstance(value, dt.date) and value > clock.today():
            raise ValidationError(_("日期不能晚于今天。"))


class EvidenceForm(Form):
    """A statement for or against a transaction (举证/否认)."""

    stance = forms.TypedChoiceField(
        label=_("这一笔"),
        choices=[("for", _("属实，有这回事")), ("against", _("否认，没有这回事"))],
        coerce=lambda said: said == "for",
        widget=forms.RadioSelect,
        initial="for",
    )
    side = one_of(_("谁说的"), Side, widget=forms.RadioSelect)
    kind = one_of(_("凭什么"), EvidenceKind, help_text=_("水司、银行、微信支付宝的记录算独立证据；口述只算一方的话。"))
    stated_on = PastDayField(label=_("哪天说的或出具的"))
    document = forms.CharField(label=_("证据"), max_length=200, required=False, help_text=_("凭证号或原件存放处。"))
    papers = seen(Purpose.RECEIPT, _("凭证的照片或扫描件"), _("拍清楚金额、日期和签字；原件照样另存。"))

    @property
    def said(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        return {"supports": said.pop("stance"), **said}


class ReverseForm(Form):
    """Why a transaction is taken back (冲正)."""

    reason = long_text(
        _("冲正的理由"), _("例如：同一笔登记了两次，见凭证 0031。原来的记录不会删掉。"), most=300, rows=3
    )


class VisitForm(Form):
    """What a visit to a shop found (走访)."""

    visited_on = PastDayField(label=_("走访日期"))
    pays_how = one_of(_("水费怎么交"), PaysHow)
    receipts_held = one_of(_("收据"), ReceiptsHeld, widget=forms.RadioSelect)
    receipts_fen = YuanField(label=_("收据合计"), required=False, min_fen=0)
    unpaid_fen = YuanField(label=_("自己说没付的"), required=False, min_fen=0)
    note = long_text(_("备注"), required=False, most=500, rows=3)
    photos = photos()
    case = forms.ModelChoiceField(
        label=_("记到哪件案"),
        help_text=_("这块总表在办的案件；不是为哪件案去的就空着。"),
        queryset=Case.objects.none(),
        required=False,
        empty_label=_("不记到案件"),
    )
    as_report = forms.BooleanField(
        label=_("同时登记为来件"), help_text=_("要立案或并案的事，从来件开始。"), required=False
    )

    def __init__(self, *args: Any, thing: SupplyPoint, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, initial={"visited_on": desk.today}, **kwargs)
        self.offer(case=cases_of(desk.street, paths=desk.paths("cases.see")).unfinished().filter(point=thing))


class AcknowledgementForm(Form):
    """What a shop admits in writing that it has not paid (承认欠费)."""

    on = PastDayField(label=_("承认日期"))
    amount_fen = YuanField(
        label=_("承认未缴金额"), min_fen=0, help_text=_("写店主签字的数；不欠就写 0，以前承认的作废。")
    )
    voucher = forms.CharField(label=_("凭证号"), max_length=80, help_text=_("签字单的编号。没有签字的只能记在走访里。"))
    papers = seen(Purpose.SIGNED_PAGE, _("签字单的照片或扫描件"))
    note = forms.CharField(label=_("备注"), max_length=300, required=False)


class PaymentForm(Form):
    """A payment of a shop that somebody can show or says was made (收付)."""

    kind = forms.TypedChoiceField(
        label=_("交给谁"),
        choices=[
            (TransactionKind.RECEIPT.value, _("交给代收人")),
            (TransactionKind.DIRECT_PAYMENT.value, _("直接交水司")),
        ],
        coerce=TransactionKind,
        widget=forms.RadioSelect,
        initial=TransactionKind.RECEIPT.value,
    )
    on = PastDayField(label=_("付款日期"))
    amount_fen = YuanField(label=_("金额"))
    proven = yes_or_no(_("证据"), _("看到了签字收据或水司记录"), _("只有店主口述"))
    means = forms.CharField(label=_("方式"), max_length=40, required=False, help_text=_("微信、现金、转账……"))
    voucher = forms.CharField(label=_("凭证号"), max_length=80, required=False)
    papers = seen(Purpose.RECEIPT, _("凭证的照片或扫描件"), _("有照片的，账上写明“有照片”；没有的也能入账。"))
    named = forms.ChoiceField(
        label=_("指定付哪一笔"), required=False,
        help_text=_("付款人付款时自己说了付哪张账单或哪一期的才选；没有说的不选，按法定顺序抵。"),
    )  # fmt: skip
    note = forms.CharField(label=_("备注"), max_length=300, required=False)
    another = forms.BooleanField(label=_("已有很像的一笔时：确是另一笔"), required=False)

    def __init__(self, *sent: Any, debts: Iterable[tuple[str, str]] = (), **more: Any) -> None:
        """``debts``: what it may be named for, code and words."""
        super().__init__(*sent, **more)
        self.fields["named"].choices = [("", _("没有指定，按法定顺序")), *debts]  # type: ignore[attr-defined]

    def clean_named(self) -> list[str]:
        named: str = self.cleaned_data["named"]
        return [named] if named else []

    def clean(self) -> dict[str, object]:
        data: dict[str, object] = super().clean() or {}
        if data.get("proven") and not data.get("voucher"):
            self.add_error("voucher", _("看到了凭证，就写下它的编号。"))
        return data


class ShareForm(Form):
    """How a bill is shared again, and by whose decision (重新分摊)."""

    method = one_of(_("分摊方式"), Method)
    decision = forms.CharField(
        label=_("依据"), max_length=300, help_text=_("哪次会议定的，例如：11月16日联席会议第 5 项。")
    )


class OpeningForm(Form):
    """What the utility says is owed from before the first bill here (期初)."""

    on = PastDayField(label=_("截到哪一天"), help_text=_("这一天结束时，水司账上还欠多少。"))
    payable_fen = YuanField(label=_("水司账上欠的"))
    document = forms.CharField(label=_("依据"), max_length=300, help_text=_("水司对账单的编号和日期。"))


def meter_words(meter: Any) -> str:
    """A meter in a list: its number, which kind, whose."""
    whose = f" · {meter.unit.code} {meter.unit.name}" if meter.unit else ""
    return f"{meter.number} · {meter.get_kind_display()}{whose}"


class MeterField(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django's own takes none at run time
    """One of the meters at a supply point."""

    def label_from_instance(self, obj: Any) -> str:
        return meter_words(obj)


class MeterForm(Form):
    """A form about one of the meters at a supply point."""

    meter = MeterField(label=_("哪块表"), queryset=Meter.objects.none(), empty_label=None)

    def __init__(self, *args: Any, thing: SupplyPoint, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meters = Meter.objects.filter(street=desk.street, point=thing).running(desk.today)
        self.offer(meter=meters.select_related("unit").order_by("kind", "unit__code", "number"))


def dial(label: Any) -> FilesField:
    """A picture of the register; the original is kept apart as evidence."""
    help_text = _("拍清楚表号和字轮；原件照样另存。")
    return FilesField(label=label, help_text=help_text, purpose=Purpose.DIAL)


class ReadingForm(MeterForm):
    """An index that was read (抄表)."""

    read_on = PastDayField(label=_("抄表日期"))
    litres = CubicMetreField(label=_("行度（立方米）"), help_text=_("照表上的字轮写，红字是小数。"))
    method = one_of(_("怎么抄的"), ReadingMethod, widget=forms.RadioSelect, initial=ReadingMethod.ON_SITE.value)
    reader = forms.CharField(label=_("谁抄的"), max_length=60)
    papers = dial(_("表盘照片"))
    note = forms.CharField(label=_("备注"), max_length=300, required=False)


class CorrectReadingForm(Form):
    """What the register really showed (更正)."""

    litres = CubicMetreField(label=_("正确的行度（立方米）"))
    reason = forms.CharField(
        label=_("更正的理由"), max_length=300, help_text=_("例如：两位数抄反，见照片。写进读数，以后改不了。")
    )
    papers = dial(_("表盘照片"))


class ExchangeForm(MeterForm):
    """One meter out, another in, on one day (换表)."""

    on = PastDayField(label=_("换表日期"), help_text=_("从这一天开始时起，新表计数。"))
    last_litres = CubicMetreField(label=_("旧表拆下时的行度（立方米）"))
    number = forms.CharField(label=_("新表表号"), max_length=40)
    first_litres = CubicMetreField(label=_("新表装上时的行度（立方米）"), initial=0)
    diameter_mm = forms.TypedChoiceField(
        label=_("新表口径"),
        choices=lambda: [("", _("和旧表一样")), *((mm, _("%(mm)d 毫米") % {"mm": mm}) for mm in PERMANENT_FLOW_M3_H)],
        coerce=int,
        empty_value=None,
        required=False,
    )
    papers = dial(_("旧表和新表的表盘照片"))


class _MasterWords(RosterForm):
    """What a master meter's row says beside what it measures."""

    diameter_mm = CellField(column_of(Meters.layout, "diameter_mm"), _("口径"))
    location = CellField(column_of(Meters.layout, "location"), _("安装位置"))
    verified_on = DayField(label=_("检定日期"), required=False)
    holder = CellField(column_of(Meters.layout, "holder"), _("账户名"), help_text=_("与水司签合同的户主。"))
    account = CellField(column_of(Meters.layout, "account"), _("户号"), help_text=_("水司账单和流水上写的那个号。"))
    agent = CellField(column_of(Meters.layout, "agent"), _("代收人"), help_text=_("向商铺收水费的人。"))
    method = forms.TypedChoiceField(
        label=_("分摊方式"),
        choices=[("", _("以后再定")), *Method.choices],
        coerce=Method,
        empty_value=None,
        required=False,
        help_text=_("以后改要凭会议决定。"),
    )


class MasterMeterForm(_MasterWords):
    """A master meter to put on record, with its account holder, agent and way of sharing (登记总表)."""

    meter = CellField(column_of(Meters.layout, "meter"), _("表号"))
    place = PlaceField(
        label=_("在哪个网格"),
        queryset=Place.objects.none(),
        required=False,
        empty_label=_("还没有落格"),
        help_text=_("管这一片的人才看得到。"),
    )
    started_on = DayField(label=_("启用日期"), help_text=_("从这一天起计量。"))
    started_litres = CubicMetreField(label=_("启用时的行度（立方米）"), initial=0)
    digits = CellField(column_of(Meters.layout, "digits"), _("字轮位数"))
    field_order = ("meter", "diameter_mm", "location", "place", "started_on", "started_litres", "digits", "verified_on")

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        paths = desk.paths("meters.register")
        self.offer(place=places_within(desk.street, paths).filter(not_over(desk.today)))
        self.fields["place"].required = "" not in paths


class AmendMasterForm(_MasterWords):
    """What may be said of a master meter later; who is named already is changed by an act of their own."""

    def __init__(self, *args: Any, thing: SupplyPoint, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = set(PointRole.objects.filter(street=desk.street, point=thing).values_list("kind", flat=True))
        chosen = MethodChoice.objects.filter(street=desk.street, point=thing).exists()
        said = {
            "holder": PointRoleKind.ACCOUNT_HOLDER in named,
            "agent": PointRoleKind.AGENT in named,
            "method": chosen,
        }
        for name in said:
            if said[name]:
                del self.fields[name]
