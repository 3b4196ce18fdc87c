"""Forms of 调解与协议: the file's papers, and an agreement with its schedule in rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hege.cases.models import Case
from hege.mediation.models import MediationFile, MediationParty
from hege.mediation.rules import GENERATED, SUPPLEMENTARY, AgreementForm, DocumentKind, FileSource, SessionKind
from hege.metering.models import SupplyPoint
from hege.people.models import Membership, MembershipQuerySet, Party, Role, User
from hege.places.rules import covers
from hege.web.access import Desk
from hege.web.cases.forms import PartiesForm, long_text
from hege.web.conferences.forms import several
from hege.web.forms import DayField, Form, YuanField
from hege.web.meters.scope import points_of

INSTALMENT_ROWS = 12


class OpenForm(PartiesForm):
    """Who disagrees with whom about what."""

    party_fields = ("applicants", "respondents", "thirds", "refusing")
    source = forms.TypedChoiceField(label=_("案件来源"), choices=FileSource.choices, coerce=FileSource)
    subject = forms.CharField(label=_("纠纷"), help_text=_("一句话，例如：水费代收未缴。"), max_length=120)
    summary = long_text(_("简要情况"), _("写进受理登记表。"))
    applicants = several(_("申请人"))
    respondents = several(_("被申请人"))
    thirds = several(_("第三人"), required=False)
    refusing = several(_("有谁明确拒绝调解"), required=False)
    accepted_elsewhere = forms.CharField(
        label=_("法院、公安或行政机关已经受理的，写哪一家"), max_length=120, required=False
    )
    mediator = forms.ModelChoiceField(label=_("调解员"), queryset=User.objects.none())

    def __init__(self, *args: Any, case: Case, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, desk=desk, **kwargs)
        rows = Membership.objects.filter(street=desk.street, role=Role.MEDIATOR)
        assert isinstance(rows, MembershipQuerySet)
        place = case.point.place if case.point else case.place  # where the file will lie
        there = [m.user_id for m in rows.on(desk.today) if covers(m.path, place.path if place else "")]
        field = self.fields["mediator"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = User.objects.filter(pk__in=there, is_active=True).order_by("full_name")


class RightsForm(Form):
    """The parties were told their rights."""

    told_on = DayField(label=_("哪天告知"))
    text = long_text(_("怎么告知的"), _("例如：当面宣读并由各方签收告知书。"))


class SessionForm(Form):
    """An inquiry or a session."""

    kind = forms.TypedChoiceField(
        label=_("哪一种记录"),
        choices=[(k.value, k.label) for k in (SessionKind.MEDIATION, SessionKind.INVESTIGATION)],
        coerce=SessionKind,
    )
    held_on = DayField(label=_("日期"))
    present = forms.CharField(label=_("在场的人"), max_length=300, required=False)
    text = long_text(_("记录"), _("各方说了什么、怎么谈的。只给调解卷宗看，不进案件的公开经过。"))


class DocumentForm(Form):
    """A paper for the file."""

    kind = forms.TypedChoiceField(label=_("哪一份文书"), choices=DocumentKind.choices, coerce=DocumentKind)
    happened_on = DayField(label=_("文书日期"))
    text = long_text(_("内容或编号"), _("例如：三方身份证明复印件各一份。"))

    def __init__(self, *args: Any, archived: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["kind"]
        assert isinstance(field, forms.TypedChoiceField)
        kinds = [k for k in DocumentKind if k not in GENERATED and (k in SUPPLEMENTARY or not archived)]
        field.choices = [(k.value, k.label) for k in kinds]


class WhyForm(Form):
    """A reason."""

    reason = long_text(_("理由"), _("写进卷宗，以后改不了。"))


class SignForm(Form):
    """What was agreed, who signed when. The schedule stands in rows of its own."""

    form = forms.TypedChoiceField(label=_("形式"), choices=AgreementForm.choices, coerce=AgreementForm)
    debtor = forms.ModelChoiceField(label=_("欠款方"), queryset=Party.objects.none())
    debt_fen = YuanField(label=_("协议欠款"), help_text=_("先填好的是账上今天欠水司的数。"))
    agreed_on = DayField(label=_("达成协议的日期"))
    facts = long_text(_("纠纷事实和责任"), _("欠了什么、欠多少、为什么。"))
    terms = long_text(_("协议内容"), _("怎么付、付到哪个账户、逾期怎么办。写不清楚的，法院不能确认。"))
    statement = long_text(_("其他约定"), required=False)
    mediator_signed_on = DayField(label=_("调解员签名日期"), help_text=_("书面协议必填。"), required=False)
    sealed_on = DayField(label=_("调委会盖章日期"), help_text=_("书面协议必填。"), required=False)

    def __init__(
        self, *args: Any, parties: Sequence[MediationParty], point: SupplyPoint | None, desk: Desk, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.parties = [row.party for row in parties]
        field = self.fields["debtor"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Party.objects.filter(street=desk.street, pk__in=[p.pk for p in self.parties])
        if point is None:
            self.fields["point"] = forms.ModelChoiceField(label=_("哪块总表的欠款"), queryset=points_of(desk))
        for party in self.parties:
            label = _("%(party)s签名日期") % {"party": party.name}
            self.fields[f"signed_{party.pk}"] = DayField(label=label, required=False)

    @property
    def signed(self) -> dict[Party, dt.date]:
        """Which party signed when."""
        days = {p: self.cleaned_data[f"signed_{p.pk}"] for p in self.parties}
        return {party: day for party, day in days.items() if day}

    @property
    def signature_fields(self) -> list[forms.BoundField]:
        """The days of signing, parties first."""
        return [self[f"signed_{p.pk}"] for p in self.parties] + [self["mediator_signed_on"], self["sealed_on"]]

    @property
    def word_fields(self) -> list[forms.BoundField]:
        """Everything else, in order."""
        signing = {bound.name for bound in self.signature_fields}
        return [bound for bound in self if bound.name not in signing]


class InstalmentForm(Form):
    """One instalment; a row left empty is none."""

    due_on = DayField(label=_("到期日"), required=False)
    amount_fen = YuanField(label=_("金额"), required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        day, fen = said.get("due_on"), said.get("amount_fen")
        if day and fen is None and "amount_fen" not in self.errors:
            self.add_error("amount_fen", _("请写这一期的金额。"))
        if fen is not None and not day and "due_on" not in self.errors:
            self.add_error("due_on", _("请写这一期的到期日。"))
        return said

    @property
    def instalment(self) -> tuple[dt.date, int] | None:
        """Day and fen; None for an empty row."""
        day, fen = self.cleaned_data.get("due_on"), self.cleaned_data.get("amount_fen")
        return None if day is None or fen is None else (day, fen)


def instalment_rows(data: Any, planned: Sequence[tuple[dt.date, int]] = ()) -> list[InstalmentForm]:
    """The rows of a schedule, filled as planned."""
    given = [{"due_on": day, "amount_fen": fen} for day, fen in planned[:INSTALMENT_ROWS]]
    given += [{} for _row in range(INSTALMENT_ROWS - len(given))]
    return [InstalmentForm(data, prefix=f"i{n}", initial=values) for n, values in enumerate(given, start=1)]


class PlanForm(Form):
    """Equal parts, a month apart: a start, to be changed by hand."""

    parts = forms.IntegerField(label=_("分几期"), min_value=1, max_value=INSTALMENT_ROWS)
    first = DayField(label=_("首期到期日"))


class ApplyForm(Form):
    """The parties ask the court together."""

    court = forms.CharField(label=_("法院"), max_length=80)
    applied_on = DayField(label=_("申请日期"))
    applicants = several(_("共同申请的当事人"))

    def __init__(self, *args: Any, file: MediationFile, parties: Sequence[MediationParty], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["applicants"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Party.objects.filter(street=file.street_id, pk__in=[row.party_id for row in parties])


class RulingForm(Form):
    """What the court decided."""

    confirmed = forms.TypedChoiceField(
        label=_("结果"),
        choices=[("yes", _("确认有效")), ("no", _("驳回申请"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    decided_on = DayField(label=_("裁定日期"))
    ruling = forms.CharField(label=_("裁定书文号"), max_length=120)


class VisitForm(Form):
    """What the parties say afterwards."""

    visited_on = DayField(label=_("回访日期"))
    satisfied = forms.TypedChoiceField(
        label=_("当事人是否满意"),
        choices=[("yes", _("满意")), ("no", _("不满意"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    text = long_text(_("履行情况"))
