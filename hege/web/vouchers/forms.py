"""Forms of 能量券: what a batch says, approving and ending it, taking one back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hege.people.models import Party, PartyKind
from hege.vouchers.models import Batch, Merchant
from hege.vouchers.queries import merchants_of, shops_of
from hege.vouchers.rules import LONGEST_REASON, LONGEST_TITLE, LONGEST_WORDS, MOST_FEN, Terms, Worth
from hege.vouchers.sentences import EVERY_DAY, weekday_said
from hege.web.access import Desk
from hege.web.forms import DayField, InstantField, LastDayField, SeveralField, VersionForm, YuanField, long_text, one_of
from hege.web.shared.hours import SpansField

#: The fields in the order one thinks of them.
GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("送什么"), ("title", "kind", "value_fen", "percent", "words")),
    (_("多少张，给谁"), ("stock", "per_member", "point_price")),
    (_("什么时候"), ("releases_at", "claim_until_at", "use_from_on", "use_until_on", "weekdays", "hours")),
    (_("哪家店收，谁付钱"), ("merchants", "payer", "cost_fen", "budget_fen")),
)


def _weekdays() -> list[tuple[str, str]]:
    return [(str(day), weekday_said(day)) for day in sorted(EVERY_DAY)]


class BatchForm(VersionForm):
    """What a batch says; of one that is there, as it stands."""

    title = forms.CharField(
        label=_("给什么"), help_text=_("例如：热汤面一碗、电影票、换轮胎。"), max_length=LONGEST_TITLE
    )
    kind = one_of(_("怎么优惠"), Worth, widget=forms.RadioSelect)
    value_fen = YuanField(
        label=_("减多少元"),
        help_text=_("减金额的写减多少；打折的写最多减多少；免费的空着。"),
        required=False,
        max_fen=MOST_FEN,
    )
    percent = forms.IntegerField(
        label=_("打折减百分之几"), help_text=_("打八折写 20；不打折的空着。"), required=False, min_value=0, max_value=99
    )
    words = forms.CharField(
        label=_("使用说明"), help_text=_("例如：堂食，不含饮料。"), max_length=LONGEST_WORDS, required=False
    )
    stock = forms.IntegerField(label=_("一共几张"), min_value=1)
    per_member = forms.IntegerField(label=_("每人最多几张"), min_value=1, initial=1)
    point_price = forms.IntegerField(label=_("一张要多少积分"), help_text=_("不用积分写 0。"), min_value=0, initial=0)
    releases_at = InstantField(label=_("几点开始领"), help_text=_("到秒也行，例如 2025-11-22 10:00:00。"))
    claim_until_at = InstantField(label=_("几点截止领取"))
    use_from_on = DayField(label=_("哪天起能用"))
    use_until_on = LastDayField(label=_("能用的最后一天"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("星期几能用"), choices=_weekdays, coerce=int, widget=forms.CheckboxSelectMultiple,
        initial=sorted(EVERY_DAY),
    )  # fmt: skip
    hours = SpansField(
        label=_("几点能用"), help_text=_("例如 10:00-14:00 17:00-21:00；全天都能用就空着。"), required=False
    )
    merchants = SeveralField(label=_("哪家店收"), queryset=Merchant.objects.none())
    payer = forms.ModelChoiceField(
        label=_("哪个单位付钱给商户"),
        queryset=Party.objects.none(),
        help_text=_("名单里没有的，先到“单位”里登记。"),
        empty_label=_("请选择"),
    )
    cost_fen = YuanField(
        label=_("一张付给商户多少元"),
        help_text=_("打折的写最多付多少；商户自己让利的写 0。"),
        min_fen=0,
        max_fen=MOST_FEN,
    )
    budget_fen = YuanField(
        label=_("总预算"),
        help_text=_("领出去的券要付的钱加起来不会超过它；用完就领不了。"),
        min_fen=0,
        max_fen=MOST_FEN * 10,
    )

    def __init__(self, *args: Any, desk: Desk, thing: Batch | None = None, **kwargs: Any) -> None:
        if thing is not None:
            kwargs["initial"] = as_said(thing)
        super().__init__(*args, thing=thing, **kwargs)
        parties = Party.objects.filter(street=desk.street, kind=PartyKind.ORGANISATION)
        self.offer(merchants=merchants_of(desk.street, on=desk.today), payer=parties.order_by("-inside", "name"))

    @property
    def groups(self) -> Iterator[tuple[str | Promise, list[BoundField]]]:
        """The fields by what they are about, for the page."""
        return ((title, [self[name] for name in names]) for title, names in GROUPS)

    @property
    def said(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        beside: dict[str, Any] = {name: said.pop(name) for name in ("merchants", "payer", "version") if name in said}
        hours = tuple((start, end) for start, end in said.pop("hours") or ())
        numbers = {name: said.pop(name) or 0 for name in ("value_fen", "percent")}
        terms = Terms(**said | numbers | {"hours": hours, "weekdays": tuple(said["weekdays"])})
        return {"terms": terms, **beside, "merchants": list(beside["merchants"])}


def as_said(batch: Batch) -> dict[str, Any]:
    """What a batch says, as its form begins with it."""
    fields = {name: getattr(batch, name) for name in Terms.__dataclass_fields__}
    blank = {name: None for name in ("value_fen", "percent") if not fields[name]}
    return fields | blank | {"payer": batch.payer_id, "merchants": [shop.pk for shop in shops_of([batch])[batch.pk]]}


class PressForm(VersionForm):
    """No more than the press of the button."""


class CloseForm(VersionForm):
    """Why a batch ends before its time."""

    reason = long_text(_("理由"), _("会写给手里有券的人看，不写个人信息。"), most=LONGEST_REASON, rows=2)


class WithdrawForm(VersionForm):
    """Why a voucher is taken back."""

    reason = long_text(_("理由"), most=LONGEST_REASON, rows=2)
