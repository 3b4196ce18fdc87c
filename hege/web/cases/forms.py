"""Forms of 案件: each names what its action needs, in the words of the street."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hege.cases.models import Case, Report
from hege.cases.queries import reports_of
from hege.cases.rules import LINK_DAYS, CaseState, PartyRole, ReportState
from hege.metering.models import PointRole, SupplyPoint
from hege.people.models import Party, PartyKind
from hege.web import forms as versions
from hege.web.access import Desk
from hege.web.forms import DayField, Form, SeveralField, long_text
from hege.web.meters.scope import points_of

ROLES = [(r.value, r.label) for r in PartyRole if r is not PartyRole.LEAD]


class VersionForm(versions.VersionForm):
    """A form that remembers which version of the case its page showed: the later save is told, and loses nothing."""

    def __init__(self, *args: Any, case: Case | None = None, **kwargs: Any) -> None:
        super().__init__(*args, version=case.version if case else None, **kwargs)


class TextForm(VersionForm):
    """Words, kept on the timeline."""

    text = long_text(_("说明"), _("写进办理经过，以后改不了。"))


class ReasonForm(VersionForm):
    """A reason."""

    reason = long_text(_("理由"), _("写进办理经过，以后改不了。"))


class EvidenceForm(TextForm):
    """What was done, and the paper that shows it."""

    document = forms.CharField(label=_("凭证"), help_text=_("文号、照片编号或回单号。"), max_length=200, required=False)


class FindingForm(VersionForm):
    """What somebody who did not handle it saw."""

    finding = long_text(_("核查结果"), _("到现场看到了什么；核查人不能是办理人。"))
    document = forms.CharField(label=_("凭证"), max_length=200, required=False)


class ReworkForm(ReasonForm):
    """Why it goes back, and the term it gets."""

    days = forms.IntegerField(label=_("返工期限（工作日）"), min_value=1, max_value=60, initial=3)


class RevisitForm(TextForm):
    """What the people concerned say afterwards."""

    satisfied = forms.TypedChoiceField(
        label=_("当事人是否满意"),
        choices=[("yes", _("满意")), ("no", _("不满意"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )


def parties_for(desk: Desk) -> QuerySet[Party]:
    """Whom a form may name: the offices, and the people of the master meters that this person sees; ours first."""
    people = PointRole.objects.filter(street=desk.street, point__in=points_of(desk)).values("party_id")
    rows = Party.objects.filter(Q(kind=PartyKind.ORGANISATION) | Q(pk__in=people), street=desk.street)
    return rows.order_by("-inside", "kind", "name")


class PartiesForm(VersionForm):
    """A form that offers the offices of its street, and the people who collect or pay for a master meter in one's part."""

    party_fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.party_fields:
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = parties_for(desk)


def runs_on(case: Case) -> bool:
    """Whether the clock of a case goes on through its next dispatch: it was returned, and a bounce wins no time."""
    return case.state == CaseState.RETURNED and case.due_on is not None


class DispatchForm(PartiesForm):
    """Who leads, who helps, how long it may take."""

    party_fields = ("lead", "assisting")
    lead = forms.ModelChoiceField(label=_("牵头单位"), queryset=Party.objects.none())
    assisting = SeveralField(label=_("配合单位"), queryset=Party.objects.none(), required=False)
    days = forms.IntegerField(
        label=_("办理期限（工作日）"),
        help_text=_("从派遣当天算起，签收晚也不延长。"),
        min_value=1,
        max_value=250,
        initial=5,
    )
    text = long_text(_("交办要求"), required=False)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, case=case, **kwargs)
        if runs_on(case):
            del self.fields["days"]


class PartyForm(PartiesForm):
    """Who comes in, as what."""

    party_fields = ("party",)
    party = forms.ModelChoiceField(label=_("单位或个人"), queryset=Party.objects.none())
    role = forms.ChoiceField(label=_("在本案中的角色"), choices=ROLES)


class TaskForm(PartiesForm):
    """What one party is asked for, by when."""

    party_fields = ("party",)
    party = forms.ModelChoiceField(
        label=_("交给谁办"), help_text=_("须是本案的参与方。"), queryset=Party.objects.none()
    )
    title = forms.CharField(label=_("要办的事"), max_length=120)
    text = long_text(_("具体要求"), required=False)
    days = forms.IntegerField(label=_("期限（工作日）"), min_value=1, max_value=250, initial=5)


class RedirectForm(PartiesForm):
    """Who gets a returned task next."""

    party_fields = ("party",)
    party = forms.ModelChoiceField(label=_("改派给"), queryset=Party.objects.none())


class AnswerForm(Form):
    """What a party did about its task."""

    answer = long_text(_("办理结果"))
    document = forms.CharField(label=_("凭证"), help_text=_("文号、照片编号或回单号。"), max_length=200, required=False)


class LinkForm(Form):
    """How long an outsider's link lives."""

    days = forms.IntegerField(
        label=_("链接有效天数"),
        help_text=_("过期、用过一次或作废后就打不开。"),
        min_value=1,
        max_value=60,
        initial=LINK_DAYS,
    )


class NoteForm(VersionForm):
    """A note, and who may read it."""

    text = long_text(_("备注"))
    internal = forms.TypedChoiceField(
        label=_("谁能看到"),
        choices=[("yes", _("只有办案单位")), ("no", _("商户和参与方也能看到"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="yes",
    )


class FileForm(Form):
    """A new case, on the office's own initiative or from accepted reports."""

    title = forms.CharField(label=_("案由"), help_text=_("一句话说清是什么事、在哪里。"), max_length=120)
    summary = long_text(_("简要情况"), required=False)
    point = forms.ModelChoiceField(label=_("涉及的总表"), queryset=SupplyPoint.objects.none(), required=False)
    reports = SeveralField(label=_("由哪些来件立案"), queryset=Report.objects.none(), required=False)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accepted = reports_of(desk.street, paths=desk.paths("reports.see"))
        self.fields["reports"].queryset = accepted.filter(state=ReportState.ACCEPTED, case__isnull=True)  # type: ignore[attr-defined]
        self.fields["point"].queryset = points_of(desk)  # type: ignore[attr-defined]


class EndPartyForm(ReasonForm):
    """Since when a party has no part any more."""

    until_on = DayField(label=_("从哪天起退出"), help_text=_("不写就是今天。"), required=False)
